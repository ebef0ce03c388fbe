//! One thing that a plugin has planned, and the response that it comes to.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::behaviour::{Disruption, PlannedReply, Say};
use crate::event::EventNo;

/// How long after its cause something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// In documented time; at the latest, where it was drawn.
    pub after: Duration,
    /// Whether the time, or the order among what is due at that time, was drawn from the run's seed.
    pub drawn: bool,
}

impl Due {
    /// With its cause.
    pub const AT_ONCE: Self = Self { after: Duration::ZERO, drawn: false };
}

impl From<Duration> for Due {
    fn from(after: Duration) -> Self {
        Self { after, drawn: false }
    }
}

/// An event as a plugin is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Which.
    pub no: EventNo,
    /// When it was due, in documented time since the run began.
    pub due: Duration,
    /// Whether that was drawn from the run's seed.
    pub drawn: bool,
    /// When the plugin was told, by the driver's clock.
    pub now: Duration,
}

/// A deed that is planned, with the command that it is for.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Where the command came.
    pub(super) command: Moment,
    pub(super) order: usize,
    pub(super) request_id: Value,
    pub(super) action: String,
    pub(super) payload: Value,
    pub(super) deed: Deed,
}

/// What is planned.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    Reply(PlannedReply),
    Disrupt(Disruption),
}

impl Plan {
    /// Whether it is to be carried out at the marketplace.
    pub(super) fn is_errand(&self) -> bool {
        matches!(&self.deed, Deed::Reply(PlannedReply { say: Say::Marketplace, .. }))
    }

    /// The members beside `request_id` of a response that says this. What the marketplace gives is not known here.
    pub(super) fn says(&self, say: &Say) -> Value {
        let success = |data: &Value| json!({"success": true, "data": data});
        match say {
            Say::Data(data) => success(data),
            Say::Fixture(fixture) => success(fixture.data()),
            Say::Payload => success(&self.payload),
            Say::Error(error) => json!({"success": false, "error": error}),
            Say::Failure(failure) => failure.members(),
            Say::Members(members) => Value::Object(members.clone()),
            Say::BytesAsData(_) => success(&placeholder()),
            Say::Arguments(_) | Say::Bytes(_) | Say::Marketplace => Value::Null,
        }
    }
}

/// What stands in a packet where its first attachment belongs (Socket.IO protocol 5, binary events).
pub(super) fn placeholder() -> Value {
    json!({"_placeholder": true, "num": 0})
}

/// The `request_id` of a response, if it has one.
pub(super) enum Id {
    Is(Value),
    None,
}

impl Id {
    /// A response with this id and these members.
    pub(super) fn with(self, members: Value) -> Value {
        let mut body = Map::new();
        if let Self::Is(id) = self {
            body.insert("request_id".to_owned(), id);
        }
        if let Value::Object(members) = members {
            body.extend(members);
        }
        Value::Object(body)
    }
}
