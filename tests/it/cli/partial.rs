//! Targets that lack capabilities: what cannot be tested neither passes nor fails.

use super::support::{Answer, Ended, Hub, Server, check_of};

fn description(capabilities: &str) -> String {
    format!(r#"{{"protocol":1,"name":"partial","version":"9","capabilities":{capabilities},"settings":{{}}}}"#)
}

/// A check of a hub that offers just these capabilities.
fn check(capabilities: &str, arguments: &[&str]) -> Ended {
    let hub = Hub::start(&[]);
    let control = Server::describing(&description(capabilities), &hub);
    check_of(&hub.url, &control.control, arguments).run()
}

#[test]
fn what_a_target_cannot_do_is_not_tested() {
    let ended = check(r#"["commands","calls"]"#, &[]).tells(
        0,
        &[
            ": partial 9 at http://",
            "    not tested  JOB-1.1",
            "not tested (needs jobs)",
            "JOB-1      documented  not tested      (needs jobs)",
            "CORR-4     documented  held",
            " not tested\npass: every guarantee that gates and was tested held",
        ],
    );
    assert!(!ended.out.contains("BROKEN") && !ended.out.contains("could not tell"), "{ended:#?}");
}

#[test]
fn what_needs_a_clock_or_the_log_of_a_target_says_so() {
    let offered = r#"["commands","calls","jobs","pending","connections","reset"]"#;
    check(offered, &["JOB-10", "TIME-7", "LOG-1"]).tells(
        0,
        &[
            "not tested (needs clock)",
            "TIME-7     documented  held            in 5 scenarios",
            "JOB-10     derived     not tested      (needs clock)",
            "LOG-1      derived     not tested      (needs the target's log: have hubproof start it, with --start)",
            "24 scenarios: 5 held, 19 not tested",
        ],
    );
}

#[test]
fn a_check_that_could_test_nothing_is_no_success() {
    for capabilities in [r#"["commands","calls"]"#, "[]", r#"["telepathy"]"#] {
        let nothing = ["1 scenario: 1 not tested", "could not tell: no scenario could be tested"];
        check(capabilities, &["JOB-1.1"]).tells(3, &nothing);
    }
}

#[test]
fn a_capability_that_is_claimed_and_refused_is_not_tested() {
    let hub = Hub::start(&[]);
    let (said, address) = (description(r#"["commands","calls","jobs"]"#), hub.address());
    let control = Server::start(move |request| match request {
        "GET /hubproof/v1/" => Answer::Http(200, said.clone()),
        "POST /hubproof/v1/jobs" => Answer::Http(501, r#"{"error":{"kind":"not_offered","message":"no"}}"#.to_owned()),
        _ => Answer::PassOn(address),
    });
    let ended = check_of(&hub.url, &control.control, &["JOB-1.1", "CORR-4.1"]).run();
    ended.tells(0, &["2 scenarios: 1 held, 1 not tested"]);
}

/// A check of a hub whose control API does this with every call.
fn check_with_calls(answer: fn() -> Answer, arguments: &[&str]) -> Ended {
    let hub = Hub::start(&[]);
    let (said, address) = (description(r#"["commands","calls"]"#), hub.address());
    let control = Server::start(move |request| match request {
        "GET /hubproof/v1/" => Answer::Http(200, said.clone()),
        "POST /hubproof/v1/calls" => answer(),
        _ => Answer::PassOn(address),
    });
    check_of(&hub.url, &control.control, arguments).run()
}

#[test]
fn calls_that_the_control_api_cannot_carry_tell_nothing_of_the_hub() {
    let says_nothing = |answer: fn() -> Answer, reason: &str| {
        check_with_calls(answer, &["CORR-4.1"]).tells(3, &["1 could not tell", reason]);
    };
    says_nothing(|| Answer::Http(500, "oops".to_owned()), "POST /calls (HTTP 500) is not the control API's");
    says_nothing(|| Answer::Http(200, "<html>".to_owned()), "POST /calls (HTTP 200) is not the control API's");
    says_nothing(|| Answer::Http(200, r#"{"outcome":"maybe"}"#.to_owned()), "unknown variant `maybe`");
}

#[test]
fn a_call_that_never_ends_is_a_broken_promise() {
    check_with_calls(|| Answer::Never, &["TIME-1.1"])
        .tells(1, &["BROKEN  TIME-1.1", "has not ended in time", "\nbroken: TIME-"]);
}

#[test]
fn what_needs_a_limit_quick_pings_or_a_hub_that_may_be_shut_down_says_so() {
    let offered = r#"["commands","calls","pending","connections","reset","shutdown"]"#;
    check(offered, &["CORR-4.1", "LIFE-4.1", "LIFE-6.1", "LIFE-7.1", "LIFE-9.1"]).tells(
        0,
        &[
            "LIFE-4     hardening   not tested      (needs pings so quick that interval and timeout are 5 s together at the most)",
            "LIFE-6     hardening   not tested      (needs max_bytes in the target's settings)",
            "LIFE-7     hardening   not tested      (needs max_bytes in the target's settings)",
            "LIFE-9     hardening   not tested      (needs a hub that may be shut down: have hubproof start it, with --start)",
            "5 scenarios: 1 held, 4 not tested",
        ],
    );
}

#[test]
fn a_target_that_does_not_say_how_it_counts_is_not_judged_by_a_single_byte() {
    let hub = Hub::start(&[]);
    let said = description(r#"["commands","calls"]"#).replace("{}", r#"{"max_bytes":1000000}"#);
    let control = Server::describing(&said, &hub);
    let ended = check_of(&hub.url, &control.control, &["LIFE-6.1", "LIFE-6.2"]).run();
    ended.tells(0, &["not tested (needs counts in the target's settings)", "2 scenarios: 1 held, 1 not tested"]);
}
