//! What the hub is told and asked beside calls.

use cucumber::gherkin::Step;
use cucumber::{given, then, when};

use crate::contract::user::UserId;
use crate::gherkin::world::{self, World};
use crate::stage::Halt;

#[given(regex = r#"^the hub draws the request id "(.+)" (\d+) times in a row$"#)]
async fn draws(world: &mut World, step: &Step, id: String, times: usize) {
    world.step(step, async |world| world.stage()?.feed_ids(vec![id; times]).await).await;
}

#[when(regex = r"^the hub's clock is advanced by (\d+) seconds$")]
async fn advanced(world: &mut World, step: &Step, by: String) {
    world
        .step(step, async |world| {
            let by = world::seconds(&by)?;
            world.stage()?.advance_clock(by).await
        })
        .await;
}

#[then("no call is pending at the hub")]
async fn nothing_pending(world: &mut World, step: &Step) {
    world
        .step(step, async |world| match world.stage()?.count_pending().await? {
            0 => Ok(()),
            count => Err(Halt::unmet("no call pending", format!("{count} pending"))),
        })
        .await;
}

#[then(regex = r"^the hub counts (\d+) sockets? of user (\d+)$")]
async fn sockets(world: &mut World, step: &Step, count: u64, user: u64) {
    world.step(step, async |world| world.stage()?.sockets_counted(&UserId::from(user), count).await).await;
}
