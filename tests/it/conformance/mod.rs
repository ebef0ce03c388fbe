//! The protocols' own cases.
//!
//! - `support`: echo servers, and runs of cases.
//! - `held`: our echo server keeps every case but those where it is known to differ.
//! - `spoiled`: every case fails at a server that does one thing wrong.

mod held;
mod spoiled;
mod support;
