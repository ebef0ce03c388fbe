//! ERR: errors and how they travel.

use std::collections::BTreeMap;

use serde_json::Value;

use super::picture::{Answer, Asks, Call, End, Picture, Presence};
use super::settlement::{self, Settler};
use super::time::prompt;
use super::verdict::Tally;
use super::{Checker, EndedCall, GuaranteeId};
use crate::contract::guarantee::Area;
use crate::contract::{json, text};
use crate::event::{CallId, Ended, EventNo};

/// The judges of this area.
#[must_use]
pub fn checkers() -> Vec<Box<dyn Checker>> {
    let tally = |number| Tally::new(GuaranteeId::new(Area::Err, number));
    let answered = |number, judge| Box::new(Answered { tally: tally(number), judge }) as Box<dyn Checker>;
    vec![
        Box::new(NotConnected { tally: tally(1), presence: Presence::NeverSeen }),
        Box::new(SameText(tally(5))),
        answered(2, plugin_text),
        answered(3, no_text),
        answered(4, no_success),
        Box::new(NoSpread { tally: tally(6), settled: Vec::new(), unexplained: Vec::new() }),
        answered(7, only_true),
        answered(8, null_text),
        Box::new(NoData(tally(9))),
        answered(10, json_text),
        Box::new(StatusCarried(tally(11))),
    ]
}

/// The longest timeout that no hub has a reason to refuse, in seconds: a day.
const SANE_S: f64 = 86_400.0;

/// ERR-1 and ISO-5: a call to a user without a socket fails at once, with the documented text, and emits nothing.
pub(super) struct NotConnected {
    pub(super) tally: Tally,
    /// Why the user has no socket: never had one (ERR-1), or all have gone (ISO-5).
    pub(super) presence: Presence,
}

impl Checker for NotConnected {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { call, end, .. } = *ended;
        if call.presence != self.presence {
            return;
        }
        // What becomes of it in a job's result is JOB-4's matter; a timeout that makes no sense may be refused first (TIME-9).
        let silly = call.odd_timeout.is_some()
            || call.timeout.as_ref().is_some_and(|timeout| !(f64::MIN_POSITIVE..=SANE_S).contains(&timeout.asked_s));
        if matches!(call.asks, Asks::NextJob) || matches!(end.how, Ended::Cancelled) || silly {
            return;
        }
        let expected = text::not_connected(&call.user);
        let said = call.failure() == Some(&expected);
        let witness = [call.started, end.no];
        if !said {
            return self.tally.broken(&witness, format!("the error {expected:?}"), settlement::in_words(&end.how));
        }
        if let Some(command) = call.commands.first() {
            return self.tally.broken(&[call.started, command.no], "no command to be sent", "a plugin received one");
        }
        match prompt(picture, end.elapsed, end) {
            Some(kept) => self.tally.check(kept, &witness, || {
                (
                    format!("the error within {:.1?}", picture.facts.tolerance),
                    format!("it came after {:.1?}", end.elapsed),
                )
            }),
            None => self.tally.untold(format!("the harness itself was up to {:.1?} late", end.lateness)),
        }
    }
}

/// What a call's first answer says about one guarantee: expected text of the failure, if it says anything.
type Judge = fn(&Answer) -> Option<Expected>;

/// What has to come of an answer.
enum Expected {
    /// A failure with just this text.
    Text(String),
    /// A failure whose text is this as JSON, in whatever order its members are.
    Json(Value),
    /// A failure with whatever text.
    Failure,
}

/// ERR-2, 3, 4, 7, 8 and 10: what a call makes of its first answer.
struct Answered {
    tally: Tally,
    judge: Judge,
}

/// ERR-2: `success: false` with a text.
fn plugin_text(answer: &Answer) -> Option<Expected> {
    let text = answer.body.get("error").and_then(Value::as_str).filter(|text| !text.is_empty())?;
    (answer.body.get("success") == Some(&Value::Bool(false))).then(|| Expected::Text(text.to_owned()))
}

/// ERR-3: `success: false` without `error`.
fn no_text(answer: &Answer) -> Option<Expected> {
    let failed = answer.body.get("success") == Some(&Value::Bool(false));
    (failed && answer.body.get("error").is_none()).then(|| Expected::Text(text::UNKNOWN_ERROR.to_owned()))
}

/// ERR-4: no `success` at all.
fn no_success(answer: &Answer) -> Option<Expected> {
    (answer.body.is_object() && answer.body.get("success").is_none()).then_some(Expected::Failure)
}

/// ERR-7: a `success` that is no boolean.
fn only_true(answer: &Answer) -> Option<Expected> {
    answer.body.get("success").filter(|success| !success.is_boolean()).map(|_| Expected::Failure)
}

/// ERR-8: a failure whose `error` is null or empty.
fn null_text(answer: &Answer) -> Option<Expected> {
    let failed = answer.body.get("success") == Some(&Value::Bool(false));
    let empty = answer.body.get("error").is_some_and(|error| error.is_null() || error.as_str() == Some(""));
    (failed && empty).then(|| Expected::Text(text::UNKNOWN_ERROR.to_owned()))
}

/// ERR-10: a failure whose `error` is there and no text.
fn json_text(answer: &Answer) -> Option<Expected> {
    let failed = answer.body.get("success") == Some(&Value::Bool(false));
    let error = answer.body.get("error").filter(|error| failed && !error.is_null() && !error.is_string())?;
    Some(Expected::Json(error.clone()))
}

impl Checker for Answered {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        // At level 1 the whole response is a value, so there is nothing to be made of it; level 3 is the job area's matter.
        if !matches!(call.asks, Asks::Command { helper: true, .. }) {
            return;
        }
        let Some((answer, expected)) = self.first_answer(ended, picture) else {
            return;
        };
        let failed = !matches!(end.how, Ended::Value(_)) && call.failure().is_some();
        let (kept, expected) = match &expected {
            Expected::Text(text) => (call.failure() == Some(text), format!("the error {text:?}")),
            Expected::Json(error) => {
                let read = call.failure().and_then(|text| serde_json::from_str(text).ok());
                let same = read.is_some_and(|read: Value| json::same(&read, error));
                (same, format!("an error whose text is {}", settlement::shortened(error)))
            }
            Expected::Failure => (failed, "a failure".to_owned()),
        };
        if !kept && !picture.first_is_certain(id, end) {
            return;
        }
        self.tally.check(kept, &[answer.no, end.no], || (expected, settlement::in_words(&end.how)));
    }
}

impl Answered {
    fn first_answer<'a>(&self, ended: &EndedCall<'_>, picture: &'a Picture) -> Option<(&'a Answer, Expected)> {
        let answer = picture.answers_to(ended.id).next().filter(|answer| answer.no < ended.end.no)?;
        let expected = (self.judge)(answer)?;
        // A call that its answer did not settle says nothing about what is made of answers.
        matches!(ended.settler, Settler::Own(_)).then_some((answer, expected))
    }
}

/// ERR-9: a success whose data is null or absent settles its call with null.
struct NoData(Tally);

impl Checker for NoData {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let Some(answer) = picture.answers_to(id).next().filter(|answer| answer.no < end.no) else { return };
        let succeeded = answer.body.get("success") == Some(&Value::Bool(true));
        let helped = matches!(call.asks, Asks::Command { helper: true, .. });
        if !(helped && succeeded && settlement::data(answer).is_null()) {
            return;
        }
        match ended.settler {
            Settler::Own(_) => self.0.held(),
            // That its plugin has left meanwhile may be a reason of its own.
            Settler::Unexplained if picture.first_is_certain(id, end) && !picture.left_since(call) => {
                self.0.broken(&[answer.no, end.no], "the value null", settlement::in_words(&end.how));
            }
            _ => {}
        }
    }
}

/// ERR-11: `status` and `errorData` of a failure reach the caller: beside the error at level 2, in the response at level 1.
struct StatusCarried(Tally);

impl Checker for StatusCarried {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, end, .. } = *ended;
        let Some(answer) = picture.answers_to(id).next().filter(|answer| answer.no < end.no) else { return };
        let sent = |name: &str| answer.body.get(name).filter(|value| !value.is_null());
        let (status, data) = (sent("status"), sent("errorData"));
        if answer.body.get("success") != Some(&Value::Bool(false)) || (status.is_none() && data.is_none()) {
            return;
        }
        let got = match (&call.asks, &end.how, ended.settler) {
            (Asks::Command { helper: true, .. }, Ended::Error(error), Settler::Own(_)) => {
                (error.status.as_ref(), error.error_data.as_ref())
            }
            (Asks::Command { helper: false, .. }, Ended::Value(value), Settler::Own(_) | Settler::Unexplained) => {
                (value.get("status"), value.get("errorData"))
            }
            _ => return,
        };
        let same = |sent: Option<&Value>, got: Option<&Value>| {
            sent.is_none_or(|sent| got.is_some_and(|got| json::same(sent, got)))
        };
        let kept = same(status, got.0) && same(data, got.1);
        if !kept && !picture.first_is_certain(id, end) {
            return;
        }
        self.0.check(kept, &[answer.no, end.no], || {
            let shown = |(status, data): (Option<&Value>, Option<&Value>)| {
                let part = |value: Option<&Value>| value.map_or_else(|| "none".to_owned(), settlement::shortened);
                format!("status {}, errorData {}", part(status), part(data))
            };
            (shown((status, data)), shown(got))
        });
    }
}

/// ERR-6: a failing call harms no other.
struct NoSpread {
    tally: Tally,
    /// Calls that ended as their own answers have it.
    settled: Vec<CallId>,
    /// Calls that failed although neither an answer nor the hub's own texts explain it.
    unexplained: Vec<CallId>,
}

/// Where another call failed that was in flight together with this one, if the rest is so as well.
fn failed_meanwhile(picture: &Picture, id: CallId, call: &Call, rest: impl Fn(&Call) -> bool) -> Option<EventNo> {
    picture.calls.iter().find_map(|(other, seen)| {
        let other_end = seen.end.as_ref().filter(|_| *other != id && seen.failure().is_some() && rest(seen))?;
        let overlaps = other_end.no > call.started && call.end.as_ref().is_none_or(|end| seen.started < end.no);
        overlaps.then_some(other_end.no)
    })
}

impl Checker for NoSpread {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { id, call, .. } = *ended;
        match ended.settler {
            Settler::Own(_) => self.settled.push(id),
            // (A call whose command never went out was refused for a reason of its own, and one whose plugin has left may
            // fail for that.)
            Settler::Unexplained
                if call.failure().is_some() && !call.commands.is_empty() && !picture.left_since(call) =>
            {
                self.unexplained.push(id);
            }
            _ => {}
        }
    }

    /// The neighbour's own failure may have been seen later than what it led to, and of two ends at the same time the caller
    /// may see either first.
    fn finish(&mut self, picture: &Picture) {
        let tolerance = picture.facts.tolerance;
        for id in &self.settled {
            let Some((call, end)) = picture.calls.get(id).and_then(|call| Some((call, call.end.as_ref()?))) else {
                continue;
            };
            let by_then = |other: &Call| other.end.as_ref().is_some_and(|other| other.at <= end.at + tolerance);
            if failed_meanwhile(picture, *id, call, by_then).is_some() {
                self.tally.held();
            }
        }
        for id in &self.unexplained {
            let Some((call, end)) = picture.calls.get(id).and_then(|call| Some((call, call.end.as_ref()?))) else {
                continue;
            };
            let neighbour = failed_meanwhile(picture, *id, call, |other| other.user == call.user);
            if let Some(failed) = neighbour {
                let witness = [failed.min(end.no), failed.max(end.no)];
                let expected = "a call to end by its own response or timeout, whatever its neighbours do";
                self.tally.broken(&witness, expected, settlement::in_words(&end.how));
            }
        }
    }
}

/// ERR-5: the same error reads the same at each level, a plugin's as the hub's own for a user who was never there.
struct SameText(Tally);

/// The error text that a call had to fail with: its plugin's, or the hub's.
fn reason(picture: &Picture, id: CallId, call: &Call, end: &End) -> Option<String> {
    let timed_out = call.failure().and_then(text::timeout_in).is_some();
    let Some(answer) = picture.answers_to(id).next() else {
        let expected = text::not_connected(&call.user);
        let nobody = call.presence == Presence::NeverSeen && call.commands.is_empty();
        // A job may fail for a reason of its own before anybody is asked (JOB-9).
        let other = match call.asks {
            Asks::Command { .. } => timed_out || settlement::refused(&end.how),
            Asks::NextJob => !call.failure().is_some_and(|text| text.contains(&expected)),
        };
        return (nobody && !other && call.failure().is_some()).then_some(expected);
    };
    let failed = answer.body.get("success") == Some(&Value::Bool(false));
    let said = answer.body.get("error").and_then(Value::as_str).filter(|text| failed && !text.is_empty())?;
    let settled = matches!(settlement::settler(picture, id, call, end), Settler::Hub);
    (!settled && answer.no < end.no && picture.first_is_certain(id, end)).then(|| said.to_owned())
}

impl Checker for SameText {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn finish(&mut self, picture: &Picture) {
        // What each level made of an error text, by that text.
        let mut levels: BTreeMap<String, [Vec<(EventNo, String)>; 3]> = BTreeMap::new();
        for (id, call) in &picture.calls {
            let Some(end) = &call.end else { continue };
            let Some(said) = reason(picture, *id, call, end) else { continue };
            let (level, read) = match (&call.asks, &end.how) {
                (Asks::Command { helper: false, .. }, Ended::Value(value)) => {
                    (0, value.get("error").and_then(Value::as_str).unwrap_or_default().to_owned())
                }
                (Asks::Command { helper: true, .. }, _) => (1, call.failure().unwrap_or_default().to_owned()),
                (Asks::Command { helper: false, .. }, _) => (0, call.failure().unwrap_or_default().to_owned()),
                // A job that hides its failure is JOB-3's matter.
                (Asks::NextJob, _) if call.failure().is_some() => (2, call.failure().unwrap_or_default().to_owned()),
                _ => continue,
            };
            levels.entry(said).or_default()[level].push((end.no, read));
        }
        for (said, levels) in levels {
            if levels.iter().filter(|level| !level.is_empty()).count() < 2 {
                continue;
            }
            let wrong = levels.iter().flatten().find(|(_, read)| *read != said);
            let witness: Vec<EventNo> = wrong.map(|(no, _)| *no).into_iter().collect();
            self.0.check(wrong.is_none(), &witness, || {
                (format!("{said:?} at every level"), format!("{:?}", wrong.map(|(_, read)| read)))
            });
        }
    }
}
