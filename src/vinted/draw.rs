//! Chance from the seed. What is drawn for a request follows from what it asks and how often that was asked before, and not
//! from what other clients do meanwhile.

use std::collections::BTreeMap;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// Different questions that are counted at once; a further one makes all counts begin again.
const MOST: usize = 65_536;

/// A source of numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Draws {
    seed: u64,
    asked: BTreeMap<u64, u64>,
}

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, asked: BTreeMap::new() }
    }

    /// The next number for this question, from 0 to 1.
    pub(super) fn next(&mut self, question: &[&str]) -> f64 {
        let key = hash(question);
        if self.asked.len() >= MOST && !self.asked.contains_key(&key) {
            self.asked.clear();
        }
        let times = self.asked.entry(key).or_default();
        *times += 1;
        let seed = self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ key ^ times.rotate_left(32);
        ChaCha8Rng::seed_from_u64(seed).random()
    }
}

/// FNV-1a, with the ends of the words in it.
fn hash(words: &[&str]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_whatever_others_ask_meanwhile() {
        let (mut alone, mut among) = (Draws::new(7), Draws::new(7));
        let expected: Vec<f64> = (0..3).map(|_| alone.next(&["GET", "/a"])).collect();
        let drawn: Vec<f64> = (0..3)
            .map(|_| {
                among.next(&["GET", "/b"]);
                among.next(&["GET", "/a"])
            })
            .collect();
        assert_eq!(drawn, expected);
        assert!((expected[0] - expected[1]).abs() > f64::EPSILON);
        assert!(expected.iter().all(|drawn| (0.0..1.0).contains(drawn)));
        let other = Draws::new(8).next(&["GET", "/a"]);
        assert!((other - expected[0]).abs() > f64::EPSILON);
    }
}
