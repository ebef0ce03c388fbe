//! CONNECT: what opens a namespace, and what must not.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::case::{Case, Need};
use super::super::session::{Heard, Over, Session};
use super::super::talk::{Done, Talk, broken};
use crate::wire::engine::Packet as Engine;
use crate::wire::socket::{Body, Data};

const CONNECT: &str = "Socket.IO 5, Connection to a namespace";
const ECHO: &[Need] = &[Need::WebSocket, Need::Echo];
const POLLING_ECHO: &[Need] = &[Need::Polling, Need::Echo];
const WEBSOCKET: &[Need] = &[Need::WebSocket];

pub(in crate::conformance) const CASES: &[Case] = &[
    Case::new(
        "socket/connect/main",
        "CONNECT without a payload is answered CONNECT with a sid",
        CONNECT,
        ECHO,
        |talk| Box::pin(connects(talk, Over::WebSocket, "/", None)),
    ),
    Case::new("socket/connect/main-auth", "the payload of CONNECT reaches the server", CONNECT, ECHO, |talk| {
        Box::pin(connects(talk, Over::WebSocket, "/", Some(json!({"token": "123", "n": [1, null]}))))
    }),
    Case::new("socket/connect/polling", "CONNECT by a POST is answered in a poll", CONNECT, POLLING_ECHO, |talk| {
        Box::pin(connects(talk, Over::Polling, "/", Some(json!({"token": "123"}))))
    }),
    Case::new("socket/connect/custom", "CONNECT to a namespace is answered in that namespace", CONNECT, ECHO, |talk| {
        Box::pin(connects(talk, Over::WebSocket, "/custom", None))
    }),
    Case::new(
        "socket/connect/custom-auth",
        "the payload of CONNECT to a namespace reaches the server",
        CONNECT,
        ECHO,
        |talk| Box::pin(connects(talk, Over::WebSocket, "/custom", Some(json!({"token": "abc"})))),
    ),
    Case::new(
        "socket/connect/both",
        "one connection can be in several namespaces, with a sid in each",
        CONNECT,
        ECHO,
        |talk| Box::pin(both(talk)),
    ),
    Case::new(
        "socket/connect/unknown",
        "CONNECT to an unknown namespace is answered CONNECT_ERROR with a message",
        CONNECT,
        WEBSOCKET,
        |talk| Box::pin(unknown(talk)),
    ),
    Case::new(
        "socket/connect/unknown-then-known",
        "after a CONNECT_ERROR another namespace can be connected to",
        CONNECT,
        ECHO,
        |talk| Box::pin(unknown_then_known(talk)),
    ),
    Case::new(
        "socket/connect/missing",
        "a client that sends no CONNECT is let go of after a while",
        CONNECT,
        &[Need::WebSocket, Need::ConnectTimeout],
        |talk| Box::pin(missing(talk)),
    ),
    Case::new(
        "socket/connect/event-first",
        "an event before CONNECT ends the connection",
        CONNECT,
        WEBSOCKET,
        |talk| Box::pin(event_first(talk, Over::WebSocket)),
    ),
    Case::new(
        "socket/connect/event-first-polling",
        "an event before CONNECT, by a POST, ends the connection",
        CONNECT,
        &[Need::Polling],
        |talk| Box::pin(event_first(talk, Over::Polling)),
    ),
];

async fn connects(talk: Talk, over: Over, namespace: &str, auth: Option<Value>) -> Done {
    let mut session = Session::open(&talk, over).await?;
    session.connect_with(namespace, auth).await.map(drop)
}

async fn both(talk: Talk) -> Done {
    let mut session = Session::open(&talk, Over::WebSocket).await?;
    session.connect("/").await?;
    session.connect("/custom").await?;
    session.echoes("/custom", &[Data::Text("a".to_owned())]).await?;
    session.echoes("/", &[Data::Text("b".to_owned())]).await
}

/// Asks for a namespace that is not there, and is refused.
async fn refused(session: &mut Session) -> Done {
    session.send(&[Engine::Message("0/no-such-namespace,".into())]).await?;
    let expected = "CONNECT_ERROR for /no-such-namespace with a message";
    let heard = session.hear(expected).await?;
    if let Heard::Packet(packet, _) = &heard
        && packet.namespace.as_str() == "/no-such-namespace"
        && let Body::ConnectError { payload } = &packet.body
        && payload.get("message").is_some_and(Value::is_string)
    {
        return Ok(());
    }
    Err(broken(expected, heard.to_string()))
}

async fn unknown(talk: Talk) -> Done {
    refused(&mut Session::open(&talk, Over::WebSocket).await?).await
}

async fn unknown_then_known(talk: Talk) -> Done {
    let mut session = Session::open(&talk, Over::WebSocket).await?;
    session.send(&[Engine::Message("0/no-such-namespace,".into())]).await?;
    // What the refusal looks like is another case.
    session.hear("CONNECT_ERROR").await?;
    session.connect("/").await?;
    session.lives().await
}

async fn missing(talk: Talk) -> Done {
    let mut session = Session::open(&talk, Over::WebSocket).await?;
    let until = Instant::now() + talk.offer.connect_timeout + talk.patience;
    session.ends_until(until, "no CONNECT").await
}

async fn event_first(talk: Talk, over: Over) -> Done {
    let mut session = Session::open(&talk, over).await?;
    // The POST itself may be refused as well.
    session.try_say(r#"42["message","too early"]"#).await?;
    session.ends("an event before CONNECT").await
}
