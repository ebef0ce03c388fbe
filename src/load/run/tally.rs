//! What is counted while a run goes on: over all of it, by action, and in the second that is under way.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use crate::figures::{ActionFigures, IdCounts, Latency, LoadFinding, Predicted, Second, Totals};

/// How long it is remembered how late something was: longer than calls take.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Ids may come this much later than others of a later millisecond.
const ID_WINDOW_MS: u64 = 5_000;

/// All counts of a run.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) totals: Totals,
    /// By the place of the action in the profile's.
    pub(super) actions: Vec<ActionFigures>,
    pub(super) second: Second,
    pub(super) lag: Latency,
    pub(super) queue_peak: u64,
    pub(super) queue_overflows: u64,
    findings: BTreeMap<&'static str, LoadFinding>,
    /// What the first error of each kind said.
    pub(super) examples: BTreeMap<String, String>,
    /// When something was late, and by how much: each less than the one before it. What is followed by more tells nothing more.
    worst: VecDeque<(Instant, Duration)>,
    ids: IdCounts,
    /// Ids of the documented form.
    documented: u64,
}

impl Tally {
    pub(super) fn new(actions: usize) -> Self {
        Self {
            totals: Totals::default(),
            actions: vec![ActionFigures::default(); actions],
            second: Second::default(),
            lag: Latency::new(),
            queue_peak: 0,
            queue_overflows: 0,
            findings: BTreeMap::new(),
            examples: BTreeMap::new(),
            worst: VecDeque::new(),
            ids: IdCounts::new(ID_WINDOW_MS),
            documented: 0,
        }
    }

    /// Something was done later than it was due.
    pub(super) fn late(&mut self, by: Duration) {
        self.lag.record(by);
        let now = Instant::now();
        while self.worst.back().is_some_and(|(_, less)| *less <= by) {
            self.worst.pop_back();
        }
        self.worst.push_back((now, by));
        if self.worst.front().is_some_and(|(at, _)| now.saturating_duration_since(*at) > REMEMBERED) {
            self.worst.pop_front();
        }
        self.second.lag_max_ms = self.second.lag_max_ms.max(by.as_secs_f64() * 1000.0);
    }

    /// The most that anything was late since then.
    pub(super) fn lateness_since(&self, since: Instant) -> Duration {
        self.worst.iter().find(|(at, _)| *at >= since).map(|(_, by)| *by).unwrap_or_default()
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

    /// The findings of all calls, by guarantee.
    pub(super) fn findings(&self) -> Vec<LoadFinding> {
        self.findings.values().cloned().collect()
    }

    /// An id of the documented form was drawn for this user in this millisecond.
    pub(super) fn id_drawn(&mut self, user: u64, ms: u64) {
        self.documented += 1;
        self.ids.observe(user, ms);
    }

    /// Which ids the hub makes.
    pub(super) fn id_scheme(&self) -> &'static str {
        if self.documented > 0 { "documented" } else { "unknown" }
    }

    /// How many repeated ids the documented scheme lets expect.
    pub(super) fn predicted(&self) -> Option<Predicted> {
        (self.documented > 0).then(|| self.ids.predicted())
    }

    /// What an error of this kind said, if it is the first one.
    pub(super) fn note(&mut self, kind: &str, words: &str) {
        if !self.examples.contains_key(kind) {
            self.examples.insert(kind.to_owned(), words.to_owned());
        }
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
