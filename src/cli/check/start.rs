//! A target that hubproof starts itself (`--start`).

use std::rc::Rc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::target::Target;
use crate::cli::Failure;
use crate::live::Started;
use crate::stage::Halt;

/// How often a target is tried that does not answer yet.
const PAUSE: Duration = Duration::from_millis(50);

/// Starts a target.
///
/// # Errors
/// [`Failure::Usage`] if there is no shell.
pub(in crate::cli) fn start(command: &str) -> Result<Rc<Started>, Failure> {
    Started::run(command).map(Rc::new).map_err(|error| Failure::Usage(error.to_string()))
}

/// Waits until a target answers, sockets and control API both; what it calls itself.
///
/// # Errors
/// [`Failure::Untold`] if it ends before that, or takes longer than `within`.
pub(super) async fn ready(started: &Started, target: &Target, within: Duration) -> Result<String, Failure> {
    let deadline = Instant::now() + within;
    let mut last = "it was not asked yet".to_owned();
    loop {
        tokio::select! {
            biased;
            () = started.ended() => {
                let how = started.has_ended().unwrap_or_default();
                let why = format!("the command of --start ended before the target answered ({how})");
                return Err(Failure::Untold(format!("{why}; it has to stay in the foreground{}", last_lines(started))));
            }
            () = sleep_until(deadline) => {
                let why = format!("the target that --start started did not answer within {} s: {last}", within.as_secs_f64());
                return Err(Failure::Untold(format!("{why}{}", last_lines(started))));
            }
            described = target.describe() => match described {
                Err(Failure::Untold(why)) => last = why,
                done => return done,
            },
        }
        sleep(PAUSE).await;
    }
}

/// Makes sure that a target has not ended.
///
/// # Errors
/// [`Halt::Trouble`] if it has.
pub(super) fn still_there(started: &Started) -> Result<(), Halt> {
    started.has_ended().map_or(Ok(()), |how| {
        let said = started.last_lines().lines().last().map(|line| format!("; the last that it wrote: {line}"));
        Err(Halt::Trouble(format!("the command of --start has ended ({how}){}", said.unwrap_or_default())))
    })
}

/// The last lines of its output, below a reason.
fn last_lines(started: &Started) -> String {
    match started.last_lines() {
        lines if lines.is_empty() => ", and it wrote nothing".to_owned(),
        lines => format!("; the last that it wrote:\n{lines}"),
    }
}
