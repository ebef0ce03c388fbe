//! The namespaces of one connection are kept apart.

use serde_json::json;

use super::super::case::{Case, Need};
use super::super::session::{Over, Session};
use super::super::talk::{Done, Talk};
use crate::wire::socket::Data;

const CONNECT: &str = "Socket.IO 5, Connection to a namespace";
const ACK: &str = "Socket.IO 5, Acknowledgement";
const ECHO: &[Need] = &[Need::WebSocket, Need::Echo];
const POLLING_ECHO: &[Need] = &[Need::Polling, Need::Echo];

pub(in crate::conformance) const CASES: &[Case] = &[
    Case::new(
        "socket/namespace/events-apart",
        "an event is answered in its own namespace only",
        CONNECT,
        ECHO,
        |talk| Box::pin(events_apart(talk, Over::WebSocket)),
    ),
    Case::new(
        "socket/namespace/polling",
        "an event is answered in its own namespace only, over polling",
        CONNECT,
        POLLING_ECHO,
        |talk| Box::pin(events_apart(talk, Over::Polling)),
    ),
    Case::new("socket/namespace/acks-apart", "the same id in two namespaces is two acks", ACK, ECHO, |talk| {
        Box::pin(acks_apart(talk))
    }),
];

async fn both(talk: &Talk, over: Over) -> Result<Session, super::super::talk::Miss> {
    let mut session = Session::open(talk, over).await?;
    session.connect("/").await?;
    session.connect("/custom").await?;
    Ok(session)
}

async fn events_apart(talk: Talk, over: Over) -> Done {
    let mut session = both(&talk, over).await?;
    // If one was answered in the other's namespace too, that would come between.
    for namespace in ["/", "/custom", "/custom", "/"] {
        session.echoes(namespace, &[Data::Text(format!("in {namespace}"))]).await?;
    }
    Ok(())
}

async fn acks_apart(talk: Talk) -> Done {
    let mut session = both(&talk, Over::WebSocket).await?;
    for namespace in ["/custom", "/"] {
        session.emit(namespace, "message-with-ack", &[Data::from(json!(namespace))], Some(5)).await?;
        session.hears_ack(namespace, 5, &[Data::from(json!(namespace))]).await?;
    }
    Ok(())
}
