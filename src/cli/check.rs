//! `hubproof check`: runs the scenarios against a target and says what it keeps.

use std::cell::RefCell;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::hub::variant_names;
use super::{Failure, Interruption};
use crate::contract::guarantee::GuaranteeId;
use crate::gherkin::{self, Case, Choice, Tags, features, runner};
use crate::hub::{HubConfig, Variant};
use crate::live::{LiveDriver, Remote};
use crate::report::summary::exit;
use crate::report::{Console, Header, Listener, Mode, ScenarioEnd, Summary};
use crate::sim::SimDriver;
use crate::stage::{Driver, Halt, Stage};

/// Run the scenarios against the built-in hub, or a target of your own, and say which guarantees it keeps.
#[derive(Debug, clap::Args)]
#[command(next_line_help = false)]
pub struct Arguments {
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

/// Scenarios of the built-in hub over real sockets that run at once: most of them wait most of the time.
const AT_ONCE: usize = 4;

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
    let all = features::embedded()?;
    let choice = choice(arguments, &all)?;
    let cases: Vec<Case> = all.into_iter().filter(|case| choice.takes(case)).collect();
    if cases.is_empty() {
        return Err(Failure::NothingSelected(
            "no scenario fits: 'hubproof check --list' shows all there are".to_owned(),
        ));
    }
    if arguments.list {
        super::write_result(&list(&cases))?;
        return Ok(exit::HELD);
    }
    if let Some(folder) = &arguments.transcripts {
        std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    }
    super::in_runtime(check(arguments, &cases))
}

fn choice(arguments: &Arguments, all: &[Case]) -> Result<Choice, Failure> {
    let mut choice = Choice {
        names: arguments.name.clone(),
        tags: arguments.tags.clone(),
        guarantees: arguments.guarantee.clone(),
        addresses: Vec::new(),
    };
    for given in &arguments.addresses {
        let of = |case: &&Case| {
            case.address.eq_ignore_ascii_case(given) || case.judges.to_string().eq_ignore_ascii_case(given)
        };
        let meant: Vec<String> = all.iter().filter(of).map(|case| case.address.clone()).collect();
        if meant.is_empty() {
            let area = given.split('-').next().unwrap_or_default().to_uppercase();
            let near: Vec<&str> = all
                .iter()
                .map(|case| case.address.as_str())
                .filter(|address| address.starts_with(&format!("{area}-")))
                .collect();
            let hint = if near.is_empty() {
                "'hubproof check --list' shows all there are".to_owned()
            } else {
                format!("there are {}", near.join(", "))
            };
            return Err(Failure::NothingSelected(format!("no scenario has the address '{given}': {hint}")));
        }
        choice.addresses.extend(meant);
    }
    Ok(choice)
}

fn list(cases: &[Case]) -> String {
    let line = |case: &Case| {
        let level = case.judges.guarantee().map_or("", |row| row.level.name());
        format!("{:<9} {level:<11} {}\n", case.address, case.title)
    };
    cases.iter().map(line).collect()
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
    let again = again(arguments);
    let run = gherkin::Run {
        open: Box::new(move || {
            let target = Rc::clone(&opened);
            Box::pin(async move { target.driver() }) as runner::Opening
        }),
        at_once: target.at_once(),
        own: arguments.target.is_none() && arguments.variant.is_none(),
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

/// What the scenarios are run against.
enum Target {
    Sim(HubConfig),
    Live(HubConfig, f64),
    Remote(Remote),
}

impl Target {
    fn of(arguments: &Arguments) -> Self {
        let flaws = arguments.variant.as_deref().and_then(Variant::named).map(Variant::flaws).unwrap_or_default();
        let config = HubConfig { seed: arguments.seed, flaws, ..HubConfig::default() };
        match (&arguments.target, &arguments.control) {
            (Some(url), Some(control)) => Self::Remote(Remote {
                url: url.clone(),
                socket_io_path: Some(arguments.socket_path.clone()),
                control: control.clone(),
                token: arguments.control_token.clone(),
                scale: arguments.time_scale.unwrap_or(0.1),
            }),
            _ if arguments.sim => Self::Sim(config),
            _ => Self::Live(config, arguments.time_scale.unwrap_or(0.01)),
        }
    }

    fn mode(&self) -> Mode {
        match self {
            Self::Sim(_) => Mode::Sim,
            Self::Live(..) => Mode::Live,
            Self::Remote(remote) => Mode::Remote { url: remote.url.clone(), control: remote.control.clone() },
        }
    }

    const fn scale(&self) -> f64 {
        match self {
            Self::Sim(_) => 1.0,
            Self::Live(_, scale) => *scale,
            Self::Remote(remote) => remote.scale,
        }
    }

    /// A target that is not ours is one for all scenarios, and virtual time is one clock.
    const fn at_once(&self) -> usize {
        match self {
            Self::Live(..) => AT_ONCE,
            Self::Sim(_) | Self::Remote(_) => 1,
        }
    }

    fn driver(&self) -> Result<Box<dyn Driver>, Halt> {
        let trouble = |error: &dyn std::fmt::Display| Halt::Trouble(error.to_string());
        Ok(match self {
            Self::Sim(config) => Box::new(SimDriver::new(config.clone())),
            Self::Live(config, scale) => {
                Box::new(LiveDriver::own_hub(config.clone(), *scale).map_err(|error| trouble(&error))?)
            }
            Self::Remote(remote) => Box::new(LiveDriver::remote(remote.clone()).map_err(|error| trouble(&error))?),
        })
    }

    /// What the target calls itself; a remote one is asked, and its Socket.IO server is tried, so that what cannot be
    /// tested is said once.
    async fn describe(&self) -> Result<String, Failure> {
        let Self::Remote(remote) = self else {
            return Ok("the built-in reference hub".to_owned());
        };
        let driver = LiveDriver::remote(remote.clone()).map_err(|error| Failure::Usage(error.to_string()))?;
        let at = |halt| Failure::Untold(format!("{halt} (control API: {})", remote.control));
        let mut stage = Stage::open(Box::new(driver)).await.map_err(at)?;
        stage.knock().await?;
        let description = stage.description();
        Ok(format!("{} {}", description.name, description.version))
    }
}

/// The command that runs the same again, but for the address.
fn again(arguments: &Arguments) -> String {
    let mut words = vec!["hubproof check".to_owned()];
    if arguments.sim {
        words.push("--sim".to_owned());
    }
    let texts = [
        ("--target", arguments.target.clone()),
        ("--control", arguments.control.clone()),
        ("--socket-path", Some(arguments.socket_path.clone()).filter(|path| path != "/socket.io/")),
        ("--variant", arguments.variant.clone()),
        ("--time-scale", arguments.time_scale.map(|scale| scale.to_string())),
    ];
    words.extend(texts.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", quoted(&value?)))));
    if arguments.target.is_some() && arguments.control_token.is_some() {
        // The token itself is a secret.
        words.push("--control-token \"$HUBPROOF_CONTROL_TOKEN\"".to_owned());
    }
    if arguments.strict {
        words.push("--strict".to_owned());
    }
    words.push(format!("--seed {}", arguments.seed));
    words.join(" ")
}

/// A word for the shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_for_the_shell_where_it_has_to_be() {
        assert_eq!(quoted("http://127.0.0.1:8000/a"), "http://127.0.0.1:8000/a");
        assert_eq!(quoted("http://a/?x=it's"), r"'http://a/?x=it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
