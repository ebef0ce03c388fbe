//! From the text of a feature file to a feature, or to what is wrong with it: in which line, and what to do.
//!
//! Gherkin itself takes much for free text, and leaves out what it cannot use. Here nothing is lost: what would not be run is
//! an error.

use cucumber::feature::Ext as _;
use cucumber::gherkin::{Examples, Feature, GherkinEnv, Scenario, Step, Table};

use super::features::{FeatureError, wrong};

/// Reads a feature file, with its outlines expanded.
///
/// # Errors
/// The first line that is wrong.
pub(super) fn parse(path: &str, text: &str) -> Result<Feature, FeatureError> {
    let error = |(line, what): (usize, String)| wrong(path, line, what);
    let parsed = Feature::parse(text, GherkinEnv::default());
    let mut feature = parsed.map_err(|parser| error(unreadable(text, &parser.to_string())))?;
    ragged(text).map_or(Ok(()), |row| Err(error((row, RAGGED.to_owned()))))?;
    for rule in &mut feature.rules {
        for scenario in &mut rule.scenarios {
            scenario.tags.splice(0..0, rule.tags.iter().cloned());
        }
    }
    let backgrounds = feature.background.iter().chain(feature.rules.iter().filter_map(|rule| rule.background.as_ref()));
    for background in backgrounds {
        lost_step(text, &background.steps, background.position.line).map_or(Ok(()), |found| Err(error(found)))?;
    }
    let mut scenarios =
        feature.scenarios.iter().chain(feature.rules.iter().flat_map(|rule| &rule.scenarios)).peekable();
    if scenarios.peek().is_none() {
        return Err(error((feature.position.line, NO_SCENARIO.to_owned())));
    }
    for scenario in scenarios {
        flaw(text, scenario).map_or(Ok(()), |found| Err(error(found)))?;
    }
    feature.expand_examples().map_err(|unknown| error((unknown.pos.line, no_column(&unknown.name))))
}

const EMPTY: &str =
    "it is empty: a feature file begins with 'Feature: …', and 'Scenario: …' and its steps come after it";

const NO_FEATURE: &str = "a feature file begins with 'Feature: …', beside its tags and comments";

const ANOTHER: &str = "a file has one feature: begin another file for this one";

const NO_GHERKIN: &str = "a feature file does not go on like this: after 'Feature: …' come 'Scenario: …' and its steps, each of which \
    begins with Given, When, Then, And or But";

const NO_SCENARIO: &str =
    "the feature has no scenario: each begins with 'Scenario: …', and its steps with Given, When, Then, And or But";

const RAGGED: &str =
    "this row has not as many cells as the one above it: give each row of a table the same number of cells";

const NO_ROW: &str = "the examples have no row, so that nothing would be run: give them a line '| … |' of names and one of values, or \
    delete the outline";

fn no_column(name: &str) -> String {
    format!("no column <{name}>: give the examples one, or take <{name}> out of the steps")
}

fn no_step(title: &str) -> String {
    format!("'{title}' has no step: each begins with Given, When, Then, And or But")
}

fn no_examples(title: &str) -> String {
    format!("'{title}' is an outline without examples: add 'Examples:' and a table, or begin it with 'Scenario:'")
}

/// The line that the parser stopped at, and what is wrong with it.
fn unreadable(text: &str, message: &str) -> (usize, String) {
    let mut lines = text.lines().map(str::trim).zip(1..).filter(|(line, _)| !line.is_empty());
    if let Some((language, line)) = lines.clone().find_map(|(line, number)| Some((language(line)?, number)))
        && GherkinEnv::new(language).is_err()
    {
        return (line, format!("no language is called '{language}': write its code, such as 'en' or 'fr'"));
    }
    let has_language = lines.clone().any(|(line, _)| language(line).is_some());
    match lines.find(|(line, _)| !line.starts_with(['#', '@'])) {
        None => return (1, EMPTY.to_owned()),
        Some((line, number)) if !has_language && !line.starts_with("Feature:") => {
            return (number, NO_FEATURE.to_owned());
        }
        Some(_) => {}
    }
    let another = lines.find(|(line, _)| line.starts_with("Feature:")).map(|(_, number)| number);
    match (another, ragged(text)) {
        (Some(another), _) => (another, ANOTHER.to_owned()),
        (None, Some(row)) => (row, RAGGED.to_owned()),
        (None, None) => (culprit(text, line_of(message)), NO_GHERKIN.to_owned()),
    }
}

/// The language in a line `# language: fr`.
fn language(line: &str) -> Option<&str> {
    Some(line.strip_prefix('#')?.trim_start().strip_prefix("language")?.trim_start().strip_prefix(':')?.trim())
}

/// What a line of a feature begins with, if it is not free text.
const BEGINNINGS: [&str; 18] = [
    "Feature:",
    "Background:",
    "Rule:",
    "Scenario:",
    "Scenario Outline:",
    "Scenario Template:",
    "Example:",
    "Examples:",
    "Scenarios:",
    "Given ",
    "When ",
    "Then ",
    "And ",
    "But ",
    "* ",
    "#",
    "@",
    "|",
];

/// The line that is wrong: the parser often names the one behind it, even behind the last.
fn culprit(text: &str, named: usize) -> usize {
    let lines = text.lines().map(str::trim).zip(1..).take(named).filter(|(line, _)| !line.is_empty());
    let last: Vec<(&str, usize)> = lines.collect();
    let odd = |(line, _): &&(&str, usize)| !BEGINNINGS.iter().any(|beginning| line.starts_with(beginning));
    let there = last.last().map_or(1, |(_, number)| *number);
    last.iter().rev().take(2).find(odd).map_or(named.min(there), |(_, number)| *number)
}

/// The line in a parser's message `Error at {line}:{column}: …`, which the parser tells in no other way.
fn line_of(message: &str) -> usize {
    let digits: String = message.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(1)
}

/// The first row of a table whose cells are not as many as those of the row above it. The parser drops what is too much.
fn ragged(text: &str) -> Option<usize> {
    let mut above = None;
    for (line, number) in text.lines().map(str::trim).zip(1..) {
        // Empty lines and comments may stand in a table.
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let cells = line.starts_with('|').then(|| cells(line));
        if let (Some(cells), Some(above)) = (cells, above)
            && cells != above
        {
            return Some(number);
        }
        above = cells;
    }
    None
}

/// How many cells a row has.
fn cells(row: &str) -> usize {
    let mut escaped = false;
    let mut bars = 0;
    for c in row.chars() {
        bars += usize::from(c == '|' && !escaped);
        escaped = c == '\\' && !escaped;
    }
    bars
}

/// What is wrong with a scenario before its outline is expanded, and where.
fn flaw(text: &str, scenario: &Scenario) -> Option<(usize, String)> {
    let line = scenario.position.line;
    if scenario.steps.is_empty() {
        return Some((line, no_step(&scenario.name)));
    }
    if let Some(lost) = lost_step(text, &scenario.steps, line) {
        return Some(lost);
    }
    let is_outline = ["Scenario Outline", "Scenario Template"].contains(&scenario.keyword.as_str());
    if is_outline && scenario.examples.is_empty() {
        return Some((line, no_examples(&scenario.name)));
    }
    scenario.examples.iter().find_map(examples_flaw)
}

fn examples_flaw(examples: &Examples) -> Option<(usize, String)> {
    let line = examples.position.line;
    let Some((names, _)) = examples.table.as_ref().and_then(filled) else {
        return Some((line, NO_ROW.to_owned()));
    };
    let twice = names.iter().enumerate().find(|(place, name)| names[..*place].contains(name));
    twice.map(|(_, name)| (line, format!("the examples have two columns <{name}>: rename one, or delete it")))
}

/// A table's names and its rows of values, if it has any.
fn filled(table: &Table) -> Option<(&Vec<String>, &[Vec<String>])> {
    table.rows.split_first().filter(|(_, values)| !values.is_empty())
}

/// A line right above the first of these steps that was most likely to be a step too, and which the parser took for free
/// text: its first word is Given or When but for a letter. `begins` is the line of the title.
fn lost_step(text: &str, steps: &[Step], begins: usize) -> Option<(usize, String)> {
    let first = steps.first()?.position.line;
    let (line, number) = text.lines().zip(1..).take(first.saturating_sub(1)).skip(begins).last()?;
    let word = line.split_whitespace().next()?;
    let meant = ["Given", "When"].into_iter().find(|keyword| nearly(word, keyword))?;
    Some((number, format!("'{word}' begins no step: write '{meant}', or leave an empty line below this text")))
}

/// Whether a word is another but for its capitals, or for one letter: a wrong one, one too few or too many, or two exchanged.
fn nearly(word: &str, other: &str) -> bool {
    let (word, other) = (word.to_lowercase(), other.to_lowercase());
    let (word, other): (Vec<char>, Vec<char>) = (word.chars().collect(), other.chars().collect());
    let same = word.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let (word, other) = (&word[same..], &other[same..]);
    let rest = |letters: usize, of: &[char]| of.get(letters..).map(<[char]>::to_vec);
    let exchanged = matches!((word, other), ([a, b, ..], [c, d, ..]) if a == d && b == c);
    word == other
        || rest(1, word) == rest(1, other) && !word.is_empty()
        || rest(1, word).is_some_and(|rest| rest == other)
        || rest(1, other).is_some_and(|rest| rest == word)
        || exchanged && rest(2, word) == rest(2, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_nearly_another_but_for_one_letter() {
        for word in ["Given", "given", "GIVEN", "Givn", "Givven", "Gven", "Gievn", "Gwven", "Give", "iven", "Givenn"] {
            assert!(nearly(word, "Given"), "{word}");
        }
        for word in ["", "G", "When", "Gives up", "Giving", "Gvien2", "Then"] {
            assert!(!nearly(word, "Given"), "{word}");
        }
    }

    #[test]
    fn a_bar_with_a_backslash_is_part_of_its_cell() {
        assert_eq!(cells("| a | b |"), 3);
        assert_eq!(cells(r"| a \| b |"), 2);
        assert_eq!(cells(r"| a \\| b |"), 3);
    }
}
