//! The clients of other makers, and how every case went with each.

use futures_util::future::LocalBoxFuture;

use super::case::{Lacks, Once, Results, at_once, run_all};
use super::client_cases::{CASES, Desk};
use super::peer::Peer;
use super::{rust_client, scenarios};

/// A client of another maker.
struct Client {
    start: fn() -> LocalBoxFuture<'static, Peer>,
    /// What it does not offer.
    lacks: Lacks,
}

/// Every client.
const CLIENTS: &[Client] = &[
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

/// How it went with one client.
pub(crate) struct Tried {
    /// With every case.
    pub(crate) cases: Results,
    /// With every scenario.
    pub(crate) scenarios: Results,
}

/// How it went.
pub(crate) static TRIED: Once<Vec<Tried>> = Once::new(|| at_once(CLIENTS, try_out));

fn try_out(client: &Client) -> Tried {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut desk = Desk::new(runtime.block_on((client.start)()));
    let library = format!("{} {}", desk.peer.library, desk.peer.version);
    let outcomes = runtime.block_on(run_all(CASES, client.lacks, &mut desk));
    let cases = Results { library: library.clone(), outcomes };
    let (outcomes, peer) = scenarios::run_all(desk.peer);
    runtime.block_on(peer.end());
    Tried { cases, scenarios: Results { library, outcomes } }
}
