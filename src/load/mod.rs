//! Load: thousands of plugins and an open stream of calls against one hub.
//!
//! - [`profile`]: what a run is to be, as data: read from TOML and the command line, and checked before anything starts.
//! - [`plan`]: when each call starts, and everything that is drawn for it from the seed.
//! - [`machine`]: whether this machine can hold it: open files, ports, memory.
//! - [`run`]: the run itself.
//! - [`target`]: whom the load is for.

pub mod machine;
pub mod plan;
pub mod profile;
pub mod run;
pub mod target;
