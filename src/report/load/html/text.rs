//! Text in a page: names and witnesses may be anybody's.

/// Text as it may stand anywhere in a page: in an element or in quotes. What cannot be shown is replaced.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && c != '\n' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A number with as many digits as a plot needs.
pub(super) fn short(number: f64) -> String {
    let text = format!("{number:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_taken_for_a_tag_or_an_end_of_quotes() {
        assert_eq!(escaped("<b a=\"1\" c='2'>&\u{7}"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;\u{fffd}");
        assert_eq!([0.5, -0.0, 12.0, 1.0 / 3.0].map(short), ["0.5", "0", "12", "0.333"]);
    }
}
