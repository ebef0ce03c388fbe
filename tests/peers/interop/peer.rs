//! Somebody else's Socket.IO library at work: a program in `fixtures/clients` or `fixtures/hubs`, or a task that does the same.
//! It takes orders and tells what it sees.

use std::ffi::OsStr;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

/// How long anything may take before the test fails; a browser on a busy machine needs a while to come up.
const DEADLINE: Duration = Duration::from_secs(60);

/// A library that takes orders.
#[derive(Debug)]
pub(crate) struct Peer {
    /// What it is.
    pub(crate) library: String,
    /// Which one.
    pub(crate) version: String,
    orders: UnboundedSender<Value>,
    reports: UnboundedReceiver<Value>,
    /// Reports that nobody has waited for yet, in order.
    waiting: Vec<Value>,
    process: Option<Child>,
}

/// Where a task gets its orders and puts its reports.
pub(crate) type TaskEnds = (UnboundedReceiver<Value>, UnboundedSender<Value>);

impl Peer {
    /// A program: `folder/file`, run by the program that the environment variable names.
    pub(crate) async fn program(variable: &str, folder: &str, file: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut process = Command::new(found(variable))
            .arg(file)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap_or_else(|error| panic!("{}/{file} with ${variable}: {error}", folder.display()));
        let (sender, orders) = unbounded_channel();
        let (told, reports) = unbounded_channel();
        let (stdin, stdout) = (process.stdin.take().expect("a pipe"), process.stdout.take().expect("a pipe"));
        tokio::spawn(write_orders(orders, stdin));
        tokio::spawn(read_reports(stdout, told));
        let name = format!("{}/{file}", folder.display());
        Self::ready(name, sender, reports, Some(process)).await
    }

    /// A task that does what it gets through its ends.
    pub(crate) async fn task<F>(work: impl FnOnce(TaskEnds) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, orders) = unbounded_channel();
        let (told, reports) = unbounded_channel();
        tokio::spawn(work((orders, told)));
        Self::ready("the task".to_owned(), sender, reports, None).await
    }

    async fn ready(
        name: String,
        orders: UnboundedSender<Value>,
        reports: UnboundedReceiver<Value>,
        process: Option<Child>,
    ) -> Self {
        let version = String::new();
        let mut peer = Self { library: name, version, orders, reports, waiting: Vec::new(), process };
        let ready = peer.sees("ready", &Value::Null).await;
        ready["library"].as_str().expect("a name").clone_into(&mut peer.library);
        ready["version"].as_str().expect("a version").clone_into(&mut peer.version);
        peer
    }

    /// Has it do something.
    pub(crate) fn order(&self, order: Value) {
        self.orders.send(order).expect("somebody who takes orders");
    }

    /// Waits until it has seen something, with all that `about` says. What else it sees meanwhile is kept.
    pub(crate) async fn sees(&mut self, saw: &str, about: &Value) -> Value {
        let fits = |report: &Value| {
            let mut wanted = about.as_object().into_iter().flatten();
            report["saw"] == saw && wanted.all(|(key, value)| report[key] == *value)
        };
        if let Some(at) = self.waiting.iter().position(fits) {
            return self.waiting.remove(at);
        }
        loop {
            let report = self.report(&format!("{saw} {about}")).await;
            if fits(&report) {
                return report;
            }
            self.waiting.push(report);
        }
    }

    /// The next report of any kind.
    async fn report(&mut self, wanted: &str) -> Value {
        let who = &self.library;
        let report = timeout(DEADLINE, self.reports.recv()).await;
        let report = report.unwrap_or_else(|_| {
            panic!("{who} did not tell of {wanted} within {DEADLINE:?}, but of {}", json!(self.waiting))
        });
        let report = report.unwrap_or_else(|| {
            panic!("{who} has ended, and did not tell of {wanted}; `ci/test prepare` installs what it needs")
        });
        assert_ne!(report["saw"], "trouble", "{who}: {report}");
        report
    }

    /// The next report, whatever it is; for ever none if it has ended.
    pub(crate) async fn next(&mut self) -> Value {
        match self.waiting.is_empty() {
            true => match self.reports.recv().await {
                Some(report) => report,
                None => std::future::pending().await,
            },
            false => self.waiting.remove(0),
        }
    }

    /// Has no more orders for it, and waits until it has ended.
    pub(crate) async fn end(self) {
        let Self { library, orders, process, .. } = self;
        drop(orders);
        if let Some(mut process) = process {
            let ended = timeout(DEADLINE, process.wait()).await;
            ended.unwrap_or_else(|_| panic!("{library} goes on without orders")).expect("an end");
        }
    }

    /// What it saw of this kind, and nobody has waited for.
    pub(crate) fn unawaited(&mut self, saw: &str, about: &Value) -> Vec<Value> {
        while let Ok(report) = self.reports.try_recv() {
            self.waiting.push(report);
        }
        let about = about.as_object();
        let fits = |report: &&Value| {
            report["saw"] == saw && about.into_iter().flatten().all(|(key, value)| report[key] == *value)
        };
        self.waiting.iter().filter(fits).cloned().collect()
    }
}

/// Writes orders; the end of them is the end of the program.
async fn write_orders(mut orders: UnboundedReceiver<Value>, mut stdin: ChildStdin) {
    while let Some(order) = orders.recv().await {
        if stdin.write_all(format!("{order}\n").as_bytes()).await.is_err() {
            // It has ended; whoever waits for its reports is told.
            return;
        }
    }
}

async fn read_reports(stdout: ChildStdout, told: UnboundedSender<Value>) {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let report = serde_json::from_str(&line);
        let report = report.unwrap_or_else(|_| json!({"saw": "trouble", "text": format!("no report: {line}")}));
        if told.send(report).is_err() {
            return;
        }
    }
}

/// The program that an environment variable names.
pub(crate) fn found(variable: &str) -> PathBuf {
    let named = std::env::var_os(variable).filter(|value| !value.is_empty());
    let named = named.unwrap_or_else(|| {
        panic!("${variable} is not set: run `ci/test prepare peers`, which installs what the tests need and names it")
    });
    // What has a slash is a file; it is found from any folder.
    if Path::new(&named).components().count() > 1 { absolute(&named) } else { PathBuf::from(named) }
}

fn absolute(path: &OsStr) -> PathBuf {
    std::path::absolute(path).expect("a path")
}
