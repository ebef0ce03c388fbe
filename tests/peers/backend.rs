//! Backends in `fixtures/backends`, checked as their users would: `hubproof check --start` runs them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A port that is free, at least for now.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// A file or folder of the repository.
pub(crate) fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What `hubproof check --format json` has found.
pub(crate) struct Checked {
    pub(crate) status: Option<i32>,
    /// Its JSON lines.
    pub(crate) lines: String,
    pub(crate) stderr: String,
}

impl Checked {
    fn from(output: Output) -> Self {
        let lines = String::from_utf8(output.stdout).expect("a report is text");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Self { status: output.status.code(), lines, stderr }
    }

    /// The standing of every row that was judged, by its id.
    pub(crate) fn standings(&self) -> BTreeMap<String, String> {
        let mut events = self.lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON lines"));
        let end = events.next_back().filter(|event| event["event"] == "end").expect("a check that has ended");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let rows = end["rows"].as_array().expect("rows");
        rows.iter().map(|row| (text(&row["id"]), text(&row["standing"]))).collect()
    }
}

/// Checks the built-in hub or one of its variants.
pub(crate) fn check(args: &[&str]) -> Checked {
    let mut check = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    check.args(["check", "--format", "json"]).args(args);
    Checked::from(check.output().expect("hubproof runs"))
}

/// Checks a backend that hubproof starts: in `folder` of the repository, by `command` with an address behind it.
pub(crate) fn check_started(folder: &str, command: &str, args: &[&str]) -> Checked {
    let listen = format!("127.0.0.1:{}", free_port());
    let start = format!("cd '{}' && exec {command} {listen}", in_repository(folder).display());
    let (url, control) = (format!("http://{listen}"), format!("http://{listen}/hubproof/v1"));
    let started = ["--target", &url, "--control", &control, "--start", &start];
    check(&[started.as_slice(), args].concat())
}
