//! Timeouts (TIME-1 to TIME-9).

use hubproof::contract::control::{CallBody, ErrorKind, Reply, Request};
use hubproof::hub::Output;
use serde_json::{Value, json};

use super::rig::{Rig, Sent, call_of};

fn call_with(rig: &mut Rig, timeout_s: Value) -> Sent {
    rig.sent(Request::Call(call_of(1, Some(timeout_s))))
}

#[test]
fn a_call_without_a_response_fails_at_its_timeout_with_the_number_as_it_was_given() {
    for (asked, seconds, shown) in [
        (json!(3), 3.0, "3"),
        (json!(3.0), 3.0, "3.0"),
        (json!(0.5), 0.5, "0.5"),
        (json!(0.001), 0.001, "0.001"),
        (json!(86_400), 86_400.0, "86400"),
    ] {
        let mut rig = Rig::new();
        rig.join(1);
        let sent = call_with(&mut rig, asked);
        assert_eq!(rig.deadline(), Some(seconds));
        assert!(rig.at(seconds - 0.000_001).tick().0.is_empty(), "too early: {shown}");
        let seen = rig.at(seconds).tick();
        let message = format!("Plugin command timeout after {shown}s");
        assert_eq!(seen.end(sent.token), Some(Err((ErrorKind::Timeout, message))));
        assert!((seen.elapsed_ms(sent.token) - seconds * 1000.0).abs() < 1e-6);
        assert_eq!((rig.deadline(), rig.pending().len()), (None, 0));
        assert!(rig.tick().0.is_empty());
    }
}

#[test]
fn a_timeout_that_makes_no_sense_is_refused_with_a_clear_error_and_sends_nothing() {
    let mut rig = Rig::new();
    rig.join(1);
    for (silly, shown) in [
        (json!(0), "0"),
        (json!(0.0), "0.0"),
        (json!(-0.0), "-0.0"),
        (json!(-3), "-3"),
        (json!(86_401), "86401"),
        (json!(1e300), "1e+300"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(null), "null"),
        (json!("3"), "\"3\""),
        (json!(true), "true"),
        (json!([3]), "[3]"),
    ] {
        let (token, seen) = rig.ask(Request::Call(call_of(1, Some(silly))));
        let message = format!("timeout_s must be a number of seconds above 0 and at most 86400, not {shown}");
        assert_eq!(seen.end(token), Some(Err((ErrorKind::Invalid, message))));
        assert!(seen.emits().is_empty());
    }
    assert_eq!(rig.pending().len(), 0);
}

#[test]
fn a_call_that_names_no_timeout_has_its_action_s() {
    for (action, seconds) in [
        ("VINTED_PUBLISH", 60.0),
        ("VINTED_UPDATE", 60.0),
        ("VINTED_DELETE", 60.0),
        ("VINTED_SYNC", 300.0),
        ("VINTED_ORDERS", 180.0),
        ("VINTED_API_CALL", 60.0),
    ] {
        let mut rig = Rig::new();
        rig.join(1);
        let sent = rig.sent(Request::Call(CallBody { action: action.to_owned(), ..call_of(1, None) }));
        assert_eq!(rig.deadline(), Some(seconds), "{action}");
        let message = format!("Plugin command timeout after {seconds}s");
        assert_eq!(rig.at(seconds).tick().error(sent.token), message);
    }
}

#[test]
fn every_call_has_its_own_timeout() {
    let mut rig = Rig::new();
    rig.join(1);
    let [three, one, two] = [json!(3), json!(1), json!(2)].map(|timeout_s| call_with(&mut rig, timeout_s));
    for (seconds, sent) in [(1.0, one), (2.0, two), (3.0, three)] {
        assert_eq!(rig.deadline(), Some(seconds));
        let seen = rig.at(seconds).tick();
        assert_eq!(seen.replies().len(), 1);
        assert_eq!(seen.error(sent.token), format!("Plugin command timeout after {seconds}s"));
    }
}

#[test]
fn calls_that_time_out_in_the_same_instant_end_in_the_order_in_which_they_were_made() {
    let mut rig = Rig::new();
    rig.join(1);
    let tokens = [1, 2, 3].map(|_| call_with(&mut rig, json!(3)).token);
    let seen = rig.at(3.0).tick();
    assert_eq!(seen.replies().iter().map(|(token, _)| *token).collect::<Vec<_>>(), tokens);
}

#[test]
fn a_response_just_before_or_exactly_at_the_deadline_settles_the_call() {
    for when in [9.999_999_999, 10.0] {
        let mut rig = Rig::new();
        let conn = rig.join(1);
        let sent = rig.call();
        assert_eq!(rig.at(when).answer(conn, &sent.id, json!(1)).end(sent.token), Some(Ok(json!(1))), "{when}");
        assert!(rig.at(11.0).tick().0.is_empty());
    }
}

#[test]
fn a_response_after_the_deadline_is_late_although_the_clock_has_not_ticked() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let (sent, waiting) = (rig.call(), call_with(&mut rig, json!(60)));
    let seen = rig.at(10.000_001).answer(conn, &sent.id, json!(1));
    assert_eq!(seen.error(sent.token), "Plugin command timeout after 10s");
    assert_eq!(seen.replies().len(), 1);
    assert_eq!(rig.pending(), [waiting.id]);
}

#[test]
fn a_late_response_is_ignored_and_settles_nothing_else() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let sent = rig.call();
    rig.at(10.0).tick();
    let next = rig.call();
    let seen = rig.answer(conn, &sent.id, json!("late"));
    assert!(matches!(seen.0[..], [Output::Log(_)]), "{seen:?}");
    assert_eq!(rig.pending(), [next.id]);
}

#[test]
fn the_clock_may_be_advanced_and_deadlines_come_as_much_earlier() {
    let mut rig = Rig::new();
    rig.join(1);
    let (sync, orders) = (call_with(&mut rig, json!(300)), call_with(&mut rig, json!(400)));
    let (token, seen) = rig.at(10.0).ask(Request::Advance(289.5));
    assert_eq!(seen.replies(), [(token, &Reply::Done)]);
    assert_eq!(rig.deadline(), Some(10.5));
    let (token, seen) = rig.ask(Request::Advance(0.5));
    assert_eq!(seen.error(sync.token), "Plugin command timeout after 300s");
    assert!((seen.elapsed_ms(sync.token) - 300_000.0).abs() < 1e-6);
    assert_eq!(seen.reply(token), Some(&Reply::Done));
    assert_eq!(rig.deadline(), Some(110.0));
    assert_eq!(rig.at(110.0).tick().error(orders.token), "Plugin command timeout after 400s");
}

#[test]
fn a_request_id_carries_the_advanced_time() {
    let mut rig = Rig::new();
    rig.join(1);
    rig.ask(Request::Advance(5.0));
    assert!(rig.at(1.0).call().id.starts_with("req_1_1736438406000_"));
}

#[test]
fn deadlines_in_the_past_are_wanted_at_once_and_not_before_time_began() {
    let mut rig = Rig::new();
    rig.join(1);
    let sent = rig.call();
    let (_, seen) = rig.ask(Request::Advance(3600.0));
    assert_eq!(seen.error(sent.token), "Plugin command timeout after 10s");
    call_with(&mut rig, json!(1));
    assert_eq!(rig.deadline(), Some(1.0));
}
