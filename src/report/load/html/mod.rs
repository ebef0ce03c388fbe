//! One self-contained page with plots: nothing is fetched, and it reads without its script, which only shows values under the pointer.
//!
//! - `text`: text in a page. `scale`: round ticks. `spans`: seconds put together, as many as there is room for.
//! - `plot`: lines over time; `plots`: which ones there are; `histogram`: round trips by size; `bars`: counts by kind.
//! - `tables`: everything that is no plot.
//!
//! Plots are SVG stretched to the room that there is, with their words beside them as text of the page, so that these are as
//! large on a narrow screen as on a wide one.

mod bars;
mod histogram;
mod plot;
mod plots;
mod scale;
mod spans;
mod tables;
mod text;

use std::io::{self, Write};

use crate::figures::{LoadReport, LoadWord};
use text::escaped;

use super::words;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("hover.js");

/// Writes the page.
///
/// # Errors
/// If it cannot be written.
pub fn write(mut out: impl Write, report: &LoadReport) -> io::Result<()> {
    out.write_all(page(report).as_bytes())?;
    out.flush()
}

/// The page.
pub fn page(report: &LoadReport) -> String {
    let title = format!("{} – {} – hubproof load", report.profile, report.result.word.name());
    let body = [
        head(report),
        tables::tiles(report),
        tables::thresholds(report),
        tables::findings(report),
        section("Over time", "plots", &plots::all(report)),
        tables::actions(report),
        tables::times(report),
        tables::counts(report),
        tables::surroundings(report),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <main>\n{}</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        escaped(&title),
        body.concat()
    )
}

/// A section with a heading; nothing if it has no content.
fn section(heading: &str, class: &str, content: &str) -> String {
    if content.is_empty() {
        return String::new();
    }
    format!("<section class=\"{class}\">\n<h2>{}</h2>\n{content}</section>\n", escaped(heading))
}

/// What was run, and what it comes to.
fn head(report: &LoadReport) -> String {
    let word = report.result.word;
    let class = match word {
        LoadWord::Passed => "passed",
        LoadWord::Failed => "failed",
        LoadWord::Invalid => "invalid",
        LoadWord::Partial => "partial",
    };
    let reasons: Vec<String> =
        report.result.reasons.iter().map(|reason| format!("<li>{}</li>\n", escaped(reason))).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!("<ul>\n{}</ul>\n", reasons.concat()) };
    let early = if report.partial.is_some() && word != LoadWord::Partial {
        "<span class=\"word partial\">PARTIAL</span> "
    } else {
        ""
    };
    format!(
        "<header>\n<p class=\"kind\">hubproof load</p>\n<h1>{}</h1>\n<p class=\"about\">against {}<br>{}</p>\n\
         <div class=\"result {class}\">\n<p><span class=\"word {class}\">{}</span> {early}{}</p>\n{reasons}</div>\n</header>\n",
        escaped(&report.profile),
        escaped(&words::target(&report.target)),
        escaped(&words::asked(report)),
        word.name(),
        words::meaning(word),
    )
}
