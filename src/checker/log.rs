//! LOG: what the target's log has to tell, where it can be read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::picture::{Answer, Asks, Call, Picture};
use super::settlement::{self, Settler};
use super::verdict::Tally;
use super::{Checker, GuaranteeId};
use crate::contract::control::ErrorKind;
use crate::contract::guarantee::Area;
use crate::contract::message::COMMAND_EVENT;
use crate::contract::user::UserId;
use crate::contract::{action, text};
use crate::event::{CallId, Ended, Event, EventNo, SocketId, What};

/// The judges of this area.
#[must_use]
pub fn checkers() -> Vec<Box<dyn Checker>> {
    let tally = Tally::new(GuaranteeId::new(Area::Log, 1));
    vec![Box::new(Logged {
        tally,
        lines: Vec::new(),
        opened: BTreeMap::new(),
        connections: Vec::new(),
        unclaimed: BTreeSet::new(),
    })]
}

/// LOG-1: each connection, ignored response, timeout and failure leaves a line that names user, action and request id.
///
/// It is judged when the run is over, as lines may come later than what they tell of. No line stands for two things, but a
/// line that was written for something else may stand for one: what it says beside the names is the target's own choice.
struct Logged {
    tally: Tally,
    lines: Vec<(EventNo, String)>,
    /// Where each connection was opened.
    opened: BTreeMap<SocketId, EventNo>,
    connections: Vec<Demand>,
    /// Request ids of commands of which nobody can tell whose calls they are.
    unclaimed: BTreeSet<String>,
}

/// Something that has to leave a line, with the names that can be known from outside.
struct Demand {
    what: &'static str,
    /// Its line comes behind this event.
    since: EventNo,
    witness: Vec<EventNo>,
    user: UserId,
    /// Any of these will do; none for what has no action.
    action: Vec<String>,
    request_id: Option<String>,
}

impl Demand {
    fn is_met_by(&self, line: &str) -> bool {
        text::names(line, self.user.as_str())
            && (self.action.is_empty() || self.action.iter().any(|action| text::names(line, action)))
            && self.request_id.as_ref().is_none_or(|id| text::names(line, id))
    }

    fn names(&self) -> String {
        let action = self.action.first().map(|action| format!(", action {action}")).unwrap_or_default();
        let id = self.request_id.as_ref().map(|id| format!(", request id {id}")).unwrap_or_default();
        format!("a line for {} that names user {}{action}{id}", self.what, self.user)
    }
}

impl Checker for Logged {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        match &event.what {
            What::Logged { line } => self.lines.push((event.no, line.clone())),
            What::Connecting { socket, .. } => {
                self.opened.insert(*socket, event.no);
            }
            What::Connected { socket, .. } => {
                let Some(since) = self.opened.get(socket).copied() else { return };
                if let Some(user) = picture.sockets.get(socket).and_then(|socket| socket.user.clone()) {
                    let (what, witness) = ("the connection", vec![event.no]);
                    self.connections.push(Demand { what, since, witness, user, action: Vec::new(), request_id: None });
                }
            }
            What::Received { name, args, call: None, .. } if name == COMMAND_EVENT => {
                let id = args.first().and_then(|body| body.get("request_id")).and_then(Value::as_str);
                self.unclaimed.extend(id.map(str::to_owned));
            }
            _ => {}
        }
    }

    fn finish(&mut self, picture: &Picture) {
        if !picture.facts.log {
            return;
        }
        let mut demands = std::mem::take(&mut self.connections);
        let judged = picture.calls.iter().filter(|(id, _)| !unexplained_by_malformed(picture, **id));
        demands.extend(judged.filter_map(|(_, call)| failed(picture, call)));
        demands.extend(ignored(picture, &self.unclaimed));
        // What has more to name chooses its line first, so that it is the others that lack one.
        demands.sort_by_key(|demand| (demand.request_id.is_none(), demand.action.is_empty(), demand.since));
        let mut lots = Lots { takers: vec![None; self.lines.len()], fitting: Vec::new() };
        for (number, demand) in demands.iter().enumerate() {
            let fits = |(no, line): &(EventNo, String)| *no > demand.since && demand.is_met_by(line);
            let lines = self.lines.iter().enumerate().filter(|(_, line)| fits(line));
            lots.fitting.push(lines.map(|(place, _)| place).collect());
            if lots.give(number, &mut BTreeSet::new()) {
                self.tally.held();
            } else {
                let got = format!("none of the {} lines of its log is that", self.lines.len());
                self.tally.broken(&demand.witness, demand.names(), got);
            }
        }
    }
}

/// Who has which line, so that as many as possible have one.
struct Lots {
    /// The taker of each line.
    takers: Vec<Option<usize>>,
    /// The lines that will do, of each taker.
    fitting: Vec<Vec<usize>>,
}

impl Lots {
    /// Gives a line to a taker: a free one, or that of another who can take a different one; not those that were `asked` for.
    fn give(&mut self, taker: usize, asked: &mut BTreeSet<usize>) -> bool {
        for line in self.fitting[taker].clone() {
            if asked.insert(line) && self.takers[line].is_none_or(|other| self.give(other, asked)) {
                self.takers[line] = Some(taker);
                return true;
            }
        }
        false
    }
}

/// A call that ended with a timeout or a failure. One that made no sense may have ended before the hub heard of it, and one
/// that ended with the hub leaves whatever it may.
fn failed(picture: &Picture, call: &Call) -> Option<Demand> {
    let end = call.end.as_ref()?;
    let failure = call.failure()?;
    let (user, action) = match (&call.asks, &end.how) {
        (_, Ended::Error(error)) if matches!(error.kind, ErrorKind::Invalid | ErrorKind::ShuttingDown) => return None,
        (Asks::Command { action, .. }, _) => (call.user.clone(), vec![action.clone()]),
        (Asks::NextJob, Ended::JobResult(result)) => {
            let body = &picture.jobs.get(&result.get("job_id").and_then(Value::as_u64)?)?.body;
            let command = action::handler(&body.action, &body.marketplace).map(|action| action.command.to_owned());
            let full = format!("{}_{}", body.action, body.marketplace);
            (body.user_id.clone(), command.into_iter().chain([body.action.clone(), full]).collect())
        }
        (Asks::NextJob, _) => return None,
    };
    let what = if failure.contains("timeout") { "the timeout" } else { "the failure" };
    let request_id = call.commands.iter().filter(|command| command.no < end.no).find_map(|command| {
        // A command that comes only when its call has timed out may be taken for that of a later call.
        let late = picture.calls.values().filter(|other| other.user == call.user).any(|other| {
            let end = other.end.as_ref().filter(|_| other.failure().is_some());
            end.is_some_and(|end| other.started < call.started && other.commands.iter().all(|late| late.no > end.no))
        });
        command.request_id.clone().filter(|_| !late)
    });
    Some(Demand { what, since: call.started, witness: vec![call.started, end.no], user, action, request_id })
}

/// Whether a call ended in a way that only a malformed response may explain: what a hub does with that is CORR-11's matter.
fn unexplained_by_malformed(picture: &Picture, id: CallId) -> bool {
    picture.answers.iter().any(|answer| may_explain(picture, answer, id))
}

/// Whether a response is malformed and may be why a call ended as it did.
fn may_explain(picture: &Picture, answer: &Answer, id: CallId) -> bool {
    let Some((call, end)) = picture.calls.get(&id).and_then(|call| Some((call, call.end.as_ref()?))) else {
        return false;
    };
    if !answer.malformed || answer.no > end.no {
        return false;
    }
    // A hub may also take such a response, to whatever it was sent, and be unable to hand on what it has taken.
    let choked = matches!(&end.how, Ended::Error(error) if error.kind == ErrorKind::Internal);
    let of_user = answer.user.as_ref() == Some(&call.user) && answer.no > call.started;
    let settled = || matches!(settlement::settler(picture, id, call, end), Settler::Unexplained | Settler::Own(_));
    choked && of_user || answer.call == Some(id) && settled()
}

/// The responses that the hub must have ignored, as far as that is certain.
fn ignored(picture: &Picture, unclaimed: &BTreeSet<String>) -> Vec<Demand> {
    let settlers: BTreeMap<CallId, Settler<'_>> = picture
        .calls
        .iter()
        .filter_map(|(id, call)| Some((*id, settlement::settler(picture, *id, call, call.end.as_ref()?))))
        .collect();
    let used: BTreeSet<EventNo> = settlers
        .values()
        .filter_map(|settler| match settler {
            Settler::Own(answer) | Settler::Repeat(answer) | Settler::Foreign(answer) => Some(answer.no),
            Settler::Hub | Settler::Unexplained => None,
        })
        .collect();
    let settled_by_own = |id: &CallId| matches!(settlers.get(id), Some(Settler::Own(_)));
    // What says the same as another call's own answer may have settled that one.
    let may_have_settled = |answer: &Answer, but: Option<CallId>| {
        picture.calls.iter().any(|(id, call)| {
            let end = call.end.as_ref().filter(|end| Some(*id) != but && end.no > answer.no);
            end.is_some_and(|end| settlement::explains_exactly(call, &end.how, answer))
        })
    };
    let was_ignored = |answer: &Answer| match (&answer.request_id, answer.call) {
        _ if used.contains(&answer.no) || may_have_settled(answer, answer.call) => false,
        (None, _) => !picture.calls.keys().any(|call| may_explain(picture, answer, *call)),
        (Some(_), Some(call)) => answer.late || answer.repeated && settled_by_own(&call),
        // Of nobody's call, or of another user's that its own plugin has settled; and it cannot be what settled any other.
        (Some(id), None) => {
            !unclaimed.contains(id) && picture.calls.iter().all(|(call, seen)| !seen.has_id(id) || settled_by_own(call))
        }
    };
    let arrived = |answer: &Answer| {
        // What was sent right before its socket was cut may never have arrived.
        let gone = picture.sockets.get(&answer.socket).and_then(|socket| socket.gone);
        gone.is_none_or(|(_, at, _)| at > answer.at + picture.facts.tolerance)
    };
    let demand = |answer: &Answer| {
        Some(Demand {
            what: "the ignored response",
            since: answer.no,
            witness: vec![answer.no],
            user: answer.user.clone()?,
            action: Vec::new(),
            request_id: answer.request_id.clone(),
        })
    };
    picture.answers.iter().filter(|answer| was_ignored(answer) && arrived(answer)).filter_map(demand).collect()
}
