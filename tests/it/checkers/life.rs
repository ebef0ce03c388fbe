//! LIFE: the life of a connection.

use hubproof::event::{EventNo, SocketId};

use super::stream::Found::{Broken, Held, NotExercised, Untold};
use super::stream::{Call, Case, Stream};

/// A call whose command was received.
fn waiting(s: &mut Stream) -> (SocketId, Call) {
    let (socket, call) = (s.join(1), s.call(1));
    s.received(socket, call);
    (socket, call)
}

/// A call whose plugin left after a second.
fn left(s: &mut Stream) -> (EventNo, Call) {
    let (socket, call) = waiting(s);
    (s.at(1000).leave(socket), call)
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "LIFE-1",
        title: "a call whose plugin left fails at once, and one at its timeout",
        run: |s| {
            let (_, call) = left(s);
            s.disconnected(call);
            let (socket, call) = waiting(s);
            s.leave(socket);
            s.at(11_010).timed_out(call);
            Held(2)
        },
    },
    Case {
        id: "LIFE-1",
        title: "a call whose plugin left waits beyond its timeout",
        run: |s| {
            let (gone, call) = left(s);
            Broken(vec![call.no, gone, s.at(20_000).timed_out(call)])
        },
    },
    Case {
        id: "LIFE-1",
        title: "a call whose plugin left never ends",
        run: |s| {
            let (gone, call) = left(s);
            Broken(vec![call.no, gone, s.at(30_000).overdue(call)])
        },
    },
    Case {
        id: "LIFE-1",
        title: "it ends late, but so may the harness have seen it",
        run: |s| {
            let (_, call) = left(s);
            s.late_harness(500);
            s.at(10_400).timed_out(call);
            Untold
        },
    },
    Case {
        id: "LIFE-1",
        title: "the plugin answers before it leaves, or another tab stays, or it comes back",
        run: |s| {
            let (socket, call) = waiting(s);
            s.answered(socket, call, 1);
            s.leave(socket);
            s.value(call, 1);
            let (socket, call) = waiting(s);
            s.join(1);
            s.leave(socket);
            s.at(10_000).timed_out(call);
            NotExercised
        },
    },
    Case {
        id: "LIFE-2",
        title: "a call fails as soon as its user's last socket has left",
        run: |s| {
            let (_, call) = left(s);
            s.at(1010).disconnected(call);
            Held(1)
        },
    },
    Case {
        id: "LIFE-2",
        title: "of two tabs the last one counts",
        run: |s| {
            let (one, two, call) = (s.join(1), s.join(1), s.call(1));
            s.received(one, call);
            s.received(two, call);
            s.at(1000).leave(one);
            s.at(5000).leave(two);
            s.disconnected(call);
            Held(1)
        },
    },
    Case {
        id: "LIFE-2",
        title: "a call fails at the end of the target's grace period",
        run: |s| {
            s.grace(5);
            let (_, call) = left(s);
            s.at(6010).disconnected(call);
            Held(1)
        },
    },
    Case {
        id: "LIFE-2",
        title: "a call waits for its timeout beyond the target's grace period",
        run: |s| {
            s.grace(5);
            let (gone, call) = left(s);
            Broken(vec![gone, s.at(10_000).timed_out(call)])
        },
    },
    Case {
        id: "LIFE-2",
        title: "a call waits for its timeout",
        run: |s| {
            let (gone, call) = left(s);
            Broken(vec![gone, s.at(10_000).timed_out(call)])
        },
    },
    Case {
        id: "LIFE-2",
        title: "a call fails too late",
        run: |s| {
            let (gone, call) = left(s);
            Broken(vec![gone, s.at(1011).disconnected(call)])
        },
    },
    Case {
        id: "LIFE-2",
        title: "a call never ends",
        run: |s| {
            let (gone, call) = left(s);
            Broken(vec![gone, s.at(30_000).overdue(call)])
        },
    },
    Case {
        id: "LIFE-2",
        title: "a call fails late, but so may the harness have seen it",
        run: |s| {
            let (_, call) = left(s);
            s.late_harness(500);
            s.at(1400).disconnected(call);
            Untold
        },
    },
    Case {
        id: "LIFE-2",
        title: "a call's plugin stays, or had left before",
        run: |s| {
            let socket = s.join(1);
            s.leave(socket);
            let (_, call) = waiting(s);
            s.at(10_000).timed_out(call);
            NotExercised
        },
    },
    Case {
        id: "LIFE-3",
        title: "one of two tabs leaves and the other answers",
        run: |s| {
            let (one, two, call) = (s.join(1), s.join(1), s.call(1));
            s.received(one, call);
            s.received(two, call);
            s.leave(one);
            s.answered(two, call, 1);
            s.value(call, 1);
            Held(1)
        },
    },
    Case {
        id: "LIFE-3",
        title: "one of two tabs leaves and the call fails",
        run: |s| {
            let (one, two, call) = (s.join(1), s.join(1), s.call(1));
            s.received(one, call);
            s.received(two, call);
            let left = s.leave(one);
            Broken(vec![left, s.disconnected(call)])
        },
    },
    Case {
        id: "LIFE-3",
        title: "nobody leaves, or everybody",
        run: |s| {
            let (one, call) = waiting(s);
            s.answered(one, call, 1);
            s.value(call, 1);
            let call = s.call(1);
            s.received(one, call);
            s.leave(one);
            s.disconnected(call);
            NotExercised
        },
    },
];
