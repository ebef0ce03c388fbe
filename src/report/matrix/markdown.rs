//! As a document: `docs/variants.md`. The same bytes for the same hubs, whatever the machine.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Matrix, Trial};
use crate::contract::catalogue::CATALOGUE;
use crate::contract::guarantee::{Area, GuaranteeId};
use crate::hub::Seen;

/// The matrix as a document.
#[must_use]
pub fn markdown(matrix: &Matrix) -> String {
    let mut text = "# The variants\n\n\
        Printed by `hubproof variants --format markdown`, which runs each of them through every scenario. A variant is the reference \
        hub with one thing wrong, on purpose; `hubproof check --variant NAME` shows what it is accused of. The run has to see just \
        these guarantees broken, and the reference hub has to be accused of nothing. Behind a guarantee stands the first scenario \
        that saw it broken, and of how many.\n"
        .to_owned();
    let variants: Vec<&Trial> = matrix.trials.iter().filter(|trial| trial.variant.is_some()).collect();
    for area in Area::ALL {
        let of_area: Vec<&&Trial> =
            variants.iter().filter(|trial| trial.breaks().first().is_some_and(|id| id.area == area)).collect();
        if of_area.is_empty() {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = write!(text, "\n## {}: {}\n\n", area.code(), area.title());
        text.push_str("| variant | what it does | seen in | broken |\n|---|---|---|---|\n");
        for trial in of_area {
            text.push_str(&row(trial));
        }
    }
    text.push_str(&by_guarantee(&variants));
    let reference = matrix.trials.iter().filter(|trial| trial.variant.is_none());
    text.push_str("\n## The reference hub\n\n");
    for trial in reference {
        let seen = if trial.broken.is_empty() {
            "nothing was seen broken".to_owned()
        } else {
            format!("broken: {}", cells(trial))
        };
        let where_to = if trial.live { "Over real sockets" } else { "In virtual time" };
        let _ = writeln!(text, "{where_to}, {} scenarios: {seen}.", trial.ended());
    }
    text
}

fn row(trial: &Trial) -> String {
    let Some(variant) = trial.variant else { return String::new() };
    let seen = match variant.seen {
        Seen::Both => "sim and live",
        Seen::Sim => "sim",
        Seen::Live => "live",
    };
    format!("| `{}` | {} | {seen} | {} |\n", variant.name, variant.what.replace('|', "\\|"), cells(trial))
}

/// What was seen broken: what the variant is meant to break first, then in the order in which it names it, then all else.
fn cells(trial: &Trial) -> String {
    let ids = trial.caught().into_iter().chain(trial.beyond());
    let cell = |id: GuaranteeId| {
        let first = trial.first(id).unwrap_or_default();
        // How many see it may depend on the machine where the clock is a real one.
        let count = trial.broken.get(&id).map_or(0, Vec::len);
        if trial.live || count < 2 { format!("{id} ({first})") } else { format!("{id} ({first}, of {count})") }
    };
    ids.map(cell).collect::<Vec<_>>().join(", ")
}

fn by_guarantee(trials: &[&Trial]) -> String {
    let mut breakers: BTreeMap<GuaranteeId, Vec<String>> = BTreeMap::new();
    for trial in trials {
        for id in trial.broken.keys() {
            breakers.entry(*id).or_default().push(format!("`{}`", trial.name()));
        }
    }
    let mut text = "\n## By guarantee\n\n| guarantee | level | broken by |\n|---|---|---|\n".to_owned();
    for row in CATALOGUE {
        if let Some(names) = breakers.get(&row.id) {
            let _ = writeln!(text, "| {} | {} | {} |", row.id, row.level.name(), names.join(", "));
        }
    }
    text
}
