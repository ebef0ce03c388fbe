//! The request ids of all calls, each as 64 bits: enough to see every repetition, and nine bytes or so for each.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher as _};

use super::calls::Spread;

/// Ids that were seen, and for which command.
#[derive(Debug, Default)]
pub(super) struct Ids(HashMap<u64, u64, BuildHasherDefault<Spread>>);

impl Ids {
    /// Notes an id as that of this command, whatever number names it: the command that had it last, if another one had.
    ///
    /// Of ten million ids two different ones are taken for the same with a chance of 1 in 370,000.
    pub(super) fn note(&mut self, id: &str, command: u64) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        hasher.write(id.as_bytes());
        self.0.insert(hasher.finish(), command).filter(|before| *before != command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_command_is_known() {
        let mut ids = Ids::default();
        assert_eq!(ids.note("req_1_17_1000", 1), None);
        assert_eq!(ids.note("req_1_17_1000", 1), None);
        assert_eq!(ids.note("req_1_17_1001", 2), None);
        assert_eq!(ids.note("req_1_17_1000", 3), Some(1));
    }
}
