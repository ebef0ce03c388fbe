//! `hubproof check`: runs the scenarios against a target and says what it keeps.
//!
//! - `aim`: the options that say what is run against what.
//! - `choice`: which scenarios there are, and which of them are meant.
//! - `target`: what they are run against; `start`: a target that hubproof starts itself.
//! - `rerun`: the file of scenarios that have yet to hold.
//! - `told`: who is told, and what it all comes to.
//! - `again`: the command line that shows a result again.

pub(in crate::cli) mod again;
pub(in crate::cli) mod aim;
pub(in crate::cli) mod choice;
mod rerun;
pub(in crate::cli) mod start;
pub(in crate::cli) mod target;
mod told;

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use tokio::runtime::Builder;

use super::{Failure, Interruption};
use crate::contract::guarantee::GuaranteeId;
use crate::gherkin::{self, Case, Tags, runner};
use crate::report::summary::exit;
use crate::report::{Header, ScenarioEnd};
use aim::Aim;
use rerun::Rerun;
use start::Process;
use target::Target;
use told::Told;

/// Run the scenarios against the built-in hub, or a target of your own, and say which guarantees it keeps.
#[derive(Debug, clap::Args)]
#[command(next_line_help = false)]
pub struct Arguments {
    /// Only these scenarios (CORR-4.2), or all that judge these guarantees (CORR-4).
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<String>,
    #[command(flatten)]
    aim: Aim,
    /// Only scenarios whose title contains this; may be given several times.
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    name: Vec<String>,
    /// Only scenarios whose tags fit, such as `@interop and not @sockets`.
    #[arg(long, value_name = "EXPRESSION")]
    tags: Option<Tags>,
    /// Only scenarios that judge this guarantee; may be given several times.
    #[arg(long, value_name = "ID")]
    guarantee: Vec<GuaranteeId>,
    /// List the scenarios instead of running them.
    #[arg(long)]
    list: bool,
    /// Let hardening gate as well, and transcripts that differ from the recorded ones.
    #[arg(long)]
    strict: bool,
    /// Write each scenario's transcript to this folder; of several runs, to a folder `run-N` in it.
    #[arg(long, value_name = "DIR")]
    transcripts: Option<PathBuf>,
    /// How to tell of it: to people, or to programs as one JSON object per line.
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with = "list")]
    format: Format,
    /// How many scenarios of the built-in hub run at once over real sockets [default: 8].
    #[arg(long, value_name = "N", value_parser = jobs, allow_negative_numbers = true)]
    jobs: Option<u8>,
    /// Begin no further scenario once one has failed.
    #[arg(long, conflicts_with = "max_fail")]
    fail_fast: bool,
    /// Begin no further scenario once so many have failed.
    #[arg(long, value_name = "N", value_parser = from_one, allow_negative_numbers = true)]
    max_fail: Option<usize>,
    /// Run so many times, with the seeds from `--seed` on, and compare each run's transcripts with the first one's.
    #[arg(long, value_name = "N", value_parser = from_one, default_value = "1", allow_negative_numbers = true)]
    repeat: usize,
    /// Run only the scenarios whose addresses this file has, if it has any, and leave it those that have yet to hold.
    #[arg(long, value_name = "FILE")]
    rerun: Option<PathBuf>,
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// People.
    Text,
    /// Programs: one JSON object per line.
    Json,
}

/// Reads a number of things there has to be one of.
fn from_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "it must be a whole number from 1 on".to_owned())
}

/// Reads how many scenarios run at once.
fn jobs(text: &str) -> Result<u8, String> {
    let jobs = text.parse().ok().filter(|jobs| (1..=64).contains(jobs));
    jobs.ok_or_else(|| "it must be a whole number from 1 to 64".to_owned())
}

/// Runs the scenarios.
///
/// # Errors
/// [`Failure`] where nothing could be run; what was run is in the exit code.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let all = choice::all(&arguments.aim)?;
    let chosen = choice::choice(arguments, &all)?;
    let rerun = arguments.rerun.as_deref().map(|file| Rerun::read(file, &all)).transpose()?;
    let in_rerun = |case: &Case| rerun.as_ref().is_none_or(|rerun| rerun.takes(case));
    let nothing = choice::nothing(arguments, &all);
    let cases: Vec<Case> = all.into_iter().filter(|case| chosen.takes(case) && in_rerun(case)).collect();
    if cases.is_empty() {
        return Err(Failure::NothingSelected(nothing));
    }
    if arguments.aim.features.is_some() || arguments.aim.behaviours.is_some() {
        gherkin::check_steps(&cases).map_err(|error| choice::own(&error))?;
    }
    if arguments.list {
        super::write_result(&choice::list(&cases))?;
        return Ok(exit::HELD);
    }
    if let Some(folder) = &arguments.transcripts {
        std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    }
    let rerun = rerun.map(|rerun| rerun.kept_for(&cases)).transpose()?;
    let told = Told::new(arguments, &cases, rerun);
    // One thread, so that whatever keeps a run waiting is seen by what measures the harness's own lateness.
    super::in_runtime(Builder::new_current_thread(), check(arguments, cases, told))
}

async fn check(arguments: &Arguments, cases: Vec<Case>, told: Told) -> Result<u8, Failure> {
    let mut interruption = Interruption::awaited()?;
    let at_once = Target::of(&arguments.aim, arguments.aim.seed, None).at_once(arguments.jobs)?;
    let started = Process::start(&arguments.aim)?;
    let done = check_target(arguments, cases, told, &mut interruption, at_once, started.as_ref()).await;
    if let Some(started) = started {
        started.end().await;
    }
    done
}

async fn check_target(
    arguments: &Arguments,
    mut cases: Vec<Case>,
    told: Told,
    interruption: &mut Interruption,
    at_once: usize,
    started: Option<&Rc<Process>>,
) -> Result<u8, Failure> {
    let target = Target::of(&arguments.aim, arguments.aim.seed, started);
    let described = tokio::select! {
        described = described(&target, started) => described?,
        () = interruption.came() => return Err(Failure::Untold("interrupted before the first scenario".to_owned())),
    };
    let header = Header {
        version: env!("CARGO_PKG_VERSION"),
        mode: target.mode(),
        target: described,
        variant: arguments.aim.variant.clone(),
        seed: arguments.aim.seed,
        time_scale: target.scale(),
        strict: arguments.strict,
        scenarios: cases.len(),
        runs: arguments.repeat,
    };
    let told = Rc::new(RefCell::new(told));
    told.borrow_mut().begins(&header);
    let limit = Limit::of(arguments);
    let mut interrupted = false;
    for number in 1..=arguments.repeat {
        let seed = arguments.aim.seed.wrapping_add(number as u64 - 1);
        told.borrow_mut().run_begins(number, seed);
        let run = one_run(arguments, Target::of(&arguments.aim, seed, started), seed, at_once, &told, &limit);
        interrupted = tokio::select! {
            done = gherkin::run(&cases, run) => {
                done?;
                false
            }
            () = interruption.came() => true,
        };
        let mut told = told.borrow_mut();
        told.run_ends();
        if interrupted || limit.reached() {
            break;
        }
        told.compare_with_first_run(&mut cases);
    }
    let stopped = if interrupted { Some("interrupted".to_owned()) } else { limit.said() };
    told.borrow_mut().ends(stopped.as_deref())
}

/// What the target calls itself, once it answers.
pub(super) async fn described(target: &Target, started: Option<&Rc<Process>>) -> Result<String, Failure> {
    match started {
        Some(started) => started.ready(target).await,
        None => target.describe().await,
    }
}

/// One run of the scenarios.
fn one_run(
    arguments: &Arguments,
    target: Target,
    seed: u64,
    at_once: usize,
    told: &Rc<RefCell<Told>>,
    limit: &Rc<Limit>,
) -> gherkin::Run {
    let target = Rc::new(target);
    let again = again::again(&arguments.aim, arguments.strict, seed);
    let (told, limit) = (Rc::clone(told), Rc::clone(limit));
    gherkin::Run {
        open: Box::new(move || {
            let target = Rc::clone(&target);
            Box::pin(async move { target.open().await }) as runner::Opening
        }),
        at_once,
        own: arguments.aim.target.is_none() && arguments.aim.variant.is_none() && !choice::has_own(&arguments.aim),
        again: Box::new(move |case| format!("{again} {}", case.address)),
        ended: Box::new(move |end, _| told.borrow_mut().scenario(&end)),
        enough: Box::new(move |end| limit.counts(end)),
        watcher: None,
    }
}

/// How many failures are enough.
struct Limit {
    most: Option<usize>,
    strict: bool,
    option: String,
    seen: Cell<usize>,
}

impl Limit {
    fn of(arguments: &Arguments) -> Rc<Self> {
        let (most, option) = match arguments.max_fail {
            _ if arguments.fail_fast => (Some(1), "--fail-fast".to_owned()),
            most => (most, most.map_or_else(String::new, |most| format!("--max-fail {most}"))),
        };
        Rc::new(Self { most, strict: arguments.strict, option, seen: Cell::new(0) })
    }

    /// Takes in a scenario's end: whether it is enough.
    fn counts(&self, end: &ScenarioEnd) -> bool {
        self.seen.set(self.seen.get() + usize::from(end.fails(self.strict)));
        self.reached()
    }

    fn reached(&self) -> bool {
        self.most.is_some_and(|most| self.seen.get() >= most)
    }

    /// Why no further scenario was begun, if that is so.
    fn said(&self) -> Option<String> {
        self.reached().then(|| format!("stopped by {}", self.option))
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("cannot write {}: {error}", path.display()))
}
