//! The documented error texts: written by the reference hub, read back by checkers and transcripts.

use std::time::Duration;

use serde_json::Number;

use super::user::UserId;

/// What a failed response without an error text is called (ERR-3, ERR-8).
pub const UNKNOWN_ERROR: &str = "Unknown error";

/// What comes before the reason where the control API itself refused a call, with HTTP 400 (TIME-9).
pub const REFUSED_BY_ADAPTER: &str = "HTTP 400: ";

/// A call to a user without a socket (ERR-1).
#[must_use]
pub fn not_connected(user: &UserId) -> String {
    format!("User {user} not connected via WebSocket")
}

/// A call whose response did not come in time (TIME-1). The number is printed as it was given: 3 as `3`, 3.0 as `3.0`.
#[must_use]
pub fn timeout(seconds: &Number) -> String {
    format!("Plugin command timeout after {seconds}s")
}

/// A command that is too large to be sent (LIFE-7); both sizes in bytes.
#[must_use]
pub fn payload_too_large(size: usize, limit: usize) -> String {
    format!("Payload size ({size} bytes) exceeds max buffer size ({limit} bytes)")
}

/// The sizes in the text of [`payload_too_large`]: the command's and the limit. `None` if it is not that text, to the letter.
#[must_use]
pub fn payload_sizes_in(message: &str) -> Option<(u64, u64)> {
    let (size, rest) = message.strip_prefix("Payload size (")?.split_once(" bytes) exceeds max buffer size (")?;
    let limit = rest.strip_suffix(" bytes)")?;
    let number = |text: &str| text.parse().ok().filter(|number: &u64| number.to_string() == text);
    Some((number(size)?, number(limit)?))
}

/// The text of [`payload_too_large`] with names for its sizes, as a target counts them by itself; `None` for another text.
#[must_use]
pub fn with_sizes_named(message: &str) -> Option<String> {
    payload_sizes_in(message).map(|_| "Payload size (<size> bytes) exceeds max buffer size (<limit> bytes)".to_owned())
}

/// A job that no handler takes (JOB-9).
#[must_use]
pub fn unknown_action(action: &str, marketplace: &str) -> String {
    format!("Unknown action: {action}_{marketplace}")
}

/// The seconds in a timeout's text, wherever in `message` it stands; `None` if the text is no timeout's.
#[must_use]
pub fn timeout_in(message: &str) -> Option<f64> {
    let (_, rest) = message.split_once("Plugin command timeout after ")?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+')))?;
    rest.get(end..)?.starts_with('s').then(|| rest.get(..end)?.parse().ok()).flatten()
}

/// `message` with the number of a timeout's text exchanged: `from` seconds become `to`. Other texts stay as they are.
///
/// A harness that shrinks the timeouts it asks for compares and shows texts with the documented number.
#[must_use]
pub fn with_timeout_rescaled(message: &str, from: f64, to: Duration) -> String {
    match timeout_in(message) {
        #[expect(clippy::float_cmp, reason = "the number is either the very one that was sent or it is another")]
        Some(seconds) if seconds == from => {
            let (before, rest) = message.split_once("Plugin command timeout after ").unwrap_or((message, ""));
            let after = rest.find('s').and_then(|end| rest.get(end..)).unwrap_or("");
            format!("{before}Plugin command timeout after {}{after}", to.as_secs_f64())
        }
        _ => message.to_owned(),
    }
}

/// What bytes begin with that should have been something else, for messages: so many characters of them, as a quoted text.
#[must_use]
pub fn excerpt(bytes: &[u8], length: usize) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut shown: String = text.chars().take(length).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

/// Whether a log line names this user, action or request id: as a word of its own, plain or escaped (LOG-1).
#[must_use]
pub fn names(line: &str, name: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let stands_in = |name: &str| {
        line.match_indices(name).any(|(start, _)| {
            let (before, after) = (&line[..start], &line[start + name.len()..]);
            let goes_on = |inside: Option<char>, outside: Option<char>| {
                inside.is_some_and(in_word) && outside.is_some_and(in_word)
            };
            !goes_on(name.chars().next(), before.chars().next_back())
                && !goes_on(name.chars().next_back(), after.chars().next())
        })
    };
    !name.is_empty() && (stands_in(name) || stands_in(&name.escape_debug().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_documented_ones() {
        assert_eq!(not_connected(&UserId::from(999)), "User 999 not connected via WebSocket");
        assert_eq!(timeout(&Number::from(300)), "Plugin command timeout after 300s");
        assert_eq!(timeout(&Number::from_f64(3.0).unwrap()), "Plugin command timeout after 3.0s");
        assert_eq!(unknown_action("dance", "vinted"), "Unknown action: dance_vinted");
        assert_eq!(payload_too_large(9, 8), "Payload size (9 bytes) exceeds max buffer size (8 bytes)");
    }

    #[test]
    fn the_sizes_of_a_payload_are_read_back_from_that_text_alone() {
        assert_eq!(payload_sizes_in(&payload_too_large(90, 80)), Some((90, 80)));
        assert!(with_sizes_named(&payload_too_large(9, 8)).is_some_and(|named| named.contains("(<size> bytes)")));
        for other in
            ["Payload size exceeds max buffer size", "Payload size (9 bytes) exceeds max buffer size (08 bytes)"]
        {
            assert_eq!(payload_sizes_in(other), None, "{other}");
            assert_eq!(with_sizes_named(other), None, "{other}");
        }
    }

    #[test]
    fn the_number_of_a_timeout_is_read_back() {
        assert_eq!(timeout_in("Plugin command timeout after 3s"), Some(3.0));
        assert_eq!(timeout_in("Job failed: Plugin command timeout after 0.02s."), Some(0.02));
        assert_eq!(timeout_in("Plugin command timeout"), None);
        assert_eq!(timeout_in("Plugin command timeout after s"), None);
        assert_eq!(timeout_in("Plugin command timeout after 3"), None);
    }

    #[test]
    fn a_log_line_names_only_whole_words() {
        let line = "12:30 error call failed: no user=7 action=VINTED_SYNC request_id=req_7_1_1000";
        for name in ["7", "VINTED_SYNC", "req_7_1_1000"] {
            assert!(names(line, name), "{name}");
        }
        for name in ["1", "VINTED", "req_7_1_100", "req_7_1_10000", ""] {
            assert!(!names(line, name), "{name}");
        }
        assert!(names(r"connected user=a\nb", "a\nb"));
    }

    #[test]
    fn only_the_expected_number_is_rescaled() {
        let documented = Duration::from_secs(300);
        assert_eq!(
            with_timeout_rescaled("Plugin command timeout after 3.0s!", 3.0, documented),
            "Plugin command timeout after 300s!"
        );
        assert_eq!(
            with_timeout_rescaled("Plugin command timeout after 4s", 3.0, documented),
            "Plugin command timeout after 4s"
        );
        assert_eq!(with_timeout_rescaled("Unknown error", 3.0, documented), "Unknown error");
    }
}
