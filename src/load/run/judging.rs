//! The end of a call: what it was, whether it may be that, and what it took.

use std::time::{Duration, Instant};

use super::asking::How;
use super::bench::Seen;
use super::engine::Engine;
use super::nonce::Owner;
use super::reading::{Carried, Told};
use super::texts::{self, Answer};
use crate::live::swarm::Swarm;
use crate::load::profile::{Answers, Delay, Level, MassBehaviour};

/// What a deadline may be missed by on a busy machine before it says anything of the hub.
const TOLERANCE: Duration = Duration::from_millis(250);

/// How often the hub or the harness has its turn between an answer and the end of its call.
const TURNS: u32 = 4;

/// What is left of a call when it has ended.
#[derive(Debug, Clone)]
struct Ended {
    number: u64,
    user: u64,
    action: usize,
    answer: u64,
    counts: bool,
    intended: Instant,
    started: Instant,
    received: Option<Instant>,
    answered: Option<Instant>,
    answered_by: (u32, u32),
    answered_well: bool,
    timeout: Duration,
    payload: u64,
    scene: Option<u32>,
    request_id: String,
}

/// What the plugins of a user may do with a command.
#[derive(Debug, Default)]
struct Possible {
    failure: bool,
    /// No answer, none that counts, or none in time.
    nothing: bool,
    /// No connection any more.
    leaving: bool,
}

impl Engine {
    /// A call has ended.
    pub(super) fn ended(&mut self, swarm: &Swarm, number: u64, how: &How<'_>, at: Instant) {
        let Some(call) = self.calls.close(number) else {
            // Its end came before: it had been given up.
            return;
        };
        let timeout = self.profile.actions.get(call.action).map(|mix| mix.timeout).unwrap_or_default();
        let call = Ended {
            number,
            user: call.user,
            action: call.action,
            answer: call.answer,
            counts: call.counts,
            intended: call.intended,
            started: call.started.unwrap_or(at),
            received: call.received,
            answered: call.answered,
            answered_by: call.answered_by,
            answered_well: call.answered_well,
            timeout,
            payload: call.payload,
            scene: call.scene,
            // Copied only where a checker will see it.
            request_id: if matches!(how, How::Told(Told::Value(_), _)) {
                String::new()
            } else {
                call.request_id.clone()
            },
        };
        self.show_end(swarm, &call, how, at);
        match how {
            How::Told(Told::Value(carried), _) => self.ended_well(&call, *carried, at),
            How::Told(Told::PluginError(message), _) => self.ended_with_failure(&call, message, at),
            How::Told(Told::Error(kind, message), _) if kind == "timeout" => self.timed_out(swarm, &call, message, at),
            How::Told(Told::Error(kind, message), _) => self.ended_with_error(swarm, &call, kind, message),
            How::Otherwise(kind, words) => {
                self.tally.note(kind, words);
                self.error(&call, kind, false);
            }
        }
    }

    /// Shows the checkers the end of a call, or all of it if it failed and was none of theirs.
    fn show_end(&mut self, swarm: &Swarm, call: &Ended, how: &How<'_>, at: Instant) {
        let failed = matches!(how, How::Told(Told::PluginError(_) | Told::Error(..), _));
        let single = || failed && call.counts && self.profile.per_user == 1;
        if call.scene.is_none() && (!single() || self.disturbed(swarm, call.user, call.started)) {
            return;
        }
        let answer = match how {
            How::Told(_, body) => Some(body.to_vec()),
            How::Otherwise(..) => None,
        };
        let elapsed = at.saturating_duration_since(call.started);
        let lateness = self.tally.lateness_since(call.started);
        let ended = Seen::Ended { call: call.number, answer, elapsed, lateness };
        if let Some(scene) = call.scene {
            self.sample.note(scene, at, ended);
            self.sample.ended(call.user, at);
        } else {
            self.show_single(swarm, call, ended, at);
        }
    }

    /// Shows the checkers a call that failed, from its start: a scene of its own.
    fn show_single(&mut self, swarm: &Swarm, call: &Ended, ended: Seen, at: Instant) {
        let Some(mix) = self.profile.actions.get(call.action) else { return };
        let Some(plugin) = self.plugins_of(call.user).next().and_then(|plugin| u32::try_from(plugin).ok()) else {
            return;
        };
        let Some(connection) = swarm.connection_of(plugin) else { return };
        let Some(scene) = self.sample.single(call.payload + call.answer) else { return };
        let (nonce, action, number) = (self.nonces.of(call.number), mix.action.as_str(), Some(call.number));
        let mut body = Vec::new();
        texts::call(&mut body, call.user, action, nonce.as_str(), call.payload, call.timeout.as_secs_f64());
        let note = |at: Instant, what: Seen| self.sample.note(scene, at, what);
        note(call.started, Seen::Begin { user: call.user, connected: vec![(plugin, connection)] });
        let helper = mix.level == Level::Call;
        note(call.started, Seen::Started { call: call.number, helper, body, timeout: call.timeout });
        if let Some(received) = call.received {
            let event = texts::command(&call.request_id, action, nonce.as_str(), call.payload);
            note(received, Seen::Received { plugin, connection, event, call: number });
        }
        if let Some(answered) = call.answered {
            let mut frame = Vec::new();
            let answer = match self.behaviour(plugin) {
                Some(MassBehaviour::Fail { error }) => Answer::Failure { error },
                _ => Answer::Success { nonce: nonce.as_str(), size: call.answer },
            };
            texts::response(&mut frame, &call.request_id, answer);
            let frame = String::from_utf8(frame).unwrap_or_default();
            note(answered, Seen::Sent { plugin, connection, frame, call: number });
        }
        note(at, ended);
        note(at, Seen::End);
    }

    fn ended_well(&mut self, call: &Ended, carried: Carried<'_>, at: Instant) {
        let owner = carried.nonce.map_or(Owner::Nobody, |nonce| self.nonces.owner(nonce));
        // Others answer with what they like: only a nonce of ours says anything.
        let own = self.profile.answers == Answers::Own;
        match owner {
            Owner::Call(other) if other != call.number => {
                self.tally.totals.crossed += 1;
                self.tally.second.crossed += 1;
                self.tally.action(call.action, |action| action.crossed += 1);
                self.tally.broken("CORR-5", Some(call.user), || {
                    format!("call {} to user {} got the answer to call {other}", call.number, call.user)
                });
                return;
            }
            Owner::Nobody if !own => {}
            Owner::Nobody if call.received.is_none() => {
                // What its plugin never got, it could not send back.
                self.tally.broken("CORR-1", Some(call.user), || {
                    format!(
                        "call {} to user {} was answered, and no command came with its nonce",
                        call.number, call.user
                    )
                });
                return self.error(call, "nonsense", false);
            }
            Owner::Nobody => {
                self.tally.broken("CORR-6", Some(call.user), || {
                    format!("call {} to user {} got data without its nonce", call.number, call.user)
                });
                return self.error(call, "nonsense", false);
            }
            Owner::Call(_) => {}
        }
        let wanted = carried.nonce.map_or(0, |nonce| texts::pad_of(nonce, call.answer));
        if own && (carried.pad != wanted || carried.others != 0) {
            self.tally.broken("CORR-6", Some(call.user), || {
                format!(
                    "call {} got a pad of {} for one of {wanted}, and {} other members",
                    call.number, carried.pad, carried.others
                )
            });
        }
        if !call.counts {
            return;
        }
        self.tally.totals.ok += 1;
        self.tally.second.ok += 1;
        self.tally.action(call.action, |action| action.ok += 1);
        self.took(call, at);
    }

    /// Records what an answered call took.
    fn took(&mut self, call: &Ended, at: Instant) {
        let round_trip = at.saturating_duration_since(call.intended);
        let actual = at.saturating_duration_since(call.started);
        let plugin = call.received.zip(call.answered).map(|(from, to)| to.saturating_duration_since(from));
        let overhead = plugin.map(|plugin| actual.saturating_sub(plugin));
        let totals = &mut self.tally.totals;
        totals.round_trip.record(round_trip);
        totals.round_trip_actual.record(actual);
        if let Some(overhead) = overhead {
            totals.hub_overhead.record(overhead);
        }
        self.tally.second.round_trip.record(round_trip);
        self.tally.action(call.action, |action| {
            action.round_trip.record(round_trip);
            action.round_trip_actual.record(actual);
            if let Some(overhead) = overhead {
                action.hub_overhead.record(overhead);
            }
        });
    }

    fn ended_with_failure(&mut self, call: &Ended, message: &str, at: Instant) {
        let possible = self.possible(call);
        let known = self.plugins_of(call.user).any(|plugin| {
            let behaviour = self.behaviour(u32::try_from(plugin).unwrap_or(u32::MAX));
            matches!(behaviour, Some(MassBehaviour::Fail { error }) if error == message)
        });
        let own = self.profile.answers == Answers::Own;
        let unsaid = !possible.failure || call.answered.is_some() && call.answered_well && self.profile.per_user == 1;
        if own && unsaid {
            self.tally.totals.crossed += 1;
            self.tally.second.crossed += 1;
            self.tally.action(call.action, |action| action.crossed += 1);
            self.tally.broken("CORR-5", Some(call.user), || {
                format!(
                    "call {} to user {} failed with '{message}', which no plugin of theirs said",
                    call.number, call.user
                )
            });
            return;
        }
        if own && !known {
            self.tally.broken("ERR-2", Some(call.user), || {
                format!("call {} failed with another text: '{message}'", call.number)
            });
        }
        if !call.counts {
            return;
        }
        self.tally.totals.plugin_errors += 1;
        self.tally.second.plugin_errors += 1;
        self.tally.action(call.action, |action| action.plugin_errors += 1);
        self.took(call, at);
    }

    fn timed_out(&mut self, swarm: &Swarm, call: &Ended, message: &str, at: Instant) {
        let waited = at.saturating_duration_since(call.started);
        if waited + TOLERANCE < call.timeout && waited < call.timeout.mul_f64(0.95) {
            self.tally.broken("TIME-2", Some(call.user), || {
                format!("call {} with a timeout of {:?} timed out after {waited:?}", call.number, call.timeout)
            });
        }
        let shown = crate::contract::text::timeout_in(message);
        if shown.is_none_or(|shown| (shown - call.timeout.as_secs_f64()).abs() > 1e-6) {
            self.tally.broken("TIME-1", Some(call.user), || {
                format!("call {} with a timeout of {:?} ended with '{message}'", call.number, call.timeout)
            });
        }
        let lost = self.is_lost(swarm, call);
        let expected = !lost && self.nothing_expected(swarm, call);
        if lost {
            self.tally.totals.lost += 1;
            self.tally.second.lost += 1;
            self.tally.action(call.action, |action| action.lost += 1);
            self.tally.broken("CORR-4", Some(call.user), || {
                let after = call.answered.map(|answered| answered.saturating_duration_since(call.started));
                let after = after.unwrap_or_default();
                format!(
                    "call {} to user {} timed out though its answer was sent after {after:?}",
                    call.number, call.user
                )
            });
        }
        if !call.counts {
            return;
        }
        self.tally.totals.timeouts += 1;
        self.tally.totals.expected_failures += u64::from(expected);
        self.tally.second.timeouts += 1;
        self.tally.action(call.action, |action| action.timeouts += 1);
    }

    /// Whether an answer to a call that timed out had been sent in good time, on a connection that is still there.
    fn is_lost(&self, swarm: &Swarm, call: &Ended) -> bool {
        let Some(answered) = call.answered else { return false };
        // Where the harness is late the hub is as well, each time that it has its turn.
        let margin = TOLERANCE.max(call.timeout / 10) + self.tally.lateness_since(call.started) * TURNS;
        let in_time = answered + margin < call.started + call.timeout;
        let (plugin, connection) = call.answered_by;
        in_time && swarm.connection_of(plugin) == Some(connection)
    }

    fn ended_with_error(&mut self, swarm: &Swarm, call: &Ended, kind: &str, message: &str) {
        let disturbed = self.disturbed(swarm, call.user, call.started);
        let possible = self.possible(call);
        let expected = match kind {
            "not_connected" | "disconnected" => disturbed || possible.leaving,
            "shutting_down" => self.ended_early.is_some(),
            _ => false,
        };
        if kind == "not_connected" && !expected && !self.plugins_of(call.user).is_empty() {
            self.tally.broken("ISO-11", Some(call.user), || {
                format!(
                    "call {} ended with '{message}' while every socket of user {} was connected",
                    call.number, call.user
                )
            });
        }
        self.tally.note(kind, message);
        self.error(call, kind, expected);
    }

    fn error(&mut self, call: &Ended, kind: &str, expected: bool) {
        if call.counts {
            self.tally.error(call.action, kind);
            self.tally.totals.expected_failures += u64::from(expected);
        }
    }

    /// Whether what the user's plugins do makes a timeout right.
    fn nothing_expected(&self, swarm: &Swarm, call: &Ended) -> bool {
        let possible = self.possible(call);
        possible.nothing || possible.leaving || self.disturbed(swarm, call.user, call.started)
    }

    fn possible(&self, call: &Ended) -> Possible {
        let mut possible = Possible::default();
        for plugin in self.plugins_of(call.user) {
            let place = self.draw.behaviour(plugin as u64);
            let Some(mix) = self.profile.behaviours.get(place) else { continue };
            let too_slow = longest(mix.delay) + TOLERANCE >= call.timeout;
            match &mix.what {
                MassBehaviour::Answer | MassBehaviour::Twice => {
                    possible.nothing |= too_slow;
                }
                MassBehaviour::Fail { .. } => {
                    possible.failure = true;
                    possible.nothing |= too_slow;
                }
                MassBehaviour::SlowReader { .. }
                | MassBehaviour::Silent
                | MassBehaviour::Late
                | MassBehaviour::WrongId => possible.nothing = true,
                MassBehaviour::DropSocket { .. } => possible.leaving = true,
            }
        }
        possible
    }
}

/// The longest that a delay can be.
fn longest(delay: Delay) -> Duration {
    match delay {
        Delay::Fixed(delay) => delay,
        Delay::Uniform { to, .. } => to,
        Delay::Exponential { mean } => mean * Delay::CUT,
    }
}
