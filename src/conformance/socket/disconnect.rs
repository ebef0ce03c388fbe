//! DISCONNECT: a namespace is left, and nothing else.

use super::super::case::{Case, Need};
use super::super::session::{Heard, Over, Session};
use super::super::talk::{Done, Talk, broken};
use crate::wire::socket::{Body, Data};

const DISCONNECT: &str = "Socket.IO 5, Disconnection from a namespace";
const ECHO: &[Need] = &[Need::WebSocket, Need::Echo];
const POLLING_ECHO: &[Need] = &[Need::Polling, Need::Echo];

pub(in crate::conformance) const CASES: &[Case] = &[
    Case::new("socket/disconnect/others-stay", "the other namespaces of a connection stay", DISCONNECT, ECHO, |talk| {
        Box::pin(others_stay(talk, "/custom", "/"))
    }),
    Case::new("socket/disconnect/main", "`/` can be left, and a namespace stays", DISCONNECT, ECHO, |talk| {
        Box::pin(others_stay(talk, "/", "/custom"))
    }),
    Case::new("socket/disconnect/is-left", "a namespace that was left answers no events", DISCONNECT, ECHO, |talk| {
        Box::pin(is_left(talk, Over::WebSocket))
    }),
    Case::new(
        "socket/disconnect/is-left-polling",
        "a namespace that was left answers no events, over polling",
        DISCONNECT,
        POLLING_ECHO,
        |talk| Box::pin(is_left(talk, Over::Polling)),
    ),
    Case::new(
        "socket/disconnect/back",
        "a namespace that was left can be connected to again",
        DISCONNECT,
        ECHO,
        |talk| Box::pin(back(talk)),
    ),
];

/// The packet that leaves a namespace.
fn leaving(namespace: &str) -> String {
    if namespace == "/" { "41".to_owned() } else { format!("41{namespace},") }
}

async fn others_stay(talk: Talk, left: &str, kept: &str) -> Done {
    let mut session = Session::open(&talk, Over::WebSocket).await?;
    session.connect(left).await?;
    session.connect(kept).await?;
    session.say(&leaving(left)).await?;
    session.echoes(kept, &[Data::Text("still there?".to_owned())]).await
}

async fn is_left(talk: Talk, over: Over) -> Done {
    let mut session = Session::open(&talk, over).await?;
    session.connect("/").await?;
    session.connect("/custom").await?;
    session.say("41/custom,").await?;
    // Whoever ends the connection for the first of these does not answer it either; a POST may be refused for it.
    session.try_say(r#"42/custom,["message","anybody?"]"#).await?;
    session.try_say(r#"42["message","after it"]"#).await?;
    let expected = "no answer in a namespace that was left";
    match session.hear(expected).await? {
        Heard::Packet(packet, _) if packet.namespace.is_root() => match &packet.body {
            Body::Event { name, .. } if name == "message-back" => Ok(()),
            _ => Err(broken(expected, packet.to_text())),
        },
        Heard::Packet(packet, _) => Err(broken(expected, packet.to_text())),
        Heard::Ended(_) => Ok(()),
    }
}

async fn back(talk: Talk) -> Done {
    let mut session = Session::open(&talk, Over::WebSocket).await?;
    session.connect("/").await?;
    session.connect("/custom").await?;
    session.say("41/custom,").await?;
    // Some servers take their time to leave.
    session.lives().await?;
    session.connect("/custom").await?;
    session.echoes("/custom", &[Data::Text("here again".to_owned())]).await
}
