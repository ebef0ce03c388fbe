//! Targets that are none, or not for long.

use std::time::Duration;

use hubproof::figures::{LoadReport, LoadWord, Second};
use hubproof::load::run::{RunError, run};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Notify;

use super::rig::{EachSecond, broken, hub, profile, report, setup};

/// Calls for a while.
const CALLS: &str = "plugins = 6\nrate = \"20\"\nduration = \"30s\"\ntimeout = \"60s\"";

/// Plugins alone, whom nobody asks.
const PLUGINS: &str = "plugins = 3\nduration = \"2s\"\ncommands = \"none\"";

/// Listens on a free port.
fn listener() -> TcpListener {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    socket.listen(64).expect("it listens")
}

/// A server that answers every connection with these bytes as soon as something comes, and closes it; or not at all.
fn says(bytes: Option<&'static str>) -> String {
    let listener = listener();
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let Some(bytes) = bytes else {
                held.push(stream);
                continue;
            };
            let mut room = [0; 4096];
            if stream.read(&mut room).await.is_ok_and(|count| count > 0) {
                stream.write_all(bytes.as_bytes()).await.ok();
            }
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_refuses_some_plugins_fails_the_run_and_the_others_are_asked() {
    let hub = hub(None);
    // User 0 is none.
    let mut half = profile("plugins = 2\nrate = \"20\"\nduration = \"1s\"\ntimeout = \"60s\"");
    half.first_user = 0;
    let report = report(setup(half, &hub.url(), Some(&hub.control_url()))).await.expect("a run");
    assert_eq!((report.totals.plugins_asked, report.totals.plugins_connected), (2, 1));
    assert_eq!(report.totals.connect_failures.get("rejected"), Some(&1));
    assert!(report.totals.ok > 0);
    let reasons = report.result.reasons.join("\n");
    assert!(reasons.contains("only 1 of 2 plugins were connected"), "{reasons}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_dies_ends_the_run_with_what_was_seen() {
    let mut dying = Some(hub(None));
    let url = dying.as_ref().map(|hub| (hub.url(), hub.control_url())).expect("a hub");
    let setup = setup(profile(CALLS), &url.0, Some(&url.1));
    let mut watch = EachSecond(|report: &LoadReport, _: &Second| {
        if report.totals.ok > 0 {
            dying = None;
        }
    });
    let report = run(setup, &mut watch, std::future::pending()).await.expect("a run");
    let partial = report.partial.expect("it did not go on to its end");
    assert!(partial.starts_with("the target is gone"), "{partial}");
    assert!(report.totals.ok > 0 && report.totals.dropped_by_hub == 6, "{:?}", report.totals);
    assert_ne!(report.result.word, LoadWord::Passed);
    assert_eq!(report.totals.lost, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_interrupted_ends_in_order_with_what_was_seen() {
    let hub = hub(None);
    let enough = Notify::new();
    let mut watch = EachSecond(|report: &LoadReport, _: &Second| {
        if report.totals.ok > 0 {
            enough.notify_one();
        }
    });
    let setup = setup(profile(CALLS), &hub.url(), Some(&hub.control_url()));
    let report = run(setup, &mut watch, enough.notified()).await.expect("a run");
    assert_eq!(report.partial.as_deref(), Some("interrupted"));
    assert!(report.totals.ok > 0 && report.totals.ok < 600, "{}", report.totals.ok);
    assert_eq!((report.totals.crossed, report.totals.lost), (0, 0));
    assert_eq!(broken(&report), [""; 0], "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_threshold_that_cannot_hold_any_more_ends_the_run() {
    let hub = hub(Some("data-changed"));
    let text = format!("{CALLS}\nabort_on_fail = true\n[thresholds]\n\"errors\" = \"== 0\"");
    let report = report(setup(profile(&text), &hub.url(), Some(&hub.control_url()))).await.expect("a run");
    assert_eq!(report.partial.as_deref(), Some("errors == 0 cannot hold any more"));
    assert!(report.thresholds.iter().all(|judged| !judged.held));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_of_something_else_connects_nobody() {
    for (bytes, kind, words) in [
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 7\r\n\r\nno such", "handshake", "HTTP 404"),
        ("220 mail ready\r\n", "handshake", "no HTTP"),
    ] {
        let url = says(Some(bytes));
        let report = report(setup(profile(PLUGINS), &url, None)).await.expect("a run");
        // Each plugin tries three times.
        assert_eq!(report.totals.connect_failures.get(kind), Some(&9), "{:?}", report.totals.connect_failures);
        let partial = report.partial.expect("it did not begin");
        assert!(partial.starts_with("no plugin could connect") && partial.contains(words), "{partial}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_control_api_that_is_none_is_told_before_anything_runs() {
    let hub = hub(None);
    for (bytes, words) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", "not the control API's"),
        ("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n", "HTTP 401"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 66\r\n\r\n{\"protocol\":1,\"name\":\"x\",\"version\":\"1\",\"capabilities\":[\"pending\"]}",
            "does not offer 'commands'",
        ),
    ] {
        let control = says(Some(bytes));
        let error = report(setup(profile(CALLS), &hub.url(), Some(&control))).await.expect_err("no control API");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_at_an_address_is_told_before_anything_runs() {
    let listener = listener();
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let error = report(setup(profile(PLUGINS), &url, None)).await.expect_err("nobody");
    assert!(matches!(&error, RunError::Unreachable(_)), "{error:?}");
    assert!(error.to_string().contains("is the target running there?"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_never_says_anything_is_waited_for_only_until_interrupted() {
    let url = says(None);
    let began = Notify::new();
    let mut watch = EachSecond(|_: &LoadReport, _: &Second| began.notify_one());
    let run = run(setup(profile(PLUGINS), &url, None), &mut watch, began.notified());
    let report = tokio::time::timeout(Duration::from_secs(60), run).await.expect("an end").expect("a run");
    assert_eq!(report.partial.as_deref(), Some("interrupted"));
    assert_eq!(report.totals.plugins_connected, 0);
}
