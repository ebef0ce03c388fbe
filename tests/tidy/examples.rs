//! Examples of files that break or keep the rules.
//!
//! An example begins with what is expected of it, `breaks RULE at PATH:LINE` (more places after commas) or
//! `keeps every rule`. After that come the files it pretends to be, each under a line `=== PATH`. A line `@repeat N TEXT`
//! stands for N lines of TEXT.

use std::{fs, path::Path};

use crate::files::File;

/// One example.
#[derive(Debug)]
pub(crate) struct Example {
    /// The file in which it is written.
    pub(crate) source: String,
    /// The rule it breaks and where (`PATH:LINE`); none if it keeps every rule.
    pub(crate) breaks: Option<(String, Vec<String>)>,
    pub(crate) files: Vec<File>,
}

/// The examples in a folder, by name.
pub(crate) fn load(folder: &Path) -> Vec<Example> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    paths.iter().map(|path| parse(path)).collect()
}

fn parse(path: &Path) -> Example {
    let source = path.display().to_string();
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{source}: {error}"));
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let breaks = (first != "keeps every rule").then(|| {
        let broken = first.strip_prefix("breaks ").and_then(|rest| rest.split_once(" at "));
        let (rule, places) =
            broken.unwrap_or_else(|| panic!("{source}:1: neither `breaks RULE at PATH:LINE` nor `keeps every rule`"));
        (rule.to_owned(), places.split(", ").map(str::to_owned).collect())
    });
    let mut files: Vec<(String, String)> = Vec::new();
    for line in rest.lines() {
        if let Some(path) = line.strip_prefix("=== ") {
            files.push((path.to_owned(), String::new()));
            continue;
        }
        let (_, text) = files.last_mut().unwrap_or_else(|| panic!("{source}:2: a line `=== PATH` is missing"));
        let repeat = line.strip_prefix("@repeat ").and_then(|rest| rest.split_once(' '));
        let (times, line) = repeat.map_or((1, line), |(times, line)| (times.parse().unwrap_or(0), line));
        text.push_str(&format!("{line}\n").repeat(times));
    }
    Example { source, breaks, files: files.iter().map(|(path, text)| File::new(path, text)).collect() }
}
