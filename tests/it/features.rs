//! The built-in features against the reference hub.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hubproof::contract::catalogue::CATALOGUE;
use hubproof::event::{Event, What};
use hubproof::gherkin::features::EMBEDDED;
use hubproof::gherkin::{Case, features, snapshots};
use hubproof::hub::HubConfig;
use hubproof::report::Status;

use crate::support::{Ends, cases, config, run_live, run_piped, run_sim};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("features")
}

#[test]
fn every_scenario_holds_in_virtual_time_and_leaves_its_recorded_transcript() {
    let cases = cases();
    let ends = run_sim(&cases, &config(1, None));
    assert_held(&cases, &ends);
    for (case, (end, _)) in cases.iter().zip(&ends) {
        let path = root().join(snapshots::path(case));
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(path.parent().expect("a transcript lies in a folder"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_input_file(case.place.split(':').next().unwrap_or_default());
        settings.bind(|| insta::assert_snapshot!(case.address.clone(), end.transcript.text()));
    }
}

/// Parity: both drivers, the same bytes. Only scenarios that need real sockets may differ.
#[test]
fn every_scenario_leaves_the_same_transcript_live_as_in_virtual_time() {
    assert_parity(run_live);
}

#[test]
fn every_scenario_leaves_the_same_transcript_at_full_length_through_pipes_as_in_virtual_time() {
    assert_parity(run_piped);
}

fn assert_parity(run: impl Fn(&[Case], &HubConfig) -> Ends) {
    let cases: Vec<Case> = cases().into_iter().filter(|case| !case.needs_sockets()).collect();
    let sim = run_sim(&cases, &config(1, None));
    let other = run(&cases, &config(1, None));
    assert_held(&cases, &other);
    for ((sim, _), (other, _)) in sim.iter().zip(&other) {
        assert_eq!(other.transcript.text(), sim.transcript.text(), "{}", sim.address);
    }
}

/// A transcript's documented times are those that virtual time measures, or the latest that can be drawn.
#[test]
fn what_is_due_is_when_it_happens_in_virtual_time() {
    for (end, events) in run_sim(&cases(), &config(1, None)) {
        let due = |event: &&Event| !matches!(event.what, What::Logged { .. });
        for event in events.iter().filter(due) {
            let as_due = if event.drawn { event.at <= event.due } else { event.at == event.due };
            assert!(as_due, "{}: {event:?}", end.address);
        }
    }
}

/// In virtual time just before is two milliseconds before.
#[test]
fn an_answer_two_milliseconds_before_the_deadline_settles_its_call() {
    let text = r#"Feature: A

  @judges:TIME-6
  Scenario: B
    Given user 1 has a plugin that answers {"imported": 3} after 299.998 seconds
    When the backend asks user 1 for VINTED_SYNC {"shop_id": 123} within 300 seconds
    Then the call returns {"imported": 3}
"#;
    let cases = features::cases(&[("a.feature".to_owned(), text)]).expect("it parses");
    assert_held(&cases, &run_sim(&cases, &config(1, None)));
}

#[test]
fn the_embedded_features_are_those_on_disk() {
    let mut on_disk = 0;
    for area in std::fs::read_dir(root()).expect("features are there") {
        for file in std::fs::read_dir(area.expect("an area").path()).expect("an area is a folder") {
            let path = file.expect("a file").path();
            let name = path.strip_prefix(root()).expect("below features");
            let embedded = EMBEDDED.get_file(name).unwrap_or_else(|| panic!("{} is not embedded", name.display()));
            assert_eq!(embedded.contents(), std::fs::read(&path).expect("readable"), "{}", name.display());
            on_disk += 1;
        }
    }
    let embedded: usize = EMBEDDED.dirs().map(|area| area.files().count()).sum();
    assert_eq!(embedded, on_disk, "files are embedded that are not on disk any more");
}

#[test]
fn every_case_has_its_recorded_transcript_and_every_transcript_its_case() {
    let cases = cases();
    for case in &cases {
        assert!(snapshots::recorded(case).is_some(), "{} has none", case.address);
    }
    let recorded = EMBEDDED.dirs().flat_map(include_dir::Dir::files);
    let recorded = recorded.filter(|file| file.path().extension().is_some_and(|ext| ext == "snap")).count();
    assert_eq!(recorded, cases.len());
}

/// No guarantee that gates, hardening included, is left to what scenarios of others happen to show.
#[test]
fn every_guarantee_that_gates_when_strict_is_judged_by_a_scenario() {
    let judged: BTreeSet<_> = cases().iter().map(|case| case.judges).collect();
    let gating = CATALOGUE.iter().filter(|guarantee| guarantee.level.gates(true)).map(|guarantee| guarantee.id);
    let left_out: Vec<String> = gating.filter(|id| !judged.contains(id)).map(|id| id.to_string()).collect();
    assert!(left_out.is_empty(), "no scenario judges {}", left_out.join(", "));
}

fn error(text: &str) -> (String, String) {
    let error = features::cases(&[("a.feature".to_owned(), text)]).expect_err("this is no good feature");
    (error.place, error.what)
}

#[test]
fn a_feature_that_cannot_be_run_says_where_and_why() {
    let (place, _) = error("Feature: A\n\n  Scenario: B\n    Gives up\n");
    assert!(place.starts_with("a.feature:"), "{place}");
    let (place, what) = error("Feature: A\n\n  Scenario: B\n    Given nothing\n");
    assert_eq!((place.as_str(), what.as_str()), ("a.feature:3", "'B' has no tag like @judges:CORR-7"));
    let (_, what) = error("Feature: A\n\n  @judges:CORR-99\n  Scenario: B\n    Given nothing\n");
    assert_eq!(what, "no guarantee is called 'CORR-99': CORR has the ids CORR-1 to CORR-12");
    let (_, what) = error("Feature: A\n\n  @judges:CORR-1 @judges:CORR-2\n  Scenario: B\n    Given nothing\n");
    assert_eq!(what, "'B' judges more than one guarantee: split it, or leave it one tag");
}

#[test]
fn a_step_that_has_no_code_stops_everything_before_it_begins() {
    let text = "Feature: A\n\n  @judges:CORR-1\n  Scenario: B\n    Given user 1 has a plugin that sings\n";
    let cases = features::cases(&[("a.feature".to_owned(), text)]).expect("it parses");
    let error = crate::support::try_run_sim(&cases, &config(1, None)).expect_err("nobody can sing");
    let error = error.to_string();
    let wanted = "a.feature:5: no step is written like 'Given user 1 has a plugin that sings': the nearest there is may be \
        'user 1 has a plugin that ";
    assert!(error.starts_with(wanted), "{error}");
}

#[test]
fn a_step_that_lacks_what_it_builds_on_says_what() {
    let told = [
        ("user 1's plugin answers pings only after 8 seconds", "the scenario does not say how the hub pings"),
        (
            "the backend asks user 1 for VINTED_SYNC with a command that is 1 byte over the hub's limit within 60 seconds",
            "no command was refused before that shows how the hub counts",
        ),
    ];
    for (step, why) in told {
        let plugin = "Given user 1 has a plugin that never answers";
        let text = format!("Feature: A\n\n  @judges:LIFE-4\n  Scenario: B\n    {plugin}\n    When {step}\n");
        let cases = features::cases(&[("a.feature".to_owned(), text)]).expect("it parses");
        let ends = run_sim(&cases, &config(1, None));
        assert_eq!(ends[0].0.status, Status::Untold(why.to_owned()));
    }
}

fn assert_held(cases: &[Case], ends: &Ends) {
    assert_eq!(ends.len(), cases.len());
    for (end, _) in ends {
        let broken: Vec<_> = end.broken().collect();
        assert_eq!(
            end.status,
            Status::Held,
            "{} {:?} {broken:#?}\n{}",
            end.address,
            end.stopped_at,
            end.transcript.text()
        );
    }
}
