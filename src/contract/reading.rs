//! What users write in TOML, with errors that say where and what to do.

use std::fmt;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::nearest::suggestion;

/// A text that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    /// The line, from 1.
    pub line: usize,
    /// The column in it, in characters, from 1.
    pub column: usize,
    /// The key that it is about, such as `rules[0].reaction`; empty where it is about the whole text.
    pub key: String,
    /// What is wrong, and what to do.
    pub what: String,
}

impl std::error::Error for Misread {}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.said())
    }
}

impl Misread {
    /// The same without its place.
    #[must_use]
    pub fn said(&self) -> String {
        if self.key.is_empty() { self.what.clone() } else { format!("in `{}`: {}", self.key, self.what) }
    }
}

/// Reads a value.
///
/// # Errors
/// [`Misread`] if the text is no TOML, or has an unknown key or an impossible value.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Misread> {
    toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let (line, column) = place(text, span.start);
        let what = in_our_words(error.message());
        let mut path = DeTable::parse(text).ok().and_then(|table| path_to(table.get_ref(), &span)).unwrap_or_default();
        if what.starts_with(UNKNOWN_KEY) {
            // The key is told anyway: what matters is where it stands.
            path.pop();
        }
        Misread { line, column, key: path.concat().trim_start_matches('.').to_owned(), what }
    })
}

/// What is wrong with a value that can be read, at a key such as `storms[0].at`; where the text has no such key, at the nearest
/// one around it.
#[must_use]
pub fn wrong_at(text: &str, key: &str, what: String) -> Misread {
    let table = DeTable::parse(text).ok();
    let start = table.as_ref().and_then(|table| start_of(table.get_ref(), key)).unwrap_or_default();
    let (line, column) = place(text, start);
    Misread { line, column, key: key.to_owned(), what }
}

/// Where the value of a key begins, in bytes; that of the nearest one around it where there is none.
fn start_of(table: &DeTable<'_>, key: &str) -> Option<usize> {
    // A name in quotes may have dots in it.
    if let Some(whole) = member(table, key) {
        return Some(whole.span().start);
    }
    let end = key.find(['.', '['])?;
    let (name, rest) = key.split_at_checked(end)?;
    let value = member(table, name)?;
    Some(start_in(value, rest).unwrap_or(value.span().start))
}

/// The same below a value, for a rest such as `[0].at` or `.at`.
fn start_in(value: &Spanned<DeValue<'_>>, rest: &str) -> Option<usize> {
    match value.get_ref() {
        DeValue::Table(table) => start_of(table, rest.strip_prefix('.')?),
        DeValue::Array(items) => {
            let (place, rest) = rest.strip_prefix('[')?.split_once(']')?;
            let item = items.get(place.parse::<usize>().ok()?)?;
            Some(start_in(item, rest).unwrap_or(item.span().start))
        }
        _ => None,
    }
}

fn member<'t, 'd>(table: &'t DeTable<'d>, name: &str) -> Option<&'t Spanned<DeValue<'d>>> {
    table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
}

/// The line and column of a byte, both from 1.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// The keys that lead to what is at a span, the innermost last: `.key` for a member and `[0]` for an item.
fn path_to(table: &DeTable<'_>, wanted: &Range<usize>) -> Option<Vec<String>> {
    table.iter().find_map(|(key, value)| {
        let inner = path_in(value, wanted).or_else(|| holds(&key.span(), wanted).then(Vec::new))?;
        Some([vec![format!(".{}", key.get_ref())], inner].concat())
    })
}

/// The same below a value; nothing if the value does not hold it.
fn path_in(value: &Spanned<DeValue<'_>>, wanted: &Range<usize>) -> Option<Vec<String>> {
    let below = match value.get_ref() {
        DeValue::Table(table) => path_to(table, wanted),
        DeValue::Array(items) => items.iter().enumerate().find_map(|(place, item)| {
            let inner = path_in(item, wanted)?;
            Some([vec![format!("[{place}]")], inner].concat())
        }),
        _ => None,
    };
    below.or_else(|| holds(&value.span(), wanted).then(Vec::new))
}

fn holds(span: &Range<usize>, wanted: &Range<usize>) -> bool {
    span.start <= wanted.start && wanted.end <= span.end
}

const UNKNOWN_KEY: &str = "unknown key";

/// What serde says, for people who write TOML.
#[must_use]
pub fn in_our_words(message: &str) -> String {
    let unknown = [("unknown field ", UNKNOWN_KEY), ("unknown variant ", "unknown name")];
    for (theirs, ours) in unknown {
        let Some(rest) = message.strip_prefix(theirs) else { continue };
        let mut names = rest.split('`').skip(1).step_by(2);
        let Some(name) = names.next() else { continue };
        let known: Vec<&str> = names.collect();
        return format!("{ours} `{name}`: {}", suggestion(name, &known));
    }
    if let Some(field) = message.strip_prefix("missing field ") {
        return format!("the key {field} is missing");
    }
    if let Some(said) = of_choices(message) {
        return said.to_owned();
    }
    if let Some((got, wanted)) = message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        let wanted = match wanted {
            "f64" => "a number",
            "i64" => "a whole number",
            "a string" => "a text",
            "a sequence" => "a list",
            "a boolean" => "true or false",
            other => other,
        };
        return format!("{wanted} belongs here, and this is {}", kind(got));
    }
    message.to_owned()
}

/// What is wrong where one of several names has to be chosen, some of which take a value: `"name"`, or `{ name = value }`.
fn of_choices(message: &str) -> Option<&'static str> {
    let said = [
        ("invalid type: unit variant, expected newtype variant", "this name needs a value: write `{ name = value }`"),
        ("expected table, found ", "this name takes no value: write it alone, in quotes"),
        ("wanted exactly 1 element", "one thing belongs here: write `{ name = value }` with one name"),
        ("wanted string or table", "a name belongs here, or a table: write `\"name\"` or `{ name = value }`"),
    ];
    said.iter().find(|(theirs, _)| message.starts_with(theirs)).map(|(_, ours)| *ours)
}

/// What serde calls a value.
fn kind(got: &str) -> String {
    let names = [
        ("integer ", "the number "),
        ("floating point ", "the number "),
        ("string ", "the text "),
        ("boolean ", "the truth value "),
        ("sequence", "a list"),
        ("map", "a table"),
    ];
    let known = names.iter().find_map(|(theirs, ours)| Some(format!("{ours}{}", got.strip_prefix(theirs)?)));
    known.unwrap_or_else(|| got.to_owned())
}
