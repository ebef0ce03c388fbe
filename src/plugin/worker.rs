//! Commands at the marketplace: what is being carried out, what waits for its turn, and what the relay has given up.
//!
//! What comes first is decided by documented time, and what waits is taken in the order of the calls, so that it does not
//! depend on which answer was the faster one on this machine.

use std::collections::{BTreeMap, BTreeSet};
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
const INDULGENCE: f64 = 2.0;

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
    deadlines: BTreeSet<(Duration, ErrandNo)>,
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
            self.deadlines.insert((cause.now + patience.mul_f64(self.scale * indulgence), number));
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
                self.deadlines.retain(|(_, of)| *of != number);
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
        self.deadlines.first().map(|(at, _)| *at)
    }

    pub(super) fn last_deadline(&self) -> Option<Duration> {
        self.deadlines.last().map(|(at, _)| *at)
    }

    /// Lets the relay give up what it has waited for long enough.
    pub(super) fn tick(&mut self, now: Duration, out: &mut Vec<Work>) {
        while let Some((_, number)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            // Which takes its deadline away.
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
        self.deadlines.retain(|(_, of)| *of != number);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::behaviour::{PlannedReply, Say};
    use super::super::plan::Deed;
    use super::*;
    use crate::event::EventNo;

    fn moment(no: usize, due_s: u64) -> Moment {
        let due = Duration::from_secs(due_s);
        Moment { no: EventNo(no), due, drawn: false, now: due }
    }

    fn plan(order: usize, action: &str, payload: Value) -> Plan {
        Plan {
            command: moment(order, 0),
            order,
            request_id: json!(format!("req_{order}")),
            action: action.to_owned(),
            payload,
            deed: Deed::Reply(PlannedReply::now(Say::Marketplace)),
        }
    }

    fn worker(extension: Value) -> Worker {
        Worker::new(Some(serde_json::from_value(extension).unwrap()), 1.0)
    }

    fn take(worker: &mut Worker, order: usize, action: &str) -> Vec<Work> {
        let mut out = Vec::new();
        let payload = json!({"shop_id": 5, "item_id": 7, "photos": ["front"]});
        worker.take(plan(order, action, payload), moment(order, 0), Due::AT_ONCE, &mut out);
        out
    }

    fn answer(worker: &mut Worker, number: u64, response: Option<&MarketResponse>, at: Moment) -> Vec<Work> {
        let mut out = Vec::new();
        worker.answered(ErrandNo(number), response, at, &mut out);
        out
    }

    fn no_orders() -> MarketResponse {
        MarketResponse::json(200, json!({"my_orders": [], "pagination": {"total_pages": 1}}))
    }

    /// What was done, in short: the errand that is asked for, or the error or data that is told, each with when it is due.
    fn done(work: &[Work]) -> Vec<(String, u64)> {
        let one = |work: &Work| match work {
            Work::Ask(number, cause, due, request) => {
                (format!("{} {} {}", number.0, request.method, request.path), (cause.due + due.after).as_secs())
            }
            Work::Tell(plan, cause, due, members) => {
                let told = members["error"].as_str().unwrap_or("told");
                (format!("{} {told}", plan.order), (cause.due + due.after).as_secs())
            }
        };
        work.iter().map(one).collect()
    }

    fn at(what: &str, due_s: u64) -> (String, u64) {
        (what.to_owned(), due_s)
    }

    #[test]
    fn what_has_no_place_waits_in_the_order_of_the_calls_and_the_rest_is_refused() {
        let mut worker = worker(json!({"at_once": 1, "queued": 2}));
        assert_eq!(done(&take(&mut worker, 9, "VINTED_ORDERS")), [at("0 GET /api/v2/my_orders", 0)]);
        assert_eq!(done(&take(&mut worker, 3, "VINTED_ORDERS")), []);
        assert_eq!(done(&take(&mut worker, 2, "VINTED_ORDERS")), []);
        assert_eq!(
            done(&take(&mut worker, 1, "VINTED_ORDERS")),
            [at("1 Request queue full - too many pending requests", 0)]
        );
        let first = answer(&mut worker, 0, Some(&no_orders()), moment(20, 4));
        assert_eq!(done(&first), [at("9 told", 4), at("2 GET /api/v2/my_orders", 4)]);
        let second = answer(&mut worker, 2, Some(&no_orders()), moment(21, 6));
        assert_eq!(done(&second), [at("2 told", 6), at("1 GET /api/v2/my_orders", 6)]);
        assert_eq!(done(&answer(&mut worker, 1, Some(&no_orders()), moment(22, 7))), [at("3 told", 7)]);
    }

    #[test]
    fn the_relay_gives_up_and_the_extension_goes_on() {
        let mut worker = worker(json!({"relay_gives_up_after_s": 30, "shape": "relay"}));
        take(&mut worker, 1, "VINTED_PUBLISH");
        assert_eq!(worker.next_deadline(), Some(Duration::from_secs(30)));
        let mut out = Vec::new();
        worker.tick(Duration::from_secs(30), &mut out);
        assert_eq!(done(&out), [at("1 Plugin operation timed out", 30)]);
        assert_eq!((worker.next_deadline(), worker.last_deadline()), (None, None));
        let photo = MarketResponse::json(200, json!({"id": 1}));
        let create = answer(&mut worker, 0, Some(&photo), moment(2, 45));
        assert_eq!(done(&create), [at("0 POST /api/v2/item_upload/items", 45)]);
        let listing = MarketResponse::json(200, json!({"item": {"id": 1}}));
        assert_eq!(done(&answer(&mut worker, 0, Some(&listing), moment(3, 46))), []);
    }

    #[test]
    fn what_the_relay_waits_for_is_decided_by_documented_time_and_not_by_the_clock() {
        let mut worker =
            Worker::new(Some(serde_json::from_value(json!({"relay_gives_up_after_s": 30})).unwrap()), 0.01);
        take(&mut worker, 1, "VINTED_ORDERS");
        assert_eq!(worker.next_deadline(), Some(Duration::from_millis(600)));
        // It came sooner than the relay's timer, and was due later.
        let late = Moment { now: Duration::from_millis(400), ..moment(2, 31) };
        assert_eq!(done(&answer(&mut worker, 0, Some(&no_orders()), late)), [at("1 Plugin operation timed out", 30)]);
        take(&mut worker, 2, "VINTED_ORDERS");
        let in_time = Moment { now: Duration::from_millis(440), ..moment(3, 30) };
        assert_eq!(done(&answer(&mut worker, 1, Some(&no_orders()), in_time)), [at("2 told", 30)]);
        assert_eq!(worker.next_deadline(), None);
    }

    #[test]
    fn a_post_without_an_answer_is_sent_once_more_and_nothing_else_is() {
        let mut repeating = worker(json!({"repeats_post": true}));
        take(&mut repeating, 1, "VINTED_DELETE");
        assert_eq!(done(&answer(&mut repeating, 0, None, moment(2, 0))), [at("0 POST /api/v2/items/7/delete", 0)]);
        assert_eq!(done(&answer(&mut repeating, 0, None, moment(3, 0))), [at("1 Vinted did not answer", 0)]);
        for (repeats, action) in [(false, "VINTED_DELETE"), (true, "VINTED_ORDERS")] {
            let mut worker = worker(json!({ "repeats_post": repeats }));
            take(&mut worker, 1, action);
            assert_eq!(done(&answer(&mut worker, 0, None, moment(2, 0))), [at("1 Vinted did not answer", 0)]);
        }
    }

    #[test]
    fn each_of_several_posts_may_be_repeated() {
        let mut worker = worker(json!({"repeats_post": true}));
        take(&mut worker, 1, "VINTED_PUBLISH");
        answer(&mut worker, 0, None, moment(2, 0));
        answer(&mut worker, 0, Some(&MarketResponse::json(200, json!({"id": 1}))), moment(3, 0));
        let again = answer(&mut worker, 0, None, moment(4, 0));
        assert_eq!(done(&again), [at("0 POST /api/v2/item_upload/items", 0)]);
    }

    #[test]
    fn without_a_tab_or_a_session_nothing_is_asked() {
        for (extension, error) in [
            (json!({"tab": false, "session": false}), "1 NO_VINTED_TAB: no tab of Vinted is open"),
            (json!({"session": false}), "1 NO_VINTED_SESSION: nobody is logged in at Vinted"),
        ] {
            assert_eq!(done(&take(&mut worker(extension), 1, "VINTED_SYNC")), [at(error, 0)]);
        }
    }

    #[test]
    fn without_an_extension_nothing_is_limited() {
        let mut worker = Worker::new(None, 0.01);
        let asked: usize = (0..200).map(|order| take(&mut worker, order, "VINTED_ORDERS").len()).sum();
        assert_eq!((asked, worker.next_deadline()), (200, None));
    }

    #[test]
    fn what_is_forgotten_is_not_told() {
        let mut worker = worker(json!({"at_once": 1, "relay_gives_up_after_s": 30}));
        take(&mut worker, 1, "VINTED_ORDERS");
        take(&mut worker, 2, "VINTED_ORDERS");
        worker.forget();
        assert_eq!(done(&answer(&mut worker, 0, Some(&no_orders()), moment(3, 1))), []);
        assert_eq!(worker.next_deadline(), None);
    }

    /// What a worker is used for, and what it has to keep to all the while.
    struct Bench {
        worker: Worker,
        most: usize,
        now_s: u64,
        taken: usize,
        asked: Vec<u64>,
        told: BTreeMap<usize, usize>,
    }

    impl Bench {
        fn note(&mut self, work: &[Work]) {
            for work in work {
                match work {
                    Work::Ask(number, ..) => self.asked.push(number.0),
                    Work::Tell(plan, ..) => *self.told.entry(plan.order).or_default() += 1,
                }
            }
            assert!(self.asked.len() <= self.most, "{} at once", self.asked.len());
        }

        fn take(&mut self) {
            let mut out = Vec::new();
            let plan = plan(self.taken, "VINTED_PUBLISH", json!({"photos": ["front"]}));
            self.worker.take(plan, moment(self.taken, self.now_s), Due::AT_ONCE, &mut out);
            self.taken += 1;
            self.note(&out);
        }

        fn answer(&mut self, which: usize, with: u8) {
            if self.asked.is_empty() {
                return;
            }
            let number = self.asked.remove(which % self.asked.len());
            let response = match with % 4 {
                0 => None,
                1 => Some(MarketResponse::json(500, json!({}))),
                _ => Some(MarketResponse::json(200, json!({"id": 1, "item": {"id": 1}}))),
            };
            let work = answer(&mut self.worker, number, response.as_ref(), moment(0, self.now_s));
            self.note(&work);
        }

        fn pass(&mut self, seconds: u64) {
            self.now_s += seconds;
            let mut out = Vec::new();
            self.worker.tick(Duration::from_secs(self.now_s), &mut out);
            self.note(&out);
        }
    }

    proptest! {
        /// Whatever is taken and answered when: never more at once than may be, and each command is told once.
        #[test]
        fn every_command_is_told_once_and_no_more_are_carried_out_than_may_be(
            most in 1_usize..4,
            queued in 0_usize..4,
            relay in prop::option::of(1_u64..30),
            repeats in any::<bool>(),
            steps in prop::collection::vec((0_u8..3, any::<u8>(), any::<u8>()), 0..60),
        ) {
            let extension = json!({
                "at_once": most, "queued": queued, "relay_gives_up_after_s": relay, "repeats_post": repeats
            });
            let mut bench =
                Bench { worker: worker(extension), most, now_s: 0, taken: 0, asked: Vec::new(), told: BTreeMap::new() };
            for (step, which, with) in steps {
                match step {
                    0 => bench.take(),
                    1 => bench.answer(which.into(), with),
                    _ => bench.pass(u64::from(which) % 20),
                }
            }
            while !bench.asked.is_empty() {
                bench.answer(0, 3);
            }
            prop_assert_eq!(bench.worker.next_deadline(), None);
            prop_assert_eq!(bench.told, (0..bench.taken).map(|order| (order, 1)).collect::<BTreeMap<_, _>>());
        }
    }
}
