//! The reference hub as a state machine, driven directly: time and inputs in, outputs out.
//!
//! 1. `rig`: a hub on a bench, with a clock that the test moves.
//! 2. `connections`: who is accepted, and who is in which room.
//! 3. `commands`, `responses`: what goes to plugins, and what becomes of what they say.
//! 4. `timeouts`, `leaving`, `endings`: the ends of a call that no response makes.
//! 5. `queue`, `runs`: the job layer: who is next, and what a run comes to.
//! 6. `log`: the lines that all this leaves.

mod commands;
mod connections;
mod endings;
mod leaving;
mod log;
mod queue;
mod responses;
mod rig;
mod runs;
mod timeouts;
