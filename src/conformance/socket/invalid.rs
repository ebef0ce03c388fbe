//! What is no packet of Socket.IO ends the connection.

use super::super::case::{Case, Need};
use super::super::session::{Over, Session};
use super::super::talk::{Done, Talk};

const ENCODING: &str = "Socket.IO 5, Packet encoding";
const DATA: &str = "Socket.IO 5, Sending and receiving data";
const ACK: &str = "Socket.IO 5, Acknowledgement";
const ECHO: &[Need] = &[Need::WebSocket, Need::Echo];
const POLLING_ECHO: &[Need] = &[Need::Polling, Need::Echo];

/// A case in which a connected client says these packets over a WebSocket, and the server closes.
macro_rules! closes {
    ($id:literal, $title:literal, $source:expr, $($packet:literal),+) => {
        Case::new($id, $title, $source, ECHO, |talk| Box::pin(closes(talk, Over::WebSocket, &[$($packet),+])))
    };
}

pub(in crate::conformance) const CASES: &[Case] = &[
    closes!("socket/invalid/type", "a packet whose type is no digit", ENCODING, "4abc"),
    closes!("socket/invalid/unknown-type", "a packet of an unknown type", ENCODING, "49"),
    closes!("socket/invalid/empty", "a packet without a type", ENCODING, "4"),
    closes!("socket/invalid/no-payload", "an event without a payload", DATA, "42"),
    closes!("socket/invalid/payload-object", "an event whose payload is an object", DATA, "42{}"),
    closes!("socket/invalid/payload-empty", "an event whose payload is an empty list", DATA, "42[]"),
    closes!("socket/invalid/payload-json", "an event whose payload is no JSON", ENCODING, "42[\"message\""),
    closes!("socket/invalid/event-name", "an event whose name is an object", DATA, "42[{},\"message\"]"),
    closes!("socket/invalid/ack-id", "an event whose id is no number", ACK, "42abc[\"message-with-ack\",1]"),
    closes!(
        "socket/invalid/attachment-missing",
        "another packet where an attachment has to come",
        ENCODING,
        "451-[\"message\",{\"_placeholder\":true,\"num\":0}]",
        "42[\"message\",\"in its place\"]"
    ),
    Case::new("socket/invalid/attachment-uninvited", "bytes that no packet announced", ENCODING, ECHO, |talk| {
        Box::pin(uninvited(talk))
    }),
    Case::new("socket/invalid/polling", "a packet whose type is no digit, by a POST", ENCODING, POLLING_ECHO, |talk| {
        Box::pin(closes(talk, Over::Polling, &["4abc"]))
    }),
    Case::new(
        "socket/invalid/polling-payload",
        "an event whose payload is an object, by a POST",
        DATA,
        POLLING_ECHO,
        |talk| Box::pin(closes(talk, Over::Polling, &["42{}"])),
    ),
];

async fn closes(talk: Talk, over: Over, packets: &[&str]) -> Done {
    let mut session = Session::connected(&talk, over).await?;
    for packet in packets {
        // A POST may be refused as well, and a connection that has ended takes no more.
        session.try_say(packet).await?;
    }
    session.ends(&format!("{:?} is no packet", packets.last().unwrap_or(&""))).await
}

async fn uninvited(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::WebSocket).await?;
    session.send(&[crate::wire::engine::Packet::Binary(vec![1, 2, 3].into())]).await?;
    session.ends("bytes that no packet announced").await
}
