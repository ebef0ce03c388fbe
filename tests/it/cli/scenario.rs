//! One scenario: its transcript and verdicts, while it runs and afterwards.

use super::support::{Hub, hubproof};

#[test]
fn a_scenario_is_shown_with_its_steps_transcript_and_verdicts() {
    let ended = hubproof(&["scenario", "time-1.1", "--sim"]).run().tells(
        0,
        &[
            "hubproof 0.1.0: the built-in reference hub, in virtual time, seed 1\nTIME-1.1 ",
            "\n  Given user 1 has a plugin that never answers\n",
            "\n      3s  call 1     fails: Plugin command timeout after 3s\n\n",
            "\n          held  TIME-1    A call without a response fails",
        ],
    );
    assert_eq!(ended.last_line(), "pass: every guarantee that gates and was tested held");
    assert!(!ended.out.contains('\u{1b}'), "{ended:#?}");
}

#[test]
fn a_watched_scenario_shows_its_lines_as_they_come_live_and_in_virtual_time() {
    for sim in [None, Some("--sim")] {
        let arguments: Vec<&str> =
            ["scenario", "TIME-1.1", "--watch", "--speed", "20"].into_iter().chain(sim).collect();
        let mut running = hubproof(&arguments).start();
        running.line("receives plugin_command");
        running.line("      3s  call 1     fails: Plugin command timeout after 3s");
        let ended = running.end().tells(0, &["\npass: every guarantee"]);
        assert_eq!(ended.out.matches("is connected").count(), 1, "{ended:#?}");
    }
}

#[test]
fn to_watch_outweighs_the_time_scale_of_the_environment_and_leaves_its_target() {
    let hub = Hub::start(&[]);
    for speed in [&[][..], &["--speed", "20"], &["--time-scale", "0.02"]] {
        let program = hubproof(&[["scenario", "CORR-1.1", "--watch"].as_slice(), speed].concat());
        let program = program.with("HUBPROOF_TARGET", &hub.url).with("HUBPROOF_CONTROL", &hub.control);
        let at = format!(" at {}, ", hub.url);
        program.with("HUBPROOF_TIME_SCALE", "0.005").run().tells(0, &["hubproof reference hub 0.1.0", &at, "\npass: "]);
    }
}

#[test]
fn a_broken_promise_is_shown_with_its_witness_and_how_to_run_it_again() {
    for watch in [None, Some("--watch")] {
        let arguments = ["scenario", "CORR-3.1", "--sim", "--variant", "id-reused", "--seed", "3"];
        let arguments: Vec<&str> =
            arguments.into_iter().chain(watch.into_iter().flat_map(|w| [w, "--speed", "1000"])).collect();
        let ended = hubproof(&arguments).run().tells(
            1,
            &[
                "  broken CORR-3 (documented): ",
                "\n    >       0s  call 2     ends with {\"call\":\"first\"}\n",
                "\n         noted  ISO-10 ",
                "\nbroken: CORR-3, CORR-4, CORR-5\n",
            ],
        );
        assert_eq!(ended.last_line(), "again: hubproof check --sim --variant id-reused --seed 3 CORR-3.1");
    }
}

#[test]
fn a_target_can_be_looked_at() {
    let hub = Hub::start(&[]);
    let target = ["--target", &hub.url, "--control", &hub.control];
    let watched = [["scenario", "CORR-1.1", "--watch"].as_slice(), &target].concat();
    hubproof(&watched)
        .run()
        .tells(0, &["hubproof reference hub 0.1.0 at http://", "sends plugin_response", "\npass: "]);
    let gone = ["scenario", "CORR-1.1", "--target", "http://127.0.0.1:1", "--control", "http://127.0.0.1:1"];
    hubproof(&gone).run().refuses(3, &["cannot connect"]);
}

#[test]
fn an_interruption_ends_it_as_undecided() {
    let mut running = hubproof(&["scenario", "TIME-1.1", "--watch", "--speed", "1"]).start();
    running.line("receives plugin_command");
    running.signal("INT");
    let ended = running.end().exits(3);
    assert!(ended.err.contains("hubproof: interrupted before the scenario's end"), "{ended:#?}");
}

#[test]
fn an_address_has_to_name_one_scenario() {
    let cases: [(&[&str], i32, &str); 7] = [
        (&["COR-4.2"], 4, "no scenario has the address 'COR-4.2': did you mean CORR-4.2?"),
        (&["TIME-1.999"], 4, "no scenario has the address 'TIME-1.999': there are TIME-1.1"),
        (&["nonsense"], 4, "'hubproof check --list' shows all there are"),
        (&["CORR-3"], 2, "CORR-3 has more than one scenario: choose one of CORR-3.1, CORR-3.2"),
        (&["CORR-3.1", "--speed", "3"], 2, "--watch"),
        (
            &["CORR-3.1", "--watch", "--speed", "3", "--time-scale", "0.1"],
            2,
            "--speed cannot be used with --time-scale",
        ),
        (&["CORR-3.1", "--watch", "--speed", "0"], 2, "it must be a number from 1 to 1000"),
    ];
    for (arguments, code, reason) in cases {
        hubproof(&[["scenario"].as_slice(), arguments].concat()).run().refuses(code, &[reason]);
    }
    hubproof(&["scenario"]).run().refuses(2, &["<ADDRESS>"]);
}
