//! Who is accepted, and who is in which room (ISO-1, ISO-8, ISO-9, ISO-11).

use hubproof::contract::control::{Reply, Request};
use hubproof::contract::user::UserId;
use hubproof::hub::{ConnId, Input, Output};
use serde_json::{Value, json};

use super::rig::{Rig, Seen};

fn refused(seen: &Seen, conn: ConnId) -> bool {
    let refuses = |output: &Output| matches!(output, Output::Refuse { conn: refused, .. } if *refused == conn);
    seen.0.iter().any(refuses) && !seen.0.contains(&Output::Accept { conn })
}

fn count(rig: &mut Rig, user: &Value) -> u64 {
    match rig.reply(Request::Connections(UserId::from_value(user).expect("a user"))) {
        Reply::Connections(count) => count,
        other => panic!("no count: {other:?}"),
    }
}

#[test]
fn a_connection_that_names_its_user_is_accepted() {
    let mut rig = Rig::new();
    for user in [json!(1), json!("1"), json!("anna"), json!(u64::MAX), json!("é ö"), json!("01")] {
        let (conn, seen) = rig.connect(Some(json!({ "user_id": user, "token": "more" })));
        assert!(seen.0.contains(&Output::Accept { conn }), "{user}");
        assert!(!refused(&seen, conn), "{user}");
    }
    assert_eq!(rig.hub.connections(), 6);
}

#[test]
fn a_connection_without_a_user_is_refused_at_once() {
    let mut rig = Rig::new();
    for auth in [None, Some(json!({})), Some(json!({ "user": 1 })), Some(json!({ "data": { "user_id": 1 } }))] {
        let (conn, seen) = rig.connect(auth.clone());
        assert!(refused(&seen, conn), "{auth:?}");
    }
    assert_eq!(rig.hub.connections(), 0);
}

#[test]
fn odd_user_ids_are_refused() {
    let mut rig = Rig::new();
    for user in
        [json!(0), json!(""), json!(null), json!(true), json!(1.5), json!([1]), json!({}), json!(-1), json!("0")]
    {
        let (conn, seen) = rig.connect(Some(json!({ "user_id": user })));
        assert!(refused(&seen, conn), "{user}");
    }
}

#[test]
fn auth_that_is_no_object_is_refused_at_once() {
    let mut rig = Rig::new();
    for auth in [json!("1"), json!([{ "user_id": 1 }]), json!(1), json!(null), json!(true)] {
        let (conn, seen) = rig.connect(Some(auth.clone()));
        assert!(refused(&seen, conn), "{auth}");
    }
}

#[test]
fn the_number_1_and_the_text_1_are_the_same_user() {
    let mut rig = Rig::new();
    let (number, text) = (rig.join(1), rig.join("1"));
    let (_, seen) = rig.ask(Request::Call(super::rig::call_of(1, None)));
    assert_eq!(seen.reached(), [number, text]);
    assert_eq!((count(&mut rig, &json!(1)), count(&mut rig, &json!("1"))), (2, 2));
}

#[test]
fn an_accepted_connection_is_in_its_room_already() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let (_, seen) = rig.ask(Request::Call(super::rig::call_of(1, None)));
    assert_eq!(seen.reached(), [conn]);
}

#[test]
fn the_sockets_of_each_user_are_counted() {
    let mut rig = Rig::new();
    let (first, _, _) = (rig.join(1), rig.join(1), rig.join(11));
    assert_eq!((count(&mut rig, &json!(1)), count(&mut rig, &json!(11)), count(&mut rig, &json!(111))), (2, 1, 0));
    rig.leave(first);
    rig.leave(first);
    assert_eq!((count(&mut rig, &json!(1)), count(&mut rig, &json!(11))), (1, 1));
    match rig.reply(Request::Stats) {
        Reply::Stats(stats) => assert_eq!(stats.connections, Some(2)),
        other => panic!("no stats: {other:?}"),
    }
}

#[test]
fn a_refused_or_unknown_connection_does_nothing() {
    let mut rig = Rig::new();
    let (refused, _) = rig.connect(None);
    for conn in [refused, ConnId(99)] {
        assert!(rig.answer(conn, "req_1_1_1000", json!({})).0.is_empty());
        assert!(rig.leave(conn).0.is_empty());
    }
}

#[test]
fn other_events_than_responses_are_not_listened_to() {
    let mut rig = Rig::new();
    let conn = rig.join(1);
    let sent = rig.call();
    let args = vec![json!({ "request_id": sent.id, "success": true })];
    assert!(rig.give(Input::Event { conn, name: "plugin_command".to_owned(), args, bytes: 10 }).0.is_empty());
    assert_eq!(rig.pending(), [sent.id]);
}

#[test]
fn the_hub_says_what_it_can_do_and_what_its_limits_are() {
    let mut rig = Rig::with_grace(5);
    let Reply::Description(description) = rig.reply(Request::Describe) else {
        panic!("no description");
    };
    assert_eq!((description.protocol, description.capabilities.len()), (1, 11));
    assert_eq!(description.settings.grace_s, Some(5.0));
    assert_eq!(description.settings.max_bytes, Some(1_000_000));
}
