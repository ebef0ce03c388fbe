//! What is drawn for a call, a plugin, a storm.

use std::time::Duration;

use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::load::profile::{BehaviourMix, Delay, Profile, Size, Users};

/// What numbers are drawn for. Each has streams of its own, and none has stream 0, from which a built-in hub with the same seed
/// draws.
pub(super) const ARRIVALS: u64 = 1 << 60;
const CALLS: u64 = 2 << 60;
const DELAYS: u64 = 3 << 60;
const BEHAVIOURS: u64 = 4 << 60;
const STORMS: u64 = 5 << 60;

/// The numbers of one thing.
pub(super) fn stream(seed: u64, what: u64, number: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(what | (number & ((1 << 60) - 1)));
    rng
}

/// Everything that is drawn in a run. Holds a byte for each plugin.
#[derive(Debug, Clone)]
pub struct Draw {
    seed: u64,
    first_user: u64,
    users: u64,
    whom: Users,
    /// The weights of the actions, added up.
    weights: Vec<f64>,
    sizes: Vec<(Size, Size)>,
    behaviours: Vec<BehaviourMix>,
    /// The behaviour of each plugin, by its place in `behaviours`.
    assigned: Vec<u8>,
    storms: Vec<(f64, Duration)>,
}

/// What a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedCall {
    /// Whom it asks.
    pub user: u64,
    /// Its action, by its place in the profile's.
    pub action: usize,
    /// The size of its payload, in bytes.
    pub payload: u64,
    /// The size of its answer's data, in bytes.
    pub answer: u64,
}

/// A plugin that a storm drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dropped {
    /// How long after the storm begins.
    pub after: Duration,
    /// The plugin, from 0.
    pub plugin: u64,
}

impl Draw {
    /// That of a profile.
    #[must_use]
    pub fn new(profile: &Profile) -> Self {
        let mut sum = 0.0;
        let weights = profile.actions.iter().map(|action| {
            sum += action.weight;
            sum
        });
        let weights = weights.collect();
        Self {
            seed: profile.seed,
            first_user: profile.first_user,
            users: profile.user_count().max(1),
            whom: profile.users,
            weights,
            sizes: profile.actions.iter().map(|action| (action.payload, action.answer)).collect(),
            behaviours: profile.behaviours.clone(),
            assigned: assigned(profile),
            storms: profile.storms.iter().map(|storm| (storm.share, storm.spread)).collect(),
        }
    }

    /// The call with this number, from 0. Needs no other call.
    #[must_use]
    pub fn call(&self, number: u64) -> PlannedCall {
        let mut rng = stream(self.seed, CALLS, number);
        let total = self.weights.last().copied().unwrap_or_default();
        let drawn = rng.random::<f64>() * total;
        let last = self.weights.len().saturating_sub(1);
        let action = self.weights.iter().position(|sum| drawn < *sum).unwrap_or(last);
        let user = self.first_user.saturating_add(self.user(&mut rng));
        let (payload, answer) = self.sizes.get(action).copied().unwrap_or((Size::Bytes(0), Size::Bytes(0)));
        PlannedCall { user, action, payload: payload.drawn(&mut rng), answer: answer.drawn(&mut rng) }
    }

    /// Counted from the first user.
    fn user(&self, rng: &mut ChaCha8Rng) -> u64 {
        match self.whom {
            Users::One(user) => user.saturating_sub(self.first_user),
            Users::Uniform => rng.random_range(0..self.users),
            Users::HotSet { users, share } => {
                let hot = users.clamp(1, self.users);
                if hot == self.users || rng.random::<f64>() < share {
                    rng.random_range(0..hot)
                } else {
                    rng.random_range(hot..self.users)
                }
            }
        }
    }

    /// What the plugin with this number, from 0, does with commands: its place in the profile's `behaviours`.
    #[must_use]
    pub fn behaviour(&self, plugin: u64) -> usize {
        let place = usize::try_from(plugin).ok().and_then(|plugin| self.assigned.get(plugin));
        place.copied().map_or(0, usize::from)
    }

    /// How long this plugin takes for this command. Commands are named by the number of their call, or counted where there is
    /// none.
    #[must_use]
    pub fn delay(&self, plugin: u64, command: u64) -> Duration {
        let Some(mix) = self.behaviours.get(self.behaviour(plugin)) else { return Duration::ZERO };
        let seconds = match mix.delay {
            Delay::Fixed(delay) => return delay,
            Delay::Uniform { from, to } => {
                let (from, to) = (from.as_secs_f64(), to.as_secs_f64());
                from + self.share_of(plugin, command) * (to - from)
            }
            Delay::Exponential { mean } => {
                let times = -(1.0 - self.share_of(plugin, command)).ln();
                times.min(f64::from(Delay::CUT)) * mean.as_secs_f64()
            }
        };
        // To the microsecond, so that it is the same whatever the machine's arithmetic.
        Duration::try_from_secs_f64((seconds * 1e6).round() / 1e6).unwrap_or_default()
    }

    /// From 0 to 1, without 1.
    fn share_of(&self, plugin: u64, command: u64) -> f64 {
        // Plugins of one user get the same command, and must not take the same time for it.
        let seed = self.seed ^ plugin.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        stream(seed, DELAYS, command).random::<f64>()
    }

    /// Whom the storm with this place in the profile's drops, in order of time.
    #[must_use]
    pub fn storm(&self, storm: usize) -> Vec<Dropped> {
        let Some((share, spread)) = self.storms.get(storm).copied() else { return Vec::new() };
        let mut rng = stream(self.seed, STORMS, storm as u64);
        let mut plugins: Vec<u64> = (0..self.assigned.len() as u64).collect();
        let count = part(share, plugins.len());
        let (chosen, _) = plugins.partial_shuffle(&mut rng, count);
        let spread = u64::try_from(spread.as_micros()).unwrap_or(u64::MAX);
        let mut dropped: Vec<Dropped> = chosen
            .iter()
            .map(|plugin| Dropped { plugin: *plugin, after: Duration::from_micros(rng.random_range(0..=spread)) })
            .collect();
        dropped.sort_unstable();
        dropped
    }
}

impl Size {
    fn drawn(self, rng: &mut ChaCha8Rng) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Uniform { from, to } => rng.random_range(from..=to.max(from)),
        }
    }
}

/// So many of all are this share: at least one.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a number of plugins is no larger than that number"
)]
fn part(share: f64, all: usize) -> usize {
    ((share * all as f64).round() as usize).clamp(all.min(1), all)
}

/// Each plugin's behaviour: of every behaviour as many as its share says, to the nearest whole number, in a drawn order.
fn assigned(profile: &Profile) -> Vec<u8> {
    let all = usize::try_from(profile.plugins).unwrap_or(usize::MAX);
    let mut assigned: Vec<u8> = Vec::with_capacity(all);
    let mut sum = 0.0;
    for (place, mix) in (0_u8..).zip(&profile.behaviours) {
        sum += mix.share;
        let until = part(sum, all);
        assigned.resize(until.max(assigned.len()), place);
    }
    let last = profile.behaviours.len().saturating_sub(1);
    assigned.resize(all, u8::try_from(last).unwrap_or_default());
    assigned.shuffle(&mut stream(profile.seed, BEHAVIOURS, 0));
    assigned
}
