//! The heartbeat: the server pings, the client answers, and who does not is let go.

use std::time::Duration;

use tokio::time::Instant;

use super::super::case::{Case, Need};
use super::super::session::{Over, Session};
use super::super::talk::{Done, Miss, Talk, broken, shown};
use crate::wire::engine::Packet;

const HEARTBEAT: &str = "Engine.IO 4, Heartbeat";
const POLLING: &[Need] = &[Need::Polling, Need::Pings];
const WEBSOCKET: &[Need] = &[Need::WebSocket, Need::Pings];
const POLLING_ECHO: &[Need] = &[Need::Polling, Need::Pings, Need::Echo];
const WEBSOCKET_ECHO: &[Need] = &[Need::WebSocket, Need::Pings, Need::Echo];

pub(in crate::conformance) const CASES: &[Case] = &[
    Case::new(
        "engine/heartbeat/websocket-ping",
        "a ping without data comes over a WebSocket",
        HEARTBEAT,
        WEBSOCKET,
        |talk| Box::pin(ping(talk, Over::WebSocket)),
    ),
    Case::new("engine/heartbeat/polling-ping", "a ping without data comes with a poll", HEARTBEAT, POLLING, |talk| {
        Box::pin(ping(talk, Over::Polling))
    }),
    Case::new(
        "engine/heartbeat/first-ping",
        "the first ping comes a pingInterval after the handshake, not before",
        HEARTBEAT,
        WEBSOCKET,
        |talk| Box::pin(first_ping(talk)),
    ),
    Case::new(
        "engine/heartbeat/websocket-pong",
        "a WebSocket's session whose pings are answered goes on, with further pings",
        HEARTBEAT,
        WEBSOCKET_ECHO,
        |talk| Box::pin(pong_keeps(talk, Over::WebSocket)),
    ),
    Case::new(
        "engine/heartbeat/polling-pong",
        "a polling session whose pings are answered goes on, with further pings",
        HEARTBEAT,
        POLLING_ECHO,
        |talk| Box::pin(pong_keeps(talk, Over::Polling)),
    ),
    Case::new(
        "engine/heartbeat/websocket-no-pong",
        "a WebSocket whose ping is not answered is closed when the pingTimeout is over, not before",
        HEARTBEAT,
        WEBSOCKET,
        |talk| Box::pin(no_pong(talk, Over::WebSocket)),
    ),
    Case::new(
        "engine/heartbeat/polling-no-pong",
        "a polling session whose ping is not answered is over when the pingTimeout is, not before",
        HEARTBEAT,
        POLLING,
        |talk| Box::pin(no_pong(talk, Over::Polling)),
    ),
];

/// A session that has asked for a namespace, so that it is not let go of for that.
async fn open(talk: &Talk, over: Over) -> Result<Session, Miss> {
    let mut session = Session::open(talk, over).await?;
    session.say("40").await?;
    Ok(session)
}

/// Waits for a ping, which comes at its interval at the latest. What the server says in the namespace is of no interest.
async fn next_ping(session: &mut Session) -> Done {
    let expected = "a ping without data";
    let until = Instant::now() + interval(session) + session.talk.patience;
    loop {
        match session.packet(until, expected).await? {
            Ok(Packet::Ping(data)) if data.is_empty() => return Ok(()),
            Ok(Packet::Message(_) | Packet::Noop) => {}
            Ok(packet) => return Err(broken(expected, shown(&packet.to_text()))),
            Err(how) => return Err(broken(expected, format!("the end of the session ({how})"))),
        }
    }
}

fn interval(session: &Session) -> Duration {
    Duration::from_millis(session.handshake.ping_interval_ms)
}

/// Nine tenths: timers of some servers are a little early.
fn about(duration: Duration) -> Duration {
    duration.mul_f64(0.9)
}

async fn ping(talk: Talk, over: Over) -> Done {
    next_ping(&mut open(&talk, over).await?).await
}

async fn first_ping(talk: Talk) -> Done {
    let mut session = open(&talk, Over::WebSocket).await?;
    next_ping(&mut session).await?;
    // From before the handshake was asked for, so that what keeps us waiting makes no server look early.
    let (came, due) = (session.began.elapsed(), interval(&session));
    if came < about(due) { Err(broken(format!("a ping after {due:?}"), "one long before that")) } else { Ok(()) }
}

async fn pong_keeps(talk: Talk, over: Over) -> Done {
    let mut session = Session::connected(&talk, over).await?;
    for _ in 0..3 {
        next_ping(&mut session).await?;
        session.say("3").await?;
    }
    session.lives().await
}

async fn no_pong(talk: Talk, over: Over) -> Done {
    let mut session = open(&talk, over).await?;
    let timeout = Duration::from_millis(session.handshake.ping_timeout_ms);
    let until = Instant::now() + interval(&session) + timeout + talk.patience;
    let expected = format!("the end of the session {timeout:?} after a ping");
    loop {
        match session.packet(until, &expected).await? {
            Ok(Packet::Ping(_) | Packet::Message(_) | Packet::Noop) => {
                if Instant::now() > until {
                    return Err(talk.nothing(&expected));
                }
            }
            Ok(packet) => return Err(broken(&expected, shown(&packet.to_text()))),
            Err(_) => break,
        }
    }
    if session.began.elapsed() < about(timeout) {
        return Err(broken(expected, "its end long before that"));
    }
    Ok(())
}
