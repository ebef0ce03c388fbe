//! The environment, which the command line outweighs; and colours.

use super::support::{Hub, hubproof};

const CHECK: &[&str] = &["check", "--sim", "CORR-4.1"];

#[test]
fn the_environment_sets_what_the_command_line_leaves_open() {
    hubproof(CHECK).with("HUBPROOF_SEED", "7").run().tells(0, &[", seed 7\n"]);
    let both = hubproof(&[CHECK, &["--seed", "8"]].concat());
    both.with("HUBPROOF_SEED", "7").run().tells(0, &[", seed 8\n"]);
    let bad = hubproof(&["check", "--list"]).with("HUBPROOF_TIME_SCALE", "3").run();
    bad.refuses(2, &["'3' for '--time-scale", "it must be a number from 0.001 to 1"]);
    hubproof(CHECK).with("HUBPROOF_SEED", "").run().refuses(2, &["--seed", "it must be a whole number"]);
}

#[test]
fn the_environment_can_name_the_target() {
    let hub = Hub::start(&[]);
    let check = |arguments: &[&str]| {
        let program = hubproof(&[&["check", "CORR-4.1"], arguments].concat());
        program.with("HUBPROOF_TARGET", &hub.url).with("HUBPROOF_CONTROL", &hub.control).run()
    };
    let remote = format!(" at {}, seed 1\n", hub.url);
    check(&[]).tells(0, &[&remote, "CORR-4.1"]);
    check(&["--control", "http://127.0.0.1:1/none"]).refuses(3, &["http://127.0.0.1:1/none"]);
}

#[test]
fn a_command_line_that_names_another_target_outweighs_the_environment() {
    let check = |arguments: &[&str]| {
        let program = hubproof(&[&["check", "CORR-4.1"], arguments].concat());
        let program = program.with("HUBPROOF_TARGET", "http://127.0.0.1:1").with("HUBPROOF_TIME_SCALE", "0.5");
        program.with("HUBPROOF_CONTROL", "http://127.0.0.1:1/none").with("HUBPROOF_CONTROL_TOKEN", "t").run()
    };
    check(&["--sim"]).tells(0, &["in virtual time"]);
    check(&["--variant", "id-form"]).tells(1, &["variant id-form, live"]);
    check(&["--sim", "--target", "http://127.0.0.1:1"]).refuses(2, &["cannot be used with", "--sim"]);
}

#[test]
fn half_a_target_in_the_environment_is_no_reason_to_test_another() {
    let half = hubproof(&["check", "CORR-4.1"]).with("HUBPROOF_TARGET", "http://127.0.0.1:1").run();
    half.refuses(2, &["required", "--control <URL>"]);
}

#[test]
fn a_token_in_the_environment_is_no_matter_to_the_built_in_hub() {
    hubproof(CHECK).with("HUBPROOF_CONTROL_TOKEN", "t").run().tells(0, &["1 held"]);
}

#[test]
fn secrets_are_not_shown() {
    for command in ["check", "hub"] {
        let ended = hubproof(&[command, "--help"]).with("HUBPROOF_CONTROL_TOKEN", "hush").run();
        let ended = ended.tells(0, &["HUBPROOF_CONTROL_TOKEN"]);
        assert!(!ended.out.contains("hush"), "{ended:#?}");
    }
}

#[test]
fn colours_are_for_terminals_unless_they_are_asked_for() {
    let check = |arguments: &[&str], environment: Option<&str>| {
        let program = hubproof(&[CHECK, arguments].concat());
        let program = environment.into_iter().fold(program, |program, name| program.with(name, "1"));
        program.run().tells(0, &["CORR-4.1"]).out.contains('\u{1b}')
    };
    assert!(!check(&[], None));
    assert!(!check(&[], Some("NO_COLOR")));
    assert!(!check(&["--color", "never"], Some("CLICOLOR_FORCE")));
    assert!(!check(&["--color", "auto"], Some("NO_COLOR")));
    assert!(check(&["--color", "always"], None));
    assert!(check(&["--color", "always"], Some("NO_COLOR")));
}
