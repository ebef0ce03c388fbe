//! Which call a received command belongs to. From outside only the command itself tells: its user, action and payload,
//! and the request id once it is known.

use serde_json::Value;

use super::caller::{CallRecord, Sends};
use super::director::Stage;
use crate::contract::action;
use crate::contract::json;
use crate::contract::user::UserId;
use crate::event::{CallId, SocketId, What};

/// The call whose command was received on `socket` of `user`; the best fit, `None` if nobody can have asked for it.
pub(super) fn call_of(stage: &Stage, socket: SocketId, user: Option<&UserId>, body: &Value) -> Option<CallId> {
    let id = body.get("request_id").and_then(Value::as_str);
    let has_id = |call: &CallRecord| id.is_some_and(|id| call.ids.contains(id));
    let fits = |call: &CallRecord| fits(stage, call, body);
    let own = |call: &CallRecord| user == Some(&call.user);
    let new_here = |call: &CallRecord| !call.delivered.contains(&socket);
    let open = |call: &CallRecord| call.ended.is_none();

    let tests: [&dyn Fn(&CallRecord) -> bool; 7] = [
        &|call| open(call) && own(call) && new_here(call) && fits(call) && has_id(call),
        &|call| open(call) && own(call) && new_here(call) && fits(call) && call.ids.is_empty(),
        &|call| own(call) && has_id(call),
        &|call| own(call) && new_here(call) && fits(call),
        // From here on something is wrong: the command is at a socket where it has no business,
        &has_id,
        &|call| open(call) && new_here(call) && fits(call),
        // or it is not what was asked for.
        &|call| open(call) && own(call) && new_here(call) && call.ids.is_empty(),
    ];
    let first = |test: &&dyn Fn(&CallRecord) -> bool| stage.calls.iter().position(test).map(CallId);
    tests.iter().find_map(first)
}

/// Whether a call can have sent such a command.
fn fits(stage: &Stage, call: &CallRecord, body: &Value) -> bool {
    let got = (&body["action"], &body["payload"]);
    match &call.sends {
        Sends::Command(action, payload) => got.0 == action && json::same(got.1, payload),
        Sends::NextJob => stage.record.events().iter().any(|event| match &event.what {
            What::JobCreated { body: job, .. } if job.user_id == call.user => {
                let handler = action::handler(&job.action, &job.marketplace);
                handler.is_some_and(|handler| got.0 == handler.command) && json::same(got.1, &job.payload())
            }
            _ => false,
        }),
    }
}
