//! The handshake: what opens a session, and what must not.

use super::super::case::{Case, Need};
use super::super::door::Frame;
use super::super::session::{Over, Session};
use super::super::talk::{Done, Talk, broken, shown};
use crate::wire::engine::Packet;

const QUERY: &str = "Engine.IO 4, Query parameters";
const HANDSHAKE: &str = "Engine.IO 4, Handshake";
const POLLING: &[Need] = &[Need::Polling];
const WEBSOCKET: &[Need] = &[Need::WebSocket];

pub(in crate::conformance) const CASES: &[Case] = &[
    Case::new(
        "engine/handshake/polling",
        "a GET opens a session: one open packet with sid, upgrades, both ping times and the largest payload",
        HANDSHAKE,
        POLLING,
        |talk| Box::pin(polling(talk)),
    ),
    Case::new(
        "engine/handshake/polling-is-text",
        "what a poll brings is text/plain",
        "Engine.IO 4, Headers",
        POLLING,
        |talk| Box::pin(polling_is_text(talk)),
    ),
    Case::new(
        "engine/handshake/websocket",
        "a WebSocket opens a session: one open packet that offers no further upgrade",
        HANDSHAKE,
        WEBSOCKET,
        |talk| Box::pin(websocket(talk)),
    ),
    Case::new("engine/handshake/sid-of-its-own", "every session has a sid of its own", HANDSHAKE, POLLING, |talk| {
        Box::pin(sid_of_its_own(talk))
    }),
    Case::new(
        "engine/handshake/polling-no-version",
        "a polling handshake without EIO is answered HTTP 400",
        QUERY,
        POLLING,
        |talk| Box::pin(refused(talk, "GET", "transport=polling")),
    ),
    Case::new(
        "engine/handshake/polling-unknown-version",
        "a polling handshake with another EIO is answered HTTP 400",
        QUERY,
        POLLING,
        |talk| Box::pin(refused(talk, "GET", "EIO=abc&transport=polling")),
    ),
    Case::new(
        "engine/handshake/no-transport",
        "a handshake without transport is answered HTTP 400",
        QUERY,
        POLLING,
        |talk| Box::pin(refused(talk, "GET", "EIO=4")),
    ),
    Case::new(
        "engine/handshake/unknown-transport",
        "a handshake with an unknown transport is answered HTTP 400",
        QUERY,
        POLLING,
        |talk| Box::pin(refused(talk, "GET", "EIO=4&transport=pigeon")),
    ),
    Case::new(
        "engine/handshake/no-query",
        "a handshake without any parameter is answered HTTP 400",
        QUERY,
        POLLING,
        |talk| Box::pin(refused(talk, "GET", "")),
    ),
    Case::new(
        "engine/handshake/poll-unknown-sid",
        "a poll with a sid that no session has is answered HTTP 400",
        QUERY,
        POLLING,
        |talk| Box::pin(refused(talk, "GET", "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA")),
    ),
    Case::new(
        "engine/handshake/post-unknown-sid",
        "a POST with a sid that no session has is answered HTTP 400",
        QUERY,
        POLLING,
        |talk| Box::pin(refused(talk, "POST", "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA")),
    ),
    Case::new("engine/handshake/post", "a POST opens no session: it is refused", HANDSHAKE, POLLING, |talk| {
        Box::pin(no_session(talk, "POST"))
    }),
    Case::new("engine/handshake/put", "a PUT opens no session: it is refused", HANDSHAKE, POLLING, |talk| {
        Box::pin(no_session(talk, "PUT"))
    }),
    Case::new("engine/handshake/delete", "a DELETE opens no session: it is refused", HANDSHAKE, POLLING, |talk| {
        Box::pin(no_session(talk, "DELETE"))
    }),
    Case::new(
        "engine/handshake/websocket-no-version",
        "a WebSocket without EIO opens no session",
        QUERY,
        WEBSOCKET,
        |talk| Box::pin(no_web_socket(talk, "transport=websocket")),
    ),
    Case::new(
        "engine/handshake/websocket-unknown-version",
        "a WebSocket with another EIO opens no session",
        QUERY,
        WEBSOCKET,
        |talk| Box::pin(no_web_socket(talk, "EIO=abc&transport=websocket")),
    ),
    Case::new(
        "engine/handshake/websocket-no-transport",
        "a WebSocket without transport opens no session",
        QUERY,
        WEBSOCKET,
        |talk| Box::pin(no_web_socket(talk, "EIO=4")),
    ),
    Case::new(
        "engine/handshake/websocket-unknown-transport",
        "a WebSocket with an unknown transport opens no session",
        QUERY,
        WEBSOCKET,
        |talk| Box::pin(no_web_socket(talk, "EIO=4&transport=pigeon")),
    ),
    Case::new(
        "engine/handshake/websocket-unknown-sid",
        "a WebSocket with a sid that no session has opens no session",
        QUERY,
        WEBSOCKET,
        |talk| Box::pin(no_web_socket(talk, "EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAAAAAAA")),
    ),
];

async fn polling(talk: Talk) -> Done {
    let answer = talk.request("GET", &Over::Polling.handshake(), None).await?;
    if answer.status != 200 {
        return Err(broken("HTTP 200", format!("HTTP {}", answer.status)));
    }
    let expected = "one open packet, with a sid, upgrades to websocket or none, ping times above 0 and maxPayload";
    let got = || broken(expected, shown(&answer.body));
    let Ok(Packet::Open(handshake)) = Packet::parse(&answer.body) else { return Err(got()) };
    let upgrades = handshake.upgrades.iter().all(|to| to == "websocket" || to == "webtransport");
    let times = handshake.ping_interval_ms > 0 && handshake.ping_timeout_ms > 0;
    let whole = upgrades && times && !handshake.sid.is_empty() && handshake.max_payload.is_some_and(|most| most > 0);
    if whole { Ok(()) } else { Err(got()) }
}

async fn polling_is_text(talk: Talk) -> Done {
    let answer = talk.request("GET", &Over::Polling.handshake(), None).await?;
    let kind = answer.content_type.unwrap_or_default();
    if kind.to_ascii_lowercase().starts_with("text/plain") {
        return Ok(());
    }
    Err(broken("Content-Type: text/plain", format!("Content-Type: {kind:?}")))
}

async fn websocket(talk: Talk) -> Done {
    let handshake = Session::open(&talk, Over::WebSocket).await?.handshake;
    let times = handshake.ping_interval_ms > 0 && handshake.ping_timeout_ms > 0;
    if handshake.upgrades.is_empty() && times && !handshake.sid.is_empty() {
        return Ok(());
    }
    Err(broken("a sid, no upgrades, and ping times above 0", format!("{handshake:?}")))
}

async fn sid_of_its_own(talk: Talk) -> Done {
    let first = Session::open(&talk, Over::Polling).await?.handshake.sid;
    let second = Session::open(&talk, Over::Polling).await?.handshake.sid;
    if first == second { Err(broken("two sids", format!("{first} twice"))) } else { Ok(()) }
}

/// The request is answered HTTP 400.
async fn refused(talk: Talk, method: &str, query: &str) -> Done {
    let body = (method == "POST").then(|| "40".to_owned());
    match talk.request(method, query, body).await?.status {
        400 => Ok(()),
        status => Err(broken("HTTP 400", format!("HTTP {status}"))),
    }
}

/// A handshake by this method is refused; the protocol does not say by which status.
async fn no_session(talk: Talk, method: &str) -> Done {
    let body = (method != "DELETE").then(String::new);
    let answer = talk.request(method, &Over::Polling.handshake(), body).await?;
    if (400..500).contains(&answer.status) {
        return Ok(());
    }
    Err(broken("a status from 400 to 499", format!("HTTP {} {}", answer.status, shown(&answer.body))))
}

/// The WebSocket is refused, or closed without an open packet.
async fn no_web_socket(talk: Talk, query: &str) -> Done {
    let Ok(mut wire) = talk.try_open(query).await? else { return Ok(()) };
    let expected = "a WebSocket that is refused or closed";
    match wire.next(talk.soon(), expected).await? {
        None => Ok(()),
        Some(Frame::Text(text)) => Err(broken(expected, shown(&text))),
        Some(Frame::Binary(bytes)) => Err(broken(expected, format!("{} bytes", bytes.len()))),
    }
}
