//! Commands at the marketplace: what is being carried out, what waits for its turn, and what the relay has given up.
//!
//! What comes first is decided by documented time, and what waits is taken in the order of the calls, so that it does not
//! depend on which answer was the faster one on this machine.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::errand::{Code, Errand, Failed, Known, Outcome, Step, failed};
use super::extension::Extension;
use super::plan::{Due, Moment, Plan};
use crate::contract::marketplace::{MarketRequest, MarketResponse};

/// What is said when the queue has no place left.
pub const QUEUE_FULL: &str = "Request queue full - too many pending requests";

/// What the relay says when it has waited long enough.
pub const GIVEN_UP: &str = "Plugin operation timed out";

/// Where time is shrunk, the relay waits so much longer than its share: an answer that is to come in time is not to lose
/// against a busy machine. What is in time is decided by documented time in any case.
const INDULGENCE: f64 = 1.5;

/// One command at the marketplace, by the order in which they were begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ErrandNo(pub u64);

/// What the worker wants done.
#[derive(Debug)]
pub(super) enum Work {
    /// Ask the marketplace, so long after that.
    Ask(ErrandNo, Moment, Due, MarketRequest),
    /// Tell the outcome of this command.
    Tell(Box<Plan>, Moment, Due, Value),
}

/// A command that was taken and has not ended.
#[derive(Debug)]
struct Taken {
    plan: Plan,
    /// What it follows from, and how long after it it was taken.
    cause: Moment,
    due: Due,
    errand: Errand,
    request: MarketRequest,
    /// Whether the request was sent; else it waits.
    asked: bool,
    repeated: bool,
    /// When the relay gives it up, if it does, in documented time.
    patience: Option<Duration>,
    /// Whether somebody still waits for the outcome.
    awaited: bool,
}

impl Taken {
    /// When it was taken, in documented time.
    fn since(&self) -> Duration {
        self.cause.due + self.due.after
    }

    fn relay_due(&self) -> Option<Due> {
        let patience = self.patience.filter(|_| self.awaited)?;
        Some(Due { after: self.due.after + patience, drawn: self.due.drawn })
    }
}

/// The extension's service worker.
#[derive(Debug, Default)]
pub(super) struct Worker {
    extension: Option<Extension>,
    scale: f64,
    taken: BTreeMap<ErrandNo, Taken>,
    so_far: u64,
    /// When the relay gives commands up, by the driver's clock.
    deadlines: BTreeMap<(Duration, ErrandNo), ()>,
    known: Known,
}

impl Worker {
    pub(super) fn new(extension: Option<Extension>, scale: f64) -> Self {
        Self { extension, scale, ..Self::default() }
    }

    /// Works differently from now on; what was taken stays taken.
    pub(super) fn set(&mut self, extension: Option<Extension>) {
        self.extension = extension;
    }

    /// Takes a command, so long after `cause`.
    pub(super) fn take(&mut self, plan: Plan, cause: Moment, due: Due, out: &mut Vec<Work>) {
        let (errand, request) = match self.begin(&plan) {
            Ok(begun) => begun,
            Err(failed) => return out.push(self.tell(plan, cause, due, Err(failed))),
        };
        let number = ErrandNo(self.so_far);
        self.so_far += 1;
        let patience = self.extension.and_then(|extension| extension.relay_gives_up_after_s);
        let patience = patience.map(super::Seconds::duration);
        if let Some(patience) = patience {
            let indulgence = if self.scale < 1.0 { INDULGENCE } else { 1.0 };
            self.deadlines.insert((cause.now + patience.mul_f64(self.scale * indulgence), number), ());
        }
        let request = signed(&plan, request);
        let taken = Taken { plan, cause, due, errand, request, asked: false, repeated: false, patience, awaited: true };
        self.taken.insert(number, taken);
        self.go_on(None, out);
    }

    /// Takes the answer to the last request of a command.
    pub(super) fn answered(
        &mut self,
        number: ErrandNo,
        response: Option<&MarketResponse>,
        cause: Moment,
        out: &mut Vec<Work>,
    ) {
        let repeats = self.extension.is_some_and(|extension| extension.repeats_post);
        let Some(taken) = self.taken.get_mut(&number) else {
            return;
        };
        if taken.relay_due().is_some_and(|relay| cause.due > taken.cause.due + relay.after) {
            self.give_up(number, out);
        }
        let Some(taken) = self.taken.get_mut(&number) else {
            return;
        };
        if response.is_none() && repeats && taken.request.method == "POST" && !taken.repeated {
            taken.repeated = true;
            return out.push(Work::Ask(number, cause, Due::AT_ONCE, taken.request.clone()));
        }
        match taken.errand.answered(response, &mut self.known) {
            Step::Ask(request) => {
                taken.request = signed(&taken.plan, request);
                taken.repeated = false;
                out.push(Work::Ask(number, cause, Due::AT_ONCE, taken.request.clone()));
            }
            Step::Done(outcome) => {
                self.deadlines.retain(|(_, of), ()| *of != number);
                if let Some(taken) = self.taken.remove(&number)
                    && taken.awaited
                {
                    let told = self.tell(taken.plan, cause, Due::AT_ONCE, outcome);
                    out.push(told);
                }
                self.go_on(Some(cause), out);
            }
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first_key_value().map(|((at, _), ())| *at)
    }

    pub(super) fn last_deadline(&self) -> Option<Duration> {
        self.deadlines.last_key_value().map(|((at, _), ())| *at)
    }

    /// Lets the relay give up what it has waited for long enough.
    pub(super) fn tick(&mut self, now: Duration, out: &mut Vec<Work>) {
        while let Some(entry) = self.deadlines.first_entry().filter(|entry| entry.key().0 <= now) {
            let ((_, number), ()) = entry.remove_entry();
            self.give_up(number, out);
        }
    }

    /// Forgets what is under way, but not what was seen.
    pub(super) fn forget(&mut self) {
        self.taken.clear();
        self.deadlines.clear();
    }

    fn begin(&self, plan: &Plan) -> Result<(Errand, MarketRequest), Failed> {
        if let Some(extension) = self.extension {
            let most = extension.at_once.map(|at_once| {
                extension.queued.map_or(usize::MAX, |queued| at_once.number().saturating_add(queued.number()))
            });
            if most.is_some_and(|most| self.taken.len() >= most) {
                return Err(Failed::unnamed(QUEUE_FULL));
            }
            if !extension.tab {
                return Err(Failed::refused(Code::NoTab, "no tab of Vinted is open"));
            }
            if !extension.session {
                return Err(Failed::refused(Code::NoSession, "nobody is logged in at Vinted"));
            }
        }
        Errand::start(&plan.action, &plan.payload, plan.request_id.as_str().unwrap_or_default())
    }

    /// Begins what there is a place for, in the order of the calls; at the earliest when one has become free.
    fn go_on(&mut self, freed: Option<Moment>, out: &mut Vec<Work>) {
        let places = self.extension.and_then(|extension| extension.at_once).map_or(usize::MAX, super::Count::number);
        while self.taken.values().filter(|taken| taken.asked).count() < places {
            let waiting = self.taken.iter_mut().filter(|(_, taken)| !taken.asked);
            let next = waiting.min_by_key(|(number, taken)| (taken.plan.order, **number));
            let Some((number, next)) = next else { return };
            next.asked = true;
            let mut due = next.due;
            if let Some(freed) = freed.filter(|freed| freed.due > next.since()) {
                due = Due { after: freed.due.saturating_sub(next.cause.due), drawn: due.drawn || freed.drawn };
            }
            out.push(Work::Ask(*number, next.cause, due, next.request.clone()));
        }
    }

    /// The relay waits no longer.
    fn give_up(&mut self, number: ErrandNo, out: &mut Vec<Work>) {
        self.deadlines.retain(|(_, of), ()| *of != number);
        let Some(taken) = self.taken.get_mut(&number) else { return };
        let Some(due) = taken.relay_due() else { return };
        taken.awaited = false;
        let (plan, cause) = (taken.plan.clone(), taken.cause);
        let told = self.tell(plan, cause, due, Err(Failed::unnamed(GIVEN_UP)));
        out.push(told);
    }

    fn tell(&self, plan: Plan, cause: Moment, due: Due, outcome: Outcome) -> Work {
        let shape = self.extension.map(|extension| extension.shape);
        Work::Tell(Box::new(plan), cause, due, failed::members(outcome, shape))
    }
}

/// A request as one for this command, in the session of the shop that it names; without one, in anybody's.
fn signed(plan: &Plan, request: MarketRequest) -> MarketRequest {
    let session = match &plan.payload["shop_id"] {
        Value::String(shop) if !shop.is_empty() => shop.clone(),
        Value::Number(shop) => shop.to_string(),
        _ => "plugin".to_owned(),
    };
    request.from_session(&session, plan.request_id.as_str().unwrap_or_default())
}
