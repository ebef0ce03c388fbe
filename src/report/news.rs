//! What a run tells.

use std::fmt;

use crate::contract::guarantee::GuaranteeId;
use crate::contract::need::Need;
use crate::event::Verdict;
use crate::transcript::Transcript;

/// How the scenarios are carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// The built-in hub in virtual time.
    Sim,
    /// The built-in hub over real sockets.
    Live,
    /// A remote target at these addresses.
    Remote {
        /// Where its sockets are.
        url: String,
        /// Where its control API is.
        control: String,
    },
}

/// What stands at the head of every report.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// hubproof's version.
    pub version: &'static str,
    /// How the scenarios are carried out.
    pub mode: Mode,
    /// What the target calls itself, with its version.
    pub target: String,
    /// The variant of the built-in hub, if it is broken on purpose.
    pub variant: Option<String>,
    /// The seed of everything that is drawn.
    pub seed: u64,
    /// Real seconds for a documented one.
    pub time_scale: f64,
    /// Whether hardening gates as well.
    pub strict: bool,
    /// How many scenarios each run has.
    pub scenarios: usize,
    /// How many runs there will be.
    pub runs: usize,
}

impl fmt::Display for Header {
    /// The first line of every report: version, target and seed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hubproof {}: {}", self.version, self.target)?;
        if let Some(variant) = &self.variant {
            write!(f, ", variant {variant}")?;
        }
        match &self.mode {
            Mode::Sim => write!(f, ", in virtual time")?,
            Mode::Live => write!(f, ", live")?,
            Mode::Remote { url, .. } => write!(f, " at {url}")?,
        }
        write!(f, ", seed {}", self.seed)
    }
}

/// How a scenario ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// Every step and every checker was satisfied.
    Held,
    /// At least one guarantee was broken; which ones is in the verdicts.
    Broken,
    /// Nothing can be told, for this reason.
    Untold(String),
    /// The target lacks what the scenario needs.
    NotTested(Need),
    /// hubproof itself is at fault.
    Fault(String),
}

/// What a transcript is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// The transcript beside the feature.
    Recorded,
    /// The same scenario's transcript in the first of several runs.
    FirstRun,
}

impl Reference {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::FirstRun => "first run",
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recorded => "the recorded one",
            Self::FirstRun => "that of the first run",
        })
    }
}

/// How a transcript differs from another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which other one.
    pub from: Reference,
    /// A unified diff.
    pub diff: String,
}

/// A scenario that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioEnd {
    /// Its stable address, such as `CORR-4.2`.
    pub address: String,
    /// The guarantee that it judges.
    pub judges: GuaranteeId,
    /// Its title.
    pub title: String,
    /// The feature file and line.
    pub place: String,
    /// How it ended.
    pub status: Status,
    /// The step at which it stopped, if it did not reach its end.
    pub stopped_at: Option<String>,
    /// What every checker found, and what the step that failed says of the judged guarantee.
    pub verdicts: Vec<Verdict>,
    /// The run as text.
    pub transcript: Transcript,
    /// The lines of the target's log, if it could be read.
    pub log: Option<Vec<String>>,
    /// How the transcript differs from what it is compared with, if it does.
    pub difference: Option<Difference>,
    /// The command that runs just this again.
    pub again: String,
}

/// Somebody who is told how a run goes on.
pub trait Listener {
    /// The check begins.
    fn begins(&mut self, _header: &Header) {}

    /// One of its runs begins: which, from 1, and its seed.
    fn run_begins(&mut self, _number: usize, _seed: u64) {}

    /// A scenario has ended. In each run they come in the order of their addresses' features.
    fn scenario(&mut self, _end: &ScenarioEnd) {}

    /// The run that began last has ended.
    fn run_ends(&mut self) {}

    /// The check has ended.
    fn ends(&mut self, _conclusion: &Conclusion) {}
}

use super::summary::Conclusion;
