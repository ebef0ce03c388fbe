//! Every output but the page: as it looks, and as the tools that read it want it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
use hubproof::figures::{LoadReport, LoadWord, Second};
use hubproof::report::load::lines::Lines;
use hubproof::report::load::live::LiveView;
use hubproof::report::load::metrics::Metrics;
use hubproof::report::load::seconds::SecondLines;
use hubproof::report::load::{LoadListener, exit_code, hdr_log, html, json, openmetrics, seconds, table};

use super::sample;

fn samples() -> [(&'static str, LoadReport); 6] {
    [
        ("passed", sample::passed()),
        ("failed", sample::failed()),
        ("invalid", sample::invalid()),
        ("partial", sample::partial()),
        ("listening", sample::listening()),
        ("blank", sample::blank()),
    ]
}

fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).expect("memory takes it all");
    String::from_utf8(bytes).expect("text")
}

/// The text as it is without colours.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// A run told to a listener, each second with the report as far as it got.
fn told(report: &LoadReport, listener: &mut dyn LoadListener) {
    let mut so_far = LoadReport { seconds: Vec::new(), ..report.clone() };
    listener.begins(&so_far);
    for second in &report.seconds {
        so_far.seconds.push(second.clone());
        listener.second(&so_far, second);
    }
    listener.ends(report);
}

#[test]
fn the_table_on_the_console() {
    for (name, report) in samples() {
        for width in [60, 200] {
            let shown = plain(&text(|out| table::write(out, &report, Some(width))));
            insta::assert_snapshot!(format!("table_{name}_{width}"), shown);
        }
    }
}

#[test]
fn no_line_of_the_table_is_wider_than_the_terminal_but_the_command() {
    for (name, report) in samples() {
        for width in [40, 60, 80, 120] {
            let shown = plain(&text(|out| table::write(out, &report, Some(width))));
            for line in shown.lines().filter(|line| !line.starts_with("again: ")) {
                assert!(line.chars().count() <= width, "{name} at {width}: {line}");
            }
        }
    }
}

#[test]
fn the_result_is_the_last_thing_on_the_console_and_then_how_to_get_it_again() {
    let shown = text(|out| table::write(out, &sample::failed(), None));
    let last = shown.lines().last().unwrap_or_default();
    assert_eq!(last, "again: hubproof load collision-storm --variant as-documented --seed 1");
    assert!(shown.contains("\u{1b}[1m\u{1b}[31mFAILED\u{1b}[0m: "), "{shown}");
    assert!(!shown.contains("not in flight\ngot"), "a witness of several lines is folded as one text");
}

#[test]
fn the_exit_code_follows_from_the_word() {
    let code = |word| exit_code(&hubproof::figures::LoadResult { word, reasons: Vec::new() });
    let words = [LoadWord::Passed, LoadWord::Failed, LoadWord::Invalid, LoadWord::Partial];
    assert_eq!(words.map(code), [0, 1, 3, 3]);
}

#[test]
fn the_live_view_draws_over_itself_and_leaves_nothing_behind() {
    let report = LoadReport { seconds: sample::passed().seconds.split_off(33), ..sample::passed() };
    let shown = text(|out| {
        told(&report, &mut LiveView::new(out, 70));
        Ok(())
    });
    let frames: Vec<&str> = shown.split("\u{1b}[").filter(|part| part.contains("A\r")).collect();
    assert_eq!(frames.len(), 4, "three seconds, and the end");
    // Each frame goes up by as many lines as the one before had.
    for frame in shown.split_inclusive("A\r\u{1b}[J") {
        let drawn = frame.matches('\n').count();
        if let Some((_, up)) = frame.strip_suffix("A\r\u{1b}[J").and_then(|frame| frame.rsplit_once("\u{1b}[")) {
            assert_eq!(up.parse(), Ok(drawn), "{frame:?}");
        }
    }
    assert!(shown.ends_with("A\r\u{1b}[J"), "nothing stands there at the end");
    let frames: Vec<String> = shown.split("A\r\u{1b}[J").map(plain).collect();
    let longest = frames.iter().flat_map(|frame| frame.lines()).map(|line| line.chars().count()).max();
    assert!(longest <= Some(70), "{longest:?}");
    insta::assert_snapshot!("live", frames[1]);
}

#[test]
fn lines_for_a_log() {
    for (name, report) in [("lines_passed", sample::passed()), ("lines_listening", sample::listening())] {
        let shown = text(|out| {
            told(&report, &mut Lines::new(out, 6, None));
            Ok(())
        });
        insta::assert_snapshot!(name, plain(&shown));
    }
}

#[test]
fn the_document_is_read_back_as_it_was() {
    for (name, report) in samples() {
        let text = text(|out| json::write(out, &report));
        assert_eq!(json::read(&text).expect("it can be read"), report, "{name}");
    }
}

#[test]
fn what_is_no_document_is_told_so() {
    let error = |text: &str| json::read(text).expect_err("an error").to_string();
    assert!(error("").starts_with("it is no report of hubproof load: EOF"), "{}", error(""));
    assert_eq!(error("{}"), "it is no report of hubproof load: missing field `schema` at line 1 column 2");
    assert_eq!(error("{\"schema\":7}"), "it is a report of version 7, and this hubproof reads version 1");
    assert!(error("{\"schema\":1}").starts_with("it is no report of hubproof load: missing field `hubproof`"));
    let mut other: serde_json::Value = serde_json::to_value(sample::blank()).expect("json");
    other["added_by_a_later_version"] = 1.into();
    assert_eq!(json::read(&other.to_string()).expect("keys may be added"), sample::blank());
    other["totals"]["round_trip"]["hdr"] = "x".into();
    assert!(error(&other.to_string()).contains("a histogram has to be base64"), "{}", error(&other.to_string()));
}

#[test]
fn every_second_is_a_line_of_json() {
    let report = sample::passed();
    let at_once = text(|out| seconds::write(out, &report));
    let as_it_comes = text(|out| {
        told(&report, &mut SecondLines::new(out));
        Ok(())
    });
    assert_eq!(at_once, as_it_comes);
    let read: Vec<Second> = at_once.lines().map(|line| serde_json::from_str(line).expect("a second")).collect();
    assert_eq!(read, report.seconds);
}

/// Something that takes some bytes, and then no more.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(io::Error::other("the disk is full")) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let report = sample::passed();
    for room in [0, 30, 5_000] {
        let errors = [
            table::write(Full(room.min(500)), &report, None),
            json::write(Full(room), &report),
            seconds::write(Full(room), &report),
            openmetrics::write(Full(room), &report),
            hdr_log::write(Full(room), &report),
            html::write(Full(room), &report),
        ];
        for (place, error) in errors.into_iter().enumerate() {
            let told = error.expect_err("it was too much").to_string();
            assert!(told.contains("the disk is full"), "{place}: {told}");
        }
    }
    let mut lines = SecondLines::new(Full(3_000));
    told(&report, &mut lines);
    assert!(lines.failed().is_some_and(|error| error.to_string().contains("the disk is full")));
}

#[test]
fn the_interval_log_is_what_its_reader_reads() {
    for (name, report) in samples() {
        let log = text(|out| hdr_log::write(out, &report));
        let (mut times, mut all) = (Vec::new(), Histogram::<u64>::new(3).expect("a histogram"));
        let mut intervals = Vec::new();
        for entry in IntervalLogIterator::new(log.as_bytes()) {
            match entry.unwrap_or_else(|error| panic!("{name}: {error:?}\n{log}")) {
                LogEntry::StartTime(at) | LogEntry::BaseTime(at) => times.push(at.as_secs_f64()),
                LogEntry::Interval(interval) => {
                    let bytes = BASE64_STANDARD.decode(interval.encoded_histogram()).expect("base64");
                    let histogram: Histogram<u64> =
                        Deserializer::new().deserialize(&mut bytes.as_slice()).expect("a histogram");
                    intervals.push(interval.start_timestamp().as_secs());
                    all.add(&histogram).expect("it grows");
                }
            }
        }
        assert_eq!(times, [report.started_unix_s; 2], "{name}");
        assert_eq!(intervals, report.seconds.iter().map(|second| second.at_s).collect::<Vec<_>>(), "{name}");
        let answered: u64 = report.seconds.iter().map(|second| second.round_trip.count()).sum();
        assert_eq!(all.len(), answered, "{name}");
    }
    let empty = text(|out| hdr_log::write(out, &sample::blank()));
    insta::assert_snapshot!("hdr_log_blank", empty);
}

#[test]
fn the_metrics() {
    insta::assert_snapshot!("openmetrics_failed", openmetrics::text(&sample::failed()));
    insta::assert_snapshot!("openmetrics_blank", openmetrics::text(&sample::blank()));
}

#[test]
fn the_metrics_follow_the_rules_of_open_metrics() {
    for (name, report) in samples() {
        conforms(name, &openmetrics::text(&report));
    }
}

/// What the specification asks of a text: each family in one piece, with its type, unit and help before its samples, whose names end as
/// the type has it; no sample twice; the end marked.
fn conforms(name: &str, text: &str) {
    let body = text.strip_suffix("# EOF\n").unwrap_or_else(|| panic!("{name} has no end"));
    let (mut types, mut samples) = (BTreeMap::<&str, &str>::new(), BTreeSet::<String>::new());
    let mut family = "";
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.splitn(3, ' ');
            let (what, of, rest) = (words.next(), words.next().unwrap_or_default(), words.next().unwrap_or_default());
            match what {
                Some("TYPE") => {
                    assert!(types.insert(of, rest).is_none(), "{name}: {of} is begun twice");
                    assert!(!of.ends_with("_total") && !of.ends_with("_info"), "{name}: {of}");
                    family = of;
                }
                Some("UNIT") => assert!(of == family && of.ends_with(&format!("_{rest}")), "{name}: {line}"),
                Some("HELP") => assert!(of == family && !rest.is_empty(), "{name}: {line}"),
                _ => panic!("{name}: {line}"),
            }
            continue;
        }
        let (of, value) = line.rsplit_once(' ').expect("a sample has a value");
        value.parse::<f64>().unwrap_or_else(|error| panic!("{name}: {line}: {error}"));
        let (metric, labels) = of.split_once('{').unwrap_or((of, ""));
        let suffix = metric.strip_prefix(family).unwrap_or_else(|| panic!("{name}: {line} is none of {family}"));
        let allowed: &[&str] = match types[family] {
            "counter" => &["_total"],
            "info" => &["_info"],
            "summary" => &["", "_count", "_sum"],
            "gauge" | "stateset" => &[""],
            other => panic!("{name}: type {other}"),
        };
        assert!(allowed.contains(&suffix), "{name}: {line}");
        assert!(labels.is_empty() || labels.ends_with('}'), "{name}: {line}");
        assert!(samples.insert(of.to_owned()), "{name}: {of} is there twice");
    }
}

#[test]
fn metrics_of_a_run_under_way_are_those_of_its_latest_second() {
    let report = sample::passed();
    let mut metrics = Metrics::new();
    let asked = metrics.clone();
    assert_eq!(asked.text(), "# EOF\n");
    metrics.begins(&sample::blank());
    conforms("begun", &asked.text());
    told(&report, &mut metrics);
    assert_eq!(asked.text(), openmetrics::text(&report));
}

/// The keys of a document, with `*` for those that are anybody's names.
fn keys(value: &serde_json::Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) => {
            let free = ["actions", "totals.errors", "totals.connect_failures"].contains(&path);
            for (key, value) in map {
                let key = if free { "*" } else { key };
                let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                found.insert(path.clone());
                keys(value, &path, found);
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| keys(value, &format!("{path}[]"), found)),
        _ => {}
    }
}

#[test]
fn the_documented_keys_and_metrics_are_those_that_are_produced() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/load-outputs.md");
    let page = std::fs::read_to_string(path).expect("docs/load-outputs.md is there");
    let documented = |section: &str| -> BTreeSet<String> {
        let (_, rest) = page.split_once(&format!("\n## {section}\n")).unwrap_or_else(|| panic!("no section {section}"));
        let rows = rest.split("\n## ").next().unwrap_or_default().lines();
        let keys = rows.filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0));
        keys.map(|key| key.replace("NAME", "*").replace("KIND", "*")).collect()
    };
    let mut found = BTreeSet::new();
    let document = serde_json::to_value(sample::failed()).expect("json");
    keys(&document, "", &mut found);
    let durations: BTreeSet<String> = keys_below(&found, "totals.round_trip.");
    found.retain(|key| !durations.iter().any(|part| key.ends_with(&format!(".{part}")) && is_duration(key, part)));
    assert_eq!(durations, documented("Durations"));
    assert_eq!(found, documented("JSON"));
    let names: BTreeSet<String> = openmetrics::text(&sample::failed())
        .lines()
        .filter_map(|line| Some(line.strip_prefix("# TYPE ")?.split_once(' ')?.0.to_owned()))
        .collect();
    assert_eq!(names, documented("OpenMetrics"));
}

fn keys_below(keys: &BTreeSet<String>, prefix: &str) -> BTreeSet<String> {
    keys.iter().filter_map(|key| key.strip_prefix(prefix)).map(str::to_owned).collect()
}

/// Whether this key is a part of durations: the key before it is one of theirs.
fn is_duration(key: &str, part: &str) -> bool {
    let owner = key.strip_suffix(&format!(".{part}")).unwrap_or_default();
    let name = owner.rsplit('.').next().unwrap_or_default();
    ["round_trip", "round_trip_actual", "hub_overhead", "plugin_time", "connect_time", "lag"].contains(&name)
}
