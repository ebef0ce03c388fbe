//! Targets that go wrong in the middle of a check: what was seen is told, and nothing is taken for a broken promise.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::support::{Answer, Ended, Hub, Server, check_of, hubproof};

/// Scenarios of every level, with and without plugins.
const SCENARIOS: &[&str] =
    &["CORR-4.1", "CORR-7.1", "CORR-7.2", "ISO-5.1", "ISO-5.2", "JOB-1.1", "JOB-6.1", "JOB-6.2", "TIME-1.1"];

/// How many those are.
const ALL: usize = SCENARIOS.len();

/// A server that leaves its first requests, so many, to the hub, and does this with all that follow.
fn server(hub: &Hub, well: usize, then: impl Fn() -> Answer + Send + Sync + 'static) -> Server {
    let (address, asked) = (hub.address(), AtomicUsize::new(0));
    Server::start(move |_| if asked.fetch_add(1, Ordering::SeqCst) < well { Answer::PassOn(address) } else { then() })
}

/// A check of a hub whose control API goes wrong after so many requests.
fn check(well: usize, then: impl Fn() -> Answer + Send + Sync + 'static) -> Ended {
    let hub = Hub::start(&[]);
    let control = server(&hub, well, then);
    check_of(&hub.url, &control.control, SCENARIOS).run()
}

/// What a check of so many scenarios comes to when the target goes wrong: some held, and of the others nothing can be told.
fn assert_told(ended: Ended, scenarios: usize, reasons: &[&str]) {
    let ended = ended.tells(3, &[&[" could not tell\ncould not tell: "], reasons].concat());
    assert!(!ended.out.contains("BROKEN"), "{ended:#?}");
    let count = |what: &str| ended.out.lines().filter(|line| line.trim_start().starts_with(what)).count();
    assert_eq!(count("held  ") + count("could not tell  "), scenarios, "{ended:#?}");
    assert!(ended.last_line().starts_with("again: hubproof check --target "), "{ended:#?}");
}

#[test]
fn a_control_api_that_begins_to_talk_nonsense_tells_nothing_of_the_hub() {
    let answers = [
        (500, "oops", "unexpected status, body \"oops\""),
        (200, "<html>sorry</html>", "expected value at line 1 column 1, body \"<html>sorry</html>\""),
        (200, "{\"count\":\"x\",\"protocol\":\"x\"}", "invalid type: string \"x\""),
        (204, "", "EOF while parsing a value"),
        (
            401,
            "{\"error\":{\"message\":\"who are you?\"}}",
            "the target refused with HTTP 401: who are you?; give hubproof",
        ),
    ];
    for (well, (status, body, reason)) in [6, 9, 12, 16, 23].into_iter().zip(answers) {
        let ended = check(well, move || Answer::Http(status, body.to_owned()));
        assert_told(ended, ALL, &[reason]);
    }
}

#[test]
fn a_control_api_of_another_version_in_the_middle_is_said() {
    let other = r#"{"protocol":2,"name":"n","version":"v","capabilities":["commands"]}"#;
    let ended = check(11, || Answer::Http(200, other.to_owned()));
    assert_told(ended, ALL, &["version 2 of the control API, hubproof speaks 1"]);
}

#[test]
fn a_control_api_that_dies_in_the_middle_is_said_and_is_not_asked_again_and_again() {
    for well in [7, 10, 21] {
        let reasons = [
            "the connection broke before the answer was complete",
            "not tried, as the target could not be opened 2 times",
        ];
        assert_told(check(well, || Answer::Close), ALL, &reasons);
    }
}

#[test]
fn a_control_api_that_fails_once_spoils_one_scenario() {
    let hub = Hub::start(&[]);
    let (address, asked) = (hub.address(), AtomicUsize::new(0));
    let control = Server::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        12 => Answer::Http(503, "busy".to_owned()),
        _ => Answer::PassOn(address),
    });
    let ended = check_of(&hub.url, &control.control, SCENARIOS).run();
    assert_told(ended, ALL, &["9 scenarios: 8 held, 1 could not tell\n", "(HTTP 503)", "busy"]);
}

#[test]
fn a_control_api_that_hangs_in_the_middle_is_not_waited_for_for_ever() {
    assert_told(check(12, || Answer::Never), ALL, &["the target did not answer "]);
}

#[test]
fn a_target_that_hangs_as_a_whole_is_not_accused() {
    let hub = Hub::start(&[]);
    let target = ["check", "--target", &hub.url, "--control", &hub.control, "--time-scale", "0.2"];
    let mut check = hubproof(&[&target[..], &["CORR-4.1", "TIME-2.1", "TIME-5.1"]].concat()).start();
    check.line("held  CORR-4.1");
    hub.program.signal("STOP");
    assert_told(
        check.end(),
        3,
        &["held  CORR-4.1", "could not tell: TIME-2 (TIME-2.1: ", "the target did not answer GET /"],
    );
}

#[test]
fn a_socket_io_server_that_goes_away_in_the_middle_is_not_accused() {
    let hub = Hub::start(&[]);
    let sockets = server(&hub, 4, || Answer::Close);
    let ended = check_of(&sockets.url, &hub.control, SCENARIOS).run();
    assert_told(ended, ALL, &["cannot open ws://", "during the WebSocket handshake"]);
}

#[test]
fn a_server_that_opens_web_sockets_and_says_nothing_is_no_socket_io_server() {
    let hub = Hub::start(&[]);
    let address = hub.address();
    let deaf = Server::start(move |_| Answer::Deaf(address));
    let reason = "could not tell: the server opens a WebSocket and sends no Engine.IO handshake; is this the address of a Socket.IO \
        server, and its path?";
    check_of(&deaf.url, &hub.control, &[]).run().refuses(3, &[reason]);
}

#[test]
fn odd_settings_of_a_target_are_said_or_do_no_harm() {
    let hub = Hub::start(&[]);
    let describe = |name: &str, settings: &str| {
        let capabilities = r#"["commands","calls","jobs","pending","connections","reset"]"#;
        let said = format!(
            r#"{{"protocol":1,"name":"{name}","version":"9","capabilities":{capabilities},"settings":{settings}}}"#
        );
        let control = Server::describing(&said, &hub);
        check_of(&hub.url, &control.control, &["CORR-4.1"]).run()
    };
    for harmless in ["{}", r#"{"grace_s":-1}"#, r#"{"grace_s":1e300}"#, r#"{"mood":"good"}"#] {
        describe("n", harmless).tells(0, &[": n 9 at http://", "1 held"]);
    }
    for wrong in ["1", r#"{"grace_s":"x"}"#, r#"{"max_bytes":-1}"#, r#"{"grace_s":1e999}"#] {
        describe("n", wrong).refuses(3, &["the answer to GET / (HTTP 200) is not the control API's"]);
    }
    let ended = describe(r"two\nlines\u001b[31m", "{}").tells(0, &["1 held"]);
    assert!(
        ended.out.lines().next().is_some_and(|line| line.contains("two\u{fffd}lines\u{fffd}[31m 9 at")),
        "{ended:#?}"
    );
}
