//! Several runs of one profile against one target, added up: from several machines at the same time, or one after another.
//!
//! Counts add up, and so do plugins, connections and rates; histograms are added exactly. Seconds are laid over each other by when the
//! runs began. What is one process for all of them (a hub that is not the built-in one) is not counted twice: of its
//! memory and processor time the largest is taken. Shares of processors are those of the worst run. Thresholds are judged
//! anew, on the sums; a fault of one run makes the whole invalid.

use std::collections::BTreeMap;

use super::number::{float, whole};
use super::report::{Asked, Harness, HubFigures, LoadFinding, LoadReport, LoadWord, MachineFigures, SCHEMA};
use super::second::Second;
use super::threshold::{Threshold, ThresholdError};
use super::totals::{ActionFigures, Collisions, Totals};

/// Why runs cannot be added up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is nothing to add up.
    #[error("there is no run to add up")]
    Nothing,
    /// They are not runs of one thing.
    #[error("run {run} has another {what}: {theirs}, and run 1 has {ours}")]
    Different {
        /// Which run, from 1.
        run: usize,
        /// What differs.
        what: &'static str,
        /// Of this run.
        theirs: String,
        /// Of the first.
        ours: String,
    },
    /// A run was given twice.
    #[error("run {run} is the same as run {earlier}: it would be counted twice")]
    Twice {
        /// Which run, from 1.
        run: usize,
        /// The one that it is the same as.
        earlier: usize,
    },
    /// A document of another version.
    #[error("run {run} is a document of version {schema}, and this is read: {SCHEMA}")]
    Schema {
        /// Which run, from 1.
        run: usize,
        /// Its version.
        schema: u32,
    },
    /// A threshold of a document is none.
    #[error("run {run}: {error}")]
    Threshold {
        /// Which run, from 1.
        run: usize,
        /// What is wrong with it.
        error: ThresholdError,
    },
}

/// Adds the runs up. `command` is the one that does it again.
///
/// # Errors
/// If there is none, or they are of different profiles, targets or versions, or one was given twice.
pub fn merge(runs: &[LoadReport], command: String) -> Result<LoadReport, MergeError> {
    let Some(first) = runs.first() else { return Err(MergeError::Nothing) };
    let mut thresholds: Vec<Threshold> = Vec::new();
    for (place, run) in runs.iter().enumerate() {
        fits(first, run, place + 1)?;
        if let Some(earlier) = runs.iter().take(place).position(|earlier| earlier == run) {
            return Err(MergeError::Twice { run: place + 1, earlier: earlier + 1 });
        }
        for judged in &run.thresholds {
            let threshold = Threshold::parse(&judged.name, &judged.wanted)
                .map_err(|error| MergeError::Threshold { run: place + 1, error })?;
            if !thresholds.contains(&threshold) {
                thresholds.push(threshold);
            }
        }
    }
    let started = runs.iter().map(|run| run.started_unix_s).fold(f64::INFINITY, f64::min);
    let ended = runs.iter().map(|run| run.started_unix_s + run.ran_s).fold(0.0, f64::max);
    let shared = !first.target.built_in;
    let mut whole_run = LoadReport {
        command,
        runs: sum_of(runs, |run| run.runs),
        machine: machines(runs),
        asked: asked(runs, started),
        started_unix_s: started,
        ran_s: ended - started,
        partial: first_of(runs, |run| run.partial.clone()),
        totals: totals(runs, shared),
        actions: actions(runs),
        seconds: seconds(runs, started, shared),
        findings: findings(runs),
        harness: harness(runs),
        hub: hub(runs, shared),
        ..first.clone()
    };
    whole_run.conclude(&thresholds);
    Ok(whole_run)
}

fn fits(first: &LoadReport, run: &LoadReport, number: usize) -> Result<(), MergeError> {
    if run.schema != SCHEMA {
        return Err(MergeError::Schema { run: number, schema: run.schema });
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    // The built-in hub listens elsewhere each time.
    let address = |run: &LoadReport| if run.target.built_in { String::new() } else { run.target.url.clone() };
    let compared = [
        ("profile", run.profile.clone(), first.profile.clone()),
        ("target", run.target.name.clone(), first.target.name.clone()),
        ("version of the target", text(&run.target.version), text(&first.target.version)),
        ("variant of the target", text(&run.target.variant), text(&first.target.variant)),
        ("address of the target", address(run), address(first)),
        ("source of commands", run.asked.commands.clone(), first.asked.commands.clone()),
        ("source of answers", run.asked.answers.clone(), first.asked.answers.clone()),
    ];
    match compared.into_iter().find(|(_, theirs, ours)| theirs != ours) {
        None => Ok(()),
        Some((what, theirs, ours)) => Err(MergeError::Different { run: number, what, theirs, ours }),
    }
}

/// What some runs have to say, each with its number where not all say the same.
fn first_of(runs: &[LoadReport], text: impl Fn(&LoadReport) -> Option<String>) -> Option<String> {
    let said: Vec<String> = runs
        .iter()
        .enumerate()
        .filter_map(|(place, run)| Some(format!("{} (run {})", text(run)?, place + 1)))
        .collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// The texts without repetition, joined.
fn joined<'a>(texts: impl Iterator<Item = &'a str>, between: &str) -> String {
    let mut different: Vec<&str> = Vec::new();
    for text in texts {
        if !different.contains(&text) {
            different.push(text);
        }
    }
    different.join(between)
}

fn machines(runs: &[LoadReport]) -> MachineFigures {
    let mut different: Vec<&MachineFigures> = Vec::new();
    for run in runs {
        if !different.contains(&&run.machine) {
            different.push(&run.machine);
        }
    }
    let texts = |text: fn(&MachineFigures) -> Option<&str>| {
        let all = joined(different.iter().filter_map(|machine| text(machine)), " + ");
        (!all.is_empty()).then_some(all)
    };
    MachineFigures {
        cpus: different.iter().map(|machine| machine.cpus).fold(0, u64::saturating_add),
        cpu_model: texts(|machine| machine.cpu_model.as_deref()),
        memory_bytes: different
            .iter()
            .map(|machine| machine.memory_bytes)
            .reduce(|sum, next| Some(sum?.saturating_add(next?)))
            .flatten(),
        open_files: different.iter().filter_map(|machine| machine.open_files).min(),
        kernel: texts(|machine| machine.kernel.as_deref()),
    }
}

fn asked(runs: &[LoadReport], started: f64) -> Asked {
    let largest = |of: fn(&Asked) -> f64| runs.iter().map(|run| of(&run.asked)).fold(0.0, f64::max);
    // As long as any of the runs was to make calls: what lies between two runs is not counted.
    let mut calling: Vec<(f64, f64)> = runs
        .iter()
        .filter(|run| run.asked.duration_s > 0.0)
        .map(|run| (run.started_unix_s - started, run.started_unix_s - started + run.asked.duration_s))
        .collect();
    calling.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (duration_s, _) = calling.into_iter().fold((0.0, f64::NEG_INFINITY), |(length, end), (from, to)| {
        (length + (to - from.max(end)).max(0.0), end.max(to))
    });
    let mut rates: Vec<(&str, u64)> = Vec::new();
    for run in runs {
        match rates.iter_mut().find(|(rate, _)| *rate == run.asked.rate) {
            Some((_, times)) => *times += 1,
            None => rates.push((&run.asked.rate, 1)),
        }
    }
    let rates = rates.into_iter().map(|(rate, times)| match times {
        1 => rate.to_owned(),
        _ => format!("{times} × {rate}"),
    });
    let first = runs.first().map(|run| run.asked.clone()).unwrap_or_default();
    Asked {
        plugins: sum_of(runs, |run| run.asked.plugins),
        connect_rate: runs.iter().map(|run| run.asked.connect_rate).sum(),
        duration_s,
        rate: rates.collect::<Vec<_>>().join(" + "),
        calls: sum_of(runs, |run| run.asked.calls),
        timeout_s: largest(|asked| asked.timeout_s),
        ..first
    }
}

/// Adds these counts of one to those of the other. Documents may say anything, so nothing overflows.
macro_rules! plus {
    ($sum:expr, $from:expr, $($count:ident),+ $(,)?) => {
        { $( $sum.$count = $sum.$count.saturating_add($from.$count); )+ }
    };
}

fn sum_of(runs: &[LoadReport], count: impl Fn(&LoadReport) -> u64) -> u64 {
    runs.iter().map(count).fold(0, u64::saturating_add)
}

fn kinds(into: &mut BTreeMap<String, u64>, from: &BTreeMap<String, u64>) {
    for (kind, count) in from {
        let sum = into.entry(kind.clone()).or_default();
        *sum = sum.saturating_add(*count);
    }
}

fn totals(runs: &[LoadReport], shared: bool) -> Totals {
    let mut sum = Totals::default();
    for run in runs.iter().map(|run| &run.totals) {
        plus!(
            sum,
            run,
            plugins_asked,
            plugins_connected,
            connects,
            reconnects,
            dropped_by_us,
            dropped_by_hub,
            ghosts,
            calls_intended,
            calls_started,
            calls_missed,
            ok,
            plugin_errors,
            timeouts,
            expected_failures,
            commands_received,
            commands_of_nobody,
            responses_sent,
            lost,
            crossed,
            answered_twice,
        );
        kinds(&mut sum.connect_failures, &run.connect_failures);
        kinds(&mut sum.errors, &run.errors);
        sum.pending_at_end = of_hub(sum.pending_at_end, run.pending_at_end, shared);
        sum.round_trip.add(&run.round_trip);
        sum.round_trip_actual.add(&run.round_trip_actual);
        sum.hub_overhead.add(&run.hub_overhead);
        sum.plugin_time.add(&run.plugin_time);
        sum.connect_time.add(&run.connect_time);
    }
    sum.collisions = collisions(runs);
    sum
}

/// A count of the hub: of one hub that all runs shared, the largest; else they add up.
fn of_hub(sum: Option<u64>, next: Option<u64>, shared: bool) -> Option<u64> {
    either_or_both(sum, next, if shared { u64::max } else { u64::saturating_add })
}

/// As [`of_hub`], for processor time.
fn cpu_of_hub(sum: Option<f64>, next: Option<f64>, shared: bool) -> Option<f64> {
    either_or_both(sum, next, if shared { f64::max } else { |sum, next| sum + next })
}

fn either_or_both<T>(one: Option<T>, other: Option<T>, both: fn(T, T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(both(one, other)),
        (one, other) => one.or(other),
    }
}

fn collisions(runs: &[LoadReport]) -> Collisions {
    let all = || runs.iter().map(|run| &run.totals.collisions);
    let scheme = joined(all().map(|of| of.scheme.as_str()), "\0");
    let known = all().map(|of| of.predicted).collect::<Option<Vec<_>>>().unwrap_or_default();
    Collisions {
        seen: sum_of(runs, |run| run.totals.collisions.seen),
        in_flight: sum_of(runs, |run| run.totals.collisions.in_flight),
        scheme: if scheme.contains('\0') { "unknown".to_owned() } else { scheme },
        predicted: known.into_iter().reduce(|one, other| one.and(&other)),
    }
}

fn actions(runs: &[LoadReport]) -> BTreeMap<String, ActionFigures> {
    let mut sums: BTreeMap<String, ActionFigures> = BTreeMap::new();
    for (name, figures) in runs.iter().flat_map(|run| &run.actions) {
        sums.entry(name.clone()).or_default().add(figures);
    }
    sums
}

fn seconds(runs: &[LoadReport], started: f64, shared: bool) -> Vec<Second> {
    let mut parts: Vec<(u64, &Second)> = Vec::new();
    for run in runs {
        let from = whole(run.started_unix_s - started);
        parts.extend(run.seconds.iter().map(|second| (from.saturating_add(second.at_s), second)));
    }
    parts.sort_by_key(|(at_s, _)| *at_s);
    let mut sums = Vec::new();
    for same in parts.chunk_by(|(one, _), (other, _)| one == other) {
        let mut sum = Second { at_s: same.first().map_or(0, |(at_s, _)| *at_s), ..Second::default() };
        for (_, second) in same {
            add_second(&mut sum, second, shared);
        }
        // One after the other: only one of them is ever unpacked.
        sum.round_trip.pack();
        sums.push(sum);
    }
    sums
}

fn add_second(sum: &mut Second, second: &Second, shared: bool) {
    if sum.phase != second.phase {
        let phases = [sum.phase.as_str(), second.phase.as_str()];
        sum.phase = joined(phases.into_iter().filter(|phase| !phase.is_empty()), ", ");
    }
    plus!(
        sum,
        second,
        connected,
        connects,
        connect_failures,
        drops,
        intended,
        started,
        missed,
        ok,
        plugin_errors,
        timeouts,
        errors,
        in_flight,
        crossed,
        lost,
        harness_rss_bytes,
    );
    sum.round_trip.add(&second.round_trip);
    sum.hub_rss_bytes = of_hub(sum.hub_rss_bytes, second.hub_rss_bytes, shared);
    sum.hub_cpu = cpu_of_hub(sum.hub_cpu, second.hub_cpu, shared);
    sum.harness_cpu += second.harness_cpu;
    sum.lag_max_ms = sum.lag_max_ms.max(second.lag_max_ms);
    sum.pending = of_hub(sum.pending, second.pending, shared);
}

fn findings(runs: &[LoadReport]) -> Vec<LoadFinding> {
    let mut sums: Vec<LoadFinding> = Vec::new();
    for finding in runs.iter().flat_map(|run| &run.findings) {
        match sums.iter_mut().find(|sum| sum.guarantee == finding.guarantee) {
            Some(sum) => plus!(sum, finding, count),
            None => sums.push(finding.clone()),
        }
    }
    sums
}

/// Bytes for each plugin over all runs: those of each, weighted by its plugins.
fn per_plugin(runs: &[LoadReport], bytes: impl Fn(&LoadReport) -> Option<u64>) -> Option<u64> {
    let known = runs.iter().filter_map(|run| Some((float(bytes(run)?), float(run.totals.plugins_connected))));
    let (sum, plugins) = known.fold((0.0, 0.0), |sum, (bytes, plugins)| (sum.0 + bytes * plugins, sum.1 + plugins));
    (plugins > 0.0).then(|| whole(sum / plugins))
}

fn harness(runs: &[LoadReport]) -> Harness {
    let mut sum = Harness::default();
    for (place, run) in runs.iter().enumerate() {
        let of = &run.harness;
        sum.lag.add(&of.lag);
        plus!(sum, of, missed, rss_peak_bytes, queue_overflows);
        sum.cpu_s += of.cpu_s;
        sum.cpu_share = sum.cpu_share.max(of.cpu_share);
        sum.queue_peak = sum.queue_peak.max(of.queue_peak);
        let invalid = run.result.word == LoadWord::Invalid && of.faults.is_empty();
        let faults = of.faults.iter().chain(run.result.reasons.iter().filter(|_| invalid));
        sum.faults.extend(faults.map(|fault| format!("run {}: {fault}", place + 1)));
        if invalid && run.result.reasons.is_empty() {
            sum.faults.push(format!("run {} is invalid", place + 1));
        }
    }
    sum.rss_per_plugin_bytes = per_plugin(runs, |run| run.harness.rss_per_plugin_bytes);
    sum
}

fn hub(runs: &[LoadReport], shared: bool) -> Option<HubFigures> {
    let mut sum: Option<HubFigures> = None;
    for of in runs.iter().filter_map(|run| run.hub.as_ref()) {
        let Some(sum) = &mut sum else {
            sum = Some(of.clone());
            continue;
        };
        sum.rss_bytes = of_hub(sum.rss_bytes, of.rss_bytes, shared);
        sum.rss_peak_bytes = of_hub(sum.rss_peak_bytes, of.rss_peak_bytes, shared);
        sum.cpu_s = cpu_of_hub(sum.cpu_s, of.cpu_s, shared);
    }
    let mut sum = sum?;
    sum.rss_per_plugin_bytes = per_plugin(runs, |run| run.hub.as_ref().and_then(|hub| hub.rss_per_plugin_bytes));
    Some(sum)
}
