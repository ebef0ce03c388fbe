//! The name that somebody who mistyped one may have meant.

use similar::TextDiff;

/// How alike two names have to be, from 0 to 1, so that one may be a slip for the other.
const ALIKE: f32 = 0.6;

/// The known name that is most like this one; `None` if none is like it.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let small = name.to_lowercase();
    let likeness = |other: &str| TextDiff::from_chars(small.clone(), other.to_lowercase()).ratio();
    let mut best: Option<(f32, &str)> = None;
    for other in known {
        let likeness = likeness(other);
        if likeness >= ALIKE && best.is_none_or(|(best, _)| likeness > best) {
            best = Some((likeness, other));
        }
    }
    best.map(|(_, name)| name)
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
}
