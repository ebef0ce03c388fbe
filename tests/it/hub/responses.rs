//! What becomes of what plugins say (CORR-4 to CORR-11, ERR-2 to ERR-11, ISO-7, LIFE-6).

use hubproof::contract::control::{ErrorKind, Outcome, Reply, Request};
use hubproof::contract::message::RESPONSE_EVENT;
use hubproof::hub::{HubConfig, Input, Output};
use serde_json::{Value, json};

use super::rig::{Rig, Sent, call_of};

#[test]
fn level_1_hands_out_the_whole_response_and_level_2_its_data() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let data = json!({ "é": [null, 1.5, {}, []], "n": 9_007_199_254_740_991_u64 });
    let hub = rig.sent(Request::Command(call_of(1, None)));
    let response = json!({ "request_id": hub.id, "success": true, "data": data, "more": 1 });
    assert_eq!(rig.respond(conn, response.clone()).end(hub.token), Some(Ok(response)));
    let helper = rig.call();
    assert_eq!(rig.answer(conn, &helper.id, data.clone()).end(helper.token), Some(Ok(data)));
}

#[test]
fn a_failed_response_is_a_value_on_level_1_and_an_error_on_level_2() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let failure = |id: &str| json!({ "request_id": id, "success": false, "error": " Vinted API error\n" });
    let hub = rig.sent(Request::Command(call_of(1, None)));
    assert_eq!(rig.respond(conn, failure(&hub.id)).end(hub.token), Some(Ok(failure(&hub.id))));
    let helper = rig.call();
    let expected = (ErrorKind::PluginError, " Vinted API error\n".to_owned());
    assert_eq!(rig.respond(conn, failure(&helper.id)).end(helper.token), Some(Err(expected)));
}

#[test]
fn only_true_is_success_and_a_failure_without_a_text_is_an_unknown_error() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    for success in [json!("true"), json!("false"), json!(1), json!(0), json!(""), json!(null), json!({}), json!([1])] {
        let sent = rig.call();
        let seen = rig.respond(conn, json!({ "request_id": sent.id, "success": success, "data": 1 }));
        assert_eq!(seen.error(sent.token), "Unknown error", "{success}");
    }
    for error in [json!(null), json!("")] {
        let sent = rig.call();
        let seen = rig.respond(conn, json!({ "request_id": sent.id, "error": error }));
        assert_eq!(seen.error(sent.token), "Unknown error", "{error}");
    }
}

#[test]
fn success_with_or_without_data_settles_cleanly() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    for body in [json!({ "success": true }), json!({ "success": true, "data": null })] {
        let sent = rig.call();
        let mut body = body;
        body["request_id"] = json!(sent.id);
        assert_eq!(rig.respond(conn, body).end(sent.token), Some(Ok(Value::Null)));
    }
}

#[test]
fn status_and_body_of_a_failed_marketplace_call_reach_the_caller() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let sent = rig.call();
    let body = json!({ "request_id": sent.id, "success": false, "error": "no", "status": 403, "errorData": [1] });
    let seen = rig.respond(conn, body);
    let Some(Reply::Outcome(Outcome::Error { error, .. })) = seen.reply(sent.token) else {
        panic!("no error: {seen:?}");
    };
    assert_eq!((&error.status, &error.error_data), (&Some(json!(403)), &Some(json!([1]))));
}

#[test]
fn responses_settle_their_own_calls_in_whatever_order_they_come() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let calls: Vec<Sent> = (0..100).map(|_| rig.call()).collect();
    for n in (0..100).map(|n| (n * 37) % 100) {
        let seen = rig.answer(conn, &calls[n].id, json!(n));
        assert_eq!(seen.replies().len(), 1);
        assert_eq!(seen.end(calls[n].token), Some(Ok(json!(n))));
    }
    assert_eq!((rig.pending().len(), rig.deadline()), (0, None));
}

#[test]
fn the_first_response_wins_and_later_ones_are_ignored() {
    let mut rig = Rig::new();
    let (tab, other_tab) = (rig.join(1), rig.join(1));
    let (sent, waiting) = (rig.call(), rig.call());
    assert_eq!(rig.answer(other_tab, &sent.id, json!("first")).end(sent.token), Some(Ok(json!("first"))));
    for conn in [tab, other_tab] {
        let seen = rig.answer(conn, &sent.id, json!("second"));
        assert!(matches!(seen.0[..], [Output::Log(_)]), "{seen:?}");
    }
    assert_eq!(rig.pending(), [waiting.id]);
}

#[test]
fn a_stray_response_is_ignored_and_closes_nothing() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let sent = rig.call();
    for id in ["", "req_1_1736438400000_0", "req_2_1700000000000_1000", "☃"] {
        let seen = rig.answer(conn, id, json!({}));
        assert!(matches!(seen.0[..], [Output::Log(_)]), "{seen:?}");
    }
    assert_eq!(rig.answer(conn, &sent.id, json!(1)).end(sent.token), Some(Ok(json!(1))));
}

#[test]
fn a_malformed_response_is_ignored_whatever_its_shape_and_the_next_one_works() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let sent = rig.call();
    let good = json!({ "request_id": sent.id, "success": true });
    let shapes: Vec<Vec<Value>> = vec![
        vec![],
        vec![json!(null)],
        vec![json!([good])],
        vec![json!(7)],
        vec![json!(sent.id)],
        vec![json!(true)],
        vec![good.clone(), good.clone()],
        vec![json!({})],
        vec![json!({ "success": true })],
        vec![json!({ "request_id": null })],
        vec![json!({ "request_id": 7 })],
        vec![json!({ "request_id": [sent.id] })],
        vec![json!({ "request_id": { "id": sent.id } })],
        vec![json!({ "data": good })],
        vec![json!({ "requestId": sent.id })],
        vec![json!({ "_placeholder": true, "num": 0 })],
    ];
    for shape in shapes {
        let seen = rig.respond_with(conn, shape.clone());
        let expected = "warn response ignored: it is malformed or has no request_id user=1";
        assert_eq!(seen.log(), [expected], "{shape:?}");
        assert_eq!(seen.0.len(), 1, "{shape:?}");
    }
    assert_eq!(rig.respond(conn, good).end(sent.token), Some(Ok(Value::Null)));
}

#[test]
fn an_answer_of_another_user_settles_nothing() {
    let mut rig = Rig::new();
    let (own, stranger) = (rig.join(1), rig.join(11));
    let sent = rig.call();
    let seen = rig.answer(stranger, &sent.id, json!("spoofed"));
    assert!(matches!(seen.0[..], [Output::Log(_)]), "{seen:?}");
    assert_eq!(rig.answer(own, &sent.id, json!("own")).end(sent.token), Some(Ok(json!("own"))));
}

#[test]
fn another_socket_of_the_same_user_may_answer_though_it_came_later() {
    let mut rig = Rig::new();
    rig.join(1);
    let sent = rig.call();
    let later = rig.join("1");
    assert_eq!(rig.answer(later, &sent.id, json!(1)).end(sent.token), Some(Ok(json!(1))));
}

#[test]
fn a_response_over_the_limit_fails_its_call_with_the_cause_named_and_no_other() {
    const MAX: usize = 1000;
    let mut rig = Rig::with(HubConfig { max_bytes: MAX, ..HubConfig::default() });
    let conn = rig.join(1);
    let neighbour = rig.call();
    for (bytes, fits) in [(MAX - 1, true), (MAX, true), (MAX + 1, false)] {
        let sent = rig.call();
        let args = vec![json!({ "request_id": sent.id, "success": true, "data": bytes })];
        let seen = rig.give(Input::Event { conn, name: RESPONSE_EVENT.to_owned(), args, bytes });
        assert_eq!(seen.replies().len(), 1);
        let message = "Response size (1001 bytes) exceeds max buffer size (1000 bytes)".to_owned();
        let expected = if fits { Ok(json!(bytes)) } else { Err((ErrorKind::PayloadTooLarge, message)) };
        assert_eq!(seen.end(sent.token), Some(expected), "{bytes}");
    }
    assert_eq!(rig.answer(conn, &neighbour.id, json!(1)).end(neighbour.token), Some(Ok(json!(1))));
}

#[test]
fn the_time_that_a_call_took_is_told() {
    let mut rig = Rig::new();
    let conn = rig.at(2.0).join(1);
    let sent = rig.call();
    let seen = rig.at(3.25).answer(conn, &sent.id, json!(1));
    assert!((seen.elapsed_ms(sent.token) - 1250.0).abs() < 1e-6);
}
