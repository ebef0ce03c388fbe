//! What plugins' connections and the hub itself are put through.

use std::collections::BTreeMap;
use std::time::Duration;

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use serde_json::json;

use super::calls::spec;
use crate::contract::user::UserId;
use crate::event::Stranger;
use crate::gherkin::world::{self, World};
use crate::plugin::How;
use crate::stage::{Halt, Pings};

#[given(regex = r"^the hub pings every (\d+) seconds and waits (\d+) seconds for the answer$")]
async fn pings(world: &mut World, step: &Step, interval: u64, timeout: u64) {
    world
        .step(step, async |world| {
            let seconds = Duration::from_secs;
            world.stage()?.set_pings(Pings { interval: seconds(interval), timeout: seconds(timeout.max(1)) });
            Ok(())
        })
        .await;
}

#[when(regex = r"^user (\d+)'s plugin answers pings only after ([\d.]+) seconds$")]
async fn slow_pongs(world: &mut World, step: &Step, user: u64, later: String) {
    world
        .step(step, async |world| {
            let (plugin, later) = (world.plugin_of(&UserId::from(user))?, world::seconds(&later)?);
            world.stage()?.slow_pongs(plugin, later)
        })
        .await;
}

#[then(regex = r"^after its ping interval and timeout the hub counts (no|\d+) sockets? of user (\d+)$")]
async fn pulse(world: &mut World, step: &Step, count: String, user: u64) {
    world
        .step(step, async |world| world.stage()?.pulse_seen(&UserId::from(user), count.parse().unwrap_or(0)).await)
        .await;
}

#[when(
    regex = r"^a stranger (opens a connection and sends nothing|sends half of a request|opens a WebSocket and sends nothing)$"
)]
async fn intrudes(world: &mut World, step: &Step, what: String) {
    let stranger = match what.as_str() {
        "sends half of a request" => Stranger::HalfRequest,
        "opens a WebSocket and sends nothing" => Stranger::NeverConnects,
        _ => Stranger::Silent,
    };
    world.step(step, async |world| world.stage()?.intrude(stranger).await).await;
}

#[when(regex = r"^all plugins (lose their connections|are cut off) at once for ([\d.]+) seconds$")]
async fn storm(world: &mut World, step: &Step, how: String, back: String) {
    world
        .step(step, async |world| {
            let (how, back) = (if how == "are cut off" { How::Reset } else { How::Close }, world::seconds(&back)?);
            for (_, plugin) in world.plugins.clone() {
                world.stage()?.lose(plugin, how, Some(back));
            }
            Ok(())
        })
        .await;
}

#[when("every plugin has connected again")]
async fn all_back(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            for (user, plugin) in world.plugins.clone() {
                if !world.stage()?.returned(plugin).await? {
                    return Err(Halt::unmet(format!("the hub to accept user {user}'s plugin again"), "it refused it"));
                }
            }
            Ok(())
        })
        .await;
}

#[then("the hub counts every plugin once")]
async fn counted_once(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            let mut users: BTreeMap<UserId, u64> = BTreeMap::new();
            for (user, _) in &world.plugins {
                *users.entry(user.clone()).or_default() += 1;
            }
            for (user, plugins) in users {
                world.stage()?.sockets_seen(&user, plugins).await?;
            }
            Ok(())
        })
        .await;
}

#[when("the hub is told to shut down")]
async fn shut_down(world: &mut World, step: &Step) {
    world.step(step, async |world| world.stage()?.shut_down().await).await;
}

#[then("the hub has closed every connection")]
async fn all_closed(world: &mut World, step: &Step) {
    world.step(step, async |world| world.stage()?.all_closed().await).await;
}

#[when(
    regex = r"^the backend asks each of the (\d+) users, from user (\d+) on, for (\w+) (\d+) times over, each time within ([\d.]+) seconds$"
)]
async fn asks_over_and_over(
    world: &mut World,
    step: &Step,
    users: u64,
    first: u64,
    action: String,
    times: u64,
    within: String,
) {
    world
        .step(step, async |world| {
            for _ in 0..times {
                let made = world.calls.len();
                for user in first..first.saturating_add(users) {
                    let spec = spec(
                        UserId::from(user),
                        &action,
                        json!({ "n": world.calls.len() + 1 }),
                        world::seconds(&within)?,
                    );
                    let call = world.stage()?.call(spec)?;
                    world.calls.push(call);
                }
                for call in world.calls.iter().skip(made).copied().collect::<Vec<_>>() {
                    world.stage()?.settled(call).await?;
                }
            }
            Ok(())
        })
        .await;
}

#[then("every call has ended")]
async fn all_ended(world: &mut World, step: &Step) {
    world
        .step(step, async |world| {
            for call in world.calls.clone() {
                world.stage()?.settled(call).await?;
            }
            Ok(())
        })
        .await;
}

#[then("the hub is at rest")]
async fn at_rest(world: &mut World, step: &Step) {
    world
        .step(step, async |world| match world.stage()?.weigh().await? {
            0 => Ok(()),
            pending => Err(Halt::unmet("no call in flight after the load", format!("{pending}"))),
        })
        .await;
}
