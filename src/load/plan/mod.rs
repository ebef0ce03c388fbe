//! When each call starts, and everything that is drawn, from the seed alone.
//!
//! - [`mod@arrivals`]: the intended starts.
//! - [`draw`]: whom a call goes to, what it asks, how large it is; what a plugin does; whom a storm drops.
//!
//! What is drawn for a call follows from the seed and the call's number, so that no order of events changes it, and a longer
//! run begins as a shorter one does.

pub mod arrivals;
pub mod draw;

pub use arrivals::{Arrivals, arrivals};
pub use draw::{Draw, Dropped, PlannedCall};
