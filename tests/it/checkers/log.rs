//! LOG: what the log has to tell.

use hubproof::contract::control::ErrorKind;
use hubproof::event::Ended;
use serde_json::json;

use super::stream::Found::{Broken, Held, NotExercised};
use super::stream::{Call, Case, Stream, failure, request_id};

/// A call of user 7 whose command was received, in a run whose log tells of the connection.
fn waiting(s: &mut Stream) -> Call {
    s.readable();
    let socket = s.join(7);
    s.logs("info connected user=7");
    let call = s.call(7);
    s.received(socket, call);
    call
}

/// A line that names what there is to name of a call.
fn line(message: &str, call: Call) -> String {
    format!("12:30:01 {message} user=7 action=VINTED_SYNC request_id={}", request_id(call))
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "LOG-1",
        title: "a connection, a timeout and a late response leave a line each, and it does not matter how soon",
        run: |s| {
            let call = waiting(s);
            let socket = s.home(7);
            s.at(10_000).timed_out(call);
            s.at(11_000).answered(socket, call, 1);
            s.logs(&line("late:", call));
            s.logs(&line("timed out:", call));
            Held(3)
        },
    },
    Case {
        id: "LOG-1",
        title: "a plugin's failure and one of a user who is not there are logged",
        run: |s| {
            let call = waiting(s);
            let socket = s.home(7);
            s.responded(socket, call, json!({ "success": false, "error": "no" }));
            s.plugin_error(call, "no");
            s.logs(&line("failed:", call));
            let call = s.call(8);
            s.failed(call, ErrorKind::NotConnected, "User 8 not connected via WebSocket");
            s.logs("User 8 is not there for VINTED_SYNC");
            Held(3)
        },
    },
    Case {
        id: "LOG-1",
        title: "a job's failure is logged with its command, and that of one without a handler with its code",
        run: |s| {
            s.readable();
            s.job_of(1, 7, "sync", None);
            let socket = s.join(7);
            s.logs("7 is here");
            let call = s.process(7);
            s.received(socket, call);
            s.responded(socket, call, json!({ "success": false, "error": "no" }));
            s.result(call, failure("no"));
            s.logs(&line("failed:", call));
            s.job_of(2, 7, "dance", Some(1));
            let call = s.process(7);
            s.result(call, super::stream::of_job(2, failure("Unknown action: dance_vinted")));
            s.logs("no handler: dance_vinted of user 7");
            Held(3)
        },
    },
    Case {
        id: "LOG-1",
        title: "a second response, one to nothing and one without an id are logged as ignored",
        run: |s| {
            let call = waiting(s);
            let socket = s.home(7);
            s.at(10).answered(socket, call, 1);
            s.answered(socket, call, 2);
            s.value(call, 1);
            s.logs(&format!("ignored user=7 {}", request_id(call)));
            s.said(socket, None, json!({ "request_id": "stray", "success": true, "data": 3 }));
            s.logs("ignored user=7 stray");
            s.said(socket, None, json!([]));
            s.logs("what was that, 7?");
            Held(4)
        },
    },
    Case {
        id: "LOG-1",
        title: "a command comes when its call has timed out, and is taken for the next one's",
        run: |s| {
            s.readable();
            let socket = s.join(7);
            s.logs("info connected user=7");
            let first = s.call_with(7, true, 0.005);
            s.at(5).timed_out(first);
            s.logs(&line("timed out:", first));
            let second = s.call(7);
            let mut command = Stream::command(second);
            command["request_id"] = json!(request_id(first));
            s.received_as(socket, second, vec![command]);
            s.at(10_005).timed_out(second);
            s.logs(&line("timed out:", second));
            Held(3)
        },
    },
    Case {
        id: "LOG-1",
        title: "a hub that chokes on a malformed response says nothing of it, which is for CORR-11 to judge",
        run: |s| {
            let call = waiting(s);
            let socket = s.home(7);
            s.said_binary(socket, json!({ "request_id": request_id(call), "success": true, "data": "_placeholder" }));
            s.failed(call, ErrorKind::Internal, "cannot be shown as JSON");
            Held(1)
        },
    },
    Case {
        id: "LOG-1",
        title: "a connection leaves no line",
        run: |s| {
            s.readable();
            let (socket, _) = s.connecting(Some(7));
            s.logs("info connected user=70");
            Broken(vec![s.connected(socket)])
        },
    },
    Case {
        id: "LOG-1",
        title: "the line was there before the connection",
        run: |s| {
            s.readable();
            s.logs("info connected user=7");
            let (socket, _) = s.connecting(Some(7));
            Broken(vec![s.connected(socket)])
        },
    },
    Case {
        id: "LOG-1",
        title: "a timeout leaves a line that names no request id",
        run: |s| {
            let call = waiting(s);
            let end = s.at(10_000).timed_out(call);
            s.logs("timed out user=7 action=VINTED_SYNC");
            Broken(vec![call.no, end])
        },
    },
    Case {
        id: "LOG-1",
        title: "a failure leaves a line that names no action",
        run: |s| {
            let call = waiting(s);
            let socket = s.home(7);
            s.responded(socket, call, json!({ "success": false, "error": "no" }));
            let end = s.plugin_error(call, "no");
            s.logs(&format!("failed user=7 request_id={}", request_id(call)));
            Broken(vec![call.no, end])
        },
    },
    Case {
        id: "LOG-1",
        title: "one line stands for a timeout and a late response",
        run: |s| {
            let call = waiting(s);
            let socket = s.home(7);
            s.at(10_000).timed_out(call);
            let late = s.at(11_000).answered(socket, call, 1);
            s.logs(&line("late, after a timeout:", call));
            Broken(vec![late])
        },
    },
    Case {
        id: "LOG-1",
        title: "the log cannot be read",
        run: |s| {
            let (socket, call) = (s.join(7), s.call(7));
            s.received(socket, call);
            s.at(10_000).timed_out(call);
            NotExercised
        },
    },
    Case {
        id: "LOG-1",
        title: "nobody was connected, and calls made no sense or ended with the hub or their caller",
        run: |s| {
            s.readable();
            let (refused, shut, given_up) = (s.call(7), s.call(7), s.call(7));
            s.failed(refused, ErrorKind::Invalid, "timeout_s: no");
            s.failed(shut, ErrorKind::ShuttingDown, "bye");
            s.ended(given_up, Ended::Cancelled);
            NotExercised
        },
    },
    Case {
        id: "LOG-1",
        title: "an answer may have been lost with its socket, or be what settled a call",
        run: |s| {
            let call = waiting(s);
            let socket = s.home(7);
            s.said(socket, None, json!({ "request_id": "stray", "success": true, "data": 3 }));
            s.answered(socket, call, 3);
            s.value(call, 3);
            s.at(100).said(socket, None, json!({ "request_id": "another", "success": true, "data": 4 }));
            s.leave(socket);
            Held(1)
        },
    },
];
