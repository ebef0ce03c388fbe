//! What a load run measured, as data: it is recorded here, added up, judged, and handed to the reports. No IO and no clock.
//!
//! - [`latency`]: durations as histograms.
//! - [`totals`]: what is counted over a whole run, and per action; [`second`]: what is counted each second.
//! - [`report`]: all of it with what was asked for, on which machine: the document of a run.
//! - `number`: counts as floating-point numbers.

pub mod latency;
mod number;
pub mod report;
pub mod second;
pub mod totals;

pub use latency::{Latency, LatencyError};
pub use report::{
    Asked, Harness, HubFigures, Judged, LoadFinding, LoadReport, LoadResult, LoadWord, MachineFigures, SCHEMA,
    TargetFigures,
};
pub use second::Second;
pub use totals::{ActionFigures, Collisions, Predicted, Totals};
