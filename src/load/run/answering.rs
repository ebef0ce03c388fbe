//! The plugins' side: a command comes, and each plugin does with it what its behaviour says.

use std::time::{Duration, Instant};

use super::bench::Seen;
use super::engine::{Engine, Reminder};
use super::nonce::Owner;
use super::reading::{Carried, Command};
use super::texts::{self, Answer};
use crate::contract::message::{COMMAND_EVENT, DRAWS, FIRST_DRAW};
use crate::live::swarm::Swarm;
use crate::load::profile::MassBehaviour;
use crate::wire::socket::Frame;

/// An answer that waits for its time.
#[derive(Debug, Default)]
pub(super) struct Delayed {
    plugin: u32,
    /// The connection that the command came on.
    connection: u32,
    request_id: String,
    nonce: String,
    size: u64,
    received: Option<Instant>,
    scene: Option<u32>,
}

/// What a stray id has behind it.
const STRAY: &str = "_stray";

/// The size of answers to commands that are nobody's of this run.
const SMALL: u64 = 64;

/// A command as it is answered.
#[derive(Debug, Clone, Copy)]
struct Taken<'a> {
    plugin: u32,
    connection: u32,
    request_id: &'a str,
    nonce: &'a str,
    size: u64,
    received: Instant,
    /// The scene that the checkers see it in.
    scene: Option<u32>,
}

impl Engine {
    /// A plugin got an event.
    pub(super) fn event(&mut self, swarm: &mut Swarm, plugin: u32, frame: Frame<'_>, at: Instant) {
        let Ok((name, (command,))) = frame.event::<(Command<'_>,)>() else {
            // A command that a plugin cannot read: CORR-1, if it is one at all.
            if frame.is_event(COMMAND_EVENT) {
                let user = self.profile.user_of(u64::from(plugin));
                let shown = frame.json.unwrap_or_default().chars().take(120).collect::<String>();
                self.tally.broken("CORR-1", Some(user), || {
                    format!("expected one argument with request_id, action and payload; got {shown}")
                });
            }
            return;
        };
        if name != COMMAND_EVENT {
            return;
        }
        self.tally.totals.commands_received += 1;
        let connection = swarm.connection_of(plugin).unwrap_or_default();
        let (delay, size, number) = self.received(plugin, &command, at);
        let nonce = command.payload.carried.nonce.unwrap_or_default();
        let scene = number.and_then(|number| self.calls.get(number)).and_then(|call| call.scene);
        if let Some(scene) = scene {
            let event = frame.json.unwrap_or_default().to_owned();
            self.sample.note(scene, at, Seen::Received { plugin, connection, event, call: number });
        }
        let taken = Taken { plugin, connection, request_id: &command.request_id, nonce, size, received: at, scene };
        let Some(behaviour) = self.behaviour(plugin) else { return };
        let delay = match behaviour {
            MassBehaviour::Silent => return,
            MassBehaviour::Late => self.timeout_of(number) + delay,
            _ => delay,
        };
        if delay.is_zero() {
            self.act(swarm, taken);
        } else {
            self.wait(swarm, taken, at + delay);
        }
    }

    /// Looks at a command: how long its plugin takes, how large its answer is, and the number of its call.
    fn received(&mut self, plugin: u32, command: &Command<'_>, at: Instant) -> (Duration, u64, Option<u64>) {
        let user = self.profile.user_of(u64::from(plugin));
        let owner = command.payload.carried.nonce.map_or(Owner::Nobody, |nonce| self.nonces.owner(nonce));
        let Owner::Call(number) = owner else {
            return self.received_of_nobody(plugin, user, command);
        };
        let delay = self.draw.delay(u64::from(plugin), number);
        let per_user = u64::from(self.profile.per_user.max(1));
        let bit = 1_u64.checked_shl(u32::try_from(u64::from(plugin) % per_user).unwrap_or(64)).unwrap_or(0);
        let Some(call) = self.calls.get(number) else {
            // It has ended: whether the hub sent it before that cannot be told from here.
            return (delay, SMALL, Some(number));
        };
        let first = call.received.is_none();
        if call.user != user {
            let asked = call.user;
            self.tally.broken("ISO-2", Some(user), || {
                format!("a command for user {asked} came to a socket of user {user}: {}", command.request_id)
            });
            return (delay, SMALL, Some(number));
        }
        let (size, again, started) = (call.answer, call.got_by & bit != 0, call.started);
        call.got_by |= bit;
        call.received.get_or_insert(at);
        let changed = {
            let Carried { pad, others, .. } = command.payload.carried;
            let wanted = command.payload.carried.nonce.map_or(0, |nonce| texts::pad_of(nonce, call.payload));
            let action = self.profile.actions.get(call.action).map(|mix| mix.action.as_str());
            (action != Some(&*command.action) || pad != wanted || others != 0).then(|| {
                format!(
                    "expected action {} with the nonce and a pad of {wanted}; got {} with a pad of {pad} and {others} other members",
                    action.unwrap_or_default(),
                    command.action
                )
            })
        };
        if first {
            call.request_id.push_str(&command.request_id);
        }
        if let Some(changed) = changed {
            self.tally.broken("CORR-1", Some(user), || changed);
        }
        let left = self.plugins.get(plugin as usize).and_then(|plugin| plugin.left);
        if again && left.is_none_or(|left| started.is_some_and(|started| left < started)) {
            self.tally.totals.answered_twice += 1;
            self.tally.broken("ISO-10", Some(user), || format!("one socket got {} twice", command.request_id));
        }
        if first {
            self.note_id(user, &command.request_id, number);
        }
        (delay, size, Some(number))
    }

    fn received_of_nobody(&mut self, plugin: u32, user: u64, command: &Command<'_>) -> (Duration, u64, Option<u64>) {
        self.tally.totals.commands_of_nobody += 1;
        // Each is a command of its own, numbered apart from ours.
        let number = u64::MAX - self.tally.totals.commands_of_nobody;
        if self.profile.per_user == 1 {
            self.note_id(user, &command.request_id, number);
        }
        (self.draw.delay(u64::from(plugin), number), SMALL, None)
    }

    /// Every request id: whether it is of the documented form (CORR-2), and whether another command had it (CORR-3).
    fn note_id(&mut self, user: u64, id: &str, number: u64) {
        match parts(id) {
            Some((of, millisecond)) if of == user => self.tally.id_drawn(user, millisecond),
            _ => {
                self.tally.broken("CORR-2", Some(user), || {
                    format!("expected req_{user}_{{unix milliseconds}}_{{1000 to 9999}}; got {id}")
                });
            }
        }
        let Some(before) = self.ids.note(id, number) else { return };
        self.tally.totals.collisions.seen += 1;
        let waits = self.calls.get(before).is_some_and(|call| call.request_id == id && call.answered.is_none());
        if waits {
            self.tally.totals.collisions.in_flight += 1;
            self.tally.broken("CORR-3", Some(user), || {
                format!("calls {before} and {number}, in flight together, both have {id}")
            });
        }
    }

    /// The timeout of a call; that of the first action where none is known.
    fn timeout_of(&mut self, number: Option<u64>) -> Duration {
        let action = number.and_then(|number| self.calls.get(number)).map_or(0, |call| call.action);
        self.profile.actions.get(action).map(|mix| mix.timeout).unwrap_or_default()
    }

    pub(super) fn behaviour(&self, plugin: u32) -> Option<&MassBehaviour> {
        self.profile.behaviours.get(self.draw.behaviour(u64::from(plugin))).map(|mix| &mix.what)
    }

    /// Keeps an answer until its time.
    fn wait(&mut self, swarm: &mut Swarm, taken: Taken<'_>, at: Instant) {
        let place = self.free_delayed.pop().unwrap_or_else(|| {
            self.delayed.push(Delayed::default());
            self.delayed.len() - 1
        });
        let Some(delayed) = self.delayed.get_mut(place) else { return };
        (delayed.plugin, delayed.connection, delayed.size) = (taken.plugin, taken.connection, taken.size);
        (delayed.received, delayed.scene) = (Some(taken.received), taken.scene);
        delayed.request_id.clear();
        delayed.request_id.push_str(taken.request_id);
        delayed.nonce.clear();
        delayed.nonce.push_str(taken.nonce);
        swarm.remind(at, Reminder::Answer(place as u64).number());
    }

    /// The time of an answer has come.
    pub(super) fn answer_due(&mut self, swarm: &mut Swarm, place: u64, due: Instant) {
        self.tally.late(due.elapsed());
        let Some(delayed) = usize::try_from(place).ok().and_then(|place| self.delayed.get_mut(place)) else { return };
        let delayed = std::mem::take(delayed);
        self.act(
            swarm,
            Taken {
                plugin: delayed.plugin,
                connection: delayed.connection,
                request_id: &delayed.request_id,
                nonce: &delayed.nonce,
                size: delayed.size,
                received: delayed.received.unwrap_or(due),
                scene: delayed.scene,
            },
        );
        if let Some(slot) = usize::try_from(place).ok().and_then(|place| self.delayed.get_mut(place)) {
            *slot = delayed;
        }
        self.free_delayed.extend(usize::try_from(place));
    }

    /// Does with a command what the plugin's behaviour says, now.
    fn act(&mut self, swarm: &mut Swarm, taken: Taken<'_>) {
        let Taken { plugin, connection, request_id, nonce, size, received, scene } = taken;
        if swarm.connection_of(plugin) != Some(connection) {
            // A closed tab answers no more.
            return;
        }
        let mut text = std::mem::take(&mut self.text);
        let mut times = 1;
        let mut settles = true;
        let mut well = true;
        let profile = std::sync::Arc::clone(&self.profile);
        match profile.behaviours.get(self.draw.behaviour(u64::from(plugin))).map(|mix| &mix.what) {
            Some(MassBehaviour::Fail { error }) => {
                well = false;
                texts::response(&mut text, request_id, Answer::Failure { error });
            }
            Some(MassBehaviour::DropSocket { how, back_after }) => {
                self.text = text;
                return self.drop_own(swarm, plugin, *how, Some(*back_after));
            }
            Some(MassBehaviour::WrongId) => {
                settles = false;
                texts::response(&mut text, &format!("{request_id}{STRAY}"), Answer::Success { nonce, size });
            }
            Some(MassBehaviour::Silent) | None => times = 0,
            Some(MassBehaviour::Twice) => {
                times = 2;
                texts::response(&mut text, request_id, Answer::Success { nonce, size });
            }
            Some(MassBehaviour::Answer | MassBehaviour::SlowReader { .. } | MassBehaviour::Late) => {
                texts::response(&mut text, request_id, Answer::Success { nonce, size });
            }
        }
        for copy in 0..times {
            let whole = swarm.send(plugin, &text);
            self.tally.totals.responses_sent += 1;
            if let Some(scene) = scene {
                let frame = String::from_utf8_lossy(&text).into_owned();
                let call = self.nonces.call(nonce);
                self.sample.note(scene, Instant::now(), Seen::Sent { plugin, connection, frame, call });
            }
            if copy > 0 || !settles {
                continue;
            }
            let now = Instant::now();
            self.tally.totals.plugin_time.record(now.saturating_duration_since(received));
            if let Owner::Call(number) = self.nonces.owner(nonce)
                && let Some(call) = self.calls.get(number)
                && call.answered.is_none()
                && whole
            {
                call.answered = Some(now);
                call.answered_by = (plugin, connection);
                call.answered_well = well;
            }
        }
        self.text = text;
    }
}

/// User and millisecond of an id of the documented form, without allocation where the user is a number.
fn parts(id: &str) -> Option<(u64, u64)> {
    let mut parts = id.strip_prefix("req_")?.split('_');
    let (user, millisecond, draw) = (parts.next()?, parts.next()?, parts.next()?);
    let plain = |text: &str| text.len() == 1 || !text.starts_with(['0', '+']);
    if parts.next().is_some() || !plain(user) || !plain(millisecond) {
        return None;
    }
    let draw: u16 = draw.parse().ok()?;
    let known = FIRST_DRAW..FIRST_DRAW + DRAWS;
    known.contains(&draw).then_some((user.parse().ok()?, millisecond.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::message::RequestIdParts;

    #[test]
    fn parts_of_an_id_are_those_that_the_contract_reads() {
        for id in [
            "req_1_17_1000",
            "req_42_1763950000000_9999",
            "req_1_17_999",
            "req_1_17",
            "req_a_17_1000",
            "x",
            "req_1_17_10000",
            "req_1_17_1000_2",
        ] {
            let read =
                id.parse::<RequestIdParts>().ok().and_then(|parts| Some((parts.user.parse().ok()?, parts.unix_ms)));
            assert_eq!(parts(id), read.filter(|_| !id.ends_with("10000") && !id.ends_with("_999")), "{id}");
        }
    }
}
