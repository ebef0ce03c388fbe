//! Behaviours that scenarios name: the files in `scenarios/behaviours`.

use include_dir::{Dir, include_dir};

use crate::plugin::Behaviour;

/// Everything in `scenarios/behaviours`, as it was when the program was built.
static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios/behaviours");

/// A name that stands for no behaviour.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BehaviourError {
    /// There is no such file.
    #[error("no behaviour is called '{name}': there are {known}")]
    Unknown {
        /// As it was given.
        name: String,
        /// All there are.
        known: String,
    },
    /// The file is none.
    #[error("scenarios/behaviours/{name}.toml: {why}")]
    Wrong {
        /// As it was given.
        name: String,
        /// With line and column.
        why: String,
    },
}

/// The names of all behaviours.
pub fn names() -> impl Iterator<Item = &'static str> {
    EMBEDDED.files().filter_map(|file| file.path().to_str()?.strip_suffix(".toml"))
}

/// The behaviour of that name.
///
/// # Errors
/// [`BehaviourError`] if there is none, or its file is wrong.
pub fn named(name: &str) -> Result<Behaviour, BehaviourError> {
    let file = EMBEDDED.get_file(format!("{name}.toml")).and_then(include_dir::File::contents_utf8);
    let text = file.ok_or_else(|| BehaviourError::Unknown {
        name: name.to_owned(),
        known: names().collect::<Vec<_>>().join(", "),
    })?;
    toml::from_str(text).map_err(|error| BehaviourError::Wrong { name: name.to_owned(), why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_behaviour_can_be_read() {
        assert!(names().count() > 0);
        for name in names() {
            assert!(named(name).is_ok(), "{:?}", named(name));
        }
    }

    #[test]
    fn an_unknown_behaviour_says_which_there_are() {
        let error = named("sings").unwrap_err();
        assert!(error.to_string().starts_with("no behaviour is called 'sings': there are delete-fails"), "{error}");
    }
}
