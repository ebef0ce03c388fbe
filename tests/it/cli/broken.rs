//! What is said of a hub that breaks its promises, and the command that shows it again.

use super::support::{Ended, Hub, hubproof, shell};

/// The end of a check that is broken: the command of its last line shows the same again.
fn shows_it_again(ended: &Ended, settings: &[(&str, &str)]) {
    let last = ended.last_line();
    let again = last.strip_prefix("again: ").unwrap_or_else(|| panic!("no command in {last:?}")).to_owned();
    let program = settings.iter().fold(shell(&again), |program, (name, value)| program.with(name, value));
    let second = program.run().exits(1);
    let accused = |ended: &Ended| {
        let broken = ended.out.lines().find(|line| line.contains("BROKEN")).map(str::to_owned);
        broken.unwrap_or_else(|| panic!("nothing broken: {ended:#?}"))
    };
    assert_eq!(accused(&second), accused(ended));
    assert_eq!(second.last_line(), last, "it reproduces itself");
}

#[test]
fn a_broken_promise_is_named_with_witness_and_reproduction() {
    let check = hubproof(&["check", "--sim", "--variant", "oldest-settled", "--seed", "5"]).run();
    let ended = check.tells(
        1,
        &[
            "the built-in reference hub, variant oldest-settled, in virtual time, seed 5\n",
            "        BROKEN  CORR-4.1",
            "  broken CORR-4 (documented): A response settles the call whose",
            "      expected ",
            "      got      ",
            "  transcript (> marks the witness):\n    ",
            "\n    > ",
            "CORR-4     documented  broken          in ",
            "\nbroken: CORR-4",
        ],
    );
    let again = "again: hubproof check --sim --variant oldest-settled --seed 5 CORR-4.1";
    assert_eq!(ended.last_line(), again);
    shows_it_again(&ended, &[]);
}

#[test]
fn a_promise_broken_over_real_sockets_is_shown_again_at_the_same_scale() {
    let check =
        ["check", "--variant", "data-changed", "--time-scale", "0.02", "--name", "settle the calls they belong"];
    let ended = hubproof(&check).run().tells(1, &["variant data-changed, live, seed 1\n", "\nbroken: CORR"]);
    assert!(ended.last_line().contains("--time-scale 0.02"), "{ended:#?}");
    shows_it_again(&ended, &[]);
}

#[test]
fn a_promise_broken_by_a_target_is_shown_again_there() {
    let hub = Hub::start(&["--variant", "absent-success"]);
    let ended = hub.check(&["--name", "success"]).run().tells(1, &["        BROKEN  ERR-", "\nbroken: ERR-"]);
    let target = format!("--target {} --control {} --time-scale 0.02", hub.url, hub.control);
    assert!(ended.last_line().contains(&target), "{ended:#?}");
    shows_it_again(&ended, &[]);
}

#[test]
fn a_target_with_a_token_is_accused_without_showing_the_token() {
    let hub = Hub::start(&["--variant", "timeout-without-number", "--control-token", "hush"]);
    let ended = hub.check(&["TIME-1"]).with("HUBPROOF_CONTROL_TOKEN", "hush").run();
    let ended = ended.tells(1, &["        BROKEN  TIME-1.1"]);
    assert!(!ended.out.contains("hush"), "{ended:#?}");
    shows_it_again(&ended, &[("HUBPROOF_CONTROL_TOKEN", "hush")]);
}

#[test]
fn hardening_is_noted_and_gates_only_under_strict() {
    let check = ["check", "--sim", "--variant", "null-error-shown"];
    hubproof(&check).run().tells(0, &["         noted  ERR-8", "  noted ERR-8 (hardening)", "\npass: "]);
    let strict = hubproof(&[&check[..], &["--strict"]].concat()).run();
    let strict = strict.tells(1, &["        BROKEN  ERR-8", "\nbroken: ERR-8"]);
    assert!(strict.last_line().contains(" --strict "), "{strict:#?}");
    shows_it_again(&strict, &[]);
}
