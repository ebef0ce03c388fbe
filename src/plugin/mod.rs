//! The fake plugin as a state machine: what a page with the browser extension looks like to a hub.
//!
//! - [`session`]: one Socket.IO connection over `wire`: handshake, CONNECT, heartbeat, events.
//! - [`behaviour`]: what it does with commands, as data.
//! - [`script`]: the machine that follows a behaviour: answers planned, held back, or waiting for the marketplace.
//! - [`sync`]: `VINTED_SYNC` at the marketplace.

pub mod behaviour;
pub mod script;
pub mod session;
pub mod sync;

pub use behaviour::{Behaviour, PlannedReply, Reaction, ReplyId, Rule, Say, When};
pub use script::{Do, Plugin};
pub use session::{Notice, Session};
