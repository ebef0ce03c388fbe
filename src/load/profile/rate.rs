//! How many calls start when: an open model, in which nothing waits for the calls before it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

use super::value::{Given, PerSecond, Time, Whole, ends, read_from_text};
use crate::contract::nearest::suggestion;

/// How many calls start when.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Given")]
pub enum Rate {
    /// No calls at all.
    None,
    /// The same all the time.
    Constant {
        /// Calls a second.
        per_s: f64,
    },
    /// From one rate to another, in a straight line over the whole duration.
    Ramp {
        /// Calls a second at the beginning.
        from: f64,
        /// And at the end.
        to: f64,
    },
    /// One rate after the other; together they take the whole duration.
    Steps {
        /// In order; at least one.
        steps: Vec<Step>,
    },
    /// A base with one peak.
    Spike {
        /// Calls a second.
        base: f64,
        /// Calls a second at the peak.
        peak: f64,
        /// When the peak begins.
        at: Duration,
        /// How long it lasts.
        lasts: Duration,
    },
    /// At random: the time from one call to the next is exponential.
    Poisson {
        /// Calls a second, on average.
        per_s: f64,
    },
    /// Many calls at the same instant, over and over.
    Bursts {
        /// Calls of one burst.
        calls: u64,
        /// From one burst to the next.
        every: Duration,
    },
}

/// A rate for a while.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Calls a second.
    pub per_s: f64,
    /// For how long.
    pub lasts: Duration,
}

/// What a rate is called, and how it is written.
const SHAPES: &[(&str, &str)] = &[
    ("none", "none"),
    ("constant", "500, which is constant"),
    ("ramp", "ramp 0..500"),
    ("steps", "steps 100:10s, 200:10s"),
    ("spike", "spike 100..1000 at 10s for 5s"),
    ("poisson", "poisson 300"),
    ("bursts", "bursts 200 every 1s"),
];

impl FromStr for Rate {
    type Err = String;

    /// Reads what [`Display`](fmt::Display) writes.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (shape, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        let like = |shape: &str| {
            let example = SHAPES.iter().find(|(name, _)| *name == shape).map_or("", |(_, example)| *example);
            format!("'{text}' is no rate: write it as in '{example}'")
        };
        let some = |rate: Self| if rate.peak() > 0.0 { Ok(rate) } else { Err(NO_CALLS.to_owned()) };
        match shape {
            "none" if rest.is_empty() => Ok(Self::None),
            "constant" if !rest.is_empty() => some(Self::Constant { per_s: per_s(rest)? }),
            "ramp" => {
                let (PerSecond(from), PerSecond(to)) = ends(rest).ok_or_else(|| like(shape))??;
                some(Self::Ramp { from, to })
            }
            "steps" => {
                let steps = rest.split(',').map(|step| {
                    let (rate, lasts) = step.split_once(':').ok_or_else(|| like(shape))?;
                    Ok(Step { per_s: per_s(rate)?, lasts: some_time(lasts)? })
                });
                some(Self::Steps { steps: steps.collect::<Result<_, String>>()? })
            }
            "spike" => {
                let parts = rest.split_once(" at ").and_then(|(rates, when)| Some((rates, when.split_once(" for ")?)));
                let (rates, (at, lasts)) = parts.ok_or_else(|| like(shape))?;
                let (PerSecond(base), PerSecond(peak)) = ends(rates).ok_or_else(|| like(shape))??;
                some(Self::Spike { base, peak, at: at.parse::<Time>()?.0, lasts: some_time(lasts)? })
            }
            "poisson" if !rest.is_empty() => some(Self::Poisson { per_s: per_s(rest)? }),
            "bursts" => {
                let (calls, every) = rest.split_once(" every ").ok_or_else(|| like(shape))?;
                let Whole::<1, MOST_AT_ONCE>(calls) = calls.parse()?;
                some(Self::Bursts { calls, every: some_time(every)? })
            }
            _ if SHAPES.iter().any(|(name, _)| *name == shape) => Err(like(shape)),
            _ if shape.starts_with(char::is_alphabetic) => {
                let names: Vec<&str> = SHAPES.iter().map(|(name, _)| *name).collect();
                Err(format!("no rate is called '{shape}': {}", suggestion(shape, &names)))
            }
            _ => some(Self::Constant { per_s: per_s(text)? }),
        }
    }
}

/// The most calls of one burst.
const MOST_AT_ONCE: u64 = 100_000;

const NO_CALLS: &str = "a rate of 0 makes no calls: write 'none' if that is meant";

fn per_s(text: &str) -> Result<f64, String> {
    text.parse().map(|PerSecond(rate)| rate)
}

/// A time that is not nothing.
fn some_time(text: &str) -> Result<Duration, String> {
    let Time(time) = text.parse()?;
    if time.is_zero() { Err(format!("'{}' is no time at all: give more than 0", text.trim())) } else { Ok(time) }
}

read_from_text!(Rate);

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Constant { per_s } => write!(f, "{per_s}"),
            Self::Ramp { from, to } => write!(f, "ramp {from}..{to}"),
            Self::Steps { steps } => {
                let steps: Vec<String> =
                    steps.iter().map(|step| format!("{}:{}", step.per_s, Time(step.lasts))).collect();
                write!(f, "steps {}", steps.join(", "))
            }
            Self::Spike { base, peak, at, lasts } => {
                write!(f, "spike {base}..{peak} at {} for {}", Time(*at), Time(*lasts))
            }
            Self::Poisson { per_s } => write!(f, "poisson {per_s}"),
            Self::Bursts { calls, every } => write!(f, "bursts {calls} every {}", Time(*every)),
        }
    }
}

impl Rate {
    /// The highest rate, in calls a second: of bursts what they come to.
    #[must_use]
    pub fn peak(&self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Constant { per_s } | Self::Poisson { per_s } => *per_s,
            Self::Ramp { from, to } => from.max(*to),
            Self::Steps { steps } => steps.iter().map(|step| step.per_s).fold(0.0, f64::max),
            Self::Spike { base, peak, .. } => base.max(*peak),
            #[expect(clippy::cast_precision_loss, reason = "at most 100,000")]
            Self::Bursts { calls, every } => *calls as f64 / every.as_secs_f64(),
        }
    }

    /// How many calls start at the same instant, at most.
    #[must_use]
    pub const fn at_once(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::Bursts { calls, .. } => *calls,
            _ => 1,
        }
    }

    /// The rate as it begins, to warm up with.
    #[must_use]
    pub fn at_start(&self) -> Self {
        let per_s = match self {
            Self::None | Self::Constant { .. } | Self::Poisson { .. } | Self::Bursts { .. } => return self.clone(),
            Self::Ramp { from, .. } => *from,
            Self::Steps { steps } => steps.first().map_or(0.0, |step| step.per_s),
            Self::Spike { base, .. } => *base,
        };
        if per_s > 0.0 { Self::Constant { per_s } } else { Self::None }
    }

    /// How long the rate lasts by itself, where it says so.
    #[must_use]
    pub fn lasts(&self) -> Option<Duration> {
        match self {
            Self::Steps { steps } => Some(steps.iter().map(|step| step.lasts).sum()),
            _ => None,
        }
    }

    /// How many calls it makes in this time, on average.
    #[must_use]
    pub fn calls_in(&self, duration: Duration) -> f64 {
        let whole = duration.as_secs_f64();
        match self {
            Self::None => 0.0,
            Self::Constant { per_s } | Self::Poisson { per_s } => per_s * whole,
            Self::Ramp { from, to } => f64::midpoint(*from, *to) * whole,
            Self::Steps { steps } => steps.iter().map(|step| step.per_s * step.lasts.as_secs_f64()).sum(),
            Self::Spike { base, peak, lasts, .. } => base * whole + (peak - base) * lasts.as_secs_f64(),
            #[expect(clippy::cast_precision_loss, reason = "at most 100,000")]
            Self::Bursts { calls, every } => *calls as f64 * (whole / every.as_secs_f64()).ceil(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_as_the_same() {
        for text in [
            "none",
            "500",
            "0.5",
            "ramp 0..500",
            "ramp 500..0",
            "steps 100:10s, 200:500ms",
            "spike 100..1000 at 10s for 5s",
            "poisson 300",
            "bursts 200 every 1s",
        ] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        assert_eq!("500/s".parse::<Rate>().unwrap(), "constant 500".parse().unwrap());
        assert_eq!("steps 1:1s,2:2".parse::<Rate>().unwrap(), "steps 1/s:1s, 2/s:2s".parse().unwrap());
    }

    #[test]
    fn what_is_no_rate_is_told_how_to_be_one() {
        for (text, said) in [
            ("", "'' is no rate"),
            ("0", NO_CALLS),
            ("-5", "-5 is no rate: it must be from 0 to 1000000 a second"),
            ("NaN", "no rate is called 'NaN': there are `none`"),
            ("rmap 0..5", "no rate is called 'rmap': did you mean `ramp`?"),
            ("ramp", "'ramp' is no rate: write it as in 'ramp 0..500'"),
            ("ramp 0..0", NO_CALLS),
            ("ramp 0..x", "'x' is no rate"),
            ("steps 100", "write it as in 'steps 100:10s, 200:10s'"),
            ("steps 100:0s", "'0s' is no time at all"),
            ("steps", "write it as in 'steps"),
            ("spike 1..2 for 5s", "write it as in 'spike 100..1000 at 10s for 5s'"),
            ("spike 1..2 at 5s for 0s", "'0s' is no time at all"),
            ("poisson", "write it as in 'poisson 300'"),
            ("poisson 0", NO_CALLS),
            ("bursts 0 every 1s", "'0' does not go here: a whole number from 1 to 100000 does"),
            ("bursts 5 every 0s", "'0s' is no time at all"),
            ("bursts 5", "write it as in 'bursts 200 every 1s'"),
            ("none 5", "write it as in 'none'"),
            ("1e9", "'1e9' is no rate"),
            ("2000000", "from 0 to 1000000 a second"),
        ] {
            let error = text.parse::<Rate>().unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
