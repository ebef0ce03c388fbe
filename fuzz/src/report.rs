//! What load runs measured, as documents that are read to be added up.

use hubproof::figures::{LoadReport, merge};
use hubproof::report::load::{hdr_log, html, json, openmetrics, seconds, table};

/// A document: written and read again it is the same; it can be shown in every way, and added to another one or not.
pub(crate) fn load(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let report = match json::read(text) {
        Ok(report) => report,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let mut written = Vec::new();
    json::write(&mut written, &report).expect("memory takes it all");
    let written = String::from_utf8(written).expect("JSON is text");
    assert_eq!(json::read(&written).expect("what was written can be read"), report);
    show(&report);
    let other = LoadReport { seed: report.seed ^ 1, ..report.clone() };
    if let Ok(sum) = merge(&[report, other], String::new()) {
        show(&sum);
    }
}

/// Shows a report in every way.
fn show(report: &LoadReport) {
    let page = html::page(report);
    let scripts = page.matches("<script").count();
    assert_eq!(scripts, 1, "nobody's text becomes a part of the page");
    assert!(openmetrics::text(report).ends_with("# EOF\n"));
    let mut lines = Vec::new();
    table::write(&mut lines, report, Some(60)).expect("memory takes it all");
    seconds::write(&mut lines, report).expect("memory takes it all");
    hdr_log::write(&mut lines, report).expect("memory takes it all");
}
