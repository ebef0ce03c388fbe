//! What is counted where the hub keeps its promises.

use std::sync::Mutex;

use hubproof::contract::control::{CallBody, Outcome, Reply, Request};
use hubproof::contract::user::UserId;
use hubproof::figures::{LoadReport, LoadWord, Second};
use hubproof::live::Caller;
use hubproof::load::run::run;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::rig::{EachSecond, broken, hub, profile, ran, report, setup};
use crate::live::world::Client;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_is_answered_and_every_figure_counts_it() {
    let text = r#"
        plugins = 12
        per_user = 2
        first_user = 7
        rate = "60"
        duration = "1s"
        warmup = "200ms"
        timeout = "60s"
        [[actions]]
        action = "VINTED_SYNC"
        weight = 1
        payload = "300B"
        answer = "2KiB"
        level = "call"
        [[actions]]
        action = "VINTED_PUBLISH"
        weight = 1
        payload = "100B..400B"
        answer = "100KiB"
        level = "command"
    "#;
    let report = ran(text, None).await;
    let totals = &report.totals;
    assert_eq!((totals.plugins_asked, totals.plugins_connected, totals.connects), (12, 12, 12));
    assert_eq!((totals.calls_intended, totals.calls_started, totals.calls_missed, totals.ok), (60, 60, 0, 60));
    assert_eq!((totals.timeouts, totals.errors.len(), totals.lost, totals.crossed), (0, 0, 0, 0));
    assert_eq!((totals.answered_twice, totals.ghosts, totals.pending_at_end), (0, 0, Some(0)));
    // Calls of the warm-up too come as commands, to both of a user's plugins.
    assert_eq!(totals.commands_received, totals.responses_sent);
    assert!(totals.commands_received > 120, "{}", totals.commands_received);
    assert_eq!(totals.commands_of_nobody, 0);
    for latency in [&totals.round_trip, &totals.round_trip_actual, &totals.hub_overhead] {
        assert_eq!(latency.count(), 60);
    }
    assert_eq!(totals.collisions.scheme, "documented");
    assert_eq!(totals.collisions.seen, 0);
    let of_actions: Vec<(u64, u64)> = report.actions.values().map(|action| (action.calls, action.ok)).collect();
    assert_eq!(of_actions.iter().map(|(calls, _)| calls).sum::<u64>(), 60);
    assert!(of_actions.iter().all(|(calls, ok)| calls == ok && *calls > 0), "{of_actions:?}");
    let of_seconds: u64 = report.seconds.iter().map(|second| second.ok).sum();
    assert_eq!(of_seconds, 60);
    assert_eq!(broken(&report), [""; 0], "{:?}", report.findings);
    assert_eq!(report.partial, None);
    assert_ne!(report.result.word, LoadWord::Failed, "{:?}", report.result.reasons);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_plugins_do_wrong_is_no_fault_of_the_hub() {
    let text = r#"
        plugins = 6
        rate = "40"
        duration = "1s"
        timeout = "6s"
        users = "uniform"
        [[behaviours]]
        what = "fail"
        share = "33.4%"
        error = "Vinted refused"
        [[behaviours]]
        what = "silent"
        share = "33.3%"
        [[behaviours]]
        what = "wrong_id"
        share = "33.3%"
    "#;
    let report = ran(text, None).await;
    let totals = &report.totals;
    assert_eq!(totals.calls_started, 40);
    assert_eq!(totals.ok, 0);
    assert!(totals.plugin_errors > 0 && totals.timeouts > 0, "{totals:?}");
    assert_eq!(totals.plugin_errors + totals.timeouts, 40);
    assert_eq!(totals.expected_failures, totals.timeouts);
    assert_eq!((totals.lost, totals.crossed, totals.pending_at_end), (0, 0, Some(0)));
    // What nobody answers is held for as long as the timeout, in which the hub is asked twice a second.
    let held = report.seconds.iter().filter_map(|second| second.pending).max();
    assert!(held.is_some_and(|held| (1..=40).contains(&held)), "{held:?}");
    assert_eq!(broken(&report), [""; 0], "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_drops_plugins_and_all_of_them_come_back() {
    let text = r#"
        plugins = 20
        rate = "20"
        duration = "2s"
        timeout = "60s"
        [[storms]]
        at = "500ms"
        share = "50%"
        how = "reset"
        back_after = "100ms"
    "#;
    let report = ran(text, None).await;
    let totals = &report.totals;
    assert_eq!((totals.dropped_by_us, totals.reconnects, totals.connects), (10, 10, 30));
    assert_eq!((totals.dropped_by_hub, totals.ghosts, totals.lost), (0, 0, 0));
    let failures: u64 = totals.errors.values().sum();
    assert_eq!(totals.ok + failures, 40);
    // A call may come while its plugin is away; nothing else is any reason to fail.
    assert_eq!(totals.expected_failures, failures);
    assert_eq!(broken(&report), [""; 0], "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_others_answers_what_one_without_plugins_asks() {
    let hub = hub(None);
    let answering = profile("plugins = 5\nduration = \"60s\"\ncommands = \"none\"");
    let asking = profile("plugins = 5\nrate = \"30\"\nduration = \"1s\"\ntimeout = \"60s\"\nanswers = \"others\"");
    let (connected, done) = (Notify::new(), Notify::new());
    let mut told = false;
    let mut watch = EachSecond(|_: &LoadReport, second: &Second| {
        if second.connected == 5 && !std::mem::replace(&mut told, true) {
            connected.notify_one();
        }
    });
    let answers = run(setup(answering, &hub.url(), None), &mut watch, done.notified());
    let asks = async {
        connected.notified().await;
        let asked = report(setup(asking, &hub.url(), Some(&hub.control_url()))).await.expect("a run");
        done.notify_one();
        asked
    };
    let (answered, asked) = tokio::join!(answers, asks);
    let answered = answered.expect("a run");
    assert_eq!((asked.totals.ok, asked.totals.plugins_asked, asked.totals.calls_started), (30, 0, 30));
    assert_eq!((answered.totals.commands_received, answered.totals.commands_of_nobody), (30, 30));
    assert_eq!((answered.totals.responses_sent, answered.totals.calls_intended), (30, 0));
    assert_eq!(answered.partial.as_deref(), Some("interrupted"));
    assert_eq!(answered.totals.collisions.seen, 0);
}

/// Forty calls at once to plugins of others, of the users from 1 on.
const OF_OTHERS: &str = r#"
    plugins = 4
    rate = "bursts 40 every 20s"
    duration = "100ms"
    timeout = "60s"
    answers = "others"
"#;

/// A plugin that answers each command with what comes of it, until the hub ends it.
async fn answers(hub: String, user: u64, answer: fn(&Value) -> Value) {
    let mut plugin = Client::open(&hub).await;
    plugin.say(&format!(r#"40{{"user_id":{user}}}"#)).await;
    plugin.hear().await;
    loop {
        let command = plugin.command().await;
        let mut response = answer(&command);
        response["request_id"] = command["request_id"].clone();
        plugin.say(&format!("42{}", json!(["plugin_response", response]))).await;
    }
}

/// Runs it against plugins of which each answers in its own way.
async fn asked_of_others(level: &str, ways: [fn(&Value) -> Value; 4]) -> LoadReport {
    let hub = hub(None);
    let text = format!("{OF_OTHERS}\n[[actions]]\naction = \"VINTED_SYNC\"\nlevel = \"{level}\"");
    let mut plugins = JoinSet::new();
    for (user, way) in (1..).zip(ways) {
        plugins.spawn(answers(hub.url(), user, way));
    }
    let caller = Caller::of(&hub.control_url(), None).expect("an address");
    for user in 1..=4 {
        let one = Request::Connections(UserId::from(user));
        while !matches!(caller.ask(&one).await, Ok(Reply::Connections(1))) {
            tokio::task::yield_now().await;
        }
    }
    Box::pin(report(setup(profile(&text), &hub.url(), Some(&hub.control_url())))).await.expect("a run")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_plugins_of_others_answer_accuses_nobody() {
    for level in ["command", "call"] {
        let report = asked_of_others(
            level,
            [
                |command| json!({"success": true, "data": {"nonce": command["payload"]["nonce"], "shop": "Zoë"}}),
                |_| json!({"success": true, "data": [1, "two", null]}),
                |_| json!({"success": true}),
                |_| json!({"success": false, "error": "Vinted refused"}),
            ],
        )
        .await;
        let totals = &report.totals;
        assert!(totals.plugin_errors > 0 && totals.ok > totals.plugin_errors, "{level}: {totals:?}");
        assert_eq!((totals.ok + totals.plugin_errors, totals.crossed, totals.errors.len()), (40, 0, 0), "{level}");
        assert_eq!(totals.round_trip.count(), 40, "{level}");
        assert_eq!(broken(&report), [""; 0], "{level}: {:?}", report.findings);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_of_others_with_another_call_s_nonce_is_crossed() {
    fn last_of_all(command: &Value) -> Value {
        static LAST: Mutex<Value> = Mutex::new(Value::Null);
        let mut last = LAST.lock().expect("a nonce");
        let before = std::mem::replace(&mut *last, command["payload"]["nonce"].clone());
        json!({"success": true, "data": {"nonce": before}})
    }
    let report = asked_of_others("call", [last_of_all; 4]).await;
    // The first has no nonce to give away.
    assert_eq!((report.totals.ok, report.totals.crossed), (1, 39), "{:?}", report.totals);
    assert_eq!(broken(&report), ["CORR-5"], "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_calls_of_ours_plugins_answer_what_the_backend_asks() {
    let hub = hub(None);
    let answering = profile("plugins = 2\nduration = \"60s\"\ncommands = \"none\"");
    let (connected, done) = (Notify::new(), Notify::new());
    let mut watch = EachSecond(|_: &LoadReport, second: &Second| {
        if second.connected == 2 {
            connected.notify_one();
        }
    });
    let answers = run(setup(answering, &hub.url(), None), &mut watch, done.notified());
    let asks = async {
        connected.notified().await;
        let caller = Caller::of(&hub.control_url(), None).expect("an address");
        let body = CallBody {
            user_id: UserId::from(2),
            action: "VINTED_SYNC".to_owned(),
            payload: json!([1, "two", null]),
            timeout_s: Some(json!(60)),
        };
        let reply = caller.ask(&Request::Call(body)).await.expect("a reply");
        assert!(matches!(reply, Reply::Outcome(Outcome::Ok { .. })), "{reply:?}");
        done.notify_one();
    };
    let (answered, ()) = tokio::join!(answers, asks);
    let totals = answered.expect("a run").totals;
    assert_eq!((totals.commands_received, totals.commands_of_nobody, totals.responses_sent), (1, 1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_gets_its_commands_whole_and_answers_them() {
    let text = r#"
        plugins = 2
        rate = "4"
        duration = "1s"
        timeout = "60s"
        [[actions]]
        action = "VINTED_SYNC"
        weight = 1
        level = "call"
        payload = "64KiB"
        answer = "1KiB"
        [[behaviours]]
        what = "slow_reader"
        share = "100%"
        bytes_per_s = 65536
    "#;
    let report = ran(text, None).await;
    assert_eq!((report.totals.ok, report.totals.commands_received), (4, 4));
    assert_eq!(broken(&report), [""; 0], "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plugins_that_drop_their_sockets_come_back() {
    let text = r#"
        plugins = 2
        rate = "4"
        duration = "1s"
        timeout = "30s"
        [[behaviours]]
        what = "drop_socket"
        share = "100%"
        back_after = "100ms"
    "#;
    let totals = ran(text, None).await.totals;
    assert!(totals.dropped_by_us > 0, "{totals:?}");
    assert_eq!((totals.dropped_by_us, totals.ok, totals.ghosts), (totals.reconnects, 0, 0));
    assert_eq!(totals.expected_failures, 4, "{totals:?}");
}
