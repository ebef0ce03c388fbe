//! What a check of the built-in hub prints and writes, and the catalogue.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::support::{folder, hubproof, shell, text};
use crate::support::cases;

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[test]
fn the_built_in_hub_passes_live_and_in_virtual_time() {
    let all = format!("{} held", cases().len());
    for (arguments, how) in [(&["check"][..], "live"), (&["check", "--sim", "--seed", "3"], "in virtual time")] {
        let ended = hubproof(arguments).run().tells(0, &[&all]);
        let seed = if how == "live" { 1 } else { 3 };
        let first = format!("hubproof {VERSION}: the built-in reference hub, {how}, seed {seed}");
        assert_eq!(ended.out.lines().next(), Some(first.as_str()));
        assert_eq!(ended.last_line(), "pass: every guarantee that gates and was tested held");
    }
}

#[test]
fn a_check_ends_with_a_line_for_each_guarantee_that_mattered() {
    let ended = hubproof(&["check", "--sim", "CORR-4.1"]).run();
    let ended = ended.tells(0, &["CORR-4     documented  held            in 1 scenario\n", "not exercised ("]);
    assert!(ended.out.contains("TIME-1"), "idle guarantees are named: {ended:#?}");
}

#[test]
fn the_transcripts_that_are_written_are_the_recorded_ones() {
    let features = Path::new(env!("CARGO_MANIFEST_DIR")).join("features");
    let recorded: BTreeMap<String, String> = cases()
        .iter()
        .map(|case| {
            let path = features.join(hubproof::gherkin::snapshots::path(case));
            let file = std::fs::read_to_string(&path).expect("a recorded transcript");
            let (_, body) = file.split_once("\n---\n").expect("a head, then the transcript");
            (format!("{}.txt", case.address), body.trim_end().to_owned())
        })
        .collect();
    let folder = folder("transcripts").join("made").join("on the way");
    hubproof(&["check", "--sim", "--transcripts", text(&folder)]).run().tells(0, &["pass"]);
    let written: BTreeMap<String, String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let body = std::fs::read_to_string(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), body.trim_end().to_owned())
        })
        .collect();
    assert_eq!(written, recorded);
}

#[test]
fn the_catalogue_is_printed_as_a_table_as_json_and_as_markdown() {
    let table = hubproof(&["guarantees"]).run().tells(0, &["CORR-7   documented  "]);
    let json = hubproof(&["guarantees", "--format", "json"]).run().tells(0, &[]);
    let rows: Vec<Value> = serde_json::from_str(&json.out).expect("an array");
    assert_eq!(rows.len(), table.out.lines().count());
    let keys = ["id", "level", "promise", "seen", "source"];
    assert!(rows.iter().all(|row| keys.iter().all(|key| row[key].is_string())), "{rows:#?}");
    hubproof(&["guarantees", "--format", "markdown"])
        .run()
        .tells(0, &["# The guarantees\n", "| CORR-7 | documented |"]);
}

#[test]
fn a_single_guarantee_is_printed_with_all_there_is_to_know() {
    hubproof(&["guarantees", "corr-7"]).run().tells(0, &["CORR-7 (documented)\n", "seen as: ", "source:  "]);
    let json = hubproof(&["guarantees", "CORR-7", "--format", "json"]).run().tells(0, &[]);
    let row: Value = serde_json::from_str(&json.out).expect("an object");
    assert_eq!(row["id"], "CORR-7");
    let markdown = hubproof(&["guarantees", "CORR-7", "--format", "markdown"]).run().tells(0, &["| CORR-7 |"]);
    assert_eq!(markdown.out.lines().count(), 3);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    for command in ["check --list", "guarantees", "guarantees --format json", "check --sim", "--help"] {
        let ended = shell(&format!("{{ hubproof {command}; echo exit $? >&2; }} | head -1")).run();
        assert_eq!((ended.out.lines().count(), ended.err.as_str()), (1, "exit 0\n"), "{command}");
        shell(&format!("hubproof {command} >&-")).run().tells(0, &[]);
    }
    shell("hubproof check --nope 2>&-").run().refuses(2, &[]);
    shell("hubproof check CORR-99 2>&-").run().refuses(4, &[]);
    hubproof(&["check", "CORR-99"]).unheard().run().refuses(4, &[]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_list_that_cannot_be_written_is_an_error() {
    for command in ["check --list", "guarantees", "guarantees CORR-7"] {
        shell(&format!("hubproof {command} >/dev/full")).run().refuses(2, &["hubproof: cannot write to stdout: "]);
    }
}
