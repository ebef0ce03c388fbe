//! Every case is found as it says, and no judge lacks its cases.

use std::collections::{BTreeMap, BTreeSet};

use hubproof::checker::Bench;

use super::stream::{Case, Found, Stream};
use super::{clock, corr, err, flight, hardening, iso, job, job_runs, life, limits, log, outage, perf, queue, time};

/// Judges that may have to say that they could not tell.
const DOUBTERS: &[&str] = &[
    "CORR-4", "CORR-9", "CORR-10", "CORR-11", "TIME-2", "TIME-3", "TIME-6", "TIME-7", "ERR-1", "ISO-5", "ISO-9",
    "LIFE-1", "LIFE-2", "LIFE-4", "LIFE-6", "LIFE-7", "LIFE-9", "JOB-2", "PERF-2",
];

fn cases() -> impl Iterator<Item = &'static Case> {
    let areas = [corr::CASES, flight::CASES, time::CASES, clock::CASES, err::CASES, iso::CASES, life::CASES];
    let more = [outage::CASES, limits::CASES, job::CASES, job_runs::CASES, queue::CASES, perf::CASES, log::CASES];
    areas.into_iter().chain(more).chain([hardening::CASES]).flatten()
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Held,
    Broken,
    NotExercised,
    Untold,
}

fn kind(found: &Found) -> Kind {
    match found {
        Found::Held(_) => Kind::Held,
        Found::Broken(_) => Kind::Broken,
        Found::Untold => Kind::Untold,
        Found::NotExercised => Kind::NotExercised,
    }
}

#[test]
fn every_case_is_found_as_it_says_with_just_its_witness() {
    let mut wrong = Vec::new();
    for case in cases() {
        let mut stream = Stream::new();
        let expected = (case.run)(&mut stream);
        let found = stream.found(case.id);
        if found != expected {
            let finding = stream.finding(case.id);
            wrong.push(format!("{}: {}: expected {expected:?}, found {finding:#?}", case.id, case.title));
        }
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_judge_lacks_a_case_of_each_kind() {
    let mut covered: BTreeMap<&str, BTreeSet<Kind>> = BTreeMap::new();
    for case in cases() {
        covered.entry(case.id).or_default().insert(kind(&(case.run)(&mut Stream::new())));
    }
    let judged: BTreeSet<String> = Bench::judged().iter().map(ToString::to_string).collect();
    assert_eq!(covered.keys().map(ToString::to_string).collect::<BTreeSet<_>>(), judged);
    for (id, kinds) in covered {
        let mut needed = BTreeSet::from([Kind::Held, Kind::Broken, Kind::NotExercised]);
        needed.extend(DOUBTERS.contains(&id).then_some(Kind::Untold));
        assert_eq!(kinds, needed, "{id}");
    }
}

#[test]
fn an_empty_run_exercises_nothing() {
    for id in Bench::judged() {
        assert_eq!(Stream::new().found(&id.to_string()), Found::NotExercised, "{id}");
    }
}

#[test]
fn a_run_in_which_something_held_breaks_nothing() {
    for case in cases() {
        let mut stream = Stream::new();
        if kind(&(case.run)(&mut stream)) == Kind::Held {
            // A call that waits for its timeout keeps LIFE-1 and breaks LIFE-2, and one that is settled by nonsense is no matter
            // for LOG-1.
            let allowed = |id: &str| [("LIFE-1", "LIFE-2"), ("LOG-1", "CORR-11")].contains(&(case.id, id));
            for verdict in stream.verdicts().into_iter().filter(|verdict| !allowed(&verdict.id.to_string())) {
                assert_ne!(kind(&stream.found(&verdict.id.to_string())), Kind::Broken, "{}: {verdict:#?}", case.title);
            }
        }
    }
}

#[test]
fn verdicts_come_in_the_order_of_the_catalogue_one_for_each_id() {
    let ids: Vec<_> = Stream::new().verdicts().into_iter().map(|verdict| verdict.id).collect();
    assert_eq!(ids, Bench::judged().into_iter().collect::<Vec<_>>());
}
