//! `hubproof check` against `hubproof hub` in another process.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A hub in a process of its own, which ends with this value.
struct Hub(Child);

impl Drop for Hub {
    fn drop(&mut self) {
        // It may have ended already; what is left of it is taken in.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_reference_hub_in_another_process_keeps_everything_and_leaves_the_same_transcripts() {
    let mut process = Command::new(env!("CARGO_BIN_EXE_hubproof"))
        .args(["hub", "--listen", "127.0.0.1:0", "--log-level", "error"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the hub starts");
    let stdout = process.stdout.take().expect("its output is a pipe");
    let _hub = Hub(process);
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
    let words: Vec<&str> = line.split_whitespace().collect();
    let ["listening", "on", url, "control", control] = words.as_slice() else { panic!("the hub said {line:?}") };

    // Under --strict a transcript that differs from the recorded one gates.
    let check = Command::new(env!("CARGO_BIN_EXE_hubproof"))
        .args(["check", "--strict", "--time-scale", "0.02", "--target", url, "--control", control])
        .output()
        .expect("hubproof runs");
    let report = String::from_utf8(check.stdout).expect("a report is text");
    assert_eq!(check.status.code(), Some(0), "{report}");
    assert!(!report.contains("differs"), "{report}");
}
