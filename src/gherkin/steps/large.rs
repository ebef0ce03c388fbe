//! Values that are too large to be written down: their size is named, and each part of them tells its place.

use std::fmt::Write as _;

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use serde_json::{Value, json};

use super::calls::{returned, spec};
use crate::contract::user::UserId;
use crate::gherkin::world::{self, World};
use crate::plugin::{Behaviour, PlannedReply, Say};

/// A text of this many characters, or a list of this many numbers.
pub(super) fn large(kind: &str, size: usize) -> Value {
    if kind == "list" {
        return json!((0..size).collect::<Vec<_>>());
    }
    let mut text = String::with_capacity(size + 8);
    while text.len() < size {
        // Writing to a String cannot fail.
        let _ = write!(text, "{:07} ", text.len());
    }
    text.truncate(size);
    Value::String(text)
}

#[given(regex = r"^user (\d+) has a plugin that answers a (text|list) of (\d+) (?:characters|numbers)$")]
async fn answers(world: &mut World, step: &Step, user: u64, kind: String, size: usize) {
    let behaviour = Behaviour::always(vec![PlannedReply::now(Say::Data(large(&kind, size)))]);
    world.step(step, async |world| world.connect(&UserId::from(user), behaviour).await).await;
}

#[when(
    regex = r"^the backend asks user (\d+) for (\w+) with a (text|list) of (\d+) (?:characters|numbers) within ([\d.]+) seconds$"
)]
async fn asks(world: &mut World, step: &Step, user: u64, action: String, kind: String, size: usize, within: String) {
    world
        .step(step, async |world| {
            let payload = json!({ kind.as_str(): large(&kind, size) });
            let spec = spec(UserId::from(user), &action, payload, world::seconds(&within)?);
            let call = world.stage()?.call(spec)?;
            world.calls.push(call);
            Ok(())
        })
        .await;
}

#[then(regex = r"^the call returns a (text|list) of (\d+) (?:characters|numbers)$")]
async fn returns(world: &mut World, step: &Step, kind: String, size: usize) {
    world
        .step(step, async |world| {
            let call = world.last_call()?;
            returned(world, call, &large(&kind, size)).await
        })
        .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_value_has_the_size_that_was_asked_for_and_tells_its_places() {
        assert_eq!(large("text", 18), json!("0000000 0000008 00"));
        assert_eq!(large("list", 3), json!([0, 1, 2]));
        assert_eq!(large("text", 900_000).as_str().unwrap().len(), 900_000);
    }
}
