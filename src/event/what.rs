//! The kinds of events.

use std::time::Duration;

use serde_json::Value;

use super::{CallId, PluginId, SocketId};
use crate::contract::control::{CallError, JobBody, JobView};
use crate::contract::user::UserId;

/// What the harness knows of its own precision in a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts {
    /// Real seconds that pass for a documented second that the harness chose; 1 in virtual time.
    pub scale: f64,
    /// How much later than its time something may be seen and still count as in time.
    pub tolerance: Duration,
    /// How long, by the target's own word, a user may be without a socket before its calls fail (LIFE-2).
    pub grace: Duration,
    /// Whether the target's log can be read (LOG-1).
    pub log: bool,
    /// The largest message that the target takes and sends, by its own word (LIFE-6, LIFE-7).
    pub limit: Option<Limit>,
}

/// The largest message of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// In bytes.
    pub max_bytes: u64,
    /// Whether the target says how it counts them, so that a single byte can be judged.
    pub exact: bool,
}

impl Limit {
    /// What a size may differ by from that which the target counts, where it does not say how it counts: a tenth.
    #[must_use]
    pub const fn margin(self) -> u64 {
        if self.exact { 0 } else { self.max_bytes / 10 }
    }

    /// Whether a message of so many bytes is over the limit, however the target counts.
    #[must_use]
    pub const fn is_exceeded_by(self, bytes: u64) -> bool {
        bytes > self.max_bytes.saturating_add(self.margin())
    }

    /// Whether a message of so many bytes is within the limit, however the target counts.
    #[must_use]
    pub const fn has_room_for(self, bytes: u64) -> bool {
        bytes <= self.max_bytes.saturating_sub(self.margin())
    }
}

/// The timeout of a call, as documented and as it was really asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeout {
    /// The duration that the scenario names.
    pub documented: Duration,
    /// The seconds that the target was told.
    pub asked_s: f64,
}

/// How a call ended at its caller.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// With a value: the response at level 1, its `data` at level 2.
    Value(Value),
    /// With an error.
    Error(CallError),
    /// With the result object of a job, or null when none was pending.
    JobResult(Value),
    /// The caller gave up.
    Cancelled,
}

/// Who ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The plugin, in order, as it was told.
    Plugin,
    /// The plugin, by a reset, as it was told.
    Reset,
    /// The plugin, in the middle of a frame, as it was told.
    MidFrame,
    /// The hub, or the network.
    Hub,
    /// The hub, without a goodbye, when it was told to shut down.
    HubAbruptly,
}

impl By {
    /// Whether the plugin had no part in it.
    #[must_use]
    pub const fn is_hub(self) -> bool {
        matches!(self, Self::Hub | Self::HubAbruptly)
    }
}

/// What a stranger does, of whom the hub never learns who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stranger {
    /// It opens a connection and sends nothing.
    Silent,
    /// It sends half of an HTTP request.
    HalfRequest,
    /// It opens a WebSocket and sends nothing.
    NeverConnects,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// The run began.
    Began(Facts),
    /// The caller sent a command on level 1 (`helper: false`) or 2.
    CallStarted {
        /// The call.
        call: CallId,
        /// Whether the helper was asked rather than the hub.
        helper: bool,
        /// Who is asked.
        user: UserId,
        /// What is asked.
        action: String,
        /// With what.
        payload: Value,
        /// Under which timeout; `None` leaves it to the target.
        timeout: Option<Timeout>,
        /// What the target was told instead of a sensible number of seconds (TIME-9).
        odd_timeout: Option<Value>,
    },
    /// The caller had the next job of a user processed (level 3).
    ProcessStarted {
        /// The call.
        call: CallId,
        /// Whose job.
        user: UserId,
    },
    /// A call ended.
    CallEnded {
        /// The call.
        call: CallId,
        /// How.
        ended: Ended,
        /// By the caller's clock.
        elapsed: Duration,
        /// The worst lateness of the harness itself while the call was in flight.
        lateness: Duration,
    },
    /// A call had not ended although the harness waited for it well beyond its timeout.
    CallOverdue {
        /// The call.
        call: CallId,
        /// How long it had been in flight.
        elapsed: Duration,
        /// The worst lateness of the harness itself meanwhile.
        lateness: Duration,
    },
    /// A job was created.
    JobCreated {
        /// Its id at the target.
        job: u64,
        /// What it is.
        body: JobBody,
        /// The timeout of its commands, if it has one of its own.
        timeout: Option<Timeout>,
    },
    /// The target was told to cancel a job.
    JobCancelled {
        /// Its id at the target.
        job: u64,
    },
    /// A job was looked at.
    JobSeen(JobView),
    /// The target wrote a line to its log. When it is seen says nothing of when it was due.
    Logged {
        /// Without its line feed.
        line: String,
    },
    /// The target was told to advance its clock, and everything that it measures by it; the harness's own clock goes on as
    /// it was.
    ClockAdvanced {
        /// By how much.
        by: Duration,
    },
    /// The generator of request ids was fed.
    IdsFed(Vec<String>),
    /// The calls in flight were counted.
    PendingSeen {
        /// Of whom; `None` for everybody.
        user: Option<UserId>,
        /// How many.
        count: u64,
    },
    /// The target said how many sockets a user has.
    SocketsSeen {
        /// Of whom.
        user: UserId,
        /// How many.
        count: u64,
    },
    /// A plugin opened a connection.
    Connecting {
        /// Which.
        plugin: PluginId,
        /// The new connection.
        socket: SocketId,
        /// The user that its auth names, if it names one.
        user: Option<UserId>,
        /// Its auth payload.
        auth: Option<Value>,
    },
    /// The hub accepted a connection.
    Connected {
        /// Which.
        plugin: PluginId,
        /// The connection.
        socket: SocketId,
    },
    /// The hub refused a connection.
    Refused {
        /// Which.
        plugin: PluginId,
        /// The connection.
        socket: SocketId,
        /// What it said.
        reason: Value,
        /// The worst lateness of the harness itself since the connection was opened.
        lateness: Duration,
    },
    /// The hub had not answered CONNECT although the harness waited for it.
    Unanswered {
        /// Which.
        plugin: PluginId,
        /// The connection.
        socket: SocketId,
        /// The worst lateness of the harness itself meanwhile.
        lateness: Duration,
    },
    /// A connection ended.
    Gone {
        /// Which.
        plugin: PluginId,
        /// The connection.
        socket: SocketId,
        /// Who ended it.
        by: By,
    },
    /// A stranger opened a connection, which stays half open.
    Intruded(Stranger),
    /// The target was told to shut down.
    ShutDown,
    /// A plugin answers pings only after a while, as it was told.
    Slowed {
        /// Which.
        plugin: PluginId,
        /// The connection.
        socket: SocketId,
    },
    /// The sockets of a user were counted when the target's ping interval and timeout had passed.
    PulseSeen {
        /// Of whom.
        user: UserId,
        /// How many.
        count: u64,
        /// The worst lateness of the harness itself meanwhile.
        lateness: Duration,
    },
    /// A text was made whose size follows from the target's limit.
    Sized {
        /// How long it is.
        characters: usize,
        /// What that is in words, the same for every target.
        words: String,
    },
    /// The target was looked at under load.
    Weighed {
        /// How many calls are in flight.
        pending: u64,
        /// Its resident memory, where the target is a process of its own and reports it.
        rss_bytes: Option<u64>,
    },
    /// A plugin does nothing any more on a connection that stays open, not even pong, as it was told. What becomes of that
    /// connection it does not notice.
    Frozen {
        /// Which.
        plugin: PluginId,
        /// The connection.
        socket: SocketId,
    },
    /// A plugin received an event.
    Received {
        /// Which.
        plugin: PluginId,
        /// On which connection.
        socket: SocketId,
        /// Whose plugin it is.
        user: Option<UserId>,
        /// The event's name.
        name: String,
        /// Its arguments.
        args: Vec<Value>,
        /// The call whose command it is, as far as the harness can tell.
        call: Option<CallId>,
    },
    /// A plugin sent an event.
    Sent {
        /// Which.
        plugin: PluginId,
        /// On which connection.
        socket: SocketId,
        /// Whose plugin it is.
        user: Option<UserId>,
        /// The event's name.
        name: String,
        /// Its arguments.
        args: Vec<Value>,
        /// The call whose command it answers.
        call: Option<CallId>,
        /// Whether it is a binary event, its arguments with a placeholder where its attachment belongs.
        binary: bool,
    },
    /// A plugin asked the marketplace something, and this is what came back.
    Exchange {
        /// Which.
        plugin: PluginId,
        /// Such as `GET`.
        method: String,
        /// Path and query.
        target: String,
        /// HTTP status; `None` if no answer came.
        status: Option<u16>,
        /// How long it took at the most, in documented time.
        took: Duration,
    },
}

impl What {
    /// How late the harness itself was, at the worst, while this came about; `None` where that is not measured.
    #[must_use]
    pub const fn lateness(&self) -> Option<Duration> {
        match self {
            Self::CallEnded { lateness, .. }
            | Self::CallOverdue { lateness, .. }
            | Self::Refused { lateness, .. }
            | Self::Unanswered { lateness, .. }
            | Self::PulseSeen { lateness, .. } => Some(*lateness),
            _ => None,
        }
    }
}
