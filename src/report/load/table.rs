//! The end of a run on the console: figures in groups, what was judged, and the result with its reasons last.
//!
//! It writes styles as escape sequences; whoever makes the stream takes them out where they are not wanted.

use std::io::{self, Write};

use anstyle::Style;

use super::super::console::{BOLD, DIM, GREEN, MAGENTA, RED, YELLOW, folded, styled};
use super::grid::{Grid, left, right};
use super::words;
use crate::figures::units::{bytes, count, part, rate, seconds, share, time};
use crate::figures::{Latency, LoadReport, LoadWord};

/// Reasons, findings and kinds of errors that are shown at the most.
const SHOWN: usize = 20;

/// The quantiles that are shown, and how they are called.
const QUANTILES: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

/// Writes the table, for a terminal of this many columns.
///
/// # Errors
/// If it cannot be written.
pub fn write(mut out: impl Write, report: &LoadReport, width: Option<usize>) -> io::Result<()> {
    for line in lines(report, width) {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

/// The first lines: the version, the target and the seed, and what is asked for.
pub(super) fn head(report: &LoadReport, width: Option<usize>) -> Vec<String> {
    let target = words::target(&report.target);
    let first = format!("hubproof {}: load {} against {target}, seed {}", report.hubproof, report.profile, report.seed);
    vec![bold(&first, width), folded(&clean(&words::asked(report)), 2, width)]
}

fn lines(report: &LoadReport, width: Option<usize>) -> Vec<String> {
    let mut lines = head(report, width);
    let mut group = |title: &str, grid: &Grid| {
        if !grid.is_empty() {
            lines.extend([String::new(), styled(BOLD, title)]);
            lines.extend(grid.lines(DIM, width));
        }
    };
    group("plugins", &plugins(report));
    group("calls", &calls(report));
    group("times", &times(report));
    group("actions", &actions(report));
    group("errors", &errors(report));
    group("hub and harness", &processes(report));
    group("thresholds", &thresholds(report));
    let ids = &report.totals.collisions;
    if report.totals.commands_received > 0 || ids.seen > 0 {
        lines.extend([String::new(), styled(BOLD, "request ids")]);
        lines.push(folded(&format!("  {}", words::collisions(ids)), 2, width));
    }
    lines.extend(findings(report, width));
    lines.push(String::new());
    lines.extend(result(report, width));
    lines
}

/// What cannot be shown in a line is replaced: names may be anybody's text.
fn clean(text: &str) -> String {
    text.replace('\n', " ").replace(char::is_control, "\u{fffd}")
}

fn bold(text: &str, width: Option<usize>) -> String {
    let rows = folded(&clean(text), 2, width);
    rows.lines().map(|row| styled(BOLD, row)).collect::<Vec<_>>().join("\n")
}

/// How a number that should be 0 looks.
const fn alarm(number: u64) -> Style {
    if number == 0 { Style::new() } else { RED }
}

fn plugins(report: &LoadReport) -> Grid {
    let totals = &report.totals;
    let mut grid = Grid::new(&[left("", 0), right("", 0), left("", 1)]);
    if totals.plugins_asked == 0 && totals.connects == 0 && totals.connect_failures.is_empty() {
        return grid;
    }
    let missing = totals.plugins_asked.saturating_sub(totals.plugins_connected);
    grid.styled(vec![
        (Style::new(), "connected at once".into()),
        (alarm(missing), count(totals.plugins_connected)),
        (Style::new(), format!("of {} asked for", count(totals.plugins_asked))),
    ]);
    let reconnects =
        if totals.reconnects > 0 { format!("{} of them again", count(totals.reconnects)) } else { String::new() };
    grid.row(["connects".to_owned(), count(totals.connects), reconnects]);
    grid.row(["failed to connect".to_owned(), count(totals.connect_failures_in_all()), String::new()]);
    let by_us = if totals.dropped_by_us > 0 { "as storms and behaviours ask for" } else { "" };
    grid.row(["dropped by us".to_owned(), count(totals.dropped_by_us), by_us.to_owned()]);
    grid.row(["dropped by the hub".to_owned(), count(totals.dropped_by_hub), String::new()]);
    grid.row(["ghosts".to_owned(), count(totals.ghosts), "gone, and still counted by the hub".to_owned()]);
    grid
}

fn calls(report: &LoadReport) -> Grid {
    let totals = &report.totals;
    let mut grid = Grid::new(&[left("", 0), right("", 0), right("", 0), left("", 1)]);
    if totals.calls_intended == 0 && totals.calls_started == 0 && totals.commands_received == 0 {
        return grid;
    }
    let of_started = |number: u64| share(part(number, totals.calls_started));
    let calling_s = report.calling_s();
    let per_s = |number: u64| if calling_s > 0.0 { rate(part(number, 1) / calling_s) } else { String::new() };
    let mut row = |what: &str, number: u64, style: Style, of: String, note: &str| {
        let plain = |text: String| (Style::new(), text);
        grid.styled(vec![plain(what.into()), (style, count(number)), plain(of), plain(note.into())]);
    };
    if totals.calls_intended > 0 || totals.calls_started > 0 {
        row("intended", totals.calls_intended, Style::new(), per_s(totals.calls_intended), "");
        row("started", totals.calls_started, Style::new(), per_s(totals.calls_started), "");
        row(
            "missed",
            totals.calls_missed,
            alarm(totals.calls_missed),
            String::new(),
            "never sent, since the harness could not",
        );
        row("answered", totals.ok, Style::new(), of_started(totals.ok), "");
        row("plugin errors", totals.plugin_errors, Style::new(), of_started(totals.plugin_errors), "");
        row("timeouts", totals.timeouts, Style::new(), of_started(totals.timeouts), "");
        row("other errors", totals.errors_in_all(), Style::new(), of_started(totals.errors_in_all()), "");
        row(
            "expected failures",
            totals.expected_failures,
            Style::new(),
            of_started(totals.expected_failures),
            "among these, by what plugins do",
        );
    }
    row("lost", totals.lost, alarm(totals.lost), String::new(), "answered in time, and the call did not get it");
    row("crossed", totals.crossed, alarm(totals.crossed), String::new(), "calls that got another call's answer");
    row("answered twice", totals.answered_twice, alarm(totals.answered_twice), String::new(), "");
    if totals.commands_of_nobody > 0 || totals.calls_started == 0 {
        row("commands", totals.commands_received, Style::new(), per_s(totals.commands_received), "received by plugins");
        row("not of ours", totals.commands_of_nobody, Style::new(), String::new(), "asked by the backend itself");
        row("responses", totals.responses_sent, Style::new(), per_s(totals.responses_sent), "sent by plugins");
    }
    if let Some(pending) = totals.pending_at_end {
        row("pending at the end", pending, Style::new(), String::new(), "still held by the hub");
    }
    grid
}

/// A row of durations: what, how many, and the quantiles.
fn durations(what: &str, latency: &Latency) -> Option<Vec<String>> {
    let quantiles = latency.several(&QUANTILES)?;
    let mut cells = vec![what.to_owned(), count(latency.count())];
    cells.extend(quantiles.into_iter().chain(latency.max()).map(time));
    Some(cells)
}

fn times(report: &LoadReport) -> Grid {
    let totals = &report.totals;
    let mut grid = Grid::new(&[
        left("", 0),
        right("number", 3),
        right("p50", 0),
        right("p90", 2),
        right("p95", 4),
        right("p99", 0),
        right("p99.9", 2),
        right("max", 0),
    ]);
    let rows = [
        ("round trip, intended", &totals.round_trip),
        ("round trip, actual", &totals.round_trip_actual),
        ("hub overhead", &totals.hub_overhead),
        ("plugin's own time", &totals.plugin_time),
        ("connecting", &totals.connect_time),
        ("lag of the harness", &report.harness.lag),
    ];
    for cells in rows.into_iter().filter_map(|(what, latency)| durations(what, latency)) {
        grid.row(cells);
    }
    grid
}

fn actions(report: &LoadReport) -> Grid {
    let mut grid = Grid::new(&[
        left("", 0),
        right("calls", 0),
        right("answered", 3),
        right("failed", 2),
        right("lost", 4),
        right("crossed", 4),
        right("p50", 1),
        right("p99", 0),
        right("max", 0),
    ]);
    for (name, figures) in &report.actions {
        let failed = figures.timeouts.saturating_add(figures.errors).saturating_add(figures.plugin_errors);
        let at = |duration: Option<std::time::Duration>| duration.map_or_else(|| "-".to_owned(), time);
        let plain = |text: String| (Style::new(), text);
        grid.styled(vec![
            plain(name.clone()),
            plain(count(figures.calls)),
            plain(count(figures.ok)),
            plain(count(failed)),
            (alarm(figures.lost), count(figures.lost)),
            (alarm(figures.crossed), count(figures.crossed)),
            plain(at(figures.round_trip.at(0.5))),
            plain(at(figures.round_trip.at(0.99))),
            plain(at(figures.round_trip.max())),
        ]);
    }
    grid
}

fn errors(report: &LoadReport) -> Grid {
    let mut grid = Grid::new(&[left("", 0), right("", 0), left("", 1)]);
    for (kind, number, what) in words::errors(report).into_iter().take(SHOWN) {
        grid.row([kind, count(number), what.to_owned()]);
    }
    grid
}

fn processes(report: &LoadReport) -> Grid {
    let mut grid = Grid::new(&[left("", 0), right("memory", 0), right("per plugin", 1), right("cpu", 0), left("", 2)]);
    let known = |seconds_of: Option<f64>| seconds_of.map_or_else(|| "-".to_owned(), seconds);
    let size = |size: Option<u64>| size.map_or_else(|| "-".to_owned(), |size| bytes(part(size, 1)));
    if let Some(hub) = &report.hub {
        let source = if hub.source == "stats" { "as its control API says" } else { "of its process" };
        let memory = size(hub.rss_peak_bytes.or(hub.rss_bytes));
        grid.row(["hub".to_owned(), memory, size(hub.rss_per_plugin_bytes), known(hub.cpu_s), source.to_owned()]);
    }
    let harness = &report.harness;
    if harness.rss_peak_bytes > 0 {
        let note = format!("{} of all processors", share(harness.cpu_share));
        let memory = bytes(part(harness.rss_peak_bytes, 1));
        grid.row(["harness".to_owned(), memory, size(harness.rss_per_plugin_bytes), known(Some(harness.cpu_s)), note]);
    }
    grid
}

fn thresholds(report: &LoadReport) -> Grid {
    let mut grid = Grid::new(&[left("", 0), right("", 0), left("", 0)]);
    for judged in &report.thresholds {
        let (style, word) = if judged.held { (GREEN, "held") } else { (RED, "CROSSED") };
        let wanted = format!("{} {}", judged.name, judged.wanted);
        grid.styled(vec![(style, word.to_owned()), (style, judged.shown.clone()), (Style::new(), wanted)]);
    }
    grid
}

fn findings(report: &LoadReport, width: Option<usize>) -> Vec<String> {
    let mut lines = Vec::new();
    if !report.findings.is_empty() {
        lines.extend([String::new(), styled(BOLD, "broken guarantees")]);
    }
    for finding in report.findings.iter().take(SHOWN) {
        let user = finding.user.as_ref().map_or_else(String::new, |user| format!(", first for user {user}"));
        let times = crate::figures::units::counted(finding.count, "time");
        lines.push(styled(RED, &clean(&format!("  {} {times}{user}", finding.guarantee))));
        lines.push(folded(&clean(&format!("      {}", finding.text)), 6, width));
    }
    lines.extend(more(report.findings.len()));
    lines
}

fn more(number: usize) -> Option<String> {
    let hidden = number.checked_sub(SHOWN).filter(|hidden| *hidden > 0)?;
    Some(styled(DIM, &format!("      … {hidden} more not shown")))
}

/// The word, its reasons, and the command that does it again.
fn result(report: &LoadReport, width: Option<usize>) -> Vec<String> {
    let style = match report.result.word {
        LoadWord::Passed => GREEN,
        LoadWord::Failed => RED,
        LoadWord::Invalid => MAGENTA,
        LoadWord::Partial => YELLOW,
    };
    let word = report.result.word.name();
    // The style's sequences take no columns, so the rows are made before it is put in.
    let told = folded(&format!("{word}: {}", words::meaning(report.result.word)), 4, width);
    let mut lines = vec![told.replacen(word, &styled(style, word), 1)];
    let reasons = report.result.reasons.iter().take(SHOWN);
    lines.extend(reasons.map(|reason| folded(&clean(&format!("  - {reason}")), 4, width)));
    lines.extend(more(report.result.reasons.len()));
    if !report.command.is_empty() {
        lines.push(format!("again: {}", clean(&report.command)));
    }
    lines
}
