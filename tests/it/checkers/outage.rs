//! LIFE-4, LIFE-5, LIFE-8 and LIFE-9: connections that fall silent, break or come back, and the hub's own end.

use hubproof::contract::control::ErrorKind;
use hubproof::event::{Ended, SocketId};

use super::stream::Found::{Broken, Held, NotExercised, Untold};
use super::stream::{Call, Case, Stream};

/// Two users' calls in flight, of which the second one's plugin is on its own.
fn beside(s: &mut Stream) -> (SocketId, SocketId, Call) {
    let (one, two) = (s.join(1), s.join(2));
    let call = s.call(2);
    s.received(two, call);
    (one, two, call)
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "LIFE-4",
        title: "a frozen plugin is gone after a while, and a slow one is not",
        run: |s| {
            let (frozen, slow) = (s.join(1), s.join(2));
            s.frozen(frozen);
            s.slowed(slow);
            s.at(45_000).pulse_seen(1, 0);
            s.pulse_seen(2, 1);
            Held(2)
        },
    },
    Case {
        id: "LIFE-4",
        title: "a frozen plugin still counts",
        run: |s| {
            let (socket, _) = (s.join(1), s.join(1));
            let frozen = s.frozen(socket);
            Broken(vec![frozen, s.at(45_000).pulse_seen(1, 2)])
        },
    },
    Case {
        id: "LIFE-4",
        title: "a slow plugin is dropped",
        run: |s| {
            let socket = s.join(1);
            let slowed = s.slowed(socket);
            let dropped = s.at(30_000).closed(socket);
            s.at(45_000).pulse_seen(1, 0);
            Broken(vec![slowed, dropped])
        },
    },
    Case {
        id: "LIFE-4",
        title: "a slow plugin is dropped, but so late may its pong have been",
        run: |s| {
            let socket = s.join(1);
            s.slowed(socket);
            s.at(30_000).closed(socket);
            s.late_harness(500);
            s.at(45_000).pulse_seen(1, 0);
            Untold
        },
    },
    Case {
        id: "LIFE-4",
        title: "nobody is silent or slow",
        run: |s| {
            s.join(1);
            s.at(45_000).pulse_seen(1, 1);
            NotExercised
        },
    },
    Case {
        id: "LIFE-5",
        title: "a reset, a break in mid-frame and a stranger leave a call alone",
        run: |s| {
            let (one, two, call) = beside(s);
            s.reset(one);
            s.answered(two, call, 1);
            s.value(call, 1);
            let (three, call) = (s.join(3), s.call(2));
            s.received(two, call);
            s.mid_frame(three);
            s.answered(two, call, 1);
            s.value(call, 1);
            let call = s.call(2);
            s.received(two, call);
            s.intruded();
            s.answered(two, call, 1);
            s.value(call, 1);
            Held(3)
        },
    },
    Case {
        id: "LIFE-5",
        title: "a reset fails another user's call",
        run: |s| {
            let (one, _, call) = beside(s);
            let reset = s.reset(one);
            Broken(vec![reset, s.disconnected(call)])
        },
    },
    Case {
        id: "LIFE-5",
        title: "a reset ends another user's connection",
        run: |s| {
            let (one, two, _) = beside(s);
            let reset = s.reset(one);
            Broken(vec![reset, s.closed(two)])
        },
    },
    Case {
        id: "LIFE-5",
        title: "the call is the user's own, or times out, or its own plugin leaves, or the connection ends long afterwards",
        run: |s| {
            let (one, two, call) = beside(s);
            let own = s.call(1);
            s.received(one, own);
            s.reset(one);
            s.disconnected(own);
            s.at(10_000).timed_out(call);
            let call = s.call(2);
            s.received(two, call);
            s.intruded();
            s.leave(two);
            s.disconnected(call);
            let other = s.join(3);
            s.intruded();
            s.at(60_000).closed(other);
            NotExercised
        },
    },
    Case {
        id: "LIFE-8",
        title: "who is back counts once, and with two tabs twice",
        run: |s| {
            let one = s.join(1);
            s.leave(one);
            s.join(1);
            s.sockets_seen(1, 1);
            s.join(1);
            s.sockets_seen(1, 2);
            Held(2)
        },
    },
    Case {
        id: "LIFE-8",
        title: "the socket that was lost still counts",
        run: |s| {
            let one = s.join(1);
            s.leave(one);
            s.join(1);
            Broken(vec![s.sockets_seen(1, 2)])
        },
    },
    Case {
        id: "LIFE-8",
        title: "of two tabs that are back only one counts",
        run: |s| {
            let one = s.join(1);
            s.leave(one);
            s.join(1);
            s.join(1);
            Broken(vec![s.sockets_seen(1, 1)])
        },
    },
    Case {
        id: "LIFE-8",
        title: "nobody came back, or is about to, or all have left, or one is frozen",
        run: |s| {
            let one = s.join(1);
            s.sockets_seen(1, 1);
            s.leave(one);
            s.sockets_seen(1, 0);
            s.connecting(Some(1));
            s.sockets_seen(1, 1);
            let two = s.join(2);
            s.leave(two);
            let back = s.join(2);
            s.join(2);
            s.frozen(back);
            s.sockets_seen(2, 2);
            NotExercised
        },
    },
    Case {
        id: "LIFE-9",
        title: "calls in flight fail and connections end in order",
        run: |s| {
            let (_, two, call) = beside(s);
            s.shut_down();
            s.failed(call, ErrorKind::ShuttingDown, "the hub is shutting down");
            s.closed(two);
            Held(2)
        },
    },
    Case {
        id: "LIFE-9",
        title: "a call waits for its timeout",
        run: |s| {
            let (_, _, call) = beside(s);
            let down = s.at(1000).shut_down();
            Broken(vec![down, s.at(10_000).timed_out(call)])
        },
    },
    Case {
        id: "LIFE-9",
        title: "a call never ends",
        run: |s| {
            let (_, _, call) = beside(s);
            let down = s.at(1000).shut_down();
            Broken(vec![down, s.at(3000).overdue(call)])
        },
    },
    Case {
        id: "LIFE-9",
        title: "a connection is cut off",
        run: |s| {
            let socket = s.join(1);
            let down = s.shut_down();
            Broken(vec![down, s.severed(socket)])
        },
    },
    Case {
        id: "LIFE-9",
        title: "a call fails late, but so may the harness have seen it",
        run: |s| {
            let (_, _, call) = beside(s);
            s.at(1000).shut_down();
            s.late_harness(500);
            s.at(1400).failed(call, ErrorKind::ShuttingDown, "the hub is shutting down");
            Untold
        },
    },
    Case {
        id: "LIFE-9",
        title: "the hub does not shut down, or the call was answered or given up, or times out in that instant",
        run: |s| {
            let (_, two, call) = beside(s);
            s.answered(two, call, 1);
            let (gone, late) = (s.call(2), s.call(2));
            s.received(two, gone);
            s.received(two, late);
            s.at(9_998).shut_down();
            s.value(call, 1);
            s.ended(gone, Ended::Cancelled);
            s.at(10_000).timed_out(late);
            NotExercised
        },
    },
];
