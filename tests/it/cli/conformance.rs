//! `hubproof conformance`: what it runs, tells and refuses.

use serde_json::Value;

use super::support::{Answer, Hub, Running, Server, hubproof};

/// An open packet as a server with slow pings has it.
const OPEN: &str = r#"0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

/// The echo server as a program, and its address.
fn echo(arguments: &[&str]) -> (Running, String) {
    let echo = ["hub", "--echo", "--listen", "127.0.0.1:0"];
    let mut program = hubproof(&[echo.as_slice(), arguments].concat()).start();
    let line = program.line("listening on ");
    let words: Vec<&str> = line.split_whitespace().collect();
    let ["listening", "on", url, "echo"] = words.as_slice() else { panic!("no address in {line:?}") };
    (program, (*url).to_owned())
}

#[test]
fn without_a_target_the_built_in_echo_server_is_tested() {
    hubproof(&["conformance", "socket/ack/text", "engine/heartbeat/first-ping"]).run().tells(
        0,
        &[
            "hubproof 0.1.0: conformance of the built-in echo server\n",
            "           held  socket/ack/text",
            "known to differ  engine/heartbeat/first-ping",
            "socketioxide sends its first ping at once",
            "\n2 cases: 1 held, 1 known to differ\npass: every case that was tested held\n",
        ],
    );
}

#[test]
fn the_echo_server_is_a_target_like_any_other_and_ends_in_order() {
    let (program, url) = echo(&[]);
    let ended = hubproof(&["conformance", "--target", &url, "engine/handshake", "socket/event/binary"]).run();
    let ended = ended.tells(0, &[&format!("conformance of {url}\n"), "20 cases: 20 held\n"]);
    assert_eq!(ended.last_line(), "pass: every case that was tested held");
    let slow = hubproof(&["conformance", "engine/heartbeat"]).with("HUBPROOF_TARGET", &url).run();
    slow.tells(
        3,
        &["needs more patience: a ping every 25s", "7 cases: 7 not tested\ncould not tell: no case could be tested\n"],
    );
    program.signal("TERM");
    program.end().exits(0);
}

#[test]
fn a_difference_counts_unless_the_server_is_named() {
    let (_program, url) = echo(&["--ping-interval", "0.3", "--ping-timeout", "2"]);
    let arguments = ["conformance", "--target", &url, "engine/heartbeat/first-ping"];
    hubproof(&arguments).run().tells(
        1,
        &[
            "         BROKEN  engine/heartbeat/first-ping",
            "promised Engine.IO 4, Heartbeat",
            "expected a ping after 300ms",
            "got      one long before that",
            "> WebSocket ?EIO=4&transport=websocket",
            "< 0{",
            "1 case: 1 broken\nbroken: engine/heartbeat/first-ping\n",
            &format!("again: hubproof conformance --target {url} engine/heartbeat/first-ping\n"),
        ],
    );
    hubproof(&[arguments.as_slice(), &["--server", "hubproof"]].concat()).run().tells(0, &["1 known to differ"]);
    hubproof(&[arguments.as_slice(), &["--server", "socket.io"]].concat()).run().exits(1);
}

#[test]
fn programs_get_an_object_per_line() {
    let ended = hubproof(&["conformance", "--format", "json", "socket/ack/text", "socket/ack/zero"]).run().exits(0);
    let lines: Vec<Value> = ended.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let kinds: Vec<&Value> = lines.iter().map(|line| &line["event"]).collect();
    assert_eq!(kinds, ["header", "case", "case", "end"]);
    assert_eq!(lines[0]["cases"], 2);
    assert_eq!(lines[0]["server"], "hubproof");
    assert_eq!(lines[1]["id"], "socket/ack/text");
    assert_eq!(lines[1]["status"], "held");
    assert_eq!(lines[1]["expected"], Value::Null);
    let frames = lines[1]["frames"].as_array().expect("a list");
    assert!(frames.iter().any(|frame| frame == r#"< 4312["hello"]"#), "{frames:?}");
    assert_eq!(lines[3]["counts"]["held"], 2);
    assert_eq!(lines[3]["exit_code"], 0);
}

#[test]
fn cases_can_be_listed_and_chosen_by_their_names_and_areas() {
    let all = hubproof(&["conformance", "--list"])
        .run()
        .tells(0, &["engine/handshake/polling  ", "(Socket.IO 5, Acknowledgement)"]);
    assert!(all.out.lines().count() >= 57);
    let some = hubproof(&["conformance", "--list", "socket/namespace", "engine/polling/waits"]).run().exits(0);
    assert_eq!(some.out.lines().count(), 4);
    for (name, hint) in [("socket/ack/txt", "did you mean socket/ack/text?"), ("sock", "--list"), ("", "--list")] {
        let reason = format!("no case or area is called '{name}'");
        hubproof(&["conformance", name]).run().refuses(4, &[&reason, hint]);
    }
}

#[test]
fn a_target_that_cannot_be_tested_is_told_with_the_reason() {
    let told = |target: &str, reasons: &[&str]| {
        let ended = hubproof(&["conformance", "--target", target, "--patience", "20"]).run().exits(3);
        for reason in reasons {
            assert!(ended.err.contains(reason), "no '{reason}' in {ended:#?}");
        }
    };
    told("http://127.0.0.1:1", &["the target cannot be reached", "127.0.0.1:1", "cannot connect"]);
    let foreign = "does not answer as an Engine.IO 4 server";
    let other = Server::start(|_| Answer::Http(404, "no such page".to_owned()));
    told(&other.url, &[foreign, "HTTP 404", "no such page", "--socket-path"]);
    let nonsense = Server::start(|_| Answer::Http(200, "0{\"sid\":7}".to_owned()));
    told(&nonsense.url, &[foreign, "HTTP 200"]);
    let closing = Server::start(|_| Answer::Close);
    told(&closing.url, &[foreign, "the connection ended"]);
    let silent = Server::start(|_| Answer::Never);
    let ended = hubproof(&["conformance", "--target", &silent.url, "--patience", "0.2"]).run().exits(3);
    assert!(ended.err.contains(foreign) && ended.err.contains("nothing in time (200ms)"), "{ended:#?}");
}

#[test]
fn a_server_that_takes_everything_is_broken_and_what_it_lacks_is_not_tested() {
    let lax = Server::start(|_| Answer::Http(200, OPEN.to_owned()));
    let arguments = ["conformance", "--target", &lax.url, "--patience", "20", "engine/handshake", "socket/ack"];
    hubproof(&arguments).run().tells(
        1,
        &[
            "         BROKEN  engine/handshake/polling-no-version",
            "expected HTTP 400",
            "got      HTTP 200",
            "> GET ?transport=polling",
            "needs WebSocket",
        ],
    );
}

#[test]
fn a_hub_without_the_echo_events_is_incomplete() {
    let hub = Hub::start(&[]);
    let ended = hubproof(&["conformance", "--target", &hub.url, "engine/handshake/polling", "socket/ack/text"]).run();
    ended.tells(
        3,
        &["1 held, 1 not tested", "needs the echo events", "could not tell: the target lacks the echo events"],
    );
    hubproof(&["conformance", "--target", &hub.url, "engine/handshake/polling"]).run().tells(0, &["1 case: 1 held"]);
}

#[test]
fn an_interruption_ends_it_in_order() {
    let silent = Server::start(|_| Answer::Never);
    let arguments = ["conformance", "--target", &silent.url, "--patience", "3600", "socket/ack"];
    let mut program = hubproof(&arguments).start();
    program.line("conformance of ");
    program.signal("INT");
    program.end().tells(3, &["12 cases: none; 12 not run\n", "could not tell: the run was interrupted\n"]);
}

#[test]
fn wrong_settings_are_answered_with_right_ones() {
    for (arguments, reasons) in [
        (["--target", "https://127.0.0.1:1"], ["needs TLS", "http://"]),
        (["--target", "localhost"], ["is no address", "http://host:port"]),
        (["--patience", "0"], ["--patience", "a number of seconds from 0.001"]),
        (["--patience", "soon"], ["--patience", "a number of seconds from 0.001"]),
        (["--jobs", "0"], ["--jobs", "1..=64"]),
        (["--server", "hubproof"], ["--target", "required"]),
        (["--connect-timeout", "1"], ["--target", "required"]),
    ] {
        hubproof(&[["conformance"].as_slice(), &arguments].concat()).run().refuses(2, &reasons);
    }
    hubproof(&["conformance", "--target", "http://a", "--server", "no"])
        .run()
        .refuses(2, &["--server", "python-socketio"]);
    hubproof(&["conformance", "--list", "--format", "json"]).run().refuses(2, &["--list", "--format"]);
    for arguments in [["--variant", "broadcast"], ["--grace", "1"], ["--max-bytes", "10"]] {
        hubproof(&[["hub", "--echo"].as_slice(), &arguments].concat())
            .run()
            .refuses(2, &["--echo", "cannot be used with"]);
    }
    for option in ["--ping-interval", "--ping-timeout", "--connect-timeout"] {
        hubproof(&["hub", option, "0"]).run().refuses(2, &[option, "a number of seconds from 0.001 to 86400"]);
    }
}
