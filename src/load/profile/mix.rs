//! Whom calls go to, what they ask, what plugins do with commands, and storms.

use std::time::Duration;

use crate::plugin::ActionName;

/// Whom calls go to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Users {
    /// All users alike.
    Uniform,
    /// Always this user, one of the run's.
    One(u64),
    /// A part of them more than the others.
    HotSet {
        /// How many users that part has, the first ones; fewer than all.
        users: u64,
        /// The share of the calls that go to them, from 0 to 1. All others share the rest alike.
        share: f64,
    },
}

/// An action that calls ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionMix {
    /// Such as `VINTED_SYNC`.
    pub action: ActionName,
    /// How often it is drawn, beside the weights of the others.
    pub weight: f64,
    /// Who is asked to make the call.
    pub level: Level,
    /// How large the command's payload is, as JSON.
    pub payload: Size,
    /// How large the `data` of its answer is, as JSON.
    pub answer: Size,
    /// How long the call may take.
    pub timeout: Duration,
}

/// The levels at which a call can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The hub: `POST /commands`, which gives the whole response.
    Command,
    /// The helper: `POST /calls`, which gives `data`, and takes a failed response as an error.
    Call,
}

/// How large something is, in bytes. What has to stand in it anyway, such as the nonce, makes it no smaller than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Always so many.
    Bytes(u64),
    /// Every size between two ends, both included, is as likely.
    Uniform {
        /// At least.
        from: u64,
        /// At most.
        to: u64,
    },
}

/// What a share of the plugins does with every command.
#[derive(Debug, Clone, PartialEq)]
pub struct BehaviourMix {
    /// The share of the plugins, above 0 and up to 1.
    pub share: f64,
    /// What they do.
    pub what: MassBehaviour,
    /// How long after the command they do it; for [`MassBehaviour::Late`] how long after the call's timeout.
    pub delay: Delay,
}

/// What a plugin does with a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MassBehaviour {
    /// It answers with success.
    Answer,
    /// It answers with a failure.
    Fail {
        /// The error text.
        error: String,
    },
    /// It never answers.
    Silent,
    /// It answers, and reads no faster than this.
    SlowReader {
        /// Bytes a second.
        bytes_per_s: u64,
    },
    /// It answers twice, the same.
    Twice,
    /// It answers when the call's timeout is over.
    Late,
    /// It drops its connection instead of answering, and comes back.
    DropSocket {
        /// How.
        how: Closing,
        /// How long it stays away.
        back_after: Duration,
    },
    /// It answers under a request id that no call has.
    WrongId,
}

/// How long something takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// Always so long.
    Fixed(Duration),
    /// Every time between two ends is as likely.
    Uniform {
        /// At least.
        from: Duration,
        /// At most.
        to: Duration,
    },
    /// The exponential distribution, cut at ten times its mean.
    Exponential {
        /// Its mean, where it is not cut.
        mean: Duration,
    },
}

/// How a plugin ends its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// In order, as a closed tab does.
    Close,
    /// TCP RST, as a cut network looks in the end.
    Reset,
}

/// Plugins that are dropped together and come back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Storm {
    /// When, from the first call that counts.
    pub at: Duration,
    /// The share of the plugins, above 0 and up to 1.
    pub share: f64,
    /// How their connections end.
    pub how: Closing,
    /// Over how long a time they are dropped; none: all at once.
    pub spread: Duration,
    /// How long each stays away.
    pub back_after: Duration,
}
