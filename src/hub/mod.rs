//! The reference hub as a state machine: time and events in, frames and answers out. It does no IO and has no clock.
//!
//! Reading order:
//! - [`io`]: what goes in ([`Input`]) and what comes out ([`Output`]), and the log lines among it.
//! - [`config`]: limits and the like.
//! - [`core`]: the machine itself: connections, rooms, and where every input goes.
//! - [`calls`]: calls in flight, from emit to settlement.
//! - [`answer`]: what a response means to its call (ERR-2 to ERR-11).
//! - [`ids`]: request ids that never repeat one in flight (CORR-2, CORR-3).
//! - [`jobs`]: the job queue (JOB-1 to JOB-14).
//! - [`desk`]: the control API on top.
//! - `queues`: what some flaws make wait.
//! - [`variant`]: hubs that are broken on purpose, each by named flaws which the code above asks for.

pub mod answer;
pub mod calls;
pub mod config;
pub mod core;
pub mod desk;
pub mod ids;
pub mod io;
pub mod jobs;
mod queues;
pub mod variant;

pub use config::HubConfig;
pub use core::Hub;
pub use io::{ConnId, Input, LogLevel, LogLine, Output, Token};
pub use variant::{Flaw, Seen, VARIANTS, Variant};
