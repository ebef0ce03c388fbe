//! Answers that behaviours name: files of `fixtures/answers` and `fixtures/vinted/bodies`.

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contract::nearest::suggestion;

/// What the contract document's actions may come back with.
static ANSWERS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/answers");

/// What the marketplace says.
static VINTED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/vinted/bodies");

/// The folders by the names that behaviours call them.
static FOLDERS: [(&str, &Dir<'static>); 2] = [("answers", &ANSWERS), ("vinted", &VINTED)];

/// A file that holds an answer's data as JSON, such as `answers/sync.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fixture {
    name: String,
    data: Value,
}

impl Fixture {
    /// What is in the file.
    #[must_use]
    pub fn data(&self) -> &Value {
        &self.data
    }

    /// The names of all there are, in order.
    #[must_use]
    pub fn names() -> Vec<String> {
        let of = |(folder, files): &(&str, &Dir<'static>)| {
            let paths = files.files().map(include_dir::File::path);
            let named = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
            named.map(|path| format!("{folder}/{}", path.display())).collect::<Vec<_>>()
        };
        let mut names: Vec<String> = FOLDERS.iter().flat_map(of).collect();
        names.sort();
        names
    }
}

impl TryFrom<String> for Fixture {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let names = Self::names();
        let (folder, file) = name.split_once('/').unwrap_or_default();
        let files = FOLDERS.iter().find(|(known, _)| *known == folder).map(|(_, files)| *files);
        let text = files.and_then(|files| files.get_file(file)).and_then(include_dir::File::contents_utf8);
        let Some(text) = text.filter(|_| names.contains(&name)) else {
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            return Err(format!("unknown fixture `{name}`: {}", suggestion(&name, &known)));
        };
        let data = serde_json::from_str(text).map_err(|error| format!("the fixture `{name}` is no JSON: {error}"))?;
        Ok(Self { name, data })
    }
}

impl From<Fixture> for String {
    fn from(fixture: Fixture) -> Self {
        fixture.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fixture_can_be_answered_with() {
        let names = Fixture::names();
        assert!(names.contains(&"answers/sync.json".to_owned()), "{names:?}");
        for name in names {
            let fixture = Fixture::try_from(name.clone()).unwrap();
            assert_eq!(String::from(fixture), name);
        }
    }

    #[test]
    fn a_name_that_is_mistyped_finds_the_nearest() {
        let error = Fixture::try_from("answers/sink.json".to_owned()).unwrap_err();
        assert_eq!(error, "unknown fixture `answers/sink.json`: did you mean `answers/sync.json`?");
        assert!(Fixture::try_from("vinted/README.md".to_owned()).is_err());
    }
}
