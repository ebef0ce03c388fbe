//! Rows of hardening: nonsense on the wire, odd auth and timeouts, callers that give up, and what failures carry.

use hubproof::contract::control::{CallError, ErrorKind};
use hubproof::event::Ended;
use serde_json::{Value, json};

use super::stream::Found::{Broken, Held, NotExercised, Untold};
use super::stream::{Case, Stream, request_id};

/// A plugin's error with these beside its text.
fn with_status(status: Option<Value>, error_data: Option<Value>) -> CallError {
    CallError { status, error_data, ..CallError::new(ErrorKind::PluginError, "no") }
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "CORR-11",
        title: "nonsense changes nothing, and the answer behind it settles its call",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.said(socket, None, json!(null));
            s.said(socket, None, json!({ "success": true, "data": 2 }));
            s.said(socket, None, json!({ "request_id": "", "success": true, "data": 2 }));
            s.said_binary(socket, Stream::command(call));
            s.answered(socket, call, 1);
            s.value(call, 1);
            Held(4)
        },
    },
    Case {
        id: "CORR-11",
        title: "an answer without an id settles a call",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            let nonsense = s.said(socket, None, json!({ "success": true, "data": 2 }));
            Broken(vec![nonsense, s.value(call, 2)])
        },
    },
    Case {
        id: "CORR-11",
        title: "a binary answer settles a call with something else",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            let nonsense = s.said_binary(socket, json!({ "request_id": request_id(call), "success": true }));
            Broken(vec![nonsense, s.value(call, json!({ "type": "Buffer" }))])
        },
    },
    Case {
        id: "CORR-11",
        title: "the hub closes the socket that sent nonsense",
        run: |s| {
            let socket = s.join(1);
            let nonsense = s.said(socket, None, json!([]));
            Broken(vec![nonsense, s.closed(socket)])
        },
    },
    Case {
        id: "CORR-11",
        title: "the hub closes a socket long after nonsense",
        run: |s| {
            let socket = s.join(1);
            s.said(socket, None, json!([]));
            s.at(10_000).closed(socket);
            Held(1)
        },
    },
    Case {
        id: "CORR-11",
        title: "an answer that comes behind nonsense goes unheard",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.said(socket, None, json!("text"));
            let answer = s.answered(socket, call, 1);
            Broken(vec![call.no, answer, s.at(10_000).timed_out(call)])
        },
    },
    Case {
        id: "CORR-11",
        title: "an answer behind nonsense comes too close to the timeout to tell",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.said(socket, None, json!("text"));
            s.at(9_995).answered(socket, call, 1);
            s.at(10_000).timed_out(call);
            Untold
        },
    },
    Case {
        id: "CORR-11",
        title: "a call whose plugin sent nonsense fails because the plugin has left",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.said(socket, None, json!(7));
            s.leave(socket);
            s.failed(call, ErrorKind::Internal, "gone");
            Held(1)
        },
    },
    Case {
        id: "CORR-11",
        title: "every response is one",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.said(socket, None, json!({ "request_id": "unknown" }));
            s.answered(socket, call, 1);
            s.value(call, 1);
            NotExercised
        },
    },
    Case {
        id: "ERR-9",
        title: "data that is absent settles the call with null",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.responded(socket, call, json!({ "success": true }));
            s.value(call, Value::Null);
            Held(1)
        },
    },
    Case {
        id: "ERR-9",
        title: "data that is null settles the call with null",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.responded(socket, call, json!({ "success": true, "data": null }));
            s.value(call, Value::Null);
            Held(1)
        },
    },
    Case {
        id: "ERR-9",
        title: "a success without data is taken for a failure",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            let answer = s.responded(socket, call, json!({ "success": true }));
            Broken(vec![answer, s.plugin_error(call, "no data")])
        },
    },
    Case {
        id: "ERR-9",
        title: "a success without data returns something",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            let answer = s.responded(socket, call, json!({ "success": true }));
            Broken(vec![answer, s.value(call, json!({}))])
        },
    },
    Case {
        id: "ERR-9",
        title: "there is data, or a failure, or the whole response is asked for",
        run: |s| {
            let socket = s.join(1);
            for (helper, body) in [(true, json!({ "success": true, "data": 0 })), (false, json!({ "success": true }))] {
                let call = s.call_with(1, helper, 10.0);
                s.received(socket, call);
                s.responded(socket, call, body.clone());
                let mut whole = body;
                whole["request_id"] = json!(request_id(call));
                s.value(call, if helper { json!(0) } else { whole });
            }
            NotExercised
        },
    },
    Case {
        id: "ERR-10",
        title: "errors that are no text are shown as their JSON, whatever the order of members",
        run: |s| {
            let socket = s.join(1);
            for (error, text) in [
                (json!({ "a": 1, "b": [null] }), r#"{"b": [null], "a": 1.0}"#),
                (json!([1, "x"]), r#"[1,"x"]"#),
                (json!(403), "403"),
            ] {
                let call = s.call(1);
                s.received(socket, call);
                s.responded(socket, call, json!({ "success": false, "error": error }));
                s.plugin_error(call, text);
            }
            Held(3)
        },
    },
    Case {
        id: "ERR-10",
        title: "an object is shown as a browser's script shows it",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            let answer = s.responded(socket, call, json!({ "success": false, "error": { "a": 1 } }));
            Broken(vec![answer, s.plugin_error(call, "[object Object]")])
        },
    },
    Case {
        id: "ERR-10",
        title: "an error is a text, null, or beside the point",
        run: |s| {
            let socket = s.join(1);
            for error in [json!("text"), json!(null)] {
                let call = s.call(1);
                s.received(socket, call);
                s.responded(socket, call, json!({ "success": false, "error": error }));
                s.plugin_error(call, error.as_str().unwrap_or("Unknown error"));
            }
            NotExercised
        },
    },
    Case {
        id: "ERR-11",
        title: "status and error data reach the caller at both levels",
        run: |s| {
            let socket = s.join(1);
            let body = json!({ "success": false, "error": "no", "status": 403, "errorData": { "url": "x" } });
            let call = s.call(1);
            s.received(socket, call);
            s.responded(socket, call, body.clone());
            s.ended(call, Ended::Error(with_status(Some(json!(403)), Some(json!({ "url": "x" })))));
            let bare = s.call_with(1, false, 10.0);
            s.received(socket, bare);
            s.responded(socket, bare, body.clone());
            let mut whole = body;
            whole["request_id"] = json!(request_id(bare));
            s.value(bare, whole);
            Held(2)
        },
    },
    Case {
        id: "ERR-11",
        title: "the status is dropped",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            let body = json!({ "success": false, "error": "no", "status": 403, "errorData": [1] });
            let answer = s.responded(socket, call, body);
            Broken(vec![answer, s.ended(call, Ended::Error(with_status(None, Some(json!([1])))))])
        },
    },
    Case {
        id: "ERR-11",
        title: "the whole response lacks the error data",
        run: |s| {
            let (socket, call) = (s.join(1), s.call_with(1, false, 10.0));
            s.received(socket, call);
            let answer = s.responded(socket, call, json!({ "success": false, "error": "no", "errorData": [1] }));
            let rest = json!({ "success": false, "error": "no", "request_id": request_id(call) });
            Broken(vec![answer, s.value(call, rest)])
        },
    },
    Case {
        id: "ERR-11",
        title: "a failure has neither",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.responded(socket, call, json!({ "success": false, "error": "no", "status": null }));
            s.plugin_error(call, "no");
            NotExercised
        },
    },
    Case {
        id: "ISO-8",
        title: "odd user ids are refused",
        run: |s| {
            for id in [json!(0), json!(""), json!(null), json!(true), json!(1.5), json!([1]), json!({})] {
                let (socket, _) = s.connecting_with(json!({ "user_id": id }));
                s.refused(socket);
            }
            Held(7)
        },
    },
    Case {
        id: "ISO-8",
        title: "an odd user id is accepted",
        run: |s| {
            let (socket, opened) = s.connecting_with(json!({ "user_id": true }));
            Broken(vec![opened, s.connected(socket)])
        },
    },
    Case {
        id: "ISO-8",
        title: "the command comes to a socket that names its user by a text",
        run: |s| {
            let (socket, _) = s.connecting_with(json!({ "user_id": "1" }));
            s.connected(socket);
            let call = s.call(1);
            s.received(socket, call);
            s.answered(socket, call, 1);
            s.value(call, 1);
            Held(1)
        },
    },
    Case {
        id: "ISO-8",
        title: "a user who is named by a text is taken for another",
        run: |s| {
            let (socket, _) = s.connecting_with(json!({ "user_id": "1" }));
            s.connected(socket);
            let call = s.call(1);
            Broken(vec![call.no, s.failed(call, ErrorKind::NotConnected, "User 1 not connected via WebSocket")])
        },
    },
    Case {
        id: "ISO-8",
        title: "user ids that a hub may take or not, and auth without one",
        run: |s| {
            for auth in [json!({ "user_id": -1 }), json!({ "user_id": "anna" }), json!({}), json!("1")] {
                let (socket, _) = s.connecting_with(auth);
                s.connected(socket);
            }
            NotExercised
        },
    },
    Case {
        id: "ISO-9",
        title: "auth that is no object is refused",
        run: |s| {
            for auth in [json!("text"), json!([1]), json!(1), json!(null)] {
                let (socket, _) = s.connecting_with(auth);
                s.refused(socket);
            }
            Held(4)
        },
    },
    Case {
        id: "ISO-9",
        title: "auth that is no object is accepted",
        run: |s| {
            let (socket, opened) = s.connecting_with(json!("text"));
            Broken(vec![opened, s.connected(socket)])
        },
    },
    Case {
        id: "ISO-9",
        title: "the client is left hanging",
        run: |s| {
            let (socket, opened) = s.connecting_with(json!([1]));
            Broken(vec![opened, s.at(5_000).unanswered(socket)])
        },
    },
    Case {
        id: "ISO-9",
        title: "the refusal comes late",
        run: |s| {
            let (socket, opened) = s.connecting_with(json!([1]));
            Broken(vec![opened, s.at(1_011).refused(socket)])
        },
    },
    Case {
        id: "ISO-9",
        title: "the refusal comes late, but so may the harness have seen it",
        run: |s| {
            let (socket, _) = s.connecting_with(json!([1]));
            s.late_harness(100);
            s.at(1_100).refused(socket);
            Untold
        },
    },
    Case {
        id: "ISO-9",
        title: "auth is an object, or there is none",
        run: |s| {
            let (socket, _) = s.connecting(None);
            s.refused(socket);
            let (socket, _) = s.connecting_with(json!({}));
            s.at(5_000).unanswered(socket);
            NotExercised
        },
    },
    Case {
        id: "TIME-8",
        title: "a call that was given up is not pending, and its late answer changes nothing",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.ended(call, Ended::Cancelled);
            s.pending_seen(0);
            let next = s.call(1);
            s.received(socket, next);
            s.answered(socket, call, 1);
            s.answered(socket, next, 2);
            s.value(next, 2);
            Held(2)
        },
    },
    Case {
        id: "TIME-8",
        title: "a call that was given up is pending still",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.ended(call, Ended::Cancelled);
            Broken(vec![s.pending_seen(1)])
        },
    },
    Case {
        id: "TIME-8",
        title: "the late answer to a call that was given up settles another",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.ended(call, Ended::Cancelled);
            let next = s.call(1);
            s.received(socket, next);
            let late = s.answered(socket, call, 1);
            Broken(vec![late, s.value(next, 1)])
        },
    },
    Case {
        id: "TIME-8",
        title: "nobody gives up, or others are in flight",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.at(10_000).timed_out(call);
            s.pending_seen(0);
            let (given_up, _waiting) = (s.call(1), s.call(1));
            s.ended(given_up, Ended::Cancelled);
            s.pending_seen(1);
            NotExercised
        },
    },
    Case {
        id: "TIME-9",
        title: "silly timeouts are refused, by their kind or by their text",
        run: |s| {
            s.join(1);
            for odd in [json!(0), json!(-1), json!(1e18), json!("3"), json!([3])] {
                let call = s.call_with_odd_timeout(1, odd);
                s.failed(call, ErrorKind::Invalid, "no");
            }
            let call = s.call_with_odd_timeout(1, json!("soon"));
            s.failed(call, ErrorKind::Internal, "the timeout must be a number");
            Held(6)
        },
    },
    Case {
        id: "TIME-9",
        title: "a timeout of zero is waited for",
        run: |s| {
            s.join(1);
            let call = s.call_with_odd_timeout(1, json!(0));
            Broken(vec![call.no, s.failed(call, ErrorKind::Timeout, "Plugin command timeout after 0s")])
        },
    },
    Case {
        id: "TIME-9",
        title: "a command is sent under an absurd timeout",
        run: |s| {
            let (socket, call) = (s.join(1), s.call_with_odd_timeout(1, json!(1e18)));
            let command = s.received(socket, call);
            s.answered(socket, call, 1);
            Broken(vec![call.no, command, s.value(call, 1)])
        },
    },
    Case {
        id: "TIME-9",
        title: "a call without a sensible timeout does not end",
        run: |s| {
            s.join(1);
            let call = s.call_with_odd_timeout(1, json!(-1));
            Broken(vec![call.no, s.at(5_000).overdue(call)])
        },
    },
    Case {
        id: "TIME-9",
        title: "a null may be taken for no timeout, and nobody is there anyway",
        run: |s| {
            let (socket, call) = (s.join(1), s.call_with_odd_timeout(1, json!(null)));
            s.received(socket, call);
            s.answered(socket, call, 1);
            s.value(call, 1);
            let nobody = s.call_with_odd_timeout(2, json!(0));
            s.failed(nobody, ErrorKind::NotConnected, "User 2 not connected via WebSocket");
            NotExercised
        },
    },
];
