//! Imports point down: the rooms, their levels, and who may see whom.

use crate::{
    files::File,
    paths::How,
    rules::{Finding, Rule},
};

/// The rooms of the crate, by level.
pub(crate) const LEVELS: &[&[&str]] = &[
    &["contract", "wire", "event"],
    &["hub", "plugin", "vinted", "transcript", "figures"],
    &["checker", "stage", "report"],
    &["sim", "live"],
    &["gherkin", "load", "explore", "conformance", "doctor"],
    &["cli"],
];

/// Imports allowed between rooms of one level: who, whom, and why.
pub(crate) const SAME_LEVEL: &[(&str, &str, &str)] =
    &[("event", "contract", "an event speaks of messages, actions and guarantees in the contract's own types")];

/// Rooms that never see each other; no entry of `SAME_LEVEL` may say otherwise.
pub(crate) const STRANGERS: &[(&str, &str)] =
    &[("sim", "live"), ("stage", "report"), ("stage", "checker"), ("checker", "report")];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "imports-down",
        remedy: "move what both need to a lower room, or pass it in as an argument; a pair of one level that belongs together \
                 goes into SAME_LEVEL in tests/tidy/rooms.rs with its reason",
        find: imports_down,
    },
    Rule {
        name: "known-rooms",
        remedy: "give the room its level in LEVELS in tests/tidy/rooms.rs and in ARCHITECTURE.md, or move the file into a room",
        find: known_rooms,
    },
];

/// The level of a room; none for anything that is not a room.
pub(crate) fn level(room: &str) -> Option<usize> {
    LEVELS.iter().position(|rooms| rooms.contains(&room))
}

/// The room that a source file belongs to: `src/hub/calls.rs` and `src/hub.rs` to `hub`. `lib.rs` and `main.rs` stand above all rooms.
pub(crate) fn room(file: &File) -> Option<&str> {
    let path = file.path.strip_prefix("src/").filter(|_| file.is_rust())?;
    let room = path.split_once('/').map_or_else(|| path.trim_end_matches(".rs"), |(room, _)| room);
    (!matches!(path, "lib.rs" | "main.rs")).then_some(room)
}

/// The module that a source file is.
fn module(file: &File) -> Vec<String> {
    let path = file.path.trim_start_matches("src/").trim_end_matches(".rs");
    path.trim_end_matches("/mod").split('/').map(str::to_owned).collect()
}

fn known_rooms(files: &[File]) -> Vec<Finding> {
    let unknown = |file: &&File| room(file).is_some_and(|room| level(room).is_none());
    files.iter().filter(unknown).map(|file| Finding::new(file, 1, "lies in no known room")).collect()
}

fn imports_down(files: &[File]) -> Vec<Finding> {
    files.iter().filter_map(|file| Some(imports_of(file, room(file)?))).flatten().collect()
}

fn imports_of(file: &File, from: &str) -> Vec<Finding> {
    let home = module(file);
    let mut findings = Vec::new();
    for named in &file.named {
        let Some(path) = named.absolute(&home) else { continue };
        let to = path.first().map_or("", String::as_str);
        let written = named.segments.join("::");
        let what = match (level(to), level(from)) {
            (None, _) if to.is_empty() && named.how != How::Import => continue,
            (None, _) if to == from => continue,
            (None, _) if matches!(to, "" | "*") => {
                format!("`{written}` takes in the whole crate, which hides what is imported")
            }
            (None, _) => format!("`{written}` is no room: the crate's root lies above `{from}`"),
            (Some(target), Some(own)) if !may_see(from, own, to, target) => {
                format!("`{from}` (level {own}) names `{to}` (level {target}): `{written}`")
            }
            _ => continue,
        };
        findings.push(Finding::new(file, named.line, what));
    }
    findings
}

fn may_see(from: &str, own: usize, to: &str, target: usize) -> bool {
    let excepted = |(who, whom, _): &(&str, &str, &str)| *who == from && *whom == to;
    from == to || target < own || SAME_LEVEL.iter().any(excepted)
}

/// The entries of `SAME_LEVEL` that no file needs.
pub(crate) fn unneeded_exceptions(files: &[File]) -> Vec<String> {
    let imports = |who: &str, whom: &str| {
        files.iter().filter(|file| room(file) == Some(who)).any(|file| {
            let home = module(file);
            file.named
                .iter()
                .filter_map(|named| named.absolute(&home))
                .any(|path| path.first().is_some_and(|room| room == whom))
        })
    };
    let rooms_exist = |who: &str| files.iter().any(|file| room(file) == Some(who));
    let unneeded = SAME_LEVEL.iter().filter(|(who, whom, _)| rooms_exist(who) && !imports(who, whom));
    unneeded.map(|(who, whom, _)| format!("{who} -> {whom}")).collect()
}
