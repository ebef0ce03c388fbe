//! The replay guard that the tabs of a user share: each request id is taken once.

use std::collections::{BTreeSet, VecDeque};

use crate::contract::user::UserId;

/// Commands that are remembered; the oldest is forgotten first.
const MOST: usize = 10_000;

type Taken = (Option<UserId>, String);

/// What was taken.
#[derive(Debug, Default)]
pub(super) struct Guard {
    taken: BTreeSet<Taken>,
    in_order: VecDeque<Taken>,
}

impl Guard {
    /// Takes a command of this user; whether it had not been taken before.
    pub(super) fn takes(&mut self, user: Option<UserId>, request_id: &str) -> bool {
        let command = (user, request_id.to_owned());
        if !self.taken.insert(command.clone()) {
            return false;
        }
        self.in_order.push_back(command);
        if self.in_order.len() > MOST
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.taken.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_taken_once_by_each_user() {
        let user = |id: u64| Some(UserId::from(id));
        let mut guard = Guard::default();
        assert!(guard.takes(user(1), "req_1") && guard.takes(user(2), "req_1") && guard.takes(user(1), "req_2"));
        assert!(!guard.takes(user(1), "req_1"));
    }

    #[test]
    fn what_was_taken_long_ago_is_forgotten() {
        let mut guard = Guard::default();
        for number in 0..=MOST {
            assert!(guard.takes(None, &number.to_string()));
        }
        assert!(guard.takes(None, "0") && !guard.takes(None, "5"));
        assert_eq!(guard.taken.len(), MOST);
    }
}
