//! The upgrade from polling to a WebSocket.

use futures_util::future::join;

use super::super::case::{Case, Need};
use super::super::door::Frame;
use super::super::session::{Over, Session};
use super::super::talk::{Done, Miss, Talk, Wire, broken, line};
use crate::wire::socket::Data;

const UPGRADE: &str = "Engine.IO 4, Upgrade";
const PLAIN: &[Need] = &[Need::Upgrade];
const ECHO: &[Need] = &[Need::Upgrade, Need::Echo];

pub(in crate::conformance) const CASES: &[Case] = &[
    Case::new(
        "engine/upgrade/offered",
        "a polling handshake offers the upgrade to websocket",
        "Engine.IO 4, Handshake",
        &[Need::Polling, Need::WebSocket],
        |talk| Box::pin(offered(talk)),
    ),
    Case::new(
        "engine/upgrade/probe",
        "`2probe` on a WebSocket with the session's sid is answered `3probe`",
        UPGRADE,
        PLAIN,
        |talk| Box::pin(probe_is_answered(talk)),
    ),
    Case::new("engine/upgrade/complete", "after `5` the session goes on over the WebSocket", UPGRADE, ECHO, |talk| {
        Box::pin(complete(talk))
    }),
    Case::new(
        "engine/upgrade/pending-poll",
        "a poll that waits when the WebSocket is probed is ended, with `6` or what there was",
        UPGRADE,
        ECHO,
        |talk| Box::pin(pending_poll(talk)),
    ),
    Case::new(
        "engine/upgrade/nothing-lost",
        "what is emitted between probe and upgrade comes, over one transport or the other",
        UPGRADE,
        ECHO,
        |talk| Box::pin(nothing_lost(talk)),
    ),
    Case::new("engine/upgrade/poll-refused", "a poll after the upgrade is answered HTTP 400", UPGRADE, ECHO, |talk| {
        Box::pin(old_transport(talk, "GET"))
    }),
    Case::new("engine/upgrade/post-refused", "a POST after the upgrade is answered HTTP 400", UPGRADE, ECHO, |talk| {
        Box::pin(old_transport(talk, "POST"))
    }),
    Case::new(
        "engine/upgrade/second-websocket",
        "a second WebSocket for an upgraded session is refused or ignored, and the first goes on",
        UPGRADE,
        ECHO,
        |talk| Box::pin(second_web_socket(talk)),
    ),
    Case::new(
        "engine/upgrade/websocket-session",
        "a second WebSocket for a session that began as one is refused or ignored, and the first goes on",
        UPGRADE,
        ECHO,
        |talk| Box::pin(websocket_session(talk)),
    ),
    Case::new("engine/upgrade/no-probe", "a WebSocket that says no `2probe` is closed", UPGRADE, ECHO, |talk| {
        Box::pin(no_probe(talk))
    }),
    Case::new(
        "engine/upgrade/given-up",
        "a probe that is given up leaves the session to its polls",
        UPGRADE,
        ECHO,
        |talk| Box::pin(given_up(talk)),
    ),
];

async fn offered(talk: Talk) -> Done {
    let upgrades = Session::open(&talk, Over::Polling).await?.handshake.upgrades;
    if upgrades.iter().any(|to| to == "websocket") {
        return Ok(());
    }
    Err(broken("upgrades with `websocket` in them", format!("{upgrades:?}")))
}

/// A WebSocket for a session, its probe answered.
async fn probed(talk: &Talk, session: &Session) -> Result<Wire, Miss> {
    let mut wire = talk.open(&session.query_over(Over::WebSocket)).await?;
    wire.text("2probe").await?;
    match wire.next(talk.soon(), "3probe").await? {
        Some(Frame::Text(text)) if text == "3probe" => Ok(wire),
        Some(frame) => Err(broken("3probe", line(&frame))),
        None => Err(broken("3probe", "the end of the WebSocket")),
    }
}

/// A session that is connected and has gone over to a WebSocket.
async fn upgraded(talk: &Talk) -> Result<Session, Miss> {
    let mut session = Session::connected(talk, Over::Polling).await?;
    let mut wire = probed(talk, &session).await?;
    wire.text("5").await?;
    session.switch(wire);
    // Only when something has come back is the upgrade known to be done.
    session.lives().await?;
    Ok(session)
}

async fn probe_is_answered(talk: Talk) -> Done {
    let session = Session::open(&talk, Over::Polling).await?;
    probed(&talk, &session).await.map(drop)
}

async fn complete(talk: Talk) -> Done {
    upgraded(&talk).await?.echoes("/", &[Data::Text("over the WebSocket".to_owned())]).await
}

async fn pending_poll(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::Polling).await?;
    let query = session.query();
    let poll = talk.request_until(talk.soon(), "GET", &query, None);
    let (polled, wire) = join(poll, probed(&talk, &session)).await;
    let (polled, mut wire) = (polled?, wire?);
    let expected = "the poll that waits is answered HTTP 200, with noop or what there was";
    let answer = polled.map_err(|how| broken(expected, how))?;
    if answer.status != 200 {
        return Err(broken(expected, format!("HTTP {}", answer.status)));
    }
    session.take_in(&answer.body)?;
    wire.text("5").await?;
    session.switch(wire);
    session.lives().await
}

async fn nothing_lost(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::Polling).await?;
    let mut wire = probed(&talk, &session).await?;
    session.say(r#"42["message","between"]"#).await?;
    wire.text("5").await?;
    session.switch(wire);
    session.hears_event("/", "message-back", &[Data::Text("between".to_owned())]).await
}

async fn old_transport(talk: Talk, method: &str) -> Done {
    let session = upgraded(&talk).await?;
    let body = (method == "POST").then(|| r#"42["message"]"#.to_owned());
    match talk.request(method, &session.query(), body).await?.status {
        400 => Ok(()),
        status => Err(broken("HTTP 400", format!("HTTP {status}"))),
    }
}

async fn second_web_socket(talk: Talk) -> Done {
    let first = upgraded(&talk).await?;
    second(&talk, first).await
}

async fn websocket_session(talk: Talk) -> Done {
    let first = Session::connected(&talk, Over::WebSocket).await?;
    second(&talk, first).await
}

/// Another WebSocket for this session gets nothing of it.
async fn second(talk: &Talk, mut first: Session) -> Done {
    let opened = talk.try_open(&first.query_over(Over::WebSocket)).await?;
    let Ok(mut wire) = opened else { return first.lives().await };
    wire.text("2probe").await?;
    first.lives().await?;
    // Whoever ignores it says nothing, which is known once the patience is over.
    match wire.next(talk.soon(), "").await {
        Ok(Some(frame)) => Err(broken("a second WebSocket that is refused or ignored", line(&frame))),
        Ok(None) | Err(_) => first.lives().await,
    }
}

async fn no_probe(talk: Talk) -> Done {
    let session = Session::connected(&talk, Over::Polling).await?;
    let mut wire = talk.open(&session.query_over(Over::WebSocket)).await?;
    wire.text(r#"42["message","uninvited"]"#).await?;
    wire.ends("the end of a WebSocket that says something else than `2probe`").await
}

async fn given_up(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::Polling).await?;
    let mut wire = probed(&talk, &session).await?;
    wire.close().await;
    session.lives().await
}
