//! The socket.io backend in `fixtures/backends/node`, which keeps every promise.

use std::collections::BTreeMap;

use hubproof::contract::catalogue::CATALOGUE;
use hubproof::contract::guarantee::Level;

use crate::interop::peer;
use crate::python::SCALE;
use crate::{backend, table};

const FOLDER: &str = "fixtures/backends/node";

#[test]
fn the_backend_keeps_every_promise_that_is_judged() {
    let node = peer::found("HUBPROOF_NODE");
    // Pings so quick that a check can wait for them.
    let pings = "--ping-interval 1 --ping-timeout 4";
    let command = format!("'{}' main.js {pings} --listen", node.display());
    let checked = backend::check_started(FOLDER, &command, &["--strict", "--time-scale", SCALE]);
    let title = "hubproof's verdict on the Node backend";
    let about = "[The backend](../fixtures/backends/node/README.md) does well what the contract document asks for, on socket.io \
        for Node. This is what `hubproof check --strict --start --time-scale 0.04` finds on it; `tests/peers` makes this page from a run, and \
        fails if it has changed.";
    table::assert_is_the_document("docs/node-backend.md", &table::page(title, about, &checked.lines));
    let figure = |id: &String| CATALOGUE.iter().any(|row| row.id.to_string() == *id && row.level == Level::Figure);
    let standings = checked.standings();
    let not_held: BTreeMap<_, _> = standings.iter().filter(|(id, how)| *how != "held" && !figure(id)).collect();
    assert_eq!(not_held, BTreeMap::new(), "{}", checked.stderr);
    assert_eq!(checked.status, Some(0), "{}", checked.stderr);
}
