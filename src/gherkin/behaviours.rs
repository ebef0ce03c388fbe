//! Behaviours that scenarios name or hold: the files in `scenarios/behaviours`, files of the user's own, and what stands in a
//! step itself.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use cucumber::gherkin::Step;
use include_dir::{Dir, include_dir};

use super::features::FeatureError;
use crate::contract::nearest::suggestion;
use crate::plugin::{Behaviour, BehaviourError, reading};

/// Everything in `scenarios/behaviours`, as it was when the program was built.
static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios/behaviours");

/// Behaviours by name: the user's own, and behind them the built-in ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Behaviours {
    own: BTreeMap<String, Behaviour>,
}

impl Behaviours {
    /// Adds every `*.toml` file of a folder; a name that is there already is replaced.
    ///
    /// # Errors
    /// A folder or file that cannot be read, and a file that is no behaviour: with file, line, column and key.
    pub fn add(&mut self, folder: &Path) -> Result<(), FeatureError> {
        let at = |path: &Path, what: String| FeatureError { place: path.display().to_string(), what };
        let unreadable = |path: &Path, error: &std::io::Error| {
            let what = match error.kind() {
                ErrorKind::NotFound => "there is no such folder or file: check the name".to_owned(),
                ErrorKind::NotADirectory => "it is no folder: name the one that it lies in".to_owned(),
                _ => format!("it cannot be read: {error}"),
            };
            at(path, what)
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
            paths.push(entry.map_err(|error| unreadable(folder, &error))?.path());
        }
        paths.sort();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "toml")) {
            let name = path.file_stem().and_then(|stem| stem.to_str());
            let name = name.ok_or_else(|| at(path, "its name is not UTF-8: rename it".to_owned()))?;
            let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
            let behaviour = read(&path.display(), &text)?;
            self.own.insert(name.to_owned(), behaviour);
        }
        Ok(())
    }

    /// The names of all there are, in order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = embedded().collect();
        names.extend(self.own.keys().map(String::as_str));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The behaviour of that name.
    ///
    /// # Errors
    /// In words, if there is none.
    pub fn named(&self, name: &str) -> Result<Behaviour, String> {
        if let Some(own) = self.own.get(name) {
            return Ok(own.clone());
        }
        let file = format!("{name}.toml");
        let text = EMBEDDED.get_file(&file).and_then(include_dir::File::contents_utf8);
        let text =
            text.ok_or_else(|| format!("no behaviour is called '{name}': {}", suggestion(name, &self.names())))?;
        read(&format_args!("scenarios/behaviours/{file}"), text).map_err(|error| error.to_string())
    }
}

/// The names of the built-in behaviours.
fn embedded() -> impl Iterator<Item = &'static str> {
    EMBEDDED.files().filter_map(|file| file.path().to_str()?.strip_suffix(".toml"))
}

fn read(file: &dyn fmt::Display, text: &str) -> Result<Behaviour, FeatureError> {
    reading::read(text).map_err(|error| {
        let what = error.said();
        FeatureError { place: format!("{file}:{}:{}", error.line, error.column), what }
    })
}

/// The behaviour that a step holds, its lines counted within the feature.
///
/// # Errors
/// [`BehaviourError`] if it is none.
pub fn written(step: &Step) -> Result<Behaviour, BehaviourError> {
    let line = step.position.line;
    let Some(text) = &step.docstring else {
        let what = "no behaviour follows: write it as TOML between two lines of \"\"\"".to_owned();
        return Err(BehaviourError { line, column: step.position.col, key: String::new(), what });
    };
    // The text begins behind the quotes, on the line after the step's.
    reading::read(text).map_err(|error| BehaviourError { line: line + error.line, ..error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_behaviour_can_be_read() {
        let behaviours = Behaviours::default();
        assert!(behaviours.names().contains(&"delete-fails"));
        for name in behaviours.names() {
            assert!(behaviours.named(name).is_ok(), "{:?}", behaviours.named(name));
        }
    }

    #[test]
    fn an_unknown_behaviour_says_which_is_the_nearest_or_which_there_are() {
        let error = |name| Behaviours::default().named(name).unwrap_err();
        assert_eq!(error("delete-fail"), "no behaviour is called 'delete-fail': did you mean `delete-fails`?");
        assert!(error("xyz").starts_with("no behaviour is called 'xyz': there are `"), "{}", error("xyz"));
    }
}
