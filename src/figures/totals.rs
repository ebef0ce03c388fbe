//! What is counted over a whole run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::latency::Latency;

/// How connections fail, as [`Totals::connect_failures`] names it.
pub const CONNECT_KINDS: &[&str] =
    &["refused", "timeout", "rejected", "reset", "closed", "handshake", "nonsense", "ports", "files", "io"];

/// How calls fail, as [`Totals::errors`] names it: the control API's kinds of errors, then what goes wrong with the control API
/// itself. Beside these there is `http_` with a status.
pub const ERROR_KINDS: &[&str] = &[
    "not_connected",
    "payload_too_large",
    "disconnected",
    "shutting_down",
    "invalid",
    "internal",
    "refused",
    "timeout",
    "reset",
    "closed",
    "nonsense",
    "ports",
    "files",
    "io",
    "unanswered",
];

/// Everything that was counted over the run. Every count is of events, unless it says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Plugins that were to be connected.
    pub plugins_asked: u64,
    /// Plugins connected at the same time, at the most.
    pub plugins_connected: u64,
    /// Connections that got as far as CONNECT's reply, reconnects included.
    pub connects: u64,
    /// Connections that did not, by what went wrong: `refused`, `timeout`, `rejected`, `reset`, `handshake` …
    pub connect_failures: BTreeMap<String, u64>,
    /// Connections of plugins that had been connected before.
    pub reconnects: u64,
    /// Connections that the harness ended, as storms and behaviours ask for.
    pub dropped_by_us: u64,
    /// Connections that ended by themselves before the end of the run.
    pub dropped_by_hub: u64,
    /// Sockets that the hub still counted at the end though they were gone.
    pub ghosts: u64,
    /// Calls that the plan had.
    pub calls_intended: u64,
    /// Calls that were sent.
    pub calls_started: u64,
    /// Calls that were never sent, since the harness could not.
    pub calls_missed: u64,
    /// Calls that got their plugin's answer.
    pub ok: u64,
    /// Calls that got the failure that a plugin answered.
    pub plugin_errors: u64,
    /// Calls that the hub ended for want of an answer.
    pub timeouts: u64,
    /// Calls that ended in any other way, by kind: `not_connected`, `disconnected`, and failures of the control API such as `http_500`.
    pub errors: BTreeMap<String, u64>,
    /// Those among errors and timeouts that what the plugin did makes right: a silent plugin's timeout.
    pub expected_failures: u64,
    /// Commands that plugins received.
    pub commands_received: u64,
    /// Commands that carried no nonce of this run.
    pub commands_of_nobody: u64,
    /// Responses that plugins sent.
    pub responses_sent: u64,
    /// Right answers that were sent in time, and that their calls did not get.
    pub lost: u64,
    /// Answers that a call got and that were another call's.
    pub crossed: u64,
    /// Commands that one socket got twice, and calls that ended twice.
    pub answered_twice: u64,
    /// Request ids that were handed out again.
    pub collisions: Collisions,
    /// Calls that the hub still held when the run had ended; `null` if it does not say.
    pub pending_at_end: Option<u64>,
    /// Calls that a plugin answered, with success or failure, from their intended start to the answer.
    pub round_trip: Latency,
    /// The same calls from their actual start.
    pub round_trip_actual: Latency,
    /// The same calls, less the plugin's own time (PERF-1).
    pub hub_overhead: Latency,
    /// From a command's arrival at the plugin to its response.
    pub plugin_time: Latency,
    /// From the first attempt to connect to CONNECT's reply.
    pub connect_time: Latency,
}

/// What is counted of one action.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActionFigures {
    /// Calls that were sent.
    pub calls: u64,
    /// Calls that got their plugin's answer.
    pub ok: u64,
    /// Calls that got the failure that a plugin answered.
    pub plugin_errors: u64,
    /// Calls that the hub ended for want of an answer.
    pub timeouts: u64,
    /// Calls that ended in any other way, of whatever kind.
    pub errors: u64,
    /// Right answers that were sent in time, and that their calls did not get.
    pub lost: u64,
    /// Answers that a call got and that were another call's.
    pub crossed: u64,
    /// Calls that a plugin answered, with success or failure, from their intended start to the answer.
    pub round_trip: Latency,
    /// The same calls from their actual start.
    pub round_trip_actual: Latency,
    /// The same calls, less the plugin's own time (PERF-1).
    pub hub_overhead: Latency,
}

impl ActionFigures {
    /// Adds those of another action, or of another run. Documents may say anything, so nothing overflows.
    pub fn add(&mut self, more: &Self) {
        let Self { calls, ok, plugin_errors, timeouts, errors, lost, crossed, .. } = self;
        for (sum, count) in [
            (calls, more.calls),
            (ok, more.ok),
            (plugin_errors, more.plugin_errors),
            (timeouts, more.timeouts),
            (errors, more.errors),
            (lost, more.lost),
            (crossed, more.crossed),
        ] {
            *sum = sum.saturating_add(count);
        }
        self.round_trip.add(&more.round_trip);
        self.round_trip_actual.add(&more.round_trip_actual);
        self.hub_overhead.add(&more.hub_overhead);
    }
}

/// Request ids that were handed out again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Collisions {
    /// Ids that an earlier call of the run had.
    pub seen: u64,
    /// Those whose earlier call still waited.
    pub in_flight: u64,
    /// How the hub makes its ids: `"documented"` (`req_{user}_{ms}_{1000 to 9999}`), or `"unknown"`.
    pub scheme: String,
    /// How many were to be expected of that scheme at this rate, were the ids drawn without a look at those handed out.
    pub predicted: Option<Predicted>,
}

impl Default for Collisions {
    fn default() -> Self {
        Self { seen: 0, in_flight: 0, scheme: "unknown".to_owned(), predicted: None }
    }
}

/// How often a scheme that draws ids at random repeats one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Predicted {
    /// The mean.
    pub expected: f64,
    /// Of all runs, a share of `level` lies between these two, both included.
    pub low: u64,
    /// See [`Self::low`].
    pub high: u64,
    /// That share: 0.999.
    pub level: f64,
    /// The variance: what predictions are added up by.
    pub variance: f64,
}

impl Totals {
    /// Calls that ended in some other way than with a plugin's answer or failure, or a timeout.
    pub fn errors_in_all(&self) -> u64 {
        self.errors.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Calls that failed though nothing that a plugin did makes it right: timeouts and errors, less the expected ones.
    pub fn unexpected_failures(&self) -> u64 {
        self.timeouts.saturating_add(self.errors_in_all()).saturating_sub(self.expected_failures)
    }

    /// Connections that failed, of whatever kind.
    pub fn connect_failures_in_all(&self) -> u64 {
        self.connect_failures.values().fold(0, |sum, count| sum.saturating_add(*count))
    }
}
