//! The document of a run: what was asked for, of whom, on which machine, and what came of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::latency::Latency;
use super::second::Second;
use super::totals::{ActionFigures, Totals};

/// The version of the document: keys may be added to it; a key that goes, or means something else, makes a new one.
pub const SCHEMA: u32 = 1;

/// Everything about one load run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadReport {
    /// [`SCHEMA`].
    pub schema: u32,
    /// hubproof's version.
    pub hubproof: String,
    /// The profile's name.
    pub profile: String,
    /// The seed of everything that was drawn.
    pub seed: u64,
    /// The command that runs just this again.
    pub command: String,
    /// How many runs were added up: 1, unless it is a sum of several.
    #[serde(default = "one")]
    pub runs: u64,
    /// The hub.
    pub target: TargetFigures,
    /// Where the harness ran.
    pub machine: MachineFigures,
    /// What was asked for.
    pub asked: Asked,
    /// What it comes to.
    pub result: LoadResult,
    /// Why the run ended before its time: `"interrupted"`, `"a threshold was crossed"`, `"the target is gone"`; `null` if it did not.
    pub partial: Option<String>,
    /// When it began, in seconds since 1970.
    pub started_unix_s: f64,
    /// How long it took, in seconds.
    pub ran_s: f64,
    /// What was counted over the whole run.
    pub totals: Totals,
    /// What was counted of each action.
    pub actions: BTreeMap<String, ActionFigures>,
    /// What was counted each second, in order.
    pub seconds: Vec<Second>,
    /// The thresholds, each with its value.
    pub thresholds: Vec<Judged>,
    /// The guarantees that were seen broken.
    pub findings: Vec<LoadFinding>,
    /// How the harness itself fared.
    pub harness: Harness,
    /// What is known of the hub's process.
    pub hub: Option<HubFigures>,
}

const fn one() -> u64 {
    1
}

/// The hub of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetFigures {
    /// What it calls itself.
    pub name: String,
    /// Its version, if it says.
    pub version: Option<String>,
    /// Where its sockets are.
    pub url: String,
    /// Where its control API is; `null` if nobody called.
    pub control: Option<String>,
    /// Whether it is the built-in hub.
    pub built_in: bool,
    /// The variant of the built-in hub.
    pub variant: Option<String>,
}

/// The machine that the harness ran on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MachineFigures {
    /// Processors that the harness may use.
    pub cpus: u64,
    /// What they are, if the system says.
    pub cpu_model: Option<String>,
    /// Memory in bytes, if the system says.
    pub memory_bytes: Option<u64>,
    /// Files that the harness may have open.
    pub open_files: Option<u64>,
    /// The system's kernel and its version.
    pub kernel: Option<String>,
}

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Plugins.
    pub plugins: u64,
    /// Connections a second, at the most.
    pub connect_rate: f64,
    /// How long calls were to be made, in seconds.
    pub duration_s: f64,
    /// The model of arrivals, in words: `"constant 500/s"`.
    pub rate: String,
    /// Calls that it gives in all.
    pub calls: u64,
    /// The timeout of calls in seconds, of several the longest.
    pub timeout_s: f64,
    /// Who called: `"control"` (we, through the control API) or `"none"` (the backend itself).
    pub commands: String,
    /// Who answered: `"own"` (our plugins) or `"others"`.
    pub answers: String,
}

/// What a run comes to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadResult {
    /// In one word.
    pub word: LoadWord,
    /// Why it is that word, the gravest reason first; none if it passed.
    pub reasons: Vec<String>,
}

/// What a run comes to in one word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoadWord {
    /// Everything that was asked for was there and held.
    #[default]
    Passed,
    /// A threshold was crossed, a guarantee broken, or not every plugin connected.
    Failed,
    /// The harness was at its own limits: nothing can be told of the hub.
    Invalid,
    /// The run ended before its time, and what it saw held.
    Partial,
}

impl LoadWord {
    /// As reports write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "PASSED",
            Self::Failed => "FAILED",
            Self::Invalid => "INVALID",
            Self::Partial => "PARTIAL",
        }
    }
}

/// A threshold and what it was held against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// What is measured: `"round_trip.p99"`.
    pub name: String,
    /// What was wanted of it: `"< 50ms"`.
    pub wanted: String,
    /// What it was, in the base unit (seconds, bytes, shares of 1, events, events a second); `null` if nothing was measured.
    pub value: Option<f64>,
    /// The same for people: `"12.3 ms"`, or `"not measured"`.
    pub shown: String,
    /// Whether it held; one without a value does not.
    pub held: bool,
}

/// A guarantee that was seen broken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadFinding {
    /// Its id: `"CORR-3"`.
    pub guarantee: String,
    /// The first witness: what was expected, and what happened.
    pub text: String,
    /// The user that it happened to.
    pub user: Option<String>,
    /// How often.
    pub count: u64,
}

/// How the harness itself fared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Harness {
    /// How late its timers were.
    pub lag: Latency,
    /// Calls that it did not send when they were due, nor at all.
    pub missed: u64,
    /// Processor time that it took, in seconds.
    pub cpu_s: f64,
    /// Its share (0 to 1) of what all processors could have done.
    pub cpu_share: f64,
    /// Its resident memory in bytes, at the most.
    pub rss_peak_bytes: u64,
    /// Resident memory for each connected, idle plugin, in bytes.
    pub rss_per_plugin_bytes: Option<u64>,
    /// Calls that waited to be sent, at the most.
    pub queue_peak: u64,
    /// How often there were too many of them.
    pub queue_overflows: u64,
    /// Why its figures cannot be trusted; none if they can.
    pub faults: Vec<String>,
}

/// What is known of the hub's process.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HubFigures {
    /// Resident memory in bytes at the end.
    pub rss_bytes: Option<u64>,
    /// The same, at the most.
    pub rss_peak_bytes: Option<u64>,
    /// Resident memory for each connected, idle plugin, in bytes.
    pub rss_per_plugin_bytes: Option<u64>,
    /// Processor time that it took, in seconds.
    pub cpu_s: Option<f64>,
    /// Who says so: `"stats"` (the control API) or `"process"` (the system, of the process that we started).
    pub source: String,
}
