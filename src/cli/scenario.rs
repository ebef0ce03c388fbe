//! `hubproof scenario`: runs one scenario, to be looked at.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::rc::Rc;

use tokio::runtime::Builder;

use super::check::aim::Aim;
use super::check::start::Process;
use super::check::target::Target;
use super::check::{again, choice, described};
use super::{Failure, Interruption};
use crate::event::Sight;
use crate::gherkin::{self, Case, runner};
use crate::live::Paced;
use crate::report::{Header, ScenarioEnd, Single};

/// How many times as fast as documented a scenario runs that is watched.
const SPEED: f64 = 10.0;

/// Run one scenario, and show its transcript and its verdicts.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Which one, such as CORR-4.2; 'hubproof check --list' shows all there are.
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// Show each line of the transcript as its event comes, slowly enough to follow.
    #[arg(long)]
    watch: bool,
    /// How many documented seconds pass in a real one while it is watched, 1 to 1000 [default: 10].
    #[arg(long, value_name = "FACTOR", value_parser = speed, requires = "watch", allow_negative_numbers = true)]
    speed: Option<f64>,
    #[command(flatten)]
    aim: Aim,
    /// Let hardening gate as well, and a transcript that differs from the recorded one.
    #[arg(long)]
    strict: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (1.0..=1000.0).contains(&speed) => Ok(speed),
        _ => Err("it must be a number from 1 to 1000".to_owned()),
    }
}

/// Whether these words give a time scale: what the environment says of it is not meant for watching.
fn gives_time_scale(mut words: impl Iterator<Item = OsString>) -> bool {
    words.any(|word| {
        let word = word.to_string_lossy();
        word == "--time-scale" || word.starts_with("--time-scale=")
    })
}

/// Runs the scenario.
///
/// # Errors
/// [`Failure`] where it could not be run; how it ended is in the exit code.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    if arguments.speed.is_some() && gives_time_scale(std::env::args_os()) {
        return Err(Failure::Usage("--speed cannot be used with --time-scale: both say how fast it is".to_owned()));
    }
    let all = choice::all(&arguments.aim)?;
    let meant = choice::meant(&arguments.address, &all)?;
    let [address] = meant.as_slice() else {
        let (given, addresses) = (&arguments.address, meant.join(", "));
        return Err(Failure::Usage(format!("{given} has more than one scenario: choose one of {addresses}")));
    };
    let mut cases = all;
    cases.retain(|case| case.address == *address);
    if choice::has_own(&arguments.aim) {
        gherkin::check_steps(&cases).map_err(|error| choice::own(&error))?;
    }
    // One thread, so that whatever keeps a run waiting is seen by what measures the harness's own lateness.
    super::in_runtime(Builder::new_current_thread(), async {
        let mut interruption = Interruption::awaited()?;
        let started = Process::start(&arguments.aim)?;
        let done = tokio::select! {
            done = shown(arguments, &cases, started.as_ref()) => done,
            () = interruption.came() => Err(Failure::Untold("interrupted before the scenario's end".to_owned())),
        };
        if let Some(started) = started {
            started.end().await;
        }
        done
    })
}

async fn shown(arguments: &Arguments, cases: &[Case], started: Option<&Rc<Process>>) -> Result<u8, Failure> {
    let aim = &arguments.aim;
    let mut target = Target::of(aim, aim.seed, started);
    let speed = arguments.speed.unwrap_or(SPEED);
    if arguments.watch && !gives_time_scale(std::env::args_os()) {
        target.slow_down(1.0 / speed);
    }
    let header = Header {
        version: env!("CARGO_PKG_VERSION"),
        mode: target.mode(),
        target: described(&target, started).await?,
        variant: aim.variant.clone(),
        seed: aim.seed,
        time_scale: target.scale(),
        strict: arguments.strict,
        scenarios: 1,
        runs: 1,
    };
    let width = || {
        let size = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
        size.map(|(width, _)| usize::from(width.0))
    };
    let target = Rc::new(target);
    let report = Rc::new(RefCell::new(Single::new(anstream::stdout(), Box::new(width))));
    for case in cases {
        let steps: Vec<String> = case.steps().map(|step| format!("{} {}", step.keyword.trim(), step.value)).collect();
        let title = format!("{} {}", case.address, case.title);
        report.borrow_mut().begins(&header, &title, &case.place, &steps);
    }
    let ended: Rc<RefCell<Option<ScenarioEnd>>> = Rc::default();
    let (kept, watching) = (Rc::clone(&ended), Rc::clone(&report));
    let again = again::again(aim, arguments.strict, aim.seed);
    let paced = (arguments.watch && aim.sim).then_some(speed);
    let run = gherkin::Run {
        open: Box::new(move || {
            let target = Rc::clone(&target);
            Box::pin(async move {
                let driver = target.open().await?;
                Ok(match paced {
                    Some(speed) => Box::new(Paced::new(driver, speed)),
                    None => driver,
                })
            }) as runner::Opening
        }),
        at_once: 1,
        own: aim.target.is_none() && aim.variant.is_none() && !choice::has_own(aim),
        again: Box::new(move |case| format!("{again} {}", case.address)),
        ended: Box::new(move |end, _| *kept.borrow_mut() = Some(end)),
        enough: Box::new(|_| false),
        watcher: arguments.watch.then(|| {
            let make = move || {
                let report = Rc::clone(&watching);
                Box::new(move |sight: &Sight<'_>| report.borrow_mut().see(sight)) as crate::event::Watcher
            };
            Box::new(make) as Box<dyn Fn() -> crate::event::Watcher>
        }),
    };
    gherkin::run(cases, run).await?;
    let end = ended.borrow_mut().take();
    let end = end.ok_or_else(|| Failure::Fault("the scenario never ended".to_owned()))?;
    Ok(report.borrow_mut().ends(&end, arguments.strict))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_command_line_gives_a_time_scale_for_watching() {
        let cases = [
            ("hubproof scenario CORR-1.1 --watch", false),
            ("hubproof scenario CORR-1.1 --watch --time-scale 0.5", true),
            ("hubproof scenario CORR-1.1 --time-scale=0.5 --watch", true),
        ];
        for (line, expected) in cases {
            assert_eq!(gives_time_scale(line.split(' ').map(OsString::from)), expected, "{line}");
        }
    }
}
