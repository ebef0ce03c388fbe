//! LIFE-6 and LIFE-7: messages over the limit.

use hubproof::contract::control::ErrorKind;
use hubproof::event::EventNo;
use serde_json::json;

use super::stream::Found::{Broken, Held, NotExercised, Untold};
use super::stream::{Call, Case, Stream, request_id};

/// A target that takes a thousand bytes, and a call that is answered with so many characters.
fn answered(s: &mut Stream, exact: bool, characters: usize) -> (EventNo, Call) {
    s.limit(1000, exact);
    let (socket, call) = (s.join(1), s.call(1));
    s.received(socket, call);
    (s.answered(socket, call, "x".repeat(characters)), call)
}

const TOO_LARGE: &str = "Response size (1064 bytes) exceeds max buffer size (1000 bytes)";

const REFUSAL: &str = "Payload size (1200 bytes) exceeds max buffer size (1000 bytes)";

/// A target that takes a thousand bytes, and a call with a payload of more.
fn large_call(s: &mut Stream) -> Call {
    s.limit(1000, false);
    s.join(1);
    s.call_of_size(1, 1200)
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "LIFE-6",
        title: "a response over the limit fails its call",
        run: |s| {
            let (_, call) = answered(s, true, 1000);
            s.failed(call, ErrorKind::PayloadTooLarge, TOO_LARGE);
            Held(1)
        },
    },
    Case {
        id: "LIFE-6",
        title: "a response just within the limit settles its call",
        run: |s| {
            let (_, call) = answered(s, true, 800);
            s.value(call, "x".repeat(800));
            Held(1)
        },
    },
    Case {
        id: "LIFE-6",
        title: "the text names the size, whatever the kind",
        run: |s| {
            let (_, call) = answered(s, false, 1200);
            s.failed(call, ErrorKind::Internal, "message too big");
            Held(1)
        },
    },
    Case {
        id: "LIFE-6",
        title: "a response over the limit is taken",
        run: |s| {
            let (sent, call) = answered(s, true, 1000);
            Broken(vec![sent, s.value(call, "x".repeat(1000))])
        },
    },
    Case {
        id: "LIFE-6",
        title: "a response over the limit is lost, and its call waits for the timeout",
        run: |s| {
            let (sent, call) = answered(s, true, 1000);
            Broken(vec![sent, s.at(10_000).timed_out(call)])
        },
    },
    Case {
        id: "LIFE-6",
        title: "a response over the limit is lost, and its call never ends",
        run: |s| {
            let (sent, call) = answered(s, true, 1000);
            Broken(vec![sent, s.at(30_000).overdue(call)])
        },
    },
    Case {
        id: "LIFE-6",
        title: "the call fails and does not say why",
        run: |s| {
            let (sent, call) = answered(s, true, 1000);
            Broken(vec![sent, s.failed(call, ErrorKind::Internal, "the call failed")])
        },
    },
    Case {
        id: "LIFE-6",
        title: "the call fails late",
        run: |s| {
            let (sent, call) = answered(s, true, 1000);
            Broken(vec![sent, s.at(1000).failed(call, ErrorKind::PayloadTooLarge, TOO_LARGE)])
        },
    },
    Case {
        id: "LIFE-6",
        title: "the call fails late, but so may the harness have seen it",
        run: |s| {
            let (_, call) = answered(s, true, 1000);
            s.late_harness(500);
            s.at(400).failed(call, ErrorKind::PayloadTooLarge, TOO_LARGE);
            Untold
        },
    },
    Case {
        id: "LIFE-6",
        title: "another tab answers as well",
        run: |s| {
            s.limit(1000, true);
            let (one, two, call) = (s.join(1), s.join(1), s.call(1));
            s.received(one, call);
            s.received(two, call);
            s.answered(one, call, "x".repeat(1000));
            s.answered(two, call, 1);
            s.value(call, 1);
            Untold
        },
    },
    Case {
        id: "LIFE-6",
        title: "a response within the limit fails its call",
        run: |s| {
            let (sent, call) = answered(s, true, 800);
            Broken(vec![sent, s.failed(call, ErrorKind::PayloadTooLarge, TOO_LARGE)])
        },
    },
    Case {
        id: "LIFE-6",
        title: "the connection of a response over the limit is closed, and another call fails with it",
        run: |s| {
            s.limit(1000, true);
            let (socket, other, large) = (s.join(1), s.call(1), s.call(1));
            s.received(socket, other);
            s.received(socket, large);
            let sent = s.answered(socket, large, "x".repeat(1000));
            s.failed(large, ErrorKind::PayloadTooLarge, TOO_LARGE);
            s.closed(socket);
            Broken(vec![sent, s.disconnected(other)])
        },
    },
    Case {
        id: "LIFE-6",
        title: "the limit is not known, or a response is small, or nobody can say on which side of the limit it is",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.answered(socket, call, "x".repeat(2000));
            s.value(call, "x".repeat(2000));
            let (_, call) = answered(s, true, 100);
            s.value(call, "x".repeat(100));
            let (_, call) = answered(s, false, 1000);
            s.failed(call, ErrorKind::PayloadTooLarge, TOO_LARGE);
            NotExercised
        },
    },
    Case {
        id: "LIFE-7",
        title: "a command over the limit is refused with both sizes",
        run: |s| {
            let call = large_call(s);
            s.failed(call, ErrorKind::PayloadTooLarge, REFUSAL);
            Held(1)
        },
    },
    Case {
        id: "LIFE-7",
        title: "the refusal does not name the sizes",
        run: |s| {
            let call = large_call(s);
            Broken(vec![call.no, s.failed(call, ErrorKind::PayloadTooLarge, "Payload exceeds max buffer size")])
        },
    },
    Case {
        id: "LIFE-7",
        title: "the refusal names a size within the limit, or another limit",
        run: |s| {
            let call = large_call(s);
            let text = "Payload size (900 bytes) exceeds max buffer size (800 bytes)";
            Broken(vec![call.no, s.failed(call, ErrorKind::PayloadTooLarge, text)])
        },
    },
    Case {
        id: "LIFE-7",
        title: "a command over the limit is sent",
        run: |s| {
            s.limit(1000, false);
            let socket = s.join(1);
            let call = s.call_of_size(1, 1200);
            let payload = json!({ "text": "x".repeat(1200) });
            let came = s.received_as(socket, call, vec![json!({ "request_id": request_id(call), "payload": payload })]);
            s.answered(socket, call, 1);
            Broken(vec![call.no, came, s.value(call, 1)])
        },
    },
    Case {
        id: "LIFE-7",
        title: "a command is refused and sent all the same",
        run: |s| {
            s.limit(1000, false);
            let socket = s.join(1);
            let call = s.call_of_size(1, 1200);
            let came = s.received(socket, call);
            Broken(vec![call.no, came, s.failed(call, ErrorKind::PayloadTooLarge, REFUSAL)])
        },
    },
    Case {
        id: "LIFE-7",
        title: "a command over the limit waits for its timeout",
        run: |s| {
            let call = large_call(s);
            Broken(vec![call.no, s.at(10_000).timed_out(call)])
        },
    },
    Case {
        id: "LIFE-7",
        title: "the refusal comes late",
        run: |s| {
            let call = large_call(s);
            Broken(vec![call.no, s.at(1000).failed(call, ErrorKind::PayloadTooLarge, REFUSAL)])
        },
    },
    Case {
        id: "LIFE-7",
        title: "the refusal comes late, but so may the harness have seen it",
        run: |s| {
            let call = large_call(s);
            s.late_harness(500);
            s.at(400).failed(call, ErrorKind::PayloadTooLarge, REFUSAL);
            Untold
        },
    },
    Case {
        id: "LIFE-7",
        title: "the command is small, or nobody is there, or the limit is not known, or it is the response that is too large",
        run: |s| {
            let call = s.call_of_size(1, 1200);
            s.value(call, 1);
            s.limit(1000, true);
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.answered(socket, call, "x".repeat(1000));
            s.failed(call, ErrorKind::PayloadTooLarge, TOO_LARGE);
            let call = s.call_of_size(2, 1200);
            s.failed(call, ErrorKind::NotConnected, "User 2 not connected via WebSocket");
            NotExercised
        },
    },
];
