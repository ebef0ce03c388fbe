//! TIME: timeouts.

use std::time::Duration;

use serde_json::Value;

use super::picture::{Answer, Asks, Call, End, Job, Picture, Presence};
use super::settlement::{self, Settler};
use super::verdict::Tally;
use super::{Checker, EndedCall, GuaranteeId};
use crate::contract::control::{ErrorKind, JobView};
use crate::contract::guarantee::Area;
use crate::contract::{action, text};
use crate::event::{CallId, Ended, Event, EventNo, SocketId, Timeout, What};

/// The judges of this area.
#[must_use]
pub fn checkers() -> Vec<Box<dyn Checker>> {
    let tally = |number| Tally::new(GuaranteeId::new(Area::Time, number));
    vec![
        Box::new(TimeoutText(tally(1))),
        Box::new(Punctual(tally(2))),
        Box::new(OwnTimeout { tally: tally(3), seen: Vec::new() }),
        Box::new(LateIgnored(tally(4))),
        Box::new(NothingPending(tally(5))),
        Box::new(LastMoment { tally: tally(6), unheard: Vec::new() }),
        Box::new(Defaults(tally(7))),
        Box::new(GivenUp(tally(8))),
        Box::new(SillyTimeout(tally(9))),
    ]
}

/// How much earlier than its timeout a call may seem to end, for the granularity of clocks.
const GRAIN: Duration = Duration::from_millis(1);

/// A call at level 1 or 2 that got its command across but no answer back, with its timeout. (What becomes of a timeout in
/// a job's result is JOB-4's matter.)
fn unanswered(picture: &Picture, id: CallId, call: &Call) -> Option<Timeout> {
    let level_3 = matches!(call.asks, Asks::NextJob);
    picture.timeout_of(call).filter(|_| !level_3 && is_unanswered(picture, id, call))
}

/// Whether a call that has ended got its command across but no answer back.
fn is_unanswered(picture: &Picture, id: CallId, call: &Call) -> bool {
    let Some(end) = &call.end else { return false };
    let answered = picture.answers_to(id).any(|answer| answer.no < end.no);
    let left_alone = picture.open_sockets(&call.user).next().is_none();
    let cancelled = matches!(end.how, Ended::Cancelled);
    !(answered || left_alone || cancelled || call.commands.is_empty() || call.presence != Presence::Here)
}

/// TIME-1: a call without an answer fails with the documented text.
struct TimeoutText(Tally);

impl Checker for TimeoutText {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let Some(timeout) = unanswered(picture, id, call) else { return };
        // Ended by somebody else's answer, or before its time for no reason: other guarantees' matters.
        let elapsed = end.elapsed + picture.advanced(call.started, end.no);
        let waited = elapsed + GRAIN >= Duration::from_secs_f64(timeout.asked_s * 0.5);
        if !waited || matches!(ended.settler, Settler::Foreign(_)) {
            return;
        }
        let shown = call.failure().and_then(text::timeout_in);
        // Its plugin left, though it may be back by now, the hub went down, or it fell with somebody else's connection (LIFE-5):
        // ends with reasons of their own.
        let failed_otherwise = shown.is_none() && call.failure().is_some_and(|text| !text.contains("timeout"));
        let disturbed = picture.left_since(call) || picture.disturbed_since(call);
        if failed_otherwise && (settlement::refused(&end.how) || disturbed) {
            return;
        }
        let kept = shown == Some(timeout.asked_s);
        self.0.check(kept, &[call.started, end.no], || {
            (format!("\"Plugin command timeout after {}s\"", timeout.asked_s), settlement::in_words(&end.how))
        });
    }
}

/// TIME-2: it fails at its timeout.
struct Punctual(Tally);

impl Checker for Punctual {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        if let What::CallOverdue { call, elapsed, lateness } = &event.what {
            let Some(seen) = picture.calls.get(call) else { return };
            let Some(timeout) = picture.timeout_of(seen) else { return };
            // A call whose plugin has left is LIFE-1's matter.
            if picture.open_sockets(&seen.user).next().is_none() {
                return;
            }
            self.judge(picture, seen, event.no, &timeout, (*elapsed, "no end"), *lateness);
        }
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let Some(timeout) = unanswered(picture, id, call) else { return };
        let by_timeout = call.failure().is_some_and(|text| text.contains("timeout"));
        if by_timeout {
            self.judge(picture, call, end.no, &timeout, (end.elapsed, "an end"), end.lateness);
        }
    }
}

impl Punctual {
    fn judge(
        &mut self,
        picture: &Picture,
        call: &Call,
        until: EventNo,
        timeout: &Timeout,
        (elapsed, seen): (Duration, &str),
        lateness: Duration,
    ) {
        let witness = &[call.started, until];
        let asked = Duration::from_secs_f64(timeout.asked_s);
        let late_by = (call.at + elapsed).saturating_sub(picture.runs_out(call, asked));
        let (tolerance, elapsed) = (picture.facts.tolerance, elapsed + picture.advanced(call.started, until));
        let expected = || format!("an end {asked:.1?} after the start, not before, and at most {tolerance:.1?} later");
        let got = || format!("{seen} after {elapsed:.1?}");
        if elapsed + GRAIN < asked {
            self.0.broken(witness, expected(), got());
        } else if late_by <= tolerance {
            self.0.held();
        } else if late_by <= tolerance + lateness {
            self.0.untold(format!(
                "the harness itself was up to {lateness:.1?} late, more than the tolerance allows for"
            ));
        } else {
            self.0.broken(witness, expected(), got());
        }
    }
}

/// TIME-3: every call has its own timeout. That a call is early or late is TIME-2's matter, unless it ended together with
/// another one whose timeout it was.
struct OwnTimeout {
    tally: Tally,
    seen: Vec<TimedOut>,
}

/// A call that timed out.
struct TimedOut {
    id: CallId,
    started: EventNo,
    end: End,
    /// When it began and when it was to end, measured.
    at: Duration,
    due: Duration,
    /// Its timeout in seconds, and the number that its error shows.
    asked_s: f64,
    shown_s: Option<f64>,
}

impl Checker for OwnTimeout {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let Some(timeout) = unanswered(picture, id, call) else { return };
        let Some(failure) = call.failure().filter(|text| text.contains("timeout")) else { return };
        // An advance of the clock ends calls together, whatever their timeouts are.
        if !picture.advanced(call.started, end.no).is_zero() {
            return;
        }
        self.seen.push(TimedOut {
            id,
            started: call.started,
            end: end.clone(),
            at: call.at,
            due: call.at + Duration::from_secs_f64(timeout.asked_s),
            asked_s: timeout.asked_s,
            shown_s: text::timeout_in(failure),
        });
    }

    fn finish(&mut self, picture: &Picture) {
        for this in &self.seen {
            let beside = picture.calls.iter().filter(|(id, call)| {
                let together = call.started < this.end.no && call.end.as_ref().is_none_or(|end| end.no > this.started);
                **id != this.id && together
            });
            let others: Vec<(CallId, f64)> = beside
                .filter_map(|(id, call)| Some((*id, picture.timeout_of(call)?.asked_s)))
                .filter(|(_, asked_s)| (asked_s - this.asked_s).abs() > f64::EPSILON)
                .collect();
            if !others.is_empty() {
                this.judge(&mut self.tally, &self.seen, &others, picture.facts.tolerance);
            }
        }
    }
}

impl TimedOut {
    /// Judges it beside calls of other timeouts that were in flight with it, some of which timed out as well.
    fn judge(&self, tally: &mut Tally, seen: &[Self], others: &[(CallId, f64)], tolerance: Duration) {
        let Self { id, end, .. } = self;
        let expected = || format!("{id} to end by its own timeout of {} s", self.asked_s);
        let same = |a: f64, b: f64| (a - b).abs() <= f64::EPSILON;
        let borrowed = |(_, asked_s): &&(CallId, f64)| self.shown_s.is_some_and(|shown| same(shown, *asked_s));
        if let Some((other, asked_s)) = others.iter().find(borrowed) {
            let got = format!("it names the {asked_s} s of {other}");
            return tally.broken(&[self.started, end.no], expected(), got);
        }
        let late_by = end.elapsed.saturating_sub(self.due.saturating_sub(self.at));
        if self.at + end.elapsed + GRAIN >= self.due && late_by <= tolerance {
            return tally.held();
        }
        // What ended together although its timeouts are further apart had one timeout.
        let together = |other: &&Self| {
            let apart = self.due.abs_diff(other.due);
            others.iter().any(|(id, _)| *id == other.id) && self.end.at.abs_diff(other.end.at) < apart / 2
        };
        let Some(other) = seen.iter().find(together) else { return };
        if late_by > tolerance && late_by <= tolerance + end.lateness {
            return tally.untold(format!("the harness itself was up to {:.1?} late", end.lateness));
        }
        let got = format!("it ended after {:.1?}, together with {} of {} s", end.elapsed, other.id, other.asked_s);
        tally.broken(&[self.started, end.no, other.end.no], expected(), got);
    }
}

/// Whether the caller of a call gave it up: what follows from that is TIME-8's matter.
fn was_given_up(picture: &Picture, call: Option<CallId>) -> bool {
    let end = call.and_then(|call| picture.calls.get(&call)?.end.as_ref());
    end.is_some_and(|end| matches!(end.how, Ended::Cancelled))
}

/// TIME-4: a late answer is ignored. (One to a call that was given up is TIME-8's matter.)
struct LateIgnored(Tally);

impl Checker for LateIgnored {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, end, .. } = *ended;
        let Settler::Foreign(answer) = ended.settler else {
            return;
        };
        if answer.late && !answer.repeated && !was_given_up(picture, answer.call) {
            let got = format!("it settled {id} with {}", settlement::in_words(&end.how));
            self.0.broken(&[answer.no, end.no], "a response to a call that has ended to be ignored", got);
        }
    }

    fn finish(&mut self, picture: &Picture) {
        let late = |answer: &&Answer| answer.late && !answer.repeated && !was_given_up(picture, answer.call);
        for _ in picture.answers.iter().filter(late) {
            self.0.held();
        }
    }
}

/// TIME-5: nothing stays pending.
struct NothingPending(Tally);

impl Checker for NothingPending {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let What::PendingSeen { user, count } = &event.what else {
            return;
        };
        let mut of_user =
            picture.calls.values().filter(|call| user.as_ref().is_none_or(|user| *user == call.user)).peekable();
        if of_user.peek().is_none() || of_user.any(|call| call.end.is_none()) {
            return;
        }
        let given_up = picture.calls.keys().any(|call| was_given_up(picture, Some(*call)));
        if *count > 0 && given_up {
            return;
        }
        self.0.check(*count == 0, &[event.no], || ("no call in flight".to_owned(), format!("{count} in flight")));
    }
}

/// TIME-6: an answer in the second half of a call's time, but before the deadline by at least the tolerance, settles it.
struct LastMoment {
    tally: Tally,
    /// Calls that timed out all the same; the socket may turn out to have been cut.
    unheard: Vec<(SocketId, End, [EventNo; 3])>,
}

impl Checker for LastMoment {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let Some(answer) = picture.answers_to(id).next().filter(|answer| answer.no < end.no) else { return };
        let Some(timeout) = picture.timeout_of(call) else { return };
        let (sent, asked) = (answer.at.saturating_sub(call.at), Duration::from_secs_f64(timeout.asked_s));
        if sent < asked / 2 || sent >= asked {
            return;
        }
        match ended.settler {
            Settler::Own(_) => self.tally.held(),
            Settler::Hub
                if call.failure().is_some_and(|text| text.contains("timeout")) && !picture.is_over_limit(answer) =>
            {
                if picture.in_good_time(call, end, answer) {
                    self.unheard.push((answer.socket, end.clone(), [call.started, answer.no, end.no]));
                } else {
                    let left = asked.saturating_sub(sent);
                    self.tally.untold(format!("an answer was sent {left:.1?} before the deadline, too close to tell"));
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, picture: &Picture) {
        for (socket, end, witness) in &self.unheard {
            if picture.open_until(*socket, end) {
                self.tally.broken(witness, "the response to settle it", settlement::in_words(&end.how));
            }
        }
    }
}

/// How much later than its default a call may end beyond what is allowed for one that names its timeout: a clock is advanced
/// by a request, and it is the default that is judged here.
const REQUEST: Duration = Duration::from_secs(3);

/// TIME-7: the timeouts of calls and jobs that name none.
struct Defaults(Tally);

impl Checker for Defaults {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        match &event.what {
            What::JobSeen(JobView { job_id, timeout_s: Some(shown), .. }) if !shown.is_null() => {
                let job = picture.jobs.get(job_id);
                let Some((job, default)) = job.and_then(|job| Some((job, default_of_job(job)?))) else { return };
                self.0.check(shown.as_f64() == Some(default.as_secs_f64()), &[job.created, event.no], || {
                    (format!("timeout_s: {}", default.as_secs()), shown.to_string())
                });
            }
            What::CallOverdue { call, elapsed, lateness } => {
                let Some(call) = picture.calls.get(call) else { return };
                let Some(default) = default_of(picture, call) else { return };
                let late_by = (call.at + *elapsed).saturating_sub(picture.runs_out(call, default));
                if late_by > REQUEST + picture.facts.tolerance + *lateness
                    && picture.open_sockets(&call.user).next().is_some()
                {
                    let after = *elapsed + picture.advanced(call.started, event.no);
                    self.0.broken(
                        &[call.started, event.no],
                        an_end_after(default),
                        format!("no end after {after:.1?}"),
                    );
                }
            }
            _ => {}
        }
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let timed_out = call.failure().filter(|text| text.contains("timeout"));
        let (Some(text), true) = (timed_out, is_unanswered(picture, id, call)) else { return };
        let Some(default) = default_of(picture, call) else { return };
        let elapsed = end.elapsed + picture.advanced(call.started, end.no);
        // Without a number it is no documented text, which is TIME-1's matter.
        let number = text::timeout_in(text).is_none_or(|seconds| Duration::try_from_secs_f64(seconds) == Ok(default));
        let late_by = (call.at + end.elapsed).saturating_sub(picture.runs_out(call, default));
        let in_time = in_time(picture, late_by.saturating_sub(REQUEST), end.lateness);
        if !number || elapsed + GRAIN < default || in_time == Some(false) {
            let got = format!("{text:?} after {elapsed:.1?}");
            self.0.broken(&[call.started, end.no], an_end_after(default), got);
        } else if in_time.is_none() {
            self.0.untold(format!("the harness itself was up to {:.1?} late", end.lateness));
        } else {
            self.0.held();
        }
    }
}

fn an_end_after(default: Duration) -> String {
    format!("\"Plugin command timeout after {0}s\", {0} seconds after the start", default.as_secs())
}

/// The documented timeout of a job that names none, if there is a handler for it.
fn default_of_job(job: &Job) -> Option<Duration> {
    let handler = action::handler(&job.body.action, &job.body.marketplace)?;
    job.body.timeout_s.is_none().then_some(handler.timeout)
}

/// The documented timeout of a call that names none. At levels 1 and 2 whoever calls for a sync or for orders is the one to
/// name its longer timeout; what such a call gets that does not is the target's own choice.
fn default_of(picture: &Picture, call: &Call) -> Option<Duration> {
    match &call.asks {
        Asks::Command { .. } if call.odd_timeout.is_some() => None,
        Asks::Command { action, .. } => {
            let known = action::ACTIONS.iter().find(|known| known.command == action)?;
            (call.timeout.is_none() && known.timeout == action::DEFAULT_TIMEOUT).then_some(known.timeout)
        }
        Asks::NextJob => {
            // A job that is still running has no result yet that names it, but its command.
            let jobs: Vec<&Job> = picture.unended_jobs(call).collect();
            match call.end.as_ref().map(|end| &end.how) {
                Some(Ended::JobResult(result)) => {
                    let id = result.get("job_id").and_then(Value::as_u64)?;
                    default_of_job(picture.jobs.get(&id)?)
                }
                None if jobs.len() == 1 => default_of_job(jobs.first()?),
                _ => None,
            }
        }
    }
}

/// Whether `end` came promptly, by the tolerance: `None` if the harness was too late itself to say.
pub(super) fn prompt(picture: &Picture, took: Duration, end: &End) -> Option<bool> {
    in_time(picture, took, end.lateness)
}

/// Whether something that took so long came promptly, by the tolerance: `None` if the harness, late itself by up to
/// `lateness`, cannot say.
pub(super) fn in_time(picture: &Picture, took: Duration, lateness: Duration) -> Option<bool> {
    let tolerance = picture.facts.tolerance;
    match took <= tolerance {
        true => Some(true),
        false if took <= tolerance + lateness => None,
        false => Some(false),
    }
}

/// TIME-8: a call whose caller gave it up stays pending no more, and its late answer is ignored.
struct GivenUp(Tally);

impl Checker for GivenUp {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let What::PendingSeen { user, count } = &event.what else { return };
        let of_user = |(_, call): &(&CallId, &Call)| user.as_ref().is_none_or(|user| *user == call.user);
        let mut of_user = picture.calls.iter().filter(of_user);
        let given_up = of_user.clone().any(|(id, _)| was_given_up(picture, Some(*id)));
        if !given_up || of_user.any(|(_, call)| call.end.is_none()) {
            return;
        }
        self.0.check(*count == 0, &[event.no], || ("no call in flight".to_owned(), format!("{count} in flight")));
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, end, .. } = *ended;
        let Settler::Foreign(answer) = ended.settler else { return };
        if answer.late && !answer.repeated && was_given_up(picture, answer.call) {
            let got = format!("it settled {id} with {}", settlement::in_words(&end.how));
            self.0.broken(&[answer.no, end.no], "a response to a call that was given up to be ignored", got);
        }
    }

    fn finish(&mut self, picture: &Picture) {
        let late = |answer: &&Answer| answer.late && !answer.repeated && was_given_up(picture, answer.call);
        for _ in picture.answers.iter().filter(late) {
            self.0.held();
        }
    }
}

/// TIME-9: a timeout that makes no sense is refused with a clear error, and no command is sent.
struct SillyTimeout(Tally);

/// A timeout that no hub has a reason to wait for: some thirty thousand years.
const ABSURD_S: f64 = 1e12;

/// Whether this makes no sense as a number of seconds, whatever a hub takes for one. (A null may be taken for an absent one.)
fn is_silly(timeout: &Value) -> bool {
    match timeout {
        Value::Number(number) => number.as_f64().is_some_and(|seconds| seconds <= 0.0 || seconds >= ABSURD_S),
        other => !other.is_null(),
    }
}

/// Whether a call was refused with an error that names the reason. Where the kind is not told, the text has to.
fn refused_clearly(how: &Ended) -> bool {
    let Ended::Error(error) = how else { return false };
    let names_it = || error.message.contains("timeout") && text::timeout_in(&error.message).is_none();
    error.kind == ErrorKind::Invalid || (error.kind == ErrorKind::Internal && names_it())
}

impl Checker for SillyTimeout {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let What::CallOverdue { call, elapsed, .. } = &event.what else { return };
        let Some(call) = picture.calls.get(call).filter(|call| call.odd_timeout.as_ref().is_some_and(is_silly)) else {
            return;
        };
        self.0.broken(&[call.started, event.no], "a refusal", format!("no end after {elapsed:.1?}"));
    }

    fn finish(&mut self, picture: &Picture) {
        for call in picture.calls.values() {
            let (Some(odd), Some(end)) = (call.odd_timeout.as_ref().filter(|odd| is_silly(odd)), &call.end) else {
                continue;
            };
            // Without a socket another error may come first (ERR-1).
            if matches!(end.how, Ended::Cancelled) || call.presence != Presence::Here {
                continue;
            }
            let expected = || format!("a refusal of the timeout {odd}, and no command");
            if let Some(command) = call.commands.first() {
                let got = format!("the command was sent, and the call ended with {}", settlement::in_words(&end.how));
                self.0.broken(&[call.started, command.no, end.no], expected(), got);
                continue;
            }
            if call.failure().is_some_and(|failure| failure.starts_with(text::REFUSED_BY_ADAPTER)) {
                self.0.note = Some("it is the control API that refused the timeout, and not the hub".to_owned());
            }
            self.0.check(refused_clearly(&end.how), &[call.started, end.no], || {
                (expected(), settlement::in_words(&end.how))
            });
        }
    }
}
