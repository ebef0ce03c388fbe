//! A run under way, where there is no terminal: the head, and a line for every so many seconds.

use std::io::Write;

use super::LoadListener;
use super::table::head;
use crate::figures::number::float;
use crate::figures::units::{count, rate, time};
use crate::figures::{Latency, LoadReport, Second};

/// The lines.
pub struct Lines<W: Write> {
    out: W,
    width: Option<usize>,
    every: u64,
    since: Span,
}

/// What there was since the last line.
#[derive(Default)]
struct Span {
    seconds: u64,
    intended: u64,
    ok: u64,
    failed: u64,
    round_trip: Latency,
}

impl<W: Write> Lines<W> {
    /// To this stream, a line for `every` seconds, for readers with this many columns.
    pub fn new(out: W, every: u64, width: Option<usize>) -> Self {
        Self { out, width, every: every.max(1), since: Span::default() }
    }

    /// A reader who has gone away is no reason to stop a run.
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}").and_then(|()| self.out.flush());
    }
}

impl<W: Write> LoadListener for Lines<W> {
    fn begins(&mut self, report: &LoadReport) {
        for line in head(report, self.width) {
            self.line(&line);
        }
    }

    fn second(&mut self, report: &LoadReport, second: &Second) {
        let since = &mut self.since;
        since.seconds += 1;
        since.intended += second.intended;
        since.ok += second.ok;
        since.failed += second.timeouts + second.errors + second.plugin_errors;
        since.round_trip.add(&second.round_trip);
        let end = second.at_s.saturating_add(1);
        if !end.is_multiple_of(self.every) {
            return;
        }
        let since = std::mem::take(&mut self.since);
        let per_s = |number: u64| rate(float(number) / float(since.seconds));
        let mut parts = vec![format!("{end:>6} s  {:<11} {:>7} plugins", second.phase, count(second.connected))];
        if report.asked.calls > 0 {
            parts.push(format!("{:>8} of {:<8}", per_s(since.ok), per_s(since.intended)));
            let quantiles = since.round_trip.several(&[0.5, 0.99]).unwrap_or_default();
            let named = ["p50", "p99"].iter().zip(quantiles).map(|(name, value)| format!("{name} {:<8}", time(value)));
            parts.extend(named);
            parts.push(format!("{} failed", count(since.failed)));
            parts.push(format!("{} lost", count(report.totals.lost)));
            parts.push(format!("{} crossed", count(report.totals.crossed)));
        } else {
            parts.push(format!("{} commands", count(report.totals.commands_received)));
        }
        self.line(&parts.join("  "));
    }

    fn ends(&mut self, _: &LoadReport) {}
}
