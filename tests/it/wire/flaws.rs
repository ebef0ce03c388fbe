//! Packets that are wrong on purpose are wrong, and in the way their flaw says.

use hubproof::wire::{
    Incoming, WireError,
    socket::{Body, Flaw, Namespace, Packet},
};
use proptest::prelude::*;
use serde_json::json;

use super::strategies::{flaw, packet, scrap, thorough};

/// What a receiver makes of a flawed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It cannot be read.
    Error,
    /// It reads well, but not as what was meant.
    AnotherPacket,
    /// It reads well as an Engine.IO packet that is no text message.
    AnotherLayer,
}

fn fate(text: &str, meant: &Packet) -> Fate {
    match Incoming::read(text) {
        Err(_) => Fate::Error,
        Ok(Incoming::Engine(_)) => Fate::AnotherLayer,
        Ok(Incoming::Socket(frame)) => match Packet::from_frame(&frame) {
            Err(_) => Fate::Error,
            Ok(read) => {
                assert_ne!(&read, meant, "{text} means the same");
                Fate::AnotherPacket
            }
        },
    }
}

/// What the documentation of each flaw promises.
fn promised(flaw: &Flaw, packet: &Packet) -> &'static [Fate] {
    use Fate::{AnotherLayer, AnotherPacket, Error};
    match flaw {
        Flaw::EngineType(_) => &[Error, AnotherLayer],
        Flaw::EventName(name) if name.is_string() => &[AnotherPacket],
        Flaw::EventName(_) | Flaw::MissingDash | Flaw::ExtraComma | Flaw::ArgsNotArray | Flaw::BrokenJson => &[Error],
        Flaw::TruncatedJson(_) => match packet.body {
            // A bare number that is cut, or a payload that need not be there.
            Body::Connect { .. } | Body::ConnectError { .. } => &[Error, AnotherPacket],
            _ => &[Error],
        },
        Flaw::SocketType(_)
        | Flaw::AttachmentCount(_)
        | Flaw::Namespace(_)
        | Flaw::MissingComma
        | Flaw::AckId(_)
        | Flaw::Payload(_)
        | Flaw::Trailing(_) => &[Error, AnotherPacket],
        Flaw::Raw(_) => &[Error, AnotherPacket, AnotherLayer],
    }
}

proptest! {
    #![proptest_config(thorough())]

    #[test]
    fn a_flawed_packet_differs_and_meets_the_promised_fate(packet in packet(), flaw in flaw()) {
        match flaw.apply(&packet) {
            Ok(text) => {
                prop_assert_ne!(&text, &packet.to_message());
                let fate = fate(&text, &packet);
                prop_assert!(promised(&flaw, &packet).contains(&fate), "{:?}: {}", fate, text);
            }
            Err(WireError::FlawDoesNotFit { flaw: name, .. }) => prop_assert_eq!(name, flaw.name()),
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
    }

    #[test]
    fn a_raw_text_is_said_as_it_is(packet in packet(), text in scrap()) {
        let flaw = Flaw::Raw(text.clone());
        prop_assert_eq!(flaw.apply(&packet)?, text);
    }

    #[test]
    fn a_flaw_is_data_under_its_name(flaw in flaw()) {
        let json = serde_json::to_value(&flaw).unwrap();
        let name = json.as_str().or_else(|| json.as_object()?.keys().next().map(String::as_str));
        prop_assert_eq!(name, Some(flaw.name()));
        prop_assert_eq!(serde_json::from_value::<Flaw>(json).unwrap(), flaw);
    }
}

fn text(text: &str) -> String {
    text.to_owned()
}

/// `2/admin,7["hi",{"a":1}]`
fn event() -> Packet {
    Body::Event { name: text("hi"), args: vec![json!({"a": 1})], ack: Some(7) }
        .within(Namespace::new("/admin").expect("a namespace"))
}

#[test]
fn each_flaw_spoils_exactly_its_own_part() {
    let cases = [
        (Flaw::EngineType('9'), r#"92/admin,7["hi",{"a":1}]"#),
        (Flaw::SocketType('9'), r#"49/admin,7["hi",{"a":1}]"#),
        (Flaw::AttachmentCount(text("3")), r#"423-/admin,7["hi",{"a":1}]"#),
        (Flaw::Namespace(text("/nowhere")), r#"42/nowhere,7["hi",{"a":1}]"#),
        (Flaw::Namespace(text("")), r#"427["hi",{"a":1}]"#),
        (Flaw::MissingComma, r#"42/admin7["hi",{"a":1}]"#),
        (Flaw::ExtraComma, r#"42/admin,,7["hi",{"a":1}]"#),
        (Flaw::AckId(text("seven")), r#"42/admin,seven["hi",{"a":1}]"#),
        (Flaw::ArgsNotArray, r#"42/admin,7{"0":"hi","1":{"a":1}}"#),
        (Flaw::EventName(json!(5)), r#"42/admin,7[5,{"a":1}]"#),
        (Flaw::BrokenJson, r#"42/admin,7["hi",{"a":1}!"#),
        (Flaw::TruncatedJson(3), r#"42/admin,7["hi",{"a":"#),
        (Flaw::Payload(text("null")), "42/admin,7null"),
        (Flaw::Trailing(text("]")), r#"42/admin,7["hi",{"a":1}]]"#),
        (Flaw::Raw(text("hello?")), "hello?"),
    ];
    for (flaw, said) in cases {
        assert_eq!(flaw.apply(&event()).as_deref(), Ok(said), "{flaw:?}");
    }
}

#[test]
fn a_binary_packet_can_lie_about_its_attachments() {
    let (body, _) = Body::binary_event("hi", vec![], None);
    let packet = body.in_root();
    let lie = Flaw::AttachmentCount(text("2"));
    assert_eq!(lie.apply(&packet).as_deref(), Ok(r#"452-["hi"]"#));
    assert_eq!(Flaw::MissingDash.apply(&packet).as_deref(), Ok(r#"450["hi"]"#));
}

#[test]
fn a_flaw_that_would_change_nothing_is_refused() {
    let disconnect = Body::Disconnect.in_root();
    let cases = [
        (Flaw::SocketType('2'), event()),
        (Flaw::Namespace(text("/admin")), event()),
        // `007` is 7, and white space behind JSON is none of it.
        (Flaw::AckId(text("007")), event()),
        (Flaw::Trailing(text(" ")), event()),
        (Flaw::TruncatedJson(0), event()),
        (Flaw::MissingDash, event()),
        (Flaw::EventName(json!(1)), disconnect.clone()),
        (Flaw::ArgsNotArray, disconnect.clone()),
        (Flaw::BrokenJson, disconnect.clone()),
        (Flaw::MissingComma, disconnect),
    ];
    for (flaw, packet) in cases {
        let refused = flaw.apply(&packet);
        assert!(matches!(refused, Err(WireError::FlawDoesNotFit { .. })), "{flaw:?}: {refused:?}");
    }
}

#[test]
fn a_misspelt_flaw_is_refused() {
    for json in [
        json!("missing_dish"),
        json!({"ack_it": "x"}),
        json!({"ack_id": {"text": "x"}}),
        json!({"ack_id": "x", "missing_dash": null}),
    ] {
        assert!(serde_json::from_value::<Flaw>(json.clone()).is_err(), "{json}");
    }
}
