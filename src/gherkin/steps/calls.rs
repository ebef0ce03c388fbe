//! Calls of the backend and how they end.

use std::collections::BTreeSet;
use std::time::Duration;

use cucumber::gherkin::Step;
use cucumber::{then, when};
use serde_json::{Value, json};

use crate::contract::message::RequestIdParts;
use crate::contract::text;
use crate::contract::user::UserId;
use crate::event::{CallId, Ended, What};
use crate::gherkin::world::{self, StepResult, World};
use crate::stage::{CallSpec, Halt};

pub(super) fn spec(user: UserId, action: &str, payload: Value, timeout: Duration) -> CallSpec {
    CallSpec { helper: true, user, action: action.to_owned(), payload, timeout: Some(timeout) }
}

#[when(regex = r"^the backend asks user (\d+) for (\w+) (\{.*\}) within ([\d.]+) seconds?$")]
async fn asks(world: &mut World, step: &Step, user: u64, action: String, payload: String, within: String) {
    world
        .step(step, async |world| {
            let spec = spec(UserId::from(user), &action, world::json(&payload)?, world::seconds(&within)?);
            let call = world.stage()?.call(spec)?;
            world.calls.push(call);
            Ok(())
        })
        .await;
}

#[when(regex = r"^the backend sends user (\d+) the bare command (\w+) (\{.*\}) within ([\d.]+) seconds?$")]
async fn commands(world: &mut World, step: &Step, user: u64, action: String, payload: String, within: String) {
    world
        .step(step, async |world| {
            let spec = spec(UserId::from(user), &action, world::json(&payload)?, world::seconds(&within)?);
            let call = world.stage()?.call(CallSpec { helper: false, ..spec })?;
            world.calls.push(call);
            Ok(())
        })
        .await;
}

#[when(
    regex = r#"^the backend asks user (\d+) for (\w+) (\d+) times at once, each with a payload \{"n": its number\}, within ([\d.]+) seconds$"#
)]
async fn asks_often(world: &mut World, step: &Step, user: u64, action: String, times: u64, within: String) {
    world
        .step(step, async |world| {
            for n in 1..=times {
                let spec = spec(UserId::from(user), &action, json!({ "n": n }), world::seconds(&within)?);
                let call = world.stage()?.call(spec)?;
                world.calls.push(call);
            }
            Ok(())
        })
        .await;
}

#[when(
    regex = r#"^the backend asks each of the (\d+) users, from user (\d+) on, for (\w+) at once, each with a payload \{"n": its number\}, within ([\d.]+) seconds$"#
)]
async fn asks_many(world: &mut World, step: &Step, users: u64, first: u64, action: String, within: String) {
    world
        .step(step, async |world| {
            for (n, user) in (1..=users).zip(first..) {
                let spec = spec(UserId::from(user), &action, json!({ "n": n }), world::seconds(&within)?);
                let call = world.stage()?.call(spec)?;
                world.calls.push(call);
            }
            Ok(())
        })
        .await;
}

#[when(regex = r"^the backend asks user (\d+) for (\w+) (\{.*\})$")]
async fn asks_with_default(world: &mut World, step: &Step, user: u64, action: String, payload: String) {
    world
        .step(step, async |world| {
            let (user, payload) = (UserId::from(user), world::json(&payload)?);
            let call = world.stage()?.call(CallSpec { helper: true, user, action, payload, timeout: None })?;
            world.calls.push(call);
            Ok(())
        })
        .await;
}

#[when(regex = r"^the backend asks user (\d+) for (\w+) (\{.*\}) with a timeout of (\S+) instead of seconds$")]
async fn asks_with_odd_timeout(
    world: &mut World,
    step: &Step,
    user: u64,
    action: String,
    payload: String,
    odd: String,
) {
    world
        .step(step, async |world| {
            let (user, payload, odd) = (UserId::from(user), world::json(&payload)?, world::json(&odd)?);
            let spec = CallSpec { helper: true, user, action, payload, timeout: None };
            let call = world.stage()?.call_with_odd_timeout(spec, odd)?;
            world.calls.push(call);
            Ok(())
        })
        .await;
}

#[when("the caller gives up")]
async fn gives_up(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            let call = world.last_call()?;
            world.stage()?.give_up(call);
            Ok(())
        })
        .await;
}

#[then(regex = r"^(?:the call|call (\d+)) returns null$")]
async fn returns_null(world: &mut World, step: &Step, number: String) {
    world
        .step(step, async |world| {
            let call = numbered(world, &number)?;
            returned(world, call, &Value::Null).await
        })
        .await;
}

#[then(regex = r"^the call fails with an error whose text is the JSON (.+)$")]
async fn fails_with_json_of(world: &mut World, step: &Step, json: String) {
    world
        .step(step, async |world| {
            let expected = world::json(&json)?;
            let call = world.last_call()?;
            let message = failure(world, call).await?;
            match serde_json::from_str(&message) {
                Ok(read) => world::expect(&expected, &read),
                Err(_) => Err(Halt::unmet(format!("an error whose text is {expected}"), format!("{message:?}"))),
            }
        })
        .await;
}

#[then(regex = r#"^the call fails with "(.*)", status (\S+) and error data (.+)$"#)]
async fn fails_with_status(world: &mut World, step: &Step, text: String, status: String, data: String) {
    world
        .step(step, async |world| {
            let expected = [json!(text), world::json(&status)?, world::json(&data)?];
            let call = world.last_call()?;
            match world.stage()?.settled(call).await? {
                Ended::Error(error) => {
                    let part = |value: &Option<Value>| value.clone().unwrap_or_default();
                    let got = [json!(error.message), part(&error.status), part(&error.error_data)];
                    world::expect(&Value::from(expected.to_vec()), &Value::from(got.to_vec()))
                }
                other => Err(Halt::unmet(format!("{call} to fail"), in_words(other))),
            }
        })
        .await;
}

#[then(regex = r"^the call returns the whole response, with status (\S+) and error data (.+)$")]
async fn returns_status(world: &mut World, step: &Step, status: String, data: String) {
    world
        .step(step, async |world| {
            let expected = [world::json(&status)?, world::json(&data)?];
            let call = world.last_call()?;
            match world.stage()?.settled(call).await? {
                Ended::Value(value) => {
                    let got = [value["status"].clone(), value["errorData"].clone()];
                    world::expect(&Value::from(expected.to_vec()), &Value::from(got.to_vec()))
                }
                other => Err(Halt::unmet("the whole response", in_words(other))),
            }
        })
        .await;
}

#[then(regex = r"^(?:the call|call (\d+)) is still in flight$")]
async fn in_flight(world: &mut World, step: &Step, number: String) {
    world
        .step(step, async |world| {
            let call = numbered(world, &number)?;
            world.stage()?.still_in_flight(call).await
        })
        .await;
}

#[when("the command has come to a plugin")]
async fn on_its_way(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            let call = world.last_call()?;
            if world.stage()?.on_its_way(call).await {
                return Ok(());
            }
            Err(Halt::unmet("the command to come to a plugin", "none came"))
        })
        .await;
}

#[when("every call's command has come to a plugin")]
async fn all_on_their_way(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            for call in world.calls.clone() {
                if !world.stage()?.on_its_way(call).await {
                    return Err(Halt::unmet(format!("the command of {call} to come to a plugin"), "none came"));
                }
            }
            Ok(())
        })
        .await;
}

#[then(regex = r#"^(?:the call|call (\d+)) returns (\{.*\}|\[.*\]|".*"|-?\d\S*|true|false)$"#)]
async fn returns(world: &mut World, step: &Step, number: String, data: String) {
    world
        .step(step, async |world| {
            let expected = world::json(&data)?;
            let call = numbered(world, &number)?;
            returned(world, call, &expected).await
        })
        .await;
}

#[then(regex = r#"^(?:the call|call (\d+)) fails with "(.*)"$"#)]
async fn fails_with(world: &mut World, step: &Step, number: String, text: String) {
    world
        .step(step, async |world| {
            let call = numbered(world, &number)?;
            let message = failure(world, call).await?;
            if message == text {
                return Ok(());
            }
            Err(Halt::unmet(format!("the error {text:?}"), format!("the error {message:?}")))
        })
        .await;
}

#[then(regex = r#"^(?:the call|call (\d+)) fails with the JSON text (".*")$"#)]
async fn fails_with_json(world: &mut World, step: &Step, number: String, text: String) {
    world
        .step(step, async |world| {
            let expected = world::json(&text)?;
            let call = numbered(world, &number)?;
            let message = failure(world, call).await?;
            world::expect(&expected, &json!(message))
        })
        .await;
}

#[then(regex = r"^(?:the call|call (\d+)) fails$")]
async fn fails(world: &mut World, step: &Step, number: String) {
    world
        .step(step, async |world| {
            let call = numbered(world, &number)?;
            failure(world, call).await.map(drop)
        })
        .await;
}

#[then(regex = r"^(?:the call|call (\d+)) returns the whole response, with data (\{.*\})$")]
async fn returns_response(world: &mut World, step: &Step, number: String, data: String) {
    world
        .step(step, async |world| {
            let call = numbered(world, &number)?;
            match world.stage()?.settled(call).await? {
                Ended::Value(value) => {
                    world::expect(&json!(true), &value["success"])?;
                    world::expect(&world::json(&data)?, &value["data"])
                }
                other => Err(Halt::unmet("the whole response", in_words(other))),
            }
        })
        .await;
}

#[then(regex = r#"^the call returns the whole response, with the error "(.*)"$"#)]
async fn returns_failed_response(world: &mut World, step: &Step, error: String) {
    world
        .step(step, async |world| {
            let call = world.last_call()?;
            match world.stage()?.settled(call).await? {
                Ended::Value(value) => {
                    world::expect(&json!(false), &value["success"])?;
                    world::expect(&json!(error), &value["error"])
                }
                other => Err(Halt::unmet("the whole response", in_words(other))),
            }
        })
        .await;
}

#[then("every call returns its own payload")]
async fn own_payload(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            let mut wrong = Ok(());
            for call in world.calls.clone() {
                let sent = world.stage()?.events().iter().find_map(|event| match &event.what {
                    What::CallStarted { call: started, payload, .. } if *started == call => Some(payload.clone()),
                    _ => None,
                });
                // Every call is waited for, so that the record is whole, whatever went wrong first.
                let result = returned(world, call, &sent.unwrap_or_default()).await;
                wrong = wrong.and(result);
            }
            wrong
        })
        .await;
}

#[then(regex = r"^every request id has the form req_\{user\}_\{unix milliseconds\}_\{1000 to 9999\}$")]
async fn id_form(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            for call in world.calls.clone() {
                world.stage()?.settled(call).await?;
            }
            let ids = received(world)?;
            match ids.iter().map(|(_, id)| id).find(|id| id.parse::<RequestIdParts>().is_err()) {
                Some(odd) => Err(Halt::unmet("req_{user}_{unix milliseconds}_{1000 to 9999}", odd)),
                None if ids.is_empty() => Err(Halt::unmet("at least one request id", "no command came")),
                None => Ok(()),
            }
        })
        .await;
}

#[then("the calls have different request ids")]
async fn ids_differ(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            let ids: BTreeSet<(CallId, String)> = received(world)?.into_iter().collect();
            let different: BTreeSet<&String> = ids.iter().map(|(_, id)| id).collect();
            let calls = world.calls.len();
            if different.len() == calls && ids.len() == calls {
                return Ok(());
            }
            let got = format!("{} ids for {calls} calls", different.len());
            Err(Halt::unmet("a request id of its own for each call", got))
        })
        .await;
}

/// Every request id that a plugin received, with the call it belongs to, in order.
fn received(world: &mut World) -> Result<Vec<(CallId, String)>, Halt> {
    let received = world.stage()?.events().iter().filter_map(|event| match &event.what {
        What::Received { args, call: Some(call), .. } => {
            Some((*call, args.first()?.get("request_id")?.as_str()?.to_owned()))
        }
        _ => None,
    });
    Ok(received.collect())
}

fn numbered(world: &World, number: &str) -> Result<CallId, Halt> {
    number.parse().map_or_else(|_| world.last_call(), |number| world.call(number))
}

pub(super) async fn returned(world: &mut World, call: CallId, expected: &Value) -> StepResult {
    match world.stage()?.settled(call).await? {
        Ended::Value(value) => world::expect(expected, value),
        other => Err(Halt::unmet(format!("{call} to return {expected}"), in_words(other))),
    }
}

/// The text of a call's failure, with the documented number where it is a timeout's.
async fn failure(world: &mut World, call: CallId) -> Result<String, Halt> {
    let stage = world.stage()?;
    let message = match stage.settled(call).await? {
        Ended::Error(error) => error.message.clone(),
        other => return Err(Halt::unmet(format!("{call} to fail"), in_words(other))),
    };
    let timeout = stage.events().iter().find_map(|event| match &event.what {
        What::CallStarted { call: started, timeout, .. } if *started == call => timeout.clone(),
        _ => None,
    });
    Ok(match timeout {
        Some(timeout) => text::with_timeout_rescaled(&message, timeout.asked_s, timeout.documented),
        None => message,
    })
}

/// An end in words.
pub(super) fn in_words(ended: &Ended) -> String {
    match ended {
        Ended::Value(value) => format!("the value {value}"),
        Ended::Error(error) => format!("the error {:?}", error.message),
        Ended::JobResult(result) => format!("the job result {result}"),
        Ended::Cancelled => "nothing: it was given up".to_owned(),
    }
}
