//! The intended starts of calls.

use std::time::Duration;

use hubproof::load::plan::arrivals;
use hubproof::load::profile::Rate;
use proptest::prelude::*;

fn float(number: usize) -> f64 {
    u32::try_from(number).map(f64::from).expect("no more calls than that")
}

fn starts(rate: &str, seconds: f64) -> Vec<f64> {
    let rate: Rate = rate.parse().expect("a rate");
    arrivals(&rate, Duration::from_secs_f64(seconds), 1).map(|at| at.as_secs_f64()).collect()
}

#[test]
fn a_constant_rate_comes_evenly_and_begins_at_once() {
    assert_eq!(starts("4", 1.0), [0.0, 0.25, 0.5, 0.75]);
    assert_eq!(starts("0.5", 5.0), [0.0, 2.0, 4.0]);
    assert_eq!(starts("none", 5.0), [0.0; 0]);
}

#[test]
fn a_ramp_comes_closer_and_closer() {
    let up = starts("ramp 0..8", 2.0);
    let half = |calls: f64| (calls / 2.0).sqrt();
    assert_eq!(up.len(), 8);
    for (number, at) in (0_u32..).zip(&up) {
        assert!((at - half(f64::from(number))).abs() < 1e-6, "{number}: {at}");
    }
    let down = starts("ramp 8..0", 2.0);
    assert_eq!(down.len(), 8);
    assert!(down[1] - down[0] < down[7] - down[6], "{down:?}");
}

#[test]
fn steps_and_spikes_change_at_their_times() {
    assert_eq!(starts("steps 2:1s, 4:1s", 2.0), [0.0, 0.5, 1.0, 1.25, 1.5, 1.75]);
    assert_eq!(starts("spike 1..4 at 2s for 1s", 4.0), [0.0, 1.0, 2.0, 2.25, 2.5, 2.75, 3.0]);
    assert_eq!(starts("spike 0..2 at 2s for 1s", 4.0), [2.0, 2.5]);
}

#[test]
fn bursts_come_at_one_instant_each() {
    assert_eq!(starts("bursts 3 every 1s", 2.0), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    assert_eq!(starts("bursts 2 every 5s", 2.0), [0.0, 0.0]);
}

#[test]
fn random_arrivals_have_their_rate_and_their_spread() {
    let starts = starts("poisson 1000", 100.0);
    // The number of calls has the deviation sqrt(100,000) = 316.
    assert!(starts.len().abs_diff(100_000) < 1600, "{}", starts.len());
    let gaps: Vec<f64> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let longer = gaps.iter().filter(|gap| **gap > 0.001).count();
    // Of exponential gaps one in e is longer than their mean.
    assert!(longer.abs_diff(gaps.len() * 368 / 1000) < gaps.len() / 50, "{longer} of {}", gaps.len());
}

/// Any rate, as a text, with a duration that it fits.
fn any_rate() -> impl Strategy<Value = (Rate, Duration)> {
    let per_s = 0.5..2000.0_f64;
    let seconds = 0.1..8.0_f64;
    let rate = prop_oneof![
        per_s.clone().prop_map(|per_s| Rate::Constant { per_s }),
        per_s.clone().prop_map(|per_s| Rate::Poisson { per_s }),
        (0.0..2000.0_f64, 0.5..2000.0_f64).prop_map(|(from, to)| Rate::Ramp { from, to }),
        (0.5..2000.0_f64, 0.0..2000.0_f64).prop_map(|(from, to)| Rate::Ramp { from, to }),
        (0.0..500.0_f64, per_s).prop_map(|(base, peak)| Rate::Spike {
            base,
            peak,
            at: Duration::from_millis(20),
            lasts: Duration::from_millis(60),
        }),
        (1..200_u64, 1..900_u64)
            .prop_map(|(calls, millis)| Rate::Bursts { calls, every: Duration::from_millis(millis) }),
    ];
    let steps = prop::collection::vec((0.5..2000.0_f64, 1..2000_u64), 1..6).prop_map(|steps| {
        let step = |(per_s, millis)| hubproof::load::profile::Step { per_s, lasts: Duration::from_millis(millis) };
        let rate = Rate::Steps { steps: steps.into_iter().map(step).collect() };
        let lasts = rate.lasts().expect("steps last");
        (rate, lasts)
    });
    prop_oneof![6 => (rate, seconds.prop_map(Duration::from_secs_f64)), 1 => steps]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// As many as the rate says over its time, in order, all within it; and the same seed gives the same.
    #[test]
    fn calls_come_in_order_and_as_many_as_the_rate_says((rate, duration) in any_rate(), seed: u64) {
        let starts: Vec<Duration> = arrivals(&rate, duration, seed).collect();
        prop_assert!(starts.is_sorted());
        prop_assert!(starts.last().is_none_or(|last| *last < duration));
        let wanted = rate.calls_in(duration);
        let error = (float(starts.len()) - wanted).abs();
        // Drawn ones vary by the root of their number; six times that is one chance in a billion.
        let most = if matches!(rate, Rate::Poisson { .. }) { 6.0 * wanted.sqrt() + 6.0 } else { 1.0 };
        prop_assert!(error <= most, "{} instead of {wanted}", starts.len());
        prop_assert_eq!(starts, arrivals(&rate, duration, seed).collect::<Vec<_>>());
    }

    /// At any time as many have come as the rate has brought until then.
    #[test]
    fn at_any_time_the_rate_has_been_kept((rate, duration) in any_rate(), share in 0.0..1.0_f64) {
        prop_assume!(!matches!(rate, Rate::Poisson { .. } | Rate::Bursts { .. } | Rate::Steps { .. } | Rate::Spike { .. }));
        let until = duration.mul_f64(share);
        let come = float(arrivals(&rate, duration, 1).take_while(|at| *at < until).count());
        let wanted = match rate {
            Rate::Ramp { from, to } => {
                let there = from + (to - from) * share;
                f64::midpoint(from, there) * until.as_secs_f64()
            }
            _ => rate.calls_in(until),
        };
        prop_assert!((come - wanted).abs() <= 1.001, "{} instead of {}", come, wanted);
    }

    /// A longer run begins as a shorter one does, where its rate does not depend on its length.
    #[test]
    fn a_longer_run_begins_as_a_shorter_one(per_s in 1.0..500.0_f64, seed: u64, shorter in 0.1..2.0_f64) {
        let (short, long) = (Duration::from_secs_f64(shorter), Duration::from_secs_f64(shorter + 1.0));
        let bursts = Rate::Bursts { calls: 7, every: Duration::from_secs_f64(1.0 / per_s) };
        for rate in [Rate::Poisson { per_s }, Rate::Constant { per_s }, bursts] {
            let starts: Vec<Duration> = arrivals(&rate, short, seed).collect();
            let same: Vec<Duration> = arrivals(&rate, long, seed).take(starts.len()).collect();
            prop_assert_eq!(&starts, &same);
            prop_assert!(arrivals(&rate, long, seed).nth(starts.len()).is_none_or(|next| next >= short));
        }
    }

    #[test]
    fn other_seeds_draw_other_times(seed: u64) {
        let rate = Rate::Poisson { per_s: 100.0 };
        let starts = |seed| arrivals(&rate, Duration::from_secs(1), seed).collect::<Vec<_>>();
        prop_assert_ne!(starts(seed), starts(seed.wrapping_add(1)));
    }
}
