//! Hubs that are broken on purpose, as the command line runs them.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::json;
use super::support::hubproof;

fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name))
        .expect("the document is there")
}

#[test]
fn variants_are_listed_with_what_they_do_and_where_it_is_seen() {
    let all = hubproof(&["variants", "--list"]).run().tells(0, &["as-documented ", "id-form "]);
    assert_eq!(all.out.lines().count(), hubproof::hub::VARIANTS.len());
    let one = hubproof(&["variants", "--list", "id-form"]).run().exits(0);
    assert_eq!(one.out, "id-form                   both  makes request ids of another form: CORR-2\n");
}

#[test]
fn a_variant_that_is_none_is_answered_with_one_that_is_like_it() {
    let reasons = ["'id-frm'", "a similar value exists: 'id-form'"];
    hubproof(&["variants", "id-frm"]).run().refuses(2, &reasons);
    for options in [["--jobs", "0"], ["--seed", "-1"], ["--format", "xml"]] {
        hubproof(&[&["variants"], options.as_slice()].concat()).run().refuses(2, &[options[1]]);
    }
    hubproof(&["variants", "--list", "--sim"]).run().refuses(2, &["cannot be used with"]);
    for command in ["check", "hub"] {
        hubproof(&[command, "--help"]).run().tells(0, &["hubproof variants --list"]);
    }
}

/// The matrix of one variant and the reference hub, for programs.
#[test]
fn the_matrix_for_programs_has_just_the_documented_keys() {
    let ended = hubproof(&["variants", "id-form", "--format", "json"]).run().tells(0, &[]);
    let matrix: Value = serde_json::from_str(&ended.out).expect("one object");
    let (variant, reference) = (&matrix["hubs"][0], &matrix["hubs"][1]);
    assert_eq!(
        (&variant["variant"], &variant["mode"], &variant["outcome"]),
        (&"id-form".into(), &"sim".into(), &"caught".into())
    );
    assert_eq!((&variant["breaks"][0], &variant["broken"][0]["id"]), (&"CORR-2".into(), &"CORR-2".into()));
    assert_eq!(variant["broken"][0]["scenarios"], variant["caught_by"]);
    assert_eq!((&reference["variant"], &reference["outcome"]), (&Value::Null, &"not accused".into()));
    assert_eq!((&matrix["exit_code"], &matrix["planned"]), (&0.into(), &2.into()));
    let text = document("json.md");
    let page = text.split_once("# What `hubproof variants --format json` prints").expect("a part of the document").1;
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let documented: BTreeSet<String> = rows.map(|(key, _)| key.to_owned()).collect();
    let mut found = BTreeSet::new();
    json::paths(&matrix, "", &mut found);
    let unknown: Vec<_> = found.difference(&documented).collect();
    assert!(unknown.is_empty(), "not documented: {unknown:?}");
    // Nothing could not be told here, so that its members are missing.
    let missing: Vec<_> = documented.difference(&found).filter(|key| !key.starts_with("hubs[].untold[]")).collect();
    assert!(missing.is_empty(), "not produced: {missing:?}");
}

#[test]
fn the_document_of_variants_has_the_rows_that_are_printed() {
    let ended =
        hubproof(&["variants", "data-changed", "--format", "markdown"]).run().tells(0, &["## CORR: correlation"]);
    let row = ended.out.lines().find(|line| line.starts_with("| `data-changed` |")).expect("a row").to_owned();
    let text = document("variants.md");
    let again = "run: cargo run --release -- variants --format markdown > docs/variants.md";
    assert!(text.lines().any(|line| line == row), "docs/variants.md lacks {row}\n{again}");
}

#[test]
fn an_interrupted_run_tells_what_it_has_seen() {
    let mut run = hubproof(&["variants", "id-form", "data-changed", "--jobs", "1"]).start();
    run.line("id-form                   both  sim   caught            CORR-2 in ");
    run.signal("INT");
    let ended = run.end().tells(3, &["could not tell: interrupted after ", " of 3 hubs"]);
    assert!(ended.out.starts_with(concat!("hubproof ", env!("CARGO_PKG_VERSION"), ": 3 hubs, ")), "{ended:#?}");
}
