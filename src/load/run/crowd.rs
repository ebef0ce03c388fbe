//! The plugins' connections: begun at a rate, dropped by storms, come back.

use std::time::{Duration, Instant};

use super::engine::{Engine, Phase, Reminder};
use super::texts;
use crate::event::By;
use crate::live::swarm::{Failure, Kind, Leave, Swarm};
use crate::load::profile::{Closing, MassBehaviour};

/// How often a plugin tries to connect before it is given up.
const TRIES: u8 = 3;

/// How long it waits before it tries again.
const AGAIN: Duration = Duration::from_secs(1);

/// Connections that begin before others have their turn.
const AT_ONCE: usize = 32;

/// What is kept of a plugin.
#[derive(Debug, Default)]
pub(super) struct Plugin {
    /// When it began to connect, the first time or after a storm.
    since: Option<Instant>,
    /// When it was connected last.
    pub(super) joined: Option<Instant>,
    /// When its connection ended last, whoever ended it.
    pub(super) left: Option<Instant>,
    /// The number of that connection.
    connection: u32,
    /// Whether it was connected at all.
    known: bool,
    /// Attempts in a row that have failed.
    failed: u8,
    /// Whether nobody expects it to connect any more.
    given_up: bool,
}

impl Engine {
    /// Begins the connections whose turn it is.
    pub(super) fn connect_due(&mut self, swarm: &mut Swarm, now: Instant) {
        /// A turn of the loop that took longer is not made up for at once.
        const CATCH_UP: Duration = Duration::from_millis(20);
        if self.waiting.is_empty() {
            return;
        }
        self.next_connect = self.next_connect.max(now.checked_sub(CATCH_UP).unwrap_or(now));
        let step = Duration::from_secs_f64(1.0 / self.profile.connect_rate.max(1e-3));
        for _ in 0..AT_ONCE {
            if self.next_connect > now {
                return;
            }
            let Some(plugin) = self.waiting.pop_front() else { return };
            self.next_connect += step;
            let slow = match self.behaviour(plugin) {
                Some(MassBehaviour::SlowReader { bytes_per_s }) => {
                    Some(u32::try_from(*bytes_per_s).unwrap_or(u32::MAX))
                }
                _ => None,
            };
            if let Some(plugin) = self.plugins.get_mut(plugin as usize) {
                plugin.since.get_or_insert(now);
            }
            swarm.connect(plugin, slow, self);
        }
    }

    pub(super) fn greeted(&mut self, swarm: &mut Swarm, plugin: u32) {
        let mut text = std::mem::take(&mut self.text);
        texts::connect(&mut text, self.profile.user_of(u64::from(plugin)));
        swarm.send(plugin, &text);
        self.text = text;
    }

    pub(super) fn joined(&mut self, swarm: &Swarm, plugin: u32) {
        let now = Instant::now();
        let connection = swarm.connection_of(plugin).unwrap_or_default();
        self.sample.joined(self.profile.user_of(u64::from(plugin)), plugin, connection);
        let Some(plugin) = self.plugins.get_mut(plugin as usize) else { return };
        plugin.connection = connection;
        let totals = &mut self.tally.totals;
        if let Some(since) = plugin.since.take() {
            totals.connect_time.record(now.saturating_duration_since(since));
        }
        totals.connects += 1;
        totals.reconnects += u64::from(plugin.known);
        totals.plugins_connected = totals.plugins_connected.max(swarm.joined() as u64);
        (plugin.known, plugin.failed, plugin.joined) = (true, 0, Some(now));
        self.tally.second.connects += 1;
        self.coming -= 1;
    }

    pub(super) fn not_joined(&mut self, swarm: &mut Swarm, number: u32, failure: &Failure) {
        self.tally.not_connected(failure.kind.name());
        self.last_failure = Some(failure.words.clone());
        let Some(plugin) = self.plugins.get_mut(number as usize) else { return };
        plugin.failed += 1;
        // What the hub refuses it refuses again.
        if failure.kind == Kind::Rejected || plugin.failed >= TRIES || self.ended_early.is_some() {
            plugin.given_up = true;
            self.coming -= 1;
        } else {
            swarm.remind(Instant::now() + AGAIN, Reminder::Connect(u64::from(number)).number());
        }
    }

    /// A connection ended, and not by us.
    pub(super) fn gone(&mut self, swarm: &mut Swarm, number: u32, failure: &Failure) {
        self.last_failure = Some(failure.words.clone());
        let Some(plugin) = self.plugins.get_mut(number as usize) else { return };
        self.tally.totals.dropped_by_hub += 1;
        self.tally.second.drops += 1;
        let now = Instant::now();
        plugin.left = Some(now);
        self.sample.left(self.profile.user_of(u64::from(number)), plugin.connection, By::Hub);
        if self.phase == Phase::Over || self.ended_early.is_some() {
            return;
        }
        self.coming += 1;
        swarm.remind(now + AGAIN, Reminder::Connect(u64::from(number)).number());
    }

    /// Ends a plugin's connection as it is told to, and lets it come back.
    pub(super) fn drop_own(&mut self, swarm: &mut Swarm, number: u32, how: Closing, back: Option<Duration>) {
        let how = match how {
            Closing::Close => Leave::Close,
            Closing::Reset => Leave::Reset,
        };
        if !swarm.is_joined(number) {
            return;
        }
        let by = if how == Leave::Reset { By::Reset } else { By::Plugin };
        self.sample.left(self.profile.user_of(u64::from(number)), swarm.connection_of(number).unwrap_or_default(), by);
        swarm.drop_plugin(number, how);
        self.tally.totals.dropped_by_us += 1;
        self.tally.second.drops += 1;
        let now = Instant::now();
        let Some(plugin) = self.plugins.get_mut(number as usize) else { return };
        (plugin.left, plugin.since) = (Some(now), None);
        if let Some(back) = back {
            self.coming += 1;
            swarm.remind(now + back, Reminder::Connect(u64::from(number)).number());
        }
    }

    pub(super) fn storm_drops(&mut self, swarm: &mut Swarm, storm: u64, plugin: u64, due: Instant) {
        self.tally.late(due.elapsed());
        let storm = usize::try_from(storm).ok().and_then(|storm| self.profile.storms.get(storm)).copied();
        if let (Some(storm), Ok(plugin)) = (storm, u32::try_from(plugin)) {
            self.drop_own(swarm, plugin, storm.how, Some(storm.back_after));
        }
    }

    /// Whether nobody is away who comes back.
    pub(super) fn all_back(&self) -> bool {
        self.coming == 0
    }

    /// The plugins of a user, by their numbers.
    pub(super) fn plugins_of(&self, user: u64) -> std::ops::Range<usize> {
        let per_user = u64::from(self.profile.per_user.max(1));
        let first = user.saturating_sub(self.profile.first_user).saturating_mul(per_user);
        let bounded = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).min(self.plugins.len());
        bounded(first)..bounded(first.saturating_add(per_user))
    }

    /// Whether a plugin of this user was disturbed since then: not connected, or connected or gone later.
    pub(super) fn disturbed(&self, swarm: &Swarm, user: u64, since: Instant) -> bool {
        let range = self.plugins_of(user);
        let numbers = range.clone().zip(self.plugins.get(range).unwrap_or_default());
        let mut all = numbers.map(|(number, plugin)| {
            let later = |at: Option<Instant>| at.is_some_and(|at| at >= since);
            !swarm.is_joined(u32::try_from(number).unwrap_or(u32::MAX)) || later(plugin.left) || later(plugin.joined)
        });
        all.any(|disturbed| disturbed)
    }

    /// Every plugin leaves in order.
    pub(super) fn leave(&mut self, swarm: &mut Swarm) {
        for plugin in 0..self.plugins.len() {
            swarm.drop_plugin(u32::try_from(plugin).unwrap_or(u32::MAX), Leave::Close);
        }
    }

    /// Users who lost a connection in the run, at most so many, each with how many sockets it should have.
    pub(super) fn users_who_lost(&self, swarm: &Swarm, most: usize) -> Vec<(u64, u64)> {
        let mut users: Vec<(u64, u64)> = Vec::new();
        for (number, plugin) in self.plugins.iter().enumerate() {
            let user = self.profile.user_of(number as u64);
            if plugin.left.is_none() || users.last().is_some_and(|(last, _)| *last == user) {
                continue;
            }
            if users.len() == most {
                break;
            }
            let there =
                self.plugins_of(user).filter(|number| swarm.is_joined(u32::try_from(*number).unwrap_or(u32::MAX)));
            users.push((user, there.count() as u64));
        }
        users
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_plugin_stays_a_few_words() {
        assert_eq!(size_of::<Plugin>(), 56, "docs/performance.md says how much it is");
    }
}
