//! Hubs that are broken on purpose: every figure that can show it does.

use super::rig::{broken, ran};

/// Twenty calls to five plugins that answer at once.
const PLAIN: &str = "plugins = 5\nrate = \"20\"\nduration = \"1s\"\ntimeout = \"60s\"";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_that_is_not_the_plugin_s_is_found() {
    let report = ran(PLAIN, Some("data-changed")).await;
    assert!(broken(&report).contains(&"CORR-6"), "{:?}", report.findings);
    assert_eq!(report.totals.errors.get("nonsense"), Some(&20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payload_that_lacks_something_is_found() {
    let report = ran(PLAIN, Some("payload-key-dropped")).await;
    assert!(broken(&report).contains(&"CORR-1"), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_ids_of_another_form_are_found() {
    let report = ran(PLAIN, Some("id-form")).await;
    assert_eq!(broken(&report), ["CORR-2"], "{:?}", report.findings);
    assert_eq!((report.totals.collisions.scheme.as_str(), report.findings[0].count), ("unknown", 20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_comes_twice_is_found() {
    let report = ran(PLAIN, Some("emitted-twice")).await;
    assert!(broken(&report).contains(&"ISO-10"), "{:?}", report.findings);
    assert!(report.totals.answered_twice > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_for_somebody_else_is_found() {
    let report = ran(PLAIN, Some("broadcast")).await;
    assert!(broken(&report).contains(&"ISO-2"), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_with_another_text_is_found() {
    let failing = format!("{PLAIN}\n[[behaviours]]\nwhat = \"fail\"\nshare = \"100%\"\nerror = \"Vinted refused\"");
    let report = ran(&failing, Some("error-text-replaced")).await;
    assert!(broken(&report).contains(&"ERR-2"), "{:?}", report.findings);
    assert_eq!(report.totals.plugin_errors, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timeout_that_comes_early_is_found() {
    let silent = "plugins = 2\nrate = \"5\"\nduration = \"1s\"\ntimeout = \"6s\"\n[[behaviours]]\nwhat = \"silent\"\nshare = \"100%\"";
    let report = ran(silent, Some("timeout-early")).await;
    assert_eq!(broken(&report), ["TIME-2"], "{:?}", report.findings);
    assert_eq!((report.totals.timeouts, report.totals.expected_failures), (5, 5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_stay_pending_are_found() {
    let many = "plugins = 5\nrate = \"80\"\nduration = \"1s\"\ntimeout = \"60s\"";
    let report = ran(many, Some("pending-grows")).await;
    assert_eq!(broken(&report), ["TIME-5"], "{:?}", report.findings);
    assert!(report.totals.pending_at_end.is_some_and(|pending| pending > 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_that_are_still_counted_are_found() {
    let storm = "plugins = 20\nrate = \"5\"\nduration = \"2s\"\ntimeout = \"60s\"\n[[storms]]\nat = \"200ms\"\nshare = \"100%\"\nhow = \"close\"\nback_after = \"100ms\"";
    let report = ran(storm, Some("ghosts-after-storm")).await;
    assert!(broken(&report).contains(&"LIFE-8"), "{:?}", report.findings);
    assert_eq!(report.totals.ghosts, 20);
}

/// So many calls to one user at the same instant, answered much later, so that all of them are in flight together.
const BURST: &str = r#"
    plugins = 1
    rate = "bursts 120 every 20s"
    duration = "100ms"
    timeout = "9s"
    users = "one 1"
    [[behaviours]]
    what = "answer"
    share = "100%"
    delay = "4s"
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_is_in_flight_twice_is_found_and_so_is_the_answer_that_crosses() {
    let report = ran(BURST, Some("id-repeated-under-load")).await;
    let totals = &report.totals;
    assert!(totals.collisions.in_flight > 0 && totals.crossed > 0, "{totals:?}");
    assert!(totals.collisions.seen >= totals.collisions.in_flight);
    assert!(totals.lost > 0, "whoever had the id first gets nothing: {totals:?}");
    for id in ["CORR-3", "CORR-4", "CORR-5"] {
        assert!(broken(&report).contains(&id), "{id}: {:?}", report.findings);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reference_hub_hands_out_no_id_twice_in_the_same_burst() {
    let report = ran(BURST, None).await;
    let totals = &report.totals;
    assert_eq!((totals.collisions.seen, totals.crossed, totals.lost, totals.ok), (0, 0, 0, 120));
    let predicted = totals.collisions.predicted.as_ref().expect("ids of the documented form");
    assert!(predicted.low <= predicted.high);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_in_time_that_its_call_does_not_get_is_lost() {
    let text = "plugins = 2\nrate = \"5\"\nduration = \"1s\"\ntimeout = \"12s\"\n[[behaviours]]\nwhat = \"answer\"\nshare = \"100%\"\ndelay = \"6500ms\"";
    let report = ran(text, Some("second-half-ignored")).await;
    assert_eq!((report.totals.lost, report.totals.timeouts, report.totals.expected_failures), (5, 5, 0));
    assert!(broken(&report).contains(&"CORR-4"), "{:?}", report.findings);
    assert_eq!(report.seconds.iter().map(|second| second.lost).sum::<u64>(), 5);
}
