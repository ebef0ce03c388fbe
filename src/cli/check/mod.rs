//! `hubproof check`: runs the scenarios against a target and says what it keeps.
//!
//! - [`choice`]: which scenarios there are, and which of them are meant.
//! - [`target`]: what they are run against.
//! - [`again`]: the command line that shows a result again.

mod again;
mod choice;
mod target;

use std::cell::RefCell;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::hub::variant_names;
use super::{Failure, Interruption};
use crate::contract::guarantee::GuaranteeId;
use crate::gherkin::{self, Case, Tags, runner};
use crate::report::summary::exit;
use crate::report::{Console, Header, Listener, ScenarioEnd, Summary};
use target::Target;

/// Run the scenarios against the built-in hub, or a target of your own, and say which guarantees it keeps.
#[derive(Debug, clap::Args)]
#[command(next_line_help = false)]
pub struct Arguments {
    /// Features of your own, instead of the built-in ones: every `*.feature` below this folder.
    #[arg(long, value_name = "DIR")]
    features: Option<PathBuf>,
    /// Only these scenarios (CORR-4.2), or all that judge these guarantees (CORR-4).
    #[arg(value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// The built-in hub in virtual time, instead of over real sockets.
    #[arg(long, conflicts_with_all = ["target", "time_scale"])]
    sim: bool,
    /// A hub of your own: where its Socket.IO server is, such as `http://127.0.0.1:8000`.
    #[arg(long, env = "HUBPROOF_TARGET", value_name = "URL", requires = "control", conflicts_with = "variant")]
    target: Option<String>,
    /// Where that hub offers the control API, such as `http://127.0.0.1:8000/hubproof/v1`.
    #[arg(long, env = "HUBPROOF_CONTROL", value_name = "URL", requires = "target")]
    control: Option<String>,
    /// What the control API of that hub wants as `Authorization: Bearer …`.
    #[arg(long, env = "HUBPROOF_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    control_token: Option<String>,
    /// The path of Socket.IO at the target.
    #[arg(long, value_name = "PATH", default_value = "/socket.io/", requires = "target")]
    socket_path: String,
    /// A built-in hub that is broken on purpose.
    #[arg(long, value_name = "NAME", value_parser = variant_names(), hide_possible_values = true)]
    variant: Option<String>,
    /// Only scenarios whose title contains this; may be given several times.
    #[arg(long, value_name = "TEXT")]
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
    /// The seed of everything that is drawn.
    #[arg(long, env = "HUBPROOF_SEED", default_value_t = 1, value_parser = super::seed, allow_negative_numbers = true)]
    seed: u64,
    /// Let hardening gate as well, and transcripts that differ from the recorded ones.
    #[arg(long)]
    strict: bool,
    /// Real seconds for a documented one [default: 0.01 for the built-in hub, 0.1 for a target].
    #[arg(long, env = "HUBPROOF_TIME_SCALE", value_name = "FACTOR", value_parser = time_scale, allow_negative_numbers = true)]
    time_scale: Option<f64>,
    /// Write each scenario's transcript to this folder.
    #[arg(long, value_name = "DIR")]
    transcripts: Option<PathBuf>,
}

fn time_scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if (0.001..=1.0).contains(&scale) => Ok(scale),
        _ => Err("it must be a number from 0.001 to 1".to_owned()),
    }
}

/// Runs the scenarios.
///
/// # Errors
/// [`Failure`] where nothing could be run; what was run is in the exit code.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let all = choice::all(arguments)?;
    let chosen = choice::choice(arguments, &all)?;
    let cases: Vec<Case> = all.into_iter().filter(|case| chosen.takes(case)).collect();
    if cases.is_empty() {
        return Err(Failure::NothingSelected(
            "no scenario fits: 'hubproof check --list' shows all there are".to_owned(),
        ));
    }
    if arguments.features.is_some() {
        gherkin::check_steps(&cases).map_err(|error| choice::own(&error))?;
    }
    if arguments.list {
        super::write_result(&choice::list(&cases))?;
        return Ok(exit::HELD);
    }
    if let Some(folder) = &arguments.transcripts {
        std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    }
    super::in_runtime(check(arguments, &cases))
}

async fn check(arguments: &Arguments, cases: &[Case]) -> Result<u8, Failure> {
    let mut interruption = Interruption::awaited()?;
    let target = Rc::new(Target::of(arguments));
    let described = tokio::select! {
        described = target.describe() => described?,
        () = interruption.came() => return Err(Failure::Untold("interrupted before the first scenario".to_owned())),
    };
    let header = Header {
        version: env!("CARGO_PKG_VERSION"),
        mode: target.mode(),
        target: described,
        variant: arguments.variant.clone(),
        seed: arguments.seed,
        time_scale: target.scale(),
        strict: arguments.strict,
        scenarios: cases.len(),
    };
    let width = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    let console = Console::new(anstream::stdout(), width.map(|(width, _)| usize::from(width.0)));
    let told = Rc::new(RefCell::new(Told { console, summary: Summary::default(), ended: 0, unwritten: None }));
    told.borrow_mut().console.begins(&header);
    let listener = Rc::clone(&told);
    let (strict, folder) = (arguments.strict, arguments.transcripts.clone());
    let opened = Rc::clone(&target);
    let again = again::again(arguments);
    let run = gherkin::Run {
        open: Box::new(move || {
            let target = Rc::clone(&opened);
            Box::pin(async move { target.driver() }) as runner::Opening
        }),
        at_once: target.at_once(),
        own: arguments.target.is_none() && arguments.variant.is_none() && arguments.features.is_none(),
        again: Box::new(move |case| format!("{again} {}", case.address)),
        ended: Box::new(move |end, _| listener.borrow_mut().take(&end, strict, folder.as_deref())),
    };
    let interrupted = tokio::select! {
        done = gherkin::run(cases, run) => {
            done?;
            false
        }
        () = interruption.came() => true,
    };
    let mut told = told.borrow_mut();
    let mut conclusion = told.summary.conclude(strict);
    if interrupted || told.ended < cases.len() {
        let why = if interrupted { "interrupted" } else { "incomplete" };
        let reason = format!("{why} after {} of {} scenarios", told.ended, cases.len());
        if conclusion.exit_code == exit::HELD || conclusion.exit_code == exit::UNTOLD {
            conclusion.exit_code = exit::UNTOLD;
            conclusion.reason = reason;
        } else {
            conclusion.reason = format!("{} ({reason})", conclusion.reason);
        }
    }
    told.console.ends(&conclusion);
    told.unwritten.take().map_or(Ok(conclusion.exit_code), Err)
}

/// Who listens to the run.
struct Told<W: Write> {
    console: Console<W>,
    summary: Summary,
    ended: usize,
    /// A transcript that could not be written.
    unwritten: Option<Failure>,
}

impl<W: Write> Told<W> {
    fn take(&mut self, end: &ScenarioEnd, strict: bool, folder: Option<&Path>) {
        self.ended += 1;
        self.summary.add(end, strict);
        self.console.scenario(end);
        if let Some(folder) = folder {
            let path = folder.join(format!("{}.txt", end.address));
            if let Err(error) = std::fs::write(&path, end.transcript.text()) {
                self.unwritten.get_or_insert_with(|| cannot_write(&path, &error));
            }
        }
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("cannot write {}: {error}", path.display()))
}
