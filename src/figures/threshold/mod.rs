//! Thresholds: what a run has to keep to, as `[thresholds]` of a profile has it: `"round_trip.p99" = "< 50ms"`.
//!
//! - [`measure`]: what can be measured, by name, and its unit.
//! - `bound`: the other side: an operator, a number and its unit.

mod bound;
pub mod measure;

use std::collections::BTreeMap;

use super::number::float;
use super::report::{Harness, HubFigures, Judged, LoadReport};
use super::totals::{ActionFigures, Totals};
use bound::Bound;
use measure::Measure;

/// A threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    name: String,
    measure: Measure,
    bound: Bound,
}

/// Why a threshold is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdError {
    /// Nothing of this name is measured.
    #[error("nothing called `{name}` is measured; {suggestion}")]
    Name {
        /// What was asked for.
        name: String,
        /// What may have been meant, or what there is.
        suggestion: String,
    },
    /// The action is none that the run calls.
    #[error("`{name}`: the run does not call {action}; {suggestion}")]
    Action {
        /// The threshold.
        name: String,
        /// Its action.
        action: String,
        /// What may have been meant, or what there is.
        suggestion: String,
    },
    /// The text is no operator with a number and a unit.
    #[error("`{name}`: '{text}' is no threshold: {what}")]
    Text {
        /// The threshold.
        name: String,
        /// What it was to be.
        text: String,
        /// What is wrong with it, and what is right.
        what: String,
    },
}

/// What thresholds are held against: the figures of a run, or of one that goes on.
#[derive(Debug, Clone, Copy)]
pub struct Measured<'a> {
    /// What was counted.
    pub totals: &'a Totals,
    /// The same of each action.
    pub actions: &'a BTreeMap<String, ActionFigures>,
    /// The harness.
    pub harness: &'a Harness,
    /// The hub's process.
    pub hub: Option<&'a HubFigures>,
    /// How long calls were made, in seconds.
    pub calling_s: f64,
    /// How many guarantees were seen broken.
    pub findings: u64,
}

impl Threshold {
    /// Reads `"round_trip.p99"` and `"< 50ms"`.
    ///
    /// # Errors
    /// If nothing of that name is measured, or the text is no operator (`<`, `<=`, `>`, `>=`, `==`, `!=`) with a number and a
    /// unit that fits the name.
    pub fn parse(name: &str, text: &str) -> Result<Self, ThresholdError> {
        let name = name.trim();
        let measure =
            Measure::named(name).map_err(|suggestion| ThresholdError::Name { name: name.to_owned(), suggestion })?;
        let bound = Bound::parse(text, measure.unit()).map_err(|what| ThresholdError::Text {
            name: name.to_owned(),
            text: text.trim().to_owned(),
            what,
        })?;
        Ok(Self { name: name.to_owned(), measure, bound })
    }

    /// Reads both from one text, `round_trip.p99 < 50ms`, as a command line has it.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_line(line: &str) -> Result<Self, ThresholdError> {
        let at = line.find(['<', '>', '=', '!']).unwrap_or(line.len());
        let (name, text) = line.split_at(at);
        Self::parse(name, text)
    }

    /// What is measured: `"round_trip.p99"`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is wanted of it: `"< 50ms"`.
    pub fn wanted(&self) -> String {
        self.bound.to_string()
    }

    /// The action whose calls it is about, if it is about one action's.
    pub fn action(&self) -> Option<&str> {
        self.measure.action()
    }

    /// Whether the run calls the action that it is about.
    ///
    /// # Errors
    /// If it does not.
    pub fn check_action(&self, called: &[&str]) -> Result<(), ThresholdError> {
        match self.action().filter(|action| !called.contains(action)) {
            None => Ok(()),
            Some(action) => Err(ThresholdError::Action {
                name: self.name.clone(),
                action: action.to_owned(),
                suggestion: if called.is_empty() {
                    "it calls none".to_owned()
                } else {
                    crate::contract::nearest::suggestion(action, called)
                },
            }),
        }
    }

    /// Holds it against what was measured.
    pub fn judge(&self, measured: &Measured<'_>) -> Judged {
        let value = self.measure.value(measured);
        Judged {
            name: self.name.clone(),
            wanted: self.wanted(),
            value,
            shown: value.map_or_else(|| "not measured".to_owned(), |value| self.measure.unit().shown(value)),
            held: value.is_some_and(|value| self.bound.holds(value)),
        }
    }

    /// Whether it cannot hold any more, whatever the rest of the run brings: a count that only grows is beyond it, or more
    /// durations are too long than a run of `calls` calls may have.
    pub fn is_lost(&self, measured: &Measured<'_>, calls: u64) -> bool {
        self.bound.is_upper()
            && match self.measure.too_long(measured, self.bound.number()) {
                Some((too_long, share)) => float(too_long) > (float(calls) * share).floor(),
                None if self.measure.only_grows() => self
                    .measure
                    .value(measured)
                    .is_some_and(|value| !self.bound.holds(value) && value >= self.bound.number()),
                None => false,
            }
    }
}

impl LoadReport {
    /// What thresholds are held against.
    pub fn measured(&self) -> Measured<'_> {
        Measured {
            totals: &self.totals,
            actions: &self.actions,
            harness: &self.harness,
            hub: self.hub.as_ref(),
            calling_s: self.calling_s(),
            findings: self.findings.len().try_into().unwrap_or(u64::MAX),
        }
    }
}
