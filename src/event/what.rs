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
    /// The hub, or the network.
    Hub,
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
