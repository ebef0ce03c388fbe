//! A target that hubproof starts itself (`--start`).

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::aim::Aim;
use super::target::Target;
use crate::cli::Failure;
use crate::live::{LiveDriver, Started};
use crate::stage::Halt;

/// How often a target is tried that does not answer yet.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a target may take to end when a scenario has shut it down, before it is told so by signals too.
const TO_SHUT_DOWN: Duration = Duration::from_secs(5);

/// A target's process, which is begun anew when a scenario has shut it down (LIFE-9).
pub(in crate::cli) struct Process {
    command: String,
    /// How long it may take until it answers.
    within: Duration,
    started: RefCell<Rc<Started>>,
    shut_down: Rc<Cell<bool>>,
}

impl Process {
    /// Starts the target, if there is one to be started.
    ///
    /// # Errors
    /// [`Failure::Usage`] if there is no shell.
    pub(in crate::cli) fn start(aim: &Aim) -> Result<Option<Rc<Self>>, Failure> {
        let Some(command) = &aim.start else { return Ok(None) };
        let started = Started::run(command).map_err(|error| Failure::Usage(error.to_string()))?;
        let (within, started) = (aim.start_within, RefCell::new(Rc::new(started)));
        Ok(Some(Rc::new(Self { command: command.clone(), within, started, shut_down: Rc::default() })))
    }

    /// Ends it.
    pub(in crate::cli) async fn end(&self) {
        self.now().end().await;
    }

    /// Waits until it answers; what it calls itself.
    ///
    /// # Errors
    /// [`Failure::Untold`] if it ends before that, or takes too long.
    pub(super) async fn ready(&self, target: &Target) -> Result<String, Failure> {
        ready(&self.now(), target, self.within).await
    }

    /// Begins it anew if a scenario has shut it down.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if it does not come back.
    pub(super) async fn come_back(&self, target: &Target) -> Result<(), Halt> {
        if !self.shut_down.replace(false) {
            return Ok(());
        }
        let gone = self.now();
        // One that stays although it has shut down is ended by signals.
        timeout(TO_SHUT_DOWN, gone.ended()).await.ok();
        gone.end().await;
        let started = Started::run(&self.command).map_err(|error| Halt::Trouble(error.to_string()))?;
        self.started.replace(Rc::new(started));
        match self.ready(target).await {
            Ok(_) => Ok(()),
            Err(why) => Err(Halt::Trouble(format!("after it was shut down, {why}"))),
        }
    }

    /// Makes a driver hear what it writes, and lets it be shut down.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if it has ended.
    pub(super) fn lend(&self, driver: &mut LiveDriver) -> Result<(), Halt> {
        let started = self.now();
        still_there(&started)?;
        driver.hear(started.log());
        driver.may_shut_down(Rc::clone(&self.shut_down));
        Ok(())
    }

    fn now(&self) -> Rc<Started> {
        Rc::clone(&self.started.borrow())
    }
}

/// Waits until a target answers, sockets and control API both; what it calls itself.
///
/// # Errors
/// [`Failure::Untold`] if it ends before that, or takes longer than `within`.
async fn ready(started: &Started, target: &Target, within: Duration) -> Result<String, Failure> {
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
fn still_there(started: &Started) -> Result<(), Halt> {
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
