//! Each behaviour of `scenarios/behaviours` against the reference hub.

use std::time::Duration;

use hubproof::checker::judge;
use hubproof::contract::user::UserId;
use hubproof::event::{Event, Finding, What};
use hubproof::gherkin::behaviours::Behaviours;
use hubproof::hub::HubConfig;
use hubproof::plugin::Behaviour;
use hubproof::sim::SimDriver;
use hubproof::stage::{CallSpec, Stage};
use serde_json::json;

/// Six calls to a user whose first plugin behaves so; it has another tab, and there is another user.
async fn play(seed: u64, behaviour: Behaviour) -> Vec<Event> {
    let driver = SimDriver::new(HubConfig { seed, ..HubConfig::default() });
    let mut stage = Stage::open(Box::new(driver)).await.expect("a stage");
    stage.stock(123, 100);
    for (user, behaviour) in [(1, behaviour), (1, Behaviour::default()), (2, Behaviour::default())] {
        let plugin = stage.plugin(Some(json!({ "user_id": user })), behaviour);
        assert!(stage.connect(plugin).await.expect("an answer"));
    }
    let actions = ["VINTED_SYNC", "VINTED_PUBLISH", "VINTED_DELETE", "VINTED_ORDERS", "VINTED_UPDATE", "VINTED_SYNC"];
    let calls: Vec<_> = (0..)
        .zip(actions)
        .map(|(n, action)| {
            let payload = json!({"shop_id": 123, "n": n});
            let timeout = Some(Duration::from_secs(40));
            let spec = CallSpec { helper: true, user: UserId::from(1), action: action.to_owned(), payload, timeout };
            stage.call(spec).expect("a call")
        })
        .collect();
    for call in calls {
        stage.settled(call).await.expect("an end");
    }
    stage.close().await.expect("an orderly end");
    stage.events().to_vec()
}

#[tokio::test]
async fn every_one_does_something_of_its_own_and_no_guarantee_is_broken() {
    let behaviours = Behaviours::default();
    let mut runs = Vec::new();
    for name in behaviours.names() {
        let events = play(1, behaviours.named(name).expect("it is there")).await;
        let broken: Vec<_> =
            judge(&events).into_iter().filter(|verdict| matches!(verdict.finding, Finding::Broken(_))).collect();
        assert!(broken.is_empty(), "{name}: {broken:#?}");
        // Request ids are the same for the same seed.
        let done = |what: &What| {
            matches!(what, What::Sent { .. } | What::Gone { .. } | What::Frozen { .. } | What::Connecting { .. })
        };
        let done: Vec<String> = events
            .iter()
            .filter(|event| done(&event.what))
            .map(|event| format!("{:?} {:?}", event.at, event.what))
            .collect();
        runs.push((name, done));
    }
    for (place, (name, done)) in runs.iter().enumerate() {
        let twin = runs[..place].iter().find(|(_, other)| other == done);
        assert!(twin.is_none(), "{name} does the same as {twin:?}");
    }
}

#[test]
fn each_is_listed_with_its_comment() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let listed = std::fs::read_to_string(root.join("README.md")).expect("a README");
    for name in Behaviours::default().names() {
        let text = std::fs::read_to_string(root.join(format!("behaviours/{name}.toml"))).expect("a file");
        let comment = text.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a comment line");
        assert!(
            listed.contains(&format!("| `{name}` | {comment} |")),
            "scenarios/README.md lacks: | `{name}` | {comment} |"
        );
    }
}

#[tokio::test]
async fn the_same_seed_draws_the_same_and_another_one_does_not() {
    let times = async |name: &str, seed| {
        let events = play(seed, Behaviours::default().named(name).expect("it is there")).await;
        let sent = events.into_iter().filter(|event| matches!(event.what, What::Sent { .. }));
        sent.map(|event| (event.at, event.drawn)).collect::<Vec<_>>()
    };
    for name in ["field-delay", "slow-tail", "spread-delays"] {
        let first = times(name, 1).await;
        assert!(first.iter().all(|(_, drawn)| *drawn), "{name}: {first:?}");
        assert_eq!(times(name, 1).await, first, "{name}");
        assert_ne!(times(name, 2).await, first, "{name}");
    }
}
