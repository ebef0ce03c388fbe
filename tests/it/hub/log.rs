//! The lines that all this leaves (LOG-1): each names user, action and request id where they exist.

use hubproof::contract::control::{CallBody, Request};
use hubproof::contract::user::UserId;
use hubproof::hub::{HubConfig, Input, LogLevel, Output};
use serde_json::json;

use super::rig::{Rig, Seen, call_of, job_of};

/// The only line of a step.
fn line(seen: &Seen) -> String {
    let lines = seen.log();
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.into_iter().next().unwrap_or_default()
}

#[test]
fn connections_are_told_of_at_level_info() {
    let mut rig = Rig::new();
    let (conn, seen) = rig.connect(Some(json!({ "user_id": "anna" })));
    assert_eq!(line(&seen), "info connected user=anna");
    assert_eq!(line(&rig.leave(conn)), "info disconnected user=anna");
    assert_eq!(line(&rig.connect(None).1), "info connection without a user refused");
}

#[test]
fn commands_are_told_of_at_level_debug_once_however_many_sockets_get_them() {
    let mut rig = Rig::new();
    rig.join(1);
    rig.join(1);
    let (_, seen) = rig.ask(Request::Call(call_of(1, None)));
    let id = seen.emits()[0].1.clone();
    assert_eq!(line(&seen), format!("debug command sent user=1 action=VINTED_SYNC request_id={id}"));
}

#[test]
fn ignored_responses_are_told_of_at_level_warn() {
    let mut rig = Rig::new();
    let (conn, other) = (rig.join(1), rig.join(2));
    let sent = rig.call();
    let unknown = "warn response ignored: no call in flight has its request_id";
    assert_eq!(line(&rig.answer(conn, "req_1_1_1000", json!(1))), format!("{unknown} user=1 request_id=req_1_1_1000"));
    assert_eq!(line(&rig.answer(other, &sent.id, json!(1))), format!("{unknown} user=2 request_id={}", sent.id));
    let malformed = "warn response ignored: it is malformed or has no request_id user=1";
    assert_eq!(line(&rig.respond(conn, json!(null))), malformed);
    assert!(rig.answer(conn, &sent.id, json!(1)).log().is_empty());
    let duplicate = rig.answer(conn, &sent.id, json!(1));
    assert_eq!(line(&duplicate), format!("{unknown} user=1 request_id={}", sent.id));
}

#[test]
fn a_timeout_and_a_late_response_leave_a_line_each() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let sent = rig.call();
    let seen = rig.at(10.0).tick();
    assert_eq!(line(&seen), format!("error call timed out user=1 action=VINTED_SYNC request_id={}", sent.id));
    assert!(line(&rig.answer(conn, &sent.id, json!(1))).starts_with("warn response ignored"));
}

#[test]
fn failures_are_told_of_at_level_error_with_their_text() {
    let mut rig = Rig::with(HubConfig { max_bytes: 1000, ..HubConfig::default() });
    let (_, seen) = rig.ask(Request::Call(call_of(1, None)));
    let not_connected = "error call failed: User 1 not connected via WebSocket user=1 action=VINTED_SYNC";
    assert_eq!(line(&seen), not_connected);

    let conn = rig.join(1);
    let named = |id: &str| format!("user=1 action=VINTED_SYNC request_id={id}");
    let sent = rig.call();
    let seen = rig.respond(conn, json!({ "request_id": sent.id, "success": false, "error": "no" }));
    assert_eq!(line(&seen), format!("error call failed: no {}", named(&sent.id)));

    let sent = rig.call();
    let large = json!({ "request_id": sent.id, "data": "x".repeat(1000) });
    let seen = rig.respond(conn, large);
    let size = line(&seen);
    assert!(size.starts_with("error call failed: Response size (") && size.ends_with(&named(&sent.id)), "{size}");

    let sent = rig.call();
    let seen = rig.leave(conn);
    let gone = "error call failed: User 1 disconnected before the response came";
    assert_eq!(seen.log(), ["info disconnected user=1".to_owned(), format!("{gone} {}", named(&sent.id))]);
}

#[test]
fn a_call_that_is_refused_leaves_a_line_too() {
    let mut rig = Rig::with(HubConfig { max_bytes: 1000, ..HubConfig::default() });
    rig.join(1);
    let (_, seen) = rig.ask(Request::Call(call_of(1, Some(json!(0)))));
    let timeout = "error call failed: timeout_s must be a number of seconds above 0 and at most 86400, not 0";
    assert_eq!(line(&seen), format!("{timeout} user=1 action=VINTED_SYNC"));
    let (_, seen) = rig.ask(Request::Call(CallBody { payload: json!("x".repeat(1000)), ..call_of(1, None) }));
    let size = line(&seen);
    assert!(size.starts_with("error call failed: Payload size ("), "{size}");
    assert!(size.ends_with(" user=1 action=VINTED_SYNC"), "{size}");
}

#[test]
fn a_call_that_is_given_up_reset_or_shut_down_leaves_a_line() {
    let mut rig = Rig::new();
    rig.join(1);
    let named = |id: &str| format!("user=1 action=VINTED_SYNC request_id={id}");
    let sent = rig.call();
    let seen = rig.give(Input::Abandon { token: sent.token });
    assert_eq!(line(&seen), format!("info caller has gone, call cancelled {}", named(&sent.id)));
    let sent = rig.call();
    let (_, seen) = rig.ask(Request::Reset(None));
    assert_eq!(line(&seen), format!("error call failed: the hub was reset {}", named(&sent.id)));
    let sent = rig.call();
    let (_, seen) = rig.ask(Request::Shutdown);
    assert_eq!(line(&seen), format!("error call failed: the hub is shutting down {}", named(&sent.id)));
}

#[test]
fn a_failed_job_and_its_call_leave_one_line() {
    let mut rig = Rig::new();
    rig.create(job_of("sync"));
    let (_, seen) = rig.process();
    let text = "User 1 not connected via WebSocket";
    assert_eq!(line(&seen), format!("error call failed: {text} user=1 action=VINTED_SYNC job=1"));
    rig.create(job_of("dance"));
    rig.process();
    rig.process();
    let (_, seen) = rig.process();
    assert_eq!(line(&seen), "error job failed: Unknown action: dance_vinted user=1 action=dance job=2");
}

#[test]
fn a_line_stays_one_line_whatever_the_names_hold() {
    let mut rig = Rig::new();
    let user = UserId::from_value(&json!("a\nb\r\u{2028}\u{1b}[31m")).unwrap();
    let conn = rig.join(user.as_str());
    let body = CallBody { user_id: user, action: "X\nY".to_owned(), ..call_of(1, None) };
    let (_, seen) = rig.ask(Request::Call(body));
    let id = seen.emits()[0].1.clone();
    let failed = rig.respond(conn, json!({ "request_id": id, "error": "one\ntwo" }));
    let stray = rig.answer(conn, "three\nfour", json!(1));
    for seen in [&seen, &failed, &stray] {
        let line = line(seen);
        assert!(!line.contains(|c: char| c.is_control() || c == '\u{2028}'), "{line:?}");
    }
    assert!(line(&failed).starts_with(r"error call failed: one\ntwo user=a\nb"), "{}", line(&failed));
}

#[test]
fn the_parts_of_a_line_can_be_read_one_by_one() {
    let mut rig = Rig::new();
    rig.join(1);
    let (_, seen) = rig.ask(Request::Call(call_of(1, None)));
    let Some(Output::Log(line)) = seen.0.first() else {
        panic!("no line: {seen:?}");
    };
    assert_eq!((line.level, line.user.as_ref()), (LogLevel::Debug, Some(&UserId::from(1))));
    assert_eq!(line.action.as_deref(), Some("VINTED_SYNC"));
    assert_eq!(line.request_id.as_ref(), Some(&seen.emits()[0].1));
}
