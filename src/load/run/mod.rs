//! A load run: one thread drives the plugins and the calls, another one looks after the hub and listens.
//!
//! - [`begin`]: starts the hub if it is the built-in one, runs, looks into the target at the end, and makes the report.
//! - `engine`: the run's thread: phases and seconds; `shared`: what both threads tell each other.
//! - `crowd`: the plugins' connections; `answering`: what they do with commands.
//! - `asking`: calls start and end; `judging`: what the end of a call says.
//! - `calls`, `ids`, `nonce`: what is known of calls in flight, of all request ids, and whose an answer is.
//! - `texts`, `reading`: what is said, and what is heard.
//! - `sample`: whom the checkers of scenarios see in full, `bench`: the checkers, in a third thread.
//! - `tally`: what is counted; `sums`: the report; `honesty`: whether the harness was the bottleneck.
//! - `hub`: the hub, from outside.

mod answering;
mod asking;
pub mod begin;
mod bench;
mod calls;
mod crowd;
mod engine;
mod honesty;
mod hub;
mod ids;
mod judging;
mod nonce;
mod reading;
mod sample;
mod shared;
mod sums;
mod tally;
mod texts;

pub use begin::{RunError, Setup, run};
