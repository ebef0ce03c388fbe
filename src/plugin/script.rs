//! The machine that follows a behaviour.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::behaviour::{Behaviour, PlannedReply, ReplyId, Say, When};
use super::sync::{Known, Step, Sync};
use crate::contract::marketplace::{MarketRequest, MarketResponse};
use crate::event::EventNo;

/// What a plugin wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Do {
    /// Send a `plugin_response`.
    Respond {
        /// The command that is answered.
        command: EventNo,
        /// What it follows from.
        cause: EventNo,
        /// How long after the cause it is due, in documented time.
        after: Duration,
        /// Whether it carries the command's own id.
        own_id: bool,
        /// The event's argument.
        body: Value,
    },
    /// Ask the marketplace; the answer goes to [`Plugin::fetched`] under the same command.
    Fetch {
        /// The command that is carried out.
        command: EventNo,
        /// What it follows from.
        cause: EventNo,
        /// The request.
        request: MarketRequest,
    },
}

/// A reply that is planned, with what it will say it to.
#[derive(Debug, Clone)]
struct Plan {
    command: EventNo,
    order: usize,
    request_id: String,
    payload: Value,
    reply: PlannedReply,
}

/// Carrying out a command at the marketplace.
#[derive(Debug)]
struct Errand {
    plan: Plan,
    sync: Sync,
}

/// A fake plugin: what it will do, and what it is waiting for. Real time in, as the driver's clock has it.
#[derive(Debug)]
pub struct Plugin {
    behaviour: Behaviour,
    scale: f64,
    seen: u64,
    timed: BTreeMap<(Duration, u64), (Plan, Duration)>,
    timed_so_far: u64,
    until_call_ends: Vec<Plan>,
    gathered: Vec<Plan>,
    errands: BTreeMap<EventNo, Errand>,
    known: Known,
}

impl Plugin {
    /// A plugin with this behaviour; `scale` real seconds pass for a documented one.
    #[must_use]
    pub fn new(behaviour: Behaviour, scale: f64) -> Self {
        Self {
            behaviour,
            scale,
            seen: 0,
            timed: BTreeMap::new(),
            timed_so_far: 0,
            until_call_ends: Vec::new(),
            gathered: Vec::new(),
            errands: BTreeMap::new(),
            known: Known::new(),
        }
    }

    /// Behaves differently from now on; what is planned stays planned.
    pub fn behave(&mut self, behaviour: Behaviour) {
        self.behaviour = behaviour;
    }

    /// Takes a command, as it was recorded. `order` is its place among the commands that may come in any order: that of its
    /// call, so that what is done with all of them does not depend on luck.
    pub fn command(&mut self, now: Duration, command: EventNo, order: usize, body: &Value, out: &mut Vec<Do>) {
        self.seen += 1;
        let action = body["action"].as_str().unwrap_or_default();
        let request_id = body["request_id"].as_str().unwrap_or_default();
        let replies = self.behaviour.reaction(action, self.seen).replies.clone();
        for reply in replies {
            let plan =
                Plan { command, order, request_id: request_id.to_owned(), payload: body["payload"].clone(), reply };
            self.plan(now, plan, out);
        }
    }

    /// A call whose command came to this plugin has ended at its caller, which was recorded as `cause`.
    pub fn call_ended(&mut self, command: EventNo, cause: EventNo, out: &mut Vec<Do>) {
        let (now_due, still): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.until_call_ends).into_iter().partition(|plan| plan.command == command);
        self.until_call_ends = still;
        for plan in now_due {
            self.carry_out(plan, cause, Duration::ZERO, out);
        }
    }

    /// The marketplace answered, which was recorded as `cause`; `None` if no answer came.
    pub fn fetched(&mut self, command: EventNo, response: Option<&MarketResponse>, cause: EventNo, out: &mut Vec<Do>) {
        let Some(mut errand) = self.errands.remove(&command) else {
            return;
        };
        match errand.sync.page(response, &mut self.known) {
            Step::Ask(request) => {
                let request = signed(&errand.plan, request);
                self.errands.insert(command, errand);
                out.push(Do::Fetch { command, cause, request });
            }
            Step::Done(members) => out.push(respond(&errand.plan, cause, Duration::ZERO, members)),
        }
    }

    /// When [`Plugin::tick`] is wanted next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        self.timed.first_key_value().map(|((at, _), _)| *at)
    }

    /// When the last thing is due that is planned by now.
    #[must_use]
    pub fn last_deadline(&self) -> Option<Duration> {
        self.timed.last_key_value().map(|((at, _), _)| *at)
    }

    /// Carries out what is due at `now`.
    pub fn tick(&mut self, now: Duration, out: &mut Vec<Do>) {
        while let Some(entry) = self.timed.first_entry().filter(|entry| entry.key().0 <= now) {
            let (plan, after) = entry.remove();
            let cause = plan.command;
            self.carry_out(plan, cause, after, out);
        }
    }

    /// Forgets everything that is planned, as a tab does that is closed.
    pub fn forget(&mut self) {
        self.timed.clear();
        self.until_call_ends.clear();
        self.gathered.clear();
        self.errands.clear();
    }

    fn plan(&mut self, now: Duration, plan: Plan, out: &mut Vec<Do>) {
        match plan.reply.when {
            When::AfterS(seconds) => {
                let after = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO);
                if after.is_zero() {
                    let cause = plan.command;
                    return self.carry_out(plan, cause, after, out);
                }
                let at = now + after.mul_f64(self.scale);
                self.timed.insert((at, self.timed_so_far), (plan, after));
                self.timed_so_far += 1;
            }
            When::CallEnded => self.until_call_ends.push(plan),
            When::Gathered { commands, reversed } => {
                self.gathered.push(plan);
                if self.gathered.len() >= commands {
                    let mut plans = std::mem::take(&mut self.gathered);
                    plans.sort_by_key(|plan| plan.order);
                    // All of them had to come: the last one by order stands for that, whichever it really was.
                    let cause = plans.last().map(|plan| plan.command);
                    if reversed {
                        plans.reverse();
                    }
                    for plan in plans {
                        let cause = cause.unwrap_or(plan.command);
                        self.carry_out(plan, cause, Duration::ZERO, out);
                    }
                }
            }
        }
    }

    fn carry_out(&mut self, plan: Plan, cause: EventNo, after: Duration, out: &mut Vec<Do>) {
        let members = match &plan.reply.say {
            Say::Data(data) => json!({"success": true, "data": data}),
            Say::Payload => json!({"success": true, "data": plan.payload}),
            Say::Error(error) => json!({"success": false, "error": error}),
            Say::Members(members) => Value::Object(members.clone()),
            Say::Marketplace => {
                let (sync, first) = Sync::start(&plan.payload);
                match first {
                    Step::Ask(request) => {
                        let (command, request) = (plan.command, signed(&plan, request));
                        self.errands.insert(command, Errand { plan, sync });
                        return out.push(Do::Fetch { command, cause, request });
                    }
                    Step::Done(members) => members,
                }
            }
        };
        out.push(respond(&plan, cause, after, members));
    }
}

/// A request as one for this command, in the session of the shop that it names; without one, in anybody's.
fn signed(plan: &Plan, request: MarketRequest) -> MarketRequest {
    let session = match &plan.payload["shop_id"] {
        Value::String(shop) if !shop.is_empty() => shop.clone(),
        Value::Number(shop) => shop.to_string(),
        _ => "plugin".to_owned(),
    };
    request.from_session(&session, &plan.request_id)
}

/// A response with these members under the id that was planned.
fn respond(plan: &Plan, cause: EventNo, after: Duration, members: Value) -> Do {
    let (id, own_id) = match &plan.reply.id {
        ReplyId::Own => (plan.request_id.clone(), true),
        ReplyId::Other(id) => (id.clone(), false),
    };
    let mut body = Map::from_iter([("request_id".to_owned(), Value::String(id))]);
    if let Value::Object(members) = members {
        body.extend(members);
    }
    Do::Respond { command: plan.command, cause, after, own_id, body: Value::Object(body) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(id: &str) -> Value {
        json!({"request_id": id, "action": "VINTED_SYNC", "payload": {"n": id}})
    }

    fn said(done: &[Do]) -> Vec<(usize, Value)> {
        let body = |done: &Do| match done {
            Do::Respond { cause, body, .. } => (cause.0, body["data"]["n"].clone()),
            Do::Fetch { .. } => panic!("no marketplace here"),
        };
        done.iter().map(body).collect()
    }

    fn plugin(when: When) -> Plugin {
        Plugin::new(Behaviour::always(vec![PlannedReply { when, id: ReplyId::Own, say: Say::Payload }]), 0.1)
    }

    #[test]
    fn a_delayed_answer_waits_for_its_scaled_time() {
        let (mut plugin, mut out) = (plugin(When::AfterS(2.0)), Vec::new());
        plugin.command(Duration::from_secs(1), EventNo(4), 4, &command("a"), &mut out);
        let due = plugin.next_deadline().unwrap();
        assert_eq!((out.len(), due), (0, Duration::from_millis(1200)));
        plugin.tick(due, &mut out);
        assert!(matches!(out.as_slice(), [Do::Respond { after, .. }] if *after == Duration::from_secs(2)), "{out:?}");
        assert_eq!(plugin.next_deadline(), None);
    }

    #[test]
    fn gathered_commands_are_answered_together_in_the_order_of_their_calls_or_in_reverse() {
        let (mut plugin, mut out) = (plugin(When::Gathered { commands: 2, reversed: true }), Vec::new());
        plugin.command(Duration::ZERO, EventNo(2), 2, &command("b"), &mut out);
        assert_eq!(out, []);
        plugin.command(Duration::ZERO, EventNo(3), 1, &command("a"), &mut out);
        assert_eq!(said(&out), [(2, json!("b")), (2, json!("a"))]);
    }

    #[test]
    fn a_late_answer_waits_for_the_end_of_its_own_call() {
        let (mut plugin, mut out) = (plugin(When::CallEnded), Vec::new());
        plugin.command(Duration::ZERO, EventNo(1), 1, &command("a"), &mut out);
        plugin.call_ended(EventNo(9), EventNo(10), &mut out);
        assert_eq!(out, []);
        plugin.call_ended(EventNo(1), EventNo(11), &mut out);
        assert_eq!(said(&out), [(11, json!("a"))]);
    }

    #[test]
    fn a_closed_tab_answers_nothing_any_more() {
        let (mut plugin, mut out) = (plugin(When::AfterS(2.0)), Vec::new());
        plugin.command(Duration::ZERO, EventNo(1), 1, &command("a"), &mut out);
        plugin.forget();
        plugin.tick(Duration::from_secs(9), &mut out);
        assert_eq!((out, plugin.next_deadline()), (Vec::new(), None));
    }

    #[test]
    fn a_command_is_carried_out_at_the_marketplace_page_by_page() {
        let mut plugin = Plugin::new(Behaviour::always(vec![PlannedReply::now(Say::Marketplace)]), 1.0);
        let mut out = Vec::new();
        let body = json!({"request_id": "a", "action": "VINTED_SYNC", "payload": {"shop_id": 5}});
        plugin.command(Duration::ZERO, EventNo(1), 1, &body, &mut out);
        let [Do::Fetch { cause: EventNo(1), request, .. }] = out.as_slice() else { panic!("{out:?}") };
        assert_eq!((request.session(), request.header("x-request-id")), (Some("5"), Some("a")));
        out.clear();
        let page = MarketResponse::json(200, json!({"items": [{"id": 1}], "pagination": {"total_pages": 1}}));
        plugin.fetched(EventNo(1), Some(&page), EventNo(2), &mut out);
        let [Do::Respond { cause: EventNo(2), body, .. }] = out.as_slice() else { panic!("{out:?}") };
        assert_eq!(*body, json!({"request_id": "a", "success": true, "data": {"imported": 1, "updated": 0}}));
    }
}
