//! CORR: the matching of answers to calls.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::flight::{Concurrent, Undelayed};
use super::picture::{Answer, Asks, End, Picture};
use super::settlement::{self, Settler};
use super::verdict::Tally;
use super::{Checker, EndedCall, GuaranteeId};
use crate::contract::guarantee::Area;
use crate::contract::message::{COMMAND_EVENT, DRAWS, RequestIdParts};
use crate::contract::{json, text};
use crate::event::{CallId, Ended, Event, EventNo, SocketId, What};

/// The judges of this area.
#[must_use]
pub fn checkers() -> Vec<Box<dyn Checker>> {
    let tally = |number| Tally::new(GuaranteeId::new(Area::Corr, number));
    vec![
        Box::new(Commands(tally(1))),
        Box::new(IdForm(tally(2))),
        Box::new(IdsUnique { tally: tally(3), in_flight: Vec::new(), per_millisecond: BTreeMap::new() }),
        Box::new(AnswerSettles { tally: tally(4), unheard: Vec::new() }),
        Box::new(NoOtherCall(tally(5))),
        Box::new(DataUnchanged(tally(6))),
        Box::new(SettledOnce(tally(7))),
        Box::new(StraysIgnored { tally: tally(8), strays: Vec::new() }),
        Box::new(Concurrent(tally(9))),
        Box::new(Undelayed(tally(10))),
        Box::new(Malformed { tally: tally(11), unheard: Vec::new() }),
    ]
}

/// CORR-1: a command carries exactly `request_id`, `action` and the caller's `payload`.
struct Commands(Tally);

impl Checker for Commands {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let What::Received { user, name, args, call: Some(call), .. } = &event.what else {
            return;
        };
        let Some(call) = picture.calls.get(call) else { return };
        // A command at another user's socket is ISO-2's matter; what a job's command carries is JOB-2's.
        if name != COMMAND_EVENT || user.as_ref() != Some(&call.user) {
            return;
        }
        let witness = [call.started, event.no];
        let members: BTreeSet<&str> =
            args.first().and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        let exact = args.len() == 1 && members == BTreeSet::from(["request_id", "action", "payload"]);
        if !exact {
            let got = Value::Array(args.clone());
            self.0.broken(&witness, "one argument with request_id, action and payload", settlement::shortened(&got));
            return;
        }
        let Asks::Command { action, payload, .. } = &call.asks else {
            return self.0.held();
        };
        let (got_action, got_payload) = (&args[0]["action"], &args[0]["payload"]);
        self.0.check(got_action == action && json::same(got_payload, payload), &witness, || {
            let shown =
                |action: &str, payload| format!("action {action} with payload {}", settlement::shortened(payload));
            (shown(action, payload), shown(&got_action.to_string(), got_payload))
        });
    }
}

/// CORR-2: the form of request ids, but for those that the harness made up itself.
struct IdForm(Tally);

impl Checker for IdForm {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let What::Received { name, args, call: Some(call), .. } = &event.what else {
            return;
        };
        let Some(call) = picture.calls.get(call).filter(|_| name == COMMAND_EVENT) else {
            return;
        };
        let id = args.first().and_then(|body| body.get("request_id")).cloned().unwrap_or_default();
        if id.as_str().is_some_and(|id| picture.fed.contains(id)) {
            return;
        }
        let parts = id.as_str().and_then(|id| id.parse::<RequestIdParts>().ok());
        let formed = parts.is_some_and(|parts| parts.user == call.user.as_str() && (1000..=9999).contains(&parts.draw));
        self.0.check(formed, &[event.no], || {
            (format!("req_{}_{{unix milliseconds}}_{{1000 to 9999}}", call.user), id.to_string())
        });
    }
}

/// CORR-3: no two calls in flight share an id.
struct IdsUnique {
    tally: Tally,
    /// Ids whose commands were received and that nobody has answered yet.
    in_flight: Vec<(String, CallId, EventNo)>,
    /// How many calls took an id of the same user and millisecond.
    per_millisecond: BTreeMap<(String, u64), u32>,
}

impl IdsUnique {
    /// The chance that ids drawn without a look at those in flight would have collided here.
    fn chance_of_collision(&self) -> f64 {
        let free_of_collision = |count: u32| {
            (0..count)
                .map(|taken| 1.0 - f64::from(taken) / f64::from(DRAWS))
                .map(|share| share.max(0.0))
                .product::<f64>()
        };
        1.0 - self.per_millisecond.values().map(|count| free_of_collision(*count)).product::<f64>()
    }
}

impl Checker for IdsUnique {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        match &event.what {
            What::Received { name, args, call: Some(call), .. } if name == COMMAND_EVENT => {
                let Some(id) = args.first().and_then(|body| body.get("request_id")).and_then(Value::as_str) else {
                    return;
                };
                if self.in_flight.iter().any(|(known, other, _)| known == id && other == call) {
                    return;
                }
                if let Ok(parts) = id.parse::<RequestIdParts>() {
                    *self.per_millisecond.entry((parts.user, parts.unix_ms)).or_default() += 1;
                }
                let twin = self.in_flight.iter().find(|(known, other, _)| known == id && other != call);
                let twin = twin.map(|(_, other, no)| (*other, *no));
                match twin {
                    Some((other, no)) => {
                        let calls = format!("{other} and {call} both have {id}");
                        self.tally.broken(&[no, event.no], "a request_id of its own for each call in flight", calls);
                    }
                    None if !self.in_flight.is_empty() => self.tally.held(),
                    None => {}
                }
                if picture.calls.get(call).is_some_and(|call| call.end.is_none()) {
                    self.in_flight.push((id.to_owned(), *call, event.no));
                }
            }
            // Once an answer was sent the hub may have freed the id, whenever the caller hears of it.
            What::Sent { args, .. } => {
                let id = args.first().and_then(|body| body.get("request_id")).and_then(Value::as_str);
                self.in_flight.retain(|(known, ..)| Some(known.as_str()) != id);
            }
            What::CallEnded { call, .. } => self.in_flight.retain(|(_, other, _)| other != call),
            _ => {}
        }
    }

    fn finish(&mut self, _picture: &Picture) {
        let calls: u32 = self.per_millisecond.values().sum();
        if calls >= 100 {
            let chance = self.chance_of_collision() * 100.0;
            let note = format!(
                "{calls} ids in {} milliseconds: drawn blindly they would have collided with a chance of {chance:.1} %",
                self.per_millisecond.len()
            );
            self.tally.note = Some(note);
        }
    }
}

/// CORR-4: an answer settles the call whose id it carries.
struct AnswerSettles {
    tally: Tally,
    /// Calls that ended without regard to their answer; the socket it was sent on may turn out to have been cut.
    unheard: Vec<(SocketId, End, [EventNo; 3])>,
}

impl Checker for AnswerSettles {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let Some(answer) = picture.answers_to(id).next().filter(|answer| answer.user.as_ref() == Some(&call.user))
        else {
            return;
        };
        // What is over the limit settles nothing (LIFE-6).
        if picture.is_over_limit(answer) {
            return;
        }
        // Nor is a timeout that makes no sense a time to answer in (TIME-9).
        if matches!(ended.settler, Settler::Hub) && (picture.after_malformed(answer) || call.odd_timeout.is_some()) {
            return;
        }
        let in_time = picture.in_good_time(call, end, answer);
        let witness = [call.started, answer.no, end.no];
        match ended.settler {
            Settler::Own(_) => self.tally.held(),
            Settler::Foreign(other) if !(other.late || other.repeated || other.call.is_none()) => {
                self.tally.broken(&witness, "its own response to settle it", "another call's response did");
            }
            Settler::Hub if !in_time && answer.no < end.no && call.failure().and_then(text::timeout_in).is_some() => {
                let sent = answer.at.saturating_sub(call.at);
                self.tally.untold(format!(
                    "an answer was sent only {sent:.1?} after its call, too close to the timeout to tell"
                ));
            }
            // What becomes of the run of a job that is cancelled is JOB-12's matter.
            Settler::Hub
                if in_time
                    && !matches!(end.how, Ended::Cancelled)
                    && !settlement::refused(&end.how)
                    && !picture.may_have_been_cancelled(call) =>
            {
                self.unheard.push((answer.socket, end.clone(), witness));
            }
            _ => {}
        }
    }
    fn finish(&mut self, picture: &Picture) {
        for (socket, end, witness) in &self.unheard {
            if picture.open_until(*socket, end) {
                self.tally.broken(witness, "the response to settle it", settlement::in_words(&end.how));
            }
        }
    }
}

/// CORR-5: an answer settles no other call.
struct NoOtherCall(Tally);

impl Checker for NoOtherCall {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        match ended.settler {
            Settler::Own(_) => {
                let overlaps = picture.calls.iter().any(|(other, seen)| {
                    *other != id && seen.end.as_ref().is_none_or(|other_end| other_end.no > call.started)
                });
                if overlaps {
                    self.0.held();
                }
            }
            // Late, duplicate and stray answers, and those of other users, have guarantees of their own.
            Settler::Foreign(answer) => {
                let Some(other) = answer.call.filter(|_| !answer.late && !answer.repeated) else {
                    return;
                };
                self.0.broken(
                    &[answer.no, end.no],
                    format!("{id} to end with its own answer"),
                    format!("it ended with {}, which answers {other}", settlement::in_words(&end.how)),
                );
            }
            _ => {}
        }
    }
}

/// CORR-6: the caller gets the data unchanged.
struct DataUnchanged(Tally);

impl Checker for DataUnchanged {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let Asks::Command { helper, .. } = &call.asks else { return };
        let Ended::Value(value) = &end.how else { return };
        match ended.settler {
            Settler::Own(_) => self.0.held(),
            Settler::Unexplained => {
                let Some(answer) = picture.answers_to(id).next() else {
                    return;
                };
                // That nothing is null is ERR-9's matter, and what stands beside data that of ERR-11.
                let nothing =
                    answer.body.get("success") == Some(&Value::Bool(true)) && settlement::data(answer).is_null();
                if (*helper && nothing)
                    || (!*helper && json::same(&without_status(value), &without_status(&answer.body)))
                {
                    return;
                }
                let sent = if *helper { settlement::data(answer) } else { &answer.body };
                self.0.broken(&[answer.no, end.no], settlement::shortened(sent), settlement::shortened(value));
            }
            _ => {}
        }
    }
}

/// A response but for `status` and `errorData`.
fn without_status(response: &Value) -> Value {
    let mut rest = response.clone();
    if let Value::Object(members) = &mut rest {
        members.retain(|key, _| key != "status" && key != "errorData");
    }
    rest
}

/// CORR-7: the first answer wins, later ones are ignored.
struct SettledOnce(Tally);

impl Checker for SettledOnce {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, end, .. } = *ended;
        match ended.settler {
            Settler::Repeat(answer) if picture.first_is_certain(id, end) => {
                let got = settlement::in_words(&end.how);
                self.0.broken(&[answer.no, end.no], "the first response to settle the call", got);
            }
            Settler::Foreign(answer) if answer.repeated => {
                let got = format!("it settled {id} with {}", settlement::in_words(&end.how));
                self.0.broken(&[answer.no, end.no], "a duplicate response to be ignored", got);
            }
            _ => {}
        }
    }

    fn finish(&mut self, picture: &Picture) {
        for (id, call) in &picture.calls {
            let (Some(end), true) = (&call.end, picture.answers_to(*id).count() > 1) else {
                continue;
            };
            if matches!(settlement::settler(picture, *id, call, end), Settler::Own(_)) {
                self.0.held();
            }
        }
    }
}

/// CORR-8: an answer with an unknown id is ignored, and its socket stays open.
struct StraysIgnored {
    tally: Tally,
    /// Where and when they were sent, and on which socket.
    strays: Vec<(EventNo, Duration, SocketId)>,
}

impl Checker for StraysIgnored {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        match &event.what {
            What::Sent { socket, call: None, .. } => {
                let answer = picture.answers.last().filter(|answer| answer.no == event.no);
                let unknown = |id: &str| !picture.calls.values().any(|call| call.has_id(id));
                if answer.and_then(|answer| answer.request_id.as_deref()).is_some_and(unknown) {
                    self.strays.push((event.no, event.at, *socket));
                }
            }
            What::Gone { socket, by, .. } if by.is_hub() => {
                // A socket that is closed long afterwards is closed for another reason.
                let for_it = |(_, at, on): &&(EventNo, Duration, SocketId)| {
                    on == socket && event.at <= *at + picture.facts.tolerance
                };
                let Some((stray, ..)) = self.strays.iter().find(for_it) else {
                    return;
                };
                self.tally.broken(&[*stray, event.no], "the socket to stay open", "the hub closed it");
            }
            _ => {}
        }
    }

    fn ended(&mut self, ended: &EndedCall<'_>, _picture: &Picture) {
        let Settler::Foreign(answer) = ended.settler else { return };
        if self.strays.iter().any(|(stray, ..)| *stray == answer.no) {
            let got = format!("it settled {} with {}", ended.id, settlement::in_words(&ended.end.how));
            self.tally.broken(&[answer.no, ended.end.no], "the response to be ignored", got);
        }
    }

    fn finish(&mut self, _picture: &Picture) {
        for _ in &self.strays {
            self.tally.held();
        }
    }
}

/// CORR-11: what is no response settles nothing, and its socket stays open and is heard.
struct Malformed {
    tally: Tally,
    /// Calls that ended without regard to their answer, sent on a socket that had sent nonsense before.
    unheard: Vec<(SocketId, End, [EventNo; 3])>,
}

impl Checker for Malformed {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let What::Gone { socket, by, .. } = &event.what else { return };
        if !by.is_hub() {
            return;
        }
        // A socket that is closed long afterwards is closed for another reason.
        let for_it = |answer: &&Answer| {
            answer.malformed && answer.socket == *socket && event.at <= answer.at + picture.facts.tolerance
        };
        if let Some(answer) = picture.answers.iter().find(for_it) {
            self.tally.broken(&[answer.no, event.no], "the socket to stay open", "the hub closed it");
        }
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let own = picture.answers_to(id).next().filter(|answer| answer.no < end.no);
        let mut settled_by = |answer: &Answer| {
            let got = format!("{id} ended with {}", settlement::in_words(&end.how));
            self.tally.broken(&[answer.no, end.no], "what is no response to settle nothing", got);
        };
        match (ended.settler, own) {
            (Settler::Foreign(answer), _) if answer.malformed => settled_by(answer),
            (Settler::Unexplained, None) if !call.commands.is_empty() && !picture.left_since(call) => {
                let meanwhile = |answer: &&Answer| {
                    answer.malformed && answer.user.as_ref() == Some(&call.user) && answer.no > call.started
                };
                if let Some(answer) = picture.answers.iter().find(meanwhile) {
                    settled_by(answer);
                }
            }
            (Settler::Hub, Some(answer)) if call.odd_timeout.is_none() && picture.after_malformed(answer) => {
                if matches!(end.how, Ended::Cancelled) || settlement::refused(&end.how) {
                    return;
                }
                if picture.in_good_time(call, end, answer) {
                    self.unheard.push((answer.socket, end.clone(), [call.started, answer.no, end.no]));
                } else if call.failure().and_then(text::timeout_in).is_some() {
                    let sent = answer.at.saturating_sub(call.at);
                    self.tally
                        .untold(format!("an answer was sent {sent:.1?} after its call, too close to the timeout"));
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, picture: &Picture) {
        for (socket, end, witness) in &self.unheard {
            if picture.open_until(*socket, end) {
                let expected = "the next response of its socket to settle its call";
                self.tally.broken(witness, expected, settlement::in_words(&end.how));
            }
        }
        for _ in picture.answers.iter().filter(|answer| answer.malformed) {
            self.tally.held();
        }
    }
}
