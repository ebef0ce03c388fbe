//! What is kept of one plugin's connection: a few words, and no buffer while nothing is under way.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::line::Line;

/// How far a plugin's connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// TCP is under way.
    Opening,
    /// The handshake of the WebSocket is.
    Upgrading,
    /// Engine.IO's handshake has not come.
    Greeting,
    /// CONNECT is sent.
    Joining,
    /// CONNECT is answered.
    Joined,
}

/// A plugin's connection.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) line: Line,
    pub(super) stage: Stage,
    /// The number of this attempt to connect, among all of the swarm.
    pub(super) attempt: u32,
    pub(super) since: Instant,
    /// The fragments of a message so far, and whether it is text.
    pub(super) fragments: Option<Box<(bool, Vec<u8>)>>,
    /// How it reads, if slowly.
    pub(super) slow: Option<Box<Slow>>,
}

/// A reader that takes its time.
#[derive(Debug)]
pub(super) struct Slow {
    bytes_per_s: u32,
    /// When it may read again.
    next: Instant,
    /// Whether something waits to be read.
    waits: bool,
}

/// How often a slow reader reads.
const SLOW_TURNS_PER_S: u32 = 10;

/// What the system may take in for a slow reader.
pub(super) const NARROW: usize = 2048;

impl Slow {
    pub(super) fn new(bytes_per_s: u32, now: Instant) -> Self {
        Self { bytes_per_s: bytes_per_s.max(1), next: now, waits: false }
    }

    /// How much it may read now; nothing yet, and then when.
    pub(super) fn allowance(&mut self, now: Instant) -> Result<usize, Option<Instant>> {
        if now < self.next {
            let first = !std::mem::replace(&mut self.waits, true);
            return Err(first.then_some(self.next));
        }
        self.waits = false;
        Ok((self.bytes_per_s / SLOW_TURNS_PER_S).max(1) as usize)
    }

    /// It has read so much.
    pub(super) fn has_read(&mut self, bytes: usize, now: Instant) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.next = now + Duration::from_secs_f64(f64::from(bytes) / f64::from(self.bytes_per_s));
    }
}

/// How a swarm's connections are opened.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) hub: SocketAddr,
    /// The handshake's request up to the key.
    pub(super) request: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_connection_stays_a_few_words() {
        assert_eq!(size_of::<Option<Socket>>(), 104, "docs/performance.md says how much it is");
    }
}
