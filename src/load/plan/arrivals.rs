//! The intended starts of calls: an open model, in which nothing waits for the calls before it.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::ChaCha8Rng;

use super::draw::{ARRIVALS, stream};
use crate::load::profile::Rate;

/// The intended starts, from the first one on: offsets from the beginning, below the duration, in order. Holds a few numbers
/// however many there are.
#[derive(Debug)]
pub struct Arrivals {
    kind: Kind,
    duration: Duration,
}

#[derive(Debug)]
enum Kind {
    /// Straight lines one after the other.
    Lines { lines: Vec<Line>, line: usize, next: u64 },
    /// Random gaps.
    Poisson { rng: Box<ChaCha8Rng>, per_s: f64, at: Duration },
    /// Many at once.
    Bursts { calls: u64, every: Duration, at: Duration, left: u64 },
}

/// A part of the run in which the rate is a straight line.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// Calls a second at its beginning and its end.
    from: f64,
    to: f64,
    /// When it begins, and how long it lasts, in seconds.
    at: f64,
    lasts: f64,
    /// How many calls come before it; a part of one, too.
    before: f64,
}

impl Line {
    fn calls(&self) -> f64 {
        f64::midpoint(self.from, self.to) * self.lasts
    }

    /// When so many calls have started, counted from this line's beginning: the integral of the rate, turned round.
    fn when(&self, calls: f64) -> f64 {
        if calls <= 0.0 {
            return self.at;
        }
        let slope = (self.to - self.from) / self.lasts;
        // Of the two ways to write the root, the one that takes no difference of near numbers.
        let root = (self.from * self.from + 2.0 * slope * calls).max(0.0).sqrt();
        (self.at + 2.0 * calls / (self.from + root)).min(self.at + self.lasts)
    }
}

/// The intended starts of this rate's calls.
#[must_use]
pub fn arrivals(rate: &Rate, duration: Duration, seed: u64) -> Arrivals {
    let whole = duration.as_secs_f64();
    let kind = match *rate {
        Rate::None => lines(&[]),
        Rate::Constant { per_s } => lines(&[(per_s, per_s, whole)]),
        Rate::Ramp { from, to } => lines(&[(from, to, whole)]),
        Rate::Steps { ref steps } => {
            let steps: Vec<_> = steps.iter().map(|step| (step.per_s, step.per_s, step.lasts.as_secs_f64())).collect();
            lines(&steps)
        }
        Rate::Spike { base, peak, at, lasts } => {
            let (at, lasts) = (at.as_secs_f64(), lasts.as_secs_f64());
            lines(&[(base, base, at), (peak, peak, lasts), (base, base, whole - at - lasts)])
        }
        Rate::Poisson { per_s } => {
            Kind::Poisson { rng: Box::new(stream(seed, ARRIVALS, 0)), per_s, at: Duration::ZERO }
        }
        Rate::Bursts { calls, every } => Kind::Bursts { calls, every, at: Duration::ZERO, left: calls },
    };
    Arrivals { kind, duration }
}

/// Lines of (rate at the beginning, at the end, seconds), one after the other.
fn lines(parts: &[(f64, f64, f64)]) -> Kind {
    let (mut at, mut before) = (0.0, 0.0);
    let mut lines = Vec::new();
    for (from, to, lasts) in parts.iter().copied().filter(|(_, _, lasts)| *lasts > 0.0) {
        let line = Line { from, to, at, lasts, before };
        (at, before) = (at + lasts, before + line.calls());
        lines.push(line);
    }
    Kind::Lines { lines, line: 0, next: 0 }
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let at = match &mut self.kind {
            Kind::Lines { lines, line, next } => {
                #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 calls, which no run has")]
                let number = *next as f64;
                // A line of which no call is left gives way to the next one.
                let current = loop {
                    let current = lines.get(*line)?;
                    if number < current.before + current.calls() {
                        break current;
                    }
                    *line += 1;
                };
                *next += 1;
                rounded(current.when(number - current.before))
            }
            Kind::Poisson { rng, per_s, at } => {
                let gap = -(1.0 - rng.random::<f64>()).ln() / *per_s;
                *at = at.checked_add(rounded(gap))?;
                *at
            }
            Kind::Bursts { calls, every, at, left } => {
                if *left == 0 {
                    *at = at.checked_add(*every)?;
                    *left = *calls;
                }
                *left = left.checked_sub(1)?;
                *at
            }
        };
        (at < self.duration).then_some(at)
    }
}

/// Seconds as a duration, to the nanosecond.
fn rounded(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
