//! What the target's log tells.

use cucumber::gherkin::Step;
use cucumber::then;

use crate::gherkin::world::World;
use crate::stage::Halt;

#[then(
    regex = r#"^the log has (?:a line that names|(\d+) lines that name) user (\d+)(?:(?:,| and) (\w+))?(?: and (the call's request id|the request id "[^"]+"))?$"#
)]
async fn names(world: &mut World, step: &Step, lines: String, user: String, action: String, request_id: String) {
    world
        .step(step, async |world| {
            let mut names = vec![user];
            names.extend((!action.is_empty()).then_some(action));
            match request_id.split('"').nth(1) {
                Some(id) => names.push(id.to_owned()),
                None if request_id.is_empty() => {}
                None => names.push(sent_id(world).await?),
            }
            world.stage()?.log_names(lines.parse().unwrap_or(1), &names).await
        })
        .await;
}

/// The request id of the last call, as a plugin received it.
async fn sent_id(world: &mut World) -> Result<String, Halt> {
    let last = world.last_call()?;
    world
        .stage()?
        .request_id_of(last)
        .await
        .ok_or_else(|| Halt::unmet("a command with a request id", "none came to a plugin"))
}
