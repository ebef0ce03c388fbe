//! One case's conversation with a server: what was said is written down, and nothing is waited for beyond the patience.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::door::{Answer, Channel, Door, Frame, Opened, Unanswered};
use super::survey::Offer;
use crate::wire::engine::SEPARATOR;

/// How many characters of a message are written down.
const SHOWN: usize = 160;

/// How many lines are written down.
const MOST_LINES: usize = 60;

/// Why a case has not held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Miss {
    /// The server did something else.
    Broken { expected: String, got: String },
    /// It cannot be tested here: why.
    NotTested(String),
    /// The server could not be reached any more.
    Unreachable(String),
}

/// What a case comes to.
pub(super) type Done = Result<(), Miss>;

/// What a case has to do with: expected, got.
pub(super) fn broken(expected: impl Into<String>, got: impl Into<String>) -> Miss {
    Miss::Broken { expected: expected.into(), got: got.into() }
}

/// The conversation. Clones are the same one.
#[derive(Clone)]
pub(super) struct Talk {
    door: Arc<dyn Door>,
    /// How long the server may take for anything that it does at once.
    pub(super) patience: Duration,
    /// What the server said that it offers.
    pub(super) offer: Arc<Offer>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Talk {
    pub(super) fn new(door: Arc<dyn Door>, patience: Duration, offer: Arc<Offer>) -> Self {
        Self { door, patience, offer, said: Arc::default() }
    }

    /// Until when something that happens at once may take.
    pub(super) fn soon(&self) -> Instant {
        Instant::now() + self.patience
    }

    /// What was said.
    pub(super) fn lines(&self) -> Vec<String> {
        self.said().clone()
    }

    fn said(&self) -> MutexGuard<'_, Vec<String>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, line: &str) {
        let mut said = self.said();
        if said.len() < MOST_LINES {
            said.push(shown(line));
        }
    }

    /// Nothing came.
    pub(super) fn nothing(&self, expected: &str) -> Miss {
        broken(expected, format!("nothing within {:?}", self.patience))
    }

    /// One HTTP request, with what it was answered at once.
    pub(super) async fn request(&self, method: &str, query: &str, body: Option<String>) -> Result<Answer, Miss> {
        self.request_until(self.soon(), method, query, body).await?.map_err(|why| {
            broken(format!("an answer to {method} ?{query}"), format!("the connection ended without one: {why}"))
        })
    }

    /// One HTTP request that may wait for its answer; the inner error is how its connection ended without one.
    pub(super) async fn request_until(
        &self,
        until: Instant,
        method: &str,
        query: &str,
        body: Option<String>,
    ) -> Result<Result<Answer, String>, Miss> {
        let mut line = format!("> {method} ?{query}");
        if let Some(body) = &body {
            // Writing to a String cannot fail.
            let _ = write!(line, " {body}");
        }
        self.note(&line);
        match timeout_at(until, self.door.request(method, query, body)).await {
            Err(_) => {
                let waited = "nothing in time";
                self.note(&format!("< {waited}"));
                Err(broken(format!("an answer to {method} ?{query}"), format!("{waited} ({:?})", self.patience)))
            }
            Ok(Ok(answer)) => {
                self.note(&format!("< HTTP {} {}", answer.status, answer.body));
                Ok(Ok(answer))
            }
            Ok(Err(Unanswered::Unreachable(why))) => Err(Miss::Unreachable(why)),
            Ok(Err(Unanswered::Broken(why))) => {
                self.note(&format!("< {why}"));
                Ok(Err(why))
            }
        }
    }

    /// Asks for a WebSocket; the inner error is how it was refused.
    pub(super) async fn try_open(&self, query: &str) -> Result<Result<Wire, String>, Miss> {
        self.note(&format!("> WebSocket ?{query}"));
        match timeout_at(self.soon(), self.door.open(query)).await {
            Err(_) => Err(self.nothing("an answer to the WebSocket handshake")),
            Ok(Err(Unanswered::Unreachable(why))) => Err(Miss::Unreachable(why)),
            Ok(Err(Unanswered::Broken(why)) | Ok(Opened::Refused(why))) => {
                self.note(&format!("< refused: {why}"));
                Ok(Err(why))
            }
            Ok(Ok(Opened::Channel(channel))) => {
                self.note("< open");
                Ok(Ok(Wire { channel, talk: self.clone() }))
            }
        }
    }

    /// A WebSocket that has to open.
    pub(super) async fn open(&self, query: &str) -> Result<Wire, Miss> {
        self.try_open(query).await?.map_err(|how| broken("a WebSocket", format!("refused: {how}")))
    }
}

/// A WebSocket, what it carries written down.
pub(super) struct Wire {
    channel: Box<dyn Channel>,
    talk: Talk,
}

impl Wire {
    /// Sends a text. What a connection that has ended does not take is seen by the next read.
    pub(super) async fn text(&mut self, text: &str) -> Result<(), Miss> {
        self.send(Frame::Text(text.to_owned())).await
    }

    pub(super) async fn send(&mut self, frame: Frame) -> Result<(), Miss> {
        self.talk.note(&format!("> {}", line(&frame)));
        let sent = timeout_at(self.talk.soon(), self.channel.send(frame)).await;
        sent.map(drop).map_err(|_| broken("a server that reads", "it does not take what is sent"))
    }

    /// The next message, `None` once it has ended; an error if nothing comes until then.
    pub(super) async fn next(&mut self, until: Instant, expected: &str) -> Result<Option<Frame>, Miss> {
        let Ok(next) = timeout_at(until, self.channel.next()).await else {
            return Err(self.talk.nothing(expected));
        };
        self.talk.note(&next.as_ref().map_or("< closed".to_owned(), |frame| format!("< {}", line(frame))));
        Ok(next)
    }

    /// Says goodbye by a close frame.
    pub(super) async fn close(&mut self) {
        self.talk.note("> close frame");
        timeout_at(self.talk.soon(), self.channel.close()).await.ok();
    }

    /// Waits for its end, whatever comes before.
    pub(super) async fn ends(&mut self, expected: &str) -> Done {
        let until = self.talk.soon();
        while self.next(until, expected).await?.is_some() {}
        Ok(())
    }
}

/// A message as it is shown.
pub(super) fn line(frame: &Frame) -> String {
    match frame {
        Frame::Text(text) => shown(text),
        Frame::Binary(bytes) => {
            let start: Vec<String> = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            let rest = if bytes.len() > 16 { " …" } else { "" };
            format!("{} bytes: {}{rest}", bytes.len(), start.join(" "))
        }
    }
}

/// A text in one line, cut where it is long.
pub(super) fn shown(text: &str) -> String {
    let line = |c: char| match c {
        SEPARATOR => '\u{241e}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    let mut shown: String = text.chars().take(SHOWN).map(line).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
