//! A target that a check starts itself: it is waited for, its output is its log, and it does not outlive the check.

use std::net::{SocketAddr, TcpStream};

use super::support::{Ended, Program, hubproof};

/// An address that no other test uses: of this process alone, as loopback has enough of them.
fn address(port: u16) -> SocketAddr {
    let [high, low] = std::process::id().to_be_bytes()[2..] else { panic!("an id has four bytes") };
    SocketAddr::from(([127, 77, high, low.clamp(1, 254)], port))
}

/// A quick check of the target at this address, which is to be started by this command.
fn check_started(address: SocketAddr, command: &str, arguments: &[&str]) -> Program {
    let (url, control) = (format!("http://{address}"), format!("http://{address}/hubproof/v1"));
    let target = ["check", "--target", &url, "--control", &control, "--start", command, "--time-scale", "0.02"];
    hubproof(&[target.as_slice(), arguments].concat())
}

/// The command line of a hub at this address.
fn hub(address: SocketAddr, more: &str) -> String {
    format!("hubproof hub --listen {address} {more}")
}

/// Nobody listens there any more.
#[track_caller]
fn gone(address: SocketAddr, ended: &Ended) {
    assert!(TcpStream::connect(address).is_err(), "the hub at {address} has outlived the check: {ended:#?}");
}

#[test]
fn a_started_hub_is_checked_with_its_log_and_ended() {
    let address = address(7801);
    let ended = check_started(address, &hub(address, ""), &["LOG-1", "CORR-7.1", "CORR-7.2"]).run();
    let ended = ended.tells(0, &["LOG-1      derived     held            in 12 scenarios", "12 scenarios: 12 held"]);
    gone(address, &ended);
}

#[test]
fn what_a_started_hub_does_not_log_is_a_breach_and_the_command_is_part_of_what_shows_it_again() {
    let address = address(7802);
    let command = hub(address, "--variant timeouts-unlogged");
    let ended = check_started(address, &command, &["LOG-1.2"]).run();
    let again = format!(" --start '{command}' --time-scale 0.02 --seed 1 LOG-1.2");
    let ended = ended
        .tells(1, &["broken LOG-1 (derived)", "a line for the timeout that names user 4711", "log of the target:"]);
    assert!(ended.last_line().ends_with(&again), "{ended:#?}");
    gone(address, &ended);
}

#[test]
fn a_command_that_ends_is_told_with_the_last_that_it_wrote() {
    let late = check_started(address(7803), "echo oops >&2; exit 7", &[]).run();
    late.refuses(3, &["the command of --start ended before the target answered (exit status: 7)", "oops"]);
    let unknown = check_started(address(7803), "no-such-hub --port 1", &[]).run();
    unknown.refuses(3, &["exit status: 127", "no-such-hub", "not found"]);
    let mute = check_started(address(7803), "true", &[]).run();
    mute.refuses(3, &["exit status: 0", "it has to stay in the foreground, and it wrote nothing"]);
}

#[test]
fn a_command_that_never_listens_is_given_up() {
    let arguments = ["--start-within", "0.5"];
    let ended = check_started(address(7804), "echo warming up; exec tail -f /dev/null", &arguments).run();
    ended.refuses(3, &["did not answer within 0.5 s: ", "cannot connect", "warming up"]);
}

#[test]
fn what_the_command_has_in_the_background_is_ended_too() {
    let address = address(7805);
    let command = format!("{} & wait", hub(address, ""));
    let ended = check_started(address, &command, &["CORR-7.1"]).run().tells(0, &["1 scenario: 1 held"]);
    gone(address, &ended);
}

#[test]
fn a_hub_that_ends_in_the_middle_of_a_check_makes_it_inconclusive() {
    let address = address(7808);
    let until_connected = "while read line; do case $line in *connected*) break;; esac; done; kill 0";
    let command = format!("{} 2>&1 | {{ {until_connected}; }}", hub(address, ""));
    let ended = check_started(address, &command, &["TIME-1", "TIME-2", "TIME-4"]).run().exits(3);
    assert!(ended.out.contains("could not tell") && !ended.out.contains("BROKEN"), "{ended:#?}");
    gone(address, &ended);
}

#[test]
fn a_hub_that_a_scenario_has_shut_down_is_started_again() {
    let address = address(7809);
    let ended = check_started(address, &hub(address, ""), &["--repeat", "2", "LIFE-9", "PERF-2.1"]).run();
    let ended =
        ended.tells(0, &["LIFE-9     hardening   held            in 4 scenarios", "6 scenarios in 2 runs: 6 held"]);
    gone(address, &ended);
}

#[test]
fn a_hub_that_does_not_come_back_after_it_was_shut_down_makes_the_rest_inconclusive() {
    let address = address(7810);
    let marker = std::env::temp_dir().join(format!("hubproof-once-{}", std::process::id()));
    let only_once = format!("[ ! -e '{0}' ] || {{ echo not again; exit 9; }}; touch '{0}'", marker.display());
    let command = format!("{only_once}; exec {}", hub(address, ""));
    let ended = check_started(address, &command, &["LIFE-9"]).run().exits(3);
    std::fs::remove_file(marker).expect("it was started once");
    let told = "after it was shut down, the command of --start ended before the target answered (exit status: 9)";
    assert!(ended.out.contains(told) && ended.out.contains("not again"), "{ended:#?}");
    gone(address, &ended);
}

#[test]
fn a_check_that_is_interrupted_ends_what_it_started() {
    let address = address(7806);
    let mut running = check_started(address, &hub(address, ""), &["--repeat", "1000", "TIME-2"]).start();
    running.line("hubproof 0.1.0: ");
    running.signal("INT");
    let ended = running.end().exits(3);
    gone(address, &ended);
}

#[test]
fn only_a_target_can_be_started() {
    hubproof(&["check", "--start", "true"]).run().refuses(2, &["--target"]);
    hubproof(&["check", "--start-within", "3"]).run().refuses(2, &["--start"]);
    check_started(address(7807), "true", &["--start-within", "soon"]).run().refuses(2, &["--start-within"]);
}
