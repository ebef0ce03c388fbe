//! Runs of a stage over real sockets.

use std::time::Duration;

use hubproof::contract::control::{ErrorKind, JobBody, JobStatus};
use hubproof::contract::need::Need;
use hubproof::contract::user::UserId;
use hubproof::event::{Ended, Stranger, What};
use hubproof::hub::HubConfig;
use hubproof::live::{LiveDriver, Remote, ServeOptions};
use hubproof::plugin::{Behaviour, How, PlannedReply, Say, When};
use hubproof::stage::{CallSpec, Driver, Halt, Pings, ServerManners, Stage};
use serde_json::{Value, json};

use super::world::{World, soon};

/// A hundredth of the documented durations.
const SCALE: f64 = 0.01;

async fn stage() -> Stage {
    let driver = LiveDriver::own_hub(HubConfig::default(), SCALE).expect("a free port");
    soon("a stage", Stage::open(Box::new(driver))).await.expect("a stage")
}

fn user(id: u64) -> UserId {
    UserId::from(id)
}

fn call(id: u64, payload: Value, timeout_s: u64) -> CallSpec {
    CallSpec {
        helper: true,
        user: user(id),
        action: "VINTED_SYNC".to_owned(),
        payload,
        timeout: Some(Duration::from_secs(timeout_s)),
    }
}

fn answering(say: Say) -> Behaviour {
    Behaviour::always(vec![PlannedReply::now(say)])
}

#[tokio::test]
async fn a_call_is_answered() {
    let mut stage = stage().await;
    let plugin = stage.plugin(Some(json!({"user_id": 1})), answering(Say::Payload));
    assert!(soon("the connection", stage.connect(plugin)).await.unwrap());
    let made = stage.call(call(1, json!({"nonce": 7}), 60)).unwrap();
    let ended = soon("the outcome", stage.settled(made)).await.unwrap();
    assert_eq!(*ended, Ended::Value(json!({"nonce": 7})));
    soon("the end", stage.close()).await.unwrap();
    assert!(stage.events().iter().any(|event| matches!(event.what, What::PendingSeen { count: 0, .. })));
}

#[tokio::test]
async fn a_call_without_an_answer_ends_at_its_timeout_and_one_without_a_socket_at_once() {
    let mut stage = stage().await;
    let plugin = stage.plugin(Some(json!({"user_id": 1})), Behaviour::default());
    assert!(soon("the connection", stage.connect(plugin)).await.unwrap());
    for (id, wanted) in [(1, ErrorKind::Timeout), (2, ErrorKind::NotConnected)] {
        let made = stage.call(call(id, json!({}), 10)).unwrap();
        let ended = soon("the outcome", stage.settled(made)).await.unwrap();
        assert!(matches!(ended, Ended::Error(error) if error.kind == wanted), "{ended:?}");
    }
    soon("the end", stage.close()).await.unwrap();
}

#[tokio::test]
async fn a_plugin_without_a_user_is_refused_and_one_that_leaves_is_gone() {
    let mut stage = stage().await;
    let stranger = stage.plugin(None, Behaviour::default());
    assert!(!soon("the refusal", stage.connect(stranger)).await.unwrap());
    let plugin = stage.plugin(Some(json!({"user_id": 1})), Behaviour::default());
    assert!(soon("the connection", stage.connect(plugin)).await.unwrap());
    stage.disconnect(plugin);
    soon("the count", stage.sockets_counted(&user(1), 0)).await.unwrap();
    soon("the end", stage.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_syncs_a_shop_page_by_page_through_the_fake_vinted() {
    let driver = LiveDriver::own_hub(HubConfig::default(), 1.0).unwrap();
    let mut stage = soon("a stage", Stage::open(Box::new(driver))).await.unwrap();
    stage.stock(123, 200);
    let plugin = stage.plugin(Some(json!({"user_id": 1})), answering(Say::Marketplace));
    assert!(soon("the connection", stage.connect(plugin)).await.unwrap());
    let body = JobBody {
        marketplace: "vinted".to_owned(),
        action: "sync".to_owned(),
        user_id: user(1),
        shop_id: Some(json!(123)),
        priority: None,
        input: None,
        timeout_s: None,
    };
    let job = stage.create_job(body, Some(Duration::from_secs(20))).await.unwrap();
    let made = stage.process(user(1)).unwrap();
    let ended = soon("the result", stage.settled(made)).await.unwrap();
    let Ended::JobResult(result) = ended else { panic!("{ended:?}") };
    assert_eq!(result["success"], true, "{result}");
    assert_eq!(result["result"]["imported"], 200);
    assert_eq!(stage.see_job(job).await.unwrap().status, JobStatus::Completed);
    soon("the end", stage.close()).await.unwrap();
    let pages = stage.events().iter().filter(|event| matches!(event.what, What::Exchange { status: Some(200), .. }));
    assert_eq!(pages.count(), 3);
}

#[tokio::test]
async fn a_caller_that_gives_up_leaves_nothing_in_flight() {
    let mut stage = stage().await;
    let late = Behaviour::always(vec![PlannedReply { when: When::CallEnded, ..PlannedReply::now(Say::Payload) }]);
    let plugin = stage.plugin(Some(json!({"user_id": 1})), late);
    assert!(soon("the connection", stage.connect(plugin)).await.unwrap());
    let made = stage.call(call(1, json!({}), 6000)).unwrap();
    soon("the command", stage.commands_received(plugin, 1)).await.unwrap();
    stage.give_up(made);
    assert_eq!(soon("the count", stage.count_pending()).await.unwrap(), 0);
    soon("the end", stage.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_at_once_to_one_user_all_end_well() {
    let mut stage = stage().await;
    let plugin = stage.plugin(Some(json!({"user_id": 1})), answering(Say::Payload));
    assert!(soon("the connection", stage.connect(plugin)).await.unwrap());
    let calls: Vec<_> = (0..200).map(|number| stage.call(call(1, json!(number), 3000)).unwrap()).collect();
    for (number, made) in calls.into_iter().enumerate() {
        let ended = soon("the outcome", stage.settled(made)).await.unwrap();
        assert_eq!(*ended, Ended::Value(json!(number)));
    }
    soon("the end", stage.close()).await.unwrap();
}

#[tokio::test]
async fn runs_one_after_the_other_leave_nothing_behind() {
    let mut addresses = Vec::new();
    for _ in 0..50 {
        let driver = LiveDriver::own_hub(HubConfig::default(), SCALE).unwrap();
        addresses.push(driver.hub().unwrap().address());
        let mut stage = soon("a stage", Stage::open(Box::new(driver))).await.unwrap();
        let plugin = stage.plugin(Some(json!({"user_id": 1})), Behaviour::default());
        assert!(soon("the connection", stage.connect(plugin)).await.unwrap());
        // Dropped in mid-call.
        stage.call(call(1, json!({}), 6000)).unwrap();
    }
    for address in addresses {
        let gone = async {
            while tokio::net::TcpStream::connect(address).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        soon("the end of a hub", gone).await;
    }
    let metrics = tokio::runtime::Handle::current().metrics();
    let ended = async {
        while metrics.num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    };
    soon("the end of every task", ended).await;
}

#[tokio::test]
async fn a_hub_elsewhere_is_driven_through_its_addresses() {
    let world = World::new();
    let remote = Remote {
        url: format!("{}/", world.hub.url()),
        socket_io_path: None,
        control: world.hub.control_url(),
        token: None,
        scale: SCALE,
        seed: 1,
    };
    let driver = LiveDriver::remote(remote).unwrap();
    let mut stage = soon("a stage", Stage::open(Box::new(driver))).await.unwrap();
    let plugin = stage.plugin(Some(json!({"user_id": 1})), answering(Say::Error("no".to_owned())));
    assert!(soon("the connection", stage.connect(plugin)).await.unwrap());
    let made = stage.call(call(1, json!({}), 60)).unwrap();
    let ended = soon("the outcome", stage.settled(made)).await.unwrap();
    assert!(matches!(ended, Ended::Error(error) if error.message == "no"), "{ended:?}");
    soon("the end", stage.close()).await.unwrap();
    world.sockets_of(1, 0).await;
}

/// A run at a hub elsewhere that pings at such an interval.
async fn pinged(interval: Duration) -> (World, Stage) {
    let manners = ServerManners {
        ping_interval: interval,
        ping_timeout: Duration::from_millis(1500),
        ..ServerManners::default()
    };
    let world = World::with(HubConfig::default(), ServeOptions { manners, ..ServeOptions::default() });
    let remote = Remote {
        url: world.hub.url(),
        socket_io_path: None,
        control: world.hub.control_url(),
        token: None,
        scale: SCALE,
        seed: 1,
    };
    let driver = LiveDriver::remote(remote).expect("an address");
    let mut stage = soon("a stage", Stage::open(Box::new(driver))).await.expect("a stage");
    stage.set_pings(Pings { interval: Duration::from_secs(25), timeout: Duration::from_secs(20) });
    (world, stage)
}

#[tokio::test]
async fn a_hub_elsewhere_is_waited_for_as_long_as_its_handshake_says() {
    let (_world, mut stage) = pinged(Duration::from_millis(100)).await;
    for (id, frozen) in [(1, true), (2, false)] {
        let plugin = stage.plugin(Some(json!({"user_id": id})), Behaviour::default());
        assert!(soon("the connection", stage.connect(plugin)).await.unwrap());
        if frozen {
            stage.lose(plugin, How::Freeze, None);
        } else {
            stage.slow_pongs(plugin, Duration::from_secs(5)).unwrap();
        }
    }
    for (id, left) in [(1, 0), (2, 1)] {
        soon("the count", stage.pulse_seen(&user(id), left)).await.unwrap();
    }
    soon("the end", stage.close()).await.unwrap();
}

#[tokio::test]
async fn a_hub_elsewhere_that_pings_too_slowly_is_not_waited_for_and_none_is_shut_down() {
    let (_world, mut stage) = pinged(Duration::from_secs(25)).await;
    let plugin = stage.plugin(Some(json!({"user_id": 1})), Behaviour::default());
    assert!(soon("the connection", stage.connect(plugin)).await.unwrap());
    assert_eq!(soon("no count", stage.pulse_seen(&user(1), 1)).await, Err(Halt::Needs(Need::QuickPings)));
    assert_eq!(stage.slow_pongs(plugin, Duration::from_secs(5)), Err(Halt::Needs(Need::QuickPings)));
    assert_eq!(soon("no end", stage.shut_down()).await, Err(Halt::Needs(Need::OwnHub)));
    soon("the end", stage.close()).await.unwrap();
}

#[tokio::test]
async fn a_stranger_that_cannot_connect_is_said() {
    let world = World::new();
    let remote = Remote {
        url: "http://127.0.0.1:1".to_owned(),
        socket_io_path: None,
        control: world.hub.control_url(),
        token: None,
        scale: SCALE,
        seed: 1,
    };
    let driver = LiveDriver::remote(remote).unwrap();
    let mut stage = soon("a stage", Stage::open(Box::new(driver))).await.unwrap();
    for stranger in [Stranger::Silent, Stranger::HalfRequest, Stranger::NeverConnects] {
        let said = soon("the reason", stage.intrude(stranger)).await;
        assert!(matches!(&said, Err(Halt::Trouble(why)) if why.contains("refused")), "{said:?}");
    }
}

#[tokio::test]
async fn a_harness_that_is_held_up_knows_how_late_it_was() {
    let mut driver = LiveDriver::own_hub(HubConfig::default(), SCALE).unwrap();
    let begin = driver.now();
    let held_up = Duration::from_millis(50);
    // The runtime has one thread, and it is busy.
    while driver.now() < begin + held_up {
        std::hint::spin_loop();
    }
    let until = driver.now() + Duration::from_millis(1);
    soon("the time", driver.next(until)).await;
    let since_begin = driver.lateness(begin);
    assert!(since_begin > held_up / 2, "{since_begin:?}");
    assert!(driver.lateness(driver.now()) <= since_begin);
}
