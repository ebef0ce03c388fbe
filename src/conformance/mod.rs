//! Conformance: whether a server keeps the protocols of Engine.IO 4 and Socket.IO 5, case by case.
//!
//! Reading order:
//! - [`case`]: what a case is, and all of them: `engine` and `socket` hold them, one file per area.
//! - [`door`]: what a server is talked to through.
//! - `talk`: one case's conversation, recorded and under a deadline; `session`: a client over polling or a WebSocket.
//! - [`mod@survey`]: what a target offers, found out before anything is judged.
//! - [`mod@run`]: runs cases, and what came of each.
//! - [`known`]: where a server is known to differ, and why.
//! - [`told`]: results as lines, for people and for programs.
//!
//! The target offers the usual echo events in `/` and `/custom`: it emits `auth` with the payload of CONNECT, and answers `message`
//! with `message-back` and `message-with-ack` with an ack, both with the arguments that came.

pub mod case;
pub mod door;
mod engine;
pub mod known;
pub mod run;
mod session;
mod socket;
pub mod survey;
mod talk;
pub mod told;

pub use case::{Case, Need, cases};
pub use door::Door;
pub use run::{Ended, Outcome, run};
pub use survey::{NoTarget, Offer, survey};
