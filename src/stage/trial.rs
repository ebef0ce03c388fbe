//! What a target is put through beside calls: strangers, load and its own end.

use std::time::Duration;

use super::cast::Standing;
use super::director::Stage;
use super::driver::Effect;
use super::halt::Halt;
use crate::contract::control::{Capability, Reply, Request};
use crate::contract::need::Need;
use crate::event::{Limit, Stranger, What};

impl Stage {
    /// Lets a stranger open a connection, which stays half open (LIFE-5).
    ///
    /// # Errors
    /// [`Halt::Trouble`] if it cannot.
    pub async fn intrude(&mut self, stranger: Stranger) -> Result<(), Halt> {
        let now = self.driver.now();
        self.record.step(now, What::Intruded(stranger));
        let before = self.intruded.len();
        self.perform(Effect::Intrude(stranger));
        self.wait(Duration::ZERO, |stage| stage.intruded.len() > before).await;
        match self.intruded.get(before) {
            Some(Ok(())) => Ok(()),
            Some(Err(why)) => Err(Halt::Trouble(why.clone())),
            None => Err(Halt::Trouble("a stranger's connection did not come about".to_owned())),
        }
    }

    /// Has the target shut down (LIFE-9). It is asked nothing any more from then on.
    ///
    /// # Errors
    /// [`Halt::Needs`] if it cannot, or if others need it; [`Halt::Trouble`] if it does not answer.
    pub async fn shut_down(&mut self) -> Result<(), Halt> {
        self.need(Capability::Shutdown)?;
        if !self.setting.may_shut_down {
            return Err(Halt::Needs(Need::OwnHub));
        }
        let now = self.driver.now();
        self.down = Some(self.record.step(now, What::ShutDown));
        self.ask(Request::Shutdown).await.map(drop)
    }

    /// Waits until the target has ended every connection.
    ///
    /// # Errors
    /// [`Halt::Unmet`] if it does not.
    pub async fn all_closed(&mut self) -> Result<(), Halt> {
        let open = |stage: &Self| stage.sockets.values().filter(|record| record.standing == Standing::Open).count();
        if self.wait(Duration::ZERO, |stage| open(stage) == 0).await {
            return Ok(());
        }
        Err(Halt::unmet("every connection to be closed by the hub", format!("{} are open", open(self))))
    }

    /// Looks at the target under load: its calls in flight, once there are none or patience ends, and its memory (PERF-3).
    ///
    /// # Errors
    /// [`Halt::Needs`] if the target cannot count its calls in flight, [`Halt::Trouble`] if it does not answer as it should.
    pub async fn weigh(&mut self) -> Result<u64, Halt> {
        let until = self.driver.now() + self.setting.patience;
        let odd = |what: &str| Halt::Trouble(format!("the target answered {what} with something else"));
        let pending = loop {
            let Reply::Pending(pending) = self.ask(Request::Pending(None)).await? else {
                return Err(odd("a count of calls"));
            };
            if pending.count == 0 || self.driver.now() >= until {
                break pending.count;
            }
            self.breathe().await;
        };
        let mut rss_bytes = None;
        // The memory of this process is no target's.
        if !self.setting.own_hub && self.description.offers(Capability::Stats) {
            let Reply::Stats(stats) = self.ask(Request::Stats).await? else {
                return Err(odd("a look at its figures"));
            };
            rss_bytes = stats.rss_bytes;
        }
        let now = self.driver.now();
        self.record.step(now, What::Weighed { pending, rss_bytes });
        Ok(pending)
    }

    /// Has the target take messages of so many bytes at the most; one that does as it likes is taken as it is. Before anything
    /// connects.
    pub fn set_limit(&mut self, max_bytes: usize) {
        if self.driver.set_limit(max_bytes) {
            self.setting.facts.limit =
                self.setting.facts.limit.map(|limit| Limit { max_bytes: max_bytes as u64, ..limit });
            let now = self.driver.now();
            self.record.step(now, What::Began(self.setting.facts));
        }
    }

    /// Says what the size of a text is in words, since it follows from the target's limit.
    pub fn name_size(&mut self, characters: usize, words: &str) {
        let now = self.driver.now();
        self.record.step(now, What::Sized { characters, words: words.to_owned() });
    }

    /// The largest message of the target by its own word, in bytes, and whether a single byte can be told.
    ///
    /// # Errors
    /// [`Halt::Needs`] if it does not say so.
    pub fn limit(&self) -> Result<Limit, Halt> {
        self.setting.facts.limit.ok_or(Halt::Needs(Need::MaxBytes))
    }
}
