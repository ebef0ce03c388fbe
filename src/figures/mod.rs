//! What a load run measured, as data: it is recorded here, added up, judged, and handed to the reports. No IO and no clock.
//!
//! - [`latency`]: durations as histograms.
//! - [`totals`]: what is counted over a whole run, and per action; [`second`]: what is counted each second.
//! - [`report`]: all of it with what was asked for, on which machine: the document of a run.
//! - [`threshold`]: what a run has to keep to; `conclude`: what it comes to.
//! - [`prediction`]: how many request ids are to be expected twice.
//! - [`mod@merge`]: several runs added up.
//! - [`units`]: figures as people read them; `number`: counts as floating-point numbers.

mod conclude;
pub mod latency;
pub mod merge;
pub(crate) mod number;
pub mod prediction;
pub mod report;
pub mod second;
pub mod threshold;
pub mod totals;
pub mod units;

pub use latency::{Latency, LatencyError};
pub use merge::{MergeError, merge};
pub use prediction::{IdCounts, Prediction};
pub use report::{
    Asked, Harness, HubFigures, Judged, LoadFinding, LoadReport, LoadResult, LoadWord, MachineFigures, SCHEMA,
    TargetFigures,
};
pub use second::Second;
pub use threshold::{Measured, Threshold, ThresholdError};
pub use totals::{ActionFigures, Collisions, Predicted, Totals};
