//! The two events: `plugin_command` goes to a user's sockets, `plugin_response` comes back.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::user::UserId;

/// The event that carries a command to a plugin (CORR-1).
pub const COMMAND_EVENT: &str = "plugin_command";

/// The event that carries a plugin's response.
pub const RESPONSE_EVENT: &str = "plugin_response";

/// The one argument of `plugin_command` (CORR-1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PluginCommand {
    /// The id that the response has to carry.
    pub request_id: String,
    /// What to do, such as `VINTED_SYNC`.
    pub action: String,
    /// What to do it with; the caller's, unchanged.
    pub payload: Value,
}

/// The one argument of `plugin_response`, as the relay in the page sends it. A member that is `None` is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PluginResponse {
    /// The id of the command that is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Value>,
    /// Whether the action succeeded; only `true` does (ERR-7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<Value>,
    /// The result of a success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// The text of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
}

/// The parts of a request id of the documented form `req_{user_id}_{unix milliseconds}_{n}` (CORR-2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestIdParts {
    /// The user that is asked.
    pub user: String,
    /// Milliseconds since 1970.
    pub unix_ms: u64,
    /// The drawn number, 1000 to 9999.
    pub draw: u16,
}

/// How many numbers a request id can draw from: 1000 to 9999, both included.
pub const DRAWS: u16 = 9000;

/// The first number that a request id can draw.
pub const FIRST_DRAW: u16 = 1000;

/// A text that is no request id of the documented form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not of the form req_{{user_id}}_{{unix milliseconds}}_{{1000 to 9999}}")]
pub struct NoRequestId;

impl RequestIdParts {
    /// The id of a call to `user` made at `unix_ms`, with this number drawn.
    #[must_use]
    pub fn new(user: &UserId, unix_ms: u64, draw: u16) -> Self {
        Self { user: user.as_str().to_owned(), unix_ms, draw }
    }
}

impl fmt::Display for RequestIdParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "req_{}_{}_{}", self.user, self.unix_ms, self.draw)
    }
}

impl FromStr for RequestIdParts {
    type Err = NoRequestId;

    /// Reads an id strictly: digits only, no sign, no leading zeros.
    fn from_str(id: &str) -> Result<Self, NoRequestId> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        let rest = id.strip_prefix("req_").ok_or(NoRequestId)?;
        let (rest, draw) = rest.rsplit_once('_').ok_or(NoRequestId)?;
        let (user, unix_ms) = rest.rsplit_once('_').ok_or(NoRequestId)?;
        if user.is_empty() || draw.len() != 4 || !digits(draw) || !digits(unix_ms) {
            return Err(NoRequestId);
        }
        let parsed = (unix_ms.parse().map_err(|_| NoRequestId)?, draw.parse().map_err(|_| NoRequestId)?);
        Ok(Self { user: user.to_owned(), unix_ms: parsed.0, draw: parsed.1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_read_as_it_is_written() {
        let parts = RequestIdParts::new(&UserId::from(1), 1_736_438_400_000, 5432);
        assert_eq!(parts.to_string(), "req_1_1736438400000_5432");
        assert_eq!("req_1_1736438400000_5432".parse(), Ok(parts));
        assert_eq!("req_a_b_1736438400000_9999".parse::<RequestIdParts>().unwrap().user, "a_b");
    }

    #[test]
    fn other_forms_are_refused() {
        for odd in [
            "",
            "req_",
            "req_1_17_999",
            "req_1_17_10000",
            "req_1_17_0999",
            "req__17_1000",
            "req_1__1000",
            "req_1_+17_1000",
            "req_1_17_1000 ",
            "REQ_1_17_1000",
        ] {
            assert_eq!(odd.parse::<RequestIdParts>(), Err(NoRequestId), "{odd:?}");
        }
    }

    #[test]
    fn members_that_are_not_there_are_left_out_of_a_response() {
        let response =
            PluginResponse { request_id: Some("r".into()), success: Some(false.into()), ..Default::default() };
        assert_eq!(serde_json::to_string(&response).unwrap(), r#"{"request_id":"r","success":false}"#);
    }
}
