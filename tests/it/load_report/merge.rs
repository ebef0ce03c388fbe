//! Several runs added up: exactly, in any order, and only where that makes sense.

use hubproof::figures::{Latency, LoadFinding, LoadReport, LoadWord, MergeError, Second, merge};
use proptest::prelude::*;

use super::sample;

fn merged(runs: &[LoadReport]) -> LoadReport {
    merge(runs, "hubproof load merge a.json b.json".to_owned()).expect("they can be added up")
}

fn error(runs: &[LoadReport]) -> String {
    merge(runs, String::new()).expect_err("they cannot be added up").to_string()
}

/// A run with this seed that begins so many seconds after the first.
fn later(seed: u64, seconds: f64) -> LoadReport {
    let mut run = sample::run(seed);
    run.started_unix_s += seconds;
    run
}

#[test]
fn counts_and_histograms_add_up_and_thresholds_are_judged_anew() {
    let runs = [sample::run(1), later(2, 3.1)];
    let sum = merged(&runs);
    assert_eq!((sum.runs, sum.seed, sum.command.as_str()), (2, 1, "hubproof load merge a.json b.json"));
    assert_eq!(sum.totals.calls_started, 30_000);
    assert_eq!((sum.totals.plugins_asked, sum.totals.plugins_connected), (2_000, 2_000));
    assert_eq!(
        sum.totals.errors["not_connected"],
        runs.iter().map(|run| run.totals.errors["not_connected"]).sum::<u64>()
    );
    let mut round_trip = runs[0].totals.round_trip.clone();
    round_trip.add(&runs[1].totals.round_trip);
    assert_eq!(sum.totals.round_trip, round_trip);
    assert_eq!(sum.actions["VINTED_SYNC"].calls, 18_000);
    assert_eq!((sum.asked.plugins, sum.asked.calls, sum.asked.rate.as_str()), (2_000, 30_000, "2 × constant 500/s"));
    assert!(
        (sum.asked.duration_s - 33.1).abs() < 1e-6 && (sum.ran_s - 39.3).abs() < 1e-6,
        "{} {}",
        sum.asked.duration_s,
        sum.ran_s
    );
    let names = |report: &LoadReport| report.thresholds.iter().map(|judged| judged.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&sum), names(&runs[0]));
    let rate = sum.thresholds.iter().find(|judged| judged.name == "rate").expect("it was judged");
    assert_eq!((rate.shown.as_str(), rate.held), ("909/s", true), "30,000 calls in 33 seconds");
    assert_eq!(sum.result.word, LoadWord::Passed, "{:?}", sum.result.reasons);
}

#[test]
fn seconds_are_laid_over_each_other_by_when_the_runs_began() {
    let sum = merged(&[sample::run(1), later(2, 2.9)]);
    let at: Vec<u64> = sum.seconds.iter().map(|second| second.at_s).collect();
    assert_eq!(at, (0..39).collect::<Vec<_>>());
    let second = |at: usize| &sum.seconds[at];
    assert_eq!([2, 3, 4].map(|at| second(at).connects), [250, 500, 250]);
    assert_eq!([6, 7, 10].map(|at| second(at).started), [500, 1_000, 1_000]);
    assert_eq!(second(4).phase, "calling, connecting");
    assert_eq!(second(10).connected, 2_000);
    // Each built-in hub is a process of its own, and both are added up.
    assert!(second(10).hub_rss_bytes > sample::run(1).seconds[10].hub_rss_bytes);
}

#[test]
fn one_hub_that_all_runs_shared_is_not_counted_twice() {
    let mut runs = [sample::run(1), later(2, 0.0)];
    for run in &mut runs {
        run.target.built_in = false;
        run.totals.pending_at_end = Some(3);
    }
    let sum = merged(&runs);
    assert_eq!(sum.totals.pending_at_end, Some(3));
    assert_eq!(sum.hub, runs[0].hub);
    let most = runs.iter().map(|run| run.seconds[10].hub_rss_bytes).max().flatten();
    assert_eq!(sum.seconds[10].hub_rss_bytes, most);
}

#[test]
fn one_machine_is_one_and_two_are_two() {
    let (one, mut other) = (sample::run(1), later(2, 0.0));
    assert_eq!(merged(&[one.clone(), other.clone()]).machine, one.machine);
    (other.machine.cpus, other.machine.cpu_model) = (8, Some("Another".to_owned()));
    let both = merged(&[one, other]).machine;
    assert_eq!((both.cpus, both.cpu_model.as_deref()), (10, Some("Some Processor 2.50GHz + Another")));
}

#[test]
fn a_fault_of_one_run_makes_the_whole_invalid_and_says_whose() {
    let mut faulty = later(2, 0.0);
    faulty.harness.faults = vec!["it was too slow".to_owned()];
    let sum = merged(&[sample::run(1), faulty.clone()]);
    assert_eq!((sum.result.word, sum.result.reasons[0].as_str()), (LoadWord::Invalid, "run 2: it was too slow"));
    // A document may say so without a fault.
    faulty.harness.faults.clear();
    faulty.result.word = LoadWord::Invalid;
    faulty.result.reasons.clear();
    assert_eq!(merged(&[sample::run(1), faulty]).result.reasons, ["run 2 is invalid"]);
}

#[test]
fn findings_and_early_ends_are_kept() {
    let mut other = later(2, 0.0);
    other.partial = Some("interrupted".to_owned());
    let finding = |guarantee: &str, count| LoadFinding {
        guarantee: guarantee.to_owned(),
        text: format!("{guarantee} of {count}"),
        user: None,
        count,
    };
    let mut one = sample::run(1);
    one.findings = vec![finding("CORR-3", 4)];
    other.findings = vec![finding("CORR-3", 2), finding("ISO-1", 1)];
    let sum = merged(&[one, other]);
    assert_eq!(sum.findings, [LoadFinding { count: 6, ..finding("CORR-3", 4) }, finding("ISO-1", 1)]);
    assert_eq!(sum.partial.as_deref(), Some("interrupted (run 2)"));
    assert_eq!(
        sum.result.reasons,
        ["CORR-3 is broken (6 times)", "ISO-1 is broken (1 time)", "it ended before its time: interrupted (run 2)"]
    );
}

#[test]
fn predictions_add_up_where_every_run_has_one() {
    let runs = [sample::failed(), {
        let mut run = sample::failed();
        run.seed = 2;
        run
    }];
    let ids = merged(&runs).totals.collisions;
    let (sum, one) = (ids.predicted.expect("predicted"), runs[0].totals.collisions.predicted.expect("predicted"));
    assert_eq!((ids.seen, ids.in_flight, ids.scheme.as_str()), (76, 62, "documented"));
    assert!((sum.expected - 2.0 * one.expected).abs() < 1e-9);
    assert!(sum.high < 2 * one.high && sum.low > 2 * one.low, "{sum:?} of twice {one:?}");
    let mut unknown = runs.clone();
    unknown[1].totals.collisions.predicted = None;
    unknown[1].totals.collisions.scheme = "unknown".to_owned();
    let ids = merged(&unknown).totals.collisions;
    assert_eq!((ids.predicted, ids.scheme.as_str()), (None, "unknown"));
}

#[test]
fn runs_of_different_things_are_not_added_up() {
    let one = sample::run(1);
    assert_eq!(merge(&[], String::new()), Err(MergeError::Nothing));
    assert_eq!(error(&[]), "there is no run to add up");
    assert_eq!(
        error(&[one.clone(), sample::run(2), one.clone()]),
        "run 3 is the same as run 1: it would be counted twice"
    );
    let differs = |change: fn(&mut LoadReport)| {
        let mut other = sample::run(2);
        change(&mut other);
        error(&[one.clone(), other])
    };
    assert_eq!(
        differs(|run| run.profile = "soak".to_owned()),
        "run 2 has another profile: soak, and run 1 has thousand-plugins"
    );
    assert_eq!(
        differs(|run| run.target.name = "a".to_owned()),
        "run 2 has another target: a, and run 1 has hubproof reference hub"
    );
    assert_eq!(
        differs(|run| run.target.variant = Some("as-documented".to_owned())),
        "run 2 has another variant of the target: as-documented, and run 1 has none"
    );
    assert_eq!(
        differs(|run| run.target.version = Some("9".to_owned())),
        "run 2 has another version of the target: 9, and run 1 has 0.1.0"
    );
    assert_eq!(
        differs(|run| run.asked.commands = "none".to_owned()),
        "run 2 has another source of commands: none, and run 1 has control"
    );
    assert_eq!(differs(|run| run.schema = 2), "run 2 is a document of version 2, and this is read: 1");
    assert_eq!(
        differs(|run| run.thresholds[0].wanted = "fast".to_owned()),
        "run 2: `round_trip.p99`: 'fast' is no threshold: it begins with no operator (<, <=, >, >=, ==, !=), such as \"< 50ms\""
    );
    let moved = |built_in| {
        let mut runs = [one.clone(), sample::run(2)];
        runs.iter_mut().for_each(|run| run.target.built_in = built_in);
        runs[1].target.url = "http://10.0.0.2:4000".to_owned();
        merge(&runs, String::new()).map(|sum| sum.runs)
    };
    assert_eq!(moved(true), Ok(2), "the built-in hub listens elsewhere each time");
    assert!(moved(false).is_err_and(|error| error.to_string().contains("another address of the target")));
}

#[test]
fn numbers_beyond_all_measure_do_not_overflow() {
    let mut runs = [sample::run(1), sample::run(2)];
    for run in &mut runs {
        (run.totals.calls_started, run.totals.ok, run.totals.timeouts) = (u64::MAX, u64::MAX, u64::MAX);
        run.totals.errors.insert("internal".to_owned(), u64::MAX);
        (run.runs, run.seconds[0].at_s, run.started_unix_s) = (u64::MAX, u64::MAX, 1e300);
        run.machine.memory_bytes = Some(u64::MAX);
    }
    runs[1].machine.cpus = u64::MAX;
    runs[1].started_unix_s = -1e300;
    let sum = merged(&runs);
    assert_eq!((sum.totals.calls_started, sum.totals.errors_in_all()), (u64::MAX, u64::MAX));
    assert!(!hubproof::report::load::html::page(&sum).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_order_of_runs_changes_no_figure(
        runs in proptest::collection::vec((0_u64..50, proptest::collection::vec(0_u64..1_000_000, 0..20)), 1..5)
    ) {
        let runs: Vec<LoadReport> = runs
            .into_iter()
            .enumerate()
            .map(|(seed, (from, durations))| {
                let mut run = sample::blank();
                (run.seed, run.started_unix_s) = (seed as u64, run.started_unix_s + f64::from(u32::try_from(from).expect("small")));
                (run.totals.plugins_asked, run.totals.plugins_connected) = (from, from);
                for (at, us) in durations.into_iter().enumerate() {
                    let mut second = Second { at_s: at as u64, ok: 1, ..Second::default() };
                    second.round_trip.record_us(us);
                    run.totals.round_trip.record_us(us);
                    run.totals.ok += 1;
                    run.seconds.push(second);
                }
                run
            })
            .collect();
        let sum = merged(&runs);
        let reversed = merged(&runs.iter().rev().cloned().collect::<Vec<_>>());
        prop_assert_eq!(&sum.totals, &reversed.totals);
        prop_assert_eq!(&sum.seconds, &reversed.seconds);
        prop_assert!((sum.started_unix_s - reversed.started_unix_s).abs() < 1e-9);
        let mut all = Latency::new();
        sum.seconds.iter().for_each(|second| all.add(&second.round_trip));
        prop_assert_eq!(&all, &sum.totals.round_trip);
        prop_assert!(sum.seconds.is_sorted_by(|one, other| one.at_s < other.at_s));
    }
}
