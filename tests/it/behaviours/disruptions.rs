//! Connections that are closed, cut off and frozen.

use std::time::Duration;

use hubproof::contract::control::ErrorKind;
use hubproof::contract::user::UserId;
use hubproof::event::{By, Ended, What};
use hubproof::hub::HubConfig;
use hubproof::live::LiveDriver;
use hubproof::plugin::{Behaviour, How};
use hubproof::sim::SimDriver;
use hubproof::stage::{CallSpec, Driver, Stage};
use serde_json::{Value, json};

/// A hub in virtual time, and one over real sockets.
fn drivers() -> [Box<dyn Driver>; 2] {
    let live = LiveDriver::own_hub(HubConfig::default(), 0.01).expect("a free port");
    [Box::new(SimDriver::new(HubConfig::default())), Box::new(live)]
}

fn behaviour(otherwise: &Value) -> Behaviour {
    serde_json::from_value(json!({ "otherwise": otherwise })).expect("a behaviour")
}

fn call(payload: Value, timeout_s: u64) -> CallSpec {
    CallSpec {
        helper: true,
        user: UserId::from(1),
        action: "VINTED_SYNC".to_owned(),
        payload,
        timeout: Some(Duration::from_secs(timeout_s)),
    }
}

#[tokio::test]
async fn a_connection_that_is_closed_or_cut_off_is_gone_at_the_hub_and_its_call_fails() {
    for (how, by) in [("close", By::Plugin), ("reset", By::Reset), ("mid_frame", By::MidFrame)] {
        for driver in drivers() {
            let mut stage = Stage::open(driver).await.unwrap();
            let plugin = stage.plugin(Some(json!({"user_id": 1})), behaviour(&json!({"disruption": {"how": how}})));
            assert!(stage.connect(plugin).await.unwrap());
            let made = stage.call(call(json!({}), 3000)).unwrap();
            let ended = stage.settled(made).await.unwrap();
            assert!(matches!(ended, Ended::Error(error) if error.kind == ErrorKind::Disconnected), "{ended:?}");
            stage.sockets_counted(&UserId::from(1), 0).await.unwrap();
            let gone = stage.events().iter().filter_map(|event| match event.what {
                What::Gone { by, .. } => Some(by),
                _ => None,
            });
            assert_eq!(gone.collect::<Vec<_>>(), [by]);
            stage.close().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_plugin_that_is_frozen_still_counts_and_its_call_ends_at_its_timeout() {
    for driver in drivers() {
        let mut stage = Stage::open(driver).await.unwrap();
        let plugin = stage.plugin(Some(json!({"user_id": 1})), behaviour(&json!({"disruption": {"how": "freeze"}})));
        assert!(stage.connect(plugin).await.unwrap());
        for n in 0..2 {
            let made = stage.call(call(json!({ "n": n }), 10)).unwrap();
            let ended = stage.settled(made).await.unwrap();
            assert!(matches!(ended, Ended::Error(error) if error.kind == ErrorKind::Timeout), "{ended:?}");
        }
        stage.sockets_counted(&UserId::from(1), 1).await.unwrap();
        assert_eq!(stage.commands_at(plugin), 1);
        stage.close().await.unwrap();
    }
}

#[tokio::test]
async fn the_hub_notices_a_frozen_plugin_by_its_missing_pong() {
    let mut stage = Stage::open(Box::new(SimDriver::new(HubConfig::default()))).await.unwrap();
    let plugin = stage.plugin(Some(json!({"user_id": 1})), behaviour(&json!({"disruption": {"how": "freeze"}})));
    assert!(stage.connect(plugin).await.unwrap());
    let made = stage.call(call(json!({}), 300)).unwrap();
    let ended = stage.settled(made).await.unwrap();
    assert!(matches!(ended, Ended::Error(error) if error.kind == ErrorKind::Disconnected), "{ended:?}");
    // A ping interval of 25 seconds and a ping timeout of 20.
    assert_eq!(stage.events().last().map(|event| event.at), Some(Duration::from_secs(45)));
    stage.close().await.unwrap();
}

#[tokio::test]
async fn a_frozen_plugin_that_connects_again_has_a_new_socket_beside_the_old_one() {
    for driver in drivers() {
        let mut stage = Stage::open(driver).await.unwrap();
        let plugin = stage.plugin(Some(json!({"user_id": 1})), behaviour(&json!({"replies": [{"say": "payload"}]})));
        assert!(stage.connect(plugin).await.unwrap());
        stage.lose(plugin, How::Freeze, Some(Duration::from_secs(5)));
        assert!(stage.returned(plugin).await.unwrap());
        stage.sockets_counted(&UserId::from(1), 2).await.unwrap();
        let made = stage.call(call(json!({"n": 1}), 300)).unwrap();
        assert_eq!(*stage.settled(made).await.unwrap(), Ended::Value(json!({"n": 1})));
        assert_eq!(stage.commands_at(plugin), 1);
        stage.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_plugin_that_is_back_answers_on_its_new_socket_and_one_that_was_closed_for_good_is_not_back() {
    for driver in drivers() {
        let mut stage = Stage::open(driver).await.unwrap();
        let reaction = json!({
            "replies": [{"when": {"after_s": 1}, "say": "payload"}, {"when": "reconnected", "say": "payload"}],
            "disruption": {"how": "reset", "back_after_s": 5}
        });
        let plugin = stage.plugin(Some(json!({"user_id": 1})), behaviour(&reaction));
        // It holds the user's place meanwhile.
        let other = stage.plugin(Some(json!({"user_id": 1})), Behaviour::default());
        assert!(stage.connect(plugin).await.unwrap() && stage.connect(other).await.unwrap());
        let made = stage.call(call(json!({"n": 1}), 3000)).unwrap();
        assert_eq!(*stage.settled(made).await.unwrap(), Ended::Value(json!({"n": 1})));
        // What was planned for the time without a connection was not sent.
        let sent = stage.events().iter().filter(|event| matches!(event.what, What::Sent { .. })).count();
        assert_eq!(sent, 1);
        stage.lose(plugin, How::Close, Some(Duration::from_secs(5)));
        stage.disconnect(plugin);
        stage.pass(Duration::from_secs(6)).await;
        stage.sockets_counted(&UserId::from(1), 1).await.unwrap();
        stage.close().await.unwrap();
    }
}
