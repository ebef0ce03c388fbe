//! Hubs that are broken on purpose: each is caught at just what it breaks, and each checker is broken by some variant.

use std::collections::{BTreeMap, BTreeSet};

use hubproof::checker::Bench;
use hubproof::contract::guarantee::GuaranteeId;
use hubproof::hub::VARIANTS;

use crate::support::{Ends, cases, config, run_sim};

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

/// In how many tests the variants are run, so that these run side by side.
const PARTS: usize = 4;

fn assert_caught_at_just_what_they_break(part: usize) {
    let cases = cases();
    let mut wrong = Vec::new();
    for variant in VARIANTS.iter().skip(part).step_by(PARTS) {
        let seen = broken(&run_sim(&cases, &config(1, Some(variant))));
        let expected: BTreeSet<GuaranteeId> = variant.breaks.iter().copied().collect();
        let caught: BTreeSet<GuaranteeId> = seen.keys().copied().collect();
        if caught != expected {
            wrong.push(format!("{}: expected {expected:?}, caught {seen:?}", variant.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_variant_of_the_first_part_is_caught_at_just_what_it_breaks() {
    assert_caught_at_just_what_they_break(0);
}

#[test]
fn every_variant_of_the_second_part_is_caught_at_just_what_it_breaks() {
    assert_caught_at_just_what_they_break(1);
}

#[test]
fn every_variant_of_the_third_part_is_caught_at_just_what_it_breaks() {
    assert_caught_at_just_what_they_break(2);
}

#[test]
fn every_variant_of_the_last_part_is_caught_at_just_what_it_breaks() {
    assert_caught_at_just_what_they_break(PARTS - 1);
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
