//! What is printed reads back as the same.

use hubproof::wire::{
    Incoming,
    engine::{Packet as EnginePacket, SEPARATOR, WsFrame, join_payload, parse_payload},
    socket::{Arrival, Assembler, Body, Frame, Kind, Packet},
};
use proptest::{collection::vec, prelude::*};

use super::strategies::{config, data, engine_packet, packet};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_engine_packet_reads_back_from_its_text(packet in engine_packet()) {
        let text = packet.to_text();
        prop_assert_eq!(EnginePacket::parse(&text)?, packet);
    }

    #[test]
    fn every_engine_packet_reads_back_from_its_websocket_frame(packet in engine_packet()) {
        let frame = packet.to_ws();
        let read = match &frame {
            WsFrame::Text(text) => EnginePacket::parse(text)?,
            WsFrame::Binary(bytes) => EnginePacket::from_binary(bytes),
        };
        prop_assert_eq!(read, packet.clone());
    }

    #[test]
    fn a_payload_reads_back_unless_a_packet_contains_the_separator(packets in vec(engine_packet(), 1..6)) {
        let separable = packets.iter().all(|packet| !packet.to_text().contains(SEPARATOR));
        match join_payload(&packets) {
            Ok(payload) => prop_assert_eq!(parse_payload(&payload)?, packets),
            Err(_) => prop_assert!(!separable),
        }
    }

    #[test]
    fn every_socket_packet_reads_back_from_its_text(packet in packet()) {
        prop_assert_eq!(Packet::parse(&packet.to_text())?, packet);
    }

    #[test]
    fn every_socket_packet_survives_both_layers(packet in packet()) {
        let message = packet.to_message();
        let Incoming::Socket(frame) = Incoming::read(&message)? else {
            return Err(TestCaseError::fail("a message is a Socket.IO frame"));
        };
        prop_assert_eq!(Packet::from_frame(&frame)?, packet);
    }

    #[test]
    fn frame_and_packet_say_the_same(packet in packet()) {
        let text = packet.to_text();
        let frame = Frame::parse(&text)?;
        prop_assert_eq!(frame.kind, packet.kind());
        prop_assert_eq!(frame.namespace, packet.namespace.path());
        prop_assert_eq!(frame.query, packet.namespace.query());
        let (ack, attachments) = match &packet.body {
            Body::Event { ack, .. } => (*ack, 0),
            Body::Ack { id, .. } => (Some(*id), 0),
            Body::BinaryEvent { ack, attachments, .. } => (*ack, *attachments),
            Body::BinaryAck { id, attachments, .. } => (Some(*id), *attachments),
            Body::Connect { .. } | Body::Disconnect | Body::ConnectError { .. } => (None, 0),
        };
        prop_assert_eq!((frame.ack, frame.attachments), (ack, attachments));
        if let Body::Event { name, args, .. } | Body::BinaryEvent { name, args, .. } = &packet.body {
            let (found, values) = frame.event::<Vec<serde_json::Value>>()?;
            prop_assert_eq!((found.as_ref(), &values), (name.as_str(), args));
        }
    }

    #[test]
    fn bytes_come_back_in_their_places(args in vec(data(), 0..4), ack in any::<Option<u64>>()) {
        let (body, attachments) = Body::binary_event("photo", args.clone(), ack);
        let packet = body.in_root();
        let mut assembler = Assembler::default();
        let mut arrival = assembler.text(&packet.to_text())?;
        for bytes in &attachments {
            prop_assert_eq!(&arrival, &Arrival::Waiting { missing: assembler.missing() });
            arrival = assembler.binary(bytes.clone())?;
        }
        let Arrival::Binary(whole) = arrival else {
            return Err(TestCaseError::fail("all attachments came, the packet is complete"));
        };
        prop_assert_eq!(whole.args, args);
        prop_assert_eq!(whole.attachments, attachments);
        prop_assert_eq!(whole.packet, packet);
    }
}

#[test]
fn every_type_has_its_own_digit() {
    for (kind, digit) in Kind::ALL.into_iter().zip('0'..) {
        assert_eq!(kind.digit(), digit);
        assert_eq!(Kind::from_digit(digit), Some(kind));
    }
    assert_eq!(Kind::from_digit('7'), None);
}
