//! Features, built-in or read, and the addresses of their scenarios.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use cucumber::gherkin::tagexpr::TagOperation;
use cucumber::gherkin::{Background, Feature, Scenario, Step};
use include_dir::{Dir, include_dir};

use super::behaviours::Behaviours;
use super::{snapshots, text};
use crate::contract::guarantee::GuaranteeId;
use crate::report::Reference;

/// Everything in `features/`, as it was when the program was built.
pub static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/features");

/// A feature that cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct FeatureError {
    /// File and line.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

/// A scenario (of an outline: one row of its examples) with its address.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Such as `CORR-4.2`: the second scenario that judges CORR-4, in the order of the files.
    pub address: String,
    /// The one guarantee that it judges.
    pub judges: GuaranteeId,
    /// Its title.
    pub title: String,
    /// The file it stands in, such as `features/corr/corr.feature:12`.
    pub place: String,
    /// Its tags and its feature's, without `@`.
    pub tags: Vec<String>,
    /// The behaviours that it can name.
    pub behaviours: Arc<Behaviours>,
    /// The feature around it, without scenarios: its background is that of the feature and of the rule.
    feature: Feature,
    scenario: Scenario,
    /// The transcript that its run is compared with, and which that is.
    pub(super) reference: Option<(Reference, String)>,
}

impl Case {
    /// The feature with this scenario alone, and with its address as the only tag.
    #[must_use]
    pub fn alone(&self) -> Feature {
        let mut feature = self.feature.clone();
        // Tags choose scenarios and do not steer the runner.
        let tags = vec![format!("{ADDRESS_TAG}{}", self.address)];
        feature.scenarios = vec![Scenario { tags, ..self.scenario.clone() }];
        feature
    }

    /// Its steps as they are written, keyword first.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let background = self.feature.background.iter().flat_map(|background| &background.steps);
        background.chain(&self.scenario.steps)
    }

    /// Has its next runs compared with the first one, whose transcript this is.
    pub fn compare_with_first_run(&mut self, transcript: String) {
        self.reference = Some((Reference::FirstRun, transcript));
    }

    /// Whether its run over real sockets differs from that in virtual time, so that the two are not compared.
    #[must_use]
    pub fn needs_sockets(&self) -> bool {
        self.tags.iter().any(|tag| tag == "sockets")
    }
}

/// The tag that carries a scenario's address through the runner.
const ADDRESS_TAG: &str = "address:";

/// The address of a scenario that [`Case::alone`] made.
#[must_use]
pub fn address_of(scenario: &Scenario) -> Option<&str> {
    scenario.tags.iter().find_map(|tag| tag.strip_prefix(ADDRESS_TAG))
}

/// Every case of the built-in features.
///
/// # Errors
/// A feature that does not parse, or a scenario that does not judge just one guarantee; never of a released program.
pub fn embedded() -> Result<Vec<Case>, FeatureError> {
    let mut files: Vec<(String, &str)> = Vec::new();
    for area in EMBEDDED.dirs() {
        for file in area.files().filter(|file| file.path().extension().is_some_and(|ext| ext == "feature")) {
            let path = format!("features/{}", file.path().display());
            let text = file.contents_utf8().ok_or_else(|| wrong(&path, 1, snapshots::NO_UTF_8))?;
            files.push((path, text));
        }
    }
    files.sort();
    let mut cases = cases(&files)?;
    for case in &mut cases {
        case.reference = snapshots::embedded(case).map(|text| (Reference::Recorded, text.to_owned()));
    }
    Ok(cases)
}

/// The cases of feature files, given as path and text, in their order.
///
/// # Errors
/// The first feature that does not parse, or scenario that does not judge just one guarantee.
pub fn cases(files: &[(String, impl AsRef<str>)]) -> Result<Vec<Case>, FeatureError> {
    let mut numbers: BTreeMap<GuaranteeId, usize> = BTreeMap::new();
    let mut cases = Vec::new();
    for (path, text) in files {
        let feature = text::parse(path, text.as_ref())?;
        let alone = feature.scenarios.iter().map(|scenario| (None, scenario));
        let of_rules = feature.rules.iter().flat_map(|rule| {
            let background = rule.background.as_ref();
            rule.scenarios.iter().map(move |scenario| (background, scenario))
        });
        for (background, scenario) in alone.chain(of_rules) {
            let line = scenario.position.line;
            let judges = judged(&feature.tags, scenario).map_err(|what| wrong(path, line, what))?;
            let number = numbers.entry(judges).or_default();
            *number += 1;
            cases.push(Case {
                address: format!("{judges}.{number}"),
                judges,
                title: scenario.name.clone(),
                place: format!("{path}:{line}"),
                tags: feature.tags.iter().chain(&scenario.tags).cloned().collect(),
                behaviours: Arc::default(),
                feature: frame(&feature, background),
                scenario: scenario.clone(),
                reference: None,
            });
        }
    }
    Ok(cases)
}

/// A feature without its scenarios, in whose background that of a rule comes last.
fn frame(feature: &Feature, rule: Option<&Background>) -> Feature {
    let mut background = feature.background.clone();
    match (&mut background, rule) {
        (Some(background), Some(rule)) => background.steps.extend(rule.steps.iter().cloned()),
        (None, rule) => background = rule.cloned(),
        (Some(_), None) => {}
    }
    Feature { background, tags: Vec::new(), scenarios: Vec::new(), rules: Vec::new(), ..feature.clone() }
}

/// The one guarantee that a scenario judges, by its tag `@judges:CORR-7` or its feature's.
fn judged(inherited: &[String], scenario: &Scenario) -> Result<GuaranteeId, String> {
    let tags = inherited.iter().chain(&scenario.tags);
    let mut ids: Vec<&str> = tags.filter_map(|tag| tag.strip_prefix("judges:")).collect();
    ids.dedup();
    match ids.as_slice() {
        [id] => id.parse().map_err(|error| format!("{error}")),
        [] => Err(format!("'{}' has no tag like @judges:CORR-7", scenario.name)),
        _ => Err(format!("'{}' judges more than one guarantee: split it, or leave it one tag", scenario.name)),
    }
}

pub(super) fn wrong(path: &str, line: usize, what: impl Into<String>) -> FeatureError {
    FeatureError { place: format!("{path}:{line}"), what: what.into() }
}

/// The longest tag expression, in bytes. Parsing one takes stack for each parenthesis.
const LONGEST_EXPRESSION: usize = 500;

/// A tag expression, such as `@interop and not @sockets`.
#[derive(Debug, Clone)]
pub struct Tags(TagOperation);

impl FromStr for Tags {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |what: String| format!("{what}; a tag expression looks like '@interop and not (@a or @b)'");
        if text.len() > LONGEST_EXPRESSION {
            return Err(wrong(format!("it has {} bytes, and {LONGEST_EXPRESSION} are the most", text.len())));
        }
        let named = |error: String| wrong(error.replace("expected _", "expected a tag's name"));
        text.parse().map(Self).map_err(|error: <TagOperation as FromStr>::Err| named(error.to_string()))
    }
}

impl Tags {
    /// Every tag that the expression names, without `@`.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        named(&self.0).into_iter()
    }
}

fn named(operation: &TagOperation) -> Vec<&str> {
    match operation {
        TagOperation::And(a, b) | TagOperation::Or(a, b) => [named(a), named(b)].concat(),
        TagOperation::Not(a) => named(a),
        TagOperation::Tag(tag) => vec![tag],
    }
}

/// Which cases to run; every condition that is given has to be met.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// The address or the title has to contain one of these, whatever the case of letters.
    pub names: Vec<String>,
    /// The tags have to fit.
    pub tags: Option<Tags>,
    /// The judged guarantee has to be one of these.
    pub guarantees: Vec<GuaranteeId>,
    /// The address has to be one of these.
    pub addresses: Vec<String>,
}

impl Choice {
    /// Whether a case is chosen.
    #[must_use]
    pub fn takes(&self, case: &Case) -> bool {
        let name = |wanted: &String| case.title.to_lowercase().contains(&wanted.to_lowercase());
        let address = |wanted: &String| case.address.eq_ignore_ascii_case(wanted);
        (self.names.is_empty() || self.names.iter().any(name))
            && self.tags.as_ref().is_none_or(|tags| fits(&tags.0, &case.tags))
            && (self.guarantees.is_empty() || self.guarantees.contains(&case.judges))
            && (self.addresses.is_empty() || self.addresses.iter().any(address))
    }
}

fn fits(operation: &TagOperation, tags: &[String]) -> bool {
    match operation {
        TagOperation::And(a, b) => fits(a, tags) && fits(b, tags),
        TagOperation::Or(a, b) => fits(a, tags) || fits(b, tags),
        TagOperation::Not(a) => !fits(a, tags),
        TagOperation::Tag(tag) => tags.contains(tag),
    }
}
