//! What the thread of the run and the one beside it tell each other.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::mpsc::UnboundedSender;

use crate::figures::{ActionFigures, Latency, LoadFinding, Second, Totals};
use crate::live::swarm::Nudge;

/// What the run's thread says.
#[derive(Debug)]
pub(super) enum Word {
    /// Every plugin that will is connected, and nothing has been asked yet.
    Connected {
        /// How many.
        plugins: u64,
    },
    /// A second is over.
    Second(Box<SoFar>),
    /// No call is in flight any more; plugins are still connected.
    Drained {
        /// Users who lost a connection, each with how many they have now.
        lost: Vec<(u64, u64)>,
        /// Whether the run ends before its time.
        early: bool,
    },
}

/// The figures up to a moment.
#[derive(Debug)]
pub(super) struct SoFar {
    /// The second that is over.
    pub(super) second: Second,
    pub(super) totals: Totals,
    pub(super) actions: BTreeMap<String, ActionFigures>,
    pub(super) lag: Latency,
    pub(super) findings: Vec<LoadFinding>,
}

/// What was seen in the target when the run was over.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// Calls that it still held; `None` if it does not say.
    pub(super) pending: Option<u64>,
    /// Whether it should have held none.
    pub(super) is_judged: bool,
    /// Sockets that it counted though they were gone, and a user who had one.
    pub(super) ghosts: u64,
    pub(super) haunted: Option<u64>,
}

/// What is known of the hub at the moment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HubNow {
    pub(super) rss_bytes: Option<u64>,
    /// Cores that it kept busy lately.
    pub(super) cpu: Option<f64>,
    /// Calls that it held lately.
    pub(super) pending: Option<u64>,
}

/// Between both threads.
#[derive(Debug)]
pub(super) struct Shared {
    words: UnboundedSender<Word>,
    stop: Mutex<Option<String>>,
    hub: Mutex<HubNow>,
    seen: Mutex<Option<Seen>>,
    nudge: OnceLock<Nudge>,
}

impl Shared {
    pub(super) fn new(words: UnboundedSender<Word>) -> Self {
        Self { words, stop: Mutex::default(), hub: Mutex::default(), seen: Mutex::default(), nudge: OnceLock::new() }
    }

    /// From here on what is said wakes the run's thread.
    pub(super) fn wakes(&self, nudge: Nudge) {
        self.nudge.set(nudge).ok();
    }

    pub(super) fn wake(&self) {
        if let Some(nudge) = self.nudge.get() {
            nudge.wake();
        }
    }

    pub(super) fn say(&self, word: Word) {
        // Who no longer listens needs no word.
        self.words.send(word).ok();
    }

    /// Whether nobody listens any more.
    pub(super) fn is_forsaken(&self) -> bool {
        self.words.is_closed()
    }

    /// The run is to end, for this reason.
    pub(super) fn stop(&self, why: impl Into<String>) {
        lock(&self.stop).get_or_insert(why.into());
        self.wake();
    }

    pub(super) fn stop_wanted(&self) -> Option<String> {
        lock(&self.stop).clone()
    }

    /// The target was looked into.
    pub(super) fn seen(&self, seen: Seen) {
        *lock(&self.seen) = Some(seen);
        self.wake();
    }

    /// What was seen in the target, once it was looked into.
    pub(super) fn take_seen(&self) -> Option<Seen> {
        lock(&self.seen).take()
    }

    pub(super) fn set_hub(&self, now: HubNow) {
        *lock(&self.hub) = now;
    }

    pub(super) fn hub(&self) -> HubNow {
        *lock(&self.hub)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
