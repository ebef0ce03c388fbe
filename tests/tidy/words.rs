//! Words that belong to one machine or one workplace, and not into a repository.

use crate::{
    files::File,
    rules::{Finding, Rule},
};

/// Folders of somebody's machine. In pieces, as all words here are, so that this file does not contain them.
const MACHINE_PATHS: &[&str] =
    &[concat!("/wo", "rk"), concat!("/ro", "ot"), concat!("/ho", "me"), concat!("/Us", "ers")];

/// Hosts of package registries: packages are named, and the tools know where to find them.
const REGISTRY_HOSTS: &[&str] = &[
    concat!("registry.np", "mjs.org"),
    concat!("registry.ya", "rnpkg.com"),
    concat!("py", "pi.org"),
    concat!("python", "hosted.org"),
    concat!("index.cra", "tes.io"),
    concat!("static.cra", "tes.io"),
    concat!("proxy.go", "lang.org"),
];

/// Words of the place where the work was done.
const WORKPLACE: &[&str] = &[concat!("fa", "rm-")];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "no-machine-path",
        remedy: "name files from the repository's root, or ask the environment (CARGO_MANIFEST_DIR, a temporary folder)",
        find: machine_paths,
    },
    Rule {
        name: "no-registry-host",
        remedy: "leave the registry to the tool's own settings; lock files can be written without hosts",
        find: |files| find(files, REGISTRY_HOSTS, |_, _| true),
    },
    Rule {
        name: "no-workplace-word",
        remedy: "say it in words that hold for every reader of the repository",
        find: |files| find(files, WORKPLACE, |before, _| !before.ends_with(char::is_alphanumeric)),
    },
];

/// Absolute paths only: not the middle of a longer path or URL, and the folder's whole name.
fn machine_paths(files: &[File]) -> Vec<Finding> {
    find(files, MACHINE_PATHS, |before, after| {
        let starts = !before.ends_with(|c: char| c.is_alphanumeric() || "._-)}*".contains(c));
        starts && !after.starts_with(|c: char| c.is_alphanumeric() || "_-".contains(c))
    })
}

/// Lines with one of the words, where `counts` agrees with what stands before and after it.
fn find(files: &[File], words: &[&str], counts: fn(&str, &str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        for (line, text) in file.lines() {
            let hit =
                |word: &&&str| text.match_indices(**word).any(|(at, _)| counts(&text[..at], &text[at + word.len()..]));
            findings
                .extend(words.iter().filter(hit).map(|word| Finding::new(file, line, format!("contains `{word}`"))));
        }
    }
    findings
}
