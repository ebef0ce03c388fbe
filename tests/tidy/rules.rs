//! What a rule is, and all of them.

use std::fmt;

use crate::{code, files::File, names, orphans, rooms, scenarios, words};

/// A rule over the repository: data, and a pure function from files to findings.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Names the rule in failures and in the examples.
    pub(crate) name: &'static str,
    /// What to do about a violation.
    pub(crate) remedy: &'static str,
    /// Everything in the files that breaks it.
    pub(crate) find: fn(&[File]) -> Vec<Finding>,
}

/// One place that breaks a rule.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl Finding {
    /// A finding in this file at this line.
    pub(crate) fn new(file: &File, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.path.clone(), line, what: what.into() }
    }
}

/// A finding with the rule it breaks.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) rule: &'static str,
    pub(crate) what: String,
    pub(crate) remedy: &'static str,
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, rule, what, remedy } = self;
        write!(out, "{file}:{line}: {rule}: {what}\n    remedy: {remedy}")
    }
}

/// The violations of one rule, by place, each once.
pub(crate) fn check(rule: &Rule, files: &[File]) -> Vec<Violation> {
    let mut findings = (rule.find)(files);
    findings.sort_by(|a, b| (&a.file, a.line, &a.what).cmp(&(&b.file, b.line, &b.what)));
    findings.dedup_by(|a, b| (&a.file, a.line, &a.what) == (&b.file, b.line, &b.what));
    let with_rule = |Finding { file, line, what }| Violation { file, line, rule: rule.name, what, remedy: rule.remedy };
    findings.into_iter().map(with_rule).collect()
}

/// Every rule, in the order in which they are reported.
pub(crate) fn all() -> Vec<&'static Rule> {
    [rooms::RULES, names::RULES, code::RULES, scenarios::RULES, orphans::RULES, words::RULES]
        .into_iter()
        .flatten()
        .collect()
}
