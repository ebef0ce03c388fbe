//! A line for people: pieces with styles, cut to what a terminal has room for.

use std::fmt::Write as _;

use anstyle::Style;

/// A line under way.
#[derive(Debug, Default)]
pub(super) struct Row(Vec<(Style, String)>);

impl Row {
    /// Adds a piece. What cannot be shown in a line is replaced: it may be anybody's text.
    pub(super) fn add(mut self, style: Style, text: &str) -> Self {
        self.0.push((style, text.replace(char::is_control, "\u{fffd}")));
        self
    }

    /// Adds a piece without a style.
    pub(super) fn plain(self, text: &str) -> Self {
        self.add(Style::new(), text)
    }

    /// The line, with an ellipsis for what goes beyond `width` columns.
    pub(super) fn line(&self, width: Option<usize>) -> String {
        let whole: usize = self.0.iter().map(|(_, text)| text.chars().count()).sum();
        let mut room = width.unwrap_or(whole);
        let cut = whole > room;
        room = if cut { room.saturating_sub(1) } else { room };
        let mut line = String::new();
        for (style, text) in &self.0 {
            let shown: String = text.chars().take(room).collect();
            room -= shown.chars().count();
            if !shown.is_empty() {
                // Writing to a String cannot fail.
                let _ = write!(line, "{style}{shown}{style:#}");
            }
        }
        if cut {
            line.push('…');
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::super::console::{BOLD, styled};
    use super::*;

    #[test]
    fn a_line_is_cut_with_an_ellipsis_where_it_is_too_long_and_styles_take_no_room() {
        let row = Row::default().plain("four").add(BOLD, " more\n");
        assert_eq!(row.line(None), format!("four{}", styled(BOLD, " more\u{fffd}")));
        assert_eq!(row.line(Some(10)), row.line(None));
        assert_eq!(row.line(Some(9)), format!("four{}…", styled(BOLD, " mor")));
        assert_eq!(row.line(Some(4)), "fou…");
    }
}
