//! What fake plugins do, as data.
//!
//! - `reading`: every wrong file and what is said of it.
//! - `ready_made`: each behaviour of `scenarios/behaviours` against the reference hub.
//! - `errands`: commands at the fake Vinted through a hub that sends them twice.
//! - `disruptions`: connections that are closed, cut off and frozen, in virtual time and over real sockets.

mod disruptions;
mod errands;
mod reading;
mod ready_made;
