//! Profiles from files, from the ready-made ones, and from the command line.

use std::path::Path;

use include_dir::{Dir, include_dir};

use super::Profile;
use super::check::Problem;
use super::raw::Raw;
use crate::contract::nearest::nearest;
use crate::contract::reading;

static READY_MADE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// A profile that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// None is called so.
    #[error(
        "no profile is called '{name}'{meant}: there are {known}; a file of your own has a slash in its name, or ends in .toml"
    )]
    Unknown {
        /// As it was given.
        name: String,
        /// The one that may have been meant.
        meant: String,
        /// All there are.
        known: String,
    },
    /// The file cannot be read.
    #[error("cannot read {file}: {why}")]
    Unreadable {
        /// As it was given.
        file: String,
        /// What the system says.
        why: String,
    },
    /// Something in it is wrong.
    #[error("{place}: {what}")]
    Wrong {
        /// File, line and column, or the option.
        place: String,
        /// What is wrong, and what to do.
        what: String,
    },
}

/// What is said of a run: by a file, if there is one, and over it by the command line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sources {
    /// The file.
    file: Option<File>,
}

/// A profile's text.
#[derive(Debug, Clone, PartialEq)]
struct File {
    name: String,
    place: String,
    text: String,
    raw: Raw,
}

/// The names of the ready-made profiles with what each is for, by name.
///
/// # Errors
/// [`ProfileError`] if one of them is wrong.
pub fn ready_made() -> Result<Vec<(&'static str, String)>, ProfileError> {
    names()
        .map(|name| {
            let profile = Sources::named(name)?.profile(Raw::default())?;
            Ok((name, profile.description.unwrap_or_default()))
        })
        .collect()
}

/// The names of the ready-made profiles.
pub fn names() -> impl Iterator<Item = &'static str> {
    READY_MADE.files().filter_map(|file| file.path().to_str()?.strip_suffix(".toml"))
}

impl Sources {
    /// A file (what has a slash or ends in `.toml`) or a ready-made profile.
    ///
    /// # Errors
    /// [`ProfileError`] if there is none, or it is wrong.
    pub fn of(name: &str) -> Result<Self, ProfileError> {
        let is_file = name.contains('/') || Path::new(name).extension().is_some_and(|extension| extension == "toml");
        if !is_file {
            return Self::named(name);
        }
        let unreadable = |why: String| ProfileError::Unreadable { file: name.to_owned(), why };
        let bytes = std::fs::read(name).map_err(|error| unreadable(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| unreadable("it is no text in UTF-8".to_owned()))?;
        let stem = Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        Self::text(&stem.unwrap_or_default(), name, text)
    }

    /// A ready-made profile.
    fn named(name: &str) -> Result<Self, ProfileError> {
        let file = READY_MADE.get_file(format!("{name}.toml")).and_then(include_dir::File::contents_utf8);
        let text = file.ok_or_else(|| ProfileError::Unknown {
            name: name.to_owned(),
            meant: nearest(name, names()).map(|near| format!(" (perhaps '{near}')")).unwrap_or_default(),
            known: names().collect::<Vec<_>>().join(", "),
        })?;
        Self::text(name, &format!("scenarios/{name}.toml"), text.to_owned())
    }

    /// A profile's text; `place` says where it stands.
    ///
    /// # Errors
    /// [`ProfileError::Wrong`] with line and column.
    pub fn text(name: &str, place: &str, text: String) -> Result<Self, ProfileError> {
        let raw = reading::read(&text)
            .map_err(|error| ProfileError::Wrong { place: at(place, &error), what: error.said() })?;
        Ok(Self { file: Some(File { name: name.to_owned(), place: place.to_owned(), text, raw }) })
    }

    /// The whole profile, with what the command line says over it.
    ///
    /// # Errors
    /// [`ProfileError::Wrong`] with the line or the option, if parts do not go together.
    pub fn profile(self, over: Raw) -> Result<Profile, ProfileError> {
        let options = over.clone();
        let Some(File { name, place, text, raw }) = self.file else {
            let wrong = |problem: Problem| ProfileError::Wrong { place: option(&problem.key), what: problem.what };
            return over.profile(COMMAND_LINE).map_err(wrong);
        };
        over.over(raw).profile(&name).map_err(|Problem { key, what }| {
            if options.says(root(&key)) {
                return ProfileError::Wrong { place: option(&key), what };
            }
            let misread = reading::wrong_at(&text, &key, what);
            ProfileError::Wrong { place: at(&place, &misread), what: misread.said() }
        })
    }
}

/// What a profile is called that no file says.
pub const COMMAND_LINE: &str = "command-line";

fn at(place: &str, error: &reading::Misread) -> String {
    format!("{place}:{}:{}", error.line, error.column)
}

/// `storms` of `storms[0].at`.
fn root(key: &str) -> &str {
    key.split(['.', '[']).next().unwrap_or_default()
}

/// The option that says what a key says.
fn option(key: &str) -> String {
    let root = root(key);
    let name = match root {
        "actions" | "behaviours" | "storms" | "thresholds" => root.trim_end_matches('s'),
        _ => root,
    };
    format!("--{}", name.replace('_', "-"))
}
