//! Every fixture has a reader.
//!
//! A fixture has one if code names it, by its own path (`fixtures/frames/open.txt`) or by that of a folder around it
//! (`fixtures/frames`, then loaded as a folder), in one piece: in a string of Rust code, or in a line of anything else
//! that is no comment. `fixtures` alone names nothing, a path to one file does not name its folder, and a fixture
//! does not name itself. READMEs need no reader.

use crate::{
    files::File,
    rules::{Finding, Rule},
};

pub(crate) const RULES: &[Rule] = &[Rule {
    name: "no-orphaned-fixture",
    remedy: "read it in a test, by its path or its folder's from the repository's root; or delete it",
    find: orphaned,
}];

/// Where fixtures are read from.
const READERS: &[&str] = &["src", "tests", "benches", "ci", "features", "scenarios", "build.rs"];

fn orphaned(files: &[File]) -> Vec<Finding> {
    let readers: Vec<&File> = files.iter().filter(|file| file.under(READERS) && !file.under(&["tests/tidy"])).collect();
    let fixtures = files.iter().filter(|file| file.under(&["fixtures"]) && file.name() != "README.md");
    let unread =
        fixtures.filter(|fixture| !readers.iter().any(|reader| reader.says(|text| names(text, &fixture.path))));
    unread.map(|file| Finding::new(file, 1, "nothing reads it")).collect()
}

/// Whether `text` names the file at `path` or a folder around it, below `fixtures`.
fn names(text: &str, path: &str) -> bool {
    let folders = path.match_indices('/').skip(1).map(|(at, _)| &path[..at]);
    std::iter::once(path).chain(folders).any(|wanted| names_exactly(text, wanted))
}

/// Whether `wanted` stands in `text` as a whole path: nothing longer goes on from it but a closing slash.
fn names_exactly(text: &str, wanted: &str) -> bool {
    text.match_indices(wanted).any(|(at, _)| {
        let part_of_name = |c: char| c.is_alphanumeric() || "_-".contains(c);
        let rest = &text[at + wanted.len()..];
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let mut rest = rest.chars();
        let goes_on = match rest.next() {
            Some('.') => rest.next().is_some_and(part_of_name),
            Some(c) => part_of_name(c),
            None => false,
        };
        !goes_on && !text[..at].ends_with(part_of_name)
    })
}
