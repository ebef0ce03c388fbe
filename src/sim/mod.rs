//! The driver in virtual time: the reference hub, its links and the marketplace in memory, on one thread. A message takes no
//! time, a timer takes just its own; the same seed gives the same run to the byte.
//!
//! - [`link`]: the server's side of one connection, over `wire`.
//! - [`driver`]: the clock and the queue of what comes next.

pub mod driver;
pub mod link;

pub use driver::SimDriver;
