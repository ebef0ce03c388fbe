//! Which scenarios there are, and which of them are meant.

use std::sync::Arc;

use super::Arguments;
use super::aim::Aim;
use crate::cli::Failure;
use crate::contract::guarantee::GuaranteeId;
use crate::contract::nearest::nearest;
use crate::gherkin::{Case, Choice, FeatureError, Tags, features, folder};

/// Every scenario there is: the built-in ones, or those of the user's own features.
pub(in crate::cli) fn all(aim: &Aim) -> Result<Vec<Case>, Failure> {
    let mut cases = match &aim.features {
        Some(folder) => folder::below(folder).map_err(|error| own(&error))?,
        None => features::embedded()?,
    };
    if let Some(folder) = &aim.behaviours {
        // Every case of a run has the same ones.
        let mut behaviours = cases.first().map(|case| (*case.behaviours).clone()).unwrap_or_default();
        behaviours.add(folder).map_err(|error| own(&error))?;
        let behaviours = Arc::new(behaviours);
        for case in &mut cases {
            case.behaviours = Arc::clone(&behaviours);
        }
    }
    Ok(cases)
}

/// Whether something of the user's own is run, so that a transcript that differs is no fault of hubproof's.
pub(in crate::cli) fn has_own(aim: &Aim) -> bool {
    aim.features.is_some() || aim.behaviours.is_some()
}

/// What is wrong with features of the user's own.
pub(in crate::cli) fn own(error: &FeatureError) -> Failure {
    Failure::Usage(error.to_string())
}

/// What the command line chooses among all scenarios.
pub(in crate::cli) fn choice(arguments: &Arguments, all: &[Case]) -> Result<Choice, Failure> {
    let mut choice = Choice {
        names: arguments.name.clone(),
        tags: arguments.tags.clone(),
        guarantees: arguments.guarantee.clone(),
        addresses: Vec::new(),
    };
    for given in &arguments.addresses {
        choice.addresses.extend(meant(given, all)?);
    }
    Ok(choice)
}

/// The addresses that one given on the command line stands for: itself, or all of a guarantee.
pub(in crate::cli) fn meant(given: &str, all: &[Case]) -> Result<Vec<String>, Failure> {
    let of =
        |case: &&Case| case.address.eq_ignore_ascii_case(given) || case.judges.to_string().eq_ignore_ascii_case(given);
    let meant: Vec<String> = all.iter().filter(of).map(|case| case.address.clone()).collect();
    if meant.is_empty() {
        return Err(Failure::NothingSelected(no_such(given, all)));
    }
    Ok(meant)
}

/// Why nothing is found under an address, with what there is near it.
fn no_such(given: &str, all: &[Case]) -> String {
    let upper = given.to_uppercase();
    if let Some(id) = upper.parse::<GuaranteeId>().ok().filter(|id| !all.iter().any(|case| case.judges == *id)) {
        return format!("no scenario judges {id}: 'hubproof check --list' shows all there are");
    }
    let (id, area) = (upper.split('.').next().unwrap_or_default(), upper.split('-').next().unwrap_or_default());
    let beginning_with = |beginning: String| -> Vec<&str> {
        let addresses = all.iter().map(|case| case.address.as_str());
        addresses.filter(|address| address.starts_with(&beginning)).collect()
    };
    let near = [format!("{id}."), format!("{area}-")].into_iter().map(beginning_with).find(|near| !near.is_empty());
    let slip = || nearest(&upper, all.iter().map(|case| case.address.as_str()));
    let hint = match near {
        Some(near) => format!("there are {}", near.join(", ")),
        None => slip().map_or_else(|| EVERY.to_owned(), |near| format!("did you mean {near}? {EVERY}")),
    };
    format!("no scenario has the address '{given}': {hint}")
}

const EVERY: &str = "'hubproof check --list' shows all there are";

/// What is said where the filters leave nothing of these cases.
pub(in crate::cli) fn nothing(arguments: &Arguments, all: &[Case]) -> String {
    let tags = arguments.tags.iter().flat_map(Tags::named);
    let unknown: Vec<&str> = tags.filter(|tag| !all.iter().any(|case| case.tags.iter().any(|of| of == tag))).collect();
    match unknown.as_slice() {
        [] => format!("no scenario fits: {EVERY}"),
        [first, ..] => format!("no scenario fits, and none has the tag @{first}: {EVERY}"),
    }
}

/// The scenarios, a line each.
pub(in crate::cli) fn list(cases: &[Case]) -> String {
    let line = |case: &Case| {
        let level = case.judges.guarantee().map_or("", |row| row.level.name());
        format!("{:<9} {level:<11} {}\n", case.address, case.title)
    };
    cases.iter().map(line).collect()
}
