//! What a case is, and all of them.

use futures_util::future::BoxFuture;

use super::talk::{Done, Talk};
use super::{engine, socket};

/// One promise of the protocols, and what shows whether a server keeps it.
#[derive(Debug)]
pub struct Case {
    /// Its name, such as `engine/handshake/polling`: it stays the same. What is before the last slash is its area.
    pub id: &'static str,
    /// What the server does.
    pub title: &'static str,
    /// The protocol and the section of its document.
    pub source: &'static str,
    /// What the target has to offer.
    pub needs: &'static [Need],
    run: Run,
}

type Run = fn(Talk) -> BoxFuture<'static, Done>;

/// What a case needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// HTTP long-polling.
    Polling,
    /// WebSockets.
    WebSocket,
    /// The upgrade from one to the other.
    Upgrade,
    /// The echo events.
    Echo,
    /// Pings that come, and are missed, within the patience.
    Pings,
    /// A time within the patience after which clients without CONNECT are let go of.
    ConnectTimeout,
}

impl Case {
    /// A case.
    pub(super) const fn new(
        id: &'static str,
        title: &'static str,
        source: &'static str,
        needs: &'static [Need],
        run: Run,
    ) -> Self {
        Self { id, title, source, needs, run }
    }

    /// Tries it out.
    pub(super) fn start(&self, talk: Talk) -> BoxFuture<'static, Done> {
        (self.run)(talk)
    }

    /// Whether a name on the command line means it: its id, or an area around it (`engine`, `engine/handshake`).
    #[must_use]
    pub fn is_meant_by(&self, name: &str) -> bool {
        let rest = self.id.strip_prefix(name.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Every case, in reading order.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    [
        engine::handshake::CASES,
        engine::polling::CASES,
        engine::websocket::CASES,
        engine::upgrade::CASES,
        engine::heartbeat::CASES,
        engine::close::CASES,
        socket::connect::CASES,
        socket::event::CASES,
        socket::ack::CASES,
        socket::disconnect::CASES,
        socket::invalid::CASES,
        socket::namespace::CASES,
    ]
    .into_iter()
    .flatten()
}
