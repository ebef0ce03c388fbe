//! CORR: the matching of answers to calls.

use hubproof::contract::control::ErrorKind;
use hubproof::event::{Ended, What};
use serde_json::{Value, json};

use super::stream::Found::{Broken, Held, NotExercised, Untold};
use super::stream::{Call, Case, Found, Stream, request_id};

/// The command of a call with another member.
fn changed(call: Call, name: &str, value: Value) -> Vec<Value> {
    let mut command = Stream::command(call);
    command[name] = value;
    vec![command]
}

/// A call whose command is received with another request id, and the verdict on that.
fn with_id(s: &mut Stream, id: &str) -> Found {
    let (socket, call) = (s.join(1), s.call(1));
    Broken(vec![s.received_as(socket, call, changed(call, "request_id", json!(id)))])
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "CORR-1",
        title: "a command arrives as it was asked for",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            Held(1)
        },
    },
    Case {
        id: "CORR-1",
        title: "numbers are the same as doubles",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received_as(socket, call, changed(call, "payload", json!({ "n": 0.0 })));
            Held(1)
        },
    },
    Case {
        id: "CORR-1",
        title: "the payload is another",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            Broken(vec![call.no, s.received_as(socket, call, changed(call, "payload", json!({ "n": "0" })))])
        },
    },
    Case {
        id: "CORR-1",
        title: "the action is another",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            Broken(vec![call.no, s.received_as(socket, call, changed(call, "action", json!("vinted_sync")))])
        },
    },
    Case {
        id: "CORR-1",
        title: "there is a member too many",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            Broken(vec![call.no, s.received_as(socket, call, changed(call, "timeout", json!(10)))])
        },
    },
    Case {
        id: "CORR-1",
        title: "there is an argument too many",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            Broken(vec![call.no, s.received_as(socket, call, vec![Stream::command(call), json!(null)])])
        },
    },
    Case {
        id: "CORR-1",
        title: "a call's command never arrives",
        run: |s| {
            s.join(1);
            s.call(1);
            NotExercised
        },
    },
    Case {
        id: "CORR-2",
        title: "ids of the documented form, from the lowest to the highest draw",
        run: |s| {
            let socket = s.join(1);
            for draw in ["1000", "9999"] {
                let call = s.call(1);
                let id = format!("req_1_1736438400000_{draw}");
                s.received_as(socket, call, changed(call, "request_id", json!(id)));
            }
            Held(2)
        },
    },
    Case { id: "CORR-2", title: "a draw below 1000", run: |s| with_id(s, "req_1_1736438400000_0999") },
    Case { id: "CORR-2", title: "another prefix", run: |s| with_id(s, "cmd-1_1736438400000_1000") },
    Case { id: "CORR-2", title: "another user's number", run: |s| with_id(s, "req_11_1736438400000_1000") },
    Case {
        id: "CORR-2",
        title: "an id that the harness fed",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.push(What::IdsFed(vec!["fed".to_owned()]));
            s.received_as(socket, call, changed(call, "request_id", json!("fed")));
            NotExercised
        },
    },
    Case {
        id: "CORR-3",
        title: "two calls in flight have ids of their own",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call(1), s.call(1));
            s.received(socket, a);
            s.received(socket, b);
            Held(1)
        },
    },
    Case {
        id: "CORR-3",
        title: "two calls in flight share an id",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call(1), s.call(1));
            let first = s.received(socket, a);
            Broken(vec![first, s.received_as(socket, b, changed(b, "request_id", json!(request_id(a))))])
        },
    },
    Case {
        id: "CORR-3",
        title: "an id comes again after its call was answered, or ended",
        run: |s| {
            let (socket, a, b, c) = (s.join(1), s.call(1), s.call(1), s.call(1));
            s.received(socket, a);
            s.answered(socket, a, 1);
            s.received_as(socket, b, changed(b, "request_id", json!(request_id(a))));
            s.ended(b, Ended::Cancelled);
            s.received_as(socket, c, changed(c, "request_id", json!(request_id(a))));
            NotExercised
        },
    },
    Case {
        id: "CORR-4",
        title: "an answer settles its call",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.answered(socket, call, 7);
            s.value(call, 7);
            Held(1)
        },
    },
    Case {
        id: "CORR-4",
        title: "a call times out although it was answered",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            let answer = s.at(1000).answered(socket, call, 7);
            Broken(vec![call.no, answer, s.at(10_000).timed_out(call)])
        },
    },
    Case {
        id: "CORR-4",
        title: "a call ends with another call's answer",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call(1), s.call(1));
            s.received(socket, a);
            s.received(socket, b);
            let own = s.answered(socket, a, 1);
            s.answered(socket, b, 2);
            Broken(vec![a.no, own, s.value(a, 2)])
        },
    },
    Case {
        id: "CORR-4",
        title: "an answer is sent too close to the timeout to tell",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.at(9_990).answered(socket, call, 7);
            s.at(10_000).timed_out(call);
            Untold
        },
    },
    Case {
        id: "CORR-4",
        title: "an answer is sent within the harness's own lateness of the timeout",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.late_harness(1000);
            s.at(9_100).answered(socket, call, 7);
            s.at(10_000).timed_out(call);
            Untold
        },
    },
    Case {
        id: "CORR-4",
        title: "a call that nobody answers, and one that is given up",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call(1), s.call(1));
            s.received(socket, a);
            s.received(socket, b);
            s.answered(socket, b, 7);
            s.ended(b, Ended::Cancelled);
            s.at(10_000).timed_out(a);
            NotExercised
        },
    },
    Case {
        id: "CORR-5",
        title: "two calls in flight end with their own answers, in reverse",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call(1), s.call(1));
            s.received(socket, a);
            s.received(socket, b);
            s.answered(socket, b, 2);
            s.answered(socket, a, 1);
            s.value(b, 2);
            s.value(a, 1);
            Held(2)
        },
    },
    Case {
        id: "CORR-5",
        title: "an answer settles another call",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call(1), s.call(1));
            s.received(socket, a);
            s.received(socket, b);
            let answer = s.answered(socket, a, 1);
            Broken(vec![answer, s.value(b, 1)])
        },
    },
    Case {
        id: "CORR-5",
        title: "there is only one call",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.answered(socket, call, 1);
            s.value(call, 1);
            NotExercised
        },
    },
    Case {
        id: "CORR-6",
        title: "level 1 gets the whole response and level 2 its data, numbers as doubles",
        run: |s| {
            let (socket, hub, helper) = (s.join(1), s.call_with(1, false, 10.0), s.call(1));
            s.received(socket, hub);
            s.received(socket, helper);
            s.answered(socket, hub, json!({ "n": 1 }));
            s.answered(socket, helper, json!({ "n": 1, "é": [null] }));
            s.value(hub, json!({ "success": true, "request_id": request_id(hub), "data": { "n": 1.0 } }));
            s.value(helper, json!({ "é": [null], "n": 1.0 }));
            Held(2)
        },
    },
    Case {
        id: "CORR-6",
        title: "the data is changed",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            let answer = s.answered(socket, call, json!({ "n": 1, "null": null }));
            Broken(vec![answer, s.value(call, json!({ "n": 1 }))])
        },
    },
    Case {
        id: "CORR-6",
        title: "level 1 gets the data alone",
        run: |s| {
            let (socket, call) = (s.join(1), s.call_with(1, false, 10.0));
            s.received(socket, call);
            let answer = s.answered(socket, call, 7);
            Broken(vec![answer, s.value(call, 7)])
        },
    },
    Case {
        id: "CORR-6",
        title: "a call fails",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.responded(socket, call, json!({ "success": false, "error": "no" }));
            s.plugin_error(call, "no");
            NotExercised
        },
    },
    Case {
        id: "CORR-7",
        title: "the first of two answers wins",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.answered(socket, call, 1);
            s.answered(socket, call, 2);
            s.value(call, 1);
            Held(1)
        },
    },
    Case {
        id: "CORR-7",
        title: "the second answer wins",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.answered(socket, call, 1);
            let second = s.answered(socket, call, 2);
            Broken(vec![second, s.value(call, 2)])
        },
    },
    Case {
        id: "CORR-7",
        title: "a duplicate settles the next call",
        run: |s| {
            let (socket, a) = (s.join(1), s.call(1));
            s.received(socket, a);
            s.answered(socket, a, 1);
            s.value(a, 1);
            let b = s.call(1);
            s.received(socket, b);
            let duplicate = s.answered(socket, a, 2);
            Broken(vec![duplicate, s.value(b, 2)])
        },
    },
    Case {
        id: "CORR-7",
        title: "every call is answered once",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.answered(socket, call, 1);
            s.value(call, 1);
            NotExercised
        },
    },
    Case {
        id: "CORR-8",
        title: "a stray answer changes nothing",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.said(socket, None, json!({ "request_id": "unknown", "success": true, "data": 2 }));
            s.answered(socket, call, 1);
            s.value(call, 1);
            Held(1)
        },
    },
    Case {
        id: "CORR-8",
        title: "a stray answer settles a call",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            let stray = s.said(socket, None, json!({ "request_id": "unknown", "success": true, "data": 2 }));
            Broken(vec![stray, s.value(call, 2)])
        },
    },
    Case {
        id: "CORR-8",
        title: "the hub closes the socket of a stray answer",
        run: |s| {
            let socket = s.join(1);
            let stray = s.said(socket, None, json!({ "request_id": "unknown" }));
            Broken(vec![stray, s.closed(socket)])
        },
    },
    Case {
        id: "CORR-8",
        title: "an answer without an id is no stray, and a plugin may leave",
        run: |s| {
            let socket = s.join(1);
            s.said(socket, None, json!({ "success": true }));
            s.leave(socket);
            NotExercised
        },
    },
    Case {
        id: "CORR-4",
        title: "an answer goes unheard while another socket of its user was cut long after",
        run: |s| {
            let (socket, other, call) = (s.join(1), s.join(1), s.call(1));
            s.received(socket, call);
            s.received(other, call);
            let answer = s.answered(socket, call, 7);
            let end = s.failed(call, ErrorKind::Timeout, "Plugin command timeout after 10s");
            s.at(20_000).leave(other);
            Broken(vec![call.no, answer, end])
        },
    },
];
