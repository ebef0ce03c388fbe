//! Suggestions: the known name that somebody may have meant.

/// The known name that is most like this one, if any is like it at all: at most a third of its letters may differ, rounded up.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let distances = known.into_iter().map(|known| (distance(&wanted, &known.to_lowercase()), known));
    let (distance, known) = distances.min_by_key(|(distance, _)| *distance)?;
    let most = name.chars().count().max(known.chars().count()).div_ceil(3);
    (distance <= most).then_some(known)
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

/// How many letters have to be added, taken away or changed to make one text of the other.
#[must_use]
pub fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (place, wanted) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *wanted);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_if_it_is_near() {
        let known = ["wardrobe", "status", "retry_after_s", "page"];
        assert_eq!(nearest("wardrob", known), Some("wardrobe"));
        assert_eq!(nearest("Statsu", known), Some("status"));
        assert_eq!(nearest("retry_after", known), Some("retry_after_s"));
        assert_eq!(nearest("moon", known), None);
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn an_unknown_key_is_answered_with_a_known_one() {
        let message = "unknown field `staus`, expected one of `status`, `page`";
        assert_eq!(with_suggestion(message), format!("{message}; did you mean `status`?"));
        assert_eq!(with_suggestion("unknown field `moon`, expected `page`"), "unknown field `moon`, expected `page`");
        assert_eq!(with_suggestion("missing field `page`"), "missing field `page`");
    }
}
