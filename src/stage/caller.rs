//! The caller's side: calls, jobs, and everything else that is asked of the control API.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Number, Value};

use super::cause;
use super::director::Stage;
use super::driver::{AskNo, Effect, Trouble};
use super::halt::Halt;
use crate::contract::control::{
    CallBody, CallError, Capability, ErrorKind, JobBody, JobView, Outcome, ProcessBody, Refusal, Reply, Request,
};
use crate::contract::text;
use crate::contract::user::UserId;
use crate::event::{CallId, Ended, Event, EventNo, SocketId, Timeout, What};

/// A call to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct CallSpec {
    /// Whether the helper (level 2) is asked rather than the hub (level 1).
    pub helper: bool,
    /// Whom to ask.
    pub user: UserId,
    /// What to ask.
    pub action: String,
    /// With what.
    pub payload: Value,
    /// The documented timeout; `None` leaves it to the target.
    pub timeout: Option<Duration>,
}

/// What a call is expected to send.
#[derive(Debug)]
pub(super) enum Sends {
    /// This action with this payload.
    Command(String, Value),
    /// The command of whichever job is next.
    NextJob,
}

/// A call of the run.
#[derive(Debug)]
pub(super) struct CallRecord {
    pub(super) user: UserId,
    pub(super) sends: Sends,
    pub(super) started: EventNo,
    pub(super) at: Duration,
    pub(super) timeout: Option<Timeout>,
    pub(super) ids: BTreeSet<String>,
    pub(super) delivered: BTreeSet<SocketId>,
    pub(super) commands: Vec<EventNo>,
    pub(super) answers: Vec<EventNo>,
    pub(super) ended: Option<EventNo>,
    pub(super) overdue: bool,
    ask: AskNo,
}

/// A control request under way.
#[derive(Debug)]
pub(super) enum Asked {
    /// A call's.
    Call(CallId),
    /// A step's, with the answer once it is there.
    Step(Option<Result<Reply, Trouble>>),
}

impl Stage {
    /// Makes a call; it goes on while the scenario does.
    ///
    /// # Errors
    /// [`Halt::Needs`] if the target does not offer calls of that level.
    pub fn call(&mut self, spec: CallSpec) -> Result<CallId, Halt> {
        self.begin_call(spec, None)
    }

    /// Makes a call with this in place of a sensible number of seconds, whatever it is (TIME-9); it goes on while the scenario
    /// does.
    ///
    /// # Errors
    /// As [`Stage::call`].
    pub fn call_with_odd_timeout(&mut self, spec: CallSpec, odd: Value) -> Result<CallId, Halt> {
        self.begin_call(CallSpec { timeout: None, ..spec }, Some(odd))
    }

    fn begin_call(&mut self, spec: CallSpec, odd_timeout: Option<Value>) -> Result<CallId, Halt> {
        self.need(if spec.helper { Capability::Calls } else { Capability::Commands })?;
        let id = CallId(self.calls.len());
        let timeout = spec.timeout.map(|documented| self.timeout(documented));
        let body = CallBody {
            user_id: spec.user.clone(),
            action: spec.action.clone(),
            payload: spec.payload.clone(),
            timeout_s: timeout.as_ref().map(|timeout| seconds(timeout.asked_s)).or_else(|| odd_timeout.clone()),
        };
        let started = What::CallStarted {
            call: id,
            helper: spec.helper,
            user: spec.user.clone(),
            action: spec.action.clone(),
            payload: spec.payload.clone(),
            timeout: timeout.clone(),
            odd_timeout,
        };
        let request = if spec.helper { Request::Call(body) } else { Request::Command(body) };
        self.start(id, spec.user, Sends::Command(spec.action, spec.payload), timeout, started, request);
        Ok(id)
    }

    /// Has the next job of a user processed; it goes on while the scenario does.
    ///
    /// # Errors
    /// [`Halt::Needs`] if the target has no jobs.
    pub fn process(&mut self, user: UserId) -> Result<CallId, Halt> {
        self.need(Capability::Jobs)?;
        let id = CallId(self.calls.len());
        let request = Request::ProcessNext(ProcessBody { user_id: user.clone(), shop_id: None, marketplace: None });
        let started = What::ProcessStarted { call: id, user: user.clone() };
        // Whatever job is next, its command has the longest timeout of this run's jobs at the most.
        let timeout = self.longest_job_timeout();
        self.start(id, user, Sends::NextJob, timeout, started, request);
        Ok(id)
    }

    /// Gives a call up: its control request is closed before the answer.
    pub fn give_up(&mut self, call: CallId) {
        let Some(record) = self.calls.get_mut(call.0).filter(|record| record.ended.is_none()) else {
            return;
        };
        let (ask, at) = (record.ask, record.at);
        self.asks.remove(&ask);
        self.perform(Effect::GiveUp(ask));
        let now = self.driver.now();
        let ended = What::CallEnded {
            call,
            ended: Ended::Cancelled,
            elapsed: now.saturating_sub(at),
            lateness: Duration::ZERO,
        };
        let no = self.record.step(now, ended);
        self.calls[call.0].ended = Some(no);
    }

    /// Creates a job.
    ///
    /// # Errors
    /// [`Halt::Needs`] if the target has no jobs, [`Halt::Trouble`] if it does not answer as it should.
    pub async fn create_job(&mut self, mut body: JobBody, timeout: Option<Duration>) -> Result<u64, Halt> {
        let timeout = timeout.map(|documented| self.timeout(documented));
        body.timeout_s = timeout.as_ref().map(|timeout| seconds(timeout.asked_s));
        let Reply::Job(view) = self.ask(Request::CreateJob(body.clone())).await? else {
            return Err(odd("a job's creation"));
        };
        let now = self.driver.now();
        self.record.step(now, What::JobCreated { job: view.job_id, body, timeout });
        Ok(view.job_id)
    }

    /// Has a job cancelled, and looks at what it is then.
    ///
    /// # Errors
    /// [`Halt::Needs`] if the target has no jobs, [`Halt::Trouble`] if it does not answer as it should.
    pub async fn cancel_job(&mut self, job: u64) -> Result<JobView, Halt> {
        self.need(Capability::Jobs)?;
        // What follows from it may come before the answer to the request.
        let now = self.driver.now();
        self.record.step(now, What::JobCancelled { job });
        let Reply::Job(view) = self.ask(Request::CancelJob(job)).await? else {
            return Err(odd("a job's cancellation"));
        };
        let now = self.driver.now();
        self.record.step(now, What::JobSeen(view.clone()));
        Ok(view)
    }

    /// Looks at a job.
    ///
    /// # Errors
    /// [`Halt::Needs`] if the target has no jobs, [`Halt::Trouble`] if it does not answer as it should.
    pub async fn see_job(&mut self, job: u64) -> Result<JobView, Halt> {
        let Reply::Job(view) = self.ask(Request::Job(job)).await? else {
            return Err(odd("a look at a job"));
        };
        let now = self.driver.now();
        self.record.step(now, What::JobSeen(view.clone()));
        Ok(view)
    }

    /// Has the target advance its clock: by a time of the target's, which is never shrunk.
    ///
    /// # Errors
    /// [`Halt::Needs`] if it cannot, [`Halt::Trouble`] if it does not answer.
    pub async fn advance_clock(&mut self, by: Duration) -> Result<(), Halt> {
        self.need(Capability::Clock)?;
        // What follows from it may come before the answer to the request.
        let now = self.driver.now();
        self.record.step(now, What::ClockAdvanced { by });
        self.ask(Request::Advance(by.as_secs_f64())).await.map(drop)
    }

    /// Makes sure that a call has not ended: neither here nor at the target.
    ///
    /// # Errors
    /// [`Halt::Unmet`] if it has, [`Halt::Needs`] if the target cannot count its calls in flight, [`Halt::Trouble`] if it does
    /// not answer as it should.
    pub async fn still_in_flight(&mut self, call: CallId) -> Result<(), Halt> {
        let Reply::Pending(pending) = self.ask(Request::Pending(None)).await? else {
            return Err(odd("a count of calls"));
        };
        let ended = self.calls.get(call.0).is_none_or(|record| record.ended.is_some());
        if ended || pending.count == 0 {
            return Err(Halt::unmet(format!("{call} to be in flight still"), "it has ended"));
        }
        Ok(())
    }

    /// Feeds the generator of request ids.
    ///
    /// # Errors
    /// [`Halt::Needs`] if the target cannot be fed, [`Halt::Trouble`] if it does not answer as it should.
    pub async fn feed_ids(&mut self, ids: Vec<String>) -> Result<(), Halt> {
        self.ask(Request::FeedRequestIds(ids.clone())).await?;
        let now = self.driver.now();
        self.record.step(now, What::IdsFed(ids));
        Ok(())
    }

    /// Counts the calls in flight at the target, until there are none or patience ends.
    ///
    /// # Errors
    /// [`Halt::Needs`] if the target cannot count them, [`Halt::Trouble`] if it does not answer as it should.
    pub async fn count_pending(&mut self) -> Result<u64, Halt> {
        // How soon a target hears that a caller has gone is not in its hands alone.
        let given_up = |event: &Event| matches!(event.what, What::CallEnded { ended: Ended::Cancelled, .. });
        let given_up = self.record.events().iter().any(given_up);
        let until = self.driver.now() + if given_up { self.setting.patience } else { self.setting.facts.tolerance };
        loop {
            let Reply::Pending(pending) = self.ask(Request::Pending(None)).await? else {
                return Err(odd("a count of calls"));
            };
            let now = self.driver.now();
            if pending.count == 0 || now >= until {
                self.record.step(now, What::PendingSeen { user: None, count: pending.count });
                return Ok(pending.count);
            }
            self.breathe().await;
        }
    }

    /// Waits until a call has ended, for as long as its timeout and the run's patience allow.
    ///
    /// # Errors
    /// [`Halt::Unmet`] if it does not end, [`Halt::Trouble`] if the target can no longer be asked.
    pub async fn settled(&mut self, call: CallId) -> Result<&Ended, Halt> {
        let record = self.calls.get(call.0).ok_or_else(|| Halt::Trouble(format!("there is no {call}")))?;
        let (at, ask) = (record.at, record.ask);
        let deadline =
            record.timeout.as_ref().map_or(Duration::ZERO, |timeout| Duration::from_secs_f64(timeout.asked_s));
        let left = (at + deadline).saturating_sub(self.driver.now());
        let has_ended = |stage: &Self| stage.calls.get(call.0).is_some_and(|record| record.ended.is_some());
        let failed = |stage: &Self| matches!(stage.asks.get(&ask), Some(Asked::Step(Some(Err(_)))));
        self.wait(left, |stage| has_ended(stage) || failed(stage)).await;
        if let Some(Asked::Step(Some(Err(trouble)))) = self.asks.get(&ask) {
            if self.down.is_none() {
                return Err(trouble.clone().into());
            }
            let (elapsed, got) = (self.driver.now().saturating_sub(at), trouble.to_string());
            self.overdue(call, elapsed);
            return Err(Halt::unmet(format!("{call} to fail before the target goes"), got));
        }
        let Some(no) = self.calls[call.0].ended else {
            let elapsed = self.driver.now().saturating_sub(at);
            self.overdue(call, elapsed);
            return Err(Halt::unmet(format!("{call} to end"), format!("it was still in flight after {elapsed:.1?}")));
        };
        self.record.reach(no);
        match self.record.get(no).map(|event| &event.what) {
            Some(What::CallEnded { ended, .. }) => Ok(ended),
            _ => Err(Halt::Trouble(format!("the record of {call} has no end"))),
        }
    }

    /// Waits until the hub has sent a call's command to some plugin, or has ended the call.
    pub async fn on_its_way(&mut self, call: CallId) -> bool {
        let seen = |stage: &Self| {
            stage.calls.get(call.0).is_some_and(|record| record.ended.is_some() || !record.commands.is_empty())
        };
        self.wait(Duration::ZERO, seen).await
    }

    /// The request id of a call, which is waited for: a call may time out before its command comes to a plugin.
    pub async fn request_id_of(&mut self, call: CallId) -> Option<String> {
        let id = |stage: &Self| stage.calls.get(call.0).and_then(|record| record.ids.first().cloned());
        self.wait(Duration::ZERO, |stage| id(stage).is_some()).await;
        id(self)
    }

    /// Calls that have not ended.
    pub(super) fn open_calls(&self) -> Vec<CallId> {
        let open = |(place, record): (usize, &CallRecord)| record.ended.is_none().then_some(CallId(place));
        self.calls.iter().enumerate().filter_map(open).collect()
    }

    /// Asks the control API and waits for the answer.
    pub(super) async fn ask(&mut self, request: Request) -> Result<Reply, Halt> {
        if let Some(capability) = request.needs() {
            self.need(capability)?;
        }
        let needs = request.needs();
        let (method, path, _) = request.to_http();
        let ask = self.send(request, Asked::Step(None));
        self.wait(Duration::ZERO, |stage| matches!(stage.asks.get(&ask), Some(Asked::Step(Some(_))))).await;
        match self.asks.remove(&ask) {
            Some(Asked::Step(Some(Ok(Reply::Refused(refusal))))) => Err(Halt::refused(&refusal, needs)),
            Some(Asked::Step(Some(reply))) => Ok(reply?),
            _ => {
                self.perform(Effect::GiveUp(ask));
                Err(Halt::Trouble(format!("the target did not answer {} {path}", method.name())))
            }
        }
    }

    /// Lets a moment pass, so as not to ask the target without pause.
    pub(super) async fn breathe(&mut self) {
        const MOMENT: Duration = Duration::from_millis(2);
        let until = self.driver.now() + MOMENT;
        while self.driver.now() < until {
            self.advance(until).await;
        }
    }

    pub(super) fn replied(&mut self, ask: AskNo, reply: Result<Reply, Trouble>) {
        match self.asks.get_mut(&ask) {
            Some(Asked::Step(slot)) => *slot = Some(reply),
            Some(Asked::Call(call)) => {
                let call = *call;
                match reply.and_then(|reply| end_of(reply).map_err(Trouble::Unreachable)) {
                    Ok(ended) => {
                        self.asks.remove(&ask);
                        self.end(call, ended);
                    }
                    Err(trouble) => {
                        self.asks.insert(ask, Asked::Step(Some(Err(trouble))));
                    }
                }
            }
            None => {}
        }
    }

    fn end(&mut self, call: CallId, ended: Ended) {
        let Some(record) = self.calls.get(call.0) else { return };
        let now = self.driver.now();
        let (cause, after) = cause::of_end(self, record, &ended);
        let lateness = self.driver.lateness(record.at);
        let what = What::CallEnded { call, ended, elapsed: now.saturating_sub(record.at), lateness };
        let no = self.record.follow(now, cause, after, what);
        self.calls[call.0].ended = Some(no);
        self.tell_plugins(call, no);
    }

    fn overdue(&mut self, call: CallId, elapsed: Duration) {
        let record = &mut self.calls[call.0];
        if std::mem::replace(&mut record.overdue, true) {
            return;
        }
        let (started, at) = (record.started, record.at);
        let lateness = self.driver.lateness(at);
        let now = self.driver.now();
        self.record.follow(now, started, Duration::ZERO, What::CallOverdue { call, elapsed, lateness });
    }

    fn start(
        &mut self,
        id: CallId,
        user: UserId,
        sends: Sends,
        timeout: Option<Timeout>,
        started: What,
        request: Request,
    ) {
        let at = self.driver.now();
        let started = self.record.step(at, started);
        let ask = self.send(request, Asked::Call(id));
        self.calls.push(CallRecord {
            user,
            sends,
            started,
            at,
            timeout,
            ids: BTreeSet::new(),
            delivered: BTreeSet::new(),
            commands: Vec::new(),
            answers: Vec::new(),
            ended: None,
            overdue: false,
            ask,
        });
    }

    fn send(&mut self, request: Request, asked: Asked) -> AskNo {
        let ask = AskNo(self.next_ask);
        self.next_ask += 1;
        self.asks.insert(ask, asked);
        self.perform(Effect::Ask(ask, request));
        ask
    }

    fn timeout(&self, documented: Duration) -> Timeout {
        // To the microsecond, so that a shrunken number is as short as the documented one.
        let asked_s = (documented.as_secs_f64() * self.setting.facts.scale * 1e6).round() / 1e6;
        Timeout { documented, asked_s }
    }

    fn longest_job_timeout(&self) -> Option<Timeout> {
        let timeouts = self.record.events().iter().filter_map(|event| match &event.what {
            What::JobCreated { timeout, .. } => timeout.clone(),
            _ => None,
        });
        timeouts.max_by(|a, b| a.asked_s.total_cmp(&b.asked_s))
    }
}

/// Seconds as JSON: a whole number without a fraction.
fn seconds(asked_s: f64) -> Value {
    /// Beyond any timeout, and well within what both types hold exactly.
    const WHOLE: f64 = 1e12;
    if asked_s.fract() == 0.0 && asked_s.abs() < WHOLE {
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 1e12, as was just checked")]
        return Value::from(asked_s as i64);
    }
    Number::from_f64(asked_s).map_or(Value::Null, Value::Number)
}

/// How a call ended by this reply; an error in words if no call ends so.
fn end_of(reply: Reply) -> Result<Ended, String> {
    match reply {
        Reply::Outcome(Outcome::Ok { value, .. }) => Ok(Ended::Value(value)),
        Reply::Outcome(Outcome::Error { error, .. }) => Ok(Ended::Error(error)),
        Reply::JobResult(result) => Ok(Ended::JobResult(result)),
        // The adapter judged what the hub should have: it counts as the hub's refusal.
        Reply::Refused(Refusal { status: 400, message }) => {
            let message = format!("{}{message}", text::REFUSED_BY_ADAPTER);
            Ok(Ended::Error(CallError::new(ErrorKind::Invalid, message)))
        }
        Reply::Refused(refusal) => Err(refusal.to_string()),
        _ => Err("the target answered a call with something else".to_owned()),
    }
}

fn odd(what: &str) -> Halt {
    Halt::Trouble(format!("the target answered {what} with something else"))
}
