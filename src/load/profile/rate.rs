//! How many calls start when: an open model, in which nothing waits for the calls before it.

use std::time::Duration;

/// How many calls start when.
#[derive(Debug, Clone, PartialEq)]
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
