//! `hubproof load`: thousands of plugins and an open stream of calls against one hub.
//!
//! - `scenario`: the options that say what the run is; `aim`: those that say which hub is under load.
//! - `outputs`: where the figures go; `told`: who is told while the run goes on, and at its end.
//! - `merge`: several runs as one.
//! - `again`: the command line that makes a run again.

mod again;
mod aim;
mod merge;
mod outputs;
mod scenario;
mod told;

use tokio::runtime::Builder;

use super::{Failure, Interruption};
use crate::load::machine;
use crate::load::profile::Profile;
use crate::load::profile::reading::{self, ProfileError, Sources};
use crate::load::run::{self, RunError, Setup};
use crate::report::summary::exit;
use outputs::Outputs;
use told::Told;

/// Put a hub under load: thousands of plugins that answer, calls at a rate that waits for nobody, and figures that say whether
/// they can be believed. Without --target it is the built-in hub, in a process of its own.
#[derive(Debug, clap::Args)]
#[command(next_line_help = false, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// What to run: a file in TOML (what has a slash or ends in .toml), or a ready-made scenario; without one, 100 plugins and
    /// 100 calls a second for ten seconds.
    #[arg(value_name = "SCENARIO")]
    scenario: Option<String>,
    /// Nothing: what stands behind the scenario is told apart from a subcommand by this.
    #[arg(hide = true)]
    more: Vec<String>,
    /// List the ready-made scenarios instead of running one.
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    wishes: scenario::Wishes,
    #[command(flatten)]
    aim: aim::Aim,
    #[command(flatten)]
    running: outputs::Running,
    #[command(flatten)]
    outputs: outputs::Files,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = Format::Text, help_heading = "Where the figures go")]
    format: Format,
}

const EXIT_CODES: &str = "\
Exit codes:
  0   every threshold held, and nothing was lost, crossed or broken
  1   a threshold was crossed, a guarantee is broken, or fewer plugins connected than asked
  2   the command line, the scenario or an output is wrong
  3   could not tell: the target or this machine cannot hold the run, the harness was the
      bottleneck (INVALID), or the run was interrupted
  70  a fault in hubproof itself";

#[derive(Debug, clap::Subcommand)]
enum Command {
    Merge(merge::Arguments),
}

/// What goes to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The figures, for people.
    Text,
    /// The report, as JSON.
    Json,
    /// A line of JSON for each second.
    Ndjson,
}

/// Makes the run.
///
/// # Errors
/// [`Failure`] where nothing could be run; what was run is in the exit code.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    if let Some(Command::Merge(merge)) = &arguments.command {
        return merge::run(merge);
    }
    if let Some(more) = arguments.more.first() {
        return Err(Failure::Usage(format!("one scenario makes a run: '{more}' is one more")));
    }
    if arguments.list {
        return list();
    }
    let profile = profile(arguments)?;
    let target = arguments.aim.target(&profile)?;
    let outputs = Outputs::open(&arguments.outputs, arguments.running.ndjson.as_deref())?;
    let prepared = machine::prepare(&profile, &target, &arguments.aim.local_address);
    let prepared = prepared.map_err(|error| Failure::Untold(error.to_string()))?;
    let program = std::env::current_exe().map_err(|error| {
        Failure::Untold(format!("this program cannot be found, to serve the built-in hub: {error}"))
    })?;
    let command = arguments.again(profile.seed);
    super::in_runtime(Builder::new_current_thread(), async {
        let mut interruption = Interruption::awaited()?;
        let mut told = Told::new(arguments.format, outputs, arguments.running.metrics_listen)?;
        let setup = Setup { profile, target, prepared, command, program };
        let report = run::run(setup, &mut told, interruption.came()).await.map_err(|error| failure(&error))?;
        told.ended(&report)
    })
}

fn failure(error: &RunError) -> Failure {
    match error {
        RunError::Address(_) => Failure::Usage(error.to_string()),
        RunError::BrokeDown => Failure::Fault(error.to_string()),
        _ => Failure::Untold(error.to_string()),
    }
}

impl Arguments {
    /// The command that makes the same run again.
    fn again(&self, seed: u64) -> String {
        let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        let from_anywhere = [("--target", &self.aim.target), ("--control", &self.aim.control)];
        let told: Vec<(&str, &str)> =
            from_anywhere.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        again::again(&words, &told, seed)
    }
}

fn list() -> Result<u8, Failure> {
    // They are hubproof's own.
    let all = reading::ready_made().map_err(|error| Failure::Fault(error.to_string()))?;
    let width = all.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let lines = all.iter().map(|(name, description)| format!("{name:width$}  {description}\n"));
    super::write_result(&lines.collect::<String>())?;
    Ok(exit::HELD)
}

/// The profile that the command line asks for.
fn profile(arguments: &Arguments) -> Result<Profile, Failure> {
    let wrong = |error: ProfileError| Failure::Usage(error.to_string());
    let sources = arguments.scenario.as_deref().map(Sources::of).transpose().map_err(wrong)?.unwrap_or_default();
    sources.profile(arguments.wishes.raw()?).map_err(wrong)
}
