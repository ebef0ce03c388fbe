//! What the thread of the run and the one beside it tell each other.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use mio::Waker;
use tokio::sync::mpsc::UnboundedSender;

use crate::figures::Second;

/// What the run's thread says.
#[derive(Debug)]
pub(super) enum Word {
    /// Every plugin that will is connected, and nothing has been asked yet.
    Connected,
    /// A second is over.
    Second(Box<Second>),
    /// No call is in flight any more; plugins are still connected.
    Drained,
}

/// What is known of the hub at the moment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HubNow {
    pub(super) rss_bytes: Option<u64>,
    /// Cores that it kept busy lately.
    pub(super) cpu: Option<f64>,
    pub(super) pending: Option<u64>,
}

/// Between both threads.
#[derive(Debug)]
pub(super) struct Shared {
    words: UnboundedSender<Word>,
    stop: Mutex<Option<String>>,
    hub: Mutex<HubNow>,
    /// Whether the target was looked into after the drain.
    pub(super) looked: AtomicBool,
    waker: OnceLock<Arc<Waker>>,
}

impl Shared {
    pub(super) fn new(words: UnboundedSender<Word>) -> Self {
        Self {
            words,
            stop: Mutex::default(),
            hub: Mutex::default(),
            looked: AtomicBool::new(false),
            waker: OnceLock::new(),
        }
    }

    /// From here on what is said wakes the run's thread.
    pub(super) fn wakes(&self, waker: Arc<Waker>) {
        self.waker.set(waker).ok();
    }

    pub(super) fn wake(&self) {
        if let Some(waker) = self.waker.get() {
            // It looks once a second anyway.
            waker.wake().ok();
        }
    }

    pub(super) fn say(&self, word: Word) {
        // Who no longer listens needs no word.
        self.words.send(word).ok();
    }

    /// The run is to end, for this reason.
    pub(super) fn stop(&self, why: impl Into<String>) {
        lock(&self.stop).get_or_insert(why.into());
        self.wake();
    }

    pub(super) fn stop_wanted(&self) -> Option<String> {
        lock(&self.stop).clone()
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
