//! What the target writes to its log, where that can be read.

use std::time::Duration;

use super::director::Stage;
use super::halt::Halt;
use crate::contract::need::Need;
use crate::contract::text;
use crate::event::{Event, What};

impl Stage {
    /// Waits until the target's log has this many lines that name all of these.
    ///
    /// # Errors
    /// [`Halt::Needs`] if its log cannot be read, [`Halt::Unmet`] if the lines do not come.
    pub async fn log_names(&mut self, wanted: usize, names: &[String]) -> Result<(), Halt> {
        if !self.setting.facts.log {
            return Err(Halt::Needs(Need::Log));
        }
        let fits = |event: &&Event| match &event.what {
            What::Logged { line } => names.iter().all(|name| text::names(line, name)),
            _ => false,
        };
        let count = |stage: &Self| stage.events().iter().filter(fits).count();
        if self.wait(Duration::ZERO, |stage| count(stage) >= wanted).await {
            return Ok(());
        }
        let (names, got) = (names.join(", "), count(self));
        Err(Halt::unmet(format!("{wanted} lines in the target's log that name {names}"), format!("{got}")))
    }

    /// Takes in lines of the log that are still on their way: until `done`, for as long as the tolerance allows.
    pub async fn hear_out(&mut self, done: impl Fn(&[Event]) -> bool) {
        let since = self.driver.now();
        while self.setting.facts.log && !done(self.events()) {
            let until = since + self.setting.facts.tolerance + self.driver.lateness(since);
            if self.driver.now() >= until {
                return;
            }
            self.advance(until).await;
        }
    }

    pub(super) fn logged(&mut self, line: String) {
        let now = self.driver.now();
        self.record.step(now, What::Logged { line });
    }
}
