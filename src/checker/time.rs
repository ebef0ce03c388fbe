//! TIME: timeouts.

use std::time::Duration;

use super::picture::{Asks, Call, End, Picture, Presence};
use super::settlement::{self, Settler};
use super::verdict::Tally;
use super::{Checker, EndedCall, GuaranteeId};
use crate::contract::guarantee::Area;
use crate::contract::text;
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
    ]
}

/// How much earlier than its timeout a call may seem to end, for the granularity of clocks.
const GRAIN: Duration = Duration::from_millis(1);

/// A call at level 1 or 2 that got its command across but no answer back, with its timeout. (What becomes of a timeout in
/// a job's result is JOB-4's matter.)
fn unanswered(picture: &Picture, id: CallId, call: &Call) -> Option<Timeout> {
    let end = call.end.as_ref()?;
    let answered = picture.answers_to(id).any(|answer| answer.no < end.no);
    let left_alone = picture.open_sockets(&call.user).next().is_none();
    let cancelled = matches!(end.how, Ended::Cancelled);
    let level_3 = matches!(call.asks, Asks::NextJob);
    if answered || left_alone || cancelled || level_3 || call.commands.is_empty() || call.presence != Presence::Here {
        return None;
    }
    picture.timeout_of(call)
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
        let waited = end.elapsed + GRAIN >= Duration::from_secs_f64(timeout.asked_s * 0.5);
        if !waited || matches!(ended.settler, Settler::Foreign(_)) {
            return;
        }
        let shown = call.failure().and_then(text::timeout_in);
        // Its plugin left, though it may be back by now, or the hub went down: ends with reasons of their own.
        let failed_otherwise = shown.is_none() && call.failure().is_some_and(|text| !text.contains("timeout"));
        if failed_otherwise && (settlement::refused(&end.how) || picture.left_since(call)) {
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
            self.judge(picture, &[seen.started, event.no], &timeout, (*elapsed, "no end"), *lateness);
        }
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let Some(timeout) = unanswered(picture, id, call) else { return };
        let by_timeout = call.failure().is_some_and(|text| text.contains("timeout"));
        if by_timeout {
            self.judge(picture, &[call.started, end.no], &timeout, (end.elapsed, "an end"), end.lateness);
        }
    }
}

impl Punctual {
    fn judge(
        &mut self,
        picture: &Picture,
        witness: &[EventNo],
        timeout: &Timeout,
        (elapsed, seen): (Duration, &str),
        lateness: Duration,
    ) {
        let asked = Duration::from_secs_f64(timeout.asked_s);
        let (tolerance, late_by) = (picture.facts.tolerance, elapsed.saturating_sub(asked));
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

/// TIME-4: a late answer is ignored.
struct LateIgnored(Tally);

impl Checker for LateIgnored {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, _picture: &Picture) {
        let EndedCall { id, end, .. } = *ended;
        let Settler::Foreign(answer) = ended.settler else {
            return;
        };
        if answer.late && !answer.repeated {
            let got = format!("it settled {id} with {}", settlement::in_words(&end.how));
            self.0.broken(&[answer.no, end.no], "a response to a call that has ended to be ignored", got);
        }
    }

    fn finish(&mut self, picture: &Picture) {
        for _ in picture.answers.iter().filter(|answer| answer.late && !answer.repeated) {
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
            Settler::Hub if call.failure().is_some_and(|text| text.contains("timeout")) => {
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
