//! Request ids: of the documented form (CORR-2), never one that is in flight (CORR-3), and never one a second time (ISO-10).

use std::collections::{BTreeSet, VecDeque};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::contract::message::{DRAWS, FIRST_DRAW, RequestIdParts};
use crate::contract::user::UserId;

/// The generator of request ids.
#[derive(Debug)]
pub struct RequestIds {
    rng: ChaCha8Rng,
    fed: VecDeque<String>,
    /// Draws from the feed that were handed out.
    fed_out: BTreeSet<String>,
    /// Ids handed out in the latest millisecond; those of earlier ones differ in it.
    latest: (u64, BTreeSet<String>),
}

impl RequestIds {
    /// A generator that draws the same numbers for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            fed: VecDeque::new(),
            fed_out: BTreeSet::new(),
            latest: (0, BTreeSet::new()),
        }
    }

    /// Lays these draws in front of its own.
    pub fn feed(&mut self, next: Vec<String>) {
        self.fed.extend(next);
    }

    /// Forgets the draws that were fed.
    pub fn clear(&mut self) {
        self.fed.clear();
        self.fed_out.clear();
    }

    /// The next draw, whether or not it is in flight.
    pub fn draw(&mut self, user: &UserId, unix_ms: u64) -> String {
        self.fed.pop_front().unwrap_or_else(|| self.own(user, unix_ms))
    }

    /// The next draw that is not in flight and was not handed out before.
    ///
    /// Where a user has all 9,000 ids of a millisecond in flight, the next millisecond's are taken.
    pub fn next(&mut self, user: &UserId, unix_ms: u64, in_flight: impl Fn(&str) -> bool) -> String {
        while let Some(fed) = self.fed.pop_front() {
            if !in_flight(&fed) && self.fed_out.insert(fed.clone()) {
                return fed;
            }
        }
        let first = self.rng.random_range(0..DRAWS);
        let from_first = (0..DRAWS).map(|step| FIRST_DRAW + (first + step) % DRAWS);
        // A millisecond that is full may have taken ids of the next one already.
        let mut millisecond = unix_ms.max(self.latest.0);
        loop {
            if millisecond > self.latest.0 {
                self.latest = (millisecond, BTreeSet::new());
            }
            let taken = &self.latest.1;
            let mut ids = from_first.clone().map(|draw| RequestIdParts::new(user, millisecond, draw).to_string());
            if let Some(id) = ids.find(|id| !in_flight(id) && !taken.contains(id) && !self.fed_out.contains(id)) {
                self.latest.1.insert(id.clone());
                return id;
            }
            millisecond += 1;
        }
    }

    fn own(&mut self, user: &UserId, unix_ms: u64) -> String {
        let draw = FIRST_DRAW + self.rng.random_range(0..DRAWS);
        RequestIdParts::new(user, unix_ms, draw).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_ids() {
        let ids = |seed| {
            let mut ids = RequestIds::new(seed);
            [ids.next(&UserId::from(1), 17, |_| false), ids.next(&UserId::from(1), 17, |_| false)]
        };
        assert_eq!(ids(7), ids(7));
        assert_ne!(ids(7), ids(8));
    }

    #[test]
    fn more_calls_than_a_millisecond_has_ids_still_get_ids_of_their_own_though_all_have_ended() {
        let mut ids = RequestIds::new(1);
        let mut seen = BTreeSet::new();
        for _ in 0..9_001 {
            let id = ids.next(&UserId::from(1), 17, |_| false);
            assert!(id.parse::<RequestIdParts>().is_ok(), "{id}");
            assert!(seen.insert(id));
        }
        assert_eq!(seen.iter().filter(|id| id.starts_with("req_1_18_")).count(), 1);
    }

    #[test]
    fn a_fed_draw_is_taken_unless_it_is_in_flight_or_was_handed_out() {
        let mut ids = RequestIds::new(1);
        ids.feed(vec!["a".into(), "b".into(), "c".into()]);
        assert_eq!(ids.next(&UserId::from(1), 17, |id| id == "a"), "b");
        ids.feed(vec!["b".into()]);
        assert_eq!(ids.next(&UserId::from(1), 17, |_| false), "c");
        ids.clear();
        assert!(ids.next(&UserId::from(1), 17, |_| false).starts_with("req_1_17_"));
    }
}
