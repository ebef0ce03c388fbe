//! The kill matrix: which scenarios and guarantees catch which variant, and whether the reference hub is accused.
//!
//! - [`trial`]: one hub, what was seen of it, and what that comes to.
//! - [`table`]: for people, line by line as it comes.
//! - [`markdown`]: as a document; [`json`]: for programs.

pub mod json;
pub mod markdown;
pub mod table;
pub mod trial;

use super::summary::exit;
pub use table::Table;
pub use trial::{Outcome, Trial};

/// Every hub that was run, in order.
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    /// The seed of everything that was drawn.
    pub seed: u64,
    /// How many scenarios each hub had to run.
    pub scenarios: usize,
    /// The hubs that were run to the end.
    pub trials: Vec<Trial>,
    /// How many hubs were to be run.
    pub planned: usize,
}

impl Matrix {
    /// The exit code, and why it is that one.
    #[must_use]
    pub fn conclude(&self) -> (u8, String) {
        let of = |outcome: Outcome| -> Vec<String> {
            self.trials.iter().filter(|trial| trial.outcome() == outcome).map(Trial::name).collect()
        };
        let told = |code: u8, outcomes: &[Outcome]| {
            let parts: Vec<String> = outcomes
                .iter()
                .map(|outcome| (outcome.name(), of(*outcome)))
                .filter(|(_, names)| !names.is_empty())
                .map(|(outcome, names)| format!("{outcome}: {}", names.join(", ")))
                .collect();
            (!parts.is_empty()).then(|| (code, parts.join("; ")))
        };
        let missing = self.planned.saturating_sub(self.trials.len());
        let interrupted = || {
            let reason = format!("interrupted after {} of {} hubs", self.trials.len(), self.planned);
            (missing > 0).then_some((exit::UNTOLD, reason))
        };
        let wrong = [Outcome::Accused, Outcome::Survived, Outcome::WronglyAccused, Outcome::Missed];
        told(exit::FAULT, &[Outcome::Fault])
            .or_else(|| told(exit::BROKEN, &wrong))
            .or_else(interrupted)
            .or_else(|| told(exit::UNTOLD, &[Outcome::Untold]))
            .unwrap_or_else(|| {
                let reason = "each variant is caught at just what it breaks, and the reference hub is not accused";
                (exit::HELD, reason.to_owned())
            })
    }

    /// The conclusion as the last line of a report.
    #[must_use]
    pub fn concluded(&self) -> String {
        let (code, reason) = self.conclude();
        let word = match code {
            exit::HELD => "pass",
            exit::BROKEN => "broken",
            exit::FAULT => "a fault in hubproof",
            _ => "could not tell",
        };
        format!("{word}: {reason}")
    }

    /// How many hubs came to what, such as `3 caught, 1 survived, 1 not accused`.
    #[must_use]
    pub fn counted(&self) -> String {
        let count = |outcome: &Outcome| self.trials.iter().filter(|trial| trial.outcome() == *outcome).count();
        let parts: Vec<String> = Outcome::ALL
            .iter()
            .map(|outcome| (count(outcome), outcome.name()))
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{count} {name}"))
            .collect();
        if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
    }

    /// The command that runs those again that went wrong.
    #[must_use]
    pub fn again(&self) -> Option<String> {
        let wrong: Vec<&Trial> = self.trials.iter().filter(|trial| !trial.outcome().is_right()).collect();
        if wrong.is_empty() {
            return None;
        }
        let mut words = vec!["hubproof variants".to_owned()];
        words.extend(wrong.iter().any(|trial| !trial.live).then(|| "--sim".to_owned()));
        words.extend(wrong.iter().any(|trial| trial.live).then(|| "--live".to_owned()));
        words.push(format!("--seed {}", self.seed));
        let mut names: Vec<&str> = wrong.iter().filter_map(|trial| trial.variant).map(|variant| variant.name).collect();
        names.dedup();
        words.extend(names.into_iter().map(str::to_owned));
        Some(words.join(" "))
    }
}
