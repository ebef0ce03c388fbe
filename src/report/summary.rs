//! The verdicts of all scenarios added up by guarantee, and the exit code.

use std::collections::BTreeMap;
use std::fmt;

use super::news::{ScenarioEnd, Status};
use crate::contract::catalogue::CATALOGUE;
use crate::contract::guarantee::{GuaranteeId, Level};
use crate::contract::need::Need;
use crate::event::{Finding, Verdict};

/// What a run has come to for one guarantee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Broken, by so many scenarios' witness; the first of them.
    Broken {
        /// How many scenarios saw it broken.
        scenarios: usize,
        /// The address of the first.
        first: String,
    },
    /// No scenario saw it broken, but one that judges it could not tell, for this reason.
    Untold(String),
    /// Kept in so many scenarios.
    Held(usize),
    /// Every scenario that judges it needs what the target lacks.
    NotTested(Need),
    /// It never mattered.
    NotExercised,
}

impl Standing {
    /// The word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Broken { .. } => "broken",
            Self::Untold(_) => "could not tell",
            Self::Held(_) => "held",
            Self::NotTested(_) => "not tested",
            Self::NotExercised => "not exercised",
        }
    }
}

/// The verdicts of a run as they come.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    rows: BTreeMap<GuaranteeId, Row>,
    scenarios: Counts,
    fault: Option<String>,
    differences: usize,
}

#[derive(Debug, Clone, Default)]
struct Row {
    held: usize,
    broken: Vec<String>,
    untold: Option<String>,
    not_tested: Option<Need>,
    notes: Vec<String>,
}

/// How many scenarios ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Every guarantee that mattered was kept.
    pub held: usize,
    /// A guarantee that gates was broken.
    pub broken: usize,
    /// Only guarantees that do not gate were broken.
    pub noted: usize,
    /// Nothing could be told.
    pub untold: usize,
    /// Not tested.
    pub not_tested: usize,
    /// hubproof itself was at fault.
    pub faults: usize,
    /// Never begun, or broken off.
    pub not_run: usize,
}

impl Counts {
    /// Adds a scenario.
    pub fn add(&mut self, end: &ScenarioEnd, strict: bool) {
        *match &end.status {
            Status::Held => &mut self.held,
            Status::Broken if end.gates(strict) => &mut self.broken,
            Status::Broken => &mut self.noted,
            Status::Untold(_) => &mut self.untold,
            Status::NotTested(_) => &mut self.not_tested,
            Status::Fault(_) => &mut self.faults,
        } += 1;
    }

    /// How many have ended.
    #[must_use]
    pub const fn ended(&self) -> usize {
        self.held + self.broken + self.noted + self.untold + self.not_tested + self.faults
    }
}

impl fmt::Display for Counts {
    /// In words, such as `3 held, 1 broken; 2 not run`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.held, "held"),
            (self.broken, "broken"),
            (self.noted, "broke hardening only"),
            (self.untold, "could not tell"),
            (self.not_tested, "not tested"),
            (self.faults, "failed by a fault of hubproof"),
        ];
        let parts: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        f.write_str(if parts.is_empty() { "none" } else { "" })?;
        f.write_str(&parts.join(", "))?;
        if self.not_run > 0 {
            write!(f, "; {} not run", self.not_run)?;
        }
        Ok(())
    }
}

/// What a run has come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Conclusion {
    /// Every guarantee of the catalogue with its standing and what is worth knowing beside it.
    pub rows: Vec<(GuaranteeId, Level, Standing, Vec<String>)>,
    /// The scenarios.
    pub scenarios: Counts,
    /// Transcripts that differ from the recorded ones.
    pub differences: usize,
    /// The exit code of the process.
    pub exit_code: u8,
    /// Why it is that code, in words.
    pub reason: String,
}

/// Exit codes, as documented.
pub mod exit {
    /// Everything that was tested held.
    pub const HELD: u8 = 0;
    /// A guarantee that gates is broken.
    pub const BROKEN: u8 = 1;
    /// The command line or the configuration is wrong.
    pub const USAGE: u8 = 2;
    /// Nothing can be told: the target cannot be reached, or the harness was not precise enough.
    pub const UNTOLD: u8 = 3;
    /// The filters leave nothing to run.
    pub const NOTHING_SELECTED: u8 = 4;
    /// A fault in hubproof itself.
    pub const FAULT: u8 = 70;
}

impl ScenarioEnd {
    /// The guarantees that this scenario saw broken.
    pub fn broken(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(|verdict| matches!(verdict.finding, Finding::Broken(_)))
    }

    /// Whether it is a failure: a guarantee that gates is broken, nothing can be told, or hubproof is at fault.
    #[must_use]
    pub fn fails(&self, strict: bool) -> bool {
        match &self.status {
            Status::Held | Status::NotTested(_) => strict && self.difference.is_some(),
            Status::Broken => self.gates(strict),
            Status::Untold(_) | Status::Fault(_) => true,
        }
    }

    /// Whether it saw a guarantee broken that gates.
    #[must_use]
    pub fn gates(&self, strict: bool) -> bool {
        self.broken().any(|verdict| level(verdict.id).gates(strict))
    }
}

/// The level of a guarantee.
#[must_use]
pub fn level(id: GuaranteeId) -> Level {
    id.guarantee().map_or(Level::Hardening, |row| row.level)
}

impl Summary {
    /// Adds a scenario.
    pub fn add(&mut self, end: &ScenarioEnd, strict: bool) {
        self.scenarios.add(end, strict);
        self.differences += usize::from(end.difference.is_some());
        for verdict in &end.verdicts {
            let row = self.rows.entry(verdict.id).or_default();
            match &verdict.finding {
                Finding::Held(_) => row.held += 1,
                Finding::Broken(_) => row.broken.push(end.address.clone()),
                // A doubt counts where the scenario was made to judge it; elsewhere it mattered only by the way.
                Finding::Untold(why) if verdict.id == end.judges => {
                    row.untold = Some(format!("{}: {why}", end.address));
                }
                Finding::Untold(_) | Finding::NotExercised => {}
            }
            let note = verdict.note.iter().map(|note| format!("{}: {note}", end.address));
            // The runs after the first may only say the same again.
            row.notes.extend(note.filter(|note| !row.notes.contains(note)).collect::<Vec<_>>());
        }
        let row = self.rows.entry(end.judges).or_default();
        match &end.status {
            Status::Untold(why) => {
                row.untold.get_or_insert_with(|| format!("{}: {why}", end.address));
            }
            Status::NotTested(need) => row.not_tested = Some(*need),
            Status::Fault(why) => {
                self.fault.get_or_insert_with(|| format!("{}: {why}", end.address));
            }
            Status::Held | Status::Broken => {}
        }
    }

    /// What it all comes to. `strict` lets hardening gate, and differing transcripts too.
    #[must_use]
    pub fn conclude(&self, strict: bool) -> Conclusion {
        let rows: Vec<_> = CATALOGUE
            .iter()
            .map(|guarantee| {
                let row = self.rows.get(&guarantee.id).cloned().unwrap_or_default();
                (guarantee.id, guarantee.level, row.standing(), row.notes)
            })
            .collect();
        let broken: Vec<String> = rows
            .iter()
            .filter(|(_, level, standing, _)| level.gates(strict) && matches!(standing, Standing::Broken { .. }))
            .map(|(id, ..)| id.to_string())
            .collect();
        let untold = rows.iter().find_map(|(id, _, standing, _)| match standing {
            Standing::Untold(why) => Some(format!("{id} ({why})")),
            _ => None,
        });
        let different = (strict && self.differences > 0).then(|| format!("{} transcripts differ", self.differences));
        let (exit_code, reason) = if let Some(fault) = &self.fault {
            (exit::FAULT, format!("a fault in hubproof: {fault}"))
        } else if !broken.is_empty() {
            (exit::BROKEN, broken.join(", "))
        } else if let Some(different) = different {
            (exit::BROKEN, different)
        } else if let Some(untold) = untold {
            (exit::UNTOLD, untold)
        } else if self.scenarios.held + self.scenarios.noted == 0 {
            (exit::UNTOLD, "no scenario could be tested".to_owned())
        } else {
            (exit::HELD, "every guarantee that gates and was tested held".to_owned())
        };
        Conclusion { rows, scenarios: self.scenarios, differences: self.differences, exit_code, reason }
    }
}

impl Row {
    fn standing(&self) -> Standing {
        if let Some(first) = self.broken.first() {
            return Standing::Broken { scenarios: self.broken.len(), first: first.clone() };
        }
        match (&self.untold, self.held, self.not_tested) {
            (Some(why), ..) => Standing::Untold(why.clone()),
            (None, 1.., _) => Standing::Held(self.held),
            (None, 0, Some(need)) => Standing::NotTested(need),
            (None, 0, None) => Standing::NotExercised,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::control::Capability;
    use crate::contract::guarantee::Area;
    use crate::event::Broken;
    use crate::report::{Difference, Reference};
    use crate::transcript::Transcript;

    const DOCUMENTED: GuaranteeId = GuaranteeId::new(Area::Corr, 4);
    const HARDENING: GuaranteeId = GuaranteeId::new(Area::Err, 7);

    fn end(judges: GuaranteeId, status: Status, finding: Finding) -> ScenarioEnd {
        ScenarioEnd {
            address: format!("{judges}.1"),
            judges,
            title: String::new(),
            place: String::new(),
            status,
            stopped_at: None,
            verdicts: vec![Verdict { id: judges, finding, note: None }],
            transcript: Transcript::default(),
            log: None,
            difference: None,
            again: String::new(),
        }
    }

    fn broken() -> Finding {
        Finding::Broken(vec![Broken { witness: Vec::new(), expected: "a".to_owned(), got: "b".to_owned() }])
    }

    fn code(ends: &[ScenarioEnd], strict: bool) -> u8 {
        let mut summary = Summary::default();
        for end in ends {
            summary.add(end, strict);
        }
        summary.conclude(strict).exit_code
    }

    #[test]
    fn the_exit_code_says_how_it_went() {
        let held = end(DOCUMENTED, Status::Held, Finding::Held(1));
        let untold = end(DOCUMENTED, Status::Untold("slow".to_owned()), Finding::NotExercised);
        let not_tested = end(DOCUMENTED, Status::NotTested(Capability::Clock.into()), Finding::NotExercised);
        let fault = end(DOCUMENTED, Status::Fault("bug".to_owned()), Finding::NotExercised);
        assert_eq!(code(std::slice::from_ref(&held), false), exit::HELD);
        assert_eq!(code(&[held.clone(), end(DOCUMENTED, Status::Broken, broken())], false), exit::BROKEN);
        assert_eq!(code(&[held.clone(), untold], false), exit::UNTOLD);
        assert_eq!(code(&[held.clone(), not_tested.clone()], false), exit::HELD);
        assert_eq!(code(&[not_tested], false), exit::UNTOLD);
        assert_eq!(code(&[held, fault, end(DOCUMENTED, Status::Broken, broken())], false), exit::FAULT);
    }

    #[test]
    fn hardening_gates_only_when_strict() {
        let noted = end(HARDENING, Status::Broken, broken());
        assert_eq!(code(std::slice::from_ref(&noted), false), exit::HELD);
        assert_eq!(code(&[noted], true), exit::BROKEN);
    }

    #[test]
    fn a_difference_of_transcripts_gates_only_when_strict() {
        let mut different = end(DOCUMENTED, Status::Held, Finding::Held(1));
        different.difference = Some(Difference { from: Reference::Recorded, diff: "-a\n+b\n".to_owned() });
        assert_eq!(code(std::slice::from_ref(&different), false), exit::HELD);
        assert_eq!(code(&[different], true), exit::BROKEN);
    }

    #[test]
    fn a_breach_anywhere_outweighs_what_was_kept_elsewhere() {
        let mut summary = Summary::default();
        summary.add(&end(DOCUMENTED, Status::Held, Finding::Held(1)), false);
        summary.add(&end(DOCUMENTED, Status::Broken, broken()), false);
        let conclusion = summary.conclude(false);
        let row = conclusion.rows.iter().find(|(id, ..)| *id == DOCUMENTED).unwrap();
        assert_eq!(row.2, Standing::Broken { scenarios: 1, first: "CORR-4.1".to_owned() });
        assert_eq!(conclusion.rows.len(), CATALOGUE.len());
    }
}
