//! Bodies of the control API.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contract::user::UserId;

/// What a target can do beyond describing itself; each opens a part of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// `POST /commands`.
    Commands,
    /// `POST /calls`.
    Calls,
    /// `POST /jobs` and all below it.
    Jobs,
    /// `GET /pending`.
    Pending,
    /// `GET /connections/{user_id}`.
    Connections,
    /// `PUT /request-ids`.
    RequestIds,
    /// `POST /clock/advance`.
    Clock,
    /// `POST /reset`.
    Reset,
    /// `POST /shutdown`.
    Shutdown,
    /// `GET /stats`.
    Stats,
    /// The `?user_id=` forms of `pending` and `reset`.
    PerUser,
}

impl Capability {
    /// Every capability.
    pub const ALL: [Self; 11] = [
        Self::Commands,
        Self::Calls,
        Self::Jobs,
        Self::Pending,
        Self::Connections,
        Self::RequestIds,
        Self::Clock,
        Self::Reset,
        Self::Shutdown,
        Self::Stats,
        Self::PerUser,
    ];

    /// The name that the API uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commands => "commands",
            Self::Calls => "calls",
            Self::Jobs => "jobs",
            Self::Pending => "pending",
            Self::Connections => "connections",
            Self::RequestIds => "request_ids",
            Self::Clock => "clock",
            Self::Reset => "reset",
            Self::Shutdown => "shutdown",
            Self::Stats => "stats",
            Self::PerUser => "per_user",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Capability {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|known| known.name() == name).ok_or(())
    }
}

/// What a target says of itself (`GET /`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The version of the control API, 1.
    pub protocol: u64,
    /// The target's name.
    pub name: String,
    /// The target's version.
    pub version: String,
    /// Names of capabilities; names that this version does not know are ignored.
    pub capabilities: Vec<String>,
    /// Figures of the target that scenarios depend on.
    #[serde(default)]
    pub settings: Settings,
}

impl Description {
    /// Whether the target offers `capability`.
    #[must_use]
    pub fn offers(&self, capability: Capability) -> bool {
        self.capabilities.iter().any(|name| name == capability.name())
    }
}

/// Figures of a target; a missing one is unknown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// How long a user may be without a socket before its calls fail, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_s: Option<f64>,
    /// The largest message, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// How the target counts a command's size: `bytes` or `ascii-json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<String>,
    /// The timeout of a call that names none, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_timeout_s: Option<f64>,
    /// Time between pings, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ping_interval_s: Option<f64>,
    /// Patience for a pong, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ping_timeout_s: Option<f64>,
    /// What else the target says.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// Body of `POST /commands` and `POST /calls`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallBody {
    /// Whom to ask.
    pub user_id: UserId,
    /// What to ask.
    pub action: String,
    /// With what.
    #[serde(default)]
    pub payload: Value,
    /// Patience in seconds; passed on unjudged, so any JSON value (TIME-9).
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<Value>,
}

/// A member that is there, whatever it is: null is a value, and only what is missing is absent.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Body of `POST /jobs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobBody {
    /// Such as `vinted`.
    pub marketplace: String,
    /// The short code, such as `sync`.
    pub action: String,
    /// Whose job it is.
    pub user_id: UserId,
    /// The shop, added to the command's payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop_id: Option<Value>,
    /// 1 is the most urgent; 3 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
    /// The payload of the command, without the shop; an empty object when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    /// Patience of its commands in seconds; the action's documented timeout when absent.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<Value>,
}

impl JobBody {
    /// The payload of the job's command: `input` with `shop_id` added where the job has one (JOB-2).
    #[must_use]
    pub fn payload(&self) -> Value {
        let mut payload = self.input.clone().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        if let (Value::Object(members), Some(shop)) = (&mut payload, &self.shop_id) {
            members.insert("shop_id".to_owned(), shop.clone());
        }
        payload
    }
}

/// Body of `POST /jobs/process-next`: whose next pending job to run, of which shop and marketplace if named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessBody {
    /// Whose jobs.
    pub user_id: UserId,
    /// Only jobs of this shop, if named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop_id: Option<Value>,
    /// Only jobs of this marketplace, if named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketplace: Option<String>,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Waits to be processed.
    Pending,
    /// Is being processed.
    Running,
    /// Ended with success.
    Completed,
    /// Failed as often as it may.
    Failed,
    /// Was cancelled.
    Cancelled,
    /// Waited longer than an hour (JOB-10).
    Expired,
}

impl JobStatus {
    /// The name that the API uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

/// Answer to `GET /jobs/{id}`, to its cancellation, and (with id and status alone) to its creation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobView {
    /// The job.
    pub job_id: u64,
    /// Where it stands.
    pub status: JobStatus,
    /// How many attempts have failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_count: Option<u64>,
    /// The timeout that its commands get, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<Value>,
    /// The text of its last failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
}

/// Answer to `GET /pending`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Calls in flight.
    pub count: u64,
    /// Their request ids.
    #[serde(default)]
    pub request_ids: Vec<String>,
}

/// Answer to `GET /stats`; a missing figure is unknown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// Resident memory in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_bytes: Option<u64>,
    /// Sockets connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connections: Option<u64>,
    /// Processor time used, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_s: Option<f64>,
}

/// Why a call failed, as far as the target can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The user has no socket (ERR-1).
    NotConnected,
    /// No response in time (TIME-1).
    Timeout,
    /// The plugin said no (ERR-2).
    PluginError,
    /// Command or response over the limit (LIFE-6, LIFE-7).
    PayloadTooLarge,
    /// The user's last socket left (LIFE-2).
    Disconnected,
    /// The hub is going down (LIFE-9).
    ShuttingDown,
    /// The call itself makes no sense (TIME-9).
    Invalid,
    /// Anything else.
    #[serde(other)]
    Internal,
}

/// A failed call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallError {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// The text that the caller sees.
    pub message: String,
    /// HTTP status of a failed marketplace call (ERR-11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Value>,
    /// Body of a failed marketplace call (ERR-11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_data: Option<Value>,
}

impl CallError {
    /// An error of this kind with this text.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), status: None, error_data: None }
    }
}

/// How a call ended, with the time it took by the target's clock, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Outcome {
    /// With a value: the whole response object at level 1, `data` at level 2.
    Ok {
        /// The value; null if the response had none.
        #[serde(default)]
        value: Value,
        /// Milliseconds taken.
        elapsed_ms: f64,
    },
    /// With an error.
    Error {
        /// What went wrong.
        error: CallError,
        /// Milliseconds taken.
        elapsed_ms: f64,
    },
}
