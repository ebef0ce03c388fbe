//! How files look: length, guides of rooms, tests that wait or do not run, lints switched off, unfinished work.

use crate::{
    files::File,
    lexer::Token,
    paths::{self, How},
    rules::{Finding, Rule},
};

/// No source file is longer.
const MOST_LINES: usize = 600;

/// What counts as source, by extension; scripts without one count by lying in `ci`.
const SOURCES: &[&str] = &["rs", "py", "js", "mjs", "ts", "sh", "feature"];

/// Words of unfinished work. In pieces, so that this file does not contain them.
const UNFINISHED: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "file-length",
        remedy: "split the file by what its parts do: 150 lines is the aim, 600 the end",
        find: length,
    },
    Rule { name: "room-guide", remedy: "begin the file with `//!`: what is in here, in reading order", find: guide },
    Rule {
        name: "no-sleep-in-tests",
        remedy: "wait for the event itself, with a deadline that fails loudly",
        find: sleeps,
    },
    Rule {
        name: "no-ignored-test",
        remedy: "run the test or delete it; what needs more than a plain machine goes into its own test target",
        find: ignored,
    },
    Rule { name: "lint-exceptions-have-reasons", remedy: "use `#[expect(lint, reason = \"why\")]`", find: exceptions },
    Rule {
        name: "nothing-unfinished",
        remedy: "finish it, or take it out; plans belong in the issue tracker",
        find: unfinished,
    },
];

fn length(files: &[File]) -> Vec<Finding> {
    let is_source = |file: &&File| SOURCES.iter().any(|extension| file.has_extension(extension)) || file.under(&["ci"]);
    let sources = files.iter().filter(is_source).map(|file| (file, file.text.lines().count()));
    let long = sources.filter(|(_, lines)| *lines > MOST_LINES);
    long.map(|(file, lines)| Finding::new(file, MOST_LINES + 1, format!("has {lines} lines"))).collect()
}

fn guide(files: &[File]) -> Vec<Finding> {
    let is_guide = |file: &&File| file.path == "src/lib.rs" || file.name() == "mod.rs";
    let bare = files.iter().filter(is_guide).filter(|file| !file.text.starts_with("//!"));
    bare.map(|file| Finding::new(file, 1, "does not begin with `//!`")).collect()
}

/// Where every line is a test's: there a sleep is a test that waits.
fn is_test_file(file: &File) -> bool {
    file.under(&["tests", "features", "src/gherkin"]) || file.name() == "tests.rs" || file.folder().ends_with("/tests")
}

fn sleeps(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let all = is_test_file(file);
        for named in file.named.iter().filter(|named| all || named.in_test) {
            let from_time = named.has(&["time", "sleep"]) || named.has(&["thread", "sleep"]);
            if from_time || named.how == How::Call && named.segments.last().is_some_and(|last| last == "sleep") {
                findings.push(Finding::new(file, named.line, format!("`{}` in a test", named.segments.join("::"))));
            }
        }
    }
    let call = concat!("sleep", "(");
    for file in files.iter().filter(|file| !file.is_rust() && file.under(&["tests", "features"])) {
        let found = file.lines().filter(|(_, text)| text.contains(call));
        findings.extend(found.map(|(line, _)| Finding::new(file, line, "sleeps")));
    }
    findings
}

fn ignored(files: &[File]) -> Vec<Finding> {
    let says = |tokens: &[Token]| tokens.iter().any(|token| token.is("ignore")) && in_attribute(tokens, "ignore");
    find_attributes(files, says, "a test that does not run")
}

fn exceptions(files: &[File]) -> Vec<Finding> {
    let without_reason = |tokens: &[Token]| {
        let switches_off = ["allow", "expect"].iter().any(|word| in_attribute(tokens, word));
        switches_off && !tokens.windows(2).any(|pair| pair[0].is("reason") && pair[1].is("="))
    };
    find_attributes(files, without_reason, "a lint switched off without a reason")
}

/// Whether `word` is the attribute itself, or what a `cfg_attr` makes of it.
fn in_attribute(tokens: &[Token], word: &str) -> bool {
    let first = tokens.first().is_some_and(|token| token.is(word));
    let conditional = tokens.first().is_some_and(|token| token.is("cfg_attr"));
    first || conditional && tokens.windows(2).any(|pair| pair[0].is(",") && pair[1].is(word))
}

fn find_attributes(files: &[File], wanted: impl Fn(&[Token]) -> bool, what: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let found = paths::attributes(&file.tokens).into_iter().filter(|(_, tokens)| wanted(tokens));
        findings.extend(found.map(|(line, _)| Finding::new(file, line, what)));
    }
    findings
}

fn unfinished(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        for named in file.named.iter().filter(|named| named.how == How::Macro) {
            if let Some(name) = named.segments.last().filter(|name| ["todo", "unimplemented"].contains(&name.as_str()))
            {
                findings.push(Finding::new(file, named.line, format!("`{name}!`")));
            }
        }
        for (line, text) in file.lines() {
            let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
            if let Some(word) = words.find(|word| UNFINISHED.contains(word)) {
                findings.push(Finding::new(file, line, format!("the word {word}")));
            }
        }
    }
    findings
}
