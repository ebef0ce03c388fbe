//! What is counted while a run goes on: over all of it, by action, and in the second that is under way.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::figures::{ActionFigures, Latency, LoadFinding, Second, Totals};

/// All counts of a run.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) totals: Totals,
    /// By the place of the action in the profile's.
    pub(super) actions: Vec<ActionFigures>,
    pub(super) second: Second,
    pub(super) lag: Latency,
    pub(super) queue_peak: u64,
    pub(super) queue_overflows: u64,
    findings: BTreeMap<&'static str, LoadFinding>,
}

impl Tally {
    pub(super) fn new(actions: usize) -> Self {
        Self { actions: vec![ActionFigures::default(); actions], ..Self::default() }
    }

    /// Something was done later than it was due.
    pub(super) fn late(&mut self, by: Duration) {
        self.lag.record(by);
        self.second.lag_max_ms = self.second.lag_max_ms.max(by.as_secs_f64() * 1000.0);
    }

    /// A guarantee is broken; the first witness is kept.
    pub(super) fn broken(&mut self, guarantee: &'static str, user: Option<u64>, witness: impl FnOnce() -> String) {
        let found = self.findings.entry(guarantee).or_insert_with(|| LoadFinding {
            guarantee: guarantee.to_owned(),
            text: witness(),
            user: user.map(|user| user.to_string()),
            count: 0,
        });
        found.count += 1;
    }

    /// How often a guarantee was seen broken.
    pub(super) fn found(&self, guarantee: &str) -> u64 {
        self.findings.get(guarantee).map_or(0, |found| found.count)
    }

    /// The findings, by guarantee.
    pub(super) fn findings(&self) -> Vec<LoadFinding> {
        self.findings.values().cloned().collect()
    }

    /// A connection did not come about.
    pub(super) fn not_connected(&mut self, kind: &'static str) {
        count(&mut self.totals.connect_failures, kind);
        self.second.connect_failures += 1;
    }

    /// A call ended in a way of its own.
    pub(super) fn error(&mut self, action: usize, kind: &str) {
        count(&mut self.totals.errors, kind);
        self.second.errors += 1;
        if let Some(action) = self.actions.get_mut(action) {
            action.errors += 1;
        }
    }

    pub(super) fn action(&mut self, action: usize, change: impl FnOnce(&mut ActionFigures)) {
        if let Some(action) = self.actions.get_mut(action) {
            change(action);
        }
    }
}

fn count(counts: &mut BTreeMap<String, u64>, kind: &str) {
    match counts.get_mut(kind) {
        Some(count) => *count += 1,
        None => {
            counts.insert(kind.to_owned(), 1);
        }
    }
}
