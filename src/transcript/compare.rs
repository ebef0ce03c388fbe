//! The difference between two transcripts.

use similar::TextDiff;

/// Lines around a difference that are shown with it.
const CONTEXT: usize = 3;

/// How `seen` differs from `recorded`, as a unified diff; `None` if it does not. A line feed at the end does not count.
#[must_use]
pub fn difference(recorded: &str, seen: &str) -> Option<String> {
    let (recorded, seen) = (recorded.trim_end_matches('\n'), seen.trim_end_matches('\n'));
    if recorded == seen {
        return None;
    }
    let (recorded, seen) = (format!("{recorded}\n"), format!("{seen}\n"));
    let diff = TextDiff::from_lines(&recorded, &seen);
    Some(diff.unified_diff().context_radius(CONTEXT).header("recorded", "seen").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_no_difference_and_the_last_line_feed_does_not_count() {
        assert_eq!(difference("a\nb\n", "a\nb"), None);
    }

    #[test]
    fn a_difference_is_shown_line_by_line() {
        let shown = difference("a\nb\nc\n", "a\nx\nc\n").unwrap();
        assert!(shown.contains("-b\n+x\n"), "{shown}");
    }
}
