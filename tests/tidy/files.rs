//! The repository's files, as the rules see them.

use std::{fs, path::Path};

use crate::{
    lexer::{self, Kind, Token},
    paths::{self, Named},
};

/// What is looked at, from the repository's root. Files that are not there are no fault.
const ROOTS: &[&str] = &[
    "src",
    "tests",
    "features",
    "fixtures",
    "scenarios",
    "docs",
    "ci",
    "benches",
    "fuzz",
    ".ci",
    ".github",
    "Cargo.toml",
    "Cargo.lock",
    "build.rs",
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "deny.toml",
    "clippy.toml",
    "rustfmt.toml",
];

/// What is built, installed or left behind by tools; and the examples of this test.
const SKIPPED: &[&str] = &[
    "target",
    ".venv",
    "node_modules",
    "__pycache__",
    ".pytest_cache",
    ".ruff_cache",
    "tests/tidy/broken",
    "tests/tidy/clean",
];

/// One text file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// From the repository's root, with forward slashes.
    pub(crate) path: String,
    pub(crate) text: String,
    /// Rust only: the code, without comments.
    pub(crate) tokens: Vec<Token>,
    /// Rust only: every path the code names.
    pub(crate) named: Vec<Named>,
}

impl File {
    /// A file of this path and text.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let tokens = if has_extension(path, "rs") { lexer::tokens(text) } else { Vec::new() };
        let named = paths::named(&tokens);
        Self { path: path.to_owned(), text: text.to_owned(), tokens, named }
    }

    /// Whether it is Rust code.
    pub(crate) fn is_rust(&self) -> bool {
        self.has_extension("rs")
    }

    /// Whether its name ends in `.extension`.
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        has_extension(&self.path, extension)
    }

    /// Whether it lies under one of these folders (or is one of these files).
    pub(crate) fn under(&self, folders: &[&str]) -> bool {
        folders
            .iter()
            .any(|folder| self.path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }

    /// The name without its folders.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or(&self.path, |(_, name)| name)
    }

    /// The folder it lies in; empty for the root.
    pub(crate) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The lines, numbered from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// What it says to a machine: the string literals of Rust, the lines of anything else that are no `#` comment.
    pub(crate) fn says(&self, wanted: impl Fn(&str) -> bool) -> bool {
        if self.is_rust() {
            self.tokens.iter().any(|token| token.kind == Kind::Text && wanted(&token.text))
        } else {
            self.text.lines().any(|line| !line.trim_start().starts_with('#') && wanted(line))
        }
    }
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// The files of the repository at `root`, by path. Files that are no UTF-8 count with an empty text.
pub(crate) fn repository(root: &Path) -> Vec<File> {
    let mut files = Vec::new();
    for start in ROOTS {
        collect(root, start, &mut files);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn collect(root: &Path, path: &str, files: &mut Vec<File>) {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    if SKIPPED.contains(&path) || SKIPPED.contains(&name) {
        return;
    }
    let place = root.join(path);
    if place.is_dir() {
        let entries = fs::read_dir(&place).unwrap_or_else(|error| panic!("{path}: cannot be listed: {error}"));
        for entry in entries {
            let entry = entry.unwrap_or_else(|error| panic!("{path}: cannot be listed: {error}"));
            collect(root, &format!("{path}/{}", entry.file_name().to_string_lossy()), files);
        }
    } else if place.is_file() {
        let bytes = fs::read(&place).unwrap_or_else(|error| panic!("{path}: cannot be read: {error}"));
        files.push(File::new(path, &String::from_utf8(bytes).unwrap_or_default()));
    }
}
