//! Features of the user's own.

use std::path::{Path, PathBuf};

use super::support::{Ended, folder, hubproof, text};

/// A scenario that holds.
const HOLDS: &str = "  @judges:CORR-1
  Scenario: It comes back
    Given user 1 has a plugin that answers {\"a\": 1}
    When the backend asks user 1 for VINTED_SYNC {\"n\": 1} within 300 seconds
    Then the call returns {\"a\": 1}
";

fn feature(scenarios: &str) -> String {
    format!("Feature: Our own\n\n{scenarios}")
}

/// A folder with these files.
fn with(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = folder(name);
    for (path, content) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }
    folder
}

fn check(folder: &Path, more: &[&str]) -> Ended {
    hubproof(&[&["check", "--sim", "--features", text(folder)], more].concat()).run()
}

#[test]
fn own_features_are_run_instead_of_the_built_in_ones_in_the_order_of_their_paths() {
    let first = feature(&HOLDS.replace("It comes back", "The first"));
    let second = feature(&HOLDS.replace("It comes back", "The second"));
    let files = [("b.feature", second.as_str()), ("a/deep/a.feature", &first), ("notes.txt", "no feature")];
    let folder = with("own_order", &files);
    let listed = check(&folder, &["--list"]).tells(0, &[]);
    assert_eq!(listed.out, "CORR-1.1  documented  The first\nCORR-1.2  documented  The second\n");
    check(&folder, &[]).tells(0, &["held  CORR-1.1  The first", "held  CORR-1.2  The second", "2 scenarios: 2 held"]);
    check(&folder, &["CORR-1.2"]).tells(0, &["1 scenario: 1 held"]);
    hubproof(&["check", "--features", text(&folder), "CORR-1.1"]).run().tells(0, &[", live, ", "1 held"]);
    check(&folder, &["--name", "third"]).refuses(4, &["no scenario fits"]);
    check(&folder, &["TIME-1"]).refuses(4, &["no scenario judges TIME-1: 'hubproof check --list' shows"]);
}

#[test]
fn a_broken_own_feature_is_shown_again_with_its_folder() {
    let folder =
        with("own broken", &[("a.feature", &feature(&HOLDS.replace("returns {\"a\": 1}", "returns {\"a\": 2}")))]);
    let ended = check(&folder, &[]).tells(1, &["BROKEN  CORR-1.1", &format!("{}/a.feature:4", text(&folder))]);
    assert!(ended.last_line().contains(&format!("--features '{}'", text(&folder))), "{ended:#?}");
}

#[test]
fn a_transcript_beside_a_feature_is_compared_and_gates_only_under_strict() {
    let folder = with("own_transcripts", &[("a/a.feature", &feature(HOLDS))]);
    check(&folder, &["--strict"]).tells(0, &["1 held"]);
    check(&folder, &["--transcripts", text(&folder)]).tells(0, &[]);
    let snapshot = folder.join("a/CORR-1.1.snap");
    let transcript = std::fs::read_to_string(folder.join("CORR-1.1.txt")).expect("a transcript");
    for head in ["", "---\nsource: us\n---\n"] {
        std::fs::write(&snapshot, format!("{head}{transcript}")).expect("a snapshot");
        check(&folder, &["--strict"]).tells(0, &["1 held"]);
        std::fs::write(&snapshot, format!("{head}{transcript}and more\n")).expect("a snapshot");
        check(&folder, &[]).tells(0, &["the transcript differs from the recorded one", "-and more", "\npass: "]);
        check(&folder, &["--strict"]).tells(1, &["-and more", "\nbroken: 1 transcripts differ"]);
    }
}

#[test]
fn a_transcript_that_belongs_to_no_scenario_is_named() {
    let folder = with("own_orphan", &[("a.feature", &feature(HOLDS)), ("CORR-1.2.snap", "x"), ("other.snap", "x")]);
    check(&folder, &[]).refuses(2, &["CORR-1.2.snap: no scenario beside it has this address: delete it"]);
}

#[test]
fn a_transcript_is_named_as_an_address_or_is_none() {
    for name in ["CORR-99.1.snap", "corr-1.1.snap", "CORR-1.0.snap", "CORR-01.1.snap"] {
        let folder = with("own_misnamed", &[("a.feature", &feature(HOLDS)), (name, "x")]);
        check(&folder, &[]).refuses(2, &[&format!("{name}: no scenario beside it has this address: delete it")]);
    }
    let elsewhere = with("own_elsewhere", &[("a/a.feature", &feature(HOLDS)), ("b/CORR-1.1.snap", "x")]);
    check(&elsewhere, &[]).refuses(2, &["b/CORR-1.1.snap: no scenario beside it has this address"]);
    let others =
        [("a.feature", feature(HOLDS)), ("release-1.1.snap", String::new()), ("CORR-1.1.snap.new", String::new())];
    let others = others.each_ref().map(|(name, content)| (*name, content.as_str()));
    check(&with("own_others", &others), &["--strict"]).tells(0, &["1 held"]);
}

#[test]
fn a_transcript_that_holds_none_is_refused() {
    let snapshot = |content: &str| with("own_empty", &[("a.feature", &feature(HOLDS)), ("CORR-1.1.snap", content)]);
    for empty in ["", "\n", "---\nsource: us\n---\n", "---\nsource: us\n---\n\n"] {
        let reason = "CORR-1.1.snap: it holds no transcript: delete it, or copy there what --transcripts writes";
        check(&snapshot(empty), &[]).refuses(2, &[reason]);
    }
    for broken in ["---\n", "---\nsource: us\n", "---\r\nsource: us\r\n"] {
        let reason = "CORR-1.1.snap: its header has no end: write a line '---' below it, or delete the file";
        check(&snapshot(broken), &[]).refuses(2, &[reason]);
    }
    let folder = snapshot("x");
    std::fs::write(folder.join("CORR-1.1.snap"), b"---\nsource: us\n---\n  \xff\n").unwrap();
    check(&folder, &[]).refuses(2, &["CORR-1.1.snap:4: it is not UTF-8: save it as UTF-8"]);
}

#[test]
fn line_ends_of_another_system_make_no_difference() {
    let folder = with("own_line_ends", &[("a.feature", &feature(HOLDS).replace('\n', "\r\n"))]);
    check(&folder, &["--transcripts", text(&folder)]).tells(0, &[]);
    let transcript = std::fs::read_to_string(folder.join("CORR-1.1.txt")).expect("a transcript");
    let snapshot = format!("---\nsource: us\n---\n{transcript}").replace('\n', "\r\n");
    std::fs::write(folder.join("CORR-1.1.snap"), snapshot).unwrap();
    check(&folder, &["--strict"]).tells(0, &["1 held"]);
}

#[test]
fn a_folder_without_features_is_refused() {
    let folder = with("own_none", &[("file", "in the way"), ("empty/notes.txt", "")]);
    check(&folder.join("missing"), &[]).refuses(2, &["missing: there is no such folder or file: check the name"]);
    check(&folder.join("file"), &[]).refuses(2, &["file: it is no folder: name the one that it lies in"]);
    check(&folder.join("empty"), &[]).refuses(2, &["empty: there is no file *.feature below it: name the folder"]);
    check(Path::new(""), &[]).refuses(2, &["--features"]);
}

#[test]
fn a_feature_that_cannot_be_run_is_named_with_its_line_and_what_to_do() {
    let step = HOLDS.replace("a plugin that answers", "a plugin that sings");
    let cases = [
        (feature(&HOLDS.replace("When", "Wen")), "a.feature:6: a feature file does not go on like this"),
        (feature("  @judges:CORR-1\n  Scenario: B\n    Givn nothing\n"), "a.feature:4: 'B' has no step"),
        (feature("  Scenario: B\n    Given nothing\n"), "a.feature:3: 'B' has no tag like @judges:CORR-7"),
        (
            feature(&HOLDS.replace("@judges:CORR-1", "@judges:CORR-1 @judges:CORR-2")),
            "a.feature:4: 'It comes back' judges more",
        ),
        (feature(&HOLDS.replace("CORR-1", "CORR-99")), "a.feature:4: no guarantee is called 'CORR-99'"),
        (feature(&step), "a.feature:5: no step is written like 'Given user 1 has a plugin that sings {\"a\": 1}'"),
        (feature(&step), "the nearest there is may be 'user 1 has a plugin that answers "),
    ];
    for (content, reason) in cases {
        let folder = with("own_wrong", &[("a.feature", &content)]);
        check(&folder, &[]).refuses(2, &[reason]);
    }
}

#[test]
fn a_step_without_code_is_no_matter_where_it_is_not_run() {
    let wip = format!("{HOLDS}\n  @wip @judges:CORR-2\n  Scenario: Later\n    Given nothing like it\n");
    let folder = with("own_wip", &[("a.feature", &feature(&wip))]);
    check(&folder, &[]).refuses(2, &["a.feature:11: no step is written like 'Given nothing like it'"]);
    check(&folder, &["--tags", "not @wip"]).tells(0, &["1 held"]);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = with("own_bytes", &[("a.feature", &feature(HOLDS))]);
    std::fs::write(folder.join("b.feature"), b"Feature: B\n\n  \xff\n").unwrap();
    check(&folder, &[]).refuses(2, &["b.feature:3: it is not UTF-8: save it as UTF-8"]);
    std::fs::remove_file(folder.join("b.feature")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.join("c.feature")).unwrap();
    check(&folder, &[]).refuses(2, &["c.feature: there is no such folder or file"]);
    std::fs::remove_file(folder.join("c.feature")).unwrap();
    std::os::unix::fs::symlink(".", folder.join("round")).unwrap();
    check(&folder, &[]).tells(0, &["1 scenario: 1 held"]);
    std::os::unix::fs::symlink("self.feature", folder.join("self.feature")).unwrap();
    check(&folder, &[]).refuses(2, &["self.feature: it cannot be read: Too many levels of symbolic links"]);
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let folder = with("own_device", &[("a.feature", &feature(HOLDS))]);
    std::os::unix::fs::symlink("/dev/zero", folder.join("b.feature")).unwrap();
    check(&folder, &[]).refuses(2, &["b.feature: it is no file that can be read: take it out of the folder"]);
}

#[test]
fn a_folder_may_be_called_like_a_feature() {
    let folder = with("own_called", &[("x.feature/a.feature", &feature(HOLDS))]);
    check(&folder, &[]).tells(0, &["1 held"]);
    let file = folder.join("x.feature/a.feature");
    check(&file, &[]).refuses(2, &["a.feature: it is no folder: name the one that it lies in"]);
    std::fs::remove_file(file).unwrap();
    check(&folder, &[]).refuses(2, &["own_called: there is no file *.feature below it"]);
}

#[test]
fn tags_do_not_steer_the_runner() {
    let tags = "@judges:CORR-1 @address:CORR-4.1 @retry(3) @serial";
    let folder = with("own_tags", &[("a.feature", &feature(&HOLDS.replace("@judges:CORR-1", tags)))]);
    check(&folder, &[]).tells(0, &["1 scenario: 1 held"]);
}

#[test]
fn the_background_of_a_rule_is_run() {
    let given = "    Given user 1 has a plugin that answers {\"a\": 1}\n";
    let rule = format!("  Rule: R\n\n    Background:\n{given}\n{}", HOLDS.replace(given, ""));
    let folder = with("own_rule", &[("a.feature", &feature(&rule))]);
    check(&folder, &[]).tells(0, &["1 scenario: 1 held"]);
}

#[test]
fn a_scenario_that_takes_for_ever_in_virtual_time_can_be_interrupted() {
    let many = "Given 100000 users, from user 1 on, have plugins that answer with the command's own payload";
    let folder = with(
        "own_ever",
        &[("a.feature", &feature(&HOLDS.replace("Given user 1 has a plugin that answers {\"a\": 1}", many)))],
    );
    let mut check = hubproof(&["check", "--sim", "--features", text(&folder)]).start();
    check.line("in virtual time");
    check.signal("INT");
    check.end().tells(3, &["could not tell: interrupted after 0 of 1 scenarios"]);
}

#[test]
fn a_feature_that_begins_with_a_byte_order_mark_is_read() {
    let folder = with("own_mark", &[("a.feature", &format!("\u{feff}{}", feature(HOLDS)))]);
    check(&folder, &[]).tells(0, &["1 held"]);
}
