//! ERR: errors and how they travel.

use hubproof::contract::control::ErrorKind;
use hubproof::event::EventNo;
use serde_json::{Value, json};

use super::stream::Found::{Broken, Held, NotExercised, Untold};
use super::stream::{Call, Case, Stream, failure};

const NOT_CONNECTED: &str = "User 1 not connected via WebSocket";

/// A call on level 2 that was answered with this, and its answer.
fn answered(s: &mut Stream, body: Value) -> (Call, EventNo) {
    let (socket, call) = (s.home(1), s.call(1));
    s.received(socket, call);
    let answer = s.responded(socket, call, body);
    (call, answer)
}

/// What a hub says of user 9, who never connected.
const NOBODY: &str = "User 9 not connected via WebSocket";

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "ERR-1",
        title: "calls to a user without a socket fail at once, on both levels",
        run: |s| {
            s.join(11);
            for helper in [true, false] {
                let call = s.call_with(1, helper, 10.0);
                s.failed(call, ErrorKind::NotConnected, NOT_CONNECTED);
            }
            Held(2)
        },
    },
    Case {
        id: "ERR-1",
        title: "the text is another",
        run: |s| {
            let call = s.call(1);
            Broken(vec![call.no, s.failed(call, ErrorKind::NotConnected, "user 1 is offline")])
        },
    },
    Case {
        id: "ERR-1",
        title: "the error comes only at the timeout",
        run: |s| {
            let call = s.call(1);
            Broken(vec![call.no, s.at(10_000).timed_out(call)])
        },
    },
    Case {
        id: "ERR-1",
        title: "the right error comes too late",
        run: |s| {
            let call = s.call(1);
            Broken(vec![call.no, s.at(11).failed(call, ErrorKind::NotConnected, NOT_CONNECTED)])
        },
    },
    Case {
        id: "ERR-1",
        title: "a plugin receives the command all the same",
        run: |s| {
            let (other, call) = (s.join(11), s.call(1));
            let command = s.received(other, call);
            s.failed(call, ErrorKind::NotConnected, NOT_CONNECTED);
            Broken(vec![call.no, command])
        },
    },
    Case {
        id: "ERR-1",
        title: "the error comes late, but so may the harness have seen it",
        run: |s| {
            let call = s.call(1);
            s.late_harness(100);
            s.at(100).failed(call, ErrorKind::NotConnected, NOT_CONNECTED);
            Untold
        },
    },
    Case {
        id: "ERR-1",
        title: "a user who is connecting or has just left may be seen otherwise by the hub",
        run: |s| {
            s.connecting(Some(1));
            let gone = s.join(2);
            s.leave(gone);
            for user in [1, 2] {
                let call = s.call(user);
                s.failed(call, ErrorKind::Internal, "something else");
            }
            NotExercised
        },
    },
    Case {
        id: "ERR-2",
        title: "the plugin's text arrives letter for letter",
        run: |s| {
            let (call, _) = answered(s, json!({ "success": false, "error": " Vinted \"é\" " }));
            s.plugin_error(call, " Vinted \"é\" ");
            Held(1)
        },
    },
    Case {
        id: "ERR-2",
        title: "the plugin's text is decorated",
        run: |s| {
            let (call, answer) = answered(s, json!({ "success": false, "error": "no" }));
            Broken(vec![answer, s.plugin_error(call, "Plugin error: no")])
        },
    },
    Case {
        id: "ERR-2",
        title: "a failure is taken for a success",
        run: |s| {
            let (call, answer) = answered(s, json!({ "success": false, "error": "no", "data": 1 }));
            Broken(vec![answer, s.value(call, 1)])
        },
    },
    Case {
        id: "ERR-2",
        title: "no answer is a failure with a text",
        run: |s| {
            let (call, _) = answered(s, json!({ "success": true, "data": 1, "error": "no" }));
            s.value(call, 1);
            NotExercised
        },
    },
    Case {
        id: "ERR-3",
        title: "a failure without a text is an unknown error",
        run: |s| {
            let (call, _) = answered(s, json!({ "success": false }));
            s.plugin_error(call, "Unknown error");
            Held(1)
        },
    },
    Case {
        id: "ERR-3",
        title: "a failure without a text has an empty one",
        run: |s| {
            let (call, answer) = answered(s, json!({ "success": false }));
            Broken(vec![answer, s.plugin_error(call, "")])
        },
    },
    Case {
        id: "ERR-3",
        title: "every failure has a text",
        run: |s| {
            let (call, _) = answered(s, json!({ "success": false, "error": "no" }));
            s.plugin_error(call, "no");
            NotExercised
        },
    },
    Case {
        id: "ERR-4",
        title: "an answer without success is a failure, whatever its text",
        run: |s| {
            let (call, _) = answered(s, json!({ "data": 1 }));
            s.plugin_error(call, "malformed");
            Held(1)
        },
    },
    Case {
        id: "ERR-4",
        title: "an answer without success is taken for one",
        run: |s| {
            let (call, answer) = answered(s, json!({ "data": 1 }));
            Broken(vec![answer, s.value(call, 1)])
        },
    },
    Case {
        id: "ERR-4",
        title: "every answer speaks of success, and on level 1 the answer is a value",
        run: |s| {
            let (socket, call) = (s.join(1), s.call_with(1, false, 10.0));
            s.received(socket, call);
            s.said(socket, Some(call), json!({ "request_id": super::stream::request_id(call) }));
            s.value(call, json!({ "request_id": super::stream::request_id(call) }));
            NotExercised
        },
    },
    Case {
        id: "ERR-6",
        title: "a call fails and another ends with its own answer",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call(1), s.call(1));
            s.received(socket, a);
            s.received(socket, b);
            s.responded(socket, a, json!({ "success": false, "error": "no" }));
            s.plugin_error(a, "no");
            s.answered(socket, b, 2);
            s.value(b, 2);
            Held(1)
        },
    },
    Case {
        id: "ERR-6",
        title: "a call fails with another one, for no reason of its own",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call(1), s.call(1));
            s.received(socket, a);
            s.received(socket, b);
            s.responded(socket, a, json!({ "success": false, "error": "no" }));
            let failed = s.plugin_error(a, "no");
            Broken(vec![failed, s.failed(b, ErrorKind::Internal, "another call failed")])
        },
    },
    Case {
        id: "ERR-6",
        title: "of two ends at the same time the failure is seen last",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call(1), s.call(1));
            s.received(socket, a);
            s.received(socket, b);
            s.responded(socket, a, json!({ "success": false, "error": "no" }));
            s.answered(socket, b, 2);
            s.value(b, 2);
            s.plugin_error(a, "no");
            Held(1)
        },
    },
    Case {
        id: "ERR-6",
        title: "a call fails long after another one has ended",
        run: |s| {
            let (socket, a, b) = (s.join(1), s.call(1), s.call(1));
            s.received(socket, a);
            s.received(socket, b);
            s.answered(socket, b, 2);
            s.value(b, 2);
            s.at(2500).responded(socket, a, json!({ "success": false, "error": "no" }));
            s.plugin_error(a, "no");
            NotExercised
        },
    },
    Case {
        id: "ERR-6",
        title: "a call that no other was in flight with fails",
        run: |s| {
            let (call, _) = answered(s, json!({ "success": false, "error": "no" }));
            s.plugin_error(call, "no");
            let (call, _) = answered(s, json!({ "success": true, "data": 1 }));
            s.value(call, 1);
            NotExercised
        },
    },
    Case {
        id: "ERR-7",
        title: "what is not true is no success",
        run: |s| {
            for odd in [json!("true"), json!("false"), json!(1), json!(0), json!(""), json!(null), json!({})] {
                let (call, _) = answered(s, json!({ "success": odd, "data": 1 }));
                s.plugin_error(call, "Unknown error");
            }
            Held(7)
        },
    },
    Case {
        id: "ERR-7",
        title: "the number 1 is taken for success",
        run: |s| {
            let (call, answer) = answered(s, json!({ "success": 1, "data": 1 }));
            Broken(vec![answer, s.value(call, 1)])
        },
    },
    Case {
        id: "ERR-7",
        title: "success is true or false",
        run: |s| {
            let (call, _) = answered(s, json!({ "success": true, "data": 1 }));
            s.value(call, 1);
            let (call, _) = answered(s, json!({ "success": false }));
            s.plugin_error(call, "Unknown error");
            NotExercised
        },
    },
    Case {
        id: "ERR-8",
        title: "a null or empty text is an unknown error",
        run: |s| {
            for empty in [json!(null), json!("")] {
                let (call, _) = answered(s, json!({ "success": false, "error": empty }));
                s.plugin_error(call, "Unknown error");
            }
            Held(2)
        },
    },
    Case {
        id: "ERR-8",
        title: "the text of a null is shown",
        run: |s| {
            let (call, answer) = answered(s, json!({ "success": false, "error": null }));
            Broken(vec![answer, s.plugin_error(call, "None")])
        },
    },
    Case {
        id: "ERR-8",
        title: "the text is missing, or is one",
        run: |s| {
            let (call, _) = answered(s, json!({ "success": false }));
            s.plugin_error(call, "Unknown error");
            let (call, _) = answered(s, json!({ "success": false, "error": " " }));
            s.plugin_error(call, " ");
            NotExercised
        },
    },
    Case {
        id: "ERR-5",
        title: "the same text at two levels",
        run: |s| {
            let (socket, hub, helper) = (s.join(1), s.call_with(1, false, 10.0), s.call(1));
            for call in [hub, helper] {
                s.received(socket, call);
                s.responded(socket, call, json!({ "success": false, "error": "no" }));
            }
            s.value(hub, json!({ "request_id": super::stream::request_id(hub), "success": false, "error": "no" }));
            s.plugin_error(helper, "no");
            Held(1)
        },
    },
    Case {
        id: "ERR-5",
        title: "another text at the helper than at the hub",
        run: |s| {
            let (socket, hub, helper) = (s.join(1), s.call_with(1, false, 10.0), s.call(1));
            for call in [hub, helper] {
                s.received(socket, call);
                s.responded(socket, call, json!({ "success": false, "error": "no" }));
            }
            s.value(hub, json!({ "request_id": super::stream::request_id(hub), "success": false, "error": "no" }));
            Broken(vec![s.plugin_error(helper, "Error: no")])
        },
    },
    Case {
        id: "ERR-5",
        title: "nobody is there, and a job says so as the helper does",
        run: |s| {
            s.job_of(1, 9, "sync", None);
            let (helper, run) = (s.call(9), s.process(9));
            s.failed(helper, ErrorKind::NotConnected, NOBODY);
            s.result(run, failure(NOBODY));
            Held(1)
        },
    },
    Case {
        id: "ERR-5",
        title: "nobody is there, and a job says it in other words",
        run: |s| {
            s.job_of(1, 9, "sync", None);
            let (hub, run) = (s.call_with(9, false, 10.0), s.process(9));
            s.failed(hub, ErrorKind::NotConnected, NOBODY);
            Broken(vec![s.result(run, failure(&format!("Error: {NOBODY}")))])
        },
    },
    Case {
        id: "ERR-5",
        title: "nobody is there, but the job fails for another reason",
        run: |s| {
            s.job_of(1, 9, "dance", None);
            let (hub, run) = (s.call_with(9, false, 10.0), s.process(9));
            s.failed(hub, ErrorKind::NotConnected, NOBODY);
            s.result(run, failure("Unknown action: dance_vinted"));
            NotExercised
        },
    },
    Case {
        id: "ERR-2",
        title: "a plugin fails with the words that the hub has for a user without a socket",
        run: |s| {
            let (call, _) = answered(s, json!({ "success": false, "error": NOT_CONNECTED }));
            s.plugin_error(call, NOT_CONNECTED);
            Held(1)
        },
    },
    Case {
        id: "ERR-5",
        title: "the text was given at one level only",
        run: |s| {
            let (call, _) = answered(s, json!({ "success": false, "error": "no" }));
            s.plugin_error(call, "no");
            NotExercised
        },
    },
];
