//! Whom calls go to, what they ask, what plugins do with commands, and storms.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

use super::value::{Bytes, Given, Share, Time, Whole, ends, read_from_text};
use crate::contract::nearest::suggestion;
use crate::plugin::ActionName;

/// Whom calls go to.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "Given")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "the name of a level")]
pub enum Level {
    /// The hub: `POST /commands`, which gives the whole response.
    Command,
    /// The helper: `POST /calls`, which gives `data`, and takes a failed response as an error.
    Call,
}

/// How large something is, in bytes. What has to stand in it anyway, such as the nonce, makes it no smaller than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Given")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Given")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "the name of an ending")]
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

read_from_text!(Users, Size, Delay);

/// The highest user id: JSON numbers are exact up to here.
pub const LAST_USER: u64 = (1 << 53) - 1;

impl FromStr for Users {
    type Err = String;

    /// `uniform`, `one 7`, or `hot 10 80%`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' says not whom calls go to: write 'uniform', 'one 7' or 'hot 10 80%'");
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["uniform"] => Ok(Self::Uniform),
            ["one", user] => user.parse().map(|Whole::<1, LAST_USER>(user)| Self::One(user)),
            ["hot", users, share] => {
                let Whole::<1, LAST_USER>(users) = users.parse()?;
                let Share(share) = share.parse()?;
                Ok(Self::HotSet { users, share })
            }
            ["one" | "hot", ..] => Err(wrong()),
            [name, ..] if name.starts_with(char::is_alphabetic) => {
                Err(format!("{}: {}", wrong(), suggestion(name, &["uniform", "one", "hot"])))
            }
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uniform => f.write_str("uniform"),
            Self::One(user) => write!(f, "one {user}"),
            Self::HotSet { users, share } => write!(f, "hot {users} {}%", share * 100.0),
        }
    }
}

impl FromStr for Size {
    type Err = String;

    /// `2KiB`, or `1KiB..4KiB`.
    fn from_str(text: &str) -> Result<Self, String> {
        let Some(both) = ends::<Bytes>(text) else {
            return text.parse().map(|Bytes(bytes)| Self::Bytes(bytes));
        };
        let (Bytes(from), Bytes(to)) = both?;
        if from > to {
            return Err(format!("in '{text}' the first size is larger than the second: swap them"));
        }
        Ok(Self::Uniform { from, to })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => Bytes(*bytes).fmt(f),
            Self::Uniform { from, to } => write!(f, "{}..{}", Bytes(*from), Bytes(*to)),
        }
    }
}

impl Size {
    /// The largest that can come of it.
    #[must_use]
    pub const fn most(self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Uniform { to, .. } => to,
        }
    }
}

impl FromStr for Delay {
    type Err = String;

    /// `20ms`, `5ms..20ms`, or `exponential 20ms`.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(mean) = text.strip_prefix("exponential") {
            let Time(mean) = mean.parse()?;
            return Ok(Self::Exponential { mean });
        }
        let Some(both) = ends::<Time>(text) else {
            return text.parse().map(|Time(delay)| Self::Fixed(delay));
        };
        let (Time(from), Time(to)) = both?;
        if from > to {
            return Err(format!("in '{text}' the first time is longer than the second: swap them"));
        }
        Ok(Self::Uniform { from, to })
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(delay) => Time(*delay).fmt(f),
            Self::Uniform { from, to } => write!(f, "{}..{}", Time(*from), Time(*to)),
            Self::Exponential { mean } => write!(f, "exponential {}", Time(*mean)),
        }
    }
}

impl Delay {
    /// An exponential delay is cut at so many times its mean.
    pub const CUT: u32 = 10;

    /// The longest that can come of it.
    #[must_use]
    pub fn most(self) -> Duration {
        match self {
            Self::Fixed(delay) | Self::Uniform { to: delay, .. } => delay,
            Self::Exponential { mean } => mean.saturating_mul(Self::CUT),
        }
    }

    /// Its mean.
    #[must_use]
    pub fn mean(self) -> Duration {
        match self {
            Self::Fixed(delay) => delay,
            Self::Uniform { from, to } => (from + to) / 2,
            Self::Exponential { mean } => mean,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_as_the_same() {
        for text in ["uniform", "one 7", "hot 10 80%"] {
            assert_eq!(text.parse::<Users>().unwrap().to_string(), text);
        }
        for text in ["2KiB", "300B..1MiB"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
        for text in ["0s", "20ms", "5ms..2s", "exponential 20ms"] {
            assert_eq!(text.parse::<Delay>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_none_of_these_is_told_so() {
        for (text, said) in [
            ("", "write 'uniform', 'one 7' or 'hot 10 80%'"),
            ("uniforme", "did you mean `uniform`?"),
            ("one", "write 'uniform'"),
            ("one 0", "a whole number from 1 to"),
            ("hot 10 0%", "0% is no share"),
            ("hot 10", "write 'uniform'"),
        ] {
            let error = text.parse::<Users>().unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!("2KiB..1KiB".parse::<Size>().unwrap_err().contains("swap them"));
        assert!("20ms..5ms".parse::<Delay>().unwrap_err().contains("swap them"));
        assert!("exponential".parse::<Delay>().unwrap_err().contains("is no duration"));
    }
}
