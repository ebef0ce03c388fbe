//! The file of scenarios that have yet to hold: read before a check, written after it.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::cannot_write;
use crate::cli::Failure;
use crate::gherkin::Case;

/// A file of addresses, one per line.
pub(super) struct Rerun {
    file: PathBuf,
    /// What it had; nothing means every scenario.
    listed: BTreeSet<String>,
    /// Every address there is, in order.
    order: Vec<String>,
    /// What it had and this check does not run: it has yet to hold as before.
    kept: BTreeSet<String>,
}

impl Rerun {
    /// Reads a file; one that is missing has nothing.
    ///
    /// # Errors
    /// A file that cannot be read, or that has a line which is no scenario's address.
    pub(super) fn read(file: &Path, all: &[Case]) -> Result<Self, Failure> {
        // Reading a pipe or a device might never end, and it would not keep what is written.
        if file.metadata().is_ok_and(|what| !what.is_file() && !what.is_dir()) {
            return Err(Failure::Usage(format!("cannot read {}: it is no file", file.display())));
        }
        let text = match std::fs::read(file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Failure::Usage(format!("cannot read {}: {error}", file.display()))),
        };
        let order: Vec<String> = all.iter().map(|case| case.address.clone()).collect();
        let mut listed = BTreeSet::new();
        for (line, number) in text.lines().map(str::trim).zip(1..).filter(|(line, _)| !line.is_empty()) {
            let Some(address) = order.iter().find(|address| address.eq_ignore_ascii_case(line)) else {
                return Err(Failure::Usage(format!(
                    "{}:{number}: no scenario has the address '{line}': delete the line, or the file to run everything",
                    file.display()
                )));
            };
            listed.insert(address.clone());
        }
        Ok(Self { file: file.to_owned(), listed, order, kept: BTreeSet::new() })
    }

    /// Whether a case is to be run.
    pub(super) fn takes(&self, case: &Case) -> bool {
        self.listed.is_empty() || self.listed.contains(&case.address)
    }

    /// The same for a check of these cases.
    ///
    /// # Errors
    /// A file that will not be written either.
    pub(super) fn kept_for(mut self, cases: &[Case]) -> Result<Self, Failure> {
        let opened = std::fs::OpenOptions::new().append(true).create(true).open(&self.file);
        opened.map_err(|error| cannot_write(&self.file, &error))?;
        let run: BTreeSet<&str> = cases.iter().map(|case| case.address.as_str()).collect();
        self.kept = self.listed.iter().filter(|address| !run.contains(address.as_str())).cloned().collect();
        Ok(self)
    }

    /// Leaves the file what has yet to hold.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn write(&self, yet_to_hold: impl Fn(&str) -> bool) -> Result<(), Failure> {
        let left = self.order.iter().filter(|address| self.kept.contains(*address) || yet_to_hold(address));
        let text: String = left.flat_map(|address| [address, "\n"]).collect();
        std::fs::write(&self.file, text).map_err(|error| cannot_write(&self.file, &error))
    }
}
