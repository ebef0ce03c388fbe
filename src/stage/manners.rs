//! What the Socket.IO server library in front of the reference hub does by itself, as data, so that virtual and real runs
//! agree on it.

use std::time::Duration;

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
