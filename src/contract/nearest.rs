//! The name that somebody who mistyped one may have meant.

use similar::TextDiff;

/// How alike two names have to be, from 0 to 1, so that one may be a slip for the other.
const ALIKE: f32 = 0.6;

/// The known name that is most like this one; `None` if none is like it.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(f32, &str)> = None;
    for other in known {
        let likeness = likeness(name, other);
        if likeness >= ALIKE && best.is_none_or(|(best, _)| likeness > best) {
            best = Some((likeness, other));
        }
    }
    best.map(|(_, name)| name)
}

/// How alike two names are, from 0 to 1, whatever their case.
#[must_use]
pub fn likeness(one: &str, other: &str) -> f32 {
    TextDiff::from_chars(one.to_lowercase(), other.to_lowercase()).ratio()
}

/// What serde says of a key or a value that it does not know, with the one that may have been meant.
#[must_use]
pub fn with_suggestion(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let names_known = message.contains("unknown field") || message.contains("unknown variant");
    let Some(name) = quoted.next().filter(|_| names_known) else {
        return message.to_owned();
    };
    match nearest(name, quoted) {
        Some(known) => format!("{}; did you mean `{known}`?", message.trim_end()),
        None => message.to_owned(),
    }
}

/// What to say of a name that is unknown: the one that may have been meant, or else all there are.
#[must_use]
pub fn suggestion(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are `{}`", known.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_anything_else_finds_none() {
        let known = ["otherwise", "rules"];
        assert_eq!(nearest("otherwize", known), Some("otherwise"));
        assert_eq!(nearest("Rule", known), Some("rules"));
        assert_eq!(nearest("sing", known), None);
    }

    #[test]
    fn where_nothing_is_near_all_names_are_told() {
        assert_eq!(suggestion("otherwize", &["rules", "otherwise"]), "did you mean `otherwise`?");
        assert_eq!(suggestion("x", &["rules", "otherwise"]), "there are `rules`, `otherwise`");
    }

    #[test]
    fn an_unknown_key_is_answered_with_a_known_one() {
        let message = "unknown field `staus`, expected one of `status`, `page`";
        assert_eq!(with_suggestion(message), format!("{message}; did you mean `status`?"));
        assert_eq!(with_suggestion("unknown field `moon`, expected `page`"), "unknown field `moon`, expected `page`");
        assert_eq!(with_suggestion("missing field `page`"), "missing field `page`");
    }
}
