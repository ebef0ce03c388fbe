//! Reports: they listen to what a run tells and show it. No report reaches into a driver.
//!
//! - [`news`]: what a run tells: its header, each scenario as it ends, and what it adds up to.
//! - [`summary`]: the verdicts of all scenarios added up by guarantee, and the exit code.
//! - [`console`]: for people, at a terminal or in a log.
//! - [`ndjson`]: for programs: one JSON object per line.
//! - [`matrix`]: hubs that are broken on purpose, and what catches them.
//! - [`single`]: one scenario, from its first line to its verdicts.
//! - [`load`]: load runs, while they go on and when they have ended.
//! - [`plugins`]: what plugins alone do, as it comes; `row`: a line that is cut to a terminal's width.

pub mod console;
pub mod load;
pub mod matrix;
pub mod ndjson;
pub mod news;
pub mod plugins;
mod row;
pub mod single;
pub mod summary;

pub use console::Console;
pub use ndjson::Ndjson;
pub use news::{Difference, Header, Listener, Mode, Reference, ScenarioEnd, Status};
pub use plugins::PluginLog;
pub use single::Single;
pub use summary::{Conclusion, Counts, Standing, Summary};
