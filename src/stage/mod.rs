//! The stage: one orchestrator for every run, whatever carries it. It makes calls, lets plugins do what they want, and
//! records everything as events. Drivers supply transport and clock and nothing else.
//!
//! Reading order:
//! - [`driver`]: what a driver has to offer.
//! - [`manners`]: what the server library in front of the reference hub does by itself.
//! - [`halt`]: why a step cannot go on.
//! - [`record`]: the events of the run, with their causes and documented times.
//! - [`director`]: the [`Stage`] itself: the loop from occurrence to event, and waiting.
//! - [`caller`]: calls and control requests; [`cast`]: plugins and their sockets; [`connection`]: how these begin and are
//!   disrupted.
//! - [`guard`]: what tabs have taken that share a replay guard.
//! - [`pulse`]: pings and late pongs; [`trial`]: strangers, load and the target's own end.
//! - [`log`]: what the target writes to its log.
//! - [`solo`]: plugins alone, at a hub that somebody else drives.
//! - [`correlate`]: which call a received command belongs to; [`cause`]: what a call's end follows from.

pub mod caller;
pub mod cast;
pub mod cause;
pub mod connection;
pub mod correlate;
pub mod director;
pub mod driver;
pub mod guard;
pub mod halt;
pub mod log;
pub mod manners;
pub mod pulse;
pub mod record;
pub mod solo;
pub mod trial;

pub use caller::CallSpec;
pub use director::Stage;
pub use driver::{AskNo, Driver, Effect, FetchNo, Occurrence, Setting, Trouble};
pub use halt::Halt;
pub use manners::{Pings, ServerManners};
