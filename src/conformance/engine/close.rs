//! The end of a session, by the client or by the server.

use futures_util::future::join;

use super::super::case::{Case, Need};
use super::super::session::{Over, Session};
use super::super::talk::{Done, Talk, broken};

const CLOSE: &str = "Engine.IO 4, Protocol, close";
const POLLING: &[Need] = &[Need::Polling];
const WEBSOCKET: &[Need] = &[Need::WebSocket];

pub(in crate::conformance) const CASES: &[Case] = &[
    Case::new("engine/close/polling", "after the client's `1` a poll is answered HTTP 400", CLOSE, POLLING, |talk| {
        Box::pin(polling(talk))
    }),
    Case::new(
        "engine/close/polling-post",
        "after the client's `1` a POST is answered HTTP 400",
        CLOSE,
        POLLING,
        |talk| Box::pin(polling_post(talk)),
    ),
    Case::new("engine/close/polling-pending", "the client's `1` ends a poll that waits", CLOSE, POLLING, |talk| {
        Box::pin(pending(talk))
    }),
    Case::new("engine/close/websocket", "the client's `1` closes the WebSocket", CLOSE, WEBSOCKET, |talk| {
        Box::pin(websocket(talk))
    }),
    Case::new(
        "engine/close/websocket-frame",
        "a WebSocket's close frame is answered, and ends the session",
        CLOSE,
        WEBSOCKET,
        |talk| Box::pin(close_frame(talk)),
    ),
    Case::new(
        "engine/close/sid-is-gone",
        "no WebSocket takes over a session that the client has closed",
        CLOSE,
        &[Need::Upgrade],
        |talk| Box::pin(sid_is_gone(talk)),
    ),
    Case::new(
        "engine/close/server-websocket",
        "a server that ends a session closes its WebSocket",
        CLOSE,
        &[Need::WebSocket, Need::Echo],
        |talk| Box::pin(by_server(talk, Over::WebSocket)),
    ),
    Case::new(
        "engine/close/server-polling",
        "a server that ends a session says so to the next poll, and refuses those after it",
        CLOSE,
        &[Need::Polling, Need::Echo],
        |talk| Box::pin(by_server(talk, Over::Polling)),
    ),
];

async fn closed(talk: &Talk) -> Result<Session, super::super::talk::Miss> {
    let mut session = Session::open(talk, Over::Polling).await?;
    session.say("1").await?;
    Ok(session)
}

async fn refused(talk: &Talk, session: &Session, method: &str) -> Done {
    let body = (method == "POST").then(|| "40".to_owned());
    match talk.request(method, &session.query(), body).await?.status {
        400 => Ok(()),
        status => Err(broken("HTTP 400", format!("HTTP {status}"))),
    }
}

async fn polling(talk: Talk) -> Done {
    let session = closed(&talk).await?;
    refused(&talk, &session, "GET").await
}

async fn polling_post(talk: Talk) -> Done {
    let session = closed(&talk).await?;
    refused(&talk, &session, "POST").await
}

async fn pending(talk: Talk) -> Done {
    let mut session = Session::open(&talk, Over::Polling).await?;
    let query = session.query();
    let poll = talk.request_until(talk.soon(), "GET", &query, None);
    let close = talk.request("POST", &query, Some("1".to_owned()));
    let (polled, posted) = join(poll, close).await;
    if posted?.status != 200 {
        return Err(broken("HTTP 200 to `1`", "it was refused"));
    }
    // However it was ended: it may even have come after the close.
    if let Ok(answer) = polled?
        && answer.status == 200
    {
        session.take_in(&answer.body)?;
    }
    session.ends("the client closed").await?;
    refused(&talk, &session, "GET").await
}

async fn websocket(talk: Talk) -> Done {
    let mut session = Session::open(&talk, Over::WebSocket).await?;
    session.say("1").await?;
    session.wire()?.ends("a WebSocket that is closed after `1`").await
}

async fn close_frame(talk: Talk) -> Done {
    let mut session = Session::open(&talk, Over::WebSocket).await?;
    session.wire()?.close().await;
    session.wire()?.ends("a WebSocket that is closed after a close frame").await?;
    match talk.try_open(&session.query_over(Over::WebSocket)).await? {
        Err(_) => Ok(()),
        Ok(mut wire) => wire.ends("no session for a sid that is gone").await,
    }
}

async fn sid_is_gone(talk: Talk) -> Done {
    let session = closed(&talk).await?;
    match talk.try_open(&session.query_over(Over::WebSocket)).await? {
        Err(_) => Ok(()),
        Ok(mut wire) => wire.ends("no session for a sid that is gone").await,
    }
}

/// The server has a reason: what is no packet.
async fn by_server(talk: Talk, over: Over) -> Done {
    let mut session = Session::connected(&talk, over).await?;
    // The POST itself may be refused as well.
    session.try_say("4abc").await?;
    session.ends("what came is no packet").await?;
    match over {
        Over::Polling => refused(&talk, &session, "GET").await,
        Over::WebSocket => session.wire()?.ends("a WebSocket that the server has closed").await,
    }
}
