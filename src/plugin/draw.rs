//! What is drawn from the run's seed: delays, chances, and orders.
//!
//! Every command has numbers of its own, by the run's seed, the plugin and the command's call. So what is drawn for one does not
//! depend on which command came first, and is the same in virtual time and live.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

use super::value::{Chance, Seconds};

/// Where a plugin's numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draws {
    seed: u64,
    plugin: u64,
}

/// The numbers of one command, or of one gathering.
#[derive(Debug)]
pub struct Draw(ChaCha8Rng);

impl Draws {
    /// The numbers of the plugin with this place in a run with this seed.
    #[must_use]
    pub fn new(seed: u64, plugin: usize) -> Self {
        Self { seed, plugin: plugin as u64 }
    }

    /// Those of the command of the call with this place.
    #[must_use]
    pub fn of_command(self, order: usize) -> Draw {
        self.stream(order as u64 & u64::from(u32::MAX >> 1))
    }

    /// Those of the gathering that the command of this call belongs to.
    fn of_gathering(self, first: usize) -> Draw {
        self.stream((first as u64 & u64::from(u32::MAX >> 1)) | 1 << 31)
    }

    /// The places of calls in an order drawn for this gathering.
    pub(super) fn shuffled(self, mut orders: Vec<usize>) -> BTreeMap<usize, usize> {
        orders.sort_unstable();
        orders.dedup();
        let mut draw = self.of_gathering(orders.first().copied().unwrap_or_default());
        orders.shuffle(&mut draw.0);
        orders.into_iter().enumerate().map(|(rank, order)| (order, rank)).collect()
    }

    /// The hub draws from stream 0 of the same seed.
    fn stream(self, number: u64) -> Draw {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream((self.plugin + 1) << 32 | number);
        Draw(rng)
    }
}

impl Draw {
    /// Whether something of this probability comes about.
    pub fn comes(&mut self, chance: Chance) -> bool {
        self.share() < chance.number()
    }

    /// From 0 to 1, without 1.
    fn share(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// Of the normal distribution with mean 0 and deviation 1, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let (radius, angle) = (1.0 - self.share(), self.share());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }
}

/// A delay that is drawn anew for each response. Each has an end that it never goes beyond; what would is cut to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "the name of a distribution, or a table with one")]
pub enum Drawn {
    /// As plugins take in the field: 500 to 3,000 ms, as the contract document has it. That the time is log-normal, with these
    /// ends two deviations from its median, is assumed.
    Field,
    /// Every time between two ends is as likely.
    Uniform(Range),
    /// The normal distribution, cut at two ends.
    Normal(Normal),
    /// The log-normal distribution, cut at two ends.
    LogNormal(LogNormal),
    /// The exponential distribution, cut at its upper end.
    Exponential(Exponential),
}

/// Two ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawRange", into = "RawRange")]
pub struct Range {
    from: Seconds,
    to: Seconds,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `from_s` and `to_s`")]
struct RawRange {
    from_s: Seconds,
    to_s: Seconds,
}

impl TryFrom<RawRange> for Range {
    type Error = String;

    fn try_from(raw: RawRange) -> Result<Self, String> {
        if raw.from_s > raw.to_s {
            let (from, to) = (raw.from_s.number(), raw.to_s.number());
            return Err(format!("`from_s` ({from}) lies beyond `to_s` ({to}): swap them"));
        }
        Ok(Self { from: raw.from_s, to: raw.to_s })
    }
}

impl From<Range> for RawRange {
    fn from(range: Range) -> Self {
        Self { from_s: range.from, to_s: range.to }
    }
}

impl Range {
    fn cut(self, seconds: f64) -> f64 {
        seconds.clamp(self.from.number(), self.to.number())
    }
}

/// A normal distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawNormal", into = "RawNormal")]
pub struct Normal {
    mean: Seconds,
    deviation: Seconds,
    range: Range,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `mean_s`, `deviation_s`, `from_s` and `to_s`")]
#[expect(clippy::struct_field_names, reason = "the names that TOML has, each with its unit")]
struct RawNormal {
    mean_s: Seconds,
    deviation_s: Seconds,
    #[serde(default)]
    from_s: Seconds,
    to_s: Seconds,
}

impl TryFrom<RawNormal> for Normal {
    type Error = String;

    fn try_from(raw: RawNormal) -> Result<Self, String> {
        let range = RawRange { from_s: raw.from_s, to_s: raw.to_s }.try_into()?;
        Ok(Self { mean: raw.mean_s, deviation: raw.deviation_s, range })
    }
}

impl From<Normal> for RawNormal {
    fn from(normal: Normal) -> Self {
        let Range { from, to } = normal.range;
        Self { mean_s: normal.mean, deviation_s: normal.deviation, from_s: from, to_s: to }
    }
}

/// A log-normal distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawLogNormal", into = "RawLogNormal")]
pub struct LogNormal {
    median: Seconds,
    /// The deviation of the logarithm.
    sigma: f64,
    range: Range,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `median_s`, `sigma`, `from_s` and `to_s`")]
struct RawLogNormal {
    median_s: Seconds,
    sigma: f64,
    #[serde(default)]
    from_s: Seconds,
    to_s: Seconds,
}

impl TryFrom<RawLogNormal> for LogNormal {
    type Error = String;

    fn try_from(raw: RawLogNormal) -> Result<Self, String> {
        if !(0.0..=10.0).contains(&raw.sigma) {
            return Err(format!("a `sigma` of {} is no spread: give a number from 0 to 10", raw.sigma));
        }
        let range = RawRange { from_s: raw.from_s, to_s: raw.to_s }.try_into()?;
        Ok(Self { median: raw.median_s, sigma: raw.sigma, range })
    }
}

impl From<LogNormal> for RawLogNormal {
    fn from(log_normal: LogNormal) -> Self {
        let Range { from, to } = log_normal.range;
        Self { median_s: log_normal.median, sigma: log_normal.sigma, from_s: from, to_s: to }
    }
}

/// An exponential distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `mean_s` and `to_s`")]
pub struct Exponential {
    /// Its mean, where it is not cut.
    pub mean_s: Seconds,
    /// Its upper end.
    pub to_s: Seconds,
}

/// The ends of the time that a plugin takes in the field, in seconds (Latence typique).
const FIELD_S: (f64, f64) = (0.5, 3.0);

impl Drawn {
    /// The longest delay that can come of it.
    #[must_use]
    pub fn latest(&self) -> Duration {
        match self {
            Self::Field => Duration::from_secs_f64(FIELD_S.1),
            Self::Uniform(range) => range.to.duration(),
            Self::Normal(normal) => normal.range.to.duration(),
            Self::LogNormal(log_normal) => log_normal.range.to.duration(),
            Self::Exponential(exponential) => exponential.to_s.duration(),
        }
    }

    /// A delay, to the microsecond, so that it is the same whatever the machine's arithmetic.
    pub fn draw(&self, draw: &mut Draw) -> Duration {
        let seconds = match self {
            Self::Field => {
                let (from, to) = (FIELD_S.0.ln(), FIELD_S.1.ln());
                let logarithm = f64::midpoint(from, to) + (to - from) / 4.0 * draw.normal();
                logarithm.exp().clamp(FIELD_S.0, FIELD_S.1)
            }
            Self::Uniform(Range { from, to }) => from.number() + draw.share() * (to.number() - from.number()),
            Self::Normal(Normal { mean, deviation, range }) => {
                range.cut(mean.number() + deviation.number() * draw.normal())
            }
            Self::LogNormal(LogNormal { median, sigma, range }) => {
                range.cut(median.number() * (sigma * draw.normal()).exp())
            }
            Self::Exponential(Exponential { mean_s, to_s }) => {
                (-(1.0 - draw.share()).ln() * mean_s.number()).min(to_s.number())
            }
        };
        Duration::from_secs_f64((seconds * 1e6).round() / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn drawn(value: serde_json::Value) -> Drawn {
        serde_json::from_value(value).unwrap()
    }

    fn samples(of: Drawn) -> Vec<f64> {
        let draws = Draws::new(7, 0);
        (0..2000).map(|order| of.draw(&mut draws.of_command(order)).as_secs_f64()).collect()
    }

    #[test]
    fn every_distribution_stays_within_its_ends_and_lies_where_it_should() {
        let cases = [
            (json!("field"), (0.5, 3.0), 1.22),
            (json!({"uniform": {"from_s": 1.0, "to_s": 2.0}}), (1.0, 2.0), 1.5),
            (json!({"normal": {"mean_s": 2.0, "deviation_s": 1.0, "to_s": 3.0}}), (0.0, 3.0), 2.0),
            (json!({"log_normal": {"median_s": 2.0, "sigma": 0.5, "from_s": 1.0, "to_s": 9.0}}), (1.0, 9.0), 2.0),
            (json!({"exponential": {"mean_s": 2.0, "to_s": 5.0}}), (0.0, 5.0), 2.0 * std::f64::consts::LN_2),
        ];
        for (text, (from, to), median) in cases {
            let distribution = drawn(text.clone());
            let mut seen = samples(distribution);
            seen.sort_by(f64::total_cmp);
            assert!(seen[0] >= from && seen[seen.len() - 1] <= to, "{text}: {} to {}", seen[0], seen[seen.len() - 1]);
            let middle = seen[seen.len() / 2];
            assert!((middle - median).abs() < 0.1, "{text}: median {middle}");
            assert_eq!(distribution.latest(), Duration::from_secs_f64(to));
            assert_eq!(drawn(serde_json::to_value(distribution).unwrap()), distribution);
        }
    }

    #[test]
    fn the_same_seed_plugin_and_call_draw_the_same_and_any_other_does_not() {
        let field = |seed, plugin, order| Drawn::Field.draw(&mut Draws::new(seed, plugin).of_command(order));
        assert_eq!(field(1, 0, 0), field(1, 0, 0));
        for other in [field(2, 0, 0), field(1, 1, 0), field(1, 0, 1)] {
            assert_ne!(field(1, 0, 0), other);
        }
        // Numbers that no release and no machine may change.
        assert_eq!(field(1, 0, 0), Duration::from_micros(1_086_424));
    }

    #[test]
    fn a_chance_comes_about_as_often_as_it_says() {
        let draws = Draws::new(1, 0);
        let often = |chance: f64| {
            let chance = Chance::try_from(chance).unwrap();
            (0..2000).filter(|order| draws.of_command(*order).comes(chance)).count()
        };
        assert_eq!((often(0.0), often(1.0)), (0, 2000));
        assert!((150..250).contains(&often(0.1)), "{}", often(0.1));
    }

    #[test]
    fn a_shuffle_keeps_every_call_and_depends_on_the_seed_alone() {
        let shuffled = |seed, orders: &[usize]| Draws::new(seed, 0).shuffled(orders.to_vec());
        assert_eq!(shuffled(3, &[4, 5, 6, 7]), shuffled(3, &[7, 6, 5, 4]));
        assert!((0..20).any(|seed| shuffled(seed, &[4, 5, 6, 7]) != shuffled(3, &[4, 5, 6, 7])));
        let mut ranks: Vec<usize> = shuffled(3, &[4, 5, 6, 7]).into_values().collect();
        ranks.sort_unstable();
        assert_eq!(ranks, [0, 1, 2, 3]);
    }
}
