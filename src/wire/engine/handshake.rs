//! The data of an open packet.

use serde::{Deserialize, Serialize};

use crate::wire::{WireError, json};

/// What the server tells a client in the open packet.
///
/// Keys that are not listed here are ignored on reading, as clients do.
/// Source: Engine.IO protocol 4, section "Handshake".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handshake {
    /// The session's id, the `sid` of the query string from then on.
    pub sid: String,
    /// The transports the client may upgrade to, such as `websocket`; empty once there is none.
    pub upgrades: Vec<String>,
    /// Milliseconds from one ping of the server to the next (`pingInterval`).
    #[serde(rename = "pingInterval")]
    pub ping_interval_ms: u64,
    /// Milliseconds the client has to answer a ping (`pingTimeout`).
    #[serde(rename = "pingTimeout")]
    pub ping_timeout_ms: u64,
    /// Bytes a polling payload may have at most (`maxPayload`); older servers leave it out.
    #[serde(rename = "maxPayload", default, skip_serializing_if = "Option::is_none")]
    pub max_payload: Option<u64>,
}

impl Handshake {
    /// Reads the data of an open packet, which starts at byte `at` of the packet.
    pub(super) fn parse(data: &str, at: usize) -> Result<Self, WireError> {
        serde_json::from_str(data).map_err(|error| WireError::BadHandshake {
            reason: json::reason(&error),
            at: at + json::offset(data, &error),
        })
    }

    /// The data as it is sent, keys in the protocol's order.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and integers under fixed keys are always JSON")
    }
}
