//! A run under way, in a terminal: one block that is drawn again each second.

use std::fmt::Write as _;
use std::io::Write;

use anstyle::Style;

use super::super::console::{BOLD, DIM, RED};
use super::super::row::Row;
use super::LoadListener;
use crate::figures::units::{bytes, count, digits, part, rate, seconds, share, time};
use crate::figures::{Latency, LoadReport, Second};

/// The block.
pub struct LiveView<W: Write> {
    out: W,
    width: usize,
    /// Lines that stand there now.
    drawn: usize,
}

impl<W: Write> LiveView<W> {
    /// On a terminal of this many columns.
    pub const fn new(out: W, width: usize) -> Self {
        Self { out, width, drawn: 0 }
    }

    /// A terminal that has gone away is no reason to stop a run.
    fn draw(&mut self, rows: &[Row]) {
        let mut text = String::new();
        if self.drawn > 0 {
            // Up to the first line of the block, and everything from there is cleared.
            let _ = write!(text, "\x1b[{}A\r\x1b[J", self.drawn);
        }
        for row in rows {
            // A line as wide as the terminal would make some of them begin a new one.
            text.push_str(&row.line(Some(self.width.saturating_sub(1).max(10))));
            text.push('\n');
        }
        self.drawn = rows.len();
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

impl<W: Write> LoadListener for LiveView<W> {
    fn begins(&mut self, report: &LoadReport) {
        self.draw(&rows(report, &Second::default()));
    }

    fn second(&mut self, report: &LoadReport, second: &Second) {
        self.draw(&rows(report, second));
    }

    fn ends(&mut self, _: &LoadReport) {
        self.draw(&[]);
    }
}

fn label(text: &str) -> Row {
    Row::default().add(DIM, &format!("{text:<12}"))
}

/// Pieces with a gap between them; a number that should be 0 stands out.
fn pieces(row: Row, pieces: &[(String, bool)]) -> Row {
    let style = |alarm: bool| if alarm { RED } else { Style::new() };
    pieces.iter().fold(row, |row, (text, alarm)| row.add(style(*alarm), text).plain("   "))
}

fn quantiles(latency: &Latency) -> Vec<(String, bool)> {
    let Some(found) = latency.several(&[0.5, 0.99]) else { return vec![("nothing yet".to_owned(), false)] };
    let names = ["p50", "p99", "max"];
    let shown = names.iter().zip(found.into_iter().chain(latency.max()));
    shown.map(|(name, value)| (format!("{name} {:<8}", time(value)), false)).collect()
}

fn rows(report: &LoadReport, second: &Second) -> Vec<Row> {
    let (totals, asked) = (&report.totals, &report.asked);
    let phase = if second.phase.is_empty() { "beginning" } else { &second.phase };
    let plain = |text: String| (text, false);
    let head = format!("hubproof load {}: {phase}, second {}", report.profile, second.at_s.saturating_add(1));
    let mut rows = vec![Row::default().add(BOLD, &head)];
    if asked.calls > 0 {
        let done = part(totals.calls_started.saturating_add(totals.calls_missed), asked.calls).min(1.0);
        rows.push(label("progress").plain(&bar(done)).plain(&format!(" {} of {}", share(done), count(asked.calls))));
    }
    let connected = format!("{} of {} connected", count(second.connected), count(asked.plugins));
    let mut connections = vec![plain(connected)];
    connections.push(plain(format!("{} connects", rate(part(second.connects, 1)))));
    connections
        .push((format!("{} failed", count(totals.connect_failures_in_all())), totals.connect_failures_in_all() > 0));
    rows.push(pieces(label("plugins"), &connections));
    let of_calls = [
        plain(format!("{} intended", rate(part(second.intended, 1)))),
        plain(format!("{} started", rate(part(second.started, 1)))),
        plain(format!("{} answered", rate(part(second.ok, 1)))),
        plain(format!("{} in flight", count(second.in_flight))),
    ];
    rows.push(pieces(label("calls"), &of_calls));
    rows.push(pieces(label("round trip"), &quantiles(&second.round_trip)).add(DIM, "this second"));
    rows.push(pieces(label(""), &quantiles(&totals.round_trip)).add(DIM, "all"));
    let alarming = |number: u64, what: &str| (format!("{} {what}", count(number)), number > 0);
    let failures = [
        alarming(totals.lost, "lost"),
        alarming(totals.crossed, "crossed"),
        plain(format!("{} timeouts", count(totals.timeouts))),
        plain(format!("{} other errors", count(totals.errors_in_all()))),
        alarming(totals.calls_missed, "missed"),
    ];
    rows.push(pieces(label("failures"), &failures));
    if second.hub_rss_bytes.is_some() || second.hub_cpu.is_some() {
        let memory = second.hub_rss_bytes.map(|size| plain(bytes(part(size, 1))));
        let cpu = second.hub_cpu.map(|cores| plain(format!("{} cores", digits(cores))));
        rows.push(pieces(label("hub"), &memory.into_iter().chain(cpu).collect::<Vec<_>>()));
    }
    let harness = [
        plain(bytes(part(second.harness_rss_bytes, 1))),
        plain(format!("{} cores", digits(second.harness_cpu))),
        plain(format!("late by {} at the most", seconds(second.lag_max_ms / 1e3))),
    ];
    rows.push(pieces(label("harness"), &harness));
    rows
}

/// A bar of 24 columns.
fn bar(done: f64) -> String {
    let full = usize::try_from(crate::figures::number::whole(done * 24.0)).unwrap_or_default().min(24);
    format!("{}{}", "█".repeat(full), "░".repeat(24 - full))
}
