//! CORR-9 and CORR-10: calls that are in flight together.

use hubproof::contract::control::ErrorKind;
use hubproof::event::{Ended, EventNo, SocketId};
use serde_json::Value;

use super::stream::Found::{Broken, Held, NotExercised, Untold};
use super::stream::{Call, Case, Stream, success};

/// Two calls of one user that begin together; the command of the first has come.
fn two(s: &mut Stream) -> (SocketId, Call, Call) {
    let (socket, first, second) = (s.join(1), s.call(1), s.call(1));
    s.received(socket, first);
    (socket, first, second)
}

/// A call is answered and ends at once.
fn settled(s: &mut Stream, socket: SocketId, call: Call) -> EventNo {
    s.answered(socket, call, 1);
    s.value(call, 1)
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "CORR-9",
        title: "both commands come before either call is answered",
        run: |s| {
            let (socket, a, b) = two(s);
            s.received(socket, b);
            s.at(5000);
            settled(s, socket, a);
            settled(s, socket, b);
            Held(1)
        },
    },
    Case {
        id: "CORR-9",
        title: "calls of two users are in flight together, and nobody answers",
        run: |s| {
            let (one, two, a, b) = (s.join(1), s.join(2), s.call(1), s.call(2));
            s.received(one, a);
            s.received(two, b);
            s.at(10_000).timed_out(a);
            s.failed(b, ErrorKind::Timeout, "Plugin command timeout after 10s");
            Held(1)
        },
    },
    Case {
        id: "CORR-9",
        title: "a command comes late, while the other call goes on",
        run: |s| {
            let (socket, a, b) = two(s);
            s.at(500).received(socket, b);
            s.at(5000);
            settled(s, socket, a);
            settled(s, socket, b);
            Held(1)
        },
    },
    Case {
        id: "CORR-9",
        title: "the second command comes when the first call ends",
        run: |s| {
            let (socket, a, b) = two(s);
            s.at(1000);
            let end = settled(s, socket, a);
            let command = s.received(socket, b);
            settled(s, socket, b);
            Broken(vec![b.no, end, command])
        },
    },
    Case {
        id: "CORR-9",
        title: "the second command comes when the first call ends, of which the caller hears a moment later",
        run: |s| {
            let (socket, a, b) = two(s);
            s.at(1000).answered(socket, a, 1);
            let command = s.at(1004).received(socket, b);
            let end = s.at(1008).value(a, 1);
            settled(s, socket, b);
            Broken(vec![b.no, end, command])
        },
    },
    Case {
        id: "CORR-9",
        title: "another user's command comes when the first call times out",
        run: |s| {
            let (one, two) = (s.join(1), s.join(2));
            let (a, b) = (s.call_with(1, true, 3.0), s.call(2));
            s.received(one, a);
            let end = s.at(3000).failed(a, ErrorKind::Timeout, "Plugin command timeout after 3s");
            let command = s.received(two, b);
            settled(s, two, b);
            Broken(vec![b.no, end, command])
        },
    },
    Case {
        id: "CORR-9",
        title: "the second command never comes",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call(1), s.call(1));
            let command = s.received(socket, a);
            s.at(10_000).timed_out(a);
            Broken(vec![b.no, command, s.timed_out(b)])
        },
    },
    Case {
        id: "CORR-9",
        title: "the second command comes when the first call ends, but so late may the harness have seen it",
        run: |s| {
            let (socket, a, b) = two(s);
            s.late_harness(500);
            s.at(400);
            settled(s, socket, a);
            s.received(socket, b);
            settled(s, socket, b);
            Untold
        },
    },
    Case {
        id: "CORR-9",
        title: "calls follow one another, or are refused, or given up, or lost with their socket, or are jobs",
        run: |s| {
            let (socket, a) = (s.join(1), s.call(1));
            s.received(socket, a);
            settled(s, socket, a);
            let (refused, given_up) = (s.call(1), s.call(1));
            s.failed(refused, ErrorKind::PayloadTooLarge, "Payload size (9 bytes) exceeds max buffer size (8 bytes)");
            s.at(1000).ended(given_up, Ended::Cancelled);
            s.job();
            let (run, other) = (s.process(1), s.process(1));
            s.received(socket, run);
            s.at(2000).answered(socket, run, 1);
            s.result(run, success(0, 1000));
            s.result(other, Value::Null);
            let (b, c) = (s.call(1), s.call(1));
            s.received(socket, b);
            s.at(3000).leave(socket);
            s.disconnected(b);
            s.disconnected(c);
            NotExercised
        },
    },
    Case {
        id: "CORR-10",
        title: "a call is answered and ends while an older one waits",
        run: |s| {
            let (socket, slow, fast) = two(s);
            s.received(socket, fast);
            s.at(100);
            settled(s, socket, fast);
            s.at(5000);
            settled(s, socket, slow);
            Held(1)
        },
    },
    Case {
        id: "CORR-10",
        title: "a call ends only when the slow one does, though its answer was there",
        run: |s| {
            let (socket, slow, fast) = two(s);
            s.received(socket, fast);
            s.at(100).answered(socket, fast, 1);
            s.at(5000);
            let end = settled(s, socket, slow);
            Broken(vec![fast.no, end, s.value(fast, 1)])
        },
    },
    Case {
        id: "CORR-10",
        title: "a call's command comes only when the slow one ends",
        run: |s| {
            let (socket, slow, fast) = two(s);
            s.at(5000);
            let end = settled(s, socket, slow);
            s.received(socket, fast);
            Broken(vec![fast.no, end, settled(s, socket, fast)])
        },
    },
    Case {
        id: "CORR-10",
        title: "a call ends only when the slow one does, but so late may the harness have seen it",
        run: |s| {
            let (socket, slow, fast) = two(s);
            s.received(socket, fast);
            s.late_harness(500);
            s.at(100).answered(socket, fast, 1);
            s.at(400);
            settled(s, socket, slow);
            s.value(fast, 1);
            Untold
        },
    },
    Case {
        id: "CORR-10",
        title: "a call ends late, while the slow one goes on",
        run: |s| {
            let (socket, slow, fast) = two(s);
            s.received(socket, fast);
            s.at(100).answered(socket, fast, 1);
            s.at(1000).value(fast, 1);
            s.at(5000);
            settled(s, socket, slow);
            Untold
        },
    },
    Case {
        id: "CORR-10",
        title: "calls are answered together, and all outcomes come late",
        run: |s| {
            let (socket, a, b) = two(s);
            s.received(socket, b);
            s.answered(socket, a, 1);
            s.answered(socket, b, 1);
            s.at(300).value(a, 1);
            s.value(b, 1);
            NotExercised
        },
    },
];
