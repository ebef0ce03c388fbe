//! What a scenario's end means.

use std::collections::BTreeSet;
use std::time::Duration;

use super::features::Case;
use crate::checker;
use crate::event::{Broken, Event, EventNo, Finding, Verdict, What};
use crate::report::ScenarioEnd;
use crate::report::news::{Difference, Reference, Status};
use crate::report::summary::level;
use crate::stage::Halt;
use crate::transcript::{Transcript, compare};

/// Everything known of a scenario when it has ended.
pub(super) struct Ended<'a> {
    pub(super) case: &'a Case,
    pub(super) events: &'a [Event],
    /// Why it stopped and at which step, if it did.
    pub(super) halt: Option<(Halt, Option<String>)>,
    /// A panic or another fault of the harness.
    pub(super) fault: Option<String>,
    /// The transcript to compare with.
    pub(super) reference: Option<&'a (Reference, String)>,
    /// Whether a difference of transcripts is hubproof's own fault.
    pub(super) own: bool,
    pub(super) again: String,
}

impl Ended<'_> {
    /// Judges the run.
    pub(super) fn judge(self) -> ScenarioEnd {
        let transcript = Transcript::of(self.events);
        let mut verdicts = checker::judge(self.events);
        if let Some((Halt::Trouble(why), _)) = &self.halt {
            for verdict in &mut verdicts {
                if checker::SEEN_BY_WAITING.contains(&verdict.id) && matches!(verdict.finding, Finding::Broken(_)) {
                    verdict.finding = Finding::Untold(why.clone());
                }
            }
        }
        let stopped_at = self.halt.as_ref().and_then(|(_, step)| step.clone());
        if let Some((Halt::Unmet { expected, got }, _)) = &self.halt {
            self.step_breaks(&mut verdicts, expected, got);
        }
        let broken = verdicts.iter().any(|verdict| matches!(verdict.finding, Finding::Broken(_)));
        let completed = self.halt.is_none() && self.fault.is_none() && !broken;
        let reference = self.reference.filter(|_| completed);
        let difference = reference.and_then(|(from, text)| {
            let diff = compare::difference(text, &transcript.text())?;
            Some(Difference { from: *from, diff })
        });
        let status = self.status(&verdicts, broken, difference.as_ref());
        ScenarioEnd {
            address: self.case.address.clone(),
            judges: self.case.judges,
            title: self.case.title.clone(),
            place: self.case.place.clone(),
            status,
            stopped_at,
            verdicts,
            log: log(self.events),
            transcript,
            difference,
            again: self.again,
        }
    }

    fn status(&self, verdicts: &[Verdict], broken: bool, difference: Option<&Difference>) -> Status {
        if let Some(fault) = &self.fault {
            return Status::Fault(fault.clone());
        }
        match &self.halt {
            Some((Halt::Needs(need), _)) => return Status::NotTested(*need),
            Some((Halt::Trouble(why), _)) => return Status::Untold(why.clone()),
            Some((Halt::Unmet { .. }, _)) | None if broken => return Status::Broken,
            Some((Halt::Unmet { expected, got }, _)) => return Status::Untold(doubt(verdicts, expected, got)),
            _ => {}
        }
        let judged = verdicts.iter().find(|verdict| verdict.id == self.case.judges).map(|verdict| &verdict.finding);
        match (judged, difference) {
            (Some(Finding::Untold(why)), _) => Status::Untold(why.clone()),
            (Some(Finding::NotExercised), _) => Status::Untold(format!("the run never exercised {}", self.case.judges)),
            (_, Some(difference)) if self.own => Status::Fault(format!("the transcript is not {}", difference.from)),
            _ => Status::Held,
        }
    }

    /// A step that was not met breaks the guarantee that the scenario judges, unless a checker has already found a breach
    /// that explains it and is as binding.
    fn step_breaks(&self, verdicts: &mut Vec<Verdict>, expected: &str, got: &str) {
        let gates = |id| level(id).gates(false);
        let explained = verdicts.iter().any(|verdict| {
            matches!(verdict.finding, Finding::Broken(_)) && (gates(verdict.id) || !gates(self.case.judges))
        });
        let doubtful = verdicts.iter().any(|verdict| matches!(verdict.finding, Finding::Untold(_)));
        if explained || doubtful {
            return;
        }
        let mut verdict = |finding| match verdicts.iter_mut().find(|verdict| verdict.id == self.case.judges) {
            Some(verdict) => verdict.finding = finding,
            None => verdicts.push(Verdict { id: self.case.judges, finding, note: None }),
        };
        if let Some(lateness) = too_late(self.events) {
            return verdict(Finding::Untold(format!("the harness itself was up to {lateness:.1?} late")));
        }
        let witness: Vec<EventNo> = self.events.last().map(|event| event.no).into_iter().collect();
        let broken = Broken { witness, expected: expected.to_owned(), got: got.to_owned() };
        verdict(Finding::Broken(vec![broken]));
    }
}

/// How late the harness was, where that alone may be why a step was not met: by more than half of what it allows for.
fn too_late(events: &[Event]) -> Option<Duration> {
    let tolerance = events.iter().find_map(|event| match &event.what {
        What::Began(facts) => Some(facts.tolerance),
        _ => None,
    });
    let lateness = events.iter().filter_map(|event| event.what.lateness()).max()?;
    (lateness > tolerance? / 2).then_some(lateness)
}

/// The lines of the target's log, if it could be read.
fn log(events: &[Event]) -> Option<Vec<String>> {
    let readable = |event: &Event| matches!(event.what, What::Began(facts) if facts.log);
    let line = |event: &Event| match &event.what {
        What::Logged { line } => Some(line.clone()),
        _ => None,
    };
    events.iter().any(readable).then(|| events.iter().filter_map(line).collect())
}

/// Why a step that was not met is no breach: the harness was not precise enough somewhere.
fn doubt(verdicts: &[Verdict], expected: &str, got: &str) -> String {
    let why = verdicts.iter().find_map(|verdict| match &verdict.finding {
        Finding::Untold(why) => Some(format!(" ({}: {why})", verdict.id)),
        _ => None,
    });
    format!("expected {expected}, got {got}{}", why.unwrap_or_default())
}

/// The events that show what was broken.
#[must_use]
pub fn witness(end: &ScenarioEnd) -> BTreeSet<EventNo> {
    let breaches = end.broken().filter_map(|verdict| match &verdict.finding {
        Finding::Broken(breaches) => Some(breaches),
        _ => None,
    });
    breaches.flatten().flat_map(|breach| breach.witness.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::guarantee::{Area, GuaranteeId};
    use crate::event::{CallId, Ended as How, Facts};

    const JUDGED: GuaranteeId = GuaranteeId::new(Area::Job, 1);

    /// What becomes of a step that is not met when the harness was so late.
    fn unmet(late_ms: u64) -> (Status, Option<Finding>) {
        let tolerance = Duration::from_millis(250);
        let facts = Facts { scale: 0.01, tolerance, grace: Duration::ZERO, log: false, limit: None };
        let lateness = Duration::from_millis(late_ms);
        let ended = What::CallEnded { call: CallId(0), ended: How::Cancelled, elapsed: Duration::ZERO, lateness };
        let event = |no, what| {
            let (at, due) = (Duration::ZERO, Duration::ZERO);
            Event { no: EventNo(no), at, due, drawn: false, cause: None, what }
        };
        let feature =
            "Feature: F\n\n  @judges:JOB-1\n  Scenario: S\n    Given user 1 has a plugin that never answers\n";
        let cases = super::super::features::cases(&[("a.feature".to_owned(), feature)]).unwrap();
        let end = Ended {
            case: &cases[0],
            events: &[event(0, What::Began(facts)), event(1, ended)],
            halt: Some((Halt::unmet("the job to complete", "it failed"), None)),
            fault: None,
            reference: None,
            own: true,
            again: String::new(),
        }
        .judge();
        let finding = end.verdicts.iter().find(|verdict| verdict.id == JUDGED).map(|verdict| verdict.finding.clone());
        (end.status, finding)
    }

    #[test]
    fn a_step_that_is_not_met_is_a_breach_unless_the_harness_was_too_late_to_tell() {
        let (status, finding) = unmet(125);
        assert!(matches!((status, finding), (Status::Broken, Some(Finding::Broken(breaches))) if breaches.len() == 1));
        let (status, finding) = unmet(126);
        let why = "the harness itself was up to 126.0ms late";
        assert_eq!(finding, Some(Finding::Untold(why.to_owned())));
        let told = "expected the job to complete, got it failed (JOB-1: the harness itself was up to 126.0ms late)";
        assert!(matches!(status, Status::Untold(reason) if reason == told));
    }
}
