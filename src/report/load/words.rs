//! What several reports say of the same figures.

use std::fmt::Write as _;

use crate::figures::units::{bytes, count, counted, digits, rate, seconds, share};
use crate::figures::{Collisions, LoadReport, LoadWord, TargetFigures};

/// The hub, in a line.
pub(super) fn target(target: &TargetFigures) -> String {
    // Writing to a String cannot fail.
    let mut text = if target.name.is_empty() { "an unnamed hub".to_owned() } else { target.name.clone() };
    if let Some(version) = &target.version {
        let _ = write!(text, " {version}");
    }
    if let Some(variant) = &target.variant {
        let _ = write!(text, ", variant {variant}");
    }
    text
}

/// What was asked for, in a line.
pub(super) fn asked(report: &LoadReport) -> String {
    let asked = &report.asked;
    let plugins = if asked.answers == "others" {
        "plugins of others".to_owned()
    } else {
        format!("{}, {} at the most", counted(asked.plugins, "plugin"), rate(asked.connect_rate))
    };
    let calls = if asked.commands == "none" {
        format!("no calls of ours for {}", seconds(asked.duration_s))
    } else {
        let arrivals =
            asked.rate.parse().map_or_else(|_| asked.rate.clone(), |per_s| format!("constant {}", rate(per_s)));
        format!("{arrivals} for {}, {}", seconds(asked.duration_s), counted(asked.calls, "call"))
    };
    let runs = if report.runs > 1 { format!("{}, ", counted(report.runs, "run")) } else { String::new() };
    format!("{runs}{plugins}; {calls}")
}

/// Which ids were handed out again, and how many the scheme gives.
pub(super) fn collisions(collisions: &Collisions) -> String {
    let seen = match (collisions.seen, collisions.in_flight) {
        (0, _) => "none handed out again".to_owned(),
        (seen, 0) => format!("{} handed out again", count(seen)),
        (seen, in_flight) => format!("{} handed out again, {} of them in flight", count(seen), count(in_flight)),
    };
    match &collisions.predicted {
        None => format!("{seen}; nothing to compare that with"),
        Some(of) if of.high == 0 => format!("{seen}; drawn without a look it would be none as well"),
        Some(of) => format!(
            "{seen}; drawn without a look it would be {}, and {} in {} of all runs",
            digits(of.expected),
            if of.low == of.high { count(of.low) } else { format!("{} to {}", count(of.low), count(of.high)) },
            share(of.level)
        ),
    }
}

/// Bytes, if they are known.
pub(super) fn size(size: Option<u64>) -> String {
    size.map_or_else(|| "unknown".to_owned(), |size| bytes(crate::figures::number::float(size)))
}

/// The machine, in a line.
pub(super) fn machine(report: &LoadReport) -> String {
    let machine = &report.machine;
    let mut parts = vec![counted(machine.cpus, "processor")];
    parts.extend(machine.cpu_model.clone());
    parts.extend(machine.memory_bytes.map(|_| format!("{} of memory", size(machine.memory_bytes))));
    parts.extend(machine.open_files.map(|files| format!("{} open files", count(files))));
    parts.extend(machine.kernel.clone());
    parts.join(", ")
}

/// What the word means.
pub(super) const fn meaning(word: LoadWord) -> &'static str {
    match word {
        LoadWord::Passed => "everything that was asked for was there and held",
        LoadWord::Failed => "not everything held",
        LoadWord::Invalid => "the harness was at its own limits: nothing can be told of the hub",
        LoadWord::Partial => "what was seen until then held",
    }
}

/// Calls that did not get their plugin's answer, and connections that failed: by kind, the most frequent first.
pub(super) fn errors(report: &LoadReport) -> Vec<(String, u64, &'static str)> {
    let totals = &report.totals;
    let mut errors: Vec<(String, u64, &'static str)> = Vec::new();
    errors.push(("timeouts".to_owned(), totals.timeouts, "calls that the hub ended for want of an answer"));
    errors.push(("plugin errors".to_owned(), totals.plugin_errors, "failures that a plugin answered"));
    errors.extend(totals.errors.iter().map(|(kind, count)| (kind.clone(), *count, "calls that ended so")));
    let connecting = totals.connect_failures.iter();
    errors.extend(connecting.map(|(kind, count)| (format!("connecting: {kind}"), *count, "attempts to connect")));
    errors.retain(|(_, count, _)| *count > 0);
    errors.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    errors
}
