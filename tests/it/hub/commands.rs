//! What goes to plugins (CORR-1 to CORR-3, ISO-2 to ISO-4, ERR-1, LIFE-7).

use hubproof::contract::control::{CallBody, ErrorKind, Reply, Request};
use hubproof::contract::message::RequestIdParts;
use hubproof::hub::{HubConfig, Output};
use serde_json::{Value, json};

use super::rig::{Rig, call_of};

#[test]
fn a_command_carries_request_id_action_and_payload_and_nothing_else() {
    let mut rig = Rig::new();
    rig.join(1);
    let payload = json!({ "shop_id": 123, "é": [null, 1.5, {}, []] });
    let body = CallBody { payload: payload.clone(), ..call_of(1, None) };
    let (_, seen) = rig.ask(Request::Command(body));
    let command = seen.command();
    assert_eq!((&command["action"], &command["payload"]), (&json!("VINTED_SYNC"), &payload));
    assert_eq!(command.as_object().map(serde_json::Map::len), Some(3));
}

#[test]
fn a_request_id_names_user_and_unix_time() {
    let mut rig = Rig::new();
    rig.join("anna_1");
    let body = CallBody { user_id: serde_json::from_value(json!("anna_1")).unwrap(), ..call_of(1, None) };
    let id = rig.at(1.5).sent(Request::Call(body)).id;
    let parts: RequestIdParts = id.parse().unwrap();
    assert_eq!((parts.user.as_str(), parts.unix_ms), ("anna_1", 1_736_438_401_500));
    assert!((1000..=9999).contains(&parts.draw));
}

#[test]
fn every_socket_of_the_user_gets_the_command_once_in_the_order_in_which_they_came() {
    let mut rig = Rig::new();
    let conns: Vec<_> = (0..20).map(|_| rig.join(1)).collect();
    let (_, seen) = rig.ask(Request::Call(call_of(1, None)));
    assert_eq!(seen.reached(), conns);
    assert!(seen.emits().iter().all(|(_, id)| *id == seen.emits()[0].1));
}

#[test]
fn nobody_else_gets_it_however_alike_their_ids() {
    let mut rig = Rig::new();
    for other in [json!(11), json!(111), json!("01"), json!("1 "), json!(2)] {
        rig.join(other);
    }
    let own = rig.join(1);
    let (_, seen) = rig.ask(Request::Call(call_of(1, None)));
    assert_eq!(seen.reached(), [own]);
}

#[test]
fn a_command_is_not_sent_again_to_a_socket_that_comes_later() {
    let mut rig = Rig::new();
    rig.join(1);
    rig.call();
    let (_, seen) = rig.connect(Some(json!({ "user_id": 1 })));
    assert!(seen.emits().is_empty());
    assert!(rig.at(5.0).tick().emits().is_empty());
}

#[test]
fn a_call_to_a_user_without_a_socket_fails_at_once_and_emits_nothing() {
    let mut rig = Rig::new();
    rig.join(11);
    for request in [Request::Command(call_of(1, None)), Request::Call(call_of(1, None))] {
        let (token, seen) = rig.ask(request);
        let message = "User 1 not connected via WebSocket".to_owned();
        assert_eq!(seen.end(token), Some(Err((ErrorKind::NotConnected, message))));
        assert!(seen.emits().is_empty() && seen.elapsed_ms(token) == 0.0);
    }
    assert_eq!((rig.pending().len(), rig.deadline()), (0, None));
}

#[test]
fn a_user_whose_last_socket_has_gone_is_not_connected_and_after_a_return_is_again() {
    let mut rig = Rig::new();
    let (first, second) = (rig.join(1), rig.join(1));
    rig.leave(first);
    let (_, seen) = rig.ask(Request::Call(call_of(1, None)));
    assert_eq!(seen.reached(), [second]);
    rig.leave(second);
    let (token, seen) = rig.ask(Request::Call(call_of(1, None)));
    assert_eq!(seen.error(token), "User 1 not connected via WebSocket");
    let third = rig.join(1);
    let (_, seen) = rig.ask(Request::Call(call_of(1, None)));
    assert_eq!(seen.reached(), [third]);
}

#[test]
fn two_calls_in_flight_never_share_an_id_also_where_equal_draws_are_fed() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let fed = |draws: &[u16]| draws.iter().map(|draw| format!("req_1_1700000000000_{draw}")).collect::<Vec<_>>();
    assert_eq!(rig.reply(Request::FeedRequestIds(fed(&[1000, 1000, 2000]))), Reply::Done);
    let (first, second, third) = (rig.call(), rig.call(), rig.call());
    assert_eq!([&first.id, &second.id], [&fed(&[1000])[0], &fed(&[2000])[0]]);
    assert!(third.id.starts_with("req_1_1736438400000_"), "{}", third.id);
    assert_eq!(rig.answer(conn, &second.id, json!(2)).end(second.token), Some(Ok(json!(2))));
    assert_eq!(rig.answer(conn, &first.id, json!(1)).end(first.token), Some(Ok(json!(1))));
}

#[test]
fn a_thousand_calls_in_one_millisecond_have_ids_of_their_own() {
    let mut rig = Rig::new();
    rig.join(1);
    let ids: std::collections::BTreeSet<_> = (0..1000).map(|_| rig.call().id).collect();
    assert_eq!(ids.len(), 1000);
}

/// A hub that takes packets of `max_bytes`, and its answer to a call with a payload of `text`.
fn limited(max_bytes: usize, text: &str) -> Result<Value, (ErrorKind, String)> {
    let mut rig = Rig::with(HubConfig { max_bytes, ..HubConfig::default() });
    rig.join(1);
    let (token, seen) = rig.ask(Request::Call(CallBody { payload: json!({ "text": text }), ..call_of(1, None) }));
    match seen.end(token) {
        None => Ok(seen.command()),
        Some(end) => {
            assert!(seen.emits().is_empty() && rig.pending().is_empty());
            end
        }
    }
}

#[test]
fn a_command_is_sent_up_to_the_limit_and_refused_one_byte_above_it() {
    let text = "ü".repeat(100);
    let command = limited(1_000_000, &text).unwrap();
    let size = format!("42{}", json!(["plugin_command", command])).len();
    assert!(limited(size + 1, &text).is_ok());
    assert!(limited(size, &text).is_ok());
    let message = format!("Payload size ({size} bytes) exceeds max buffer size ({} bytes)", size - 1);
    assert_eq!(limited(size - 1, &text), Err((ErrorKind::PayloadTooLarge, message)));
}

#[test]
fn a_command_is_sent_before_anything_else_is_said_of_it() {
    let mut rig = Rig::new();
    rig.join(1);
    let (_, seen) = rig.ask(Request::Call(call_of(1, None)));
    assert!(matches!(seen.0[..], [Output::Log(_), Output::Emit { .. }]), "{seen:?}");
}
