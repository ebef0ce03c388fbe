//! Thresholds: how they are written, what is wrong with others, and what they say of a run.

use hubproof::figures::{Judged, LoadWord, Threshold};
use proptest::prelude::*;

use super::sample;

fn parsed(name: &str, text: &str) -> Threshold {
    Threshold::parse(name, text).expect("a threshold")
}

fn judged(name: &str, text: &str) -> Judged {
    parsed(name, text).judge(&sample::passed().measured())
}

#[test]
fn every_kind_of_figure_is_judged_in_its_unit() {
    let cases = [
        ("round_trip.p99", "< 80ms", "68.5 ms", true),
        ("round_trip.p99", "<0.05 s", "68.5 ms", false),
        ("round_trip_actual.max", "< 300_000us", "240 ms", true),
        ("round_trip.p99_99", "> 50 ms", "229 ms", true),
        ("hub_overhead.p50", "<= 5 ms", "1.26 ms", true),
        ("action.VINTED_SYNC.round_trip.p99", "< 60ms", "53.1 ms", true),
        ("action.VINTED_SYNC.calls", "== 9000", "9,000", true),
        ("connected", ">= 1_000", "1,000", true),
        ("lost", "== 0", "0", true),
        ("errors.not_connected", "== 0", "287", false),
        ("errors.http_503", "== 0", "0", true),
        ("connect_failures.refused", "!= 0", "0", false),
        ("failed", "< 0.1%", "0 %", true),
        ("rate", ">= 500/s", "500/s", true),
        ("ok_rate", "> 490/s", "488/s", false),
        ("hub.rss_per_plugin", "< 40KiB", "20.5 KiB", true),
        ("hub.rss_peak", "< 0.04 GiB", "45 MiB", false),
        ("harness.cpu_share", "< 90%", "15.1 %", true),
        ("harness.lag.p99", "< 10ms", "2.69 ms", true),
    ];
    for (name, text, shown, held) in cases {
        let judged = judged(name, text);
        assert_eq!((judged.shown.as_str(), judged.held), (shown, held), "{name} {text}");
    }
}

#[test]
fn what_was_not_measured_does_not_hold() {
    let report = sample::listening();
    for (name, text) in
        [("round_trip.p99", "< 1s"), ("hub.rss", "< 1GiB"), ("action.VINTED_SYNC.lost", "== 0"), ("failed", "< 1%")]
    {
        let judged = parsed(name, text).judge(&report.measured());
        assert_eq!((judged.value, judged.shown.as_str(), judged.held), (None, "not measured", false), "{name}");
    }
}

#[test]
fn what_is_no_threshold_is_told_with_a_remedy() {
    let error = |name, text| Threshold::parse(name, text).expect_err("an error").to_string();
    assert_eq!(
        error("round_tripp.p99", "< 1s"),
        "nothing called `round_tripp.p99` is measured; did you mean `round_trip.p99`?"
    );
    assert_eq!(error("lots", "== 0"), "nothing called `lots` is measured; did you mean `lost`?");
    assert_eq!(
        error("xyz", "== 0"),
        "nothing called `xyz` is measured; docs/load-outputs.md lists what there is, such as `round_trip.p99`, `lost`, `rate` and \
         `errors.not_connected`"
    );
    assert_eq!(
        error("errors.not_conected", "== 0"),
        "nothing called `errors.not_conected` is measured; did you mean `errors.not_connected`?"
    );
    assert_eq!(
        error("action.VINTED_SYNC.round_trip.q99", "< 1s"),
        "nothing called `action.VINTED_SYNC.round_trip.q99` is measured; did you mean `action.VINTED_SYNC.round_trip.p99`?"
    );
    for name in [
        "round_trip.p",
        "round_trip.p100",
        "round_trip.p0",
        "round_trip.p9_",
        "round_trip.p-1",
        "round_trip.pnan",
        "errors.http_5",
    ] {
        assert!(error(name, "< 1s").starts_with(&format!("nothing called `{name}` is measured; ")), "{name}");
    }
    let round_trip = |text| error("round_trip.p99", text);
    assert_eq!(
        round_trip("50ms"),
        "`round_trip.p99`: '50ms' is no threshold: it begins with no operator (<, <=, >, >=, ==, !=), such as \"< 50ms\""
    );
    assert_eq!(
        round_trip("< fast"),
        "`round_trip.p99`: '< fast' is no threshold: behind the operator there is no number (0 or more), such as \"< 50ms\""
    );
    assert_eq!(
        round_trip("< 50"),
        "`round_trip.p99`: '< 50' is no threshold: there is no unit: it is a time in us, ms or s, such as \"< 50ms\""
    );
    assert_eq!(
        round_trip("< 50KiB"),
        "`round_trip.p99`: '< 50KiB' is no threshold: 'KiB' is no unit of it: it is a time in us, ms or s, such as \"< 50ms\""
    );
    assert!(
        error("lost", "== 0ms").ends_with("'ms' is no unit of it: it is a number without a unit, such as \"== 0\"")
    );
    assert!(error("rate", ">= 950").ends_with("there is no unit: it is a rate in /s, such as \">= 950/s\""));
    assert!(error("failed", "< 1").ends_with("there is no unit: it is a share in %, such as \"< 1%\""));
    assert!(error("hub.rss", "< 1 kB").ends_with("it is a size in B, KiB, MiB or GiB, such as \"< 16KiB\""));
    assert!(error("lost", "== -1").contains("there is no number (0 or more)"));
    assert!(error("lost", "== 99999999999999999999").ends_with("the number is too large"));
    assert!(error("lost", "=> 1").contains("begins with no operator"));
}

#[test]
fn a_threshold_of_an_action_that_is_not_called_is_an_error() {
    let threshold = parsed("action.VINTED_SYNK.lost", "== 0");
    assert_eq!(threshold.action(), Some("VINTED_SYNK"));
    let error = |called: &[&str]| threshold.check_action(called).expect_err("an error").to_string();
    assert_eq!(
        error(&["VINTED_SYNC", "VINTED_DELETE"]),
        "`action.VINTED_SYNK.lost`: the run does not call VINTED_SYNK; did you mean `VINTED_SYNC`?"
    );
    assert_eq!(error(&[]), "`action.VINTED_SYNK.lost`: the run does not call VINTED_SYNK; it calls none");
    assert_eq!(parsed("lost", "== 0").check_action(&[]), Ok(()));
    assert_eq!(threshold.check_action(&["VINTED_SYNK"]), Ok(()));
}

#[test]
fn one_line_is_read_as_well() {
    let line = Threshold::parse_line("round_trip.p99 <= 50 ms").expect("a threshold");
    assert_eq!((line.name(), line.wanted().as_str()), ("round_trip.p99", "<= 50 ms"));
    assert!(Threshold::parse_line("round_trip.p99").is_err());
}

#[test]
fn a_threshold_is_lost_once_the_rest_of_the_run_cannot_save_it() {
    let report = sample::failed();
    let is_lost = |name, text, calls| parsed(name, text).is_lost(&report.measured(), calls);
    assert!(is_lost("lost", "== 0", 15_000));
    assert!(is_lost("crossed", "< 31", 15_000));
    assert!(!is_lost("crossed", "< 32", 15_000));
    assert!(!is_lost("connected", ">= 1000", 15_000), "more may come");
    assert!(!is_lost("rate", "< 1/s", 15_000), "a rate may fall again");
    assert!(is_lost("round_trip.max", "< 200ms", 15_000));
    // One per cent are longer than 68.5 ms: of a run ten times as long that would be a thousandth.
    assert!(is_lost("round_trip.p99", "< 60ms", 15_000));
    assert!(!is_lost("round_trip.p99", "< 60ms", 150_000));
}

#[test]
fn a_run_comes_to_the_gravest_word_and_says_why() {
    assert_eq!(sample::passed().result.word, LoadWord::Passed);
    assert_eq!(sample::passed().result.reasons, [""; 0]);
    let failed = sample::failed().result;
    assert_eq!(failed.word, LoadWord::Failed);
    assert_eq!(
        failed.reasons,
        [
            "only 996 of 1,000 plugins were connected",
            "12 answers lost",
            "31 answers crossed",
            "2 calls answered twice",
            "CORR-3 is broken (31 times)",
            "CORR-4 is broken (31 times)",
            "round_trip.p99 is 68.5 ms, wanted < 20ms",
            "lost is 12, wanted == 0",
        ]
    );
    let invalid = sample::invalid().result;
    assert_eq!(invalid.word, LoadWord::Invalid);
    assert_eq!(invalid.reasons.len(), 3, "{:?}", invalid.reasons);
    let partial = sample::partial().result;
    assert_eq!(
        (partial.word, partial.reasons),
        (LoadWord::Partial, vec!["it ended before its time: interrupted".to_owned()])
    );
}

#[test]
fn nothing_passes_by_not_happening() {
    let mut blank = sample::blank();
    let mut concluded = |change: fn(&mut hubproof::figures::Totals)| {
        blank.totals = hubproof::figures::Totals::default();
        change(&mut blank.totals);
        blank.conclude(&[]);
        (blank.result.word, blank.result.reasons.concat())
    };
    let failed = |why: &str| (LoadWord::Failed, why.to_owned());
    assert_eq!(concluded(|_| {}), failed("nothing happened: no plugin was to connect, and no call to be made"));
    assert_eq!(concluded(|totals| totals.plugins_asked = 3), failed("none of 3 plugins was connected"));
    assert_eq!(concluded(|totals| totals.calls_intended = 5), failed("none of 5 calls was made"));
    let unanswered = |totals: &mut hubproof::figures::Totals| {
        (totals.calls_intended, totals.calls_started, totals.timeouts) = (5, 5, 5);
    };
    assert_eq!(concluded(unanswered), failed("none of 5 calls was answered"));
    let silent = |totals: &mut hubproof::figures::Totals| {
        (totals.calls_intended, totals.calls_started, totals.timeouts, totals.expected_failures) = (5, 5, 5, 5);
    };
    assert_eq!(concluded(silent).0, LoadWord::Passed, "plugins that are silent by design");
}

#[test]
fn every_name_is_documented_and_every_documented_name_is_one() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/load-outputs.md");
    let page = std::fs::read_to_string(path).expect("docs/load-outputs.md is there");
    let section =
        page.split("\n## Thresholds\n").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section");
    let rows: Vec<(&str, &str)> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .filter_map(|(name, rest)| Some((name, rest.split_once(' ')?.0)))
        .collect();
    for (name, unit) in &rows {
        let kind = if name.starts_with("errors") { "internal" } else { "refused" };
        let name = name.replace("STATISTIC", "p99").replace("NAME", "A").replace("KIND", kind);
        let text = match *unit {
            "time" => "< 1s",
            "size" => "< 1B",
            "share" => "< 1%",
            "rate" => "< 1/s",
            "count" => "< 1",
            other => panic!("{name} is in {other}"),
        };
        parsed(&name, text);
    }
    let general = |name: &str| {
        let (front, last) = name.rsplit_once('.').unwrap_or(("", name));
        match front {
            "errors" | "connect_failures" => format!("{front}.KIND"),
            _ if ["p50", "p90", "p95", "p99", "p99_9", "max", "mean", "min"].contains(&last) => {
                format!("{front}.STATISTIC")
            }
            _ => name.to_owned(),
        }
    };
    for name in hubproof::figures::threshold::measure::names() {
        assert!(rows.iter().any(|(documented, _)| *documented == general(&name)), "{name} is not documented");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_threshold_or_an_error(name in ".{0,30}", text in ".{0,20}") {
        let _ = Threshold::parse(&name, &text);
        let _ = Threshold::parse("round_trip.p99", &text);
        let _ = Threshold::parse_line(&text);
        let _ = Threshold::parse(&format!("action.{name}.round_trip.p99"), "< 1ms");
    }
}
