//! ISO: users are kept apart.

use hubproof::contract::control::ErrorKind;
use hubproof::event::{EventNo, SocketId, What};
use serde_json::json;

use super::stream::Found::{Broken, Held, NotExercised, Untold};
use super::stream::{Call, Case, Stream, failure, request_id};

const NOT_CONNECTED: &str = "User 1 not connected via WebSocket";

/// A call to a user whose only socket has gone, as the target has said.
fn deserted(s: &mut Stream) -> Call {
    let socket = s.join(1);
    s.leave(socket);
    s.sockets_seen(1, 0);
    s.call(1)
}

/// A call right after the CONNECT reply, and where that came.
fn new_here(s: &mut Stream) -> (EventNo, Call) {
    let (socket, _) = s.connecting(Some(1));
    (s.connected(socket), s.call(1))
}

pub(crate) const CASES: &[Case] = &[
    Case {
        id: "ISO-1",
        title: "a connection without a user is refused",
        run: |s| {
            let (socket, _) = s.connecting(None);
            s.refused(socket);
            Held(1)
        },
    },
    Case {
        id: "ISO-1",
        title: "a connection without a user is accepted",
        run: |s| {
            let (socket, opened) = s.connecting(None);
            Broken(vec![opened, s.connected(socket)])
        },
    },
    Case {
        id: "ISO-1",
        title: "every connection names its user",
        run: |s| {
            s.join(1);
            let (socket, _) = s.connecting(Some(2));
            s.refused(socket);
            NotExercised
        },
    },
    Case {
        id: "ISO-2",
        title: "the command reaches its user's socket while another user's is open",
        run: |s| {
            let (own, _, call) = (s.join(1), s.join(2), s.call(1));
            s.received(own, call);
            Held(1)
        },
    },
    Case {
        id: "ISO-2",
        title: "the command reaches another user's socket",
        run: |s| {
            let (_, other, call) = (s.join(1), s.join(2), s.call(1));
            Broken(vec![call.no, s.received(other, call)])
        },
    },
    Case {
        id: "ISO-2",
        title: "nobody else is there, or any more",
        run: |s| {
            let (own, other) = (s.join(1), s.join(2));
            s.leave(other);
            let call = s.call(1);
            s.received(own, call);
            NotExercised
        },
    },
    Case {
        id: "ISO-3",
        title: "the command reaches its user's socket while one of a like id is open",
        run: |s| {
            let (own, _, call) = (s.join(11), s.join(1), s.call(11));
            s.received(own, call);
            Held(1)
        },
    },
    Case {
        id: "ISO-3",
        title: "the command reaches a user of a like id",
        run: |s| {
            let (_, other, call) = (s.join(1), s.join(11), s.call(1));
            Broken(vec![call.no, s.received(other, call)])
        },
    },
    Case {
        id: "ISO-3",
        title: "the other user's id is not alike",
        run: |s| {
            let (_, other, call) = (s.join(1), s.join(2), s.call(1));
            s.received(other, call);
            NotExercised
        },
    },
    Case {
        id: "ISO-4",
        title: "both tabs get the command",
        run: |s| {
            let (one, two, call) = (s.join(1), s.join(1), s.call(1));
            s.received(one, call);
            s.answered(one, call, 1);
            s.value(call, 1);
            s.received(two, call);
            Held(1)
        },
    },
    Case {
        id: "ISO-4",
        title: "one of two tabs does not get it",
        run: |s| {
            let (one, _, call) = (s.join(1), s.join(1), s.call(1));
            s.received(one, call);
            s.answered(one, call, 1);
            Broken(vec![call.no, s.value(call, 1)])
        },
    },
    Case {
        id: "ISO-4",
        title: "there is one tab, or the other left meanwhile or came later, or nothing was sent",
        run: |s| {
            let (one, two) = (s.join(1), s.join(1));
            let call = s.call(1);
            s.received(one, call);
            s.leave(two);
            s.answered(one, call, 1);
            s.value(call, 1);
            let call = s.call(1);
            s.received(one, call);
            s.join(1);
            s.answered(one, call, 1);
            s.value(call, 1);
            let call = s.call(1);
            s.plugin_error(call, "too large to be sent");
            NotExercised
        },
    },
    Case {
        id: "ISO-7",
        title: "another user's answer with the exact id changes nothing",
        run: |s| {
            let (own, stranger, call) = (s.join(1), s.join(2), s.call(1));
            s.received(own, call);
            s.said(stranger, None, json!({ "request_id": request_id(call), "success": true, "data": "spoofed" }));
            s.answered(own, call, 1);
            s.value(call, 1);
            Held(1)
        },
    },
    Case {
        id: "ISO-7",
        title: "another user's answer settles the call",
        run: |s| {
            let (own, stranger, call) = (s.join(1), s.join(2), s.call(1));
            s.received(own, call);
            let spoofed = json!({ "request_id": request_id(call), "success": true, "data": "spoofed" });
            let spoof = s.said(stranger, None, spoofed);
            Broken(vec![spoof, s.value(call, "spoofed")])
        },
    },
    Case {
        id: "ISO-7",
        title: "another user answers calls of its own",
        run: |s| {
            let (own, other, a, b) = (s.join(1), s.join(2), s.call(1), s.call(2));
            s.received(own, a);
            s.received(other, b);
            s.answered(other, b, 2);
            s.answered(own, a, 1);
            s.value(a, 1);
            s.value(b, 2);
            NotExercised
        },
    },
    Case {
        id: "ISO-10",
        title: "each socket gets the id once",
        run: |s| {
            let (one, two, call) = (s.join(1), s.join(1), s.call(1));
            s.received(one, call);
            s.received(two, call);
            Held(2)
        },
    },
    Case {
        id: "ISO-10",
        title: "a socket gets the id twice",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            let first = s.received(socket, call);
            Broken(vec![first, s.received(socket, call)])
        },
    },
    Case {
        id: "ISO-10",
        title: "a socket gets the id again for another call",
        run: |s| {
            let (socket, a) = (s.join(1), s.call(1));
            let first = s.received(socket, a);
            s.answered(socket, a, 1);
            s.value(a, 1);
            let b = s.call(1);
            let mut command = Stream::command(b);
            command["request_id"] = json!(request_id(a));
            Broken(vec![first, s.received_as(socket, b, vec![command])])
        },
    },
    Case {
        id: "ISO-10",
        title: "a draw that the harness fed comes again after its call has ended",
        run: |s| {
            let (socket, a) = (s.join(1), s.call(1));
            s.push(What::IdsFed(vec![request_id(a), request_id(a)]));
            s.received(socket, a);
            s.answered(socket, a, 1);
            s.value(a, 1);
            let b = s.call(1);
            let mut command = Stream::command(b);
            command["request_id"] = json!(request_id(a));
            s.received_as(socket, b, vec![command]);
            Held(2)
        },
    },
    Case {
        id: "ISO-10",
        title: "no command arrives",
        run: |s| {
            s.join(1);
            s.call(1);
            NotExercised
        },
    },
    Case {
        id: "ISO-5",
        title: "a user whose last socket has gone is not connected",
        run: |s| {
            let call = deserted(s);
            s.failed(call, ErrorKind::NotConnected, NOT_CONNECTED);
            Held(1)
        },
    },
    Case {
        id: "ISO-5",
        title: "a call to such a user waits for its timeout",
        run: |s| {
            let call = deserted(s);
            Broken(vec![call.no, s.at(10_000).timed_out(call)])
        },
    },
    Case {
        id: "ISO-5",
        title: "the error comes late, but so may the harness have seen it",
        run: |s| {
            let call = deserted(s);
            s.late_harness(100);
            s.at(100).failed(call, ErrorKind::NotConnected, NOT_CONNECTED);
            Untold
        },
    },
    Case {
        id: "ISO-5",
        title: "the target has not said that the socket is gone",
        run: |s| {
            let socket = s.join(1);
            s.leave(socket);
            let call = s.call(1);
            s.timed_out(call);
            NotExercised
        },
    },
    Case {
        id: "ISO-6",
        title: "after a reconnect the command reaches the new socket",
        run: |s| {
            let old = s.join(1);
            s.leave(old);
            let (new, call) = (s.join(1), s.call(1));
            s.received(new, call);
            s.answered(new, call, 1);
            s.value(call, 1);
            Held(1)
        },
    },
    Case {
        id: "ISO-6",
        title: "after a reconnect the new socket gets nothing",
        run: |s| {
            let old = s.join(1);
            s.leave(old);
            s.join(1);
            let call = s.call(1);
            Broken(vec![call.no, s.failed(call, ErrorKind::NotConnected, NOT_CONNECTED)])
        },
    },
    Case {
        id: "ISO-6",
        title: "nobody has left before",
        run: |s| {
            let (socket, call) = (s.join(1), s.call(1));
            s.received(socket, call);
            s.answered(socket, call, 1);
            s.value(call, 1);
            NotExercised
        },
    },
    Case {
        id: "ISO-11",
        title: "commands that are sent right after the CONNECT reply reach both tabs",
        run: |s| {
            for tab in 0..2 {
                let (socket, call) = (s.join(1), s.call(1));
                for known in 0..=tab {
                    s.received(SocketId(known), call);
                }
                s.answered(socket, call, 1);
                s.value(call, 1);
            }
            Held(2)
        },
    },
    Case {
        id: "ISO-11",
        title: "right after the CONNECT reply the user is said to be not connected",
        run: |s| {
            let (connected, call) = new_here(s);
            Broken(vec![connected, call.no, s.failed(call, ErrorKind::NotConnected, NOT_CONNECTED)])
        },
    },
    Case {
        id: "ISO-11",
        title: "right after the CONNECT reply a job finds its user not connected",
        run: |s| {
            s.job();
            let (socket, _) = s.connecting(Some(1));
            let connected = s.connected(socket);
            let call = s.process(1);
            Broken(vec![connected, call.no, s.result(call, failure(NOT_CONNECTED))])
        },
    },
    Case {
        id: "ISO-11",
        title: "the command is lost",
        run: |s| {
            let (connected, call) = new_here(s);
            Broken(vec![connected, call.no, s.at(10_000).timed_out(call)])
        },
    },
    Case {
        id: "ISO-11",
        title: "the user was not connected before the reply, or not any more, or the call waited behind another, or made no sense",
        run: |s| {
            let early = s.call(1);
            s.failed(early, ErrorKind::NotConnected, NOT_CONNECTED);
            let (socket, call) = (s.join(1), s.call(1));
            s.at(5).leave(socket);
            s.failed(call, ErrorKind::NotConnected, NOT_CONNECTED);
            s.join(1);
            let (call, other) = (s.call(1), s.call(1));
            s.at(10_005).timed_out(call);
            s.timed_out(other);
            let call = s.call(1);
            s.failed(call, ErrorKind::Invalid, "timeout_s must be above 0");
            NotExercised
        },
    },
];
