//! `hubproof conformance`: the protocols' own cases, against any server that echoes.

use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use serde::Serialize;
use tokio::runtime::Builder;

use super::{Failure, Interruption};
use crate::conformance::told::{self, Counts, Standing};
use crate::conformance::{self, Case, Door, Ended, known};
use crate::contract::nearest::nearest;
use crate::live::{self, EchoOptions, EchoServer};
use crate::report::summary::exit;
use crate::stage::ServerManners;

/// Run cases of the Engine.IO 4 and Socket.IO 5 protocols against the built-in echo server, or a server of your own that has
/// the echo events: `auth`, `message`, `message-with-ack` in `/` and `/custom`.
#[derive(Debug, clap::Args)]
#[command(next_line_help = false)]
pub struct Arguments {
    /// Only these cases (engine/handshake/polling), or those of these areas (engine/handshake, socket).
    #[arg(value_name = "CASE")]
    cases: Vec<String>,
    /// A server of your own, such as `http://127.0.0.1:3000`.
    #[arg(long, env = "HUBPROOF_TARGET", value_name = "URL")]
    target: Option<String>,
    /// The path of Socket.IO at the target.
    #[arg(long, value_name = "PATH", default_value = "/socket.io/", requires = "target")]
    socket_path: String,
    /// The library of the target, whose known differences do not count as broken.
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(known::SERVERS), requires = "target")]
    server: Option<String>,
    /// How long the target may take for what it does at once, in seconds. Cases that need pings, or their absence, within that time
    /// are not tested where the target's are slower.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = super::some_seconds, allow_negative_numbers = true)]
    patience: Duration,
    /// How long the target lets a client stay without CONNECT, in seconds; 45 is what servers have unless they are told otherwise.
    #[arg(long, value_name = "SECONDS", default_value = "45", value_parser = super::some_seconds, requires = "target", allow_negative_numbers = true)]
    connect_timeout: Duration,
    /// How many cases run at once.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// List the cases instead of running them.
    #[arg(long)]
    list: bool,
    /// How to tell of it: to people, or to programs as one JSON object per line.
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with = "list")]
    format: Format,
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// People.
    Text,
    /// Programs: one JSON object per line.
    Json,
}

/// The version of the objects for programs.
const SCHEMA: u32 = 1;

/// The built-in server's timers: quick, so that every case can be tested, and not too quick for a busy machine.
const BUILT_IN: ServerManners = ServerManners {
    first_ping: Duration::ZERO,
    ping_interval: Duration::from_millis(300),
    ping_timeout: Duration::from_secs(3),
    connect_timeout: Duration::from_secs(1),
};

/// Runs the cases.
///
/// # Errors
/// [`Failure`] where nothing could be run; what was run is in the exit code.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let cases = chosen(&arguments.cases)?;
    if arguments.list {
        super::write_result(&cases.iter().map(|case| told::listed(case)).collect::<String>())?;
        return Ok(exit::HELD);
    }
    super::in_runtime(Builder::new_multi_thread(), async {
        let mut interruption = Interruption::awaited()?;
        let echo = match &arguments.target {
            Some(_) => None,
            None => Some(built_in()?),
        };
        let aim = Aim::of(arguments, echo.as_ref());
        let mut report = Report::new(arguments.format, &aim, cases.len());
        let done = tokio::select! {
            biased;
            () = interruption.came() => None,
            done = try_out(arguments, &aim, &cases, &mut report) => Some(done),
        };
        done.transpose()?;
        if let Some(echo) = echo {
            echo.shutdown().await;
        }
        report.end(&cases)
    })
}

fn built_in() -> Result<EchoServer, Failure> {
    let options = EchoOptions { manners: BUILT_IN, ..EchoOptions::default() };
    EchoServer::start(options).map_err(|error| Failure::Untold(error.to_string()))
}

/// The cases that the command line means.
fn chosen(names: &[String]) -> Result<Vec<&'static Case>, Failure> {
    for name in names {
        if !conformance::cases().any(|case| case.is_meant_by(name)) {
            let near = nearest(name, conformance::cases().map(|case| case.id));
            let near = near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
            return Err(Failure::NothingSelected(format!(
                "no case or area is called '{name}': {near}'hubproof conformance --list' shows all there are"
            )));
        }
    }
    let is_meant = |case: &&Case| names.is_empty() || names.iter().any(|name| case.is_meant_by(name));
    Ok(conformance::cases().filter(is_meant).collect())
}

/// What is tested.
struct Aim {
    url: String,
    /// As the first line names it.
    name: String,
    server: Option<String>,
    connect_timeout: Duration,
    /// Its part of a command line that runs a case again.
    again: String,
}

impl Aim {
    fn of(arguments: &Arguments, echo: Option<&EchoServer>) -> Self {
        if let Some(echo) = echo {
            let server = known::SERVERS.first().map(|server| (*server).to_owned());
            let (name, again) = ("the built-in echo server".to_owned(), String::new());
            return Self { url: echo.url(), name, server, connect_timeout: BUILT_IN.connect_timeout, again };
        }
        let url = arguments.target.clone().unwrap_or_default();
        let mut again = format!(" --target {url}");
        if let Some(server) = &arguments.server {
            again = format!("{again} --server {server}");
        }
        let connect_timeout = arguments.connect_timeout;
        Self { name: url.clone(), url, server: arguments.server.clone(), connect_timeout, again }
    }
}

async fn try_out(
    arguments: &Arguments,
    aim: &Aim,
    cases: &[&'static Case],
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let door = live::Door::at(&aim.url, &arguments.socket_path, arguments.patience);
    let door: Arc<dyn Door> = Arc::new(door.map_err(|error| Failure::Usage(error.to_string()))?);
    report.begin()?;
    let offer = conformance::survey(&door, arguments.patience, aim.connect_timeout).await;
    let offer = offer.map_err(|error| Failure::Untold(error.to_string()))?;
    report.lacks_echo = !offer.echo;
    let at_once = usize::from(arguments.jobs);
    conformance::run(door, offer, cases, arguments.patience, at_once, |end| report.case(&end)).await;
    Ok(())
}

/// Tells of a run, and adds up.
struct Report<'a> {
    format: Format,
    aim: &'a Aim,
    planned: usize,
    counts: Counts,
    broken: Vec<&'static str>,
    lacks_echo: bool,
    unwritten: Option<Failure>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum News<'a> {
    Header { schema: u32, version: &'a str, target: &'a str, server: Option<&'a str>, cases: usize },
    End { counts: Counts, exit_code: u8, reason: &'a str },
}

impl<'a> Report<'a> {
    fn new(format: Format, aim: &'a Aim, planned: usize) -> Self {
        let counts = Counts { not_run: planned, ..Counts::default() };
        Self { format, aim, planned, counts, broken: Vec::new(), lacks_echo: false, unwritten: None }
    }

    fn server(&self) -> Option<&'a str> {
        self.aim.server.as_deref()
    }

    fn begin(&self) -> Result<(), Failure> {
        let version = env!("CARGO_PKG_VERSION");
        let (target, cases) = (self.aim.name.as_str(), self.planned);
        match self.format {
            Format::Text => super::write_result(&format!("hubproof {version}: conformance of {target}\n")),
            Format::Json => line(&News::Header { schema: SCHEMA, version, target, server: self.server(), cases }),
        }
    }

    fn case(&mut self, end: &Ended) {
        self.counts.not_run = self.counts.not_run.saturating_sub(1);
        self.counts.add(end, self.server());
        if Standing::of(end, self.server()).word == "broken" {
            self.broken.push(end.case.id);
        }
        let text = match self.format {
            Format::Text => Ok(told::text(end, self.server())),
            Format::Json => told::json(end, self.server()).map_err(|error| Failure::Fault(error.to_string())),
        };
        if let Err(failure) = text.and_then(|text| super::write_result(&text)) {
            self.unwritten.get_or_insert(failure);
        }
    }

    /// The last lines, and the exit code.
    fn end(self, cases: &[&'static Case]) -> Result<u8, Failure> {
        if let Some(failure) = self.unwritten {
            return Err(failure);
        }
        let tested = self.counts.held + self.counts.broken + self.counts.known;
        let (exit_code, word, reason) = if !self.broken.is_empty() {
            (exit::BROKEN, "broken", self.broken.join(", "))
        } else if self.counts.not_run > 0 {
            (exit::UNTOLD, "could not tell", "the run was interrupted".to_owned())
        } else if self.counts.untold > 0 {
            (exit::UNTOLD, "could not tell", "the target could not be reached any more".to_owned())
        } else if self.lacks_echo && cases.iter().any(|case| case.needs.contains(&conformance::Need::Echo)) {
            let reason = "the target lacks the echo events: `message` was not answered with `message-back`";
            (exit::UNTOLD, "could not tell", reason.to_owned())
        } else if tested == 0 {
            (exit::UNTOLD, "could not tell", "no case could be tested".to_owned())
        } else {
            (exit::HELD, "pass", "every case that was tested held".to_owned())
        };
        match self.format {
            Format::Json => line(&News::End { counts: self.counts, exit_code, reason: &reason })?,
            Format::Text => {
                let (planned, counts, again) = (self.planned, self.counts, &self.aim.again);
                let noun = if planned == 1 { "case" } else { "cases" };
                super::write_result(&format!("\n{planned} {noun}: {counts}\n{word}: {reason}\n"))?;
                if !self.broken.is_empty() {
                    let broken = self.broken.join(" ");
                    super::write_result(&format!("again: hubproof conformance{again} {broken}\n"))?;
                }
            }
        }
        Ok(exit_code)
    }
}

fn line(news: &News<'_>) -> Result<(), Failure> {
    let line = serde_json::to_string(news).map_err(|error| Failure::Fault(error.to_string()))?;
    super::write_result(&format!("{line}\n"))
}
