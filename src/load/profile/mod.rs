//! What a load run is to be, as data. All times are real seconds: nothing is scaled.
//!
//! - [`rate`]: how many calls start when.
//! - [`mix`]: whom calls go to, what they ask, what plugins do with commands, and storms.
//! - [`value`]: durations, sizes, shares and rates as texts.
//! - [`raw`]: a profile as it stands in TOML and on the command line.
//! - [`check`]: what parts of a profile cannot go together.
//! - [`reading`]: profiles from files, from the ready-made ones, and from the command line.

pub mod check;
pub mod mix;
pub mod rate;
pub mod raw;
pub mod reading;
pub mod value;

use std::time::Duration;

use serde::Deserialize;

use crate::figures::Threshold;

pub use mix::{ActionMix, BehaviourMix, Closing, Delay, Level, MassBehaviour, Size, Storm, Users};
pub use rate::{Rate, Step};
pub use reading::{ProfileError, Sources};

/// A whole run, checked: every number in it makes sense, alone and beside the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// What it is called: that of its file without `.toml`.
    pub name: String,
    /// What it is for, in a sentence.
    pub description: Option<String>,
    /// The seed of everything that is drawn.
    pub seed: u64,
    /// Plugins that are connected, from 1.
    pub plugins: u64,
    /// The id of the first user; the others follow it without gaps.
    pub first_user: u64,
    /// Plugins of each user, from 1. The last user may have fewer.
    pub per_user: u32,
    /// Connections that are begun in a second, at most.
    pub connect_rate: f64,
    /// How long calls start.
    pub duration: Duration,
    /// How long calls start before that which do not count.
    pub warmup: Duration,
    /// How long calls may still end after it. What has not ended then is pending at the end.
    pub drain: Duration,
    /// Who asks.
    pub commands: Commands,
    /// Who answers.
    pub answers: Answers,
    /// How many calls start when.
    pub rate: Rate,
    /// Whom calls go to.
    pub users: Users,
    /// What they ask, by weight; at least one.
    pub actions: Vec<ActionMix>,
    /// What plugins do, by share; the shares add up to 1.
    pub behaviours: Vec<BehaviourMix>,
    /// When plugins are dropped together, by time.
    pub storms: Vec<Storm>,
    /// What has to hold at the end, by name.
    pub thresholds: Vec<Threshold>,
    /// Whether the run ends once a threshold cannot hold any more.
    pub abort_on_fail: bool,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commands {
    /// The harness, through the target's control API.
    Control {
        /// How many connections to it there are at most; `None`: as many as the rate needs.
        connections: Option<u32>,
    },
    /// Nobody but the backend itself.
    None,
}

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "who answers")]
pub enum Answers {
    /// Plugins of this run.
    Own,
    /// Somebody else's, which are connected already.
    Others,
}

impl Profile {
    /// How many users there are.
    #[must_use]
    pub fn user_count(&self) -> u64 {
        self.plugins.div_ceil(u64::from(self.per_user.max(1)))
    }

    /// The user whom a plugin belongs to; plugins are counted from 0.
    #[must_use]
    pub fn user_of(&self, plugin: u64) -> u64 {
        self.first_user.saturating_add(plugin / u64::from(self.per_user.max(1)))
    }

    /// The longest timeout of all actions.
    #[must_use]
    pub fn longest_timeout(&self) -> Duration {
        self.actions.iter().map(|action| action.timeout).max().unwrap_or_default()
    }
}
