//! The journal: the last requests, and those that nothing was there for.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};

use crate::contract::marketplace::{MarketRequest, REQUEST_ID};

/// Requests that are kept; older ones are only counted.
const MOST: usize = 1_000;

/// Different unknown requests that are kept.
const MOST_UNKNOWN: usize = 100;

/// Characters of a target that are kept.
const LONGEST: usize = 500;

/// What a request came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its place among all requests, from 1.
    pub number: u64,
    /// When it came, by the clock of whoever serves the marketplace: since the run or the server began.
    pub at: Duration,
    /// Such as `GET`.
    pub method: String,
    /// Path and query, cut after 500 characters.
    pub target: String,
    /// The request id that it carried.
    pub request_id: Option<String>,
    /// The status of its answer; `None` if it got none.
    pub status: Option<u16>,
    /// The rule that decided it, from 1 in the order of the profile.
    pub rule: Option<usize>,
    /// The nearest known endpoint, if there was nothing for it.
    pub nearest: Option<String>,
}

impl Seen {
    /// As it is told over HTTP.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "number": self.number, "at_s": self.at.as_secs_f64(), "method": self.method, "target": self.target,
            "request_id": self.request_id, "status": self.status, "rule": self.rule, "nearest": self.nearest,
        })
    }
}

/// A request that nothing was there for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Such as `GET /api/v2/moon`.
    pub request: String,
    /// The endpoint that is most like it.
    pub nearest: String,
    /// How often it came.
    pub times: u64,
}

/// What was asked.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    requests: VecDeque<Seen>,
    seen: u64,
    unknown: BTreeMap<String, (String, u64)>,
    unknown_in_all: u64,
}

impl Journal {
    /// The last requests, 1,000 at most.
    pub fn requests(&self) -> impl Iterator<Item = &Seen> {
        self.requests.iter()
    }

    /// The last request.
    #[must_use]
    pub fn last(&self) -> Option<&Seen> {
        self.requests.back()
    }

    /// How many requests there were in all.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// How many of them nothing was there for.
    #[must_use]
    pub fn unknown_in_all(&self) -> u64 {
        self.unknown_in_all
    }

    /// Those that nothing was there for, 100 different ones at most.
    pub fn unknown(&self) -> impl Iterator<Item = Unknown> {
        self.unknown.iter().map(|(request, (nearest, times))| Unknown {
            request: request.clone(),
            nearest: nearest.clone(),
            times: *times,
        })
    }

    pub(super) fn note(
        &mut self,
        at: Duration,
        request: &MarketRequest,
        status: Option<u16>,
        rule: Option<usize>,
        nearest: Option<String>,
    ) {
        self.seen += 1;
        if self.requests.len() == MOST {
            self.requests.pop_front();
        }
        if let Some(nearest) = &nearest {
            self.note_unknown(request, nearest);
        }
        self.requests.push_back(Seen {
            number: self.seen,
            at,
            method: request.method.clone(),
            target: cut(&request.target()),
            request_id: request.header(REQUEST_ID).map(cut),
            status,
            rule,
            nearest,
        });
    }

    fn note_unknown(&mut self, request: &MarketRequest, nearest: &str) {
        self.unknown_in_all += 1;
        let name = format!("{} {}", cut(&request.method), cut(&request.path));
        if let Some((_, times)) = self.unknown.get_mut(&name) {
            *times += 1;
        } else if self.unknown.len() < MOST_UNKNOWN {
            self.unknown.insert(name, (nearest.to_owned(), 1));
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_does_not_grow_without_bound() {
        let mut journal = Journal::default();
        for number in 0..3 * MOST {
            let request = MarketRequest::get(format!("/{number}{}", "x".repeat(2 * LONGEST)), &[]);
            journal.note(Duration::ZERO, &request, Some(404), None, Some("GET /api/v2/inbox".to_owned()));
        }
        assert_eq!((journal.requests().count(), journal.seen()), (MOST, 3 * MOST as u64));
        assert_eq!((journal.unknown().count(), journal.unknown_in_all()), (MOST_UNKNOWN, 3 * MOST as u64));
        assert!(journal.requests().all(|seen| seen.target.len() == LONGEST));
    }
}
