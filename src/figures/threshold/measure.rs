//! What can be measured, by name.

use std::time::Duration;

use super::Measured;
use crate::contract::nearest;
use crate::figures::latency::Latency;
use crate::figures::number::float;
use crate::figures::totals::{ActionFigures, CONNECT_KINDS, ERROR_KINDS};
use crate::figures::{HubFigures, units};

/// What a value is in, and what a threshold of it is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds; written in `us`, `ms` or `s`.
    Time,
    /// Bytes; written in `B`, `KiB`, `MiB` or `GiB`.
    Bytes,
    /// A number without a unit.
    Count,
    /// A share of 1; written in `%`.
    Share,
    /// Events a second; written in `/s`.
    Rate,
}

impl Unit {
    /// The names of units, and what they are of the base unit.
    pub(super) const fn names(self) -> &'static [(&'static str, f64)] {
        match self {
            Self::Time => &[("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0)],
            Self::Bytes => &[("B", 1.0), ("KiB", 1024.0), ("MiB", 1_048_576.0), ("GiB", 1_073_741_824.0)],
            Self::Count => &[("", 1.0)],
            Self::Share => &[("%", 0.01)],
            Self::Rate => &[("/s", 1.0)],
        }
    }

    /// In words.
    pub(super) const fn described(self) -> &'static str {
        match self {
            Self::Time => "a time in us, ms or s",
            Self::Bytes => "a size in B, KiB, MiB or GiB",
            Self::Count => "a number without a unit",
            Self::Share => "a share in %",
            Self::Rate => "a rate in /s",
        }
    }

    /// A threshold of it.
    pub(super) const fn example(self) -> &'static str {
        match self {
            Self::Time => "< 50ms",
            Self::Bytes => "< 16KiB",
            Self::Count => "== 0",
            Self::Share => "< 1%",
            Self::Rate => ">= 950/s",
        }
    }

    /// A value for people.
    pub(super) fn shown(self, value: f64) -> String {
        match self {
            Self::Time => units::seconds(value),
            Self::Bytes => units::bytes(value),
            Self::Count => units::digits(value),
            Self::Share => units::share(value),
            Self::Rate => units::rate(value),
        }
    }
}

/// A figure without further parts.
struct Plain {
    name: &'static str,
    unit: Unit,
    /// Whether it only grows while a run goes on.
    grows: bool,
    get: fn(&Measured<'_>) -> Option<f64>,
}

const fn plain(name: &'static str, unit: Unit, get: fn(&Measured<'_>) -> Option<f64>) -> Plain {
    Plain { name, unit, grows: false, get }
}

const fn counter(name: &'static str, get: fn(&Measured<'_>) -> Option<f64>) -> Plain {
    Plain { name, unit: Unit::Count, grows: true, get }
}

/// Figures by name.
const PLAIN: &[Plain] = &[
    counter("connected", |of| Some(float(of.totals.plugins_connected))),
    counter("connects", |of| Some(float(of.totals.connects))),
    counter("connect_failures", |of| Some(float(of.totals.connect_failures_in_all()))),
    counter("reconnects", |of| Some(float(of.totals.reconnects))),
    counter("dropped_by_us", |of| Some(float(of.totals.dropped_by_us))),
    counter("dropped_by_hub", |of| Some(float(of.totals.dropped_by_hub))),
    counter("ghosts", |of| Some(float(of.totals.ghosts))),
    counter("calls", |of| Some(float(of.totals.calls_started))),
    counter("missed", |of| Some(float(of.totals.calls_missed))),
    counter("ok", |of| Some(float(of.totals.ok))),
    counter("plugin_errors", |of| Some(float(of.totals.plugin_errors))),
    counter("timeouts", |of| Some(float(of.totals.timeouts))),
    counter("errors", |of| Some(float(of.totals.errors_in_all()))),
    counter("commands_received", |of| Some(float(of.totals.commands_received))),
    counter("commands_of_nobody", |of| Some(float(of.totals.commands_of_nobody))),
    counter("responses_sent", |of| Some(float(of.totals.responses_sent))),
    counter("lost", |of| Some(float(of.totals.lost))),
    counter("crossed", |of| Some(float(of.totals.crossed))),
    counter("answered_twice", |of| Some(float(of.totals.answered_twice))),
    counter("collisions", |of| Some(float(of.totals.collisions.seen))),
    counter("collisions.in_flight", |of| Some(float(of.totals.collisions.in_flight))),
    counter("findings", |of| Some(float(of.findings))),
    plain("pending_at_end", Unit::Count, |of| of.totals.pending_at_end.map(float)),
    plain("failed", Unit::Share, |of| share(of.totals.unexpected_failures(), of.totals.calls_started)),
    plain("rate", Unit::Rate, |of| per_second(of.totals.calls_started, of.calling_s)),
    plain("ok_rate", Unit::Rate, |of| per_second(of.totals.ok, of.calling_s)),
    plain("hub.rss", Unit::Bytes, |of| hub(of, |hub| hub.rss_bytes)),
    plain("hub.rss_peak", Unit::Bytes, |of| hub(of, |hub| hub.rss_peak_bytes)),
    plain("hub.rss_per_plugin", Unit::Bytes, |of| hub(of, |hub| hub.rss_per_plugin_bytes)),
    plain("hub.cpu", Unit::Time, |of| of.hub.and_then(|hub| hub.cpu_s)),
    plain("harness.rss_peak", Unit::Bytes, |of| Some(float(of.harness.rss_peak_bytes))),
    plain("harness.rss_per_plugin", Unit::Bytes, |of| of.harness.rss_per_plugin_bytes.map(float)),
    plain("harness.cpu", Unit::Time, |of| Some(of.harness.cpu_s)),
    plain("harness.cpu_share", Unit::Share, |of| Some(of.harness.cpu_share)),
    counter("harness.queue_peak", |of| Some(float(of.harness.queue_peak))),
];

fn hub(of: &Measured<'_>, figure: fn(&HubFigures) -> Option<u64>) -> Option<f64> {
    of.hub.and_then(figure).map(float)
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| units::part(part, whole))
}

fn per_second(events: u64, seconds: f64) -> Option<f64> {
    (seconds > 0.0).then(|| float(events) / seconds)
}

/// Durations by name, of the whole run.
type Durations = (&'static str, for<'a> fn(&Measured<'a>) -> &'a Latency);

const DURATIONS: &[Durations] = &[
    ("round_trip", |of| &of.totals.round_trip),
    ("round_trip_actual", |of| &of.totals.round_trip_actual),
    ("hub_overhead", |of| &of.totals.hub_overhead),
    ("plugin_time", |of| &of.totals.plugin_time),
    ("connect_time", |of| &of.totals.connect_time),
    ("harness.lag", |of| &of.harness.lag),
];

/// A count of an action, by name.
type CountOf = (&'static str, fn(&ActionFigures) -> u64);

/// Durations of an action, by name.
type DurationsOf = (&'static str, fn(&ActionFigures) -> &Latency);

/// Durations by name, of one action.
const OF_ACTION: &[DurationsOf] = &[
    ("round_trip", |of| &of.round_trip),
    ("round_trip_actual", |of| &of.round_trip_actual),
    ("hub_overhead", |of| &of.hub_overhead),
];

/// Counts by name, of one action.
const COUNTS_OF_ACTION: &[CountOf] = &[
    ("calls", |of| of.calls),
    ("ok", |of| of.ok),
    ("plugin_errors", |of| of.plugin_errors),
    ("timeouts", |of| of.timeouts),
    ("errors", |of| of.errors),
    ("lost", |of| of.lost),
    ("crossed", |of| of.crossed),
];

/// What can be told of durations; any other percentile can be as well (`p75`, `p99_99`).
const STATISTICS: &[&str] = &["p50", "p90", "p95", "p99", "p99_9", "max", "mean", "min"];

/// A figure that thresholds may be about.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    what: What,
    unit: Unit,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    /// Index into [`PLAIN`].
    Plain(usize),
    /// Index into [`DURATIONS`].
    Durations(usize, Statistic),
    /// Index into [`OF_ACTION`].
    OfAction(String, usize, Statistic),
    /// Index into [`COUNTS_OF_ACTION`].
    CountOfAction(String, usize),
    Errors(String),
    ConnectFailures(String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Statistic {
    Quantile(f64),
    Max,
    Mean,
    Min,
}

impl Statistic {
    fn named(name: &str) -> Option<Self> {
        match name {
            "max" => return Some(Self::Max),
            "mean" => return Some(Self::Mean),
            "min" => return Some(Self::Min),
            _ => {}
        }
        let digits = name.strip_prefix('p')?;
        let valid = digits.len() <= 9 && digits.starts_with(|c: char| c.is_ascii_digit());
        let number = digits.replacen('_', ".", 1);
        let all_digits = number.chars().all(|c| c.is_ascii_digit() || c == '.') && !number.ends_with('.');
        let percent: f64 = number.parse().ok()?;
        (valid && all_digits && percent > 0.0 && percent < 100.0).then_some(Self::Quantile(percent / 100.0))
    }

    fn of(self, latency: &Latency) -> Option<f64> {
        let duration = match self {
            Self::Quantile(quantile) => latency.at(quantile),
            Self::Max => latency.max(),
            Self::Mean => latency.mean(),
            Self::Min => latency.min(),
        };
        duration.as_ref().map(Duration::as_secs_f64)
    }
}

impl Measure {
    /// The figure of this name.
    ///
    /// # Errors
    /// What may have been meant, or what there is.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        let count = |what| Ok(Self { what, unit: Unit::Count });
        if let Some(place) = PLAIN.iter().position(|figure| figure.name == name) {
            let unit = PLAIN.get(place).map_or(Unit::Count, |figure| figure.unit);
            return Ok(Self { what: What::Plain(place), unit });
        }
        if let Some(kind) = name.strip_prefix("errors.") {
            let http = kind
                .strip_prefix("http_")
                .is_some_and(|status| status.len() == 3 && status.chars().all(|c| c.is_ascii_digit()));
            if http || ERROR_KINDS.contains(&kind) {
                return count(What::Errors(kind.to_owned()));
            }
            return Err(nearest_kind(name, "errors.", ERROR_KINDS));
        }
        if let Some(kind) = name.strip_prefix("connect_failures.") {
            if CONNECT_KINDS.contains(&kind) {
                return count(What::ConnectFailures(kind.to_owned()));
            }
            return Err(nearest_kind(name, "connect_failures.", CONNECT_KINDS));
        }
        if let Some((action, rest)) = name.strip_prefix("action.").and_then(|rest| rest.split_once('.')) {
            if let Some(place) = COUNTS_OF_ACTION.iter().position(|(known, _)| *known == rest) {
                return count(What::CountOfAction(action.to_owned(), place));
            }
            let found = rest.rsplit_once('.').and_then(|(durations, statistic)| {
                let place = OF_ACTION.iter().position(|(known, _)| *known == durations)?;
                Some((place, Statistic::named(statistic)?))
            });
            if let Some((place, statistic)) = found {
                return Ok(Self { what: What::OfAction(action.to_owned(), place, statistic), unit: Unit::Time });
            }
            return Err(nearest_to(name, &action_names(action)));
        }
        let found = name.rsplit_once('.').and_then(|(durations, statistic)| {
            let place = DURATIONS.iter().position(|(known, _)| *known == durations)?;
            Some((place, Statistic::named(statistic)?))
        });
        match found {
            Some((place, statistic)) => Ok(Self { what: What::Durations(place, statistic), unit: Unit::Time }),
            None => Err(nearest_to(name, &names())),
        }
    }

    /// What it is in.
    pub(super) const fn unit(&self) -> Unit {
        self.unit
    }

    /// The action that it is about.
    pub(super) fn action(&self) -> Option<&str> {
        match &self.what {
            What::OfAction(action, ..) | What::CountOfAction(action, _) => Some(action),
            _ => None,
        }
    }

    /// Its value in the base unit; `None` if nothing was measured.
    pub(super) fn value(&self, of: &Measured<'_>) -> Option<f64> {
        match &self.what {
            What::Plain(place) => PLAIN.get(*place).and_then(|figure| (figure.get)(of)),
            What::Durations(..) | What::OfAction(..) => {
                let (latency, statistic) = self.durations(of)?;
                statistic.of(latency)
            }
            What::CountOfAction(action, place) => {
                let (figures, (_, get)) = (of.actions.get(action)?, COUNTS_OF_ACTION.get(*place)?);
                Some(float(get(figures)))
            }
            What::Errors(kind) => Some(float(of.totals.errors.get(kind).copied().unwrap_or_default())),
            What::ConnectFailures(kind) => {
                Some(float(of.totals.connect_failures.get(kind).copied().unwrap_or_default()))
            }
        }
    }

    /// Whether its value only grows while a run goes on.
    pub(super) fn only_grows(&self) -> bool {
        match &self.what {
            What::Plain(place) => PLAIN.get(*place).is_some_and(|figure| figure.grows),
            What::Durations(_, statistic) | What::OfAction(_, _, statistic) => *statistic == Statistic::Max,
            What::CountOfAction(..) | What::Errors(_) | What::ConnectFailures(_) => true,
        }
    }

    /// For quantiles of calls: how many durations are longer than this, and which share of all may be.
    pub(super) fn too_long(&self, of: &Measured<'_>, seconds: f64) -> Option<(u64, f64)> {
        let (latency, statistic) = self.durations(of)?;
        let Statistic::Quantile(quantile) = statistic else { return None };
        let longer = latency.sizes().into_iter().filter(|(size, _)| size.as_secs_f64() > seconds);
        Some((longer.map(|(_, count)| count).sum(), 1.0 - quantile))
    }

    fn durations<'a>(&self, of: &Measured<'a>) -> Option<(&'a Latency, Statistic)> {
        match &self.what {
            What::Durations(place, statistic) => DURATIONS.get(*place).map(|(_, latency)| (latency(of), *statistic)),
            What::OfAction(action, place, statistic) => {
                let (figures, (_, latency)) = (of.actions.get(action)?, OF_ACTION.get(*place)?);
                Some((latency(figures), *statistic))
            }
            _ => None,
        }
    }
}

/// Every name without a free part: what suggestions are taken from.
pub fn names() -> Vec<String> {
    let durations = DURATIONS.iter().flat_map(|(name, _)| STATISTICS.iter().map(move |of| format!("{name}.{of}")));
    let errors = ERROR_KINDS.iter().map(|kind| format!("errors.{kind}"));
    let connecting = CONNECT_KINDS.iter().map(|kind| format!("connect_failures.{kind}"));
    PLAIN.iter().map(|figure| figure.name.to_owned()).chain(durations).chain(errors).chain(connecting).collect()
}

/// Every name of one action's figures.
fn action_names(action: &str) -> Vec<String> {
    let durations = OF_ACTION.iter().flat_map(|(name, _)| STATISTICS.iter().map(move |of| format!("{name}.{of}")));
    let counts = COUNTS_OF_ACTION.iter().map(|(name, _)| (*name).to_owned());
    counts.chain(durations).map(|name| format!("action.{action}.{name}")).collect()
}

/// The kind that is meant, or all there are.
fn nearest_kind(name: &str, prefix: &str, kinds: &[&str]) -> String {
    let known: Vec<String> = kinds.iter().map(|kind| format!("{prefix}{kind}")).collect();
    nearest::suggestion(name, &known.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The name that is meant; all of them would fill a page.
fn nearest_to(name: &str, known: &[String]) -> String {
    match nearest::nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "docs/load-outputs.md lists what there is, such as `round_trip.p99`, `lost`, `rate` and `errors.not_connected`"
            .to_owned(),
    }
}
