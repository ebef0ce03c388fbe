//! JOB: the job layer, as its results and commands show it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::picture::{Age, Asks, Call, EXPIRY, End, Job, Picture, Presence};
use super::settlement;
use super::verdict::Tally;
use super::{Checker, EndedCall, GuaranteeId, job_runs};
use crate::contract::control::JobStatus;
use crate::contract::guarantee::Area;
use crate::contract::{action, json, text};
use crate::event::{CallId, Ended, Event, EventNo, What};

/// The judges of this area.
#[must_use]
pub fn checkers() -> Vec<Box<dyn Checker>> {
    let tally = |number| Tally::new(GuaranteeId::new(Area::Job, number));
    let mut all: Vec<Box<dyn Checker>> = vec![
        Box::new(Success { tally: tally(1), completed: Vec::new() }),
        Box::new(Dispatch(tally(2))),
        Box::new(FailureReported(tally(3))),
        Box::new(FailureReadable(tally(4))),
        Box::new(Counts(tally(5))),
        Box::new(Order(tally(6))),
        Box::new(ThreeAttempts { tally: tally(7), cancelled: BTreeSet::new(), wrong: Vec::new() }),
        Box::new(NoJob(tally(8))),
        Box::new(UnknownAction(tally(9))),
        Box::new(Expiry(tally(10))),
        Box::new(OwnJobs(tally(14))),
    ];
    all.extend(job_runs::checkers());
    all
}

/// One run of a job: its call, its end, and the result object.
pub(super) struct Run<'a> {
    pub(super) id: CallId,
    pub(super) call: &'a Call,
    pub(super) end: &'a End,
    pub(super) result: &'a Value,
    pub(super) job: Option<&'a Job>,
}

pub(super) fn run<'a>(ended: &EndedCall<'a>, picture: &'a Picture) -> Option<Run<'a>> {
    let EndedCall { id, call, end, .. } = *ended;
    let Ended::JobResult(result) = &end.how else { return None };
    let job = result.get("job_id").and_then(Value::as_u64).and_then(|job| picture.jobs.get(&job));
    matches!(call.asks, Asks::NextJob).then_some(Run { id, call, end, result, job })
}

impl Run<'_> {
    pub(super) fn succeeded(&self) -> bool {
        self.result.get("success") == Some(&Value::Bool(true))
    }

    /// Whether it took at least half of its timeout, as far as the harness knows that.
    fn waited(&self, picture: &Picture) -> bool {
        let timeout = picture.timeout_of(self.call).map(|timeout| Duration::from_secs_f64(timeout.asked_s));
        let elapsed = self.end.elapsed + picture.advanced(self.call.started, self.end.no);
        timeout.is_none_or(|timeout| elapsed >= timeout / 2)
    }

    /// The text that says why the job had to fail, if it had to.
    fn reason(&self, picture: &Picture) -> Option<String> {
        // What ends a run whose job was cancelled meanwhile is JOB-12's matter.
        if self.job?.cancelled.is_some_and(|no| self.call.started < no && no < self.end.no) {
            return None;
        }
        // What becomes of a job that no handler takes is JOB-9's matter.
        action::handler(&self.job?.body.action, &self.job?.body.marketplace)?;
        let answer = picture.answers_to(self.id).find(|answer| answer.no < self.end.no);
        match answer {
            // Too close to the timeout, or to another tab's answer, to be the reason for certain.
            Some(answer) if !picture.in_good_time(self.call, self.end, answer) => None,
            Some(_) if !picture.first_is_certain(self.id, self.end) => None,
            Some(answer) => {
                let failed = answer.body.get("success") == Some(&Value::Bool(false));
                answer.body.get("error").and_then(Value::as_str).filter(|_| failed).map(str::to_owned)
            }
            None if self.call.presence == Presence::NeverSeen && !self.result.is_null() => {
                Some(text::not_connected(&self.call.user))
            }
            // The number is TIME-1's matter. A run that ended long before its timeout was ended by something else, such as
            // the cancellation of its job (JOB-12).
            None if !self.call.commands.is_empty() && self.waited(picture) => {
                picture.open_sockets(&self.call.user).next().map(|_| "timeout".to_owned())
            }
            None => None,
        }
    }
}

/// JOB-1: the result of a processed job, and its status.
struct Success {
    tally: Tally,
    completed: Vec<u64>,
}

impl Checker for Success {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        if let What::JobSeen(view) = &event.what
            && self.completed.contains(&view.job_id)
            // A job that was cancelled stays cancelled, whatever its run came to (JOB-12).
            && picture.jobs.get(&view.job_id).is_none_or(|job| job.cancelled.is_none())
        {
            let expected = || ("the status completed".to_owned(), view.status.name().to_owned());
            self.tally.check(view.status == JobStatus::Completed, &[event.no], expected);
        }
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let Some(run) = run(ended, picture).filter(Run::succeeded) else {
            return;
        };
        let Some(Job { body, .. }) = run.job else {
            // A result where there is no job is JOB-8's matter.
            if picture.waiting_jobs(run.call).next().is_none() {
                return;
            }
            let expected = "the job_id of a job that was created";
            return self.tally.broken(&[run.end.no], expected, settlement::in_words(&run.end.how));
        };
        self.completed.extend(run.result.get("job_id").and_then(Value::as_u64));
        let text = |name: &str| run.result.get(name).and_then(Value::as_str);
        let lacks: Vec<&str> = [
            ("marketplace", text("marketplace") == Some(&body.marketplace)),
            ("action", text("action").is_some_and(|shown| is_action(shown, body))),
            ("result", run.result.get("result").is_some()),
            ("duration_ms", run.result.get("duration_ms").is_some_and(Value::is_number)),
        ]
        .into_iter()
        .filter_map(|(name, right)| (!right).then_some(name))
        .collect();
        self.tally.check(lacks.is_empty(), &[run.end.no], || {
            let expected = "job_id, marketplace, action, success, result and duration_ms".to_owned();
            (expected, format!("missing or wrong: {}", lacks.join(", ")))
        });
    }
}

/// The short code, or the full one that some backends show.
fn is_action(shown: &str, body: &crate::contract::control::JobBody) -> bool {
    shown == body.action || shown == format!("{}_{}", body.action, body.marketplace)
}

/// JOB-2: the handler's command, with the shop in it. A command without the job's input keeps the promise, but tells that the
/// target does not carry jobs as the control API asks for; what such a job comes to cannot be told.
struct Dispatch(Tally);

impl Checker for Dispatch {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let Some(run) = run(ended, picture) else { return };
        let Some(Job { body, .. }) = run.job else { return };
        let Some(handler) = action::handler(&body.action, &body.marketplace) else {
            return;
        };
        for command in &run.call.commands {
            let sent = command.args.first().cloned().unwrap_or_default();
            let shop = body.shop_id.as_ref();
            let right = sent["action"] == handler.command
                && shop.is_none_or(|shop| json::same(&sent["payload"]["shop_id"], shop));
            self.0.check(right, &[run.call.started, command.no], || {
                let shop = shop.map(|shop| format!(" with shop_id {shop}")).unwrap_or_default();
                (format!("{}{shop}", handler.command), settlement::shortened(&sent))
            });
            let payload = body.payload();
            let mut members = payload.as_object().into_iter().flatten();
            if right && !members.all(|(name, value)| json::same(&sent["payload"][name], value)) {
                let (with, got) = (settlement::shortened(&payload), settlement::shortened(&sent));
                self.0.untold(format!("the command lacks the job's input: it should have {with}, and is {got}"));
            }
        }
    }
}

/// JOB-3: a failure becomes `success: false` with `error`.
struct FailureReported(Tally);

impl Checker for FailureReported {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { call, end, .. } = *ended;
        if matches!((&call.asks, &end.how), (Asks::NextJob, Ended::Error(_))) {
            let expected = "a result with success: false and error";
            return self.0.broken(&[call.started, end.no], expected, settlement::in_words(&end.how));
        }
        let Some(run) = run(ended, picture) else { return };
        if run.reason(picture).is_some() || run.result.get("success") == Some(&Value::Bool(false)) {
            let error = run.result.get("error").and_then(Value::as_str).is_some_and(|error| !error.is_empty());
            let kept = run.result.get("success") == Some(&Value::Bool(false)) && error;
            self.0.check(kept, &[run.call.started, run.end.no], || {
                ("a result with success: false and error".to_owned(), settlement::in_words(&run.end.how))
            });
        }
    }
}

/// JOB-4: the reason can be read in the job's `error`.
struct FailureReadable(Tally);

impl Checker for FailureReadable {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let Some(run) = run(ended, picture).filter(|run| !run.succeeded()) else {
            return;
        };
        let Some(reason) = run.reason(picture) else { return };
        let error = run.result.get("error").and_then(Value::as_str).unwrap_or_default();
        self.0.check(error.contains(&reason), &[run.call.started, run.end.no], || {
            (format!("an error that says {reason:?}"), format!("{error:?}"))
        });
    }
}

/// JOB-5: the counts of a sync are the plugin's.
struct Counts(Tally);

impl Checker for Counts {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let Some(run) = run(ended, picture).filter(Run::succeeded) else {
            return;
        };
        if run.job.is_none_or(|job| job.body.action != "sync") {
            return;
        }
        let answer = picture.answers_to(run.id).find(|answer| answer.no < run.end.no);
        let Some(answer) = answer.filter(|_| picture.first_is_certain(run.id, run.end)) else {
            return;
        };
        let result = run.result.get("result").unwrap_or(&Value::Null);
        for name in ["imported", "updated"] {
            let Some(reported) = settlement::data(answer).get(name) else {
                continue;
            };
            let got = result.get(name).unwrap_or(&Value::Null);
            self.0.check(json::same(reported, got), &[answer.no, run.end.no], || {
                (format!("{name}: {reported}"), format!("{name}: {got}"))
            });
        }
    }
}

/// JOB-8: without a pending job there is no result and no command.
struct NoJob(Tally);

impl Checker for NoJob {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let Some(run) = run(ended, picture) else { return };
        // That a job runs which is too old is JOB-10's matter.
        let expired = run.job.is_some_and(|job| picture.age(job, run.call.started, run.call.at) == Age::Expired);
        if expired || picture.waiting_jobs(run.call).next().is_some() {
            return;
        }
        let kept = run.result.is_null() && run.call.commands.is_empty();
        self.0.check(kept, &[run.call.started, run.end.no], || {
            ("null and no command".to_owned(), settlement::in_words(&run.end.how))
        });
    }
}

/// JOB-6: the most urgent job first, and of these the oldest.
struct Order(Tally);

/// The priority of a job that names none.
const DEFAULT_PRIORITY: i64 = 3;

impl Checker for Order {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let Some(run) = run(ended, picture) else { return };
        let Some(chosen) = run.job.filter(|job| job.body.user_id == run.call.user) else { return };
        // Two processors at once take different jobs, each for good reasons.
        let alone = picture.calls.iter().all(|(id, other)| {
            *id == run.id
                || other.user != run.call.user
                || !matches!(other.asks, Asks::NextJob)
                || other.end.as_ref().is_some_and(|end| end.no < run.call.started)
                || other.started > run.end.no
        });
        let waiting = picture.waiting_jobs(run.call);
        let rank = |job: &Job| (job.body.priority.unwrap_or(DEFAULT_PRIORITY), job.created);
        let age = |job: &Job| picture.age(job, run.call.started, run.call.at);
        let told = waiting.clone().all(|job| age(job) != Age::Unsure) && age(chosen) != Age::Expired;
        let (count, first) = (waiting.clone().count(), waiting.map(rank).min());
        if !alone || !told || count < 2 {
            return;
        }
        let shown = |(priority, created): (i64, EventNo)| {
            format!("the job of priority {priority} created at event {}", created.0)
        };
        self.0.check(first == Some(rank(chosen)), &[run.call.started, run.end.no], || {
            (first.map(shown).unwrap_or_default(), shown(rank(chosen)))
        });
    }
}

/// JOB-7: three attempts in all, told by `will_retry` and `retry_count`; then failed.
struct ThreeAttempts {
    tally: Tally,
    /// Jobs that were seen cancelled: such a job is not tried again, however often it was (JOB-12).
    cancelled: BTreeSet<u64>,
    /// Results that tell something else than was expected, with their jobs and witnesses.
    wrong: Vec<(u64, [EventNo; 2], Told, Told)>,
}

/// What a result says of `will_retry` and `retry_count`.
type Told = (Option<bool>, Option<u64>);

/// How often a job is tried.
const ATTEMPTS: u64 = 3;

impl Checker for ThreeAttempts {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let What::JobSeen(view) = &event.what else { return };
        if view.status == JobStatus::Cancelled {
            self.cancelled.insert(view.job_id);
            return;
        }
        let exhausted = picture.jobs.get(&view.job_id).is_some_and(|job| job.failures >= ATTEMPTS);
        if exhausted {
            self.tally.check(view.status == JobStatus::Failed, &[event.no], || {
                (format!("the status failed after {ATTEMPTS} attempts"), view.status.name().to_owned())
            });
        }
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let Some(run) = run(ended, picture).filter(|run| run.result.get("success") == Some(&Value::Bool(false))) else {
            return;
        };
        let Some(job) = run.job else { return };
        let expected = (Some(job.failures < ATTEMPTS), Some(job.failures));
        let told = (
            run.result.get("will_retry").and_then(Value::as_bool),
            run.result.get("retry_count").and_then(Value::as_u64),
        );
        let witness = [run.call.started, run.end.no];
        // Of a run that its caller gave up nobody knows how it ended, but the hub.
        let unseen = picture.calls.values().any(|call| {
            let given_up =
                call.end.as_ref().is_some_and(|end| matches!(end.how, Ended::Cancelled) && end.no > job.created);
            given_up && matches!(call.asks, Asks::NextJob) && call.user == run.call.user
        });
        if told != expected && unseen {
            return;
        }
        if told != expected {
            let id = run.result.get("job_id").and_then(Value::as_u64).unwrap_or_default();
            self.wrong.push((id, witness, expected, told));
        } else if job.failures == ATTEMPTS {
            self.tally.held();
        }
    }
    fn finish(&mut self, _picture: &Picture) {
        let shown = |(retry, count): Told| format!("will_retry {retry:?} and retry_count {count:?}");
        for (job, witness, expected, told) in &self.wrong {
            if !self.cancelled.contains(job) {
                self.tally.broken(witness, shown(*expected), shown(*told));
            }
        }
    }
}

/// JOB-9: a job that no handler takes fails and says which.
struct UnknownAction(Tally);

impl Checker for UnknownAction {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let Some(run) = run(ended, picture) else { return };
        let Some(Job { body, .. }) = run.job else { return };
        if action::handler(&body.action, &body.marketplace).is_some() {
            return;
        }
        let expected = text::unknown_action(&body.action, &body.marketplace);
        let error = run.result.get("error").and_then(Value::as_str);
        self.0.check(error == Some(expected.as_str()), &[run.call.started, run.end.no], || {
            (format!("the error {expected:?}"), settlement::in_words(&run.end.how))
        });
    }
}

/// JOB-10: a pending job that is older than an hour expires, and no younger one does.
struct Expiry(Tally);

impl Checker for Expiry {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let What::JobSeen(view) = &event.what else { return };
        let Some(job) = picture.jobs.get(&view.job_id) else { return };
        // What has ended in another way does not expire any more.
        if job.closed.is_some_and(|closed| closed < event.no) {
            return;
        }
        let witness = [job.created, event.no];
        match (picture.age(job, event.no, event.at), view.status) {
            (Age::Expired, JobStatus::Expired) => self.0.held(),
            (Age::Expired, JobStatus::Pending) => {
                self.0.broken(&witness, "the status expired after more than an hour", view.status.name());
            }
            (Age::Fresh(age), JobStatus::Expired) => {
                self.0.broken(&witness, format!("the job to wait for an hour, not {age:.0?}"), view.status.name());
            }
            (Age::Fresh(age), JobStatus::Pending) if age >= EXPIRY / 2 => self.0.held(),
            _ => {}
        }
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let Some(run) = run(ended, picture) else { return };
        let age = |job: &Job| picture.age(job, run.call.started, run.call.at);
        match run.job.map(|job| (job, age(job))) {
            Some((job, Age::Expired)) => {
                let expected = "no run of a job that is older than an hour";
                self.0.broken(&[job.created, run.end.no], expected, settlement::in_words(&run.end.how));
            }
            Some((_, Age::Fresh(age))) if age >= EXPIRY / 2 => self.0.held(),
            None if run.result.is_null()
                && picture.waiting_jobs(run.call).next().is_none()
                && picture.unended_jobs(run.call).next().is_some() =>
            {
                self.0.held();
            }
            _ => {}
        }
    }
}

/// JOB-14: only jobs of the user are run.
struct OwnJobs(Tally);

impl Checker for OwnJobs {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let Some(run) = run(ended, picture) else { return };
        let others =
            picture.jobs.values().any(|job| job.body.user_id != run.call.user && job.created < run.call.started);
        let Some(job) = run.job.filter(|_| others) else { return };
        self.0.check(job.body.user_id == run.call.user, &[run.call.started, run.end.no], || {
            (format!("a job of user {}", run.call.user), format!("a job of user {}", job.body.user_id))
        });
    }
}
