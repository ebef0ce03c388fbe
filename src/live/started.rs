//! A target that hubproof starts itself: a process group, its output as the target's log, and its end.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::stage::Occurrence;

/// Lines of its output that are kept, to be shown where it ends too early.
const KEPT: usize = 20;

/// How long it may take to end in order.
const TO_END: Duration = Duration::from_secs(5);

/// How long processes that it has left behind may take when it has ended itself, and its output too.
const TO_FOLLOW: Duration = Duration::from_millis(500);

/// How often is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(10);

/// A command that could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no shell.
    #[error("cannot start a shell for '{command}': {error}")]
    Shell {
        /// The command.
        command: String,
        /// What the system says.
        error: io::Error,
    },
    /// There is no such program, or it cannot be run.
    #[error("cannot start {program}: {error}")]
    Program {
        /// Its path.
        program: String,
        /// What the system says.
        error: io::Error,
    },
}

/// The output of a target, line by line, whoever reads it.
#[derive(Debug, Clone, Default)]
pub struct TargetLog(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    last: VecDeque<String>,
    told: Option<UnboundedSender<Occurrence>>,
}

impl TargetLog {
    /// From here on lines go to this run, and to no earlier one.
    pub(super) fn follow(&self, told: UnboundedSender<Occurrence>) {
        self.lock().told = Some(told);
    }

    fn add(&self, line: String) {
        let mut lines = self.lock();
        if lines.last.len() == KEPT {
            lines.last.pop_front();
        }
        lines.last.push_back(line.clone());
        if let Some(told) = &lines.told {
            // A run that has ended hears no more.
            told.send(Occurrence::Logged(line)).ok();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A command under way. Dropping it kills it; [`end`](Self::end) ends it in order.
pub struct Started {
    group: Option<Pid>,
    /// Held open for as long as it is to run, by those who end with it.
    _input: Option<ChildStdin>,
    log: TargetLog,
    ended: watch::Receiver<Option<ExitStatus>>,
    /// Becomes closed when nobody writes to its output any more.
    silent: watch::Receiver<()>,
}

impl fmt::Debug for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Started").field("group", &self.group).finish_non_exhaustive()
    }
}

impl Started {
    /// Has a shell run a command, in a process group of its own. Needs a tokio runtime for as long as it lives.
    ///
    /// # Errors
    /// [`StartError`] if there is no shell.
    pub fn run(command: &str) -> Result<Self, StartError> {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).stdin(Stdio::null());
        Self::spawn(shell).map_err(|error| StartError::Shell { command: command.to_owned(), error })
    }

    /// Runs a program, in a process group of its own. Its standard input stays open for as long as this lives, and ends with this
    /// process, however that ends. Needs a tokio runtime for as long as it lives.
    ///
    /// # Errors
    /// [`StartError`] if there is no such program.
    pub fn program(path: &Path, arguments: &[&str]) -> Result<Self, StartError> {
        let mut program = Command::new(path);
        program.args(arguments).stdin(Stdio::piped());
        Self::spawn(program).map_err(|error| StartError::Program { program: path.display().to_string(), error })
    }

    fn spawn(mut command: Command) -> io::Result<Self> {
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let log = TargetLog::default();
        let (writing, silent) = watch::channel(());
        if let Some(out) = child.stdout.take() {
            tokio::spawn(read(out, log.clone(), writing.clone()));
        }
        if let Some(err) = child.stderr.take() {
            tokio::spawn(read(err, log.clone(), writing));
        }
        let child_input = child.stdin.take();
        let (told, ended) = watch::channel(None);
        tokio::spawn(wait(child, told));
        Ok(Self { group, _input: child_input, log, ended, silent })
    }

    /// Waits for a line of its output that begins with this: the line. `None` if it ends without one.
    pub async fn says(&self, beginning: &str) -> Option<String> {
        let (told, mut heard) = unbounded_channel();
        self.log.follow(told);
        let said = || self.log.lock().last.iter().find(|line| line.starts_with(beginning)).cloned();
        loop {
            if let Some(line) = said() {
                return Some(line);
            }
            tokio::select! {
                heard = heard.recv() => heard.map(|_| ())?,
                () = self.ended() => return said(),
            }
        }
    }

    /// Its output.
    #[must_use]
    pub fn log(&self) -> &TargetLog {
        &self.log
    }

    /// How it ended, in words, if it has.
    #[must_use]
    pub fn has_ended(&self) -> Option<String> {
        self.ended.borrow().map(|status| status.to_string())
    }

    /// Resolves when it has ended and all that it said was read, for as long as that takes only a moment.
    pub async fn ended(&self) {
        self.ended.clone().wait_for(Option::is_some).await.ok();
        timeout(TO_FOLLOW, silence(self.silent.clone())).await.ok();
    }

    /// The last lines of its output, one below the other.
    #[must_use]
    pub fn last_lines(&self) -> String {
        self.log.lock().last.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Ends it and everything that it has started in its group: first with SIGTERM, and with SIGKILL what takes too long.
    pub async fn end(&self) {
        self.signal(Signal::TERM);
        let gone = async {
            while self.is_there() {
                sleep(LOOK).await;
            }
        };
        // What has no output left and is still there may be nothing but processes that nobody takes note of.
        let silent = async {
            self.ended.clone().wait_for(Option::is_some).await.ok();
            silence(self.silent.clone()).await;
            sleep(TO_FOLLOW).await;
        };
        let all = async {
            tokio::select! {
                () = gone => {}
                () = silent => {}
            }
        };
        timeout(TO_END, all).await.ok();
        self.signal(Signal::KILL);
    }

    fn is_there(&self) -> bool {
        self.group.is_some_and(|group| test_kill_process_group(group).is_ok())
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // It fails only where there is nobody left.
            kill_process_group(group, signal).ok();
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// Resolves when the other side is closed.
async fn silence(mut silent: watch::Receiver<()>) {
    while silent.changed().await.is_ok() {}
}

async fn wait(mut child: Child, told: watch::Sender<Option<ExitStatus>>) {
    if let Ok(status) = child.wait().await {
        told.send_replace(Some(status));
    }
}

/// Reads lines to the end of an output. Colours are taken out of them, and bytes that are no text shown as such.
async fn read(output: impl AsyncRead + Unpin, log: TargetLog, _writing: watch::Sender<()>) {
    let (mut output, mut line) = (BufReader::new(output), Vec::new());
    while output.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line);
        log.add(anstream::adapter::strip_str(text.trim_end_matches(['\r', '\n'])).to_string());
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_it_says_is_read_line_by_line_and_kept_for_the_end() {
        let started = Started::run("echo one; printf 'two\\r\\n\\033[31mthree\\033[0m' >&2; exit 7").unwrap();
        started.ended().await;
        assert_eq!(started.has_ended().unwrap(), "exit status: 7");
        let mut lines: Vec<String> = started.last_lines().lines().map(str::to_owned).collect();
        // Two outputs have no order between them.
        lines.sort();
        assert_eq!(lines, ["one", "three", "two"]);
    }

    #[tokio::test]
    async fn its_end_is_in_order_and_takes_its_children_along() {
        let started =
            Started::run("sh -c 'trap \"echo bye; exit 0\" TERM; echo up; while :; do sleep 1; done' & wait").unwrap();
        let (told, mut occurrences) = tokio::sync::mpsc::unbounded_channel();
        started.log().follow(told);
        // It may have been up before anybody followed.
        while !started.last_lines().contains("up") {
            occurrences.recv().await.unwrap();
        }
        started.end().await;
        started.ended().await;
        assert!(started.last_lines().ends_with("bye"), "{}", started.last_lines());
        assert!(started.has_ended().is_some());
    }
}
