//! The stage: from occurrence to event, and waiting for what has to come.

use std::collections::BTreeMap;
use std::time::Duration;

use super::caller::{Asked, CallRecord};
use super::cast::{Fetching, Player, SocketRecord};
use super::driver::{AskNo, Driver, Effect, FetchNo, Occurrence, Setting};
use super::guard::Guard;
use super::halt::Halt;
use super::pulse::Pulse;
use super::record::Record;
use super::solo::Solo;
use crate::contract::control::{Capability, Description, PROTOCOL, Reply, Request, Settings};
use crate::event::{Event, EventNo, Limit, Sight, SocketId, Watcher, What};

/// How long the marketplace may take, in documented time, so that the end of a run still waits for it.
const LONGEST_FETCH: Duration = Duration::from_secs(3600);

/// One run: a driver, the plugins and calls on it, and the record of what happened.
pub struct Stage {
    pub(super) driver: Box<dyn Driver>,
    pub(super) setting: Setting,
    pub(super) record: Record,
    pub(super) description: Description,
    pub(super) players: Vec<Player>,
    pub(super) sockets: BTreeMap<SocketId, SocketRecord>,
    pub(super) calls: Vec<CallRecord>,
    pub(super) asks: BTreeMap<AskNo, Asked>,
    pub(super) next_ask: u64,
    pub(super) fetches: BTreeMap<FetchNo, Fetching>,
    pub(super) next_fetch: u64,
    /// What tabs with a replay guard have taken.
    pub(super) guard: Guard,
    pub(super) next_socket: usize,
    /// Set where plugins are alone.
    pub(super) solo: Option<Solo>,
    /// Where the target was told to shut down, if it was: it is asked nothing any more.
    pub(super) down: Option<EventNo>,
    /// What strangers came to.
    pub(super) intruded: Vec<Result<(), String>>,
    /// How plugins are late with their pongs, and how the target pings.
    pub(super) pulse: Pulse,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stage")
            .field("target", &self.description.name)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

impl Stage {
    pub(super) fn new(driver: Box<dyn Driver>, record: Record) -> Self {
        let setting = driver.setting();
        let description = Description {
            protocol: PROTOCOL,
            name: String::new(),
            version: String::new(),
            capabilities: Vec::new(),
            settings: Settings::default(),
        };
        Self {
            driver,
            setting,
            record,
            description,
            players: Vec::new(),
            sockets: BTreeMap::new(),
            calls: Vec::new(),
            asks: BTreeMap::new(),
            next_ask: 0,
            fetches: BTreeMap::new(),
            next_fetch: 0,
            guard: Guard::default(),
            next_socket: 0,
            solo: None,
            down: None,
            intruded: Vec::new(),
            pulse: Pulse::default(),
        }
    }

    /// Lets somebody watch from here on.
    pub fn watch(&mut self, watcher: Watcher) {
        self.record.watch(watcher);
    }

    /// Opens a run: asks the target who it is, and clears away what an earlier run may have left.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if the target does not answer, or speaks another version of the control API.
    pub async fn open(driver: Box<dyn Driver>) -> Result<Self, Halt> {
        let mut stage = Self::new(driver, Record::default());
        let Reply::Description(description) = stage.ask(Request::Describe).await? else {
            return Err(Halt::Trouble("the target does not say what it is".to_owned()));
        };
        if description.protocol != PROTOCOL {
            let theirs = description.protocol;
            let message = format!("the target speaks version {theirs} of the control API, hubproof speaks {PROTOCOL}");
            return Err(Halt::Trouble(message));
        }
        let grace = description.settings.grace_s.and_then(|grace| Duration::try_from_secs_f64(grace).ok());
        stage.setting.facts.grace = grace.unwrap_or(Duration::ZERO);
        stage.setting.facts.limit = description
            .settings
            .max_bytes
            .map(|max_bytes| Limit { max_bytes, exact: description.settings.counts.is_some() });
        stage.description = description;
        let now = stage.driver.now();
        stage.record.step(now, What::Began(stage.setting.facts));
        if stage.description.offers(Capability::Reset) {
            stage.ask(Request::Reset(None)).await?;
        }
        Ok(stage)
    }

    /// Whether the target still answers.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if it does not.
    pub async fn still_there(&mut self) -> Result<(), Halt> {
        if self.down.is_some() {
            return Ok(());
        }
        self.ask(Request::Describe).await.map(drop)
    }

    /// What the target says of itself.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Everything that happened so far.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        self.record.events()
    }

    /// Stops the scenario here if the target lacks something that it needs.
    ///
    /// # Errors
    /// [`Halt::Needs`] if so.
    pub fn need(&self, capability: Capability) -> Result<(), Halt> {
        if self.description.offers(capability) { Ok(()) } else { Err(Halt::Needs(capability.into())) }
    }

    /// Lets documented time pass.
    pub async fn pass(&mut self, time: Duration) {
        let until = self.driver.now() + self.scaled(time);
        while self.driver.now() < until {
            self.advance(until).await;
        }
        self.record.pass(time);
    }

    /// Waits until `done`, for as long as the patience of the run allows beyond `longest` of real time, and beyond the
    /// last thing that a plugin has planned.
    ///
    /// Returns whether it came about.
    pub(super) async fn wait(&mut self, longest: Duration, mut done: impl FnMut(&Self) -> bool) -> bool {
        let mut until = self.driver.now() + longest + self.setting.patience;
        loop {
            if done(self) {
                return true;
            }
            if let Some(planned) = self.last_plan() {
                until = until.max(planned + self.setting.patience);
            }
            if self.driver.now() >= until {
                return false;
            }
            self.advance(until).await;
        }
    }

    /// When the last thing is due that a plugin has planned.
    fn last_plan(&self) -> Option<Duration> {
        self.players.iter().filter_map(|player| player.plugin.last_deadline()).max()
    }

    /// Documented time as real time of this run.
    pub(super) fn scaled(&self, documented: Duration) -> Duration {
        documented.mul_f64(self.setting.facts.scale)
    }

    /// Ends the run in order: waits for what is still under way, counts what is left pending, and closes every socket.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if the target can no longer be asked.
    pub async fn close(&mut self) -> Result<(), Halt> {
        self.come_to_rest().await;
        if self.down.is_none() && self.description.offers(Capability::Pending) {
            self.count_pending().await?;
        }
        self.break_off().await
    }

    /// Waits until every call has ended, and plugins have nothing planned and nothing under way at the marketplace.
    pub async fn come_to_rest(&mut self) {
        for call in self.open_calls() {
            self.settled(call).await.ok();
        }
        let planned = self.players.iter().filter_map(|player| player.plugin.next_deadline()).max();
        let longest = planned.map_or(Duration::ZERO, |planned| planned.saturating_sub(self.driver.now()));
        let at_rest = |stage: &Self| {
            stage.fetches.is_empty() && stage.players.iter().all(|player| player.plugin.next_deadline().is_none())
        };
        if !self.wait(longest, at_rest).await && !self.fetches.is_empty() {
            self.wait(self.scaled(LONGEST_FETCH), at_rest).await;
        }
        self.record.reach_all();
        self.await_copies().await;
    }

    /// Waits for the commands of which one socket has got its copy and others of its user have not: these are on their way.
    async fn await_copies(&mut self) {
        /// Far more than they take, even on a busy machine.
        const TOLERANCES: u32 = 4;
        let until = self.driver.now() + self.setting.facts.tolerance * TOLERANCES;
        while self.driver.now() < until && !self.calls.iter().all(|call| self.has_come(call)) {
            self.advance(until).await;
        }
    }

    /// Ends the run at once: gives up every call that is still in flight, and closes every socket.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if the target can no longer be asked.
    pub async fn break_off(&mut self) -> Result<(), Halt> {
        for call in self.open_calls() {
            self.give_up(call);
        }
        self.leave().await
    }

    /// Takes one occurrence, or lets the time of the next plan come; at `until` at the latest.
    pub(super) async fn advance(&mut self, until: Duration) {
        let planned = self.players.iter().filter_map(|player| player.plugin.next_deadline()).min();
        let own = self.solo_deadline().into_iter().chain(self.pulse.next_pong());
        let until = planned.into_iter().chain(own).fold(until, Duration::min);
        match self.driver.next(until).await {
            Occurrence::Text(socket, text) => self.text(socket, &text),
            Occurrence::Closed(socket) => self.closed(socket),
            Occurrence::Severed(socket) => self.severed(socket),
            Occurrence::Intruded(result) => self.intruded.push(result),
            Occurrence::Unreachable(socket, why) => self.unreachable(socket, why),
            Occurrence::Replied(ask, reply) => self.replied(ask, reply),
            Occurrence::Fetched(fetch, response) => self.fetched(fetch, response.as_ref()),
            Occurrence::Logged(line) => self.logged(line),
            // Of an open socket the hub speaks first: its handshake makes the session go on.
            Occurrence::Opened(_) | Occurrence::Reached => {}
        }
        self.tick();
        self.send_pongs();
        self.solo_tick();
    }

    pub(super) fn perform(&mut self, effect: Effect) {
        if let Effect::Transmit(socket, text) = &effect
            && let Some(record) = self.sockets.get(socket)
        {
            let sight = Sight::Frame { at: self.driver.now(), plugin: record.plugin, sent: true, text };
            self.record.show(&sight);
        }
        self.driver.perform(effect);
    }
}
