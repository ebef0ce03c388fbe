//! Messages whose size stands in some relation to the hub's limit.

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use serde_json::{Value, json};

use super::calls::{failure, numbered, returned, spec};
use super::large::large;
use crate::contract::message::RESPONSE_EVENT;
use crate::contract::need::Need;
use crate::contract::text;
use crate::contract::user::UserId;
use crate::event::{CallId, Limit, What};
use crate::gherkin::world::{self, World};
use crate::plugin::Session;
use crate::stage::{Halt, Stage};

/// The size that words say, in bytes.
fn size(words: &str, limit: Limit) -> u64 {
    let max = limit.max_bytes;
    match words {
        "well under" => max - max / 5,
        "1 byte under" => max.saturating_sub(1),
        "1 byte over" => max + 1,
        "well over" => max + max / 5,
        _ => max,
    }
}

/// A text that makes a message of the size that the words say, where so many bytes are around it.
fn filling(stage: &mut Stage, words: &str, around: u64) -> Result<Value, Halt> {
    let bytes = size(words, stage.limit()?).saturating_sub(around);
    let size = usize::try_from(bytes).map_err(|_| Halt::Trouble(format!("{bytes} bytes are no size of a text")))?;
    stage.name_size(size, words);
    Ok(large("text", size))
}

#[given(regex = r"^the hub takes messages of (\d+) bytes at the most$")]
async fn limit(world: &mut World, step: &Step, max_bytes: usize) {
    world
        .step(step, async |world| {
            world.stage()?.set_limit(max_bytes);
            Ok(())
        })
        .await;
}

#[when(
    regex = r"^user (\d+)'s plugin answers with a response that is (well under|1 byte under|exactly at|1 byte over|well over) the hub's limit$"
)]
async fn answers(world: &mut World, step: &Step, user: u64, words: String) {
    world
        .step(step, async |world| {
            let plugin = world.plugin_of(&UserId::from(user))?;
            let stage = world.stage()?;
            let limit = stage.limit()?;
            if !limit.exact && !words.starts_with("well") {
                return Err(Halt::Needs(Need::Counts));
            }
            stage.commands_received(plugin, 1).await?;
            let mut body = json!({"request_id": stage.last_request_id(plugin), "success": true, "data": ""});
            let empty =
                Session::event(RESPONSE_EVENT, std::slice::from_ref(&body)).map_or(0, |frame| frame.len() as u64);
            body["data"] = filling(stage, &words, empty)?;
            stage.say(plugin, RESPONSE_EVENT, vec![body])
        })
        .await;
}

#[then("the call returns what the plugin has answered")]
async fn returns(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            let call = world.last_call()?;
            let answered = world.stage()?.events().iter().rev().find_map(|event| match &event.what {
                What::Sent { call: Some(of), args, .. } if *of == call => args.first()?.get("data").cloned(),
                _ => None,
            });
            let answered = answered.ok_or_else(|| Halt::Trouble(format!("nobody has answered {call}")))?;
            returned(world, call, &answered).await
        })
        .await;
}

#[when(
    regex = r"^the backend asks user (\d+) for (\w+) with a command that is (well under|1 byte under|exactly at|1 byte over|well over) the hub's limit within ([\d.]+) seconds$"
)]
async fn asks(world: &mut World, step: &Step, user: u64, action: String, words: String, within: String) {
    world
        .step(step, async |world| {
            world.stage()?.limit()?;
            let around = match world.around_text {
                _ if words.starts_with("well") => 0,
                Some(around) => around,
                None => {
                    return Err(Halt::Trouble(
                        "no command was refused before that shows how the hub counts".to_owned(),
                    ));
                }
            };
            let payload = json!({ "text": filling(world.stage()?, &words, around)? });
            let spec = spec(UserId::from(user), &action, payload, world::seconds(&within)?);
            let call = world.stage()?.call(spec)?;
            world.calls.push(call);
            Ok(())
        })
        .await;
}

#[then(regex = r"^(?:the call|call (\d+)) is refused with the size of its command and the hub's limit$")]
async fn refused(world: &mut World, step: &Step, number: String) {
    world
        .step(step, async |world| {
            let call = numbered(world, &number)?;
            let message = failure(world, call).await?;
            let Some((size, _)) = text::payload_sizes_in(&message) else {
                let expected = "\"Payload size ({n} bytes) exceeds max buffer size ({max} bytes)\"";
                return Err(Halt::unmet(expected, format!("the error {message:?}")));
            };
            // What the hub counts beside the text is the same for the next command.
            world.around_text = size.checked_sub(text_of(world, call)?);
            Ok(())
        })
        .await;
}

/// How long the text in a call's payload is.
fn text_of(world: &mut World, call: CallId) -> Result<u64, Halt> {
    let text = world.stage()?.events().iter().find_map(|event| match &event.what {
        What::CallStarted { call: started, payload, .. } if *started == call => {
            Some(payload.get("text").and_then(Value::as_str).unwrap_or_default().len() as u64)
        }
        _ => None,
    });
    Ok(text.unwrap_or_default())
}
