//! The report: what is known when a run begins, and what is added when it is over.

use std::fs;
use std::thread::available_parallelism;

use super::engine::Engine;
use super::hub::Hub;
use crate::figures::{Asked, LoadReport, LoadWord, MachineFigures, SCHEMA};
use crate::load::machine::{bytes_of_memory, limits, said_in};
use crate::load::plan::arrivals;
use crate::load::profile::{Answers, Commands, Profile};

/// What is known when a run begins.
pub(super) fn begun(profile: &Profile, hub: &Hub, command: String) -> LoadReport {
    let asks = profile.commands != Commands::None;
    let calls = if asks { arrivals(&profile.rate, profile.duration, profile.seed).count() as u64 } else { 0 };
    let own = profile.answers == Answers::Own;
    let asked = Asked {
        plugins: if own { profile.plugins } else { 0 },
        connect_rate: profile.connect_rate,
        duration_s: profile.duration.as_secs_f64(),
        rate: profile.rate.to_string(),
        calls,
        timeout_s: profile.longest_timeout().as_secs_f64(),
        commands: if asks { "control" } else { "none" }.to_owned(),
        answers: if own { "own" } else { "others" }.to_owned(),
    };
    let mut report = LoadReport {
        schema: SCHEMA,
        hubproof: env!("CARGO_PKG_VERSION").to_owned(),
        profile: profile.name.clone(),
        seed: profile.seed,
        command,
        runs: 1,
        target: hub.figures.clone(),
        machine: machine(),
        asked,
        result: crate::figures::LoadResult::default(),
        partial: None,
        started_unix_s: 0.0,
        ran_s: 0.0,
        totals: crate::figures::Totals::default(),
        actions: std::collections::BTreeMap::new(),
        seconds: Vec::new(),
        thresholds: Vec::new(),
        findings: Vec::new(),
        harness: crate::figures::Harness::default(),
        hub: None,
    };
    report.totals.plugins_asked = report.asked.plugins;
    report
}

/// Adds what the run's thread ends with.
pub(super) fn ended(report: &mut LoadReport, ran: &mut Engine, hub: &Hub) {
    let so_far = ran.so_far();
    (report.totals, report.actions, report.findings) = (so_far.totals, so_far.actions, so_far.findings);
    for found in ran.sample.findings() {
        // What was judged over all calls is not judged over some of them again.
        if !report.findings.iter().any(|known| known.guarantee == found.guarantee) {
            report.findings.push(found);
        }
    }
    report.findings.sort_by(|one, other| one.guarantee.cmp(&other.guarantee));
    report.partial.clone_from(&ran.ended_early);
    let harness = &mut report.harness;
    harness.lag = so_far.lag;
    harness.missed = report.totals.calls_missed;
    #[expect(clippy::cast_precision_loss, reason = "no machine has 2^53 processors")]
    let could = report.ran_s * report.machine.cpus.max(1) as f64;
    harness.cpu_share = if could > 0.0 { (harness.cpu_s / could).min(1.0) } else { 0.0 };
    harness.rss_peak_bytes = ran.rss_peak;
    let grown = ran.rss_connected.map(|connected| connected.saturating_sub(ran.rss_before));
    harness.rss_per_plugin_bytes = grown.and_then(|grown| grown.checked_div(report.totals.plugins_connected));
    (harness.queue_peak, harness.queue_overflows) = (ran.tally.queue_peak, ran.tally.queue_overflows);
    report.hub = hub.figures();
}

/// Adds to the reasons what was said where things went wrong.
pub(super) fn explain(report: &mut LoadReport, ran: &Engine) {
    if report.result.word == LoadWord::Passed {
        return;
    }
    let totals = &report.totals;
    let missing = totals.plugins_connected < totals.plugins_asked && report.partial.is_none();
    if let Some(words) = ran.last_failure.as_ref().filter(|_| missing) {
        report.result.reasons.push(format!("connecting failed last with: {words}"));
    }
    if totals.errors_in_all() > totals.expected_failures {
        let seen = totals.errors.keys().filter_map(|kind| Some((kind, ran.tally.examples.get(kind)?)));
        let reasons = seen.map(|(kind, words)| format!("the first '{kind}' said: {words}"));
        report.result.reasons.extend(reasons);
    }
}

/// What the system says of this machine.
fn machine() -> MachineFigures {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").ok();
    MachineFigures {
        cpus: available_parallelism().map_or(1, std::num::NonZero::get) as u64,
        cpu_model: said_in("/proc/cpuinfo", "model name"),
        memory_bytes: bytes_of_memory("MemTotal"),
        open_files: limits().open_files,
        kernel: kernel.map(|kernel| format!("Linux {}", kernel.trim())),
    }
}
