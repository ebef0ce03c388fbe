//! What the end of a call follows from, as far as it can be told from outside.

use std::time::Duration;

use serde_json::Value;

use super::caller::{CallRecord, Sends};
use super::director::Stage;
use crate::contract::control::ErrorKind;
use crate::contract::{action, text};
use crate::event::{Ended, EventNo, What};

/// The cause of a call's end, and how long after it the end is due in documented time.
pub(super) fn of_end(stage: &Stage, call: &CallRecord, ended: &Ended) -> (EventNo, Duration) {
    if let Some(timeout) = timed_out(stage, call, ended) {
        return runs_out(stage, call, timeout);
    }
    if let (Some(down), true, Ended::Error(_) | Ended::JobResult(_)) = (stage.down, call.answers.is_empty(), ended) {
        return (down, Duration::ZERO);
    }
    let cancelled = cancelled(stage, call, ended);
    if let Some(answer) = call.answers.first().filter(|answer| cancelled.is_none_or(|cancelled| **answer < cancelled)) {
        return (*answer, Duration::ZERO);
    }
    if let Some(cancelled) = cancelled {
        return (cancelled, Duration::ZERO);
    }
    if let Some(answer) = any_answer(stage, call).filter(|_| matches!(ended, Ended::Value(_))) {
        return (answer, Duration::ZERO);
    }
    let left = stage.sockets.values().filter(|socket| socket.user.as_ref() == Some(&call.user));
    let left = left.filter_map(|socket| socket.gone).max().filter(|gone| *gone > call.started);
    let from_hub = matches!(ended, Ended::Error(error) if error.kind != ErrorKind::NotConnected)
        || matches!(ended, Ended::JobResult(_));
    if left.is_none()
        && from_hub
        && let Some((frozen, noticed)) = frozen(stage, call)
    {
        return (frozen, noticed);
    }
    (left.filter(|_| from_hub).unwrap_or(call.started), Duration::ZERO)
}

/// Where the last plugin of a call's user froze, and how long after that the target has noticed, where it is known how it pings.
fn frozen(stage: &Stage, call: &CallRecord) -> Option<(EventNo, Duration)> {
    let noticed = stage.pulse.documented?.patience();
    let of_user = stage.sockets.values().filter(|socket| socket.user.as_ref() == Some(&call.user));
    Some((of_user.filter_map(|socket| socket.frozen).max()?, noticed))
}

/// Where the job was cancelled whose run failed.
fn cancelled(stage: &Stage, call: &CallRecord, ended: &Ended) -> Option<EventNo> {
    let Ended::JobResult(result) = ended else { return None };
    let id =
        result.get("job_id").and_then(Value::as_u64).filter(|_| result.get("success") != Some(&Value::Bool(true)))?;
    let mut since = stage.record.events().iter().filter(|event| event.no > call.started);
    let cancels = |what: &What| matches!(what, What::JobCancelled { job } if *job == id);
    since.find(|event| cancels(&event.what)).map(|event| event.no)
}

/// The last response that carried an id of this call, whoever sent it.
fn any_answer(stage: &Stage, call: &CallRecord) -> Option<EventNo> {
    let carries = |what: &What| match what {
        What::Sent { args, .. } => {
            let id = args.first().and_then(|body| body.get("request_id")).and_then(Value::as_str);
            id.is_some_and(|id| call.ids.contains(id))
        }
        _ => false,
    };
    stage.record.events().iter().rev().find(|event| carries(&event.what)).map(|event| event.no)
}

/// The documented timeout of a call that ended by it. One that nobody asked for is the target's own, as its text says.
fn timed_out(stage: &Stage, call: &CallRecord, ended: &Ended) -> Option<Duration> {
    let (message, own, documented) = match ended {
        Ended::Error(error) if error.kind == ErrorKind::Timeout || text::timeout_in(&error.message).is_some() => {
            let documented = match &call.sends {
                Sends::Command(action, _) => Some(action::timeout_of(action)),
                Sends::NextJob => None,
            };
            (error.message.as_str(), call.timeout.as_ref(), documented)
        }
        Ended::JobResult(result) => {
            let message = result.get("error").and_then(Value::as_str)?;
            text::timeout_in(message)?;
            let id = result.get("job_id").and_then(Value::as_u64)?;
            stage.record.events().iter().find_map(|event| match &event.what {
                What::JobCreated { job, body, timeout } if *job == id => {
                    let default = action::handler(&body.action, &body.marketplace).map(|action| action.timeout);
                    Some((message, timeout.as_ref(), default))
                }
                _ => None,
            })?
        }
        _ => return None,
    };
    let shown = || text::timeout_in(message).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    own.map(|timeout| timeout.documented).or_else(shown).or(documented)
}

/// Where a call runs out of time: by itself, its timeout after it started, or by the clock that was advanced meanwhile.
fn runs_out(stage: &Stage, call: &CallRecord, timeout: Duration) -> (EventNo, Duration) {
    let due = |no: EventNo| stage.record.get(no).map_or(Duration::ZERO, |event| event.due);
    let mut left = timeout;
    for event in stage.record.events().iter().filter(|event| event.no > call.started) {
        let What::ClockAdvanced { by } = event.what else { continue };
        let passed = event.due.saturating_sub(due(call.started));
        if passed >= left {
            break;
        }
        if passed + by >= left {
            return (event.no, Duration::ZERO);
        }
        left -= by;
    }
    (call.started, left)
}
