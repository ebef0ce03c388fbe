//! TIME: timeouts.

use hubproof::contract::control::ErrorKind;
use hubproof::event::{Ended, SocketId};
use serde_json::json;

use super::stream::Found::{Broken, Held, NotExercised, Untold};
use super::stream::{Call, Case, Stream};

/// A call whose command was received.
fn waiting(s: &mut Stream) -> Call {
    let (socket, call) = (s.join(1), s.call(1));
    s.received(socket, call);
    call
}

/// Two calls whose commands were received.
fn two_waiting(s: &mut Stream) -> (Call, Call) {
    let (socket, first, second) = (s.join(1), s.call(1), s.call(1));
    s.received(socket, first);
    s.received(socket, second);
    (first, second)
}

/// Calls with timeouts of three and five seconds whose commands were received, on a new socket.
fn three_and_five(s: &mut Stream) -> (Call, Call) {
    let (socket, three, five) = (s.join(1), s.call_with(1, true, 3.0), s.call_with(1, true, 5.0));
    s.received(socket, three);
    s.received(socket, five);
    (three, five)
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "TIME-1",
        title: "the text has the timeout's number, written as 3 or 3.0",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call_with(1, true, 3.0), s.call_with(1, false, 3.0));
            s.received(socket, a);
            s.received(socket, b);
            s.at(3000).failed(a, ErrorKind::Timeout, "Plugin command timeout after 3s");
            s.failed(b, ErrorKind::Internal, "500: Plugin command timeout after 3.0s");
            Held(2)
        },
    },
    Case {
        id: "TIME-1",
        title: "the text has no number",
        run: |s| {
            let call = waiting(s);
            Broken(vec![call.no, s.at(10_000).failed(call, ErrorKind::Timeout, "Plugin command timeout")])
        },
    },
    Case {
        id: "TIME-1",
        title: "the text has another number",
        run: |s| {
            let call = waiting(s);
            let text = "Plugin command timeout after 10000s";
            Broken(vec![call.no, s.at(10_000).failed(call, ErrorKind::Timeout, text)])
        },
    },
    Case {
        id: "TIME-1",
        title: "a call that nobody answered ends with a value",
        run: |s| {
            let call = waiting(s);
            Broken(vec![call.no, s.at(10_000).value(call, 1)])
        },
    },
    Case {
        id: "TIME-1",
        title: "a call is answered, one is given up, one has no timeout of its own making",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call(1), s.call(1));
            s.received(socket, a);
            s.received(socket, b);
            s.answered(socket, a, 1);
            s.value(a, 1);
            s.at(10_000).ended(b, Ended::Cancelled);
            NotExercised
        },
    },
    Case {
        id: "TIME-2",
        title: "calls end at their timeout and at the end of the tolerance",
        run: |s| {
            let (first, second) = two_waiting(s);
            s.at(10_000).timed_out(first);
            s.at(10_010).timed_out(second);
            Held(2)
        },
    },
    Case {
        id: "TIME-2",
        title: "a call ends too early",
        run: |s| {
            let call = waiting(s);
            Broken(vec![call.no, s.at(9_998).timed_out(call)])
        },
    },
    Case {
        id: "TIME-2",
        title: "a call ends too late",
        run: |s| {
            let call = waiting(s);
            s.late_harness(1);
            Broken(vec![call.no, s.at(10_012).timed_out(call)])
        },
    },
    Case {
        id: "TIME-2",
        title: "a call does not end at all",
        run: |s| {
            let call = waiting(s);
            Broken(vec![call.no, s.at(30_000).overdue(call)])
        },
    },
    Case {
        id: "TIME-2",
        title: "a job's run does not end at all",
        run: |s| {
            s.job();
            let (socket, run) = (s.join(1), s.process(1));
            s.received(socket, run);
            Broken(vec![run.no, s.at(30_000).overdue(run)])
        },
    },
    Case {
        id: "TIME-2",
        title: "a job's run does not end, but there are two jobs that it may be",
        run: |s| {
            s.job();
            s.job_of(2, 1, "sync", None);
            let (socket, run) = (s.join(1), s.process(1));
            s.received(socket, run);
            s.at(30_000).overdue(run);
            NotExercised
        },
    },
    Case {
        id: "TIME-2",
        title: "a call ends late, but so may the harness have seen it",
        run: |s| {
            let call = waiting(s);
            s.late_harness(500);
            s.at(10_400).timed_out(call);
            Untold
        },
    },
    Case {
        id: "TIME-2",
        title: "a call is answered",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.answered(socket, call, 1);
            s.at(20_000).value(call, 1);
            NotExercised
        },
    },
    Case {
        id: "TIME-3",
        title: "calls of three and five seconds end at their own",
        run: |s| {
            let (a, b) = three_and_five(s);
            s.at(3000).failed(a, ErrorKind::Timeout, "Plugin command timeout after 3s");
            s.at(5000).failed(b, ErrorKind::Timeout, "Plugin command timeout after 5s");
            Held(2)
        },
    },
    Case {
        id: "TIME-3",
        title: "the longer one ends with the shorter one",
        run: |s| {
            let (a, b) = three_and_five(s);
            let end = s.at(3000).failed(a, ErrorKind::Timeout, "Plugin command timeout after 3s");
            Broken(vec![b.no, s.failed(b, ErrorKind::Timeout, "Plugin command timeout after 5s"), end])
        },
    },
    Case {
        id: "TIME-3",
        title: "the shorter one ends with the longer one",
        run: |s| {
            let (a, b) = three_and_five(s);
            let end = s.at(5000).failed(a, ErrorKind::Timeout, "Plugin command timeout after 3s");
            Broken(vec![a.no, end, s.failed(b, ErrorKind::Timeout, "Plugin command timeout after 5s")])
        },
    },
    Case {
        id: "TIME-3",
        title: "a call names the timeout of the other",
        run: |s| {
            let (a, _) = three_and_five(s);
            Broken(vec![a.no, s.at(3000).failed(a, ErrorKind::Timeout, "Plugin command timeout after 5s")])
        },
    },
    Case {
        id: "TIME-3",
        title: "two end nearly together, but so may the harness have seen it",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call_with(1, true, 3.0), s.call_with(1, true, 3.1));
            s.received(socket, a);
            s.received(socket, b);
            s.late_harness(500);
            s.at(3095).failed(a, ErrorKind::Timeout, "Plugin command timeout after 3s");
            s.at(3100).failed(b, ErrorKind::Timeout, "Plugin command timeout after 3.1s");
            Untold
        },
    },
    Case {
        id: "TIME-3",
        title: "calls have the same timeout, or are late for themselves",
        run: |s| {
            let (first, second) = two_waiting(s);
            s.at(10_000).timed_out(first);
            s.timed_out(second);
            let (a, b) = three_and_five(s);
            s.at(14_800).answered(SocketId(1), b, 1);
            s.value(b, 1);
            s.failed(a, ErrorKind::Timeout, "Plugin command timeout after 3s");
            NotExercised
        },
    },
    Case {
        id: "TIME-4",
        title: "a late answer changes nothing",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.at(10_000).timed_out(call);
            let next = s.call(1);
            s.received(socket, next);
            s.answered(socket, call, 1);
            s.answered(socket, next, 2);
            s.value(next, 2);
            Held(1)
        },
    },
    Case {
        id: "TIME-4",
        title: "a late answer settles the next call",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.at(10_000).timed_out(call);
            let next = s.call(1);
            s.received(socket, next);
            let late = s.answered(socket, call, 1);
            Broken(vec![late, s.value(next, 1)])
        },
    },
    Case {
        id: "TIME-4",
        title: "every answer comes in time",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.answered(socket, call, 1);
            s.value(call, 1);
            NotExercised
        },
    },
    Case {
        id: "TIME-5",
        title: "nothing is pending after a timeout and after a caller gave up",
        run: |s| {
            let (first, second) = two_waiting(s);
            s.ended(first, Ended::Cancelled);
            s.at(10_000).timed_out(second);
            s.pending_seen(0);
            Held(1)
        },
    },
    Case {
        id: "TIME-5",
        title: "a call that has ended is still pending",
        run: |s| {
            let call = waiting(s);
            s.at(10_000).timed_out(call);
            Broken(vec![s.pending_seen(1)])
        },
    },
    Case {
        id: "TIME-5",
        title: "calls are counted before there is one and while one is in flight",
        run: |s| {
            s.pending_seen(0);
            waiting(s);
            s.pending_seen(1);
            NotExercised
        },
    },
    Case {
        id: "TIME-6",
        title: "answers half-way and right before the deadline settle their calls",
        run: |s| {
            let (first, second) = two_waiting(s);
            s.at(5000).answered(SocketId(0), first, 1);
            s.value(first, 1);
            s.at(9999).responded(SocketId(0), second, json!({ "success": false, "error": "no" }));
            s.plugin_error(second, "no");
            Held(2)
        },
    },
    Case {
        id: "TIME-6",
        title: "a call times out although it was answered in the second half of its time",
        run: |s| {
            let call = waiting(s);
            let answer = s.at(6000).answered(SocketId(0), call, 1);
            Broken(vec![call.no, answer, s.at(10_000).timed_out(call)])
        },
    },
    Case {
        id: "TIME-6",
        title: "an answer is too close to the deadline to tell",
        run: |s| {
            let call = waiting(s);
            s.at(9_995).answered(SocketId(0), call, 1);
            s.at(10_001).timed_out(call);
            Untold
        },
    },
    Case {
        id: "TIME-6",
        title: "answers come early, after the deadline, on a socket that was cut, or not at all",
        run: |s| {
            let (socket, other, early) = (s.join(1), s.join(1), s.call(1));
            s.received(socket, early);
            s.at(4_000).answered(socket, early, 1);
            s.at(10_000).timed_out(early);
            let late = s.call(1);
            s.received(other, late);
            s.at(20_001).answered(other, late, 1);
            s.timed_out(late);
            let (cut, silent) = (s.call(1), s.call(1));
            s.received(socket, cut);
            s.received(socket, silent);
            s.at(28_000).answered(socket, cut, 1);
            s.leave(socket);
            s.at(30_001).timed_out(cut);
            s.timed_out(silent);
            NotExercised
        },
    },
];
