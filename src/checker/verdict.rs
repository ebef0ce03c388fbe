//! The count that a checker keeps.

use crate::contract::guarantee::GuaranteeId;
use crate::event::{Broken, EventNo, Finding, Verdict};

/// The count that a checker keeps of its guarantee.
#[derive(Debug, Clone)]
pub struct Tally {
    /// The guarantee.
    pub id: GuaranteeId,
    /// Something worth knowing beside the finding.
    pub note: Option<String>,
    held: u64,
    untold: Option<String>,
    broken: Vec<Broken>,
}

/// Breaches that are kept of one guarantee in one run; more would say nothing new.
const KEPT: usize = 5;

impl Tally {
    /// A count at zero.
    #[must_use]
    pub const fn new(id: GuaranteeId) -> Self {
        Self { id, note: None, held: 0, untold: None, broken: Vec::new() }
    }

    /// It was kept once more.
    pub fn held(&mut self) {
        self.held += 1;
    }

    /// It was broken.
    pub fn broken(&mut self, witness: &[EventNo], expected: impl Into<String>, got: impl Into<String>) {
        if self.broken.len() < KEPT {
            self.broken.push(Broken { witness: witness.to_vec(), expected: expected.into(), got: got.into() });
        }
    }

    /// It was kept if `kept`, else broken; the texts are made only then.
    pub fn check(&mut self, kept: bool, witness: &[EventNo], texts: impl FnOnce() -> (String, String)) {
        if kept {
            self.held();
        } else {
            let (expected, got) = texts();
            self.broken(witness, expected, got);
        }
    }

    /// It mattered, but could not be judged.
    pub fn untold(&mut self, why: impl Into<String>) {
        self.untold.get_or_insert_with(|| why.into());
    }

    /// The finding so far: a breach outweighs a doubt, a doubt outweighs what was kept.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let finding = if !self.broken.is_empty() {
            Finding::Broken(self.broken.clone())
        } else if let Some(why) = &self.untold {
            Finding::Untold(why.clone())
        } else if self.held > 0 {
            Finding::Held(self.held)
        } else {
            Finding::NotExercised
        };
        Verdict { id: self.id, finding, note: self.note.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::guarantee::Area;

    #[test]
    fn nothing_passes_by_not_happening() {
        let tally = Tally::new(GuaranteeId::new(Area::Corr, 1));
        assert_eq!(tally.verdict().finding, Finding::NotExercised);
    }

    #[test]
    fn a_breach_outweighs_a_doubt_and_a_doubt_outweighs_what_was_kept() {
        let mut tally = Tally::new(GuaranteeId::new(Area::Corr, 1));
        tally.held();
        tally.held();
        assert_eq!(tally.verdict().finding, Finding::Held(2));
        tally.untold("slow machine");
        assert_eq!(tally.verdict().finding, Finding::Untold("slow machine".to_owned()));
        tally.check(false, &[EventNo(3)], || ("a".to_owned(), "b".to_owned()));
        let broken = Broken { witness: vec![EventNo(3)], expected: "a".to_owned(), got: "b".to_owned() };
        assert_eq!(tally.verdict().finding, Finding::Broken(vec![broken]));
    }
}
