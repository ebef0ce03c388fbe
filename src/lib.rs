//! hubproof: a test harness and protocol simulator for hubs that ask browser plugins questions over Socket.IO.
//!
//! A *hub* emits `plugin_command` to one user's sockets, a browser plugin answers `plugin_response`, and the hub matches the
//! two by their request id, under a timeout. hubproof proves that a hub keeps its promises. It brings fake plugins, a fake
//! marketplace, a reference hub, scenarios, and checkers that judge every run.
//!
//! The rooms in reading order, each above those it may use:
//!
//! What is promised, what goes over the wire, what can happen:
pub mod contract;
pub mod event;
pub mod wire;

// The state machines: the reference hub, the fake plugin, the marketplace, and transcripts of what they did. What load measures.
pub mod figures;
pub mod hub;
pub mod plugin;
pub mod transcript;
pub mod vinted;

// What judges a run, orchestrates it, and tells of it.
pub mod checker;
pub mod report;
pub mod stage;

// The drivers: virtual time, and real sockets.
pub mod live;
pub mod sim;

// Runs of scenarios, the protocols' own cases, load, and the command line on top.
pub mod cli;
pub mod conformance;
pub mod gherkin;
pub mod load;
