//! What a target offers. What it lacks is not judged, but told.

use std::sync::Arc;
use std::time::Duration;

use super::case::Need;
use super::door::Door;
use super::session::{Over, Session};
use super::talk::{Done, Miss, Talk, shown};
use crate::wire::engine::{Handshake, Packet};

/// What a target was seen to offer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own, and any may be answered either way")]
pub struct Offer {
    /// Whether it takes handshakes by polling.
    pub polling: bool,
    /// Whether it takes WebSockets.
    pub websocket: bool,
    /// Whether a polling handshake offers the upgrade to a WebSocket.
    pub upgrade: bool,
    /// Whether it has the echo events.
    pub echo: bool,
    /// From one ping to the next, as its handshake says.
    pub ping_interval: Duration,
    /// How long an answer to a ping may take, as its handshake says.
    pub ping_timeout: Duration,
    /// How long it waits for CONNECT, as whoever runs the cases says.
    pub connect_timeout: Duration,
}

/// Why nothing can be tested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoTarget {
    /// Nobody is there.
    #[error("the target cannot be reached: {0}")]
    Unreachable(String),
    /// What is there does not speak Engine.IO 4.
    #[error(
        "the target does not answer as an Engine.IO 4 server: {0}; is this the address of a Socket.IO server, and its path \
         (--socket-path)?"
    )]
    Foreign(String),
}

impl Offer {
    /// Why a case with this need is not tested, if the target does not meet it.
    pub(super) fn lacks(&self, need: Need, patience: Duration) -> Option<String> {
        let met = match need {
            Need::Polling => self.polling,
            Need::WebSocket => self.websocket,
            Need::Upgrade => self.upgrade,
            Need::Echo => self.echo,
            Need::Pings => self.ping_interval.saturating_add(self.ping_timeout) <= patience,
            Need::ConnectTimeout => self.connect_timeout <= patience,
        };
        (!met).then(|| match need {
            Need::Polling => "needs HTTP long-polling".to_owned(),
            Need::WebSocket => "needs WebSocket".to_owned(),
            Need::Upgrade => "needs the upgrade to WebSocket".to_owned(),
            Need::Echo => "needs the echo events".to_owned(),
            Need::Pings => format!(
                "needs more patience: a ping every {:?} and {:?} for its answer",
                self.ping_interval, self.ping_timeout
            ),
            Need::ConnectTimeout => {
                format!("needs more patience: {:?} without CONNECT", self.connect_timeout)
            }
        })
    }
}

/// Finds out what the server behind this door offers. `connect_timeout` is how long it waits for CONNECT: no server says so itself.
///
/// # Errors
/// [`NoTarget`] if there is nothing to test.
pub async fn survey(door: &Arc<dyn Door>, patience: Duration, connect_timeout: Duration) -> Result<Offer, NoTarget> {
    let unknown = Offer {
        polling: false,
        websocket: false,
        upgrade: false,
        echo: false,
        ping_interval: Duration::ZERO,
        ping_timeout: Duration::ZERO,
        connect_timeout,
    };
    let talk = Talk::new(Arc::clone(door), patience, Arc::new(unknown.clone()));
    let polled = by_polling(&talk).await?;
    let opened = by_web_socket(&talk).await?;
    let handshake = match (&polled, &opened) {
        (Ok(handshake), _) | (_, Ok(handshake)) => handshake.clone(),
        (Err(why), Err(_)) => return Err(NoTarget::Foreign(why.clone())),
    };
    let over = if opened.is_ok() { Over::WebSocket } else { Over::Polling };
    let echo = match echoes(&talk, over).await {
        Ok(()) => true,
        Err(Miss::Unreachable(why)) => return Err(NoTarget::Unreachable(why)),
        Err(_) => false,
    };
    let upgrades = polled.as_ref().is_ok_and(|handshake| handshake.upgrades.iter().any(|to| to == "websocket"));
    Ok(Offer {
        polling: polled.is_ok(),
        websocket: opened.is_ok(),
        upgrade: upgrades && opened.is_ok(),
        echo,
        ping_interval: Duration::from_millis(handshake.ping_interval_ms),
        ping_timeout: Duration::from_millis(handshake.ping_timeout_ms),
        connect_timeout,
    })
}

/// The handshake by polling, or why there is none.
async fn by_polling(talk: &Talk) -> Result<Result<Handshake, String>, NoTarget> {
    let answer = match talk.request("GET", "EIO=4&transport=polling", None).await {
        Ok(answer) => answer,
        Err(miss) => return refused(miss),
    };
    let said = format!("HTTP {} {:?} to a polling handshake", answer.status, shown(&answer.body));
    Ok(match Packet::parse(&answer.body) {
        Ok(Packet::Open(handshake)) if answer.status == 200 => Ok(handshake),
        _ => Err(said),
    })
}

/// The handshake over a WebSocket, or why there is none.
async fn by_web_socket(talk: &Talk) -> Result<Result<Handshake, String>, NoTarget> {
    match Session::open(talk, Over::WebSocket).await {
        Ok(session) => Ok(Ok(session.handshake)),
        Err(miss) => refused(miss),
    }
}

fn refused(miss: Miss) -> Result<Result<Handshake, String>, NoTarget> {
    match miss {
        Miss::Unreachable(why) => Err(NoTarget::Unreachable(why)),
        Miss::Broken { expected, got } => Ok(Err(format!("expected {expected}, got {got}"))),
        Miss::NotTested(why) => Ok(Err(why)),
    }
}

/// Whether the server greets with `auth` and answers `message` with something.
async fn echoes(talk: &Talk, over: Over) -> Done {
    let mut session = Session::open(talk, over).await?;
    session.connect("/").await?;
    session.say(r#"42["message"]"#).await?;
    session.hear("message-back").await.map(drop)
}
