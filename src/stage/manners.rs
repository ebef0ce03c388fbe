//! What the Socket.IO server library in front of the reference hub does by itself, as data, so that virtual and real runs
//! agree on it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::hub::Flaw;

/// How a target finds out that a client is gone which says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pings {
    /// From one ping to the next.
    pub interval: Duration,
    /// How long a client may take to answer a ping.
    pub timeout: Duration,
}

impl Pings {
    /// How long a client that falls silent is kept at the most.
    #[must_use]
    pub fn patience(self) -> Duration {
        self.interval + self.timeout
    }

    /// The same durations, so many times as long.
    #[must_use]
    pub fn scaled(self, by: f64) -> Self {
        Self { interval: self.interval.mul_f64(by), timeout: self.timeout.mul_f64(by) }
    }
}

/// Timers of the server side of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerManners {
    /// From the handshake to the first ping: none, unlike Node's server, which waits a whole interval.
    pub first_ping: Duration,
    /// From one ping to the next.
    pub ping_interval: Duration,
    /// How long a client may take to answer a ping.
    pub ping_timeout: Duration,
    /// How long a client may stay without CONNECT, or after a refused one.
    pub connect_timeout: Duration,
}

impl Default for ServerManners {
    fn default() -> Self {
        Self {
            first_ping: Duration::ZERO,
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(45),
        }
    }
}

impl ServerManners {
    /// The same manners with other pings.
    #[must_use]
    pub fn with_pings(self, pings: Pings) -> Self {
        Self { ping_interval: pings.interval, ping_timeout: pings.timeout, ..self }
    }

    /// What a hub's flaws make of them (LIFE-4).
    #[must_use]
    pub fn with_flaws(self, flaws: &BTreeSet<Flaw>) -> Self {
        /// As good as for ever.
        const DAY: Duration = Duration::from_secs(86_400);
        let ping_timeout = if flaws.contains(&Flaw::SilentKept) {
            DAY
        } else if flaws.contains(&Flaw::SlowPongDropped) {
            self.ping_timeout / 4
        } else {
            self.ping_timeout
        };
        Self { ping_timeout, ..self }
    }
}
