//! The name of a namespace, as packets write it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::wire::WireError;

/// A namespace: `/` by default, or a path such as `/admin`, perhaps with a query part (`/admin?token=1`).
///
/// Always starts with `/` and contains no comma, so that every value prints and reads back. The query
/// part is a custom of older clients; it is kept, but is no part of [`Namespace::path`].
/// Source: Socket.IO protocol 5, sections "Packet encoding" and "Connection to a namespace".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Namespace(String);

impl Namespace {
    /// A namespace from its text, query part included.
    ///
    /// # Errors
    /// [`WireError::BadNamespace`] if the text does not start with `/`, or contains a comma.
    pub fn new(text: impl Into<String>) -> Result<Self, WireError> {
        let text = text.into();
        if text.starts_with('/') && !text.contains(',') {
            Ok(Self(text))
        } else {
            Err(WireError::BadNamespace { text })
        }
    }

    /// The default namespace, `/`.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Whether this is `/` without a query, which packets leave out.
    pub fn is_root(&self) -> bool {
        self.0 == "/"
    }

    /// The whole text, query part included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text before the `?`: what names the namespace.
    pub fn path(&self) -> &str {
        split_query(&self.0).0
    }

    /// The text behind the `?`, if there is one.
    pub fn query(&self) -> Option<&str> {
        split_query(&self.0).1
    }
}

/// Path and query of a namespace's text.
pub(super) fn split_query(text: &str) -> (&str, Option<&str>) {
    match text.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (text, None),
    }
}

impl Default for Namespace {
    fn default() -> Self {
        Self::root()
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Namespace {
    type Err = WireError;

    fn from_str(text: &str) -> Result<Self, WireError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Namespace {
    type Error = WireError;

    fn try_from(text: String) -> Result<Self, WireError> {
        Self::new(text)
    }
}

impl From<Namespace> for String {
    fn from(namespace: Namespace) -> Self {
        namespace.0
    }
}
