//! hubproof with backends, hubs and clients of other makers. They need what `ci/test prepare` installs, so `cargo test` leaves
//! them out: `ci/test peers` names it (`HUBPROOF_PYTHON`, `HUBPROOF_NODE`, `HUBPROOF_CHROMIUM`) and runs them.

mod agree;
mod backend;
mod conformance;
mod interop;
mod masses;
mod node;
mod python;
mod table;
#[path = "../it/live/world.rs"]
#[expect(dead_code, reason = "what only the other test target uses")]
mod world;
