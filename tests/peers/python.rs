//! The python-socketio backend in `fixtures/backends/python`, which follows the contract document to the letter.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;

use crate::backend::{self, Checked};
use crate::interop::peer;
use crate::table;

const FOLDER: &str = "fixtures/backends/python";

/// The Python that has the backend's packages.
const PYTHON: &str = "HUBPROOF_PYTHON";

/// How fast the checks of the two backends go, and that of the variant that is compared: fast enough for a test, and slow
/// enough to judge all that a check at its default of 0.1 judges.
pub(crate) const SCALE: &str = "0.04";

/// What a whole check finds on it. It takes minutes, so it is done once.
pub(crate) static CHECKED: LazyLock<Checked> = LazyLock::new(|| {
    let command = format!("'{}' -m backend --listen", peer::found(PYTHON).display());
    backend::check_started(FOLDER, &command, &["--time-scale", SCALE])
});

/// The backend in a process of its own, which ends with this value.
struct Backend {
    process: Child,
    url: String,
    control: String,
}

impl Backend {
    fn start() -> Self {
        let mut process = Command::new(peer::found(PYTHON))
            .args(["-m", "backend", "--listen", "127.0.0.1:0", "--log-level", "error"])
            .current_dir(backend::in_repository(FOLDER))
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

#[test]
fn the_backend_keeps_and_breaks_just_what_the_document_says() {
    let title = "hubproof's verdict on the Python backend";
    let about = "[The backend](../fixtures/backends/python/README.md) follows the contract document to the letter, on \
        python-socketio, Starlette and uvicorn. This is what `hubproof check --start --time-scale 0.04` finds on it; `tests/peers` makes this \
        page from a run, and fails if it has changed.";
    table::assert_is_the_document("docs/python-backend.md", &table::page(title, about, &CHECKED.lines));
    assert_eq!(CHECKED.status, Some(1), "{}", CHECKED.stderr);
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
