//! Commands at the fake Vinted through a hub that sends each of them twice: a replay guard makes the difference.

use std::time::Duration;

use hubproof::contract::user::UserId;
use hubproof::event::Ended;
use hubproof::hub::{HubConfig, Variant};
use hubproof::plugin::Behaviour;
use hubproof::sim::SimDriver;
use hubproof::stage::{CallSpec, Stage};
use hubproof::vinted::SideEffect;
use serde_json::json;

/// How often a listing was published that so many tabs were asked to publish once.
async fn publications(tabs: usize, replay_guard: bool) -> usize {
    let flaws = Variant::named("emitted-twice").expect("it is there").flaws();
    let driver = SimDriver::new(HubConfig { flaws, ..HubConfig::default() });
    let mut stage = Stage::open(Box::new(driver)).await.expect("a stage");
    let behaviour: Behaviour = serde_json::from_value(json!({
        "extension": {"replay_guard": replay_guard},
        "otherwise": {"replies": [{"say": "marketplace"}]}
    }))
    .expect("a behaviour");
    for _ in 0..tabs {
        let plugin = stage.plugin(Some(json!({"user_id": 1})), behaviour.clone());
        assert!(stage.connect(plugin).await.expect("an answer"));
    }
    let call = stage
        .call(CallSpec {
            helper: true,
            user: UserId::from(1),
            action: "VINTED_PUBLISH".to_owned(),
            payload: json!({
                "shop_id": 123, "title": "Robe", "description": "Neuve", "price": 25, "catalog_id": 1821,
                "status_id": 6, "package_size_id": 2
            }),
            timeout: Some(Duration::from_secs(60)),
        })
        .expect("a call");
    let ended = stage.settled(call).await.expect("an end");
    assert!(matches!(ended, Ended::Value(_)), "{ended:?}");
    stage.close().await.expect("an orderly end");
    stage.at_vinted(|vinted| vinted.ledger.count(SideEffect::Publish, |_| true)).expect("a marketplace")
}

#[tokio::test]
async fn tabs_that_share_a_replay_guard_publish_once_and_others_as_often_as_they_are_told() {
    assert_eq!((publications(1, true).await, publications(3, true).await), (1, 1));
    assert_eq!((publications(1, false).await, publications(3, false).await), (2, 6));
}
