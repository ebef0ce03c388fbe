//! What is drawn from the seed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hubproof::load::plan::Draw;
use proptest::prelude::*;

use super::profile;

const MIXED: &str = "
plugins = 100
first_user = 50
[[actions]]
action = 'VINTED_SYNC'
weight = 3
payload = '100B..200B'
answer = '1KiB'
[[actions]]
action = 'VINTED_DELETE'
";

#[test]
fn calls_go_to_all_users_and_ask_by_weight() {
    let draw = Draw::new(&profile(MIXED));
    let calls: Vec<_> = (0..20_000).map(|number| draw.call(number)).collect();
    let users: BTreeSet<u64> = calls.iter().map(|call| call.user).collect();
    assert_eq!(users, (50..150).collect());
    let syncs = calls.iter().filter(|call| call.action == 0).count();
    assert!(syncs.abs_diff(15_000) < 400, "{syncs} of 20000");
    for call in &calls {
        let (sizes, answer) = if call.action == 0 { (100..=200, 1024) } else { (200..=200, 200) };
        assert!(sizes.contains(&call.payload) && call.answer == answer, "{call:?}");
    }
}

#[test]
fn some_users_are_called_more_than_others_where_that_is_wanted() {
    let one = Draw::new(&profile("users = 'one 7'"));
    assert!((0..100).all(|number| one.call(number).user == 7));
    let hot = Draw::new(&profile("users = 'hot 10 80%'"));
    let in_part = (0..10_000).filter(|number| hot.call(*number).user <= 10).count();
    assert!(in_part.abs_diff(8000) < 250, "{in_part} of 10000");
    assert!((0..10_000).any(|number| hot.call(number).user == 100));
}

#[test]
fn every_behaviour_has_its_share_of_the_plugins_to_the_plugin() {
    let text = "plugins = 1000\nbehaviours = [{ what = 'answer', share = 0.9 }, { what = 'silent', share = '7.5%' }, \
        { what = 'late', share = 0.025 }]";
    let draw = Draw::new(&profile(text));
    let mut counts = BTreeMap::new();
    for plugin in 0..1000 {
        *counts.entry(draw.behaviour(plugin)).or_insert(0) += 1;
    }
    assert_eq!(counts, BTreeMap::from([(0, 900), (1, 75), (2, 25)]));
    let first: BTreeSet<usize> = (0..100).map(|plugin| draw.behaviour(plugin)).collect();
    assert!(first.len() > 1, "they are mixed");
}

#[test]
fn delays_lie_where_they_should_and_differ_by_plugin_and_call() {
    let draw = |delay: &str| Draw::new(&profile(&format!("behaviours = [{{ what = 'answer', delay = '{delay}' }}]")));
    assert_eq!(draw("20ms").delay(3, 9), Duration::from_millis(20));
    let uniform = draw("5ms..20ms");
    let delays: Vec<Duration> = (0..2000).map(|call| uniform.delay(call % 100, call)).collect();
    let ends = Duration::from_millis(5)..=Duration::from_millis(20);
    assert!(delays.iter().all(|delay| ends.contains(delay)));
    let mean = delays.iter().sum::<Duration>() / 2000;
    assert!(mean.abs_diff(Duration::from_micros(12_500)) < Duration::from_micros(500), "{mean:?}");
    assert_ne!(uniform.delay(1, 5), uniform.delay(2, 5));
    assert_ne!(uniform.delay(1, 5), uniform.delay(1, 6));
    let exponential = draw("exponential 10ms");
    let delays: Vec<Duration> = (0..4000).map(|call| exponential.delay(0, call)).collect();
    let mean = delays.iter().sum::<Duration>() / 4000;
    assert!(mean.abs_diff(Duration::from_millis(10)) < Duration::from_millis(1), "{mean:?}");
    assert!(delays.iter().all(|delay| *delay <= Duration::from_millis(100)));
}

#[test]
fn a_storm_drops_its_share_each_once_and_over_its_time() {
    let text = "plugins = 200\nstorms = [{ at = 1 }, { at = 2, share = '25%', spread = '2s' }]";
    let draw = Draw::new(&profile(text));
    let all = draw.storm(0);
    assert!(all.iter().all(|dropped| dropped.after.is_zero()));
    assert_eq!(all.iter().map(|dropped| dropped.plugin).collect::<BTreeSet<_>>(), (0..200).collect());
    let some = draw.storm(1);
    assert_eq!(some.len(), 50);
    assert_eq!(some.iter().map(|dropped| dropped.plugin).collect::<BTreeSet<_>>().len(), 50);
    assert!(some.is_sorted() && some.iter().all(|dropped| dropped.after <= Duration::from_secs(2)));
    assert!(some.iter().any(|dropped| dropped.after > Duration::from_secs(1)));
    assert!(draw.storm(2).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    /// What a call is follows from the seed and its number alone, whatever was asked before.
    #[test]
    fn the_same_seed_draws_the_same_whatever_the_order(seed in 0..i64::MAX as u64, mut numbers in prop::collection::vec(any::<u64>(), 1..20)) {
        let text = format!("seed = {seed}\n{MIXED}");
        let (one, other) = (Draw::new(&profile(&text)), Draw::new(&profile(&text)));
        let calls: BTreeMap<u64, _> = numbers.iter().map(|number| (*number, one.call(*number))).collect();
        numbers.reverse();
        for number in numbers {
            prop_assert_eq!(calls[&number], other.call(number));
            prop_assert_eq!(one.delay(number % 100, number), other.delay(number % 100, number));
        }
        prop_assert_eq!((0..100).map(|plugin| one.behaviour(plugin)).collect::<Vec<_>>(), (0..100).map(|plugin| other.behaviour(plugin)).collect::<Vec<_>>());
    }

    #[test]
    fn other_seeds_draw_other_calls(seed in 0..i64::MAX as u64 - 1) {
        let calls = |seed: u64| {
            let draw = Draw::new(&profile(&format!("seed = {seed}\n{MIXED}")));
            (0..50).map(|number| draw.call(number)).collect::<Vec<_>>()
        };
        prop_assert_ne!(calls(seed), calls(seed + 1));
    }
}
