//! What a swarm tells, and how it goes wrong.

use std::time::{Duration, Instant};

use crate::wire::socket::Frame;

/// Something happened.
#[derive(Debug)]
pub enum News<'a> {
    /// A plugin has its Engine.IO handshake, and is to send CONNECT.
    Greeted {
        /// Which.
        plugin: u32,
    },
    /// A plugin's CONNECT was answered.
    Joined {
        /// Which.
        plugin: u32,
        /// From the beginning of the attempt.
        took: Duration,
    },
    /// A plugin's attempt to connect failed.
    NotJoined {
        /// Which.
        plugin: u32,
        /// Why.
        failure: Failure,
    },
    /// A plugin got an event.
    Event {
        /// Which.
        plugin: u32,
        /// It, not yet looked at.
        frame: Frame<'a>,
        /// When it was read.
        at: Instant,
    },
    /// A plugin's connection ended, and not by [`Swarm::drop_plugin`](super::Swarm::drop_plugin).
    Gone {
        /// Which.
        plugin: u32,
        /// How.
        failure: Failure,
    },
    /// A call has its answer.
    Answered {
        /// Which.
        call: u64,
        /// HTTP status.
        status: u16,
        /// Its body.
        body: &'a [u8],
        /// When it was read.
        at: Instant,
    },
    /// A call gets no answer.
    Unanswered {
        /// Which.
        call: u64,
        /// Why.
        failure: Failure,
    },
    /// A time has come that was waited for.
    Due {
        /// As it was set.
        what: u64,
        /// When it was to come.
        due: Instant,
    },
}

/// How a connection goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// In one word, for counts.
    pub kind: Kind,
    /// In words.
    pub words: String,
}

impl Failure {
    pub(super) fn new(kind: Kind, words: impl Into<String>) -> Self {
        Self { kind, words: words.into() }
    }

    /// That of the system, while connecting or later.
    pub(super) fn of(error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let kind = match error.kind() {
            ErrorKind::ConnectionRefused => Kind::Refused,
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => Kind::Reset,
            ErrorKind::TimedOut => Kind::Timeout,
            ErrorKind::AddrNotAvailable | ErrorKind::AddrInUse => Kind::Ports,
            _ if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) => Kind::Files,
            _ => Kind::Io,
        };
        Self { kind, words: error.to_string() }
    }
}

/// In one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nobody listens.
    Refused,
    /// No answer in time.
    Timeout,
    /// The hub said no (`CONNECT_ERROR`).
    Rejected,
    /// The connection was broken off.
    Reset,
    /// It ended in order, before or after.
    Closed,
    /// The answer to the handshake was no WebSocket's.
    Handshake,
    /// What came is neither Socket.IO nor the control API.
    Nonsense,
    /// This machine has no port left.
    Ports,
    /// This process may open no more files.
    Files,
    /// Something else of the system's.
    Io,
}

impl Kind {
    /// As counts name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Rejected => "rejected",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Handshake => "handshake",
            Self::Nonsense => "nonsense",
            Self::Ports => "ports",
            Self::Files => "files",
            Self::Io => "io",
        }
    }
}
