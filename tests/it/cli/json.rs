//! What a check tells programs: one JSON object per line, just as `docs/json.md` says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::support::{Ended, Hub, folder, hubproof, text};

/// The objects that a check printed.
fn objects(ended: &Ended) -> Vec<Value> {
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    ended.out.lines().map(parse).collect()
}

/// A check in virtual time that ends with this exit code.
fn check(code: i32, arguments: &[&str]) -> Vec<Value> {
    objects(&hubproof(&[&["check", "--sim", "--format", "json"], arguments].concat()).run().tells(code, &[]))
}

/// The paths of a value's keys: `verdicts[].id`.
pub(super) fn paths(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                found.insert(path.clone());
                paths(value, &path, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| paths(value, &format!("{path}[]"), found)),
        _ => {}
    }
}

/// The paths of all objects, by their kind.
fn keys(objects: &[Value]) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for object in objects {
        let kind = object["event"].as_str().expect("every object has its kind");
        paths(object, "", keys.entry(kind.to_owned()).or_default());
    }
    keys
}

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md");
    let text = std::fs::read_to_string(path).expect("docs/json.md is there");
    // What another command prints comes after it.
    text.split("\n# What `hubproof variants").next().unwrap_or_default().to_owned()
}

/// The keys in the document's tables, by the heading above them.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let (mut keys, mut kind) = (BTreeMap::<String, BTreeSet<String>>::new(), String::new());
    for line in document().lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut kind);
        } else if let Some((key, _)) = line.strip_prefix("| `").and_then(|row| row.split_once('`')) {
            keys.entry(kind.clone()).or_default().insert(key.to_owned());
        }
    }
    keys
}

/// A folder with a scenario whose transcript is not the recorded one.
fn different() -> std::path::PathBuf {
    let folder = folder("json_difference");
    let feature = "Feature: A\n\n  @judges:ERR-1\n  Scenario: Nobody is there\n    \
        When the backend asks user 1 for VINTED_SYNC {\"n\": 1} within 300 seconds\n    \
        Then the call fails with \"User 1 not connected via WebSocket\"\n";
    std::fs::write(folder.join("a.feature"), feature).expect("a feature");
    std::fs::write(folder.join("ERR-1.1.snap"), "another\n").expect("a transcript");
    folder
}

#[test]
fn the_documented_keys_are_those_that_are_produced() {
    let mut all = check(1, &["--variant", "oldest-settled", "CORR-4.1"]);
    all.extend(check(0, &["--features", text(&different())]));
    assert_eq!(keys(&all), documented());
}

#[test]
fn the_documented_examples_are_objects_of_their_kind() {
    let examples: Vec<Value> = document()
        .split("```json\n")
        .skip(1)
        .filter_map(|block| serde_json::from_str(block.split("\n```").next()?).ok())
        .collect();
    let kinds: Vec<&str> = examples.iter().filter_map(|example| example["event"].as_str()).collect();
    assert_eq!(kinds, ["header", "scenario", "end"]);
    for (kind, found) in keys(&examples) {
        let known = &documented()[&kind];
        assert!(found.is_subset(known), "{kind}: {:?}", found.difference(known));
        let top = |keys: &BTreeSet<String>| keys.iter().filter(|key| !key.contains('.')).cloned().collect::<Vec<_>>();
        assert_eq!(top(&found), top(known), "{kind}");
    }
}

#[test]
fn a_check_is_told_from_header_to_end() {
    let told = check(0, &["CORR-7.1", "CORR-7.2", "--seed", "9"]);
    let kinds: Vec<&str> = told.iter().filter_map(|object| object["event"].as_str()).collect();
    assert_eq!(kinds, ["header", "scenario", "scenario", "end"]);
    let (header, scenario, end) = (&told[0], &told[1], &told[3]);
    assert_eq!((&header["schema"], &header["seed"], &header["scenarios"]), (&1.into(), &9.into(), &2.into()));
    assert_eq!((&header["mode"], &header["version"]), (&"sim".into(), &env!("CARGO_PKG_VERSION").into()));
    assert_eq!((&scenario["address"], &scenario["status"]), (&"CORR-7.1".into(), &"held".into()));
    assert_eq!((&scenario["fails"], &scenario["difference"]), (&false.into(), &Value::Null));
    assert_eq!((&end["exit_code"], &end["counts"]["held"]), (&0.into(), &2.into()));
    let row = end["rows"].as_array().and_then(|rows| rows.iter().find(|row| row["id"] == "CORR-7")).expect("a row");
    assert_eq!((&row["level"], &row["standing"], &row["scenarios"]), (&"documented".into(), &"held".into(), &2.into()));
}

#[test]
fn a_breach_comes_with_the_lines_that_show_it() {
    let told = check(1, &["--variant", "oldest-settled", "CORR-4.1"]);
    let scenario = &told[1];
    assert_eq!((&scenario["status"], &scenario["fails"]), (&"broken".into(), &true.into()));
    let verdicts = scenario["verdicts"].as_array().expect("verdicts");
    let broken = verdicts.iter().find(|verdict| verdict["finding"] == "broken").expect("a breach");
    let witness = broken["broken"][0]["witness"].as_array().expect("a witness");
    let lines = scenario["transcript"].as_array().expect("a transcript").len() as u64;
    assert!(!witness.is_empty(), "{broken:#}");
    assert!(witness.iter().all(|line| line.as_u64().is_some_and(|line| (1..=lines).contains(&line))), "{broken:#}");
    let again = scenario["again"].as_str().expect("a command");
    assert_eq!(again, "hubproof check --sim --variant oldest-settled --seed 1 CORR-4.1");
    assert_eq!((&told[2]["exit_code"], &told[2]["counts"]["broken"]), (&1.into(), &1.into()));
}

#[test]
fn several_runs_are_told_each_with_its_number_and_seed() {
    let told = check(0, &["CORR-4.1", "--repeat", "2", "--seed", "3"]);
    let runs: Vec<_> = told[1..3].iter().map(|end| (end["run"].as_u64(), end["seed"].as_u64())).collect();
    assert_eq!(runs, [(Some(1), Some(3)), (Some(2), Some(4))]);
    assert_eq!((&told[0]["runs"], &told[3]["counts"]["held"]), (&2.into(), &2.into()));
}

#[test]
fn a_target_is_told_with_its_addresses_and_an_interruption_with_what_was_seen() {
    let hub = Hub::start(&[]);
    let live = objects(&hub.check(&["--format", "json", "CORR-4.1"]).run().tells(0, &[]));
    assert_eq!((&live[0]["mode"], &live[0]["url"]), (&"remote".into(), &hub.url.as_str().into()));
    assert_eq!(live[0]["control"], hub.control.as_str());
    let mut check = hubproof(&["check", "--format", "json", "CORR-4.1", "TIME-2.1", "--time-scale", "1"]).start();
    check.line("\"address\":\"CORR-4.1\"");
    check.signal("INT");
    let told = objects(&check.end().tells(3, &[]));
    let end = told.last().expect("an end");
    assert_eq!((&end["exit_code"], &end["counts"]["not_run"]), (&3.into(), &1.into()));
    assert_eq!(end["reason"], "interrupted after 1 of 2 scenarios");
}

#[test]
fn what_cannot_begin_leaves_stdout_clean() {
    let json = ["check", "--format", "json"];
    hubproof(&[&json[..], &["CORR-99"]].concat()).run().refuses(4, &["no scenario has the address"]);
    hubproof(&[&json[..], &["--list"]].concat())
        .run()
        .refuses(2, &["'--format <FORMAT>' cannot be used with '--list'"]);
    hubproof(&["check", "--format", "xml"]).run().refuses(2, &["'xml'", "text, json"]);
    let nobody = ["--target", "http://127.0.0.1:1", "--control", "http://127.0.0.1:1"];
    hubproof(&[&json[..], &nobody].concat()).run().refuses(3, &["hubproof: "]);
}
