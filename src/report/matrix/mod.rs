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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::guarantee::GuaranteeId;
    use crate::event::{Broken, Finding, Verdict};
    use crate::hub::Variant;
    use crate::report::news::{ScenarioEnd, Status};
    use crate::transcript::Transcript;

    /// The end of a scenario that saw these broken, or could not tell.
    fn end(address: &str, broken: &[&str], status: Status) -> ScenarioEnd {
        let breach = || Broken { witness: Vec::new(), expected: "a".to_owned(), got: "b".to_owned() };
        let finding = || Finding::Broken(vec![breach()]);
        let id = |text: &str| text.parse::<GuaranteeId>().expect("an id");
        ScenarioEnd {
            address: address.to_owned(),
            judges: id("CORR-1"),
            title: String::new(),
            place: String::new(),
            status,
            stopped_at: None,
            verdicts: broken.iter().map(|of| Verdict { id: id(of), finding: finding(), note: None }).collect(),
            transcript: Transcript::default(),
            log: None,
            difference: None,
            again: String::new(),
        }
    }

    /// A hub of which one scenario saw these broken.
    fn trial(name: Option<&str>, broken: &[&str]) -> Trial {
        let mut trial = Trial::new(name.map(|name| Variant::named(name).expect("a variant")), false);
        trial.add(&end("CORR-1.1", broken, if broken.is_empty() { Status::Held } else { Status::Broken }));
        trial
    }

    fn matrix(trials: Vec<Trial>) -> Matrix {
        Matrix { seed: 1, scenarios: 1, planned: trials.len(), trials }
    }

    #[test]
    fn a_variant_is_caught_at_just_what_it_names() {
        assert_eq!(trial(Some("payload-key-dropped"), &["CORR-1", "JOB-2"]).outcome(), Outcome::Caught);
        assert_eq!(trial(Some("payload-key-dropped"), &["CORR-1"]).outcome(), Outcome::Missed);
        assert_eq!(trial(Some("payload-key-dropped"), &[]).outcome(), Outcome::Survived);
        let beyond = trial(Some("payload-key-dropped"), &["CORR-1", "JOB-2", "TIME-1"]);
        assert_eq!((beyond.outcome(), beyond.beyond().len()), (Outcome::WronglyAccused, 1));
        assert_eq!(trial(None, &[]).outcome(), Outcome::NotAccused);
        assert_eq!(trial(None, &["TIME-1"]).outcome(), Outcome::Accused);
    }

    #[test]
    fn a_miss_where_scenarios_could_not_tell_is_a_doubt_and_an_accusation_is_none() {
        let doubt = end("CORR-1.2", &[], Status::Untold("slow".to_owned()));
        let mut missed = trial(Some("payload-key-dropped"), &["CORR-1"]);
        missed.add(&doubt);
        assert_eq!(missed.outcome(), Outcome::Untold);
        let mut accused = trial(None, &["TIME-1"]);
        accused.add(&doubt);
        assert_eq!(accused.outcome(), Outcome::Accused);
        assert_eq!(matrix(vec![missed, accused]).conclude().0, exit::BROKEN);
    }

    #[test]
    fn the_exit_code_says_whether_each_is_caught_and_the_reference_hub_is_not_accused() {
        let caught = || trial(Some("id-form"), &["CORR-2"]);
        assert_eq!(matrix(vec![caught(), trial(None, &[])]).conclude().0, exit::HELD);
        let survived = matrix(vec![caught(), trial(Some("data-changed"), &[]), trial(None, &[])]);
        assert_eq!(survived.concluded(), "broken: survived: data-changed");
        assert_eq!(survived.again().as_deref(), Some("hubproof variants --sim --seed 1 data-changed"));
        let accused = matrix(vec![caught(), trial(None, &["CORR-2"])]);
        assert_eq!(accused.concluded(), "broken: accused: the reference hub");
        assert_eq!(matrix(vec![trial(Some("id-form"), &["CORR-2", "TIME-1"])]).conclude().0, exit::BROKEN);
        assert_eq!(matrix(vec![trial(Some("data-changed"), &["CORR-6"])]).conclude().0, exit::BROKEN);
        let stopped = Matrix { planned: 3, ..matrix(vec![caught()]) };
        assert_eq!(stopped.conclude(), (exit::UNTOLD, "interrupted after 1 of 3 hubs".to_owned()));
        let mut fault = caught();
        fault.add(&end("CORR-1.2", &[], Status::Fault("a panic".to_owned())));
        assert_eq!(matrix(vec![fault, trial(None, &["CORR-2"])]).conclude().0, exit::FAULT);
    }

    #[test]
    fn the_table_says_what_was_seen_and_what_was_not() {
        let mut out = Vec::new();
        let shown = matrix(vec![trial(Some("data-changed"), &["CORR-6", "TIME-1"]), trial(None, &[])]);
        let mut table = Table::new(&mut out, None);
        table.begins("0.0.0", 2, 1);
        for trial in &shown.trials {
            table.trial(trial);
        }
        table.ends(&shown);
        let text = anstream::adapter::strip_str(&String::from_utf8(out).expect("a text")).to_string();
        let wanted = "\
            hubproof 0.0.0: 2 hubs, the last of them the reference hub, seed 1\n\
            variant                   seen  run   outcome           broken\n\
            data-changed              both  sim   wrongly accused   CORR-6 in 1 scenario, first CORR-1.1; \
            not seen broken: JOB-5 ERR-9; not to be broken: TIME-1 in CORR-1.1\n\
            the reference hub         both  sim   not accused       none in 1 scenario\n\n\
            2 hubs: 1 wrongly accused, 1 not accused\n\
            broken: wrongly accused: data-changed\n\
            again: hubproof variants --sim --seed 1 data-changed\n";
        assert_eq!(text, wanted);
    }
}
