//! How often the documented scheme repeats a request id, if ids are drawn without a look at those handed out.
//!
//! An id is `req_{user}_{ms}_{n}` with n from 1000 to 9999 (CORR-2), so only calls of one user in one millisecond can share one.
//! Let W be the number of repeated ids among n calls of such a *bucket*, and K = 9,000. The next call repeats one with
//! probability (n − W) / K, which gives mean and variance of W for one call more from those for n:
//!
//! - mean: m + (n − m) / K
//! - variance: v (1 − 2 / K) + p (1 − p), with p = (n − m) / K
//!
//! Buckets are independent, so means and variances add up. The number of different ids in a bucket is distributed as a sum of
//! independent indicators (its generating function has real roots only), hence so is the sum over all buckets, and Bennett's
//! inequality bounds how far it strays: beyond t on one side with at most exp(−v h(t / v)), where h(u) = (1 + u) ln(1 + u) − u. The
//! range is where either side has half of what is left of the level: at least 99.9 % of all runs lie in it.

use std::collections::BTreeMap;

use super::number::{float, float_of, whole};
use super::totals::Predicted;
use crate::contract::message::DRAWS;

/// The share of runs that lie within a predicted range.
pub const LEVEL: f64 = 0.999;

/// Adds up buckets: calls of one user in one millisecond. It holds two numbers, and a few for each call of the largest bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    mean: f64,
    variance: f64,
    /// Mean and variance by calls in the bucket, as far as they were needed.
    moments: Vec<(f64, f64)>,
}

impl Default for Prediction {
    fn default() -> Self {
        Self { mean: 0.0, variance: 0.0, moments: vec![(0.0, 0.0)] }
    }
}

/// Of how many calls a bucket is told exactly; one with more counts as if the rest always repeated.
const LARGEST: u64 = 1 << 20;

impl Prediction {
    /// No calls yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a bucket with so many calls.
    pub fn add(&mut self, calls: u64) {
        let (mean, variance) = self.moments(calls.min(LARGEST));
        self.mean += mean + float(calls.saturating_sub(LARGEST));
        self.variance += variance;
    }

    /// What to expect of all buckets.
    pub fn predicted(&self) -> Predicted {
        predicted(self.mean, self.variance)
    }

    fn moments(&mut self, calls: u64) -> (f64, f64) {
        let wanted = usize::try_from(calls).unwrap_or(usize::MAX);
        let ids = f64::from(DRAWS);
        while self.moments.len() <= wanted {
            let drawn = float_of(self.moments.len() - 1);
            let (mean, variance) = self.moments.last().copied().unwrap_or_default();
            let chance = (drawn - mean) / ids;
            self.moments.push((mean + chance, variance * (1.0 - 2.0 / ids) + chance * (1.0 - chance)));
        }
        self.moments.get(wanted).copied().unwrap_or_default()
    }
}

/// The prediction for this mean and variance.
fn predicted(mean: f64, variance: f64) -> Predicted {
    let rest = ((1.0 - LEVEL) / 2.0).ln().abs();
    let stray = stray(variance, rest);
    // The whole numbers that are no further away, with room for what adding up rounds.
    let room = (mean * 1e-7).max(1e-9);
    let low = (mean - stray - room).max(0.0).ceil();
    let high = (mean + stray + room).floor().max(low);
    Predicted { expected: mean, low: whole(low), high: whole(high), level: LEVEL, variance }
}

/// How far a sum of independent indicators with this variance strays to one side, but with a probability of exp(−`rest`).
fn stray(variance: f64, rest: f64) -> f64 {
    if variance <= 0.0 {
        return 0.0;
    }
    let bound = |t: f64| {
        let u = t / variance;
        variance * (1.0 + u).mul_add((1.0 + u).ln(), -u)
    };
    let (mut near, mut far) = (0.0, 1.0_f64.max(variance));
    while bound(far) < rest {
        far *= 2.0;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(near, far);
        if bound(middle) < rest {
            near = middle;
        } else {
            far = middle;
        }
    }
    far
}

impl Predicted {
    /// What to expect of both together, if they share no call.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        predicted(self.expected + other.expected, self.variance + other.variance)
    }

    /// Whether a number of repeated ids is within the range.
    pub const fn contains(&self, seen: u64) -> bool {
        self.low <= seen && seen <= self.high
    }
}

/// Counts calls by user and millisecond as their ids come, and predicts from that.
///
/// Buckets stay open until ids come that are `window` milliseconds newer, so that memory follows from the rate and not from the
/// length of a run. An id that comes later still is one of a bucket of its own, which can only lower the prediction; [`Self::late`]
/// counts them.
#[derive(Debug, Clone)]
pub struct IdCounts {
    window: u64,
    newest: u64,
    late: u64,
    open: BTreeMap<u64, BTreeMap<u64, u32>>,
    prediction: Prediction,
}

impl IdCounts {
    /// None counted yet; `window` in milliseconds.
    pub fn new(window: u64) -> Self {
        Self { window, newest: 0, late: 0, open: BTreeMap::new(), prediction: Prediction::new() }
    }

    /// An id of this user and millisecond has come.
    pub fn observe(&mut self, user: u64, ms: u64) {
        if ms.saturating_add(self.window) < self.newest {
            self.late += 1;
            return;
        }
        *self.open.entry(ms).or_default().entry(user).or_default() += 1;
        if ms > self.newest {
            self.newest = ms;
            let still_open = self.open.split_off(&ms.saturating_sub(self.window));
            for closed in std::mem::replace(&mut self.open, still_open).into_values() {
                close(&mut self.prediction, &closed);
            }
        }
    }

    /// Ids that came too late to be counted with those of their bucket.
    pub const fn late(&self) -> u64 {
        self.late
    }

    /// What to expect of all ids so far.
    pub fn predicted(&self) -> Predicted {
        let mut prediction = self.prediction.clone();
        for bucket in self.open.values() {
            close(&mut prediction, bucket);
        }
        prediction.predicted()
    }
}

fn close(prediction: &mut Prediction, bucket: &BTreeMap<u64, u32>) {
    for calls in bucket.values() {
        prediction.add(u64::from(*calls));
    }
}
