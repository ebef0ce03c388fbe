//! The transcripts recorded beside the features, as insta writes them: a header between two lines `---`, then the text.

use super::features::{Case, EMBEDDED};
use crate::report::Reference;

pub(super) const NO_UTF_8: &str = "it is not UTF-8: save it as UTF-8";

/// The path of a built-in case's transcript below `features/`.
#[must_use]
pub fn path(case: &Case) -> String {
    let folder = case.place.trim_start_matches("features/").rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/{}.snap", case.address)
}

/// The transcript recorded beside a case's feature; `None` if there is none.
#[must_use]
pub fn recorded(case: &Case) -> Option<&str> {
    case.reference.as_ref().filter(|(reference, _)| *reference == Reference::Recorded).map(|(_, text)| text.as_str())
}

/// The recorded transcript of a built-in case.
pub(super) fn embedded(case: &Case) -> Option<&'static str> {
    EMBEDDED.get_file(path(case))?.contents_utf8().and_then(body)
}

/// The text below the header.
#[must_use]
pub fn body(file: &str) -> Option<&str> {
    let rest = file.strip_prefix("---\n")?;
    rest.split_once("\n---\n").map(|(_, body)| body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_begins_below_the_header() {
        assert_eq!(body("---\nsource: a\n---\nfirst\n---\nlast\n"), Some("first\n---\nlast\n"));
        assert_eq!(body("first\n"), None);
        assert_eq!(body("---\nsource: a\n"), None);
    }
}
