//! Counts by kind, as bars beside their names.

use std::fmt::Write as _;

use super::super::words;
use super::text::{escaped, short};
use crate::figures::LoadReport;
use crate::figures::units::{count, part};

/// Kinds that are shown at the most.
const MOST: usize = 12;

/// Errors by kind; nothing if there are none.
pub(super) fn errors(report: &LoadReport) -> String {
    let errors = words::errors(report);
    let Some(most) = errors.first().map(|(_, number, _)| *number) else { return String::new() };
    let mut rows = String::new();
    for (kind, number, what) in errors.iter().take(MOST) {
        // Writing to a String cannot fail.
        let _ = writeln!(
            rows,
            "<li title=\"{}\"><span>{}</span><span class=\"track\"><i style=\"width:{}%\"></i></span><b>{}</b></li>",
            escaped(what),
            escaped(kind),
            short(part(*number, most) * 100.0),
            count(*number)
        );
    }
    if let Some(hidden) = errors.len().checked_sub(MOST).filter(|hidden| *hidden > 0) {
        let _ = writeln!(rows, "<li><span>and {hidden} more kinds</span></li>");
    }
    format!(
        "<figure class=\"plot\">\n<figcaption><h3>Errors by kind</h3><p>over the whole run</p></figcaption>\n<ul class=\"bars\">\n\
         {rows}</ul>\n</figure>\n"
    )
}
