//! Nonces: each call's own number, told apart from those of other runs.

use super::texts::Digits;

/// Bits of a call's number.
const NUMBER_BITS: u32 = 44;

/// Nonces of 20 digits begin here, and so do all of ours.
const FIRST: u64 = 10_u64.pow(19);

/// The nonces of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nonces {
    run: u64,
}

/// Whose a nonce is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// That of the call with this number.
    Call(u64),
    /// None of this run's.
    Nobody,
}

impl Nonces {
    /// Those of a run that `mark` tells from others.
    pub(super) fn new(mark: u64) -> Self {
        let first = (FIRST >> NUMBER_BITS) + 1;
        let runs = (u64::MAX >> NUMBER_BITS) - first;
        Self { run: first + mark % runs }
    }

    pub(super) fn of(self, call: u64) -> Digits {
        Digits::of((self.run << NUMBER_BITS) | call)
    }

    /// The number of the call whose nonce this is.
    pub(super) fn call(self, nonce: &str) -> Option<u64> {
        match self.owner(nonce) {
            Owner::Call(number) => Some(number),
            Owner::Nobody => None,
        }
    }

    pub(super) fn owner(self, nonce: &str) -> Owner {
        match nonce.parse::<u64>() {
            Ok(number) if number >> NUMBER_BITS == self.run => Owner::Call(number & ((1 << NUMBER_BITS) - 1)),
            _ => Owner::Nobody,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_names_its_call_and_is_nobody_s_in_another_run() {
        for mark in [0, 7, u64::MAX] {
            let nonces = Nonces::new(mark);
            for call in [0, 1, 99, (1 << NUMBER_BITS) - 1] {
                let nonce = nonces.of(call);
                assert_eq!(nonce.as_str().len(), 20);
                assert_eq!(nonces.owner(nonce.as_str()), Owner::Call(call));
                assert_eq!(Nonces::new(mark ^ 1).owner(nonce.as_str()), Owner::Nobody);
            }
        }
        assert_eq!(Nonces::new(1).owner("abc"), Owner::Nobody);
    }
}
