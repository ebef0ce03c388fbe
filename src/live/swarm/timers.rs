//! One heap for everything that is due later.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// Something of the one who drives the swarm.
    Theirs(u64),
    /// A plugin's attempt to connect, the one with this number, has taken too long.
    Attempt(u32, u32),
    /// A slow reader may read on.
    Reading(u32),
    /// A connection to the control API, for the call with this number, has taken too long.
    Asker(u32, u64),
}

/// What is due, the earliest first, and at the same moment in the order in which it was set.
#[derive(Debug, Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, u64, What)>>,
    set: u64,
}

impl Timers {
    pub(super) fn set(&mut self, at: Instant, what: What) {
        self.heap.push(Reverse((at, self.set, what)));
        self.set += 1;
    }

    /// When the next one is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, ..))| *at)
    }

    /// The next one that is due by now, with when it was.
    pub(super) fn due(&mut self, now: Instant) -> Option<(Instant, What)> {
        if self.next().is_none_or(|at| at > now) {
            return None;
        }
        self.heap.pop().map(|Reverse((at, _, what))| (at, what))
    }
}
