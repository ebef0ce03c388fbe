//! The callers' side: calls start when the plan says so, whatever became of those before them.

use std::time::{Duration, Instant};

use super::bench::Seen;
use super::engine::{Engine, Phase, WARM};
use super::reading::{self, Told};
use super::texts;
use crate::live::swarm::{Failure, Kind, Swarm};
use crate::load::plan::PlannedCall;
use crate::load::profile::{Answers, Commands, Level};

/// Calls that may wait for a connection. One more is missed.
pub(super) const LONGEST_QUEUE: usize = 4096;

/// Calls that start before others have their turn.
const AT_ONCE: usize = 16;

/// How much longer than its timeout a call is waited for.
const OVERDUE: Duration = Duration::from_secs(5);

/// Calls in a row that find nobody, after which the target counts as gone if no plugin is connected either.
const GONE_AFTER: u32 = 20;

/// How a call ended.
#[derive(Debug)]
pub(super) enum How<'a> {
    /// By the control API's word, and the body of its answer.
    Told(Told<'a>, &'a [u8]),
    /// With something else, of this kind and in words.
    Otherwise(&'a str, &'a str),
}

impl Engine {
    /// Starts the calls whose time has come.
    pub(super) fn start_due(&mut self, swarm: &mut Swarm, now: Instant) {
        // Not more than a few in one go: the answers that come meanwhile free connections for those that follow.
        for _ in 0..AT_ONCE {
            let Some(offset) = self.next_arrival else { return };
            let intended = self.calls_from + offset;
            if intended > now {
                return;
            }
            self.next_arrival = self.arrivals.next();
            let number = self.next_number;
            self.next_number += 1;
            self.start(swarm, number, intended);
        }
    }

    fn start(&mut self, swarm: &mut Swarm, number: u64, intended: Instant) {
        let counts = number < WARM;
        if counts {
            self.tally.totals.calls_intended += 1;
            self.tally.second.intended += 1;
        }
        self.tally.late(intended.elapsed());
        let goes = self.queue.is_empty() && swarm.can_ask();
        if !goes && self.queue.len() >= LONGEST_QUEUE {
            self.tally.queue_overflows += 1;
            if counts {
                self.tally.totals.calls_missed += 1;
                self.tally.second.missed += 1;
            }
            return;
        }
        let PlannedCall { user, action, payload, answer } = self.draw.call(number);
        let call = self.calls.open(number, intended);
        (call.user, call.action, call.payload, call.answer, call.counts) = (user, action, payload, answer, counts);
        if goes {
            self.send(swarm, number);
        } else {
            self.queue.push_back(number);
            self.tally.queue_peak = self.tally.queue_peak.max(self.queue.len() as u64);
        }
    }

    /// Sends a call for which there is a connection.
    fn send(&mut self, swarm: &mut Swarm, number: u64) {
        let Some(call) = self.calls.get(number) else { return };
        call.started = Some(Instant::now());
        let (user, action, payload, counts) = (call.user, call.action, call.payload, call.counts);
        let Some(mix) = self.profile.actions.get(action) else { return };
        let helper = mix.level == Level::Call;
        let path = if helper { "/calls" } else { "/commands" };
        let nonce = self.nonces.of(number);
        let mut text = std::mem::take(&mut self.text);
        texts::call(&mut text, user, mix.action.as_str(), nonce.as_str(), payload, mix.timeout.as_secs_f64());
        if counts {
            self.tally.totals.calls_started += 1;
            self.tally.second.started += 1;
            self.tally.action(action, |action| action.calls += 1);
            self.watch(swarm, number, helper, &text);
        }
        let sent = swarm.ask(number, path, &text, self);
        self.text = text;
        if !sent {
            // There was room for it a moment ago; what took it will give it back.
            self.unasked(number, counts, action);
        }
    }

    /// Lets the checkers see a call, if they are to see its user.
    fn watch(&mut self, swarm: &Swarm, number: u64, helper: bool, body: &[u8]) {
        if self.profile.answers == Answers::Others {
            // Nothing is seen of whom they go to.
            return;
        }
        let user = self.calls.get(number).map(|call| call.user).unwrap_or_default();
        let range = self.plugins_of(user);
        let Some(call) = self.calls.get(number) else { return };
        let now = call.started.unwrap_or_else(Instant::now);
        let connected = || {
            let numbers = range.filter_map(|plugin| u32::try_from(plugin).ok());
            let there = numbers.filter(|plugin| swarm.is_joined(*plugin));
            there.filter_map(|plugin| Some((plugin, swarm.connection_of(plugin)?))).collect()
        };
        call.scene = self.sample.begins(call.user, call.payload + call.answer, now, connected);
        let timeout = self.profile.actions.get(call.action).map(|mix| mix.timeout).unwrap_or_default();
        if let Some(scene) = call.scene {
            self.sample.note(scene, now, Seen::Started { call: number, helper, body: body.to_vec(), timeout });
        }
    }

    fn unasked(&mut self, number: u64, counts: bool, action: usize) {
        if counts {
            self.tally.totals.calls_started -= 1;
            self.tally.second.started = self.tally.second.started.saturating_sub(1);
            self.tally.action(action, |action| action.calls -= 1);
        }
        if let Some(call) = self.calls.get(number) {
            call.started = None;
        }
        self.queue.push_front(number);
    }

    /// Sends what waits, for as long as there are connections.
    fn send_waiting(&mut self, swarm: &mut Swarm) {
        while swarm.can_ask()
            && let Some(number) = self.queue.pop_front()
        {
            let waiting = self.queue.len();
            self.send(swarm, number);
            if self.queue.len() > waiting {
                return;
            }
        }
    }

    pub(super) fn answered(&mut self, swarm: &mut Swarm, number: u64, status: u16, body: &[u8], at: Instant) {
        self.refused_in_a_row = 0;
        let Some(call) = self.calls.get(number) else { return };
        let level = self.profile.actions.get(call.action).map(|mix| mix.level);
        if status == 200 {
            match reading::outcome(body, level == Some(Level::Command)) {
                Ok(told) => self.ended(swarm, number, &How::Told(told, body), at),
                Err(error) => {
                    let words = format!("an answer that is no outcome: {error}, body {}", reading::excerpt(body));
                    self.ended(swarm, number, &How::Otherwise(Kind::Nonsense.name(), &words), at);
                }
            }
        } else {
            let words = format!("HTTP {status}, body {}", reading::excerpt(body));
            self.ended(swarm, number, &How::Otherwise(&format!("http_{status}"), &words), at);
        }
        self.send_waiting(swarm);
    }

    pub(super) fn unanswered(&mut self, swarm: &mut Swarm, number: u64, failure: &Failure) {
        if failure.kind == Kind::Refused {
            self.refused_in_a_row += 1;
        }
        self.ended(swarm, number, &How::Otherwise(failure.kind.name(), &failure.words), Instant::now());
        self.send_waiting(swarm);
    }

    /// Gives up what has been waited for for too long.
    pub(super) fn sweep(&mut self, swarm: &mut Swarm, now: Instant) {
        let overdue = |started: Instant, action: usize| {
            let timeout = self.profile.actions.get(action).map(|mix| mix.timeout).unwrap_or_default();
            now > started + timeout + OVERDUE
        };
        let late = self.calls.iter().filter(|call| call.started.is_some_and(|started| overdue(started, call.action)));
        let late: Vec<u64> = late.map(|call| call.number).collect();
        for number in late {
            swarm.give_up(number);
            let words = format!("no answer from the control API {OVERDUE:?} after the call's timeout");
            self.ended(swarm, number, &How::Otherwise("unanswered", &words), now);
        }
        self.send_waiting(swarm);
    }

    /// The drain is over, or the run: what is still in flight is given up.
    pub(super) fn give_up_rest(&mut self, swarm: &mut Swarm) {
        let mut rest: Vec<(u64, bool)> = self.calls.iter().map(|call| (call.number, call.started.is_some())).collect();
        rest.sort_unstable();
        self.queue.clear();
        for (number, started) in rest {
            swarm.give_up(number);
            if started && self.ended_early.is_none() {
                let words = "no answer when the run was over";
                self.ended(swarm, number, &How::Otherwise("unanswered", words), Instant::now());
            } else {
                // Of a run that ends before its time nothing can be said of these.
                let counted = self.calls.close(number).is_some_and(|call| call.counts);
                if counted && !started {
                    self.tally.totals.calls_missed += u64::from(self.ended_early.is_none());
                }
            }
        }
    }

    /// Whether the target has gone.
    pub(super) fn look_for_the_end(&mut self, swarm: &Swarm) {
        if !matches!(self.phase, Phase::Calling | Phase::Warming | Phase::Draining) {
            return;
        }
        let asks = self.profile.commands != Commands::None;
        let alone = swarm.joined() == 0;
        let nobody_answers = asks && self.refused_in_a_row >= GONE_AFTER && alone;
        let all_given_up = !self.plugins.is_empty() && alone && self.coming == 0 && self.phase != Phase::Draining;
        if nobody_answers || all_given_up {
            let last = self.last_failure.clone().map_or_else(String::new, |last| format!(": {last}"));
            self.end_early(format!("the target is gone after {:.0} s{last}", self.elapsed().as_secs_f64()));
        }
    }
}
