//! Why a command failed, and the envelopes in which a hub is told.

use serde_json::{Value, json};

use super::super::behaviour::Shape;
use super::Outcome;
use crate::contract::marketplace::MarketResponse;

/// What the browser extension calls its failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// No tab of the marketplace is open.
    NoTab,
    /// The browser is not logged in there.
    NoSession,
    /// It was, and is no longer: the marketplace said 401.
    SessionExpired,
    /// The payload lacks something that the action needs.
    InvalidPayload,
    /// A raw call to something else than the marketplace's API.
    ForbiddenEndpoint,
    /// The marketplace refused, or did not answer, or answered with something else.
    ApiCallFailed,
    /// There is no such action.
    UnknownAction,
}

impl Code {
    /// Such as `NO_VINTED_SESSION`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoTab => "NO_VINTED_TAB",
            Self::NoSession => "NO_VINTED_SESSION",
            Self::SessionExpired => "VINTED_SESSION_EXPIRED",
            Self::InvalidPayload => "INVALID_PAYLOAD",
            Self::ForbiddenEndpoint => "FORBIDDEN_ENDPOINT",
            Self::ApiCallFailed => "API_CALL_FAILED",
            Self::UnknownAction => "UNKNOWN_ACTION",
        }
    }
}

/// Why a command failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Failed {
    /// The extension's name for it; none for what the extension or the relay does not name.
    pub code: Option<Code>,
    /// The error text.
    pub error: String,
    /// Status and body, where the marketplace said something.
    pub said: Option<(u16, Value)>,
}

impl Failed {
    /// What the extension refuses by itself: its text begins with the code, since that is all that gets through the relay.
    #[must_use]
    pub fn refused(code: Code, what: &str) -> Self {
        Self { code: Some(code), error: format!("{}: {what}", code.name()), said: None }
    }

    /// A payload that lacks something.
    #[must_use]
    pub fn payload(what: &str) -> Self {
        Self::refused(Code::InvalidPayload, what)
    }

    /// A failure without a name.
    #[must_use]
    pub fn unnamed(error: &str) -> Self {
        Self { code: None, error: error.to_owned(), said: None }
    }

    /// An answer that was accepted and is not what it should be.
    #[must_use]
    pub fn odd(what: &str, response: &MarketResponse) -> Self {
        let said = Some((response.status, response.body.value().into_owned()));
        Self { code: Some(Code::ApiCallFailed), error: what.to_owned(), said }
    }

    /// The answer, if it is there and its status says that all is well.
    ///
    /// # Errors
    /// Anything else.
    pub fn unless_accepted(response: Option<&MarketResponse>) -> Result<&MarketResponse, Self> {
        let Some(response) = response else {
            return Err(Self { code: Some(Code::ApiCallFailed), ..Self::unnamed("Vinted did not answer") });
        };
        if (200..300).contains(&response.status) {
            return Ok(response);
        }
        let code = if response.status == 401 { Code::SessionExpired } else { Code::ApiCallFailed };
        Err(Self { code: Some(code), ..Self::odd(&format!("Vinted API error {}", response.status), response) })
    }
}

/// The members beside `request_id` of the response that tells an outcome. Without a shape it is that of [`Shape::Full`]
/// without `errorCode`.
#[must_use]
pub fn members(outcome: Outcome, shape: Option<Shape>) -> Value {
    let failed = match outcome {
        Ok(data) => return json!({"success": true, "data": data}),
        Err(failed) => failed,
    };
    let mut members = json!({"success": false, "error": failed.error});
    if shape == Some(Shape::Relay) {
        members["data"] = Value::Null;
        return members;
    }
    if let Some((status, body)) = failed.said {
        members["status"] = status.into();
        members["errorData"] = body;
    }
    if let Some(code) = failed.code.filter(|_| shape.is_some()) {
        members["errorCode"] = code.name().into();
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: Value) -> Failed {
        Failed::unless_accepted(Some(&MarketResponse::json(status, body))).unwrap_err()
    }

    #[test]
    fn the_extension_tells_all_of_a_failure_and_the_relay_its_text() {
        let failed = || Err(of(403, json!({"url": "x"})));
        let full = json!({"success": false, "error": "Vinted API error 403", "status": 403, "errorData": {"url": "x"}});
        assert_eq!(members(failed(), None), full);
        let mut with_code = full;
        with_code["errorCode"] = "API_CALL_FAILED".into();
        assert_eq!(members(failed(), Some(Shape::Full)), with_code);
        let relay = json!({"success": false, "data": null, "error": "Vinted API error 403"});
        assert_eq!(members(failed(), Some(Shape::Relay)), relay);
    }

    #[test]
    fn what_the_extension_refuses_carries_its_code_in_the_text() {
        let refused = Err(Failed::refused(Code::NoSession, "log in"));
        let wanted = json!({"success": false, "error": "NO_VINTED_SESSION: log in", "errorCode": "NO_VINTED_SESSION"});
        assert_eq!(members(refused, Some(Shape::Full)), wanted);
    }

    #[test]
    fn an_expired_session_has_a_code_of_its_own() {
        assert_eq!(of(401, json!({})).code, Some(Code::SessionExpired));
        assert_eq!(Failed::unless_accepted(None).unwrap_err().code, Some(Code::ApiCallFailed));
        for fine in [200, 204, 299] {
            assert!(Failed::unless_accepted(Some(&MarketResponse::json(fine, json!({})))).is_ok(), "{fine}");
        }
        for odd in [0, 199, 304, 524, 999] {
            assert_eq!(of(odd, json!("x")).said, Some((odd, json!("x"))), "{odd}");
        }
    }
}
