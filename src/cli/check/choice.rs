//! Which scenarios there are, and which of them are meant.

use std::sync::Arc;

use super::Arguments;
use crate::cli::Failure;
use crate::gherkin::{Case, Choice, FeatureError, features, folder};

/// Every scenario there is: the built-in ones, or those of the user's own features.
pub(super) fn all(arguments: &Arguments) -> Result<Vec<Case>, Failure> {
    let mut cases = match &arguments.features {
        Some(folder) => folder::below(folder).map_err(|error| own(&error))?,
        None => features::embedded()?,
    };
    if let Some(folder) = &arguments.behaviours {
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
pub(super) fn has_own(arguments: &Arguments) -> bool {
    arguments.features.is_some() || arguments.behaviours.is_some()
}

/// What is wrong with features of the user's own.
pub(super) fn own(error: &FeatureError) -> Failure {
    Failure::Usage(error.to_string())
}

/// What the command line chooses among all scenarios.
pub(super) fn choice(arguments: &Arguments, all: &[Case]) -> Result<Choice, Failure> {
    let mut choice = Choice {
        names: arguments.name.clone(),
        tags: arguments.tags.clone(),
        guarantees: arguments.guarantee.clone(),
        addresses: Vec::new(),
    };
    for given in &arguments.addresses {
        let of = |case: &&Case| {
            case.address.eq_ignore_ascii_case(given) || case.judges.to_string().eq_ignore_ascii_case(given)
        };
        let meant: Vec<String> = all.iter().filter(of).map(|case| case.address.clone()).collect();
        if meant.is_empty() {
            let area = given.split('-').next().unwrap_or_default().to_uppercase();
            let near: Vec<&str> = all
                .iter()
                .map(|case| case.address.as_str())
                .filter(|address| address.starts_with(&format!("{area}-")))
                .collect();
            let hint = if near.is_empty() {
                "'hubproof check --list' shows all there are".to_owned()
            } else {
                format!("there are {}", near.join(", "))
            };
            return Err(Failure::NothingSelected(format!("no scenario has the address '{given}': {hint}")));
        }
        choice.addresses.extend(meant);
    }
    Ok(choice)
}

/// The scenarios, a line each.
pub(super) fn list(cases: &[Case]) -> String {
    let line = |case: &Case| {
        let level = case.judges.guarantee().map_or("", |row| row.level.name());
        format!("{:<9} {level:<11} {}\n", case.address, case.title)
    };
    cases.iter().map(line).collect()
}
