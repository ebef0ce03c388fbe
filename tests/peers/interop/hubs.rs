//! The hubs of other makers, and how every case went with each.

use futures_util::future::LocalBoxFuture;

use super::case::{Lacks, Once, Results, at_once, run_all};
use super::hub_cases::{CASES, Counter};
use super::peer::Peer;
use super::rust_hub;

/// A hub of another maker.
struct Hub {
    start: fn() -> LocalBoxFuture<'static, Peer>,
    /// What it does not offer.
    lacks: Lacks,
}

/// Every hub.
const HUBS: &[Hub] = &[
    Hub { start: || Box::pin(Peer::program("HUBPROOF_NODE", "fixtures/hubs/node", "main.js")), lacks: &[] },
    Hub { start: || Box::pin(Peer::program("HUBPROOF_PYTHON", "fixtures/hubs/python", "main.py")), lacks: &[] },
    Hub { start: || Box::pin(Peer::task(rust_hub::obey)), lacks: &[] },
];

/// How it went.
pub(crate) static TRIED: Once<Vec<Results>> = Once::new(|| at_once(HUBS, try_out));

fn try_out(hub: &Hub) -> Results {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut counter = Counter { peer: (hub.start)().await };
        let outcomes = run_all(CASES, hub.lacks, &mut counter).await;
        let library = format!("{} {}", counter.peer.library, counter.peer.version);
        counter.peer.end().await;
        Results { library, outcomes }
    })
}
