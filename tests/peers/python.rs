//! The python-socketio backend in `fixtures/backends/python`, which follows the contract document to the letter.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::table;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/backends/python")
}

/// The Python that has the backend's packages.
fn python() -> PathBuf {
    let python =
        std::env::var_os("HUBPROOF_PYTHON").expect("HUBPROOF_PYTHON names a Python with the backend's packages");
    std::fs::canonicalize(&python)
        .map_or_else(|_| PathBuf::from(&python), |_| std::path::absolute(&python).expect("a path"))
}

/// The backend in a process of its own, which ends with this value.
struct Backend {
    process: Child,
    url: String,
    control: String,
}

impl Backend {
    fn start() -> Self {
        let mut process = Command::new(python())
            .args(["-m", "backend", "--listen", "127.0.0.1:0", "--log-level", "error"])
            .current_dir(folder())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the backend starts");
        let stdout = process.stdout.take().expect("its output is a pipe");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["listening", "on", url, "control", control] = words.as_slice() else {
            panic!("the backend said {line:?}");
        };
        Self { process, url: (*url).to_owned(), control: (*control).to_owned() }
    }

    fn check(&self, more: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_hubproof"))
            .args(["check", "--target", &self.url, "--control", &self.control])
            .args(more)
            .output()
            .expect("hubproof runs")
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // It may have ended already; what is left of it is taken in.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that is free, at least for now.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

#[test]
fn the_backend_keeps_and_breaks_just_what_the_document_says() {
    let listen = format!("127.0.0.1:{}", free_port());
    let command = format!("cd '{}' && exec '{}' -m backend --listen {listen}", folder().display(), python().display());
    let (url, control) = (format!("http://{listen}"), format!("http://{listen}/hubproof/v1"));
    let output = Command::new(env!("CARGO_BIN_EXE_hubproof"))
        .args(["check", "--target", &url, "--control", &control, "--start", &command, "--format", "json"])
        .output()
        .expect("hubproof runs");
    let report = String::from_utf8(output.stdout).expect("a report is text");
    let title = "hubproof's verdict on the Python backend";
    let about = "[The backend](../fixtures/backends/python/README.md) follows the contract document to the letter, on \
        python-socketio, Starlette and uvicorn. This is what `hubproof check --start` finds on it; `tests/peers` makes this \
        page from a run, and fails if it has changed.";
    table::assert_is_the_document("docs/python-backend.md", &table::page(title, about, &report));
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_forced_collision_is_the_witness_of_what_it_breaks() {
    let output = Backend::start().check(&["CORR-3.1"]);
    let report = String::from_utf8(output.stdout).expect("a report is text");
    assert_eq!(output.status.code(), Some(1), "{report}");
    for breach in [
        "broken CORR-3 (documented): No two calls in flight share a `request_id`, under any load",
        "got      call 1 and call 2 both have req_1_1736438400000_5432",
        "broken CORR-4 (documented)",
        "broken CORR-5 (documented)",
        "it ended with the value {\"call\":\"first\"}, which answers call 1",
        ">       0s  call 2     ends with {\"call\":\"first\"}",
    ] {
        assert!(report.contains(breach), "no {breach:?} in:\n{report}");
    }
    let last = report.lines().last().expect("a report has lines");
    assert!(last.starts_with("again: hubproof check --target ") && last.ends_with("--seed 1 CORR-3.1"), "{last}");
}

#[test]
fn hardening_that_it_lacks_is_reported_and_does_not_gate() {
    let backend = Backend::start();
    let output = backend.check(&["ERR-7"]);
    let report = String::from_utf8(output.stdout).expect("a report is text");
    assert!(report.contains("noted ERR-7 (hardening)"), "{report}");
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_eq!(backend.check(&["ERR-7", "--strict"]).status.code(), Some(1));
}
