//! Profiles: how the marketplace behaves, as data. The ready-made ones are the files of `scenarios/vinted`.

use std::ops::Range;

use include_dir::{Dir, include_dir};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::politeness::Manners;
use super::rule::Rule;
use super::seconds::Seconds;
use crate::contract::nearest;

static READY_MADE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios/vinted");

/// Listings and sales of one member at the most.
const MOST: u64 = 100_000;

/// How the marketplace behaves, and what is there when it begins.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a profile")]
pub struct Profile {
    /// What it is, in a sentence.
    #[serde(default)]
    pub about: String,
    /// How long every answer takes.
    #[serde(default)]
    pub latency: Option<Latency>,
    /// What is expected of clients, if that is asserted.
    #[serde(default)]
    pub politeness: Option<Manners>,
    /// Who is there. The first one is whom a session belongs to that names nobody else.
    #[serde(default)]
    pub members: Vec<Resident>,
    /// Exceptions, looked through in order: the first whose turn it is decides.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// How long answers take: drawn from the seed between two durations.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "Span")]
pub struct Latency {
    /// At least.
    pub min: Seconds,
    /// At most.
    pub max: Seconds,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `min_s` and `max_s`")]
struct Span {
    min_s: Seconds,
    max_s: Seconds,
}

impl TryFrom<Span> for Latency {
    type Error = String;

    fn try_from(span: Span) -> Result<Self, String> {
        let Span { min_s: min, max_s: max } = span;
        if min.0 <= max.0 { Ok(Self { min, max }) } else { Err(format!("min_s is {min}, more than max_s, {max}")) }
    }
}

/// A member who is there from the beginning.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a member: a table with `id`")]
pub struct Resident {
    /// The id, which is the shop's too.
    pub id: u64,
    /// The name; `membre` with the id if absent.
    #[serde(default)]
    pub login: Option<String>,
    /// Listings in the wardrobe.
    #[serde(default)]
    pub listings: Count,
    /// Sales, each with a conversation.
    #[serde(default)]
    pub sold: Count,
    /// Purchases, each with a conversation.
    #[serde(default)]
    pub purchased: Count,
}

/// How many there are, 100,000 at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count(pub usize);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let count = i64::deserialize(deserializer)?;
        let known = usize::try_from(count).ok().filter(|count| *count as u64 <= MOST);
        known.map(Self).ok_or_else(|| D::Error::custom(format!("{count} is no number from 0 to {MOST}")))
    }
}

/// A profile that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// None is called so.
    #[error(
        "no profile is called '{name}'{meant}: there are {known}; a file is given by its path, such as ./{name}.toml"
    )]
    Unknown {
        /// As it was given.
        name: String,
        /// The one that may have been meant.
        meant: String,
        /// All there are.
        known: String,
    },
    /// The text is none.
    #[error("{place}: {what}")]
    Wrong {
        /// File, line and column.
        place: String,
        /// What is wrong.
        what: String,
    },
}

impl Profile {
    /// The names of those that are ready-made.
    pub fn names() -> impl Iterator<Item = &'static str> {
        READY_MADE.files().filter_map(|file| file.path().to_str()?.strip_suffix(".toml"))
    }

    /// A ready-made profile.
    ///
    /// # Errors
    /// [`ProfileError::Unknown`] if none is called so.
    pub fn named(name: &str) -> Result<Self, ProfileError> {
        let file = READY_MADE.get_file(format!("{name}.toml")).and_then(include_dir::File::contents_utf8);
        let text = file.ok_or_else(|| ProfileError::Unknown {
            name: name.to_owned(),
            meant: nearest::nearest(name, Self::names()).map(|near| format!(" (perhaps '{near}')")).unwrap_or_default(),
            known: Self::names().collect::<Vec<_>>().join(", "),
        })?;
        Self::read(text, &format!("scenarios/vinted/{name}.toml"))
    }

    /// The profile that a text in TOML is; `place` says where it stands.
    ///
    /// # Errors
    /// [`ProfileError::Wrong`] with line and column.
    pub fn read(text: &str, place: &str) -> Result<Self, ProfileError> {
        toml::from_str(text).map_err(|error: toml::de::Error| ProfileError::Wrong {
            place: format!("{place}{}", position(text, error.span())),
            what: nearest::with_suggestion(error.message()),
        })
    }
}

/// `:line:column` of a place in a text.
fn position(text: &str, span: Option<Range<usize>>) -> String {
    let Some(before) = span.and_then(|span| text.get(..span.start)) else {
        return String::new();
    };
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!(":{line}:{column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ready_made_profile_can_be_read_and_says_what_it_is() {
        assert!(Profile::names().count() >= 6);
        for name in Profile::names() {
            let profile = Profile::named(name).unwrap();
            assert!(!profile.about.is_empty(), "{name}");
        }
    }

    #[test]
    fn a_profile_that_is_wrong_says_where_and_what() {
        for (text, said) in [
            ("abuot = 'x'", "p:1:1: unknown field `abuot`, expected one of"),
            ("abuot = 'x'", "; did you mean `about`?"),
            ("about = 'x'\n[[rules]]\nto = 'wardrobe'\ngets = { staus = 429 }\n", "p:4:10: unknown field `staus`"),
            ("[[rules]]\nto = 'wardrob'\ngets.status = 429\n", "p:2:6: unknown variant `wardrob`"),
            ("[[rules]]\nto = 'wardrob'\ngets.status = 429\n", "; did you mean `wardrobe`?"),
            ("[[rules]]\nto = 'inbox'\n", "p:1:1: missing field `gets`"),
            ("[latency]\nmin_s = 2\nmax_s = 1\n", "min_s is 2s, more than max_s, 1s"),
            ("[[members]]\nid = 1\nlistings = -1\n", "p:3:12: -1 is no number from 0 to 100000"),
            ("about = ", "p:1:"),
        ] {
            let error = Profile::read(text, "p").unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn an_unknown_profile_says_which_there_are() {
        let error = Profile::named("datadom").unwrap_err().to_string();
        assert!(error.starts_with("no profile is called 'datadom' (perhaps 'datadome'): there are "), "{error}");
    }
}
