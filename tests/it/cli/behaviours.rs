//! Behaviours of the user's own.

use std::path::{Path, PathBuf};

use super::support::{Ended, folder, hubproof, text};

/// A scenario whose plugin behaves as this says.
fn feature(behaves: &str) -> String {
    format!(
        "Feature: Our own\n\n  @judges:CORR-1\n  Scenario: It comes back\n    Given user 1 has a plugin that behaves {behaves}\n    \
         When the backend asks user 1 for VINTED_SYNC {{\"n\": 1}} within 300 seconds\n    Then the call returns {{\"a\": 1}}\n"
    )
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

const ANSWERS: &str = "otherwise.replies = [{ say = { data = { a = 1 } } }]\n";

#[test]
fn a_step_may_hold_a_behaviour() {
    let so = format!(
        "so:\n      \"\"\"\n      [otherwise]\n      {}      \"\"\"",
        "replies = [{ say = { data = { a = 1 } } }]\n"
    );
    check(&with("own_so", &[("a.feature", &feature(&so))]), &[]).tells(0, &["1 held"]);
}

#[test]
fn a_behaviour_in_a_step_that_is_wrong_is_named_with_its_line_in_the_feature_before_anything_runs() {
    let cases = [
        (
            "so:\n      \"\"\"\n      [otherwise]\n      replise = []\n      \"\"\"",
            "a.feature:8:1: in `otherwise`: unknown key `replise`: did you mean `replies`?",
        ),
        (
            "so:\n      \"\"\"\n\n      [[rules]]\n      nth = 0\n      reaction.replies = []\n      \"\"\"",
            "a.feature:9:7: in `rules[0].nth`: 0 is no number of commands: they are counted from 1",
        ),
        ("so:", "a.feature:5:5: no behaviour follows: write it as TOML between two lines of \"\"\""),
        ("as in \"hangs-uo\"", "a.feature:5: no behaviour is called 'hangs-uo': did you mean `hangs-up`?"),
    ];
    for (behaves, reason) in cases {
        let folder = with("own_so_wrong", &[("a.feature", &feature(behaves))]);
        check(&folder, &[]).refuses(2, &[reason]);
        check(&folder, &["--list"]).refuses(2, &[reason]);
    }
}

#[test]
fn files_beside_own_features_and_those_of_an_option_are_found_by_name_and_win() {
    let ours = feature("as in \"ours\"");
    let beside = with("own_beside", &[("a.feature", &ours), ("behaviours/ours.toml", ANSWERS)]);
    check(&beside, &[]).tells(0, &["1 held"]);
    let instead =
        with("own_instead", &[("a.feature", &feature("as in \"silent\"")), ("behaviours/silent.toml", ANSWERS)]);
    check(&instead, &[]).tells(0, &["1 held"]);
    let alone = with("own_alone", &[("a.feature", &ours)]);
    check(&alone, &[]).refuses(2, &["a.feature:5: no behaviour is called 'ours': there are `"]);
    let option = with("own option", &[("ours.toml", ANSWERS), ("notes.txt", "nonsense")]);
    check(&alone, &["--behaviours", text(&option)]).tells(0, &["1 held"]);
    let other = with("own_other", &[("ours.toml", &ANSWERS.replace("a = 1", "a = 2"))]);
    let ended = check(&beside, &["--behaviours", text(&other)]).tells(1, &["BROKEN  CORR-1.1"]);
    assert!(ended.last_line().contains(&format!("--behaviours {}", text(&other))), "{ended:#?}");
}

#[test]
fn a_file_of_behaviours_that_is_wrong_is_named_though_nothing_needs_it() {
    let beside = with("own_file", &[("a.feature", &feature("as in \"ours\"")), ("behaviours/ours.toml", ANSWERS)]);
    std::fs::write(beside.join("behaviours/wrong.toml"), "\notherwize = {}\n").expect("a file");
    let reason =
        format!("{}/behaviours/wrong.toml:2:1: unknown key `otherwize`: did you mean `otherwise`?", text(&beside));
    check(&beside, &[]).refuses(2, &[&reason]);
    check(&with("own_none_of_it", &[("a.feature", &feature("as in \"silent\""))]), &["--behaviours", "nowhere"])
        .refuses(2, &["nowhere: there is no such folder or file: check the name"]);
}

#[test]
fn an_unknown_action_and_an_impossible_extension_are_named_with_their_line_and_what_may_have_been_meant() {
    let rule = "[[rules]]\naction = \"VINTED_PUBLSH\"\nreaction.replies = []\n";
    let extension = "otherwise.replies = [{ say = \"marketplace\" }]\n\n[extension]\nrepeats_posts = true\n";
    for (content, said) in [
        (rule, "2:10: in `rules[0].action`: unknown action `VINTED_PUBLSH`: did you mean `VINTED_PUBLISH`?"),
        (extension, "4:1: in `extension`: unknown key `repeats_posts`: did you mean `repeats_post`?"),
    ] {
        let folder =
            with("own_extension", &[("a.feature", &feature("as in \"ours\"")), ("behaviours/ours.toml", content)]);
        check(&folder, &[]).refuses(2, &[&format!("{}/behaviours/ours.toml:{said}", text(&folder))]);
    }
}

#[test]
fn built_in_features_take_own_behaviours_as_well() {
    let ours = with("own_built_in", &[("swaps-ids.toml", ANSWERS)]);
    let arguments = ["check", "--sim", "--behaviours", text(&ours), "CORR-5.3"];
    hubproof(&arguments).run().tells(1, &["BROKEN  CORR-5.3"]);
}
