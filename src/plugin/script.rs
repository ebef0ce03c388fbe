//! The machine that follows a behaviour.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::behaviour::{Behaviour, Gathered, How, Order, ReplyId, Say, Sender, When};
use super::draw::{Draw, Draws};
use super::plan::{Deed, Due, Id, Moment, Plan, placeholder};
use super::worker::{ErrandNo, Work, Worker};
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
        /// How long after the cause it is due.
        due: Due,
        /// Whether it carries the command's own id, as planned.
        own_id: bool,
        /// Whose socket it is sent from.
        from: Sender,
        /// The event's arguments.
        args: Vec<Value>,
        /// The bytes that belong where the arguments have a placeholder, if it is a binary event.
        attachment: Option<Vec<u8>>,
    },
    /// Ask the marketplace; the answer goes to [`Plugin::fetched`].
    Fetch {
        /// What it is asked for.
        errand: ErrandNo,
        /// What it follows from.
        cause: EventNo,
        /// How long after the cause it is made.
        due: Due,
        /// The request.
        request: MarketRequest,
    },
    /// Disrupt the connection.
    Disrupt {
        /// What it follows from.
        cause: EventNo,
        /// How long after the cause it is due.
        due: Due,
        /// What to do to it.
        how: How,
        /// How much later to connect again; the stage tells [`Plugin::comes_back`] if it does.
        back_after: Option<Duration>,
    },
    /// Connect again, unless it is connected.
    Connect {
        /// What it follows from.
        cause: EventNo,
        /// How long after the cause it is due.
        due: Due,
    },
}

/// Something that waits for its time.
#[derive(Debug)]
enum Timed {
    Plan(Box<Plan>, Due),
    Return(EventNo, Due),
}

/// A fake plugin: what it will do, and what it is waiting for. Real time in, as the driver's clock has it.
#[derive(Debug)]
pub struct Plugin {
    behaviour: Behaviour,
    scale: f64,
    draws: Draws,
    seen: u64,
    timed: BTreeMap<(Duration, u64), Timed>,
    timed_so_far: u64,
    until_call_ends: Vec<Plan>,
    until_connected: Vec<Plan>,
    gathered: BTreeMap<Gathered, Vec<Plan>>,
    worker: Worker,
    /// Ids of commands whose calls have not ended, by the place of the call.
    pending: BTreeMap<(usize, EventNo), Value>,
    /// The id of the latest command whose call has ended.
    earlier: Option<((usize, EventNo), Value)>,
}

impl Plugin {
    /// A plugin with this behaviour; `scale` real seconds pass for a documented one.
    #[must_use]
    pub fn new(behaviour: Behaviour, scale: f64, draws: Draws) -> Self {
        Self {
            worker: Worker::new(behaviour.extension, scale),
            behaviour,
            scale,
            draws,
            seen: 0,
            timed: BTreeMap::new(),
            timed_so_far: 0,
            until_call_ends: Vec::new(),
            until_connected: Vec::new(),
            gathered: BTreeMap::new(),
            pending: BTreeMap::new(),
            earlier: None,
        }
    }

    /// Behaves differently from now on; what is planned stays planned.
    pub fn behave(&mut self, behaviour: Behaviour) {
        self.worker.set(behaviour.extension);
        self.behaviour = behaviour;
    }

    /// Whether the tabs of its user share a replay guard: of these, only the first that is connected is to be told of a
    /// command, and of each `request_id` once.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        self.behaviour.extension.is_some_and(|extension| extension.replay_guard)
    }

    /// Takes a command, as it was recorded. `order` is its place among the commands that may come in any order: that of its
    /// call, so that what is done with all of them does not depend on luck.
    pub fn command(&mut self, command: Moment, order: usize, body: &Value, out: &mut Vec<Do>) {
        self.seen += 1;
        let action = body["action"].as_str().unwrap_or_default();
        let request_id = body["request_id"].clone();
        self.pending.insert((order, command.no), request_id.clone());
        let mut draw = self.draws.of_command(order);
        let reaction = self.behaviour.reaction(action, self.seen, &mut draw).clone();
        let plan = |deed| Plan {
            command,
            order,
            request_id: request_id.clone(),
            action: action.to_owned(),
            payload: body["payload"].clone(),
            deed,
        };
        for reply in reaction.replies {
            self.plan(reply.when, plan(Deed::Reply(reply)), &mut draw, out);
        }
        self.gather(command.now, out);
        if let Some(disruption) = reaction.disruption {
            self.plan(disruption.when, plan(Deed::Disrupt(disruption)), &mut draw, out);
        }
    }

    /// A call whose command came to this plugin has ended at its caller, which was recorded as `cause`.
    pub fn call_ended(&mut self, command: EventNo, cause: Moment, out: &mut Vec<Do>) {
        let place = self.pending.keys().find(|(_, pending)| *pending == command).copied();
        if let Some((place, id)) = place.and_then(|place| self.pending.remove_entry(&place))
            && self.earlier.as_ref().is_none_or(|(earlier, _)| *earlier < place)
        {
            self.earlier = Some((place, id));
        }
        let (now_due, still): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.until_call_ends).into_iter().partition(|plan| plan.command.no == command);
        self.until_call_ends = still;
        for plan in now_due {
            self.carry_out(plan, cause, Due::AT_ONCE, out);
        }
    }

    /// The plugin is connected, maybe again, which was recorded as `cause`.
    pub fn connected(&mut self, cause: Moment, out: &mut Vec<Do>) {
        for plan in std::mem::take(&mut self.until_connected) {
            self.carry_out(plan, cause, Due::AT_ONCE, out);
        }
    }

    /// The connection was disrupted, which was recorded as `cause`, and the plugin connects again so much later.
    pub fn comes_back(&mut self, now: Duration, cause: EventNo, after: Duration) {
        self.after(now, after, Timed::Return(cause, after.into()));
    }

    /// The marketplace answered, which was recorded as `cause`; `None` if no answer came.
    pub fn fetched(&mut self, errand: ErrandNo, response: Option<&MarketResponse>, cause: Moment, out: &mut Vec<Do>) {
        let mut work = Vec::new();
        self.worker.answered(errand, response, cause, &mut work);
        self.put_out(work, out);
    }

    /// When [`Plugin::tick`] is wanted next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        let timed = self.timed.first_key_value().map(|((at, _), _)| *at);
        timed.into_iter().chain(self.worker.next_deadline()).min()
    }

    /// When the last thing is due that is planned by now.
    #[must_use]
    pub fn last_deadline(&self) -> Option<Duration> {
        self.timed.last_key_value().map(|((at, _), _)| *at).max(self.worker.last_deadline())
    }

    /// Carries out what is due at `now`.
    pub fn tick(&mut self, now: Duration, out: &mut Vec<Do>) {
        while let Some(entry) = self.timed.first_entry().filter(|entry| entry.key().0 <= now) {
            match entry.remove() {
                Timed::Plan(plan, due) => {
                    let cause = Moment { now, ..plan.command };
                    self.carry_out(*plan, cause, due, out);
                }
                Timed::Return(cause, due) => out.push(Do::Connect { cause, due }),
            }
        }
        let mut work = Vec::new();
        self.worker.tick(now, &mut work);
        self.put_out(work, out);
    }

    /// Forgets everything that is planned, as a tab does that is closed.
    pub fn forget(&mut self) {
        self.timed.clear();
        self.until_call_ends.clear();
        self.until_connected.clear();
        self.gathered.clear();
        self.worker.forget();
        self.pending.clear();
        self.earlier = None;
    }

    fn plan(&mut self, when: When, plan: Plan, draw: &mut Draw, out: &mut Vec<Do>) {
        let now = plan.command.now;
        match when {
            When::AfterS(seconds) => {
                let after = seconds.duration();
                if after.is_zero() {
                    let cause = plan.command;
                    return self.carry_out(plan, cause, Due::AT_ONCE, out);
                }
                self.after(now, after, Timed::Plan(Box::new(plan), after.into()));
            }
            When::After(drawn) => {
                let due = Due { after: drawn.latest(), drawn: true };
                self.after(now, drawn.draw(draw), Timed::Plan(Box::new(plan), due));
            }
            When::CallEnded => self.until_call_ends.push(plan),
            When::Reconnected => self.until_connected.push(plan),
            When::Gathered(gathered) => self.gathered.entry(gathered).or_default().push(plan),
        }
    }

    fn after(&mut self, now: Duration, after: Duration, timed: Timed) {
        self.timed.insert((now + after.mul_f64(self.scale), self.timed_so_far), timed);
        self.timed_so_far += 1;
    }

    /// Answers gathered commands where enough have come.
    fn gather(&mut self, now: Duration, out: &mut Vec<Do>) {
        let enough = |(gathered, plans): &(&Gathered, &Vec<Plan>)| {
            // A command that a broken hub sends twice is still one.
            let calls: BTreeSet<usize> = plans.iter().map(|plan| plan.order).collect();
            calls.len() >= gathered.commands.number()
        };
        let ready: Vec<Gathered> = self.gathered.iter().filter(enough).map(|(gathered, _)| *gathered).collect();
        for gathered in ready {
            let mut plans = self.gathered.remove(&gathered).unwrap_or_default();
            plans.sort_by_key(|plan| plan.order);
            // All of them had to come: the last one by order stands for that, whichever it really was.
            let Some(cause) = plans.last().map(|plan| plan.command) else { continue };
            match gathered.order {
                Order::AsAsked => {}
                Order::Reversed => plans.sort_by_key(|plan| Reverse(plan.order)),
                Order::Shuffled => {
                    let ranks = self.draws.shuffled(plans.iter().map(|plan| plan.order).collect());
                    plans.sort_by_key(|plan| ranks.get(&plan.order).copied());
                }
            }
            let cause = Moment { now, ..cause };
            let due = Due { after: Duration::ZERO, drawn: gathered.order == Order::Shuffled };
            for plan in plans {
                if plan.is_errand() {
                    // Its answers come in any order: what follows from its own command has a place of its own.
                    let (own, after) = (Moment { now, ..plan.command }, cause.due.saturating_sub(plan.command.due));
                    self.carry_out(plan, own, Due { after, drawn: due.drawn || cause.drawn }, out);
                } else {
                    self.carry_out(plan, cause, due, out);
                }
            }
        }
    }

    fn carry_out(&mut self, plan: Plan, cause: Moment, due: Due, out: &mut Vec<Do>) {
        let reply = match &plan.deed {
            Deed::Reply(reply) => reply,
            Deed::Disrupt(disruption) => {
                let back_after = disruption.back_after_s.map(super::Seconds::duration);
                return out.push(Do::Disrupt { cause: cause.no, due, how: disruption.how, back_after });
            }
        };
        if plan.is_errand() {
            let mut work = Vec::new();
            self.worker.take(plan, cause, due, &mut work);
            return self.put_out(work, out);
        }
        let members = plan.says(&reply.say);
        self.respond(&plan, cause.no, due, members, out);
    }

    fn put_out(&self, work: Vec<Work>, out: &mut Vec<Do>) {
        for work in work {
            match work {
                Work::Ask(errand, cause, due, request) => {
                    out.push(Do::Fetch { errand, cause: cause.no, due, request });
                }
                Work::Tell(plan, cause, due, members) => self.respond(&plan, cause.no, due, members, out),
            }
        }
    }

    /// Responds with these members under the id that was planned, or with the arguments that were planned.
    fn respond(&self, plan: &Plan, cause: EventNo, due: Due, members: Value, out: &mut Vec<Do>) {
        let Deed::Reply(reply) = &plan.deed else { return };
        let id = match &reply.id {
            ReplyId::Own => Id::Is(plan.request_id.clone()),
            ReplyId::Other(id) => Id::Is(Value::String(id.clone())),
            ReplyId::Json(json) => Id::Is(json.0.clone()),
            ReplyId::Missing => Id::None,
            ReplyId::AnotherPending => {
                let others = || self.pending.iter().filter(|((order, _), _)| *order != plan.order);
                let next = others().find(|((order, _), _)| *order > plan.order).or_else(|| others().next());
                let Some((_, id)) = next else { return };
                Id::Is(id.clone())
            }
            ReplyId::Earlier => {
                let Some((_, id)) = &self.earlier else { return };
                Id::Is(id.clone())
            }
        };
        let args = match &reply.say {
            Say::Arguments(arguments) => arguments.0.clone(),
            Say::Bytes(_) => vec![placeholder()],
            _ => vec![id.with(members)],
        };
        let attachment = match &reply.say {
            Say::Bytes(text) | Say::BytesAsData(text) => Some(text.clone().into_bytes()),
            _ => None,
        };
        let whole = matches!(reply.say, Say::Arguments(_)) || attachment.is_some();
        let own_id = matches!(reply.id, ReplyId::Own) && !whole;
        out.push(Do::Respond { command: plan.command.no, cause, due, own_id, from: reply.from, args, attachment });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{PlannedReply, Seconds};
    use super::*;

    fn command(id: &str) -> Value {
        json!({"request_id": id, "action": "VINTED_SYNC", "payload": {"n": id}})
    }

    fn at(no: usize) -> Moment {
        Moment { no: EventNo(no), due: Duration::ZERO, drawn: false, now: Duration::ZERO }
    }

    fn said(done: &[Do]) -> Vec<(usize, Value)> {
        let body = |done: &Do| match done {
            Do::Respond { cause, args, .. } => (cause.0, args[0]["data"]["n"].clone()),
            other => panic!("{other:?}"),
        };
        done.iter().map(body).collect()
    }

    fn with(behaviour: Behaviour) -> Plugin {
        Plugin::new(behaviour, 0.1, Draws::new(1, 0))
    }

    fn plugin(when: When) -> Plugin {
        with(Behaviour::always(vec![PlannedReply { when, ..PlannedReply::now(Say::Payload) }]))
    }

    fn gathered(commands: u32, order: &str) -> When {
        serde_json::from_value(json!({"gathered": {"commands": commands, "order": order}})).unwrap()
    }

    fn reaction(value: &Value) -> Plugin {
        with(serde_json::from_value(json!({ "otherwise": value })).unwrap())
    }

    fn ids(done: &[Do]) -> Vec<Value> {
        let id = |done: &Do| match done {
            Do::Respond { args, .. } => {
                args.first().and_then(|body| body.get("request_id")).cloned().unwrap_or_default()
            }
            other => panic!("{other:?}"),
        };
        done.iter().map(id).collect()
    }

    #[test]
    fn a_delayed_answer_waits_for_its_scaled_time() {
        let (mut plugin, mut out) = (plugin(When::AfterS(Seconds::from(2))), Vec::new());
        plugin.command(Moment { now: Duration::from_secs(1), ..at(4) }, 4, &command("a"), &mut out);
        let due = plugin.next_deadline().unwrap();
        assert_eq!((out.len(), due), (0, Duration::from_millis(1200)));
        plugin.tick(due, &mut out);
        assert!(
            matches!(out.as_slice(), [Do::Respond { due, .. }] if *due == Duration::from_secs(2).into()),
            "{out:?}"
        );
        assert_eq!(plugin.next_deadline(), None);
    }

    #[test]
    fn gathered_commands_are_answered_together_in_the_order_of_their_calls_or_in_reverse() {
        let (mut plugin, mut out) = (plugin(gathered(2, "reversed")), Vec::new());
        plugin.command(at(2), 2, &command("b"), &mut out);
        assert_eq!(out, []);
        plugin.command(at(3), 1, &command("a"), &mut out);
        assert_eq!(said(&out), [(2, json!("b")), (2, json!("a"))]);
    }

    #[test]
    fn gathered_commands_are_answered_in_an_order_of_the_seed_however_they_came() {
        let shuffled = |seed, orders: [usize; 4]| {
            let always = Behaviour::always(vec![PlannedReply {
                when: gathered(4, "shuffled"),
                ..PlannedReply::now(Say::Payload)
            }]);
            let (mut plugin, mut out) = (Plugin::new(always, 1.0, Draws::new(seed, 0)), Vec::new());
            for order in orders {
                plugin.command(at(order), order, &command(&format!("{order}")), &mut out);
            }
            assert!(out.iter().all(|done| matches!(done, Do::Respond { due: Due { drawn: true, .. }, .. })), "{out:?}");
            said(&out)
        };
        assert_eq!(shuffled(5, [0, 1, 2, 3]), shuffled(5, [3, 1, 0, 2]));
        assert!((0..9).any(|seed| shuffled(seed, [0, 1, 2, 3]) != shuffled(5, [0, 1, 2, 3])));
    }

    #[test]
    fn commands_are_gathered_as_commands_however_many_replies_each_has() {
        let twice = json!({"when": {"gathered": {"commands": 2}}, "say": "payload"});
        let (mut plugin, mut out) = (reaction(&json!({"replies": [twice, twice]})), Vec::new());
        plugin.command(at(1), 1, &command("a"), &mut out);
        assert_eq!(out, []);
        plugin.command(at(2), 2, &command("b"), &mut out);
        assert_eq!(ids(&out), ["a", "a", "b", "b"]);
    }

    #[test]
    fn a_drawn_delay_is_due_at_its_end_and_comes_at_its_time() {
        let replies = json!({"replies": [{"when": {"after": "field"}, "say": "payload"}]});
        let (mut plugin, mut out) = (reaction(&replies), Vec::new());
        plugin.command(at(1), 1, &command("a"), &mut out);
        let at = plugin.next_deadline().unwrap();
        assert!((Duration::from_millis(50)..=Duration::from_millis(300)).contains(&at), "{at:?}");
        plugin.tick(at, &mut out);
        let due = Due { after: Duration::from_secs(3), drawn: true };
        assert!(matches!(out.as_slice(), [Do::Respond { due: got, .. }] if *got == due), "{out:?}");
    }

    #[test]
    fn a_response_carries_the_id_that_is_planned() {
        let reply = |id: Value| json!({"id": id, "say": "payload"});
        let all = [
            json!("another_pending"),
            json!("earlier"),
            json!("missing"),
            json!({"json": "[1]"}),
            json!({"other": "x"}),
        ];
        let replies: Vec<Value> = all.into_iter().map(reply).collect();
        let (mut plugin, mut out) = (reaction(&json!({ "replies": replies })), Vec::new());
        plugin.command(at(1), 1, &command("a"), &mut out);
        // There is no other command yet.
        assert_eq!(ids(&out), [Value::Null, json!([1]), json!("x")]);
        plugin.command(at(2), 2, &command("b"), &mut Vec::new());
        plugin.call_ended(EventNo(1), at(3), &mut Vec::new());
        out.clear();
        plugin.command(at(4), 3, &command("c"), &mut out);
        assert_eq!(ids(&out)[..2], ["b", "a"]);
    }

    #[test]
    fn of_many_pending_commands_each_is_answered_under_the_next_ones_id() {
        let swapped =
            json!({"replies": [{"when": {"gathered": {"commands": 3}}, "id": "another_pending", "say": "payload"}]});
        let (mut plugin, mut out) = (reaction(&swapped), Vec::new());
        for (no, id) in [(1, "a"), (2, "b"), (3, "c")] {
            plugin.command(at(no), no, &command(id), &mut out);
        }
        assert_eq!(ids(&out), ["b", "c", "a"]);
    }

    #[test]
    fn arguments_are_sent_as_they_are() {
        let (mut plugin, mut out) = (reaction(&json!({"replies": [{"say": {"arguments": "[null, 1]"}}]})), Vec::new());
        plugin.command(at(1), 1, &command("a"), &mut out);
        let [Do::Respond { args, own_id: false, .. }] = out.as_slice() else { panic!("{out:?}") };
        assert_eq!(*args, [Value::Null, json!(1)]);
    }

    #[test]
    fn a_disruption_comes_after_the_replies_of_its_time_and_a_return_later() {
        let both = json!({
            "replies": [{"say": "payload"}, {"when": "reconnected", "say": {"data": {"n": "again"}}}],
            "disruption": {"how": "close", "back_after_s": 5}
        });
        let (mut plugin, mut out) = (reaction(&both), Vec::new());
        plugin.command(at(1), 1, &command("a"), &mut out);
        let back_after = Some(Duration::from_secs(5));
        let close = Do::Disrupt { cause: EventNo(1), due: Due::AT_ONCE, how: How::Close, back_after };
        assert!(matches!(out.as_slice(), [Do::Respond { .. }, disrupted] if *disrupted == close), "{out:?}");
        out.clear();
        plugin.comes_back(Duration::ZERO, EventNo(7), Duration::from_secs(5));
        plugin.tick(Duration::from_millis(500), &mut out);
        assert_eq!(out, [Do::Connect { cause: EventNo(7), due: Duration::from_secs(5).into() }]);
        out.clear();
        plugin.connected(at(9), &mut out);
        assert_eq!(said(&out), [(9, json!("again"))]);
    }

    #[test]
    fn a_late_answer_waits_for_the_end_of_its_own_call() {
        let (mut plugin, mut out) = (plugin(When::CallEnded), Vec::new());
        plugin.command(at(1), 1, &command("a"), &mut out);
        plugin.call_ended(EventNo(9), at(10), &mut out);
        assert_eq!(out, []);
        plugin.call_ended(EventNo(1), at(11), &mut out);
        assert_eq!(said(&out), [(11, json!("a"))]);
    }

    #[test]
    fn a_closed_tab_answers_nothing_any_more() {
        let (mut plugin, mut out) = (plugin(When::AfterS(Seconds::from(2))), Vec::new());
        plugin.command(at(1), 1, &command("a"), &mut out);
        plugin.forget();
        plugin.tick(Duration::from_secs(9), &mut out);
        assert_eq!((out, plugin.next_deadline()), (Vec::new(), None));
    }

    #[test]
    fn a_command_is_carried_out_at_the_marketplace_page_by_page() {
        let mut plugin = with(Behaviour::always(vec![PlannedReply::now(Say::Marketplace)]));
        let mut out = Vec::new();
        let body = json!({"request_id": "a", "action": "VINTED_SYNC", "payload": {"shop_id": 5}});
        plugin.command(at(1), 1, &body, &mut out);
        let [Do::Fetch { cause: EventNo(1), request, .. }] = out.as_slice() else { panic!("{out:?}") };
        assert_eq!((request.session(), request.header("x-request-id")), (Some("5"), Some("a")));
        out.clear();
        let page = MarketResponse::json(200, json!({"items": [{"id": 1}], "pagination": {"total_pages": 1}}));
        plugin.fetched(ErrandNo(0), Some(&page), at(2), &mut out);
        let [Do::Respond { cause: EventNo(2), args, .. }] = out.as_slice() else { panic!("{out:?}") };
        assert_eq!(*args, [json!({"request_id": "a", "success": true, "data": {"imported": 1, "updated": 0}})]);
    }
}
