//! The run itself, in one thread: its phases, its seconds, and what is due next.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answering::Delayed;
use super::calls::Calls;
use super::crowd::Plugin;
use super::ids::Ids;
use super::nonce::Nonces;
use super::sample::Sample;
use super::shared::{Seen, Shared, SoFar, Word};
use super::tally::Tally;
use crate::figures::{ActionFigures, Second};
use crate::live::process;
use crate::live::swarm::{News, Swarm, Watcher};
use crate::load::plan::{Arrivals, Draw, arrivals};
use crate::load::profile::{Answers, Commands, Profile, Rate};

/// From one second to the next.
const SECOND: Duration = Duration::from_secs(1);

/// How often it is looked how late the harness itself is.
const BEAT: Duration = Duration::from_millis(10);

/// How long idle plugins are left alone before their memory is measured, and calls begin.
const CALM: Duration = Duration::from_millis(200);

/// Users whose sockets the target is asked for at the end, at the most.
const MOST_HAUNTED: usize = 1000;

/// What the run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Plugins connect.
    Connecting,
    /// All of them that will are connected; a moment of calm until then.
    Calm(Instant),
    /// Calls are made that do not count.
    Warming,
    /// Calls are made.
    Calling,
    /// Calls may still end.
    Draining,
    /// The target is looked into, with plugins connected and no calls.
    Looking,
    /// It is over.
    Over,
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Self::Connecting | Self::Calm(_) => "connecting",
            Self::Warming => "warming up",
            Self::Calling => "calling",
            Self::Draining | Self::Looking | Self::Over => "draining",
        }
    }
}

/// What the swarm is asked to be reminded of, as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reminder {
    /// An answer that waits, by its place.
    Answer(u64),
    /// A plugin that is to connect.
    Connect(u64),
    /// A plugin that a storm drops, by the storm's place.
    Drop(u64, u64),
}

const KIND: u32 = 60;
const STORM: u32 = 40;

impl Reminder {
    pub(super) fn number(self) -> u64 {
        match self {
            Self::Answer(place) => place,
            Self::Connect(plugin) => (1 << KIND) | plugin,
            Self::Drop(storm, plugin) => (2 << KIND) | (storm << STORM) | plugin,
        }
    }

    fn of(number: u64) -> Self {
        let rest = number & ((1 << KIND) - 1);
        match number >> KIND {
            0 => Self::Answer(rest),
            1 => Self::Connect(rest),
            _ => Self::Drop(rest >> STORM, rest & ((1 << STORM) - 1)),
        }
    }
}

/// Everything about a run that goes on.
pub(super) struct Engine {
    pub(super) profile: Arc<Profile>,
    pub(super) draw: Draw,
    pub(super) shared: Arc<Shared>,
    pub(super) nonces: Nonces,
    pub(super) tally: Tally,
    pub(super) calls: Calls,
    pub(super) ids: Ids,
    pub(super) sample: Sample,
    pub(super) plugins: Vec<Plugin>,
    /// Plugins that are to connect as soon as the rate allows.
    pub(super) waiting: VecDeque<u32>,
    pub(super) next_connect: Instant,
    /// Plugins that are neither connected nor given up, nor away for a while.
    pub(super) coming: usize,
    /// What one of them was told last, when it could not connect.
    pub(super) last_failure: Option<String>,
    pub(super) delayed: Vec<Delayed>,
    pub(super) free_delayed: Vec<usize>,
    /// Calls that wait for a connection, by their numbers.
    pub(super) queue: VecDeque<u64>,
    pub(super) refused_in_a_row: u32,
    pub(super) phase: Phase,
    pub(super) arrivals: Arrivals,
    pub(super) next_arrival: Option<Duration>,
    pub(super) next_number: u64,
    /// From when the present arrivals count.
    pub(super) calls_from: Instant,
    pub(super) text: Vec<u8>,
    started: Instant,
    next_beat: Instant,
    next_second: Instant,
    second: u64,
    cpu: Option<f64>,
    waited: Duration,
    /// The part of each second that the thread was busy, at the most, and of the seconds with calls in all.
    pub(super) busy: Busy,
    pub(super) rss_peak: u64,
    pub(super) rss_before: u64,
    pub(super) rss_connected: Option<u64>,
    pub(super) ended_early: Option<String>,
}

/// How busy the thread was.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Busy {
    pub(super) most: f64,
    pub(super) calling: Duration,
    pub(super) of: Duration,
}

impl Engine {
    pub(super) fn new(profile: Arc<Profile>, shared: Arc<Shared>, mark: u64, rss_before: u64, sample: Sample) -> Self {
        let now = Instant::now();
        let own = profile.answers == Answers::Own;
        let count = if own { usize::try_from(profile.plugins).unwrap_or_default() } else { 0 };
        let mut plugins = Vec::new();
        plugins.resize_with(count, Plugin::default);
        let mut tally = Tally::new(profile.actions.len());
        tally.totals.plugins_asked = count as u64;
        Self {
            draw: Draw::new(&profile),
            nonces: Nonces::new(mark),
            tally,
            calls: Calls::default(),
            ids: Ids::default(),
            sample,
            plugins,
            waiting: (0..u32::try_from(count).unwrap_or(u32::MAX)).collect(),
            next_connect: now,
            coming: count,
            last_failure: None,
            delayed: Vec::new(),
            free_delayed: Vec::new(),
            queue: VecDeque::new(),
            refused_in_a_row: 0,
            phase: Phase::Connecting,
            arrivals: arrivals(&Rate::None, Duration::ZERO, 0),
            next_arrival: None,
            next_number: 0,
            calls_from: now,
            text: Vec::new(),
            started: now,
            next_beat: now + BEAT,
            next_second: now + SECOND,
            second: 0,
            cpu: process::cpu_s(),
            waited: Duration::ZERO,
            busy: Busy::default(),
            rss_peak: 0,
            rss_before,
            rss_connected: None,
            ended_early: None,
            profile,
            shared,
        }
    }

    /// Goes through all phases.
    ///
    /// # Errors
    /// The system's, from the swarm's poll.
    pub(super) fn run(&mut self, swarm: &mut Swarm) -> std::io::Result<()> {
        while self.phase != Phase::Over {
            let now = Instant::now();
            if self.ended_early.is_none()
                && let Some(why) = self.shared.stop_wanted()
            {
                self.end_early(why);
            }
            self.connect_due(swarm, now);
            self.start_due(swarm, now);
            self.move_on(swarm, now);
            if now >= self.next_beat {
                self.tally.beat(now.saturating_duration_since(self.next_beat));
                self.next_beat = now + BEAT;
            }
            if now >= self.next_second {
                self.tick(swarm, now);
            }
            if self.phase != Phase::Over {
                swarm.turn(self.next_due(), self)?;
            }
        }
        self.tick(swarm, Instant::now());
        self.leave(swarm);
        Ok(())
    }

    /// The run ends before its time: calls in flight are given up, and nobody waits for anything.
    pub(super) fn end_early(&mut self, why: String) {
        if self.ended_early.is_none() {
            self.ended_early = Some(why);
            self.next_arrival = None;
            if self.phase != Phase::Looking {
                self.phase = Phase::Draining;
            }
        }
    }

    fn next_due(&self) -> Instant {
        let arrival = self.next_arrival.map(|offset| self.calls_from + offset);
        let connect = (!self.waiting.is_empty()).then_some(self.next_connect);
        let phase = match self.phase {
            Phase::Calm(until) => Some(until),
            Phase::Warming => Some(self.calls_from + self.profile.warmup),
            Phase::Calling => Some(self.calls_from + self.profile.duration),
            _ => None,
        };
        let first = self.next_second.min(self.next_beat);
        [arrival, connect, phase].into_iter().flatten().fold(first, Instant::min)
    }

    /// Goes to the next phase when this one is over.
    fn move_on(&mut self, swarm: &mut Swarm, now: Instant) {
        match self.phase {
            Phase::Connecting if self.coming == 0 => {
                if self.tally.totals.connects == 0 && !self.plugins.is_empty() {
                    let why = self.last_failure.clone().unwrap_or_default();
                    self.end_early(format!("no plugin could connect: {why}"));
                } else {
                    self.shared.say(Word::Connected { plugins: swarm.joined() as u64 });
                    self.phase = Phase::Calm(now + CALM);
                }
            }
            Phase::Calm(until) if now >= until => {
                self.rss_connected = process::rss_bytes();
                if self.profile.warmup.is_zero() {
                    self.begin_calls(swarm, now);
                } else {
                    self.phase = Phase::Warming;
                    let rate = self.profile.rate.at_start();
                    self.begin_arrivals(&rate, now, self.profile.warmup);
                    // Numbers of calls that count begin at 0.
                    self.next_number = WARM;
                }
            }
            Phase::Warming if now >= self.calls_from + self.profile.warmup && self.next_arrival.is_none() => {
                let until = self.calls_from + self.profile.warmup;
                self.begin_calls(swarm, until);
            }
            Phase::Calling if now >= self.calls_from + self.profile.duration && self.next_arrival.is_none() => {
                self.phase = Phase::Draining;
            }
            Phase::Draining if self.is_drained(now) => {
                self.give_up_rest(swarm);
                self.phase = Phase::Looking;
                let lost = self.users_who_lost(swarm, MOST_HAUNTED);
                self.shared.say(Word::Drained { lost, early: self.ended_early.is_some() });
            }
            Phase::Looking => {
                if let Some(seen) = self.shared.take_seen() {
                    self.looked(&seen);
                    self.phase = Phase::Over;
                }
            }
            _ => {}
        }
    }

    fn is_drained(&self, now: Instant) -> bool {
        if self.ended_early.is_some() {
            return true;
        }
        let over = now >= self.calls_from + self.profile.duration + self.profile.drain;
        over || self.calls.len() == 0 && self.coming == 0 && self.all_back()
    }

    fn begin_calls(&mut self, swarm: &mut Swarm, from: Instant) {
        self.phase = Phase::Calling;
        let profile = Arc::clone(&self.profile);
        self.begin_arrivals(&profile.rate, from, profile.duration);
        self.next_number = 0;
        for storm in 0..self.profile.storms.len() {
            let at = self.profile.storms.get(storm).map(|storm| storm.at).unwrap_or_default();
            for dropped in self.draw.storm(storm) {
                let reminder = Reminder::Drop(storm as u64, dropped.plugin);
                swarm.remind(from + at + dropped.after, reminder.number());
            }
        }
    }

    fn begin_arrivals(&mut self, rate: &Rate, from: Instant, lasting: Duration) {
        self.calls_from = from;
        let asked = self.profile.commands != Commands::None;
        let rate = if asked { rate } else { &Rate::None };
        self.arrivals = arrivals(rate, lasting, self.profile.seed);
        self.next_arrival = self.arrivals.next();
    }

    /// A second is over.
    fn tick(&mut self, swarm: &mut Swarm, now: Instant) {
        self.sample.tick();
        self.sweep(swarm, now);
        let span = (now + SECOND).saturating_duration_since(self.next_second);
        let span = span.max(Duration::from_millis(1));
        let cpu = process::cpu_s();
        let rss = process::rss_bytes().unwrap_or_default();
        self.rss_peak = self.rss_peak.max(rss);
        let waited = swarm.waited();
        let busy = span.saturating_sub(waited.saturating_sub(self.waited));
        self.waited = waited;
        let share = busy.as_secs_f64() / span.as_secs_f64();
        if matches!(self.phase, Phase::Calling | Phase::Warming) {
            self.busy.most = self.busy.most.max(share);
            self.busy.calling += busy;
            self.busy.of += span;
        }
        let hub = self.shared.hub();
        let mut second = std::mem::take(&mut self.tally.second);
        second.at_s = self.second;
        self.phase.name().clone_into(&mut second.phase);
        second.connected = swarm.joined() as u64;
        second.in_flight = self.calls.len() as u64;
        second.hub_rss_bytes = hub.rss_bytes;
        second.hub_cpu = hub.cpu;
        second.pending = hub.pending;
        second.harness_rss_bytes = rss;
        second.harness_cpu =
            cpu.zip(self.cpu).map_or(0.0, |(now, before)| (now - before).max(0.0) / span.as_secs_f64());
        second.round_trip.pack();
        self.cpu = cpu;
        self.second += 1;
        self.next_second += SECOND;
        let phase = second.phase.clone();
        self.say(second);
        // None is left out, though the harness may have been away for longer.
        while self.next_second + SECOND <= now && self.phase != Phase::Over {
            let connected = swarm.joined() as u64;
            let empty = Second { at_s: self.second, phase: phase.clone(), connected, ..Second::default() };
            self.second += 1;
            self.next_second += SECOND;
            self.say(empty);
        }
        if self.shared.is_forsaken() {
            // Whoever wanted this run has gone.
            self.phase = Phase::Over;
        }
        self.look_for_the_end(swarm);
    }

    fn say(&mut self, second: Second) {
        let so_far = SoFar { second, ..self.so_far() };
        self.shared.say(Word::Second(Box::new(so_far)));
    }

    /// The figures up to now.
    pub(super) fn so_far(&self) -> SoFar {
        let mut totals = self.tally.totals.clone();
        self.tally.id_scheme().clone_into(&mut totals.collisions.scheme);
        totals.collisions.predicted = self.tally.predicted();
        let mut actions: BTreeMap<String, ActionFigures> = BTreeMap::new();
        for (mix, figures) in self.profile.actions.iter().zip(&self.tally.actions) {
            // An action may be asked at both levels.
            actions.entry(mix.action.as_str().to_owned()).or_default().add(figures);
        }
        let (lag, findings) = (self.tally.lag.clone(), self.tally.findings());
        SoFar { second: Second::default(), totals, actions, lag, findings }
    }

    /// Judges what was seen in the target when all calls had ended.
    fn looked(&mut self, seen: &Seen) {
        self.tally.totals.pending_at_end = seen.pending;
        self.tally.totals.ghosts = seen.ghosts;
        if let Some(pending) = seen.pending.filter(|pending| *pending > 0 && seen.is_judged) {
            self.tally.broken("TIME-5", None, || format!("{pending} calls were pending though every call had ended"));
        }
        if seen.ghosts > 0 {
            let ghosts = seen.ghosts;
            self.tally.broken("LIFE-8", seen.haunted, || format!("{ghosts} sockets were counted that had gone"));
        }
    }

    /// How long the run has taken.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Calls of the warm-up have numbers from here on.
pub(super) const WARM: u64 = 1 << 43;

impl Watcher for Engine {
    fn see(&mut self, swarm: &mut Swarm, news: News<'_>) {
        match news {
            News::Event { plugin, frame, at } => self.event(swarm, plugin, frame, at),
            News::Answered { call, status, body, at } => self.answered(swarm, call, status, body, at),
            News::Unanswered { call, failure } => self.unanswered(swarm, call, &failure),
            News::Greeted { plugin } => self.greeted(swarm, plugin),
            News::Joined { plugin, .. } => self.joined(swarm, plugin),
            News::NotJoined { plugin, failure } => self.not_joined(swarm, plugin, &failure),
            News::Gone { plugin, failure } => self.gone(swarm, plugin, &failure),
            News::Due { what, due } => match Reminder::of(what) {
                Reminder::Answer(place) => self.answer_due(swarm, place, due),
                Reminder::Connect(plugin) => self.waiting.push_back(u32::try_from(plugin).unwrap_or(u32::MAX)),
                Reminder::Drop(storm, plugin) => self.storm_drops(swarm, storm, plugin, due),
            },
        }
    }
}
