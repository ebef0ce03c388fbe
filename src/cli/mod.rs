//! The command line: arguments in, exit code out; one file per command.
//!
//! - [`check`]: runs the scenarios against a target and says what it keeps.
//! - [`hub`]: serves the reference hub.
//! - [`vinted`]: serves the fake Vinted.
//! - [`scenario`]: runs one scenario, to be looked at.
//! - [`call`]: has a target make one call.
//! - [`plugin`]: connects fake plugins to any hub.
//! - [`guarantees`]: prints the catalogue.
//! - [`variants`]: runs hubs that are broken on purpose.
//! - [`conformance`]: runs the protocols' own cases against any server that echoes.
//! - [`load`]: puts a hub under load.
//! - [`failure`]: errors that end a command before its work, with their exit codes.

pub mod call;
pub mod check;
pub mod conformance;
pub mod failure;
pub mod guarantees;
pub mod hub;
pub mod load;
pub mod plugin;
pub mod scenario;
pub mod variants;
pub mod vinted;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use serde_json::Value;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::contract::user::UserId;
use crate::hub::config::LONGEST_TIMEOUT;

pub use failure::Failure;

const EXIT_CODES: &str = "\
Exit codes:
  0   everything that was tested held
  1   a guarantee that gates is broken, or a threshold is crossed
  2   the command line or the configuration is wrong
  3   could not tell: the target cannot be reached, or the run was incomplete
  4   nothing was selected
  70  a fault in hubproof itself";

/// Checks that a hub which asks browser plugins questions over Socket.IO keeps its promises.
#[derive(Debug, Parser)]
#[command(name = "hubproof", version, after_help = EXIT_CODES, max_term_width = 100)]
struct Arguments {
    /// Whether to use colours; `auto` does at a terminal, unless `NO_COLOR` is set.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(Box<check::Arguments>),
    Hub(hub::Arguments),
    Vinted(vinted::Arguments),
    Plugin(Box<plugin::Arguments>),
    Call(call::Arguments),
    Scenario(Box<scenario::Arguments>),
    Guarantees(guarantees::Arguments),
    Variants(variants::Arguments),
    Conformance(conformance::Arguments),
    Load(Box<load::Arguments>),
}

/// Does what the process's arguments say.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match arguments(std::env::args_os().collect()) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are asked for; anything else is a usage error. A reader who has left is no matter.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(crate::report::summary::exit::USAGE));
        }
    };
    match arguments.color {
        ColorChoice::Auto => {}
        ColorChoice::Always => anstream::ColorChoice::Always.write_global(),
        ColorChoice::Never => anstream::ColorChoice::Never.write_global(),
    }
    let done = match arguments.command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Hub(arguments) => hub::run(&arguments),
        Command::Vinted(arguments) => vinted::run(&arguments),
        Command::Plugin(arguments) => plugin::run(&arguments),
        Command::Call(arguments) => call::run(&arguments),
        Command::Scenario(arguments) => scenario::run(&arguments),
        Command::Guarantees(arguments) => guarantees::run(&arguments),
        Command::Variants(arguments) => variants::run(&arguments),
        Command::Conformance(arguments) => conformance::run(&arguments),
        Command::Load(arguments) => load::run(&arguments),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            // The exit code tells it too, if nobody reads this.
            let _ = writeln!(anstream::stderr(), "hubproof: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

/// What of a target the environment can say, by command.
const FROM_ENVIRONMENT: [(&str, &[&str]); 3] = [
    ("check", &["target", "control", "control_token", "time_scale"]),
    ("scenario", &["target", "control", "control_token", "time_scale"]),
    ("load", &["target", "control", "control_token"]),
];

/// Reads the command line. What the environment says of a target gives way to a command line that names another.
fn arguments(words: Vec<OsString>) -> Result<Arguments, clap::Error> {
    let with_environment = Arguments::try_parse_from(&words);
    let Err(error) = &with_environment else { return with_environment };
    if error.kind() != ErrorKind::ArgumentConflict {
        return with_environment;
    }
    let without = FROM_ENVIRONMENT.iter().fold(Arguments::command(), |all, (command, names)| {
        all.mut_subcommand(command, |command| {
            names.iter().fold(command, |command, name| command.mut_arg(name, |arg| arg.env(Resettable::Reset)))
        })
    });
    let read = without.try_get_matches_from(words).and_then(|matches| Arguments::from_arg_matches(&matches));
    read.or(with_environment)
}

/// Reads a seed.
fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("it must be a whole number from 0 to {}", u64::MAX))
}

/// Reads a user's id: a number if it is one, else a text.
fn user(text: &str) -> Result<UserId, String> {
    let value = text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from);
    UserId::from_value(&value).map_err(|error| error.to_string())
}

/// Reads a duration in seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    let most = LONGEST_TIMEOUT.as_secs_f64();
    let seconds = text.parse().ok().filter(|seconds| (0.0..=most).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| format!("it must be a number of seconds from 0 to {most}"))
}

/// Reads a duration in seconds that is not nothing.
fn some_seconds(text: &str) -> Result<Duration, String> {
    let most = LONGEST_TIMEOUT.as_secs_f64();
    let least = Duration::from_millis(1);
    let given = seconds(text).ok().filter(|given| *given >= least);
    given.ok_or_else(|| format!("it must be a number of seconds from 0.001 to {most}"))
}

/// Writes a result. A reader who has seen enough is no error; a full disk is.
fn write_result(text: &str) -> Result<(), Failure> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Usage(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Does the work of a command that talks to the outside, in this runtime.
fn in_runtime(mut runtime: Builder, work: impl Future<Output = Result<u8, Failure>>) -> Result<u8, Failure> {
    let runtime = runtime.enable_all().build().map_err(|error| Failure::Fault(format!("no runtime: {error}")))?;
    let done = runtime.block_on(work);
    // A look-up of a host's name cannot be stopped, and is not waited for.
    runtime.shutdown_background();
    done
}

/// The wish of the user (Ctrl-C) or of the system (SIGTERM) that the process end.
struct Interruption {
    by_user: Signal,
    by_system: Signal,
}

impl Interruption {
    /// From here on neither ends the process by itself. Needs a tokio runtime.
    fn awaited() -> Result<Self, Failure> {
        let of = |kind| signal(kind).map_err(|error| Failure::Fault(format!("signals cannot be awaited: {error}")));
        Ok(Self { by_user: of(SignalKind::interrupt())?, by_system: of(SignalKind::terminate())? })
    }

    /// Resolves when it has come.
    async fn came(&mut self) {
        tokio::select! {
            _ = self.by_user.recv() => {}
            _ = self.by_system.recv() => {}
        }
    }
}
