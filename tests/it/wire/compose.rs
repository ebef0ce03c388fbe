//! Texts to send come out as the packets they stand for.

use std::collections::BTreeMap;

use hubproof::wire::{
    Incoming, WireError, compose,
    socket::{Body, Namespace, Packet},
};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;
use serde_json::json;

use super::strategies::{config, json, namespace};

fn read(message: &str) -> Packet {
    match Incoming::read(message) {
        Ok(Incoming::Socket(frame)) => Packet::from_frame(&frame).expect("composed texts are legal"),
        other => panic!("{message}: {other:?}"),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_event_reads_back(
        namespace in namespace(),
        name in any::<String>(),
        args in vec(json(), 0..4),
        ack in any::<Option<u64>>(),
    ) {
        let message = compose::event_in(&namespace, &name, &args, ack)?;
        let packet = Body::Event { name, args, ack }.within(namespace);
        prop_assert_eq!(&message, &packet.to_message());
        prop_assert_eq!(read(&message), packet);
    }

    #[test]
    fn an_event_with_one_argument_reads_back(name in any::<String>(), arg in json(), ack in any::<Option<u64>>()) {
        let message = compose::event(&name, &arg, ack)?;
        prop_assert_eq!(read(&message), Body::Event { name, args: vec![arg], ack }.in_root());
    }

    #[test]
    fn an_ack_reads_back(namespace in namespace(), id in any::<u64>(), args in vec(json(), 0..4)) {
        let message = compose::ack_in(&namespace, id, &args)?;
        prop_assert_eq!(read(&message), Body::Ack { id, args }.within(namespace));
    }

    #[test]
    fn a_connect_reads_back(namespace in namespace(), auth in json()) {
        let message = compose::connect(&namespace, &auth)?;
        let payload = Some(auth);
        prop_assert_eq!(read(&message), Body::Connect { payload }.within(namespace));
    }

    #[test]
    fn packets_without_a_payload_read_back(namespace in namespace()) {
        let connect = Body::Connect { payload: None }.within(namespace.clone());
        prop_assert_eq!(read(&compose::connect_bare(&namespace)), connect);
        let disconnect = Body::Disconnect.within(namespace.clone());
        prop_assert_eq!(read(&compose::disconnect(&namespace)), disconnect);
    }
}

#[derive(Serialize)]
struct Response<'a> {
    request_id: &'a str,
    success: bool,
}

#[test]
fn a_response_is_written_as_the_field_knows_it() {
    let response = Response { request_id: "r1", success: true };
    assert_eq!(
        compose::event("plugin_response", &response, None).unwrap(),
        r#"42["plugin_response",{"request_id":"r1","success":true}]"#
    );
    let admin = Namespace::new("/admin").unwrap();
    assert_eq!(
        compose::event_in(&admin, "log", &(1, "b", &response), Some(12)).unwrap(),
        r#"42/admin,12["log",1,"b",{"request_id":"r1","success":true}]"#
    );
    assert_eq!(compose::ack_in(&Namespace::root(), 3, &["ok"]).unwrap(), r#"433["ok"]"#);
    assert_eq!(compose::connect(&admin, &json!({"token": "t"})).unwrap(), r#"40/admin,{"token":"t"}"#);
    assert_eq!(compose::connect_bare(&Namespace::root()), "40");
    assert_eq!(compose::disconnect(&admin), "41/admin,");
}

#[test]
fn what_is_no_json_or_no_array_is_refused() {
    let keyed_by_pairs = BTreeMap::from([((1, 2), 3)]);
    let root = Namespace::root();
    for refused in [
        compose::event("a", &keyed_by_pairs, None),
        compose::event_in(&root, "a", "text", None),
        compose::event_in(&root, "a", &(), None),
        compose::ack_in(&root, 1, &json!({"a": 1})),
    ] {
        assert!(matches!(refused, Err(WireError::Unprintable { .. })), "{refused:?}");
    }
}

#[test]
fn a_namespace_starts_with_a_slash_and_has_no_comma() {
    for wrong in ["", "admin", "/a,b"] {
        assert!(Namespace::new(wrong).is_err(), "{wrong:?}");
        assert!(serde_json::from_value::<Namespace>(json!(wrong)).is_err());
    }
    let namespace: Namespace = "/admin?token=1".parse().unwrap();
    assert_eq!(namespace.path(), "/admin");
    assert_eq!(namespace.query(), Some("token=1"));
    assert!(Namespace::default().is_root());
}
