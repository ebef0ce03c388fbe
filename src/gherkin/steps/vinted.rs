//! What there is at the marketplace.

use cucumber::gherkin::Step;
use cucumber::given;

use crate::gherkin::world::World;

#[given(regex = r"^shop (\d+) has (\d+) listings? at Vinted$")]
async fn stock(world: &mut World, step: &Step, shop: u64, listings: usize) {
    world
        .step(step, async |world| {
            world.stage()?.stock(shop, listings);
            Ok(())
        })
        .await;
}

#[given(regex = r"^shop (\d+) has (\d+) sales? and (\d+) purchases? at Vinted$")]
async fn stock_sales(world: &mut World, step: &Step, shop: u64, sold: usize, purchased: usize) {
    world
        .step(step, async |world| {
            world.stage()?.at_vinted(|vinted| vinted.stock_sales(shop, sold, purchased));
            Ok(())
        })
        .await;
}
