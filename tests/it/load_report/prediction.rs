//! How many ids are to be expected twice: against the closed form, and against draws.

use hubproof::figures::{IdCounts, Predicted, Prediction};
use proptest::collection::vec;
use proptest::prelude::*;

use super::sample::Draws;

const IDS: u64 = 9_000;

fn of(buckets: &[u64]) -> Predicted {
    let mut prediction = Prediction::new();
    buckets.iter().for_each(|calls| prediction.add(*calls));
    prediction.predicted()
}

/// How often an id is drawn that was drawn before in its bucket.
fn drawn(buckets: &[u64], draws: &mut Draws) -> u64 {
    let mut repeated = 0;
    for calls in buckets {
        let mut seen = vec![false; usize::try_from(IDS).expect("small")];
        for _ in 0..*calls {
            let id = usize::try_from(draws.below(IDS)).expect("small");
            repeated += u64::from(std::mem::replace(&mut seen[id], true));
        }
    }
    repeated
}

#[test]
fn draws_lie_within_the_range_as_often_as_it_says() {
    let mixes: [&[u64]; 5] = [&[2; 400], &[50; 100], &[200; 20], &[1_000, 3_000, 40, 1], &[20_000]];
    for (number, buckets) in mixes.into_iter().enumerate() {
        let predicted = of(buckets);
        let mut draws = Draws::new(7 + number as u64);
        let (runs, mut outside, mut sum) = (400, 0, 0);
        for _ in 0..runs {
            let repeated = drawn(buckets, &mut draws);
            outside += u32::from(!predicted.contains(repeated));
            sum += repeated;
        }
        assert!(outside <= 1, "{outside} of {runs} runs lie outside {predicted:?}");
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let mean = sum as f64 / f64::from(runs);
        let deviation = predicted.variance.sqrt() / f64::from(runs).sqrt();
        assert!((mean - predicted.expected).abs() <= 5.0 * deviation, "{mean} is far from {predicted:?}");
    }
}

#[test]
fn the_mean_and_the_variance_are_those_of_the_closed_form() {
    let ids = 9_000_f64;
    for calls in [2_u32, 10, 150, 1_000, 9_000, 30_000] {
        let n = f64::from(calls);
        let (one, two) = ((n * (1.0 - 1.0 / ids).ln()).exp(), (n * (1.0 - 2.0 / ids).ln()).exp());
        let mean = n - ids * (1.0 - one);
        let variance = ids * (ids - 1.0) * two + ids * one - ids * ids * one * one;
        let predicted = of(&[u64::from(calls)]);
        assert!((predicted.expected - mean).abs() <= 1e-6 * mean.max(1.0), "{calls}: {} {mean}", predicted.expected);
        assert!(
            (predicted.variance - variance).abs() <= 1e-4 * variance.max(1.0),
            "{calls}: {} {variance}",
            predicted.variance
        );
    }
}

#[test]
fn calls_that_cannot_collide_are_not_expected_to() {
    for buckets in [&[][..], &[0], &[1, 1, 1, 1]] {
        let predicted = of(buckets);
        assert_eq!((predicted.low, predicted.high), (0, 0), "{buckets:?}");
        assert!(predicted.expected.abs() < 1e-12 && predicted.contains(0) && !predicted.contains(1));
    }
}

#[test]
fn a_bucket_beyond_all_measure_takes_no_memory_and_is_still_told() {
    let predicted = of(&[u64::MAX]);
    assert!(predicted.expected > 1e19, "{predicted:?}");
}

#[test]
fn an_id_that_comes_too_late_is_counted_as_that() {
    let mut ids = IdCounts::new(100);
    ids.observe(1, 1_000);
    ids.observe(1, 2_000);
    ids.observe(1, 1_000);
    assert_eq!(ids.late(), 1);
    assert_eq!(ids.predicted(), of(&[1, 1]));
}

proptest! {
    #[test]
    fn the_order_of_ids_within_the_window_does_not_matter(ids in vec((0_u64..3, 0_u64..20), 0..60)) {
        let count = |ids: &[(u64, u64)]| {
            let mut counts = IdCounts::new(20);
            ids.iter().for_each(|(user, ms)| counts.observe(*user, 1_000 + ms));
            (counts.predicted(), counts.late())
        };
        let mut sorted = ids.clone();
        sorted.sort_by_key(|(user, ms)| (*ms, *user));
        let ((one, late), (other, _)) = (count(&ids), count(&sorted));
        prop_assert_eq!(late, 0);
        prop_assert!((one.expected - other.expected).abs() < 1e-9 && (one.low, one.high) == (other.low, other.high));
    }

    #[test]
    fn two_predictions_are_as_one_of_all_buckets(one in vec(0_u64..400, 0..20), other in vec(0_u64..400, 0..20)) {
        let (both, all) = (of(&one).and(&of(&other)), of(&[one, other].concat()));
        prop_assert!((both.expected - all.expected).abs() < 1e-9 && (both.variance - all.variance).abs() < 1e-9);
        prop_assert!(both.low.abs_diff(all.low) <= 1 && both.high.abs_diff(all.high) <= 1);
    }

    #[test]
    fn the_mean_lies_in_the_range(buckets in vec(0_u64..2_000, 0..20)) {
        let predicted = of(&buckets);
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let (low, high) = (predicted.low as f64, predicted.high as f64);
        prop_assert!(low <= predicted.expected.ceil() && predicted.expected.floor() <= high, "{:?}", predicted);
    }
}
