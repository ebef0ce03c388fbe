//! How much of a check is run: several scenarios at once, not all of them, more than once, and again what has yet to hold.

use hubproof::report::Reference;

use super::support::{Ended, Hub, folder, hubproof, text};
use crate::support::{cases, config, run_sim};

fn sim(arguments: &[&str]) -> Ended {
    hubproof(&[&["check", "--sim"], arguments].concat()).run()
}

/// A variant that these three scenarios see broken.
const BROKEN: &[&str] = &["--variant", "data-changed", "CORR-4.1", "CORR-5.1", "TIME-5.1"];

#[test]
fn numbers_are_whole_and_in_their_range() {
    for number in ["0", "-1", "1.5", "many", "", "65", "256", "99999999999999999999"] {
        hubproof(&["check", "--jobs", number]).run().refuses(2, &["--jobs", "it must be a whole number from 1 to 64"]);
    }
    for number in ["0", "-1", "1.5", "many", "", "18446744073709551616"] {
        hubproof(&["check", "--max-fail", number]).run().refuses(2, &["--max-fail", "a whole number from 1 on"]);
        hubproof(&["check", "--repeat", number]).run().refuses(2, &["--repeat", "a whole number from 1 on"]);
    }
    sim(&["CORR-4.1", "--max-fail", "18446744073709551615"]).tells(0, &["1 held"]);
    let last = "run 2 of 2, seed 0: 1 held";
    sim(&["CORR-4.1", "--repeat", "2", "--seed", "18446744073709551615"]).tells(0, &[last]);
    sim(&["--fail-fast", "--max-fail", "2"]).refuses(2, &["cannot be used with", "'--fail-fast'", "'--max-fail <N>'"]);
}

#[test]
fn scenarios_of_the_built_in_hub_run_as_many_at_once_as_is_wished() {
    for jobs in ["1", "64"] {
        let ended = hubproof(&["check", "CORR-4.1", "CORR-7.1", "CORR-7.2", "--jobs", jobs]).run();
        ended.tells(0, &["held  CORR-4.1", "held  CORR-7.1", "held  CORR-7.2", "3 scenarios: 3 held"]);
    }
}

#[test]
fn where_scenarios_run_one_after_the_other_a_number_of_jobs_is_refused_with_the_reason() {
    let only = "--jobs is for the built-in hub over real sockets";
    sim(&["--jobs", "2"]).refuses(2, &[only, "virtual time never waits", "leave out --jobs"]);
    let target = ["check", "--target", "http://127.0.0.1:1", "--control", "http://127.0.0.1:1", "--jobs", "2"];
    hubproof(&target).run().refuses(2, &[only, "a target is one for all scenarios", "leave out --jobs"]);
}

#[test]
fn a_check_that_fails_fast_begins_nothing_after_the_first_failure() {
    let ended = sim(&[BROKEN, &["--fail-fast"]].concat());
    let told = [
        "BROKEN  CORR-4.1",
        "1 scenario: 1 broken; 2 not run\n",
        "\nbroken: CORR-6 (stopped by --fail-fast after 1 of 3 scenarios)\n",
    ];
    let ended = ended.tells(1, &told);
    assert!(!ended.out.contains("TIME-5.1"), "{ended:#?}");
    assert!(!ended.last_line().contains("--fail-fast"), "{ended:#?}");
}

#[test]
fn a_check_ends_after_as_many_failures_as_are_allowed() {
    let first = sim(&[BROKEN, &["--max-fail", "2"]].concat());
    first.tells(1, &["2 scenarios: 2 broken; 1 not run\n", "(stopped by --max-fail 2 after 2 of 3 scenarios)\n"]);
    let all = sim(&[BROKEN, &["--max-fail", "9"]].concat()).tells(1, &["3 scenarios: ", "\nbroken: "]);
    assert!(!all.out.contains("not run") && !all.out.contains("stopped by"), "{all:#?}");
}

#[test]
fn what_does_not_gate_stops_nothing_and_what_could_not_be_told_does() {
    let noted = ["--variant", "null-error-shown", "ERR-8", "TIME-5", "--fail-fast"];
    let ended = sim(&noted).tells(0, &["noted  ERR-8", "\npass: "]);
    assert!(!ended.out.contains("not run"), "{ended:#?}");
    sim(&[&noted[..], &["--strict"]].concat()).tells(1, &["BROKEN  ERR-8", " not run\n", "(stopped by --fail-fast"]);
    let hub = Hub::start(&[]);
    let gone =
        hubproof(&["check", "--target", &hub.url, "--control", &hub.control, "--time-scale", "1", "--fail-fast"]);
    let mut check = gone.start();
    check.line("held  CORR-1.1");
    hub.program.signal("KILL");
    check.end().tells(3, &["1 could not tell; ", " not run\n", "(stopped by --fail-fast after "]);
}

#[test]
fn over_real_sockets_as_well_nothing_begins_after_a_failure() {
    let ended = hubproof(&[&["check", "--jobs", "1", "--fail-fast"], BROKEN].concat()).run();
    ended.tells(1, &["1 scenario: 1 broken; 2 not run\n", "(stopped by --fail-fast after 1 of 3 scenarios)\n"]);
}

#[test]
fn a_repeated_check_has_a_line_for_each_run_and_adds_everything_up() {
    let ended = sim(&["--repeat", "10", "--seed", "7", "CORR-4.1", "CORR-7.1", "CORR-7.2"]);
    let told = [
        "seed 7\nrun  1 of 10, seed 7: 3 held\nrun  2 of 10, seed 8: 3 held\n",
        "\nrun 10 of 10, seed 16: 3 held\n\n",
        "CORR-4     documented  held            in 30 scenarios\n",
        "30 scenarios in 10 runs: 30 held\npass: ",
    ];
    let ended = ended.tells(0, &told);
    assert!(!ended.out.contains("  CORR-7.1"), "{ended:#?}");
}

#[test]
fn a_repeated_failure_has_one_story_and_the_seed_of_its_run() {
    let ended = sim(&["--repeat", "3", "--variant", "oldest-settled", "CORR-4.1", "--seed", "5"]);
    let ended = ended.tells(1, &["run 3 of 3, seed 7: 1 broken\n", "3 scenarios in 3 runs: 3 broken\n"]);
    assert_eq!(ended.out.matches("BROKEN").count(), 0, "{ended:#?}");
    assert_eq!(ended.out.matches("\nCORR-4.1 ").count(), 1, "{ended:#?}");
    assert_eq!(ended.last_line(), "again: hubproof check --sim --variant oldest-settled --seed 5 CORR-4.1");
    let fast = sim(&["--repeat", "3", "--variant", "oldest-settled", "CORR-4.1", "--max-fail", "2"]);
    fast.tells(1, &["run 2 of 3, seed 2: 1 broken\n", "2 scenarios in 2 runs: 2 broken; 1 not run\n", "after 2 of 3"]);
}

#[test]
fn transcripts_of_several_runs_have_a_folder_for_each() {
    let folder = folder("runs");
    sim(&["--repeat", "2", "CORR-4.1", "--transcripts", text(&folder)]).tells(0, &[]);
    let read = |run: &str| std::fs::read_to_string(folder.join(run).join("CORR-4.1.txt")).expect("a transcript");
    assert_eq!(read("run-1"), read("run-2"));
}

#[test]
fn an_interrupted_repetition_says_how_far_it_came() {
    let mut check = hubproof(&["check", "CORR-4.1", "--repeat", "1000000"]).start();
    check.line("run       1 of 1000000");
    check.signal("INT");
    check
        .end()
        .tells(3, &["CORR-4     documented  held", "could not tell: interrupted after ", " of 1000000 scenarios"]);
}

#[test]
fn a_rerun_runs_what_has_yet_to_hold_until_there_is_nothing_left() {
    let file = folder("rerun").join("failed.txt");
    let rerun = ["--rerun", text(&file)];
    let left = || std::fs::read_to_string(&file).expect("a list of failures");
    sim(&[BROKEN, &rerun, &["TIME-1.1"]].concat()).tells(1, &["4 scenarios: 1 held, 3 broken\n"]);
    assert_eq!(left(), "CORR-4.1\nCORR-5.1\nTIME-5.1\n");
    let listed = sim(&[&rerun[..], &["--list"]].concat()).tells(0, &[]);
    let addresses: Vec<&str> = listed.out.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(addresses, ["CORR-4.1", "CORR-5.1", "TIME-5.1"]);
    sim(&[&rerun[..], &["CORR-5.1"]].concat()).tells(0, &["1 scenario: 1 held"]);
    assert_eq!(left(), "CORR-4.1\nTIME-5.1\n", "what was not run has yet to hold");
    sim(&rerun).tells(0, &["2 scenarios: 2 held"]);
    assert_eq!(left(), "");
    sim(&[&rerun[..], &["CORR-7.1", "CORR-7.2"]].concat()).tells(0, &["2 scenarios: 2 held"]);
}

#[test]
fn what_was_not_run_has_yet_to_hold() {
    let file = folder("rerun_rest").join("failed.txt");
    sim(&[BROKEN, &["--rerun", text(&file), "--fail-fast"]].concat()).tells(1, &["2 not run"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "CORR-4.1\nCORR-5.1\nTIME-5.1\n");
}

#[test]
fn a_rerun_file_that_is_wrong_is_answered_with_what_to_do() {
    let folder = folder("rerun_wrong");
    let file = folder.join("failed.txt");
    for wrong in ["CORR-99.1", "CORR-4", "nonsense", "\u{fffd}"] {
        std::fs::write(&file, format!("CORR-4.1\n\n{wrong}\n")).unwrap();
        let reason = format!("failed.txt:3: no scenario has the address '{wrong}': delete the line, or the file");
        sim(&["--rerun", text(&file)]).refuses(2, &[&reason]);
    }
    sim(&["--rerun", "/dev/zero"]).refuses(2, &["cannot read /dev/zero: it is no file"]);
    sim(&["--rerun", text(&folder)]).refuses(2, &["cannot read ", text(&folder)]);
    sim(&["--rerun", text(&folder.join("no/such/folder"))]).refuses(2, &["cannot write ", "no/such/folder"]);
    std::fs::write(&file, " corr-4.1 \r\n").unwrap();
    sim(&["--rerun", text(&file)]).tells(0, &["1 scenario: 1 held"]);
    std::fs::write(&file, "CORR-4.1\n").unwrap();
    sim(&["--rerun", text(&file), "CORR-7.1", "CORR-7.2"]).refuses(4, &["no scenario fits"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "CORR-4.1\n");
}

#[test]
fn a_run_whose_transcript_is_not_that_of_the_first_run_says_so() {
    let mut case = cases().remove(0);
    case.compare_with_first_run("another\n".to_owned());
    let (end, _) = run_sim(&[case], &config(2, None)).remove(0);
    let difference = end.difference.expect("they differ");
    assert_eq!(difference.from, Reference::FirstRun);
    assert!(difference.diff.contains("-another\n+"), "{difference:?}");
}
