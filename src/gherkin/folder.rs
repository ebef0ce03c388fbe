//! Features of the user's own: every `*.feature` below a folder, with the transcripts beside them.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::behaviours::Behaviours;
use super::features::{Case, FeatureError, cases, wrong};
use super::snapshots::{self, NO_UTF_8};
use crate::contract::guarantee::Area;
use crate::report::Reference;

/// Every case of the features below a folder, in the order of their paths, numbered as the built-in ones are.
///
/// A transcript `<ADDRESS>.snap` beside a feature is compared with that scenario's run. It may have a header, as insta writes
/// it, or be bare, as `--transcripts` writes it. Behaviours `behaviours/<NAME>.toml` in the folder can be named by its scenarios.
///
/// # Errors
/// A folder or file that cannot be read, a feature that cannot be run, a behaviour that is none, and a transcript that belongs to no scenario.
pub fn below(folder: &Path) -> Result<Vec<Case>, FeatureError> {
    let mut found = Found::default();
    found.walk(folder, &mut Vec::new())?;
    if found.features.is_empty() {
        return Err(at(folder, "there is no file *.feature below it: name the folder that has your features"));
    }
    found.features.sort();
    let mut files = Vec::new();
    for path in &found.features {
        let text = read(Path::new(path))?;
        files.push((path.clone(), text.trim_start_matches('\u{feff}').to_owned()));
    }
    let mut cases = cases(&files)?;
    let behaviours = folder.join("behaviours");
    if behaviours.is_dir() {
        let mut own = Behaviours::default();
        own.add(&behaviours)?;
        let own = Arc::new(own);
        for case in &mut cases {
            case.behaviours = Arc::clone(&own);
        }
    }
    for case in &mut cases {
        if let Some(path) = found.transcripts.remove(&transcript_of(case)) {
            case.reference = Some((Reference::Recorded, transcript(&path)?));
        }
    }
    match found.transcripts.values().next() {
        None => Ok(cases),
        Some(orphan) => Err(at(orphan, "no scenario beside it has this address: delete it, or rename it")),
    }
}

/// Where a case's transcript would lie.
fn transcript_of(case: &Case) -> (PathBuf, String) {
    let feature = case.place.rsplit_once(':').map_or(case.place.as_str(), |(file, _)| file);
    (Path::new(feature).parent().unwrap_or(Path::new("")).to_owned(), case.address.clone())
}

/// The transcript in a file, below its header if it has one.
fn transcript(path: &Path) -> Result<String, FeatureError> {
    let text = read(path)?.replace("\r\n", "\n");
    let body = match snapshots::body(&text) {
        None if text.starts_with("---\n") => {
            return Err(at(
                path,
                "its header has no end: write a line '---' below it, or delete the file to record it again",
            ));
        }
        body => body.unwrap_or(&text),
    };
    if body.trim().is_empty() {
        return Err(at(path, "it holds no transcript: delete it, or copy there what --transcripts writes"));
    }
    Ok(body.to_owned())
}

#[derive(Default)]
struct Found {
    features: Vec<String>,
    /// By folder and address.
    transcripts: BTreeMap<(PathBuf, String), PathBuf>,
}

impl Found {
    /// Takes in what lies below a folder. `above` are the folders that lead to it, so that a link to one of them ends.
    fn walk(&mut self, folder: &Path, above: &mut Vec<PathBuf>) -> Result<(), FeatureError> {
        let real = folder.canonicalize().map_err(|error| unreadable(folder, &error))?;
        if above.contains(&real) {
            return Ok(());
        }
        above.push(real);
        for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
            let path = entry.map_err(|error| unreadable(folder, &error))?.path();
            if path.is_dir() {
                self.walk(&path, above)?;
                continue;
            }
            let (stem, extension) = (path.file_stem(), path.extension());
            if extension.is_some_and(|extension| extension == "feature") {
                let path = path.to_str().ok_or_else(|| at(&path, "its name is not UTF-8: rename it"))?;
                self.features.push(path.to_owned());
            } else if extension.is_some_and(|extension| extension == "snap")
                && let Some(address) = stem.and_then(|stem| stem.to_str()).filter(|stem| is_address(stem))
            {
                self.transcripts.insert((folder.to_owned(), address.to_owned()), path.clone());
            }
        }
        above.pop();
        Ok(())
    }
}

/// Whether a file's name is an address, or was meant to be one: an area's letters, a number, a number.
fn is_address(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let letters = |text: &str| Area::ALL.iter().any(|area| area.code().eq_ignore_ascii_case(text));
    let parts = text.split_once('-').and_then(|(area, rest)| Some((area, rest.split_once('.')?)));
    parts.is_some_and(|(area, (id, case))| letters(area) && number(id) && number(case))
}

fn read(path: &Path) -> Result<String, FeatureError> {
    let what = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    // Reading a pipe or a device might never end.
    if !what.is_file() {
        return Err(at(path, "it is no file that can be read: take it out of the folder"));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        wrong(&path.display().to_string(), line, NO_UTF_8)
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> FeatureError {
    match error.kind() {
        ErrorKind::NotFound => at(path, "there is no such folder or file: check the name"),
        ErrorKind::NotADirectory => at(path, "it is no folder: name the one that it lies in"),
        _ => at(path, &format!("it cannot be read: {error}")),
    }
}

fn at(path: &Path, what: &str) -> FeatureError {
    FeatureError { place: path.display().to_string(), what: what.to_owned() }
}
