//! Random legal packets, and random mischief, for the property tests.

use std::borrow::Cow;

use bytes::Bytes;
use hubproof::wire::{
    engine::{Handshake, Packet as EnginePacket},
    socket::{Body, Data, Flaw, Namespace, Packet},
};
use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
    test_runner::RngSeed,
};
use serde_json::Value;

/// The same cases every time, so that CI neither flakes nor writes to disk. To look further:
/// `PROPTEST_RNG_SEED=<number> PROPTEST_CASES=<number> cargo test`.
pub(crate) fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let rng_seed = match default.rng_seed {
        RngSeed::Random => RngSeed::Fixed(5),
        chosen @ RngSeed::Fixed(_) => chosen,
    };
    ProptestConfig { failure_persistence: None, rng_seed, ..default }
}

/// Twice the cases, for what has more to vary.
pub(crate) fn thorough() -> ProptestConfig {
    let config = config();
    ProptestConfig { cases: 2 * config.cases, ..config }
}

/// Any JSON value, up to four levels deep.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..4).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

pub(crate) fn namespace() -> impl Strategy<Value = Namespace> {
    let text = prop_oneof![
        3 => Just("/".to_owned()),
        2 => "/[a-z]{1,8}",
        1 => "/[a-z]{0,4}\\?[a-z=&]{0,8}",
        1 => "/[^,]{0,8}",
    ];
    text.prop_map(|text| Namespace::new(text).expect("starts with / and has no comma"))
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z_]{1,12}", 1 => any::<String>()]
}

fn args() -> impl Strategy<Value = Vec<Value>> {
    vec(json(), 0..4)
}

fn body() -> impl Strategy<Value = Body> {
    let ack = option::of(any::<u64>());
    prop_oneof![
        option::of(json()).prop_map(|payload| Body::Connect { payload }),
        Just(Body::Disconnect),
        json().prop_map(|payload| Body::ConnectError { payload }),
        (any::<u64>(), args()).prop_map(|(id, args)| Body::Ack { id, args }),
        (name(), args(), ack.clone()).prop_map(|(name, args, ack)| Body::Event { name, args, ack }),
        (name(), args(), ack, any::<u32>())
            .prop_map(|(name, args, ack, attachments)| { Body::BinaryEvent { name, args, ack, attachments } }),
        (any::<u64>(), args(), any::<u32>())
            .prop_map(|(id, args, attachments)| { Body::BinaryAck { id, args, attachments } }),
    ]
}

/// Any packet that can be expressed.
pub(crate) fn packet() -> impl Strategy<Value = Packet> {
    (namespace(), body()).prop_map(|(namespace, body)| body.within(namespace))
}

/// JSON that may hold bytes, and no object that would be taken for a placeholder.
pub(crate) fn data() -> impl Strategy<Value = Data> {
    let leaf = prop_oneof![
        Just(Data::Null),
        any::<i64>().prop_map(|number| Data::Number(number.into())),
        any::<String>().prop_map(Data::Text),
        vec(any::<u8>(), 0..6).prop_map(|bytes| Data::Bytes(Bytes::from(bytes))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Data::Array),
            btree_map("[a-z]{1,3}", inner, 0..3).prop_map(Data::Object),
        ]
    })
}

pub(crate) fn engine_packet() -> impl Strategy<Value = EnginePacket<'static>> {
    let text = || any::<String>().prop_map(Cow::Owned);
    let numbers = (any::<u64>(), any::<u64>(), option::of(any::<u64>()));
    let handshake = (any::<String>(), vec("[a-z]{1,9}", 0..3), numbers).prop_map(
        |(sid, upgrades, (interval, timeout, max_payload))| Handshake {
            sid,
            upgrades,
            ping_interval_ms: interval,
            ping_timeout_ms: timeout,
            max_payload,
        },
    );
    prop_oneof![
        handshake.prop_map(EnginePacket::Open),
        Just(EnginePacket::Close),
        text().prop_map(EnginePacket::Ping),
        text().prop_map(EnginePacket::Pong),
        text().prop_map(EnginePacket::Message),
        vec(any::<u8>(), 0..40).prop_map(|bytes| EnginePacket::Binary(Cow::Owned(bytes))),
        Just(EnginePacket::Upgrade),
        Just(EnginePacket::Noop),
    ]
}

/// Texts that look like parts of packets.
pub(crate) fn scrap() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9]{0,25}", "[0-9/,\\-\\[\\]{}\" a?:.é\u{1e}]{0,12}", Just(String::new()), any::<String>(),]
}

/// Every flaw but the raw text.
pub(crate) fn flaw() -> impl Strategy<Value = Flaw> {
    let digit = || prop_oneof!["[0-9b]", any::<char>().prop_map(String::from)];
    let first = |text: String| text.chars().next().unwrap_or('x');
    prop_oneof![
        digit().prop_map(move |text| Flaw::EngineType(first(text))),
        digit().prop_map(move |text| Flaw::SocketType(first(text))),
        scrap().prop_map(Flaw::AttachmentCount),
        Just(Flaw::MissingDash),
        scrap().prop_map(Flaw::Namespace),
        Just(Flaw::MissingComma),
        Just(Flaw::ExtraComma),
        scrap().prop_map(Flaw::AckId),
        Just(Flaw::ArgsNotArray),
        json().prop_map(Flaw::EventName),
        Just(Flaw::BrokenJson),
        (0_usize..30).prop_map(Flaw::TruncatedJson),
        scrap().prop_map(Flaw::Payload),
        scrap().prop_map(Flaw::Trailing),
    ]
}

/// A legal packet's text with up to three characters put in, taken out or exchanged.
pub(crate) fn mangled() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..3, "[0-9/,\\-\\[\\]{}\" a?é]");
    (packet(), vec(edit, 1..4)).prop_map(|(packet, edits)| {
        let mut text: Vec<char> = packet.to_text().chars().collect();
        // 0 puts in, 1 takes out, 2 exchanges.
        for (position, action, with) in edits {
            let at = position.index(text.len() + 1);
            let with = with.chars();
            let end = (at + usize::from(action > 0)).min(text.len());
            text.splice(at..end, with.take(usize::from(action != 1)));
        }
        text.into_iter().collect()
    })
}
