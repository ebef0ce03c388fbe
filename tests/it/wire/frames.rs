//! Every raw frame in `fixtures/frames` is read as its case says.
//!
//! A file is JSON lines, one case a line: `name`; `raw` (text) or `base64` (bytes); `expect`; perhaps
//! `prints`, if the packet prints otherwise than it came; perhaps a `note`. `expect` is the packet as
//! [`shown`] shows it, or `{"error": variant of WireError, "at": byte offset}`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hubproof::wire::{
    Incoming, WireError,
    engine::{Packet as EnginePacket, join_payload, parse_payload},
    socket::{Arrival, Assembler, Data, Packet},
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    raw: Option<String>,
    base64: Option<String>,
    /// The binary frames that follow, in base64.
    #[serde(default)]
    attachments: Vec<String>,
    expect: Value,
    prints: Option<String>,
    #[serde(rename = "note")]
    _note: Option<String>,
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        match (&self.raw, &self.base64) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(base64)) => STANDARD.decode(base64).expect("base64"),
            _ => panic!("{}: either raw or base64", self.name),
        }
    }
}

/// What a case's frame was read as, and how that prints.
type Replayed = Result<(Value, Option<String>), WireError>;

/// A file of cases, and how they are read.
type Family = (&'static str, fn(&Case) -> Replayed);

const FAMILIES: [Family; 5] = [
    ("engine.jsonl", one_frame),
    ("socket.jsonl", one_frame),
    ("wrong.jsonl", one_frame),
    ("polling.jsonl", payload),
    ("binary.jsonl", assembled),
];

fn one_frame(case: &Case) -> Replayed {
    match Incoming::read_bytes(&case.bytes())? {
        Incoming::Engine(packet) => Ok((shown(&packet), Some(packet.to_text()))),
        Incoming::Socket(frame) => {
            let packet = Packet::from_frame(&frame)?;
            Ok((json!(packet), Some(packet.to_message())))
        }
    }
}

fn payload(case: &Case) -> Replayed {
    let bytes = case.bytes();
    let packets = parse_payload(std::str::from_utf8(&bytes).expect("payload cases are text"))?;
    let shown = packets.iter().map(shown).collect();
    Ok((shown, Some(join_payload(&packets)?)))
}

/// One Socket.IO text and its attachments, then the end of the connection.
fn assembled(case: &Case) -> Replayed {
    let mut assembler = Assembler::default();
    let bytes = case.bytes();
    let Incoming::Socket(frame) = Incoming::read_bytes(&bytes)? else { panic!("{}: starts with a message", case.name) };
    let mut arrival = assembler.frame(&frame)?;
    for base64 in &case.attachments {
        arrival = assembler.binary(STANDARD.decode(base64).expect("base64").into())?;
    }
    assembler.finish()?;
    match arrival {
        Arrival::Binary(whole) => Ok((whole.args.iter().map(in_place).collect(), Some(whole.packet.to_message()))),
        other => panic!("{}: {other:?}", case.name),
    }
}

/// An Engine.IO packet as a case writes it.
fn shown(packet: &EnginePacket<'_>) -> Value {
    match packet {
        EnginePacket::Open(handshake) => json!({"engine": "open", "handshake": handshake}),
        EnginePacket::Close => json!({"engine": "close"}),
        EnginePacket::Ping(data) => json!({"engine": "ping", "data": data}),
        EnginePacket::Pong(data) => json!({"engine": "pong", "data": data}),
        EnginePacket::Message(data) => json!({"engine": "message", "data": data}),
        EnginePacket::Binary(bytes) => {
            json!({"engine": "binary", "base64": STANDARD.encode(bytes)})
        }
        EnginePacket::Upgrade => json!({"engine": "upgrade"}),
        EnginePacket::Noop => json!({"engine": "noop"}),
    }
}

/// An argument as a case writes it: bytes as `{"base64": …}`.
fn in_place(data: &Data) -> Value {
    match data {
        Data::Null => Value::Null,
        Data::Bool(bool) => json!(bool),
        Data::Number(number) => json!(number),
        Data::Text(text) => json!(text),
        Data::Bytes(bytes) => json!({"base64": STANDARD.encode(bytes)}),
        Data::Array(items) => items.iter().map(in_place).collect(),
        Data::Object(fields) => fields.iter().map(|(k, v)| (k, in_place(v))).collect(),
    }
}

/// The variant's name, as `Debug` starts with it.
fn variant(error: &WireError) -> String {
    let debug = format!("{error:?}");
    debug.split([' ', '{']).next().unwrap_or_default().to_owned()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/frames")
}

fn cases(file: &str) -> Vec<Case> {
    let text = fs::read_to_string(folder().join(file)).expect(file);
    let lines = text.lines().enumerate();
    lines
        .map(|(line, json)| serde_json::from_str(json).unwrap_or_else(|e| panic!("{file}:{}: {e}", line + 1)))
        .collect()
}

#[test]
fn every_raw_frame_is_read_as_its_case_says() {
    let mut wrong = Vec::new();
    for (file, replay) in FAMILIES {
        for case in cases(file) {
            let (read, printed) = match replay(&case) {
                Ok((shown, printed)) => (shown, printed),
                Err(error) => match error.offset() {
                    Some(at) => (json!({"error": variant(&error), "at": at}), None),
                    None => (json!({"error": variant(&error)}), None),
                },
            };
            if read != case.expect {
                wrong.push(format!("{file}, {}:\n  expected {}\n  got      {read}", case.name, case.expect));
            }
            let prints = case.prints.as_ref().or(case.raw.as_ref());
            if printed.is_some() && printed.as_ref() != prints {
                wrong.push(format!("{file}, {}:\n  prints {printed:?}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_raw_frame_is_left_unread() {
    let files: BTreeSet<String> = fs::read_dir(folder())
        .expect("the fixtures folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let replayed = FAMILIES.map(|(file, _)| file.to_owned());
    assert_eq!(files, BTreeSet::from(replayed));

    let mut names = BTreeMap::new();
    for (file, _) in FAMILIES {
        for case in cases(file) {
            let before = names.insert(case.name.clone(), file);
            assert_eq!(before, None, "{} in {file} has a namesake", case.name);
        }
    }
}

#[test]
fn every_error_of_reading_has_a_raw_frame() {
    let read_errors = [
        "NotUtf8",
        "EmptyPacket",
        "UnknownEngineType",
        "UnexpectedEngineData",
        "BadHandshake",
        "BadBase64",
        "UnknownSocketType",
        "MissingAttachmentCount",
        "AttachmentCountTooLarge",
        "MissingDash",
        "AckIdTooLarge",
        "MissingAckId",
        "MissingPayload",
        "UnexpectedPayload",
        "BadJson",
        "ArgsNotArray",
        "NoEventName",
        "EventNameNotText",
        "TooManyAnnounced",
        "BadPlaceholder",
        "UnexpectedAttachment",
        "TooFewAttachments",
    ];
    let shown: BTreeSet<String> = FAMILIES
        .iter()
        .flat_map(|(file, _)| cases(file))
        .filter_map(|case| Some(case.expect.get("error")?.as_str()?.to_owned()))
        .collect();
    assert_eq!(shown, BTreeSet::from(read_errors.map(str::to_owned)));
}
