//! Our echo server keeps the protocols, and what cannot be told is not told.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use hubproof::conformance::{self, Case, NoTarget, Outcome, known};

use super::support::{calm, case, door, echo, not_held, run, story, waits_for_pings};

/// Far beyond what anything takes, so that a busy machine breaks no case.
const PATIENCE: Duration = Duration::from_secs(30);

/// All of them but those known to differ hold; the latter do not.
async fn assert_held(url: &str, cases: &[&'static Case]) {
    let ends = run(url, cases, PATIENCE).await;
    assert_eq!(ends.len(), cases.len());
    let (known, other): (Vec<_>, Vec<_>) =
        not_held(&ends).into_iter().partition(|end| known::reason(Some("hubproof"), end.case.id).is_some());
    let stories: Vec<String> = other.into_iter().map(story).collect();
    assert!(stories.is_empty(), "{}", stories.join("\n"));
    let expected = cases.iter().filter(|case| known::reason(Some("hubproof"), case.id).is_some()).count();
    assert_eq!(known.len(), expected, "a difference that is known is there no more");
    assert!(known.iter().all(|end| matches!(end.outcome, Outcome::Broken { .. })), "{known:#?}");
}

#[tokio::test]
async fn our_echo_server_keeps_every_case_without_pings() {
    let server = calm();
    let cases: Vec<_> = conformance::cases().filter(|case| !waits_for_pings(case)).collect();
    assert_held(&server.url(), &cases).await;
}

#[tokio::test]
async fn our_echo_server_keeps_every_case_with_pings() {
    let server = echo(Duration::from_millis(200), Duration::from_secs(3));
    let cases: Vec<_> = conformance::cases().filter(|case| waits_for_pings(case)).collect();
    assert_held(&server.url(), &cases).await;
}

#[test]
fn there_are_as_many_cases_as_the_official_suites_have_and_each_has_a_name_of_its_own() {
    let cases: Vec<_> = conformance::cases().collect();
    assert!(cases.len() >= 57, "{}", cases.len());
    let ids: BTreeSet<&str> = cases.iter().map(|case| case.id).collect();
    assert_eq!(ids.len(), cases.len());
    for case in cases {
        let protocol = if case.id.starts_with("engine/") { "Engine.IO 4, " } else { "Socket.IO 5, " };
        assert!(case.source.starts_with(protocol), "{}: {}", case.id, case.source);
        assert_eq!(case.id.split('/').count(), 3, "{}", case.id);
    }
}

#[test]
fn differences_that_are_known_are_of_cases_and_servers_that_there_are() {
    for known in known::KNOWN {
        assert!(known::SERVERS.contains(&known.server), "{}", known.server);
        for id in known.cases {
            assert_eq!(case(id).id, *id);
        }
        assert!(!known.reason.is_empty());
    }
}

#[tokio::test]
async fn what_takes_longer_than_the_patience_is_not_tested_and_says_so() {
    let server = calm();
    let cases: Vec<_> = conformance::cases().filter(|case| waits_for_pings(case)).collect();
    for end in run(&server.url(), &cases, Duration::from_secs(20)).await {
        let Outcome::NotTested(why) = &end.outcome else { panic!("{}", story(&end)) };
        assert!(why.starts_with("needs more patience: a ping every 25s"), "{why}");
    }
}

#[tokio::test]
async fn a_target_that_is_gone_cannot_be_told() {
    let server = calm();
    let url = server.url();
    let door = door(&url);
    let offer = conformance::survey(&door, PATIENCE, PATIENCE).await.expect("a server that can be tested");
    let address = server.address();
    server.shutdown().await;
    drop(server);
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let (door, mut ends) = (super::support::door(&url), Vec::new());
    let cases = [case("engine/handshake/polling"), case("engine/handshake/websocket")];
    conformance::run(Arc::clone(&door), offer, &cases, PATIENCE, 1, |end| ends.push(end)).await;
    assert!(
        ends.iter().all(|end| matches!(&end.outcome, Outcome::Untold(why) if why.contains("cannot connect"))),
        "{ends:?}"
    );
    let gone = conformance::survey(&door, PATIENCE, PATIENCE).await.expect_err("nobody");
    assert!(matches!(gone, NoTarget::Unreachable(_)), "{gone}");
}
