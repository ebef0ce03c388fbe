//! JOB: runs of one job that meet, that are cancelled, or that lose a page on the way (JOB-11 to JOB-13).

use serde_json::Value;

use super::job::{Run, run};
use super::picture::{Answer, Asks, Call, Command, End, Picture};
use super::verdict::Tally;
use super::{Checker, EndedCall, GuaranteeId, settlement};
use crate::contract::control::JobStatus;
use crate::contract::guarantee::Area;
use crate::contract::message::COMMAND_EVENT;
use crate::event::{CallId, Ended, Event, EventNo, PluginId, What};

/// The judges of these three.
pub(super) fn checkers() -> Vec<Box<dyn Checker>> {
    let tally = |number| Tally::new(GuaranteeId::new(Area::Job, number));
    vec![
        Box::new(OnceAtATime(tally(11))),
        Box::new(StaysCancelled { tally: tally(12), asked: Vec::new(), seen: Vec::new() }),
        Box::new(WholeSync { tally: tally(13), commands: Vec::new(), pages: Vec::new() }),
    ]
}

/// The id of the job that a result names.
fn named(result: &Value) -> Option<u64> {
    result.get("job_id").and_then(Value::as_u64)
}

/// The result of a call that processed a job, once it is there.
fn result_of(call: &Call) -> Option<(&End, &Value)> {
    let end = call.end.as_ref().filter(|_| matches!(call.asks, Asks::NextJob))?;
    match &end.how {
        Ended::JobResult(result) => Some((end, result)),
        _ => None,
    }
}

/// JOB-11: a job is never run twice at once.
struct OnceAtATime(Tally);

/// A run that is over, and whose end says how long it lasted: until it was answered, or until its timeout.
struct Lasted<'a> {
    id: CallId,
    call: &'a Call,
    job: u64,
    command: &'a Command,
    answer: Option<&'a Answer>,
    end: &'a End,
}

impl<'a> Lasted<'a> {
    fn of(id: CallId, call: &'a Call, picture: &'a Picture) -> Option<Self> {
        let (end, result) = result_of(call)?;
        let (job, command, answer) = (named(result)?, call.commands.first()?, picture.answers_to(id).next());
        let error = result.get("error").and_then(Value::as_str);
        let said = answer.and_then(|answer| answer.body.get("error")).and_then(Value::as_str);
        let lasted = result.get("success") == Some(&Value::Bool(true))
            || error.is_some_and(|error| error.contains("timeout") || said == Some(error));
        lasted.then_some(Self { id, call, job, command, answer, end })
    }

    /// Whether it was certainly under way at an event, as far as its own plugin shows.
    fn is_under_way(&self, no: EventNo) -> bool {
        self.command.no < no && self.answer.map_or(self.end.no, |answer| answer.no) > no
    }
}

impl Checker for OnceAtATime {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, .. } = *ended;
        let Some((_, result)) = result_of(call) else { return };
        let others = picture.calls.iter().filter(|(other, of)| **other != id && of.user == call.user);
        for (other, of) in others {
            let Some((end, theirs)) = result_of(of) else { continue };
            let (mine, other) = (Lasted::of(id, call, picture), Lasted::of(*other, of, picture));
            if named(result).is_some() && named(result) == named(theirs) {
                if let (Some(mine), Some(other)) = (mine, other) {
                    let (first, second) =
                        if mine.command.no < other.command.no { (mine, other) } else { (other, mine) };
                    self.meet(&first, &second, picture);
                }
                continue;
            }
            // Another processor came while a run was under way, and found another job or none.
            let came = |call: &Call, end: &End| call.commands.first().map_or(end.no, |command| command.no);
            let beside = |run: Option<&Lasted<'_>>, call: &Call, end: &End| {
                run.is_some_and(|run| call.started > run.command.no && run.is_under_way(came(call, end)))
            };
            if beside(mine.as_ref(), of, end) || call.end.as_ref().is_some_and(|end| beside(other.as_ref(), call, end))
            {
                self.0.held();
            }
        }
    }
}

impl OnceAtATime {
    /// Two runs of the same job, the first one's command before the second one's.
    fn meet(&mut self, first: &Lasted<'_>, second: &Lasted<'_>, picture: &Picture) {
        let no = second.command.no;
        if !first.is_under_way(no) {
            return;
        }
        // A run that may have been over by its timeout, or since its user's socket had gone, may be followed by another.
        let began = first.call.at.min(second.call.at);
        let lateness = first.end.lateness.max(second.end.lateness);
        let latest = second.command.at.saturating_sub(began)
            + picture.advanced(first.call.started.min(second.call.started), no)
            + picture.facts.tolerance
            + lateness;
        let timeout = picture.timeout_of(first.call).map(|timeout| timeout.asked_s);
        let over = timeout.is_none_or(|timeout| latest.as_secs_f64() >= timeout);
        let left = picture.left_since(first.call) || picture.left_since(second.call);
        if !over && !left {
            let expected = format!("job {} to be run by one at a time", first.job);
            let got = format!("the command of {} came while that of {} was not answered", second.id, first.id);
            self.0.broken(&[first.command.no, no], expected, got);
        }
    }
}

/// JOB-12: a job that is cancelled while it runs stays cancelled.
struct StaysCancelled {
    tally: Tally,
    /// Which job was to be cancelled, and where.
    asked: Vec<(u64, EventNo)>,
    /// What each job was seen to be.
    seen: Vec<(u64, EventNo, JobStatus)>,
}

impl Checker for StaysCancelled {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, _picture: &Picture) {
        match &event.what {
            What::JobCancelled { job } => self.asked.push((*job, event.no)),
            What::JobSeen(view) => self.seen.push((view.job_id, event.no, view.status)),
            _ => {}
        }
    }

    fn finish(&mut self, picture: &Picture) {
        for (job, asked) in &self.asked {
            let mut seen = self.seen.iter().filter(|(of, no, _)| of == job && no > asked);
            // A target may say that it is too late, or that it does not cancel what runs.
            let Some((_, told, JobStatus::Cancelled)) = seen.next() else { continue };
            if !picture.calls.values().any(|call| was_running(call, *job, *asked, picture)) {
                continue;
            }
            for (_, no, status) in seen {
                self.tally.check(*status == JobStatus::Cancelled, &[*asked, *no], || {
                    ("the status cancelled".to_owned(), status.name().to_owned())
                });
            }
            let again = picture.calls.values().filter(|call| call.started > *told && !call.commands.is_empty());
            for (end, result) in again.filter_map(result_of) {
                if named(result) == Some(*job) {
                    let got = settlement::in_words(&end.how);
                    self.tally.broken(&[*asked, end.no], "no further run of a job that was cancelled", got);
                }
            }
        }
    }
}

/// Whether a call was certainly running this job at an event.
fn was_running(call: &Call, job: u64, no: EventNo, picture: &Picture) -> bool {
    let under_way = call.commands.first().is_some_and(|command| command.no < no)
        && call.end.as_ref().is_none_or(|end| end.no > no)
        && matches!(call.asks, Asks::NextJob);
    let shown = result_of(call).and_then(|(_, result)| named(result));
    let mut waiting = picture.waiting_jobs(call);
    let only = waiting.next().filter(|_| waiting.next().is_none());
    let known = picture.jobs.get(&job).map(|job| job.created);
    under_way && shown.map_or_else(|| only.map(|job| job.created) == known, |shown| shown == job)
}

/// JOB-13: a sync whose page could not be fetched is no success.
struct WholeSync {
    tally: Tally,
    /// Commands as plugins received them.
    commands: Vec<(EventNo, PluginId)>,
    /// Pages of a wardrobe that plugins asked for, and whether they came.
    pages: Vec<(EventNo, PluginId, bool)>,
}

impl Checker for WholeSync {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, _picture: &Picture) {
        match &event.what {
            What::Received { plugin, name, .. } if name == COMMAND_EVENT => self.commands.push((event.no, *plugin)),
            What::Exchange { plugin, target, status, .. } if target.contains("/wardrobe/") => {
                let came = status.is_some_and(|status| (200..300).contains(&status));
                self.pages.push((event.no, *plugin, came));
            }
            _ => {}
        }
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let Some(run) = run(ended, picture).filter(|run| run.job.is_some_and(|job| job.body.action == "sync")) else {
            return;
        };
        let Some(page) = self.lost_page(&run, picture) else { return };
        self.tally.check(!run.succeeded(), &[page, run.end.no], || {
            ("no success, as a page could not be fetched".to_owned(), settlement::in_words(&run.end.how))
        });
    }
}

impl WholeSync {
    /// The page that could not be fetched, where every plugin that answered said that the sync failed.
    fn lost_page(&self, run: &Run<'_>, picture: &Picture) -> Option<EventNo> {
        let mut answers = picture.answers_to(run.id).filter(|answer| answer.no < run.end.no).peekable();
        answers.peek()?;
        if !answers.all(|answer| answer.body.get("success") == Some(&Value::Bool(false))) {
            return None;
        }
        run.call.commands.iter().find_map(|command| {
            let (_, plugin) = self.commands.iter().find(|(no, _)| *no == command.no)?;
            let answer = picture.answers_to(run.id).find(|answer| answer.socket == command.socket)?;
            let meanwhile = |no: EventNo| command.no < no && no < answer.no;
            // Of a plugin that carries out several commands at once nobody can tell which one asked for the page.
            if self.commands.iter().any(|(no, of)| of == plugin && meanwhile(*no)) {
                return None;
            }
            let last = self.pages.iter().rev().find(|(no, of, _)| of == plugin && meanwhile(*no))?;
            (!last.2).then_some(last.0)
        })
    }
}
