//! Everything that is tested through the library's doors, in one program.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

mod cli;
mod docs;
mod features;
mod hub_properties;
mod live;
mod remote;
mod support;
mod variants;
mod wire;
