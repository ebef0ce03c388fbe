//! Features.

use std::collections::BTreeSet;

use hubproof::gherkin::{check_steps, features};

use super::{assert_within, position};

const FILE: &str = "a.feature";

/// A feature file: an error and a scenario stand at a line of it, and addresses are given once.
pub(crate) fn feature(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match features::cases(&[(FILE.to_owned(), text)]) {
        Ok(cases) => {
            let addresses: BTreeSet<&str> = cases.iter().map(|case| case.address.as_str()).collect();
            assert_eq!(addresses.len(), cases.len());
            for case in &cases {
                assert_within(text, position(&case.place, FILE));
                assert_eq!(case.alone().scenarios.len(), 1);
            }
        }
        Err(error) => assert_within(text, position(&error.place, FILE)),
    }
}

/// The steps of a scenario, with what stands below them: what cannot be carried out is said before anything is, and where.
pub(crate) fn step(data: &[u8]) {
    let Ok(steps) = std::str::from_utf8(data) else { return };
    let text = format!("Feature: A\n@judges:CORR-1\nScenario: B\n{steps}");
    let checked = features::cases(&[(FILE.to_owned(), &text)]).and_then(|cases| check_steps(&cases));
    if let Err(error) = checked {
        assert_within(&text, position(&error.place, FILE));
    }
}
