//! What the words of the features do.
//!
//! - `plugins`: plugins that connect, behave, speak up and leave.
//! - `calls`: calls of the backend and how they end.
//! - `large`: calls and answers of a size that nobody writes down; `limits`: those whose size stands in a relation to the
//!   hub's limit.
//! - `trials`: what connections and the hub itself are put through.
//! - `hub`: what the hub is told and asked beside calls.
//! - `jobs`: the job layer.
//! - `log`: what the target's log tells.
//! - `vinted`: what there is at the marketplace; `faults`: what goes wrong there, and what it saw.
//!
//! Every step reads as a sentence; numbers of seconds are documented ones, which a live run may shrink, but
//! for those that pass on the hub's clock.

mod calls;
mod faults;
mod hub;
mod jobs;
mod large;
mod limits;
mod log;
mod plugins;
mod trials;
mod vinted;
