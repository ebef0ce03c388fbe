//! Hubs that are broken on purpose: each is caught, and each checker is broken by some variant.
//!
//! Here each variant runs through the scenarios that docs/variants.md names as the first to catch it. That none is accused of
//! more by any other scenario is what `hubproof variants` proves, which also writes that document.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hubproof::checker::Bench;
use hubproof::contract::guarantee::GuaranteeId;
use hubproof::gherkin::Case;
use hubproof::hub::{Seen, VARIANTS};

use crate::support::{Ends, cases, config, run_live, run_sim};

/// Every guarantee that a run saw broken, with the addresses of the scenarios that saw it.
fn broken(ends: &Ends) -> BTreeMap<GuaranteeId, Vec<String>> {
    let mut broken: BTreeMap<GuaranteeId, Vec<String>> = BTreeMap::new();
    for (end, _) in ends {
        for verdict in end.broken() {
            broken.entry(verdict.id).or_default().push(end.address.clone());
        }
    }
    broken
}

/// What docs/variants.md says of each variant: the guarantees that are broken, each with the first scenario that sees it.
fn documented() -> BTreeMap<String, BTreeMap<GuaranteeId, String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/variants.md");
    let text = std::fs::read_to_string(path).expect("docs/variants.md is there");
    let rows = text.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("| `")?.split_once("` |")?;
        Some((name.to_owned(), rest.trim_end_matches(" |").rsplit_once("| ")?.1))
    });
    let cell = |cell: &str| {
        let (id, rest) = cell.trim_end_matches(')').split_once(" (")?;
        Some((id.parse().ok()?, rest.split(',').next()?.to_owned()))
    };
    rows.map(|(name, cells)| (name, cells.split("), ").filter_map(cell).collect())).collect()
}

/// In how many tests the variants are run, so that these run side by side.
const PARTS: usize = 2;

fn assert_caught_by_the_first(part: usize) {
    let (cases, documented) = (cases(), documented());
    let mut wrong = Vec::new();
    for variant in VARIANTS.iter().skip(part).step_by(PARTS) {
        let Some(firsts) = documented.get(variant.name) else {
            wrong.push(format!("{}: it is not there", variant.name));
            continue;
        };
        let chosen: Vec<Case> =
            cases.iter().filter(|case| firsts.values().any(|first| *first == case.address)).cloned().collect();
        let run = if variant.seen == Seen::Live { run_live } else { run_sim };
        let seen = broken(&run(&chosen, &config(1, Some(variant))));
        let expected: BTreeSet<GuaranteeId> = variant.breaks.iter().copied().collect();
        let caught: BTreeSet<GuaranteeId> = seen.keys().copied().collect();
        if caught != expected {
            wrong.push(format!("{}: expected {expected:?}, caught {seen:?} in {firsts:?}", variant.name));
        }
    }
    let again = "if docs/variants.md is old, run: cargo run --release -- variants --format markdown > docs/variants.md";
    assert!(wrong.is_empty(), "{}\n{again}", wrong.join("\n"));
}

#[test]
fn every_variant_of_the_first_half_is_caught_by_the_scenarios_that_the_document_names() {
    assert_caught_by_the_first(0);
}

#[test]
fn every_variant_of_the_second_half_is_caught_by_the_scenarios_that_the_document_names() {
    assert_caught_by_the_first(1);
}

#[test]
fn the_document_names_no_variant_that_is_none() {
    let known: BTreeSet<String> = VARIANTS.iter().map(|variant| variant.name.to_owned()).collect();
    assert_eq!(documented().into_keys().collect::<BTreeSet<_>>(), known);
}

#[test]
fn every_checker_is_broken_by_some_variant() {
    let breakable: BTreeSet<GuaranteeId> = VARIANTS.iter().flat_map(|variant| variant.breaks).copied().collect();
    let unproven: Vec<String> = Bench::judged().difference(&breakable).map(ToString::to_string).collect();
    assert!(unproven.is_empty(), "no variant breaks {}", unproven.join(", "));
}

#[test]
fn the_reference_hub_is_never_accused_whatever_the_seed() {
    let cases = cases();
    for seed in 0..20 {
        assert_eq!(broken(&run_sim(&cases, &config(seed, None))), BTreeMap::new(), "seed {seed}");
    }
}
