//! How late the harness itself is: a deadline can be judged only as well as it is measured.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How often the monitor looks whether the runtime still runs.
const HEARTBEAT: Duration = Duration::from_millis(5);

/// Delays of the harness. Times are since the start of the run.
#[derive(Debug)]
pub(super) struct Monitor {
    start: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When a delay was seen, and how long it was: each shorter than the one before it. What is followed by a longer
    /// one tells nothing more.
    worst: VecDeque<(Duration, Duration)>,
    /// When the heart is due to beat; `None` if it never does.
    due: Option<Duration>,
}

impl Monitor {
    /// A monitor that is about to watch.
    pub(super) fn new(start: Instant) -> Self {
        // It is to begin at the start.
        let state = State { due: Some(Duration::ZERO), ..State::default() };
        Self { start, state: Mutex::new(state) }
    }

    /// A monitor that knows only what it is told, for a clock that is paused: there the runtime is never late, and a
    /// heartbeat would make time pass in small steps.
    pub(super) fn told(start: Instant) -> Self {
        Self { start, state: Mutex::default() }
    }

    /// Something that was due at `due` happens now.
    pub(super) fn happened(&self, due: Duration) {
        let now = self.start.elapsed();
        self.lock().saw(now, now.saturating_sub(due));
    }

    /// The worst delay since `since`.
    pub(super) fn since(&self, since: Duration) -> Duration {
        let now = self.start.elapsed();
        self.lock().since(now, since)
    }

    /// Watches the runtime. Never ends.
    pub(super) async fn watch(&self) {
        self.happened(Duration::ZERO);
        loop {
            let due = self.start.elapsed() + HEARTBEAT;
            self.lock().due = Some(due);
            tokio::time::sleep_until(self.start + due).await;
            self.happened(due);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn saw(&mut self, now: Duration, delay: Duration) {
        while self.worst.back().is_some_and(|(_, shorter)| *shorter <= delay) {
            self.worst.pop_back();
        }
        self.worst.push_back((now, delay));
    }

    fn since(&self, now: Duration, since: Duration) -> Duration {
        let seen = self.worst.iter().find(|(when, _)| *when >= since);
        let seen = seen.map_or(Duration::ZERO, |(_, delay)| *delay);
        // A heartbeat that is overdue at this moment counts as well.
        seen.max(self.due.map_or(Duration::ZERO, |due| now.saturating_sub(due)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn the_worst_delay_since_a_moment_is_known_for_every_moment() {
        let mut state = State::default();
        let delays = [3, 9, 1, 4, 4, 2, 0];
        for (at, delay) in (1..).zip(delays) {
            state.saw(ms(at), ms(delay));
        }
        state.due = Some(ms(8));
        for since in 1..=7 {
            let worst = delays.iter().skip(since - 1).max().unwrap();
            assert_eq!(state.since(ms(8), ms(since as u64)), ms(*worst), "since {since}");
        }
        assert_eq!(state.since(ms(8), ms(8)), ms(0));
        assert_eq!(state.worst.len(), 4);
    }

    #[test]
    fn a_heartbeat_that_is_overdue_counts_already() {
        let state = State { due: Some(ms(10)), ..State::default() };
        assert_eq!(state.since(ms(35), ms(0)), ms(25));
    }
}
