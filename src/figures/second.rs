//! What is counted each second.

use serde::{Deserialize, Serialize};

use super::latency::Latency;

/// One second of a run. Calls are counted in the second in which they end, starts in that in which they start.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Second {
    /// Which: 0 is the first one of the run, and none is left out.
    pub at_s: u64,
    /// What the run was about: `"connecting"`, `"warming up"`, `"calling"`, `"draining"`.
    pub phase: String,
    /// Plugins connected at its end.
    pub connected: u64,
    /// Connections that succeeded.
    pub connects: u64,
    /// Connections that failed.
    pub connect_failures: u64,
    /// Connections that ended, whoever ended them.
    pub drops: u64,
    /// Calls that were to start.
    pub intended: u64,
    /// Calls that started.
    pub started: u64,
    /// Calls that were to start and never will.
    pub missed: u64,
    /// Calls that got their plugin's answer.
    pub ok: u64,
    /// Calls that got the failure that a plugin answered.
    pub plugin_errors: u64,
    /// Calls that the hub ended for want of an answer.
    pub timeouts: u64,
    /// Calls that ended in any other way.
    pub errors: u64,
    /// Calls that waited at its end.
    pub in_flight: u64,
    /// Answers that a call got and that were another call's.
    pub crossed: u64,
    /// Right answers that were sent in time, and that their calls did not get.
    pub lost: u64,
    /// Round trips of the calls that were answered, from their intended start.
    pub round_trip: Latency,
    /// Resident memory of the hub's process in bytes, if it is known.
    pub hub_rss_bytes: Option<u64>,
    /// Cores that the hub kept busy, if it is known: 1.5 is one and a half.
    pub hub_cpu: Option<f64>,
    /// Resident memory of the harness in bytes.
    pub harness_rss_bytes: u64,
    /// Cores that the harness kept busy.
    pub harness_cpu: f64,
    /// How late the harness's own timers were at the most, in milliseconds.
    pub lag_max_ms: f64,
    /// Calls that the hub held when it was asked last, in the half second before its end; `None` where it does not say, and where so
    /// many calls are in flight that the answer, which names every one, would be load itself.
    pub pending: Option<u64>,
}
