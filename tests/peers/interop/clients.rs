//! The clients of other makers, and how every case went with each.

use std::sync::LazyLock;

use futures_util::future::{LocalBoxFuture, join_all};

use super::case::{Lacks, Results, run_all};
use super::client_cases::{CASES, Desk};
use super::peer::Peer;
use super::rust_client;

/// A client of another maker.
pub(crate) struct Client {
    /// Starts it.
    pub(crate) start: fn() -> LocalBoxFuture<'static, Peer>,
    /// What it does not offer.
    lacks: Lacks,
}

/// Every client.
pub(crate) const CLIENTS: &[Client] = &[
    Client { start: || Box::pin(Peer::program("HUBPROOF_NODE", "fixtures/clients/node", "main.js")), lacks: &[] },
    Client {
        start: || {
            super::peer::found("HUBPROOF_CHROMIUM");
            Box::pin(Peer::program("HUBPROOF_NODE", "fixtures/clients/browser", "main.mjs"))
        },
        lacks: &[],
    },
    Client { start: || Box::pin(Peer::program("HUBPROOF_PYTHON", "fixtures/clients/python", "main.py")), lacks: &[] },
    Client {
        start: || Box::pin(Peer::task(rust_client::obey)),
        lacks: &[("bytes within an answer", "it emits bytes as an argument of their own only")],
    },
];

/// How it went, run once for all tests that ask.
pub(crate) static RESULTS: LazyLock<Vec<Results>> = LazyLock::new(|| {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(join_all(CLIENTS.iter().map(try_out)))
});

async fn try_out(client: &Client) -> Results {
    let mut desk = Desk::new((client.start)().await);
    let outcomes = run_all(CASES, client.lacks, &mut desk).await;
    let library = format!("{} {}", desk.peer.library, desk.peer.version);
    desk.peer.end().await;
    Results { library, outcomes }
}
