//! The same texts given to socketioxide's own parser, a second opinion that shares no code with ours
//! (but for `serde_json` underneath).

use std::{collections::BTreeSet, sync::atomic::Ordering};

use hubproof::wire::socket::{Arrival, Assembler, Body, Frame, Kind, Packet};
use proptest::{collection::vec, prelude::*};
use serde_json::Value;
use socketioxide_core::{
    Value as TheirValue,
    packet::PacketData,
    parser::{Parse, ParseConfig, ParseError, ParserState},
};
use socketioxide_parser_common::CommonParser;

use super::strategies::{data, mangled, packet, thorough};

/// What both sides are compared by: type, attachments, namespace with its query, ack id, payload.
type Reading = (Kind, usize, String, Option<u64>, Option<Value>);

fn ours(text: &str) -> Option<Reading> {
    let packet = Packet::parse(text).ok()?;
    let kind = packet.kind();
    let (ack, payload) = match packet.body {
        Body::Connect { payload } => (None, payload),
        Body::Disconnect => (None, None),
        Body::ConnectError { payload } => (None, Some(payload)),
        Body::Event { name, args, ack } | Body::BinaryEvent { name, args, ack, .. } => {
            let all = std::iter::once(Value::from(name)).chain(args).collect();
            (ack, Some(all))
        }
        Body::Ack { id, args } | Body::BinaryAck { id, args, .. } => (Some(id), Some(args.into())),
    };
    let attachments = Frame::parse(text).ok()?.attachments.try_into().ok()?;
    Some((kind, attachments, packet.namespace.to_string(), ack, payload))
}

/// What socketioxide makes of a text, attachments supplied, and its payload read the way its handlers would.
fn theirs(text: &str) -> Option<Reading> {
    let state = ParserState::default();
    let limits = ParseConfig { max_incoming_binaries: usize::MAX, ..ParseConfig::default() };
    let packet = match CommonParser.decode_str(&limits, &state, text.to_owned().into()) {
        // The attachments do not matter here; the packet behind them does.
        Err(ParseError::NeedsMoreBinaryData) => {
            state.partial_bin_packet.lock().expect("nobody panicked with it").take()?.packet
        }
        other => other.ok()?,
    };
    let json = |value: &TheirValue| CommonParser.decode_default::<Value>(Some(value)).ok();
    let array = |value: &TheirValue| json(value).filter(Value::is_array);
    let named = |value: &TheirValue| {
        let name = CommonParser.read_event(value).ok()?.to_owned();
        array(value).filter(|all| all[0] == name)
    };
    let id = |ack: i64| u64::try_from(ack).expect("digits are no negative number");
    let (kind, ack, payload) = match &packet.inner {
        PacketData::Connect(None) => (Kind::Connect, None, None),
        PacketData::Connect(Some(value)) => (Kind::Connect, None, Some(json(value)?)),
        PacketData::Disconnect => (Kind::Disconnect, None, None),
        PacketData::Event(value, ack) => (Kind::Event, ack.map(id), Some(named(value)?)),
        PacketData::BinaryEvent(value, ack) => (Kind::BinaryEvent, ack.map(id), Some(named(value)?)),
        PacketData::EventAck(value, ack) => (Kind::Ack, Some(id(*ack)), Some(array(value)?)),
        PacketData::BinaryAck(value, ack) => (Kind::BinaryAck, Some(id(*ack)), Some(array(value)?)),
        PacketData::ConnectError(_) => return None,
    };
    let attachments = state.incoming_binary_cnt.load(Ordering::Relaxed);
    Some((kind, attachments, packet.ns.to_string(), ack, payload))
}

/// A way in which socketioxide is known to read differently.
struct Difference {
    name: &'static str,
    /// Why, and why ours is as it is.
    why: &'static str,
    /// A text that shows it.
    example: &'static str,
    /// Whether a text that is read differently falls under it.
    covers: fn(&Parts<'_>) -> bool,
}

/// A text roughly taken apart, by other means than either parser.
struct Parts<'a> {
    kind: char,
    /// The digits that count the attachments, if the type has them.
    attachments: &'a str,
    /// Everything behind the namespace.
    tail: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        let mut rest = text.chars();
        let kind = rest.next().unwrap_or(' ');
        let (mut attachments, mut tail) = ("", rest.as_str());
        if matches!(kind, '5' | '6') {
            (attachments, tail) = tail.split_once('-').unwrap_or((tail, ""));
        }
        if tail.starts_with('/') {
            tail = tail.split_once(',').map_or("", |(_, rest)| rest);
        }
        Self { kind, attachments, tail }
    }

    fn digits(&self) -> &'a str {
        let end = self.tail.find(|c: char| !c.is_ascii_digit());
        &self.tail[..end.unwrap_or(self.tail.len())]
    }

    fn behind_digits(&self) -> &'a str {
        &self.tail[self.digits().len()..]
    }
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        name: "connect_error",
        why: "a server never receives CONNECT_ERROR, so its parser has none; our clients do receive it",
        example: r#"4{"message":"no"}"#,
        covers: |parts| parts.kind == '4',
    },
    Difference {
        name: "disconnect with more",
        why: "theirs ignores what stands behind DISCONNECT; the JavaScript parser refuses it, and so do we",
        example: "1{}",
        covers: |parts| parts.kind == '1' && !parts.tail.is_empty(),
    },
    Difference {
        name: "digits in front of a CONNECT payload",
        why: "theirs takes them for an ack id and drops them; CONNECT has no ack id, so to us they are payload",
        example: "05",
        covers: |parts| parts.kind == '0' && !parts.digits().is_empty(),
    },
    Difference {
        name: "attachments beyond 32 bits",
        why: "theirs counts in usize, ours in 32 bits; both stop far earlier at a limit, theirs raised for this test",
        example: r#"54294967296-["a"]"#,
        covers: |parts| parts.attachments.parse::<u128>().is_ok_and(|count| count > u128::from(u32::MAX)),
    },
    Difference {
        name: "ack id beyond 63 bits",
        why: "theirs drops the id of an event without a word and refuses an ack; ours goes to 64 bits, then is an error",
        example: r#"29223372036854775808["a"]"#,
        covers: |parts| parts.digits().parse::<i64>().is_err() && !parts.digits().is_empty(),
    },
    Difference {
        name: "ack id without an array behind it",
        why: "theirs knows an ack id only by the [ or { behind it, and drops the digits in front of white space",
        example: r#"27 ["a"]"#,
        covers: |parts| !parts.digits().is_empty() && !parts.behind_digits().starts_with(['[', '{']),
    },
    Difference {
        name: "escapes in an event's name",
        why: "theirs reads the name as a borrowed string, which fails if it contains an escape; it is legal JSON",
        example: r#"2["a\n"]"#,
        covers: |parts| {
            let name = parts.behind_digits().trim_start_matches([' ', '[']);
            let name = name.strip_prefix('"').unwrap_or("");
            name.find('\\') < name.find('"') && name.contains('\\')
        },
    },
];

fn covering(text: &str) -> BTreeSet<&'static str> {
    let parts = Parts::of(text);
    let found = DIFFERENCES.iter().filter(|known| (known.covers)(&parts));
    found.map(|known| known.name).collect()
}

#[test]
fn every_known_difference_is_real() {
    for known in DIFFERENCES {
        let text = known.example;
        assert_ne!(ours(text), theirs(text), "{}: {}", known.name, known.why);
        assert!(covering(text).contains(known.name), "{}", known.name);
    }
}

proptest! {
    #![proptest_config(thorough())]

    #[test]
    fn legal_packets_are_read_alike(packet in packet()) {
        let text = packet.to_text();
        if covering(&text).is_empty() {
            prop_assert!(ours(&text).is_some());
            prop_assert_eq!(ours(&text), theirs(&text));
        }
    }

    #[test]
    fn mangled_packets_are_read_alike_but_for_the_known_differences(text in mangled()) {
        if covering(&text).is_empty() {
            prop_assert_eq!(ours(&text), theirs(&text), "{}", text);
        }
    }

    #[test]
    fn packets_of_socketioxide_are_read_and_printed_as_it_does(packet in packet()) {
        let text = packet.to_text();
        let state = ParserState::default();
        let limits = ParseConfig::default();
        let binary = packet.kind().is_binary();
        // Attachments are counted from what is there when it prints, so that binary packets differ.
        if let (Ok(read), false) = (CommonParser.decode_str(&limits, &state, text.clone().into()), binary) {
            let TheirValue::Str(printed, _) = CommonParser.encode(read) else {
                return Err(TestCaseError::fail("a text parser prints text"));
            };
            if covering(&text).is_empty() {
                prop_assert_eq!(printed.as_str(), text);
            }
        }
    }

    #[test]
    fn attachments_are_collected_alike(args in vec(data(), 1..4)) {
        let (body, attachments) = Body::binary_event("photo", args, Some(1));
        let text = body.in_root().to_text();
        let (state, limits) = (ParserState::default(), ParseConfig::default());
        let mut assembler = Assembler::default();
        let mut our = assembler.text(&text)?;
        let mut their = CommonParser.decode_str(&limits, &state, text.clone().into());
        for bytes in attachments {
            prop_assert_eq!(&our, &Arrival::Waiting { missing: assembler.missing() });
            prop_assert!(matches!(their, Err(ParseError::NeedsMoreBinaryData)));
            our = assembler.binary(bytes.clone())?;
            their = CommonParser.decode_bin(&limits, &state, bytes);
        }
        let (Arrival::Binary(our), Ok(their)) = (our, their) else {
            return Err(TestCaseError::fail("both are complete"));
        };
        let PacketData::BinaryEvent(TheirValue::Str(_, collected), Some(1)) = their.inner else {
            return Err(TestCaseError::fail("an event with ack id 1"));
        };
        let collected: Vec<_> = collected.unwrap_or_default().into();
        prop_assert_eq!(collected, our.attachments);
    }
}
