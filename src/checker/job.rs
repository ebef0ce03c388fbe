//! JOB: the job layer, as its results and commands show it.

use serde_json::Value;

use super::picture::{Asks, Call, End, Job, Picture, Presence};
use super::settlement;
use super::verdict::Tally;
use super::{Checker, EndedCall, GuaranteeId};
use crate::contract::control::JobStatus;
use crate::contract::guarantee::Area;
use crate::contract::{action, json, text};
use crate::event::{CallId, Ended, Event, What};

/// The judges of this area.
#[must_use]
pub fn checkers() -> Vec<Box<dyn Checker>> {
    let tally = |number| Tally::new(GuaranteeId::new(Area::Job, number));
    vec![
        Box::new(Success { tally: tally(1), completed: Vec::new() }),
        Box::new(Dispatch(tally(2))),
        Box::new(FailureReported(tally(3))),
        Box::new(FailureReadable(tally(4))),
        Box::new(Counts(tally(5))),
        Box::new(NoJob(tally(8))),
    ]
}

/// One run of a job: its call, its end, and the result object.
struct Run<'a> {
    id: CallId,
    call: &'a Call,
    end: &'a End,
    result: &'a Value,
    job: Option<&'a Job>,
}

fn run<'a>(ended: &EndedCall<'a>, picture: &'a Picture) -> Option<Run<'a>> {
    let EndedCall { id, call, end, .. } = *ended;
    let Ended::JobResult(result) = &end.how else { return None };
    let job = result.get("job_id").and_then(Value::as_u64).and_then(|job| picture.jobs.get(&job));
    matches!(call.asks, Asks::NextJob).then_some(Run { id, call, end, result, job })
}

impl Run<'_> {
    fn succeeded(&self) -> bool {
        self.result.get("success") == Some(&Value::Bool(true))
    }

    /// The text that says why the job had to fail, if it had to.
    fn reason(&self, picture: &Picture) -> Option<String> {
        // What becomes of a job that no handler takes is JOB-9's matter.
        action::handler(&self.job?.body.action, &self.job?.body.marketplace)?;
        let answer = picture.answers_to(self.id).find(|answer| answer.no < self.end.no);
        match answer {
            // Too close to the timeout to be the reason for certain.
            Some(answer) if !picture.in_good_time(self.call, self.end, answer) => None,
            Some(answer) => {
                let failed = answer.body.get("success") == Some(&Value::Bool(false));
                answer.body.get("error").and_then(Value::as_str).filter(|_| failed).map(str::to_owned)
            }
            None if self.call.presence == Presence::NeverSeen && !self.result.is_null() => {
                Some(text::not_connected(&self.call.user))
            }
            None if !self.call.commands.is_empty() => {
                // The number is TIME-1's matter.
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

    fn observe(&mut self, event: &Event, _picture: &Picture) {
        if let What::JobSeen(view) = &event.what
            && self.completed.contains(&view.job_id)
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
            if !picture.jobs.values().any(|job| job.body.user_id == run.call.user) {
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

/// JOB-2: the handler's command, with the shop in it.
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
        let Some(answer) = picture.answers_to(run.id).find(|answer| answer.no < run.end.no) else {
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
        if picture.jobs.values().any(|job| job.body.user_id == run.call.user) {
            return;
        }
        let kept = run.result.is_null() && run.call.commands.is_empty();
        self.0.check(kept, &[run.call.started, run.end.no], || {
            ("null and no command".to_owned(), settlement::in_words(&run.end.how))
        });
    }
}
