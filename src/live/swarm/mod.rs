//! Thousands of plugins and the connections that ask, in one thread.
//!
//! One poll of the system watches every connection, one heap holds everything that is due later, and one buffer is read into:
//! what comes whole is taken apart where it lies. A plugin that has nothing under way keeps some two hundred bytes, and no
//! buffers. What comes of it all is told to a [`Watcher`], which answers by the swarm's own methods.
//!
//! - `line`: one TCP connection that never waits.
//! - `frames`, `upgrade`: WebSockets; `answers`: HTTP/1.1.
//! - `socket`: what is kept of a plugin's connection; `plugins`: what happens on it.
//! - `askers`: the connections to the control API; `desk`: what happens on them.
//! - `timers`, `alarm`: what is due later, and how exactly.
//! - [`news`]: what the watcher is told.
//! - [`reach`]: where all of this connects to.

mod alarm;
mod answers;
mod askers;
mod desk;
mod frames;
mod line;
pub mod news;
mod plugins;
pub mod reach;
mod socket;
mod timers;
mod upgrade;

use std::io;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token, Waker};

use self::alarm::Alarm;
use self::askers::Askers;
use self::desk::Letterhead;
pub use self::news::{Failure, Kind, News};
pub use self::reach::{Reach, Unreachable};
use self::socket::{Opening, Socket};
use self::timers::{Timers, What};

/// Events that are taken from the system at once: few, so that what is due in between is not late.
const TURN: usize = 128;

/// What is read at once.
const ROOM: usize = 64 << 10;

/// The alarm's token, the waker's, and the first of those of connections that ask. Plugins have those from 0 on.
const ALARM: Token = Token(usize::MAX - 1);
const WAKER: Token = Token(usize::MAX - 2);
const FIRST_ASKER: usize = 1 << 31;

/// How long a connection that asks may take to be there.
const ASKER_WITHIN: Duration = Duration::from_secs(8);

/// One who is told what happens.
pub trait Watcher {
    /// Something happened.
    fn see(&mut self, swarm: &mut Swarm, news: News<'_>);
}

/// What a swarm needs to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many plugins there may be; they are numbered from 0.
    pub plugins: u32,
    /// Addresses of this machine that plugins connect from, in turns; none for the system's choice.
    pub sources: Vec<IpAddr>,
    /// Connections to the control API, at the most.
    pub connections: usize,
    /// How long a plugin may take to connect.
    pub connect_within: Duration,
}

/// How a connection is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// In order, as a closed tab does.
    Close,
    /// TCP RST.
    Reset,
}

/// Wakes a swarm from another thread.
#[derive(Debug)]
pub struct Nudge(Waker);

impl Nudge {
    /// Ends its turn, now or the next one.
    pub fn wake(&self) {
        // One that is gone needs no waking.
        self.0.wake().ok();
    }
}

/// Plugins and askers.
#[derive(Debug)]
pub struct Swarm {
    poll: Poll,
    events: Events,
    alarm: Alarm,
    timers: Timers,
    opening: Opening,
    sources: Vec<IpAddr>,
    connect_within: Duration,
    sockets: Vec<Option<Socket>>,
    attempts: u32,
    joined: usize,
    askers: Option<(Askers, Letterhead)>,
    /// What is read into; taken out while it is looked at.
    room: Vec<u8>,
    /// What is written from.
    out: Vec<u8>,
    pong: Vec<u8>,
    mask: u32,
    waited: Duration,
}

impl Swarm {
    /// A swarm without connections.
    ///
    /// # Errors
    /// The system's, if it has nothing to poll with.
    pub fn new(reach: &Reach, options: &Options) -> io::Result<Self> {
        let poll = Poll::new()?;
        let alarm = Alarm::new(&poll, ALARM)?;
        let mut sockets = Vec::new();
        sockets.resize_with(options.plugins as usize, || None);
        let askers = reach.control.as_ref().map(|control| {
            let askers = Askers::new(control.address, options.connections);
            (askers, Letterhead::new(control))
        });
        Ok(Self {
            poll,
            events: Events::with_capacity(TURN),
            alarm,
            timers: Timers::default(),
            opening: Opening { hub: reach.hub, request: reach.request.clone() },
            sources: options.sources.clone(),
            connect_within: options.connect_within,
            sockets,
            attempts: 0,
            joined: 0,
            askers,
            room: vec![0; ROOM],
            out: Vec::new(),
            pong: Vec::new(),
            mask: 0x2545_f491,
            waited: Duration::ZERO,
        })
    }

    /// What wakes it from other threads. There can be one only.
    ///
    /// # Errors
    /// The system's.
    pub fn nudge(&self) -> io::Result<Nudge> {
        Waker::new(self.poll.registry(), WAKER).map(Nudge)
    }

    /// How many plugins are connected.
    #[must_use]
    pub fn joined(&self) -> usize {
        self.joined
    }

    /// How long it has waited for something to do, in all.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// Tells the watcher `what` when the time has come.
    pub fn remind(&mut self, at: Instant, what: u64) {
        self.timers.set(at, What::Theirs(what));
    }

    /// Waits until `until` at the latest, and does what there is to do. Returns as soon as it has done something.
    ///
    /// # Errors
    /// The system's, from its poll.
    pub fn turn(&mut self, until: Instant, watcher: &mut dyn Watcher) -> io::Result<()> {
        let until = self.timers.next().map_or(until, |next| next.min(until));
        let before = Instant::now();
        let patience = self.alarm.patience(before, Some(until));
        match self.poll.poll(&mut self.events, patience) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            polled => polled?,
        }
        if patience != Some(Duration::ZERO) {
            self.waited += before.elapsed();
        }
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        for event in &events {
            match event.token() {
                ALARM => self.alarm.rang(),
                WAKER => {}
                Token(asker) if asker >= FIRST_ASKER => {
                    self.asker_ready(u32::try_from(asker - FIRST_ASKER).unwrap_or(u32::MAX), watcher);
                }
                Token(plugin) => self.plugin_ready(u32::try_from(plugin).unwrap_or(u32::MAX), watcher),
            }
        }
        self.events = events;
        while let Some((due, what)) = self.timers.due(Instant::now()) {
            match what {
                What::Theirs(what) => watcher.see(self, News::Due { what, due }),
                What::Attempt(plugin, attempt) => self.attempt_over(plugin, attempt, watcher),
                What::Reading(plugin) => self.plugin_ready(plugin, watcher),
                What::Asker(place, call) => self.asker_over(place, call, watcher),
            }
        }
        Ok(())
    }

    /// A mask for the next frame.
    fn next_mask(&mut self) -> [u8; 4] {
        self.mask ^= self.mask << 13;
        self.mask ^= self.mask >> 17;
        self.mask ^= self.mask << 5;
        self.mask.to_le_bytes()
    }
}
