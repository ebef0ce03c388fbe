//! The hubs of other makers, and how every case went with each.

use std::sync::LazyLock;

use futures_util::future::{LocalBoxFuture, join_all};

use super::case::{Lacks, Results, run_all};
use super::hub_cases::{CASES, Counter};
use super::peer::Peer;
use super::rust_hub;

/// A hub of another maker.
pub(crate) struct Hub {
    start: fn() -> LocalBoxFuture<'static, Peer>,
    /// What it does not offer.
    lacks: Lacks,
}

/// Every hub.
pub(crate) const HUBS: &[Hub] = &[
    Hub { start: || Box::pin(Peer::program("HUBPROOF_NODE", "fixtures/hubs/node", "main.js")), lacks: &[] },
    Hub { start: || Box::pin(Peer::program("HUBPROOF_PYTHON", "fixtures/hubs/python", "main.py")), lacks: &[] },
    Hub { start: || Box::pin(Peer::task(rust_hub::obey)), lacks: &[] },
];

/// How it went, run once for all tests that ask.
pub(crate) static RESULTS: LazyLock<Vec<Results>> = LazyLock::new(|| {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(join_all(HUBS.iter().map(try_out)))
});

async fn try_out(hub: &Hub) -> Results {
    let mut counter = Counter { peer: (hub.start)().await };
    let outcomes = run_all(CASES, hub.lacks, &mut counter).await;
    let library = format!("{} {}", counter.peer.library, counter.peer.version);
    counter.peer.end().await;
    Results { library, outcomes }
}
