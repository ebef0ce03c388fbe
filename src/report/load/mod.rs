//! Reports of load runs, from [`figures`](crate::figures) alone.
//!
//! - [`LoadListener`]: what hears of a run while it goes on. [`live`]: one block of a terminal, drawn again each second; [`lines`]: a line
//!   now and then, for a log; [`seconds`]: a JSON object each second; [`metrics`]: for those who ask a running harness.
//! - [`table`]: the end on the console, put together from `grid`, rows of columns.
//! - [`json`]: the whole document, and how it is read back; [`openmetrics`]: the text of that format; [`hdr_log`]: what the tools of
//!   HdrHistogram read; [`html`]: a page with plots.
//! - `words`: what several of them say of the same figures.

mod grid;
pub mod hdr_log;
pub mod html;
pub mod json;
pub mod lines;
pub mod live;
pub mod metrics;
pub mod openmetrics;
pub mod seconds;
pub mod table;
mod words;

use super::summary::exit;
use crate::figures::{LoadReport, LoadResult, LoadWord, Second};

/// What hears of a run. The report is as it is so far: what has not happened yet is 0 or empty in it.
pub trait LoadListener {
    /// The run begins: what was asked for, of whom, and where, is known.
    fn begins(&mut self, report: &LoadReport);
    /// A second is over; it is the last of the report's.
    fn second(&mut self, report: &LoadReport, second: &Second);
    /// The run is over and concluded.
    fn ends(&mut self, report: &LoadReport);
}

/// The exit code of a run.
pub const fn exit_code(result: &LoadResult) -> u8 {
    match result.word {
        LoadWord::Passed => exit::HELD,
        LoadWord::Failed => exit::BROKEN,
        LoadWord::Invalid | LoadWord::Partial => exit::UNTOLD,
    }
}
