//! A run as OpenMetrics text (version 1.0): for a file, and for those who ask a running harness.
//!
//! Every name begins with `hubproof_load_`. Counters grow from the beginning of the run; gauges are of its last second; quantiles are over all
//! of it. `docs/load-outputs.md` lists them.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::figures::number::float;
use crate::figures::{Latency, LoadReport, LoadWord, Second};

/// The type of the text, for HTTP.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Writes the text of a run, over or under way.
///
/// # Errors
/// If it cannot be written.
pub fn write(mut out: impl Write, report: &LoadReport) -> io::Result<()> {
    out.write_all(text(report).as_bytes())?;
    out.flush()
}

/// The text of a run, over or under way.
pub fn text(report: &LoadReport) -> String {
    let mut page = Page(String::new());
    run(&mut page, report);
    connections(&mut page, report);
    calls(&mut page, report);
    times(&mut page, report);
    actions(&mut page, report);
    processes(&mut page, report);
    judgements(&mut page, report);
    page.0.push_str("# EOF\n");
    page.0
}

/// Families, one after the other.
struct Page(String);

/// A label's name and value.
type Label<'a> = (&'a str, &'a str);

impl Page {
    /// The head of a family; `name` without prefix and without what its samples' names end with.
    fn family(&mut self, name: &str, kind: &str, unit: &str, help: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# TYPE hubproof_load_{name} {kind}");
        if !unit.is_empty() {
            let _ = writeln!(self.0, "# UNIT hubproof_load_{name} {unit}");
        }
        let _ = writeln!(self.0, "# HELP hubproof_load_{name} {}", escaped(help));
    }

    fn sample(&mut self, name: &str, labels: &[Label<'_>], value: f64) {
        let _ = write!(self.0, "hubproof_load_{name}");
        if !labels.is_empty() {
            let labels: Vec<String> =
                labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
            let _ = write!(self.0, "{{{}}}", labels.join(","));
        }
        let _ = writeln!(self.0, " {value}");
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, "counter", "", help);
        self.sample(&format!("{name}_total"), &[], float(value));
    }

    fn gauge(&mut self, name: &str, unit: &str, help: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.family(name, "gauge", unit, help);
            self.sample(name, &[], value);
        }
    }

    fn counters<'a>(&mut self, name: &str, label: &str, help: &str, values: impl IntoIterator<Item = (&'a str, u64)>) {
        self.family(name, "counter", "", help);
        for (value_of, value) in values {
            self.sample(&format!("{name}_total"), &[(label, value_of)], float(value));
        }
    }

    /// The samples of a summary in seconds.
    fn summary(&mut self, name: &str, labels: &[Label<'_>], latency: &Latency) {
        const QUANTILES: [(&str, f64); 5] =
            [("0.5", 0.5), ("0.9", 0.9), ("0.95", 0.95), ("0.99", 0.99), ("0.999", 0.999)];
        let values = latency.several(&QUANTILES.map(|(_, quantile)| quantile)).unwrap_or_default();
        for ((quantile, _), value) in QUANTILES.iter().zip(values) {
            let labels: Vec<Label<'_>> = labels.iter().copied().chain([("quantile", *quantile)]).collect();
            self.sample(name, &labels, value.as_secs_f64());
        }
        self.sample(&format!("{name}_count"), labels, float(latency.count()));
        self.sample(&format!("{name}_sum"), labels, (latency.sum_s() * 1e6).round() / 1e6);
    }
}

/// Text as labels and help have it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"")
}

fn run(page: &mut Page, report: &LoadReport) {
    page.family("run", "info", "", "What is run, against which hub.");
    let seed = report.seed.to_string();
    let target = &report.target;
    let labels = [
        ("version", report.hubproof.as_str()),
        ("profile", &report.profile),
        ("seed", &seed),
        ("target", &target.name),
        ("target_version", target.version.as_deref().unwrap_or_default()),
        ("variant", target.variant.as_deref().unwrap_or_default()),
        ("url", &target.url),
    ];
    page.sample("run_info", &labels, 1.0);
    page.gauge("started_seconds", "seconds", "When the run began, since 1970.", Some(report.started_unix_s));
}

fn connections(page: &mut Page, report: &LoadReport) {
    let totals = &report.totals;
    let last = report.seconds.last();
    page.gauge("plugins_asked", "", "Plugins that were to be connected.", Some(float(totals.plugins_asked)));
    page.gauge("plugins_connected", "", "Plugins connected now.", last.map(|second| float(second.connected)));
    let most = Some(float(totals.plugins_connected));
    page.gauge("plugins_connected_peak", "", "Plugins connected at the same time, at the most.", most);
    page.counter("connects", "Connections that got as far as the reply to CONNECT.", totals.connects);
    page.counter("reconnects", "Connections of plugins that had been connected before.", totals.reconnects);
    let failures = totals.connect_failures.iter().map(|(kind, count)| (kind.as_str(), *count));
    page.counters("connect_failures", "kind", "Connections that failed, by what went wrong.", failures);
    let drops = [("harness", totals.dropped_by_us), ("hub", totals.dropped_by_hub)];
    page.counters("drops", "by", "Connections that ended before the end of the run, by who ended them.", drops);
    page.gauge("ghosts", "", "Sockets that are gone and that the hub still counts.", Some(float(totals.ghosts)));
}

fn calls(page: &mut Page, report: &LoadReport) {
    let totals = &report.totals;
    let last: Option<&Second> = report.seconds.last();
    page.counter("calls_intended", "Calls that were to start by now.", totals.calls_intended);
    page.counter("calls_started", "Calls that were sent.", totals.calls_started);
    page.counter("calls_missed", "Calls that were never sent, since the harness could not.", totals.calls_missed);
    let outcomes = [("ok", totals.ok), ("plugin_error", totals.plugin_errors), ("timeout", totals.timeouts)];
    page.counters(
        "calls_ended",
        "outcome",
        "Calls that ended with an answer, a plugin's failure, or a timeout.",
        outcomes,
    );
    let errors = totals.errors.iter().map(|(kind, count)| (kind.as_str(), *count));
    page.counters("calls_failed", "kind", "Calls that ended in any other way, by kind.", errors);
    let expected = "Timeouts and errors that what the plugin did makes right.";
    page.counter("expected_failures", expected, totals.expected_failures);
    page.counter("commands_received", "Commands that plugins received.", totals.commands_received);
    page.counter("commands_of_nobody", "Commands that carried no nonce of this run.", totals.commands_of_nobody);
    page.counter("responses_sent", "Responses that plugins sent.", totals.responses_sent);
    page.counter("answers_lost", "Right answers, sent in time, that their calls did not get.", totals.lost);
    page.counter("answers_crossed", "Answers that a call got and that were another call's.", totals.crossed);
    let twice = "Commands that one socket got twice, and calls that ended twice.";
    page.counter("answered_twice", twice, totals.answered_twice);
    let ids = &totals.collisions;
    page.counter("request_ids_repeated", "Request ids that were handed out again.", ids.seen);
    let in_flight = "Request ids that were handed out again while the earlier call still waited.";
    page.counter("request_ids_repeated_in_flight", in_flight, ids.in_flight);
    let expected = ids.predicted.map(|predicted| predicted.expected);
    let help = "Request ids that the documented scheme would repeat at this rate, on average.";
    page.gauge("request_ids_repeated_expected", "", help, expected);
    page.gauge("calls_in_flight", "", "Calls that wait now.", last.map(|second| float(second.in_flight)));
    let pending = last.and_then(|second| second.pending).or(totals.pending_at_end).map(float);
    page.gauge("calls_pending", "", "Calls that the hub holds now.", pending);
}

fn times(page: &mut Page, report: &LoadReport) {
    let totals = &report.totals;
    let families = [
        ("round_trip_seconds", "Answered calls, from their intended start to the answer.", &totals.round_trip),
        (
            "round_trip_actual_seconds",
            "Answered calls, from their actual start to the answer.",
            &totals.round_trip_actual,
        ),
        ("hub_overhead_seconds", "Round trips less the plugin's own time.", &totals.hub_overhead),
        ("plugin_time_seconds", "From a command's arrival at the plugin to its response.", &totals.plugin_time),
        ("connect_seconds", "From the first attempt to connect to the reply to CONNECT.", &totals.connect_time),
        ("harness_lag_seconds", "How late the harness's own timers were.", &report.harness.lag),
    ];
    for (name, help, latency) in families {
        page.family(name, "summary", "seconds", help);
        page.summary(name, &[], latency);
    }
}

fn actions(page: &mut Page, report: &LoadReport) {
    if report.actions.is_empty() {
        return;
    }
    page.family("action_calls", "counter", "", "Calls of each action, by how they ended.");
    for (name, figures) in &report.actions {
        let outcomes = [
            ("ok", figures.ok),
            ("plugin_error", figures.plugin_errors),
            ("timeout", figures.timeouts),
            ("error", figures.errors),
        ];
        for (outcome, value) in outcomes {
            page.sample("action_calls_total", &[("action", name), ("outcome", outcome)], float(value));
        }
    }
    let help = "Answered calls of each action, from their intended start to the answer.";
    page.family("action_round_trip_seconds", "summary", "seconds", help);
    for (name, figures) in &report.actions {
        page.summary("action_round_trip_seconds", &[("action", name)], &figures.round_trip);
    }
}

fn processes(page: &mut Page, report: &LoadReport) {
    let last = report.seconds.last();
    let harness = last.map(|second| float(second.harness_rss_bytes));
    page.gauge("harness_resident_bytes", "bytes", "Resident memory of the harness now.", harness);
    let cores = last.map(|second| second.harness_cpu);
    page.gauge("harness_cores", "", "Processor cores that the harness keeps busy now.", cores);
    page.counter(
        "harness_queue_overflows",
        "How often too many calls waited to be sent.",
        report.harness.queue_overflows,
    );
    let hub = last.and_then(|second| second.hub_rss_bytes);
    let hub = hub.or_else(|| report.hub.as_ref().and_then(|hub| hub.rss_bytes)).map(float);
    page.gauge("hub_resident_bytes", "bytes", "Resident memory of the hub now.", hub);
    let cores = last.and_then(|second| second.hub_cpu);
    page.gauge("hub_cores", "", "Processor cores that the hub keeps busy now.", cores);
    let per_plugin = "Resident memory of the harness for each connected, idle plugin.";
    page.gauge("harness_plugin_bytes", "bytes", per_plugin, report.harness.rss_per_plugin_bytes.map(float));
}

fn judgements(page: &mut Page, report: &LoadReport) {
    if !report.thresholds.is_empty() {
        page.family("threshold_held", "gauge", "", "Whether a threshold held: 1 or 0.");
        for judged in &report.thresholds {
            let labels = [("threshold", judged.name.as_str()), ("wanted", &judged.wanted)];
            page.sample("threshold_held", &labels, if judged.held { 1.0 } else { 0.0 });
        }
    }
    let mut broken: Vec<(&str, u64)> = Vec::new();
    for finding in &report.findings {
        match broken.iter_mut().find(|(guarantee, _)| *guarantee == finding.guarantee) {
            Some((_, count)) => *count = count.saturating_add(finding.count),
            None => broken.push((&finding.guarantee, finding.count)),
        }
    }
    page.counters("guarantee_breaches", "guarantee", "How often a guarantee was seen broken.", broken);
    page.family("result", "stateset", "", "What the run comes to; passed until it is over.");
    let words = [LoadWord::Passed, LoadWord::Failed, LoadWord::Invalid, LoadWord::Partial];
    for word in words {
        let is = if report.result.word == word { 1.0 } else { 0.0 };
        page.sample("result", &[("hubproof_load_result", &word.name().to_lowercase())], is);
    }
}
