//! Politeness: what is expected of clients that do not want to be blocked. It is asserted on request.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::seconds::Seconds;

/// Sessions that are watched at once; a further one makes all be forgotten.
const MOST_SESSIONS: usize = 10_000;

/// Breaches that are kept; older ones are only counted.
const MOST_BREACHES: usize = 100;

/// What is expected between the calls of one session.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table of what is polite")]
pub struct Manners {
    /// The least time between two calls.
    #[serde(default = "usual_gap")]
    pub gap_s: Seconds,
    /// The least time of a pause.
    #[serde(default = "usual_pause")]
    pub pause_s: Seconds,
    /// Calls after which a pause has to come.
    #[serde(default = "usual_calls")]
    pub calls: u32,
    /// Whether a call that is impolite gets 429.
    #[serde(default)]
    pub enforced: bool,
}

const fn usual_gap() -> Seconds {
    Seconds(Duration::from_secs(3))
}

const fn usual_pause() -> Seconds {
    Seconds(Duration::from_secs(15))
}

const fn usual_calls() -> u32 {
    15
}

impl Default for Manners {
    /// The documented ones: 3 s between calls, a pause of 15 s after at most 15 of them.
    fn default() -> Self {
        Self { gap_s: usual_gap(), pause_s: usual_pause(), calls: usual_calls(), enforced: false }
    }
}

/// A call that was not polite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// When it came.
    pub at: Duration,
    /// Whose it was: the value of the session cookie.
    pub session: String,
    /// What was expected instead.
    pub expected: String,
    /// How long the client should have waited still.
    pub too_early_by: Duration,
}

impl Breach {
    /// As it is told over HTTP.
    #[must_use]
    pub fn json(&self) -> Value {
        let early_s = self.too_early_by.as_secs_f64();
        json!({"at_s": self.at.as_secs_f64(), "session": self.session, "expected": self.expected, "too_early_by_s": early_s})
    }
}

/// Watches the calls of each session.
#[derive(Debug, Clone, Default)]
pub struct Politeness {
    sessions: BTreeMap<String, Pace>,
    breaches: VecDeque<Breach>,
    breached: u64,
}

#[derive(Debug, Clone, Copy)]
struct Pace {
    last: Duration,
    since_pause: u32,
}

impl Politeness {
    /// The breaches, the last 100 at most.
    pub fn breaches(&self) -> impl Iterator<Item = &Breach> {
        self.breaches.iter()
    }

    /// How many there were in all.
    #[must_use]
    pub fn breached(&self) -> u64 {
        self.breached
    }

    /// Takes a call; says so if it was not polite.
    pub fn call(&mut self, now: Duration, session: &str, manners: &Manners) -> Option<&Breach> {
        if self.sessions.len() >= MOST_SESSIONS && !self.sessions.contains_key(session) {
            self.sessions.clear();
        }
        let first = Pace { last: now, since_pause: 1 };
        let Some(pace) = self.sessions.get_mut(session) else {
            self.sessions.insert(session.to_owned(), first);
            return None;
        };
        let gap = now.saturating_sub(pace.last);
        let paused = gap >= manners.pause_s.0;
        let (wanted, expected) = if pace.since_pause >= manners.calls {
            (manners.pause_s, format!("a pause of {} after {} calls", manners.pause_s, manners.calls))
        } else {
            (manners.gap_s, format!("{} between two calls", manners.gap_s))
        };
        let since_pause = if paused { 1 } else { pace.since_pause.saturating_add(1) };
        *pace = Pace { last: now, since_pause };
        let too_early_by = wanted.0.saturating_sub(gap);
        if too_early_by.is_zero() {
            return None;
        }
        self.breached += 1;
        if self.breaches.len() == MOST_BREACHES {
            self.breaches.pop_front();
        }
        self.breaches.push_back(Breach { at: now, session: session.to_owned(), expected, too_early_by });
        self.breaches.back()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches(calls_at: impl IntoIterator<Item = u64>) -> Vec<(u64, String)> {
        let mut politeness = Politeness::default();
        for at in calls_at {
            politeness.call(Duration::from_secs(at), "1", &Manners::default());
        }
        politeness.breaches().map(|breach| (breach.at.as_secs(), breach.expected.clone())).collect()
    }

    #[test]
    fn calls_have_to_keep_their_distance() {
        assert_eq!(breaches([0, 3, 6]), []);
        assert_eq!(breaches([0, 3, 5]), [(5, "3s between two calls".to_owned())]);
    }

    #[test]
    fn fifteen_calls_are_followed_by_a_pause() {
        assert_eq!(breaches((0..15).map(|call| call * 3)), []);
        assert_eq!(breaches((0..15).map(|call| call * 3).chain([42 + 15, 60])), []);
        assert_eq!(breaches((0..16).map(|call| call * 3)), [(45, "a pause of 15s after 15 calls".to_owned())]);
    }

    #[test]
    fn sessions_are_watched_one_by_one_and_not_without_bound() {
        let mut politeness = Politeness::default();
        for session in 0..2 * MOST_SESSIONS {
            assert_eq!(politeness.call(Duration::ZERO, &session.to_string(), &Manners::default()), None);
        }
        assert!(politeness.sessions.len() <= MOST_SESSIONS);
    }
}
