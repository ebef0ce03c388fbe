//! Which plots there are.

use super::bars;
use super::histogram;
use super::plot::{Line, Plot};
use super::scale::Scale;
use super::spans::{Span, Spans};
use crate::figures::number::float;
use crate::figures::units::{bytes, count, digits, rate, seconds, time};
use crate::figures::{LoadReport, Second};

/// Where the longest of round trips is so many times the shortest, their axis is logarithmic.
const WIDE: f64 = 25.0;

/// Marks on an axis from zero, about.
const STEPS: f64 = 4.0;

/// Every plot that has something to show.
pub(super) fn all(report: &LoadReport) -> String {
    let spans = Spans::of(&report.seconds);
    let drawer = Drawer { report, at: spans.spans.iter().map(|span| spans.middle(span)).collect(), spans };
    [
        drawer.round_trips(),
        histogram::figure(report),
        drawer.rates(),
        drawer.in_flight(),
        drawer.failures(),
        bars::errors(report),
        drawer.connections(),
        drawer.memory(),
        drawer.cpu(),
        drawer.lag(),
    ]
    .concat()
}

/// A kind of failure: its name, how many there were, and how many in a second.
type Kind = (&'static str, u64, fn(&Second) -> u64);

struct Drawer<'a> {
    report: &'a LoadReport,
    at: Vec<f64>,
    spans: Spans,
}

impl Drawer<'_> {
    fn line(
        &self,
        name: &'static str,
        look: usize,
        whole: Option<String>,
        value: impl Fn(&Span) -> Option<f64>,
    ) -> Line {
        Line { name, look, whole, values: self.spans.spans.iter().map(value).collect() }
    }

    fn figure(
        &self,
        title: &'static str,
        note: &'static str,
        lines: Vec<Line>,
        shown: fn(f64) -> String,
        y: impl FnOnce(f64, f64) -> Scale,
    ) -> String {
        let values = || lines.iter().flat_map(|line| line.values.iter().copied().flatten());
        let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
        let y = y(least, most);
        let (at, length, end) = (self.at.as_slice(), float(self.spans.length_s), float(self.spans.end_s()));
        Plot { title, note, at, length, end, lines, y, shown }.figure()
    }

    fn round_trips(&self) -> String {
        let whole = |quantile: f64| self.report.totals.round_trip.at(quantile).map(time);
        let line = |name, look, quantile, place: usize| {
            self.line(name, look, whole(quantile), move |span| {
                span.round_trip.as_ref().and_then(|at| at.get(place)).map(std::time::Duration::as_secs_f64)
            })
        };
        let lines =
            vec![line("p50", 0, 0.5, 0), line("p90", 2, 0.9, 1), line("p99", 1, 0.99, 2), line("longest", 3, 1.0, 3)];
        let note = "from the intended start to the answer, of the calls that ended then";
        self.figure("Round trips", note, lines, seconds, |least, most| {
            if most > least * WIDE { Scale::logarithmic(least, most) } else { Scale::from_zero(most, STEPS, false) }
        })
    }

    fn rates(&self) -> String {
        let totals = &self.report.totals;
        if totals.calls_intended == 0 && totals.calls_started == 0 {
            return String::new();
        }
        let calls = |number: u64| Some(count(number));
        let lines = vec![
            self.line("answered", 0, calls(totals.ok), |span| Some(span.per_s(|second| second.ok))),
            self.line("started", 1, calls(totals.calls_started), |span| Some(span.per_s(|second| second.started))),
            self.line("intended", 2, calls(totals.calls_intended), |span| Some(span.per_s(|second| second.intended))),
        ];
        self.figure("Calls a second", "how many were to start, did start, and were answered", lines, rate, linear)
    }

    fn in_flight(&self) -> String {
        let report = self.report;
        let most = report.seconds.iter().map(|second| second.in_flight).max().unwrap_or_default();
        let pending = report.seconds.iter().filter_map(|second| second.pending).max();
        if most == 0 && pending.is_none() {
            return String::new();
        }
        let at_most = |number: u64| format!("{} at the most", count(number));
        let mut lines =
            vec![self.line("waited for", 0, Some(at_most(most)), |span| Some(span.at_most(|second| second.in_flight)))];
        if pending.is_some() {
            let value = |span: &Span| span.known(|second: &Second| second.pending);
            lines.push(self.line("held by the hub", 1, pending.map(at_most), value));
        }
        self.figure("Calls in flight", "sent and not yet answered", lines, digits, linear)
    }

    fn connections(&self) -> String {
        let totals = &self.report.totals;
        if totals.plugins_asked == 0 && totals.connects == 0 && totals.connect_failures.is_empty() {
            return String::new();
        }
        let whole = |number: u64| Some(count(number));
        let mut lines = vec![
            self.line("connected", 0, Some(format!("{} at the most", count(totals.plugins_connected))), |span| {
                Some(span.at_most(|second| second.connected))
            }),
            self.line("connects a second", 2, whole(totals.connects), |span| {
                Some(span.per_s(|second| second.connects))
            }),
        ];
        let drops = totals.dropped_by_us.saturating_add(totals.dropped_by_hub);
        if drops > 0 {
            lines.push(self.line("drops a second", 1, whole(drops), |span| Some(span.per_s(|second| second.drops))));
        }
        let failures = totals.connect_failures_in_all();
        if failures > 0 {
            let value = |span: &Span| Some(span.per_s(|second: &Second| second.connect_failures));
            lines.push(self.line("failures a second", 3, whole(failures), value));
        }
        self.figure("Connections", "plugins that are connected, and what changes that", lines, digits, linear)
    }

    fn failures(&self) -> String {
        let totals = &self.report.totals;
        let kinds: [Kind; 4] = [
            ("timeouts", totals.timeouts, |second| second.timeouts),
            ("other errors", totals.errors_in_all(), |second| second.errors),
            ("plugin errors", totals.plugin_errors, |second| second.plugin_errors),
            ("never sent", totals.calls_missed, |second| second.missed),
        ];
        let of = |(look, (name, number, get)): (usize, Kind)| {
            (number > 0).then(|| self.line(name, look, Some(count(number)), move |span| Some(span.per_s(get))))
        };
        let lines: Vec<Line> = kinds.into_iter().enumerate().filter_map(of).collect();
        self.figure("Failures a second", "calls that did not get their answer", lines, rate, linear)
    }

    fn memory(&self) -> String {
        let report = self.report;
        let hub = report.hub.as_ref().and_then(|hub| hub.rss_peak_bytes.or(hub.rss_bytes));
        let at_most = |size: u64| format!("{} at the most", bytes(float(size)));
        let mut lines = vec![self.line("hub", 0, hub.map(at_most), |span| span.known(|second| second.hub_rss_bytes))];
        let harness = report.harness.rss_peak_bytes;
        if harness > 0 {
            let value =
                |span: &Span| Some(span.at_most(|second: &Second| second.harness_rss_bytes)).filter(|size| *size > 0.0);
            lines.push(self.line("harness", 1, Some(at_most(harness)), value));
        }
        lines.retain(|line| line.values.iter().any(Option::is_some));
        self.figure("Memory", "resident, of each process", lines, bytes, |_, most| Scale::from_zero(most, STEPS, true))
    }

    fn cpu(&self) -> String {
        let report = self.report;
        let in_all = |taken: f64| format!("{} in all", seconds(taken));
        let hub = report.hub.as_ref().and_then(|hub| hub.cpu_s).map(in_all);
        let mut lines = vec![self.line("hub", 0, hub, |span| span.mean(|second| second.hub_cpu))];
        if report.harness.cpu_s > 0.0 {
            let value = |span: &Span| span.mean(|second: &Second| Some(second.harness_cpu));
            lines.push(self.line("harness", 1, Some(in_all(report.harness.cpu_s)), value));
        }
        lines.retain(|line| line.values.iter().any(Option::is_some));
        self.figure("Processor cores", "that each process kept busy", lines, digits, |_, most| {
            Scale::from_zero(most.max(0.1), STEPS, false)
        })
    }

    fn lag(&self) -> String {
        let lag = &self.report.harness.lag;
        if lag.is_empty() {
            return String::new();
        }
        let whole = lag.max().map(|most| format!("{} at the most", time(most)));
        let lines = vec![self.line("latest timer", 0, whole, |span| Some(span.lag_s()))];
        self.figure("Lag of the harness", "how late its own timers were", lines, seconds, linear)
    }
}

fn linear(_: f64, most: f64) -> Scale {
    Scale::from_zero(most, STEPS, false)
}
