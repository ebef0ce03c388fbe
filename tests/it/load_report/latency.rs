//! Histograms of durations: how exact they are, what packing and JSON keep, and what is no histogram.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hubproof::figures::Latency;
use proptest::collection::vec;
use proptest::prelude::*;

fn of(us: &[u64]) -> Latency {
    let mut latency = Latency::new();
    us.iter().for_each(|us| latency.record(Duration::from_micros(*us)));
    latency
}

#[test]
fn nothing_recorded_has_no_figures_and_says_so_in_json() {
    let nothing = Latency::new();
    assert!(nothing.is_empty());
    assert_eq!((nothing.at(0.5), nothing.max(), nothing.mean(), nothing.count()), (None, None, None, 0));
    let json = serde_json::to_string(&nothing).expect("json");
    assert_eq!(
        json,
        r#"{"count":0,"min_ms":null,"mean_ms":null,"p50_ms":null,"p90_ms":null,"p95_ms":null,"p99_ms":null,"p99_9_ms":null,"max_ms":null,"hdr":""}"#
    );
    assert_eq!(serde_json::from_str::<Latency>(&json).expect("read back"), nothing);
}

#[test]
fn quantiles_are_those_of_the_sorted_durations() {
    let latency = of(&(1..=1_000).collect::<Vec<_>>());
    let at = |quantile| latency.at(quantile).map(|at| at.as_micros());
    assert_eq!([at(0.0), at(0.5), at(0.99), at(0.999), at(1.0)], [1, 500, 990, 999, 1_000].map(Some));
    assert_eq!(latency.several(&[0.5, 1.0]), Some(vec![Duration::from_micros(500), Duration::from_micros(1_000)]));
    assert_eq!(latency.mean(), Some(Duration::from_nanos(500_500)));
}

#[test]
fn more_than_a_day_counts_as_a_day() {
    let latency = of(&[u64::MAX]);
    let longest = latency.max().expect("one was recorded");
    assert!((86_400..86_500).contains(&longest.as_secs()), "{longest:?}");
}

#[test]
fn what_is_no_histogram_is_told_so() {
    let error = |text: &str| Latency::from_hdr(text).expect_err("an error").to_string();
    assert!(error("%").starts_with("a histogram has to be base64: "), "{}", error("%"));
    assert_eq!(error("AAAA"), "these bytes are no HDR histogram (V2, deflated): it is cut off");
    assert_eq!(error("AAAAAA=="), "these bytes are no HDR histogram (V2, deflated): it begins otherwise");
    // 40 bytes of header that claim four thousand million bytes of counts
    let mut bytes = vec![0_u8; 40];
    bytes[..8].copy_from_slice(&[0x1c, 0x84, 0x93, 0x13, 0xff, 0xff, 0xff, 0xff]);
    let claim = BASE64_STANDARD.encode(&bytes);
    assert_eq!(error(&claim), "these bytes are no HDR histogram (V2, deflated): its length is not what it says");
    let json = r#"{"hdr":"AAAA"}"#;
    assert!(serde_json::from_str::<Latency>(json).is_err());
}

proptest! {
    #[test]
    fn a_duration_is_kept_to_a_thousandth(us in 0_u64..80_000_000_000) {
        let kept = of(&[us]).at(0.5).expect("it was recorded").as_micros();
        let kept = u64::try_from(kept).expect("a duration");
        prop_assert!(kept >= us && kept - us <= us / 1_000, "{us} became {kept}");
    }

    #[test]
    fn packing_and_json_lose_nothing(us in vec(0_u64..100_000_000, 0..50), more in vec(0_u64..100_000_000, 0..50)) {
        let open = of(&us);
        let mut packed = open.clone();
        packed.pack();
        prop_assert_eq!(&packed, &open);
        let json = serde_json::to_string(&packed).expect("json");
        prop_assert_eq!(&json, &serde_json::to_string(&open).expect("json"));
        let read: Latency = serde_json::from_str(&json).expect("read back");
        prop_assert_eq!(&read, &open);
        for us in &more {
            packed.record_us(*us);
        }
        prop_assert_eq!(packed, of(&[us, more].concat()));
    }

    #[test]
    fn adding_is_recording_all(us in vec(0_u64..10_000_000, 0..50), more in vec(0_u64..10_000_000, 0..50)) {
        let mut sum = of(&us);
        sum.add(&of(&more));
        prop_assert_eq!(sum, of(&[us, more].concat()));
    }

    #[test]
    fn any_bytes_are_a_histogram_or_an_error(bytes in vec(any::<u8>(), 0..200), kept in 0_usize..60, at in 0_usize..60, byte in any::<u8>()) {
        let _ = Latency::from_hdr(&BASE64_STANDARD.encode(&bytes));
        // A real one, inflated by nobody, with a byte changed or cut off.
        let mut real = BASE64_STANDARD.decode(of(&[5, 70, 900, 90_000]).hdr()).expect("base64");
        let at = at % real.len();
        real[at] = byte;
        let changed = Latency::from_hdr(&BASE64_STANDARD.encode(&real));
        let _ = changed.map(|latency| (latency.at(0.5), latency.count(), latency.sizes()));
        real.truncate(kept);
        let _ = Latency::from_hdr(&BASE64_STANDARD.encode(&real));
    }

    #[test]
    fn any_counts_are_a_histogram_or_an_error(counts in vec(any::<u8>(), 0..60), high in any::<u64>(), digits in 0_u32..6) {
        let mut bytes = vec![0x1c, 0x84, 0x93, 0x13];
        bytes.extend(u32::try_from(counts.len()).expect("short").to_be_bytes());
        bytes.extend(0_u32.to_be_bytes());
        bytes.extend(digits.to_be_bytes());
        bytes.extend(1_u64.to_be_bytes());
        bytes.extend((high >> (high % 64)).to_be_bytes());
        bytes.extend(1_f64.to_be_bytes());
        bytes.extend(counts);
        if let Ok(latency) = Latency::from_hdr(&BASE64_STANDARD.encode(&bytes)) {
            let _ = (latency.at(0.99), latency.mean(), latency.sizes());
            let mut sum = latency.clone();
            sum.add(&latency);
        }
    }
}
