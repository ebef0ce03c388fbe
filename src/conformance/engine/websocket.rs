//! WebSocket: one packet in each message, bytes as they are.

use bytes::Bytes;
use serde_json::json;

use super::super::case::{Case, Need};
use super::super::door::Frame;
use super::super::session::{Over, Session};
use super::super::talk::{Done, Talk, broken, line};
use crate::wire::socket::Data;

const ENCODING: &str = "Engine.IO 4, Packet encoding, WebSocket";
const ECHO: &[Need] = &[Need::WebSocket, Need::Echo];
const WEBSOCKET: &[Need] = &[Need::WebSocket];
const BOTH: &[Need] = &[Need::Polling, Need::WebSocket];

pub(in crate::conformance) const CASES: &[Case] = &[
    Case::new("engine/websocket/text", "a message travels as a text frame, both ways", ENCODING, ECHO, |talk| {
        Box::pin(text(talk))
    }),
    Case::new(
        "engine/websocket/binary",
        "bytes travel as a binary frame, both ways, with nothing before them",
        ENCODING,
        ECHO,
        |talk| Box::pin(binary(talk)),
    ),
    Case::new("engine/websocket/unicode", "text of every kind comes through unchanged", ENCODING, ECHO, |talk| {
        Box::pin(unicode(talk))
    }),
    Case::new("engine/websocket/large", "a message of 64 KiB comes through whole", ENCODING, ECHO, |talk| {
        Box::pin(large(talk))
    }),
    Case::new("engine/websocket/in-order", "messages come back in the order they were sent", ENCODING, ECHO, |talk| {
        Box::pin(in_order(talk))
    }),
    Case::new(
        "engine/websocket/invalid-packet",
        "a text that is no packet ends the session",
        ENCODING,
        WEBSOCKET,
        |talk| Box::pin(ends_by(talk, "abc")),
    ),
    Case::new(
        "engine/websocket/unknown-type",
        "a packet of an unknown type ends the session",
        ENCODING,
        WEBSOCKET,
        |talk| Box::pin(ends_by(talk, "9")),
    ),
    Case::new(
        "engine/websocket/no-polling",
        "the sid of a WebSocket's session cannot be polled: HTTP 400",
        "Engine.IO 4, Upgrade",
        BOTH,
        |talk| Box::pin(no_polling(talk)),
    ),
];

async fn text(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::WebSocket).await?;
    session.echoes("/", &[Data::Text("a message".to_owned())]).await
}

async fn binary(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::WebSocket).await?;
    let bytes = Bytes::from_static(&[4, 0, 0xff, 2]);
    session.emit("/", "message", &[Data::Bytes(bytes.clone())], None).await?;
    let expected = "an event with a placeholder, and 4 bytes after it as they were sent";
    let until = talk.soon();
    loop {
        match session.wire()?.next(until, expected).await? {
            Some(Frame::Text(text)) if text == "2" => session.say("3").await?,
            Some(Frame::Text(text)) if text.starts_with("451-[") => {}
            Some(Frame::Binary(got)) if got == bytes => return Ok(()),
            Some(frame) => return Err(broken(expected, line(&frame))),
            None => return Err(broken(expected, "the end of the WebSocket")),
        }
    }
}

async fn unicode(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::WebSocket).await?;
    session.echoes("/", &[Data::Text("é 漢字 \u{1f455} \u{2028} \"\\\n\u{1e} 1:2".to_owned())]).await
}

async fn large(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::WebSocket).await?;
    session.echoes("/", &[Data::Text("x".repeat(64 << 10))]).await
}

async fn in_order(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::WebSocket).await?;
    for number in 0..20 {
        session.emit("/", "message", &[Data::from(json!(number))], None).await?;
    }
    for number in 0..20 {
        session.hears_event("/", "message-back", &[Data::from(json!(number))]).await?;
    }
    Ok(())
}

/// What is sent ends the session.
async fn ends_by(talk: Talk, packet: &str) -> Done {
    let mut session = Session::open(&talk, Over::WebSocket).await?;
    session.say(packet).await?;
    session.ends(&format!("{packet:?} is no packet")).await
}

async fn no_polling(talk: Talk) -> Done {
    let session = Session::open(&talk, Over::WebSocket).await?;
    match talk.request("GET", &session.query(), None).await?.status {
        400 => Ok(()),
        status => Err(broken("HTTP 400", format!("HTTP {status}"))),
    }
}
