//! What the end of a call follows from, as far as it can be told from outside.

use std::time::Duration;

use serde_json::Value;

use super::caller::CallRecord;
use super::director::Stage;
use crate::contract::control::ErrorKind;
use crate::contract::{action, text};
use crate::event::{Ended, EventNo, What};

/// The cause of a call's end, and how long after it the end is due in documented time.
pub(super) fn of_end(stage: &Stage, call: &CallRecord, ended: &Ended) -> (EventNo, Duration) {
    if let Some(timeout) = timed_out(stage, call, ended) {
        return (call.started, timeout);
    }
    if let Some(answer) = call.answers.first() {
        return (*answer, Duration::ZERO);
    }
    if let Some(answer) = any_answer(stage, call).filter(|_| matches!(ended, Ended::Value(_))) {
        return (answer, Duration::ZERO);
    }
    let left = stage.sockets.values().filter(|socket| socket.user.as_ref() == Some(&call.user));
    let left = left.filter_map(|socket| socket.gone).max().filter(|gone| *gone > call.started);
    let from_hub = matches!(ended, Ended::Error(error) if error.kind != ErrorKind::NotConnected)
        || matches!(ended, Ended::JobResult(_));
    (left.filter(|_| from_hub).unwrap_or(call.started), Duration::ZERO)
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

/// The documented timeout of a call that ended by it.
fn timed_out(stage: &Stage, call: &CallRecord, ended: &Ended) -> Option<Duration> {
    match ended {
        Ended::Error(error) if error.kind == ErrorKind::Timeout || text::timeout_in(&error.message).is_some() => {
            call.timeout.as_ref().map(|timeout| timeout.documented)
        }
        Ended::JobResult(result) => {
            result.get("error").and_then(Value::as_str).and_then(text::timeout_in)?;
            let id = result.get("job_id").and_then(Value::as_u64)?;
            stage.record.events().iter().find_map(|event| match &event.what {
                What::JobCreated { job, body, timeout } if *job == id => {
                    let default = action::handler(&body.action, &body.marketplace).map(|action| action.timeout);
                    timeout.as_ref().map(|timeout| timeout.documented).or(default)
                }
                _ => None,
            })
        }
        _ => None,
    }
}
