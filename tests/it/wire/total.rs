//! Anything at all can be read, without a panic and without harm.

use std::borrow::Cow;

use hubproof::wire::{
    Incoming, WireError,
    engine::{self, parse_payload, split_payload},
    socket::{Assembler, Frame, Packet},
};
use proptest::{collection::vec, prelude::*};
use serde_json::Value;

use super::strategies::{config, mangled, scrap};

/// Gives a text to every reader there is; what they say does not matter here, but offsets must lie in the
/// text.
fn read_all(text: &str) {
    let engine = engine::Packet::parse(text).err();
    let payload = parse_payload(text).err();
    let packet = Packet::parse(text).err();
    let incoming = Incoming::read(text).map(|read| match read {
        Incoming::Socket(frame) => Packet::from_frame(&frame).err(),
        Incoming::Engine(_) => None,
    });
    let incoming = incoming.unwrap_or_else(Some);
    for error in [engine, payload, packet, incoming].into_iter().flatten() {
        let at = error.offset().expect("errors of reading point at a byte");
        assert!(at <= text.len(), "{error} points behind {text:?}");
    }
    let parts: usize = split_payload(text).map(|(_, part)| part.len() + 1).sum();
    assert_eq!(parts, text.len() + 1);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        read_all(&text);
    }

    #[test]
    fn any_text_that_starts_like_a_packet_is_read(head in "[0-6b]{1,3}", rest in scrap()) {
        read_all(&format!("{head}{rest}"));
    }

    #[test]
    fn any_mangled_packet_is_read(text in mangled()) {
        read_all(&text);
        read_all(&format!("4{text}"));
    }

    #[test]
    fn any_bytes_are_read(bytes in vec(any::<u8>(), 0..64)) {
        let utf8 = std::str::from_utf8(&bytes).is_ok();
        let refused = |error: Option<WireError>| matches!(error, Some(WireError::NotUtf8 { .. }));
        prop_assert_eq!(refused(engine::Packet::parse_bytes(&bytes).err()), !utf8);
        prop_assert_eq!(refused(Frame::parse_bytes(&bytes).err()), !utf8);
        prop_assert_eq!(refused(Packet::parse_bytes(&bytes).err()), !utf8);
        prop_assert_eq!(refused(Incoming::read_bytes(&bytes).err()), !utf8);
    }

    #[test]
    fn whatever_reads_as_a_packet_reads_as_a_frame_and_prints_again(text in mangled()) {
        if let Ok(packet) = Packet::parse(&text) {
            let frame = Frame::parse(&text)?;
            prop_assert_eq!(frame.kind, packet.kind());
            prop_assert_eq!(frame.namespace, packet.namespace.path());
            prop_assert_eq!(Packet::parse(&packet.to_text())?, packet);
        }
    }
}

#[test]
fn a_hostile_attachment_count_costs_nothing() {
    assert_eq!(Packet::parse(r#"5999999999999-["a"]"#), Err(WireError::AttachmentCountTooLarge { at: 1 }));
    // Within 32 bits it is only a claim, which an assembler holds against its limit.
    assert_eq!(
        Assembler::default().text(r#"5999999999-["a"]"#),
        Err(WireError::TooManyAnnounced { announced: 999_999_999, limit: 10_000 })
    );
}

#[test]
fn deep_nesting_is_an_error_and_no_stack_overflow() {
    let deep = "[".repeat(1_000_000);
    for text in [
        format!("2{deep}"),
        format!(r#"2["a",{deep}"#),
        format!("0{deep}"),
        format!("31{deep}"),
        format!(r#"2["a",{deep}{}]"#, "]".repeat(1_000_000)),
    ] {
        let error = Packet::parse(&text).expect_err("too deep");
        assert!(matches!(error, WireError::BadJson { .. }), "{error}");
    }
}

#[test]
fn a_frame_copies_nothing() {
    let text = String::from(r#"42/admin?x=1,7["plugin_command",{"action":"sync"}]"#);
    let Ok(Incoming::Socket(frame)) = Incoming::read(&text) else { panic!("an event") };
    let inside = text.as_bytes().as_ptr_range();
    for part in [frame.namespace, frame.query.unwrap(), frame.json.unwrap()] {
        assert!(inside.contains(&part.as_ptr()), "{part} was copied");
    }
    let (name, (arg,)) = frame.event::<(Value,)>().unwrap();
    assert!(matches!(name, Cow::Borrowed("plugin_command")));
    assert_eq!(arg["action"], "sync");
}

#[test]
fn an_event_is_read_as_the_type_that_is_asked_for() {
    let frame = Frame::parse(r#"2["sum",1,2]"#).unwrap();
    assert_eq!(frame.event::<(u8, u8)>().unwrap(), ("sum".into(), (1, 2)));
    assert_eq!(frame.event::<Vec<u8>>().unwrap().1, [1, 2]);
    assert!(frame.is_event("sum"));
    for wrong in [
        frame.event::<(u8,)>().unwrap_err(),
        frame.event::<(u8, u8, u8)>().unwrap_err(),
        frame.event::<(u8, String)>().map(|_| ()).unwrap_err(),
    ] {
        assert!(matches!(wrong, WireError::WrongShape { .. }), "{wrong}");
    }
}

#[test]
fn an_offset_counts_from_the_start_of_what_was_handed_in() {
    let message = r#"42["name",nope]"#;
    let Ok(Incoming::Socket(frame)) = Incoming::read(message) else { panic!("structurally an event") };
    let at = Packet::from_frame(&frame).unwrap_err().offset().unwrap();
    assert_eq!(&message[at..], "ope]", "where `n` stops being `null`");

    let payload = "2probe\u{1e}9";
    let at = parse_payload(payload).unwrap_err().offset();
    assert_eq!(at, payload.find('9'));
}

#[test]
fn a_frame_has_only_what_its_type_has() {
    let has = |text: &str| {
        let frame = Frame::parse(text).unwrap();
        let event = frame.event::<Vec<Value>>().is_ok();
        let ack = frame.args::<Vec<Value>>().is_ok();
        let plain = frame.payload::<Value>().is_ok();
        (event, ack, plain)
    };
    assert_eq!(has(r#"2["a"]"#), (true, false, false));
    assert_eq!(has(r#"51-["a"]"#), (true, false, false));
    assert_eq!(has(r#"31["a"]"#), (false, true, false));
    assert_eq!(has(r#"0{"a":1}"#), (false, false, true));
    assert_eq!(has("1"), (false, false, true));
}
