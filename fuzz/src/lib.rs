//! What hostile input is given to, and what has to hold whatever it is. Nothing may panic; what else is asked stands at each
//! target. A target takes any bytes.
//!
//! - `wire`: packets of Engine.IO and Socket.IO.
//! - `plugin`: what a hub may send to a plugin, and behaviours.
//! - `gherkin`: feature files and their steps.
//! - `vinted`: the marketplace's settings, stubs and requests.
//! - `control`: requests and replies of the control API.
//! - `load`: load profiles; `report`: what load runs measured, as documents.
//! - `hub`: what plugins may send to a hub.
//!
//! cargo-fuzz runs the targets on a nightly toolchain. The project's tests give each of them what lies in `fuzz/corpus`.

mod control;
mod gherkin;
mod hub;
mod load;
mod plugin;
mod report;
mod vinted;
mod wire;

/// Takes any bytes, and panics if something does not hold.
pub type Target = fn(&[u8]);

/// Every target, by the name of its corpus.
pub const TARGETS: [(&str, Target); 17] = [
    ("engine_packet", wire::engine_packet),
    ("polling_payload", wire::polling_payload),
    ("socket_packet", wire::socket_packet),
    ("assembler", wire::assembler),
    ("session", plugin::session),
    ("behaviour", plugin::behaviour),
    ("feature", gherkin::feature),
    ("step", gherkin::step),
    ("profile", vinted::profile),
    ("mapping", vinted::mapping),
    ("marketplace", vinted::marketplace),
    ("multipart", vinted::multipart),
    ("control_request", control::request),
    ("control_reply", control::reply),
    ("load_profile", load::profile),
    ("load_report", report::load),
    ("hub", hub::hub),
];

/// Gives bytes to the target of this name.
///
/// # Panics
/// If something does not hold, or if there is no such target.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = target.unwrap_or_else(|| panic!("there is no target {name}"));
    target(data);
}

/// The line and the column, both from 1, behind a place `{file}:`; the column is missing where only the line is told.
fn position(place: &str, file: &str) -> (usize, Option<usize>) {
    let behind = place.strip_prefix(file).and_then(|rest| rest.strip_prefix(':'));
    let behind = behind.unwrap_or_else(|| panic!("{place} names no line of {file}"));
    let mut numbers = behind.split(':').map(|part| part.parse().ok());
    let line = numbers.next().flatten().unwrap_or_else(|| panic!("{place} names no line of {file}"));
    (line, numbers.next().flatten())
}

/// An error has to point at a line of the text, and at a column of it or right behind its last one. Behind the line feed that
/// ends a text, one more line counts.
fn assert_within(text: &str, (line, column): (usize, Option<usize>)) {
    let found = text.split('\n').nth(line.wrapping_sub(1));
    let found = found.unwrap_or_else(|| panic!("line {line} is not in {text:?}"));
    // Some count bytes and some count characters; no line has more characters than bytes.
    let in_line = column.is_none_or(|column| (1..=found.len() + 1).contains(&column));
    assert!(in_line, "column {column:?} is not in line {line} of {text:?}");
}
