//! Echo servers, and runs of cases.

use std::sync::Arc;
use std::time::Duration;

use hubproof::conformance::{self, Case, Door, Ended, Need, Outcome};
use hubproof::live::{self, EchoOptions, EchoServer};
use hubproof::stage::ServerManners;

/// An echo server that waits for CONNECT for a second, with these pings.
pub(crate) fn echo(ping_interval: Duration, ping_timeout: Duration) -> EchoServer {
    let connect_timeout = Duration::from_secs(1);
    let manners = ServerManners { ping_interval, ping_timeout, connect_timeout, ..ServerManners::default() };
    EchoServer::start(EchoOptions { manners, ..EchoOptions::default() }).expect("an echo server on a free port")
}

/// A server whose pings are not missed on a busy machine.
pub(crate) fn calm() -> EchoServer {
    echo(Duration::from_secs(25), Duration::from_secs(20))
}

/// Whether a case waits for pings.
pub(crate) fn waits_for_pings(case: &Case) -> bool {
    case.needs.contains(&Need::Pings)
}

/// The case of this name.
pub(crate) fn case(id: &str) -> &'static Case {
    conformance::cases().find(|case| case.id == id).unwrap_or_else(|| panic!("no case is called {id}"))
}

/// The door of a server.
pub(crate) fn door(url: &str) -> Arc<dyn Door> {
    Arc::new(live::Door::at(url, "/socket.io/", Duration::from_secs(20)).expect("an address"))
}

/// How these cases end at a server.
pub(crate) async fn run(url: &str, cases: &[&'static Case], patience: Duration) -> Vec<Ended> {
    let door = door(url);
    let offer =
        conformance::survey(&door, patience, Duration::from_secs(1)).await.expect("a server that can be tested");
    let mut ends = Vec::new();
    conformance::run(door, offer, cases, patience, 8, |end| ends.push(end)).await;
    ends
}

/// What came of a case, as a test's message.
pub(crate) fn story(end: &Ended) -> String {
    format!("{}: {:?}\n  {}", end.case.id, end.outcome, end.frames.join("\n  "))
}

/// The cases that did not hold.
pub(crate) fn not_held(ends: &[Ended]) -> Vec<&Ended> {
    ends.iter().filter(|end| end.outcome != Outcome::Held).collect()
}
