//! Packets.

use bytes::Bytes;
use hubproof::wire::engine::{self, join_payload, parse_payload, split_payload};
use hubproof::wire::socket::{Arrival, Assembled, Assembler, Body, Frame, Limits, Packet};
use hubproof::wire::{Incoming, WireError};

/// Errors of reading point at a byte of what was read, or right behind it.
fn assert_offset(error: &WireError, length: usize) {
    let at = error.offset().unwrap_or_else(|| panic!("{error} points at nothing"));
    assert!(at <= length, "{error} points behind {length} bytes");
}

/// A packet of Engine.IO: printed and read again it is the same.
pub(crate) fn engine_packet(data: &[u8]) {
    match engine::Packet::parse_bytes(data) {
        Ok(packet) => {
            assert_eq!(engine::Packet::parse(&packet.to_text()).as_ref(), Ok(&packet));
            assert_eq!(packet.clone().into_owned(), packet);
        }
        Err(error) => assert_offset(&error, data.len()),
    }
    let binary = engine::Packet::from_binary(data);
    assert_eq!(engine::Packet::parse(&binary.to_text()).as_ref(), Ok(&binary));
}

/// A polling payload: its parts are all of it, and its packets joined and read again are the same.
pub(crate) fn polling_payload(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let parts: usize = split_payload(text).map(|(_, part)| part.len() + 1).sum();
    assert_eq!(parts, text.len() + 1);
    match parse_payload(text) {
        Ok(packets) => {
            let joined = join_payload(&packets).expect("packets that were read have no separator in them");
            assert_eq!(parse_payload(&joined), Ok(packets));
        }
        Err(error) => assert_offset(&error, text.len()),
    }
}

/// A packet of Socket.IO: what reads as a packet reads as a frame of the same kind, and printed and read again it is the same.
/// Behind Engine.IO's type the same is read one byte later.
pub(crate) fn socket_packet(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        assert!(matches!(Packet::parse_bytes(data), Err(WireError::NotUtf8 { .. })));
        return;
    };
    let (frame, packet) = (Frame::parse(text), Packet::parse(text));
    for error in [frame.as_ref().err(), packet.as_ref().err()].into_iter().flatten() {
        assert_offset(error, text.len());
    }
    let message = format!("4{text}");
    let both = Incoming::read(&message);
    match (&frame, &both) {
        (Ok(frame), Ok(Incoming::Socket(same))) => assert_eq!((frame.kind, frame.json), (same.kind, same.json)),
        (Err(one), Err(other)) => assert_eq!(one.offset().map(|at| at + 1), other.offset()),
        _ => panic!("{frame:?} is {both:?} in a message"),
    }
    if let Ok(packet) = packet {
        let frame = frame.expect("a packet is a frame");
        assert_eq!((frame.kind, frame.namespace), (packet.kind(), packet.namespace.path()));
        assert_eq!(Packet::parse(&packet.to_text()), Ok(packet));
    }
}

/// The limits are low, so that they are met.
const LIMITS: Limits = Limits { attachments: 8, bytes: 64 };

/// Frames of one connection, with a byte 255 between them: `b` and the bytes of a binary message, or `t` and a text.
/// What is missing is what the frames said, an error leaves nothing waiting, and a packet with bytes in it that is taken apart
/// and put together again is the same.
pub(crate) fn assembler(data: &[u8]) {
    let mut assembler = Assembler::new(LIMITS);
    for frame in data.split(|byte| *byte == 255) {
        let arrival = match frame.split_first() {
            Some((b'b', bytes)) => assembler.binary(Bytes::copy_from_slice(bytes)),
            Some((b't', text)) => {
                let Ok(text) = std::str::from_utf8(text) else { continue };
                assembler.text(text)
            }
            _ => continue,
        };
        match arrival {
            Ok(Arrival::Waiting { missing }) => {
                assert!((1..=LIMITS.attachments).contains(&missing));
                assert_eq!(assembler.missing(), missing);
                continue;
            }
            Ok(Arrival::Packet(packet)) => assert!(!packet.kind().is_binary()),
            Ok(Arrival::Binary(whole)) => assert_same_again(whole),
            Err(_) => {}
        }
        assert_eq!(assembler.missing(), 0);
    }
    assert_eq!(assembler.missing() == 0, assembler.finish().is_ok());
}

fn assert_same_again(whole: Assembled) {
    let Assembled { packet, args, attachments } = whole;
    let (announced, (body, bytes)) = match packet.body {
        Body::BinaryEvent { name, ack, attachments, .. } => (attachments, Body::binary_event(name, args.clone(), ack)),
        Body::BinaryAck { id, attachments, .. } => (attachments, Body::binary_ack(id, args.clone())),
        body => panic!("{body:?} has no attachments"),
    };
    assert_eq!(u32::try_from(attachments.len()), Ok(announced));
    let mut assembler = Assembler::new(Limits { attachments: u32::MAX, bytes: usize::MAX });
    let mut arrival = assembler.text(&body.within(packet.namespace).to_text());
    for bytes in bytes {
        arrival = assembler.binary(bytes);
    }
    match arrival {
        Ok(Arrival::Binary(again)) => assert_eq!(again.args, args),
        other => panic!("{args:?} came back as {other:?}"),
    }
}
