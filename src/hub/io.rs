//! What goes into the hub and what comes out.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::contract::control::{Reply, Request};
use crate::contract::message::PluginCommand;
use crate::contract::user::UserId;

/// A connection as the hub numbers it, in the order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// Ties the reply of a control request to the one who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u64);

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A client sent CONNECT with this `auth` payload. Answered by [`Output::Accept`] or [`Output::Refuse`] at once, but
    /// for flaws that never answer.
    Connect {
        /// The new connection.
        conn: ConnId,
        /// What it sent with CONNECT, if anything.
        auth: Option<Value>,
    },
    /// A connection is gone, for whatever reason. Unknown connections are ignored.
    Disconnect {
        /// Which.
        conn: ConnId,
    },
    /// A client sent an event.
    Event {
        /// Whose.
        conn: ConnId,
        /// The event's name.
        name: String,
        /// Its arguments, without binary attachments.
        args: Vec<Value>,
        /// Size of the packet on the wire, in bytes.
        bytes: usize,
    },
    /// Somebody asks something of the control API. Answered by one [`Output::Reply`], at once or later.
    Ask {
        /// Names the asker.
        token: Token,
        /// The request.
        request: Request,
    },
    /// The asker has gone away: its call is cancelled (TIME-8).
    Abandon {
        /// Names the asker.
        token: Token,
    },
    /// Time has passed.
    Tick,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Answer CONNECT: the connection is in its user's room already (ISO-11).
    Accept {
        /// Which connection.
        conn: ConnId,
    },
    /// Answer CONNECT with an error.
    Refuse {
        /// Which connection.
        conn: ConnId,
        /// The reason in words.
        message: &'static str,
    },
    /// Emit `plugin_command` to one connection.
    Emit {
        /// Which connection.
        conn: ConnId,
        /// The event's argument.
        command: Arc<PluginCommand>,
    },
    /// Close a connection.
    Close {
        /// Which connection.
        conn: ConnId,
    },
    /// Answer a control request.
    Reply {
        /// Names the asker.
        token: Token,
        /// The answer.
        reply: Reply,
    },
    /// Write a line to the log.
    Log(LogLine),
    /// The hub has shut down: stop serving.
    Stop,
}

/// How grave a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Commands.
    Debug,
    /// Connections.
    Info,
    /// Ignored responses.
    Warn,
    /// Timeouts and failures.
    Error,
}

/// A line of the hub's log (LOG-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How grave.
    pub level: LogLevel,
    /// What happened.
    pub message: String,
    /// Of whom it speaks.
    pub user: Option<UserId>,
    /// Of which action it speaks.
    pub action: Option<String>,
    /// Of which request it speaks.
    pub request_id: Option<String>,
    /// Of which job it speaks.
    pub job: Option<u64>,
}

impl LogLine {
    /// The message of a line that tells of a call's timeout.
    pub const TIMED_OUT: &'static str = "call timed out";

    /// A line that names nobody yet.
    #[must_use]
    pub fn new(level: LogLevel, message: impl Into<String>) -> Self {
        Self { level, message: message.into(), user: None, action: None, request_id: None, job: None }
    }

    /// The same line, naming this user.
    #[must_use]
    pub fn user(mut self, user: &UserId) -> Self {
        self.user = Some(user.clone());
        self
    }

    /// The same line, naming the job, if there is one.
    #[must_use]
    pub fn job(self, job: Option<u64>) -> Self {
        Self { job, ..self }
    }

    /// The same line, naming this action and request.
    #[must_use]
    pub fn request(mut self, action: &str, request_id: &str) -> Self {
        self.action = Some(action.to_owned());
        self.request_id = Some(request_id.to_owned());
        self
    }
}

impl fmt::Display for LogLine {
    /// `error call timed out user=1 action=VINTED_SYNC request_id=req_…`, on one line whatever the names hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warn => "warn",
            LogLevel::Error => "error",
        };
        write!(f, "{level} {}", self.message.escape_debug())?;
        let names = [
            ("user", self.user.as_ref().map(UserId::as_str)),
            ("action", self.action.as_deref()),
            ("request_id", self.request_id.as_deref()),
        ];
        for (name, value) in names {
            if let Some(value) = value {
                write!(f, " {name}={}", value.escape_debug())?;
            }
        }
        self.job.map_or(Ok(()), |job| write!(f, " job={job}"))
    }
}
