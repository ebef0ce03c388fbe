//! Features and their transcripts: each scenario judges one guarantee and has its snapshot; each snapshot has its scenario.
//!
//! A scenario's address is `ID.n`: the n-th one, from 1, that judges the guarantee `ID`, counted over all features in
//! the order of their paths, each row of Examples by itself. Its transcript is `ADDRESS.snap` beside the feature.

use std::collections::{BTreeMap, BTreeSet};

use gherkin::{Feature, GherkinEnv};

use crate::{
    files::File,
    rules::{Finding, Rule},
};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "features-parse",
        remedy: "write the feature in Gherkin's grammar, as features/<area>/<area>.feature",
        find: unparsed,
    },
    Rule {
        name: "one-judged-guarantee",
        remedy: "tag the scenario with exactly one @judges:ID; split it where it judges two",
        find: judges,
    },
    Rule {
        name: "scenario-has-transcript",
        remedy: "run the features and accept the transcript with `cargo insta review`, or tag the scenario @no-transcript",
        find: missing,
    },
    Rule {
        name: "no-orphaned-snapshot",
        remedy: "delete the snapshot, or rename it to the address of its scenario",
        find: orphaned,
    },
    Rule {
        name: "no-unreviewed-snapshot",
        remedy: "run `cargo insta review` and accept or reject it",
        find: unreviewed,
    },
];

/// One scenario, or one row of its examples.
struct Case<'a> {
    feature: &'a File,
    line: usize,
    name: String,
    tags: BTreeSet<String>,
}

impl Case<'_> {
    fn judges(&self) -> Vec<&str> {
        self.tags.iter().filter_map(|tag| tag.strip_prefix("judges:")).collect()
    }

    fn has_transcript(&self) -> bool {
        !self.tags.contains("no-transcript")
    }
}

fn features(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.under(&["features"]) && file.has_extension("feature"))
}

fn snapshots(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.has_extension("snap"))
}

fn parse(file: &File) -> Result<Feature, String> {
    Feature::parse(&file.text, GherkinEnv::default()).map_err(|error| error.to_string())
}

fn unparsed(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in features(files) {
        if let Err(error) = parse(file) {
            findings.push(Finding::new(file, 1, error));
        }
        let area = file.name().trim_end_matches(".feature");
        if file.path != format!("features/{area}/{area}.feature") {
            findings.push(Finding::new(file, 1, "lies elsewhere than features/<area>/<area>.feature"));
        }
    }
    findings
}

/// Every case of every feature that parses, in the order in which addresses are given.
fn cases(files: &[File]) -> Vec<Case<'_>> {
    let mut sorted: Vec<&File> = features(files).collect();
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    sorted.into_iter().flat_map(cases_of).collect()
}

fn cases_of(file: &File) -> Vec<Case<'_>> {
    let Ok(feature) = parse(file) else { return Vec::new() };
    let plain = feature.scenarios.iter().map(|scenario| (None, scenario));
    let ruled = feature.rules.iter().flat_map(|rule| rule.scenarios.iter().map(move |scenario| (Some(rule), scenario)));
    let mut cases = Vec::new();
    for (rule, scenario) in plain.chain(ruled) {
        let rule_tags = rule.map(|rule| rule.tags.as_slice()).unwrap_or_default();
        let outer: Vec<&String> = feature.tags.iter().chain(rule_tags).chain(&scenario.tags).collect();
        let case = |line: usize, tags: &[String]| Case {
            feature: file,
            line,
            name: scenario.name.clone(),
            tags: outer.iter().copied().chain(tags).cloned().collect(),
        };
        if scenario.examples.is_empty() {
            cases.push(case(scenario.position.line, &[]));
        }
        for examples in &scenario.examples {
            let rows = examples.table.as_ref().map_or(0, |table| table.rows.len().saturating_sub(1));
            cases.extend((0..rows).map(|_| case(scenario.position.line, &examples.tags)));
        }
    }
    cases
}

/// Every case that judges one guarantee, by address.
fn addressed(files: &[File]) -> BTreeMap<String, Case<'_>> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut addressed = BTreeMap::new();
    for case in cases(files) {
        let &[id] = case.judges().as_slice() else { continue };
        let id = id.to_owned();
        let count = counts.entry(id.clone()).or_default();
        *count += 1;
        addressed.insert(format!("{id}.{count}"), case);
    }
    addressed
}

fn judges(files: &[File]) -> Vec<Finding> {
    let cases = cases(files);
    let wrong = cases.iter().filter(|case| case.judges().len() != 1);
    wrong
        .map(|case| {
            Finding::new(case.feature, case.line, format!("`{}` judges {} guarantees", case.name, case.judges().len()))
        })
        .collect()
}

fn missing(files: &[File]) -> Vec<Finding> {
    let present: BTreeSet<&str> = snapshots(files).map(|file| file.path.as_str()).collect();
    let mut findings = Vec::new();
    for (address, case) in addressed(files).into_iter().filter(|(_, case)| case.has_transcript()) {
        let path = format!("{}/{address}.snap", case.feature.folder());
        if !present.contains(path.as_str()) {
            findings.push(Finding::new(case.feature, case.line, format!("`{}` has no {path}", case.name)));
        }
    }
    findings
}

fn orphaned(files: &[File]) -> Vec<Finding> {
    let addressed = addressed(files);
    let mut findings = Vec::new();
    for file in snapshots(files) {
        let stem = file.name().trim_end_matches(".snap");
        if file.under(&["features"]) {
            match addressed.get(stem) {
                Some(case) if case.feature.folder() != file.folder() => {
                    findings.push(Finding::new(file, 1, format!("belongs beside {}", case.feature.path)));
                }
                Some(case) if case.has_transcript() => {}
                Some(_) => findings.push(Finding::new(file, 1, "belongs to a scenario tagged @no-transcript")),
                None => findings.push(Finding::new(file, 1, format!("no scenario has the address {stem}"))),
            }
        } else if !is_named(stem, files) {
            findings.push(Finding::new(file, 1, "no test names it"));
        }
    }
    findings
}

/// Whether a test names the snapshot of this stem (`crate__module__name`, or only `name`).
fn is_named(stem: &str, files: &[File]) -> bool {
    let name = stem.rsplit_once("__").map_or(stem, |(_, name)| name);
    files.iter().any(|file| file.is_rust() && file.under(&["tests"]) && file.says(|text| text == name))
}

fn unreviewed(files: &[File]) -> Vec<Finding> {
    let pending = |file: &&File| file.name().ends_with(".snap.new") || file.has_extension("pending-snap");
    files.iter().filter(pending).map(|file| Finding::new(file, 1, "was never reviewed")).collect()
}
