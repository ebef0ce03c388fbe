//! The ledger: which request id caused which side effect, and when.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Entries that are kept; older ones are only counted.
const MOST: usize = 100_000;

/// What changes at the marketplace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SideEffect {
    /// A listing was published.
    Publish,
    /// A listing was changed.
    Update,
    /// A listing was deleted.
    Delete,
    /// A photo was uploaded.
    Photo,
}

/// One side effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the ledger, from 1.
    pub number: u64,
    /// When it came about, by the clock of whoever serves the marketplace: since the run or the server began.
    pub at: Duration,
    /// The request id that its request carried.
    pub request_id: Option<String>,
    /// Whose session it was.
    pub member: u64,
    /// What it was.
    pub effect: SideEffect,
    /// The listing, or the photo.
    pub thing: u64,
}

impl Entry {
    /// As it is told over HTTP.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "number": self.number, "at_s": self.at.as_secs_f64(), "request_id": self.request_id, "member": self.member,
            "effect": self.effect, "id": self.thing,
        })
    }
}

/// Every side effect in the order in which they came about.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    entries: VecDeque<Entry>,
    written: u64,
}

impl Ledger {
    /// The entries, the last 100,000 at most.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// How many side effects there were in all.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    /// How many there were of one kind for one of these request ids.
    #[must_use]
    pub fn count(&self, effect: SideEffect, of: impl Fn(&str) -> bool) -> usize {
        let caused = |entry: &&Entry| entry.effect == effect && entry.request_id.as_deref().is_some_and(&of);
        self.entries.iter().filter(caused).count()
    }

    pub(super) fn write(
        &mut self,
        at: Duration,
        request_id: Option<&str>,
        member: u64,
        effect: SideEffect,
        thing: u64,
    ) {
        self.written += 1;
        if self.entries.len() == MOST {
            self.entries.pop_front();
        }
        let request_id = request_id.map(str::to_owned);
        self.entries.push_back(Entry { number: self.written, at, request_id, member, effect, thing });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_forgets_the_oldest_and_counts_them_still() {
        let mut ledger = Ledger::default();
        for number in 0..=MOST as u64 {
            ledger.write(
                Duration::ZERO,
                Some(if number == 0 { "first" } else { "other" }),
                1,
                SideEffect::Publish,
                number,
            );
        }
        assert_eq!(ledger.written(), MOST as u64 + 1);
        assert_eq!(ledger.count(SideEffect::Publish, |id| id == "first"), 0);
        assert_eq!(ledger.count(SideEffect::Publish, |id| id == "other"), MOST);
        assert_eq!(ledger.count(SideEffect::Delete, |_| true), 0);
    }
}
