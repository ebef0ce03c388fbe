//! What both protocols need of JSON: errors that point at a byte, and the first look at a payload's shape.

use serde::de::{Deserialize, IgnoredAny};

use super::WireError;

/// The four characters that JSON counts as white space.
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Reads `json`, which starts at byte `at` of the text being parsed.
///
/// # Errors
/// [`WireError::BadJson`] for what is no JSON, [`WireError::WrongShape`] for JSON that is no `T`.
pub(super) fn read<'a, T: Deserialize<'a>>(json: &'a str, at: usize) -> Result<T, WireError> {
    serde_json::from_str(json).map_err(|error| explain(json, at, &error))
}

/// Succeeds if `json` is sound JSON, whatever its shape.
///
/// # Errors
/// [`WireError::BadJson`].
pub(super) fn check(json: &str, at: usize) -> Result<(), WireError> {
    read::<IgnoredAny>(json, at).map(|_| ())
}

/// Turns a JSON reader's complaint into one of ours.
pub(super) fn explain(json: &str, at: usize, error: &serde_json::Error) -> WireError {
    let at = at + offset(json, error);
    let reason = reason(error);
    if error.is_data() { WireError::WrongShape { reason, at } } else { WireError::BadJson { reason, at } }
}

/// The complaint without its line and column, which mean nothing inside a packet.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// Byte offset in `json` for the reader's line and column, both counted from 1.
pub(super) fn offset(json: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return json.len();
    }
    let lines_before = error.line().saturating_sub(1);
    let start: usize = json.split_inclusive('\n').take(lines_before).map(str::len).sum();
    (start + error.column().saturating_sub(1)).min(json.len())
}

/// How a payload begins, seen without parsing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// No array at all.
    NotArray,
    /// `[]`, with the offset of the closing bracket.
    EmptyArray(usize),
    /// An array whose first element is a string.
    TextFirst,
    /// An array whose first element, at this offset, is something else.
    OtherFirst(usize),
}

/// Looks at the first one or two characters of `json`.
pub(super) fn opening(json: &str) -> Opening {
    let Some(inside) = json.trim_start_matches(SPACE).strip_prefix('[') else {
        return Opening::NotArray;
    };
    let first = inside.trim_start_matches(SPACE);
    let at = json.len() - first.len();
    match first.bytes().next() {
        Some(b'"') => Opening::TextFirst,
        Some(b']') => Opening::EmptyArray(at),
        _ => Opening::OtherFirst(at),
    }
}
