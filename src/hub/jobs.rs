//! The job queue: who is next, what a run's outcome means, and how often it is tried again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::calls::Asker;
use super::core::Hub;
use super::io::{LogLevel, LogLine, Output, Token};
use super::variant::Flaw;
use crate::contract::action;
use crate::contract::control::{CallBody, CallError, ErrorKind, JobBody, JobStatus, JobView, ProcessBody, Reply};
use crate::contract::text;
use crate::contract::user::UserId;

/// How often a job is tried in all (JOB-7).
const ATTEMPTS: u64 = 3;

/// How long a job may wait (JOB-10).
const EXPIRY: Duration = Duration::from_secs(3600);

/// The priority of a job that names none; 1 is the most urgent (JOB-6).
const DEFAULT_PRIORITY: i64 = 3;

#[derive(Debug)]
struct Job {
    body: JobBody,
    created: Duration,
    status: JobStatus,
    failures: u64,
    error: Option<String>,
}

/// A job that is being run, as its call remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    /// Which job.
    pub id: u64,
    started: Duration,
}

/// Every job, in the order of creation.
#[derive(Debug, Default)]
pub struct Jobs {
    jobs: BTreeMap<u64, Job>,
    /// The number of the last job; it goes on after a reset, so that no id ever names two jobs.
    last: u64,
}

impl Jobs {
    /// Queues a job at `now` and returns its id.
    pub fn create(&mut self, now: Duration, body: JobBody) -> u64 {
        self.last += 1;
        let job = Job { body, created: now, status: JobStatus::Pending, failures: 0, error: None };
        self.jobs.insert(self.last, job);
        self.last
    }

    /// Where a job stands at `now`, with the timeout of its command if it has one of its own; `None` if there is no such job.
    fn view(&mut self, now: Duration, id: u64, flaws: &BTreeSet<Flaw>) -> Option<JobView> {
        self.expire(now, flaws);
        let job = self.jobs.get(&id)?;
        let timeout_s = job.body.timeout_s.clone();
        let error = job.error.clone().map(Value::String);
        Some(JobView { job_id: id, status: job.status, retry_count: Some(job.failures), timeout_s, error })
    }

    /// Forgets the jobs of one user, or all.
    pub fn clear(&mut self, user: Option<&UserId>) {
        self.jobs.retain(|_, job| user.is_some_and(|user| job.body.user_id != *user));
    }

    /// Cancels a job that has not ended; whether it was running, so that its call has to end.
    pub(super) fn cancel(&mut self, now: Duration, id: u64, flaws: &BTreeSet<Flaw>) -> bool {
        self.expire(now, flaws);
        let Some(job) = self.jobs.get_mut(&id) else {
            return false;
        };
        let was = job.status;
        if matches!(was, JobStatus::Pending | JobStatus::Running) {
            job.status = JobStatus::Cancelled;
        }
        was == JobStatus::Running && !flaws.contains(&Flaw::CancelForgotten)
    }

    /// A run that was given up counts as none.
    pub(super) fn put_back(&mut self, id: u64) {
        if let Some(job) = self.jobs.get_mut(&id).filter(|job| job.status == JobStatus::Running) {
            job.status = JobStatus::Pending;
        }
    }

    fn expire(&mut self, now: Duration, flaws: &BTreeSet<Flaw>) {
        let longest = match (flaws.contains(&Flaw::NeverExpires), flaws.contains(&Flaw::ExpiresEarly)) {
            (true, _) => Duration::MAX,
            (_, true) => EXPIRY / 2,
            _ => EXPIRY,
        };
        for job in self.jobs.values_mut() {
            if job.status == JobStatus::Pending && now.saturating_sub(job.created) > longest {
                job.status = JobStatus::Expired;
            }
        }
    }

    /// The pending job that is next: the most urgent one, and of these the oldest.
    fn next(&mut self, now: Duration, wanted: &ProcessBody, flaws: &BTreeSet<Flaw>) -> Option<(u64, &mut Job)> {
        self.expire(now, flaws);
        let fits = |job: &Job| {
            (job.status == JobStatus::Pending || (job.status == JobStatus::Running && flaws.contains(&Flaw::RunTwice)))
                && (job.body.user_id == wanted.user_id || flaws.contains(&Flaw::AnybodysJob))
                && wanted.marketplace.as_ref().is_none_or(|marketplace| *marketplace == job.body.marketplace)
                && (wanted.shop_id.is_none() || job.body.shop_id.is_none() || wanted.shop_id == job.body.shop_id)
        };
        let candidates = self.jobs.iter_mut().filter(|(_, job)| fits(job));
        let sign = |flaw| if flaws.contains(&flaw) { -1 } else { 1 };
        let (urgency, age) = (sign(Flaw::PriorityInverted), sign(Flaw::AgeIgnored));
        let next = candidates.min_by_key(|(id, job)| {
            (urgency * job.body.priority.unwrap_or(DEFAULT_PRIORITY), age * i64::try_from(**id).unwrap_or(i64::MAX))
        });
        next.map(|(id, job)| (*id, job))
    }
}

impl Hub {
    /// Where a job stands at `now`; `None` if there is no such job.
    pub(super) fn view(&mut self, now: Duration, id: u64) -> Option<JobView> {
        let view = self.jobs.view(now, id, &self.config.flaws)?;
        let default = || {
            let job = &self.jobs.jobs.get(&id)?.body;
            let action = action::handler(&job.action, &job.marketplace)?;
            Some(self.default_timeout(action.command).as_secs().into())
        };
        let timeout_s = view.timeout_s.clone().or_else(default);
        Some(JobView { timeout_s, ..view })
    }

    /// Runs the next pending job; the reply is its result, or null when none is pending (JOB-8).
    pub(super) fn process(&mut self, now: Duration, token: Token, wanted: &ProcessBody, out: &mut Vec<Output>) {
        let shop_dropped = self.flawed(Flaw::ShopDropped);
        let made_up =
            if self.flawed(Flaw::JobFromNowhere) { json!({"success": true, "result": {}}) } else { Value::Null };
        let Some((id, job)) = self.jobs.next(now, wanted, &self.config.flaws) else {
            return out.push(Output::Reply { token, reply: Reply::JobResult(made_up) });
        };
        job.status = JobStatus::Running;
        // For this run only: a job that names no shop may be tried again for another one.
        let mut body = job.body.clone();
        if body.shop_id.is_none() {
            body.shop_id.clone_from(&wanted.shop_id);
        }
        let running = Running { id, started: now };
        let Some(action) = action::handler(&body.action, &body.marketplace) else {
            let named = text::unknown_action(&body.action, &body.marketplace);
            let message = if self.flawed(Flaw::UnknownActionUnnamed) { "Unknown action".to_owned() } else { named };
            let line = LogLine::new(LogLevel::Error, format!("job failed: {message}")).user(&body.user_id);
            out.push(Output::Log(LogLine { action: Some(body.action), ..line.job(Some(id)) }));
            let result = self.end_job(now, &running, Err(CallError::new(ErrorKind::Invalid, message)));
            return out.push(Output::Reply { token, reply: Reply::JobResult(result) });
        };
        if shop_dropped {
            body.shop_id = None;
        }
        let call = CallBody {
            payload: body.payload(),
            user_id: body.user_id,
            action: action.command.to_owned(),
            timeout_s: body.timeout_s,
        };
        self.start(now, token, Asker::Job, Some(running), call, out);
    }

    /// Writes a run's outcome to its job and makes the result object of it (JOB-1, JOB-3).
    pub(super) fn end_job(&mut self, now: Duration, run: &Running, outcome: Result<Value, CallError>) -> Value {
        let completes = self.flawed(Flaw::FailureCompletes);
        let attempts = match (self.flawed(Flaw::RetriedForEver), self.flawed(Flaw::RetriedOnce)) {
            (true, _) => u64::MAX,
            (_, true) => 2,
            _ => ATTEMPTS,
        };
        let share = if self.flawed(Flaw::DurationHalved) { 2 } else { 1 };
        let (forgotten, whole) = (self.flawed(Flaw::CancelForgotten), self.flawed(Flaw::PartialTakenForWhole));
        let in_capitals = self.flawed(Flaw::ActionCodeWrong);
        let Some(job) = self.jobs.jobs.get_mut(&run.id) else {
            return Value::Null;
        };
        if forgotten && job.status == JobStatus::Cancelled {
            job.status = JobStatus::Running;
        }
        let outcome = match outcome {
            Err(error) if whole && job.body.action == "sync" && error.message.starts_with("Vinted API error ") => {
                Ok(Value::Null)
            }
            outcome => outcome,
        };
        let mut result = Map::new();
        result.insert("job_id".to_owned(), run.id.into());
        result.insert("marketplace".to_owned(), job.body.marketplace.clone().into());
        let action = if in_capitals { job.body.action.to_uppercase() } else { job.body.action.clone() };
        result.insert("action".to_owned(), action.into());
        match outcome {
            Ok(data) => {
                job.complete();
                result.insert("success".to_owned(), true.into());
                let miscounted = self.config.flaws.contains(&Flaw::SyncMiscounted);
                let made = if job.body.action == "sync" {
                    sync_result(&data, miscounted)
                } else {
                    json!({ "success": true, "data": data })
                };
                result.insert("result".to_owned(), made);
            }
            Err(error) if completes => {
                job.complete();
                result.insert("success".to_owned(), true.into());
                result.insert("result".to_owned(), json!({ "error": error.message }));
            }
            Err(error) => {
                let message = if self.config.flaws.contains(&Flaw::JobErrorLost) {
                    "job failed".to_owned()
                } else {
                    error.message
                };
                job.fail(&message, attempts);
                let will_retry = job.status == JobStatus::Pending;
                result.insert("success".to_owned(), false.into());
                result.insert("error".to_owned(), message.into());
                result.insert("will_retry".to_owned(), will_retry.into());
                result.insert("retry_count".to_owned(), job.failures.into());
            }
        }
        if !self.config.flaws.contains(&Flaw::NoDuration) {
            let took = u64::try_from(now.saturating_sub(run.started).as_millis() / share).unwrap_or(u64::MAX);
            result.insert("duration_ms".to_owned(), took.into());
        }
        Value::Object(result)
    }
}

impl Job {
    fn complete(&mut self) {
        if self.status == JobStatus::Running {
            self.status = JobStatus::Completed;
        }
    }

    fn fail(&mut self, message: &str, attempts: u64) {
        self.failures += 1;
        self.error = Some(message.to_owned());
        if self.status == JobStatus::Running {
            self.status = if self.failures < attempts { JobStatus::Pending } else { JobStatus::Failed };
        }
    }
}

/// The result of a sync: what the plugin counted (JOB-5); a count that it did not report is 0.
fn sync_result(data: &Value, miscounted: bool) -> Value {
    let count = |name: &str| data.get(name).cloned().unwrap_or_else(|| 0.into());
    let imported = if miscounted { json!(0) } else { count("imported") };
    json!({ "success": true, "imported": imported, "updated": count("updated") })
}
