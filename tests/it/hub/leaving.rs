//! Calls of users whose last socket leaves (LIFE-1 to LIFE-3), with and without a grace period.

use hubproof::contract::control::{ErrorKind, Request};
use serde_json::json;

use super::rig::{End, Rig, call_of};

fn gone() -> End {
    Err((ErrorKind::Disconnected, "User 1 disconnected before the response came".to_owned()))
}

#[test]
fn a_call_fails_at_once_when_the_last_socket_of_its_user_leaves() {
    let mut rig = Rig::new();
    let (conn, _) = (rig.join(1), rig.join(2));
    let (first, second) = (rig.call(), rig.call());
    let other = rig.sent(Request::Call(call_of(2, None)));
    let seen = rig.at(4.0).leave(conn);
    assert_eq!([seen.end(first.token), seen.end(second.token)], [Some(gone()), Some(gone())]);
    assert!((seen.elapsed_ms(first.token) - 4000.0).abs() < 1e-6);
    assert_eq!(rig.pending(), [other.id]);
}

#[test]
fn a_call_goes_on_while_another_socket_of_its_user_is_there() {
    let mut rig = Rig::new();
    let (first, second) = (rig.join(1), rig.join(1));
    let sent = rig.call();
    assert!(rig.leave(first).replies().is_empty());
    assert_eq!(rig.answer(second, &sent.id, json!(1)).end(sent.token), Some(Ok(json!(1))));
}

#[test]
fn a_user_who_comes_back_within_the_grace_period_may_still_answer() {
    let mut rig = Rig::with_grace(5);
    let conn = rig.join(1);
    let sent = rig.call();
    assert!(rig.at(1.0).leave(conn).replies().is_empty());
    assert_eq!(rig.deadline(), Some(6.0));
    let back = rig.at(5.999).join(1);
    assert_eq!(rig.deadline(), Some(10.0));
    assert!(rig.at(7.0).tick().0.is_empty());
    assert_eq!(rig.answer(back, &sent.id, json!(1)).end(sent.token), Some(Ok(json!(1))));
}

#[test]
fn a_return_at_the_very_end_of_the_grace_period_counts() {
    let mut rig = Rig::with_grace(5);
    let conn = rig.join(1);
    let sent = rig.call();
    rig.leave(conn);
    let back = rig.at(5.0).join(1);
    assert_eq!(rig.answer(back, &sent.id, json!(1)).end(sent.token), Some(Ok(json!(1))));
}

#[test]
fn a_user_who_does_not_come_back_fails_the_call_when_the_grace_period_ends() {
    let mut rig = Rig::with_grace(5);
    let conn = rig.join(1);
    let sent = rig.call();
    rig.at(1.0).leave(conn);
    assert!(rig.at(5.999).tick().0.is_empty());
    assert_eq!(rig.at(6.0).tick().end(sent.token), Some(gone()));
    assert_eq!(rig.deadline(), None);
}

#[test]
fn a_return_after_the_grace_period_is_too_late_although_the_clock_has_not_ticked() {
    let mut rig = Rig::with_grace(5);
    let conn = rig.join(1);
    let sent = rig.call();
    rig.leave(conn);
    let (_, seen) = rig.at(5.001).connect(Some(json!({ "user_id": 1 })));
    assert_eq!(seen.end(sent.token), Some(gone()));
}

#[test]
fn no_call_can_be_made_during_the_grace_period() {
    let mut rig = Rig::with_grace(5);
    let conn = rig.join(1);
    rig.leave(conn);
    let (token, seen) = rig.ask(Request::Call(call_of(1, None)));
    assert_eq!(seen.error(token), "User 1 not connected via WebSocket");
}

#[test]
fn a_call_whose_timeout_falls_into_the_grace_period_ends_at_its_timeout() {
    let mut rig = Rig::with_grace(60);
    let conn = rig.join(1);
    let sent = rig.call();
    rig.at(1.0).leave(conn);
    assert_eq!(rig.at(10.0).tick().error(sent.token), "Plugin command timeout after 10s");
}

#[test]
fn what_was_due_first_comes_first_however_late_the_clock_ticks() {
    let mut rig = Rig::with_grace(5);
    let conn = rig.join(1);
    let (short, long) = (rig.sent(Request::Call(call_of(1, Some(json!(3))))), rig.call());
    rig.leave(conn);
    let seen = rig.at(20.0).tick();
    assert_eq!(seen.error(short.token), "Plugin command timeout after 3s");
    assert_eq!(seen.end(long.token), Some(gone()));
    assert_eq!(seen.replies().iter().map(|(token, _)| *token).collect::<Vec<_>>(), [short.token, long.token]);
}

#[test]
fn leaving_and_coming_back_again_starts_the_grace_period_anew() {
    let mut rig = Rig::with_grace(5);
    let conn = rig.join(1);
    let sent = rig.call();
    rig.leave(conn);
    let back = rig.at(4.0).join(1);
    rig.leave(back);
    assert!(rig.at(8.0).tick().0.is_empty());
    assert_eq!(rig.at(9.0).tick().end(sent.token), Some(gone()));
}
