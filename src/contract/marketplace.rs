//! The exchange between a plugin and the marketplace, as both sides see it; no HTTP library's types.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;

use super::multipart::{self, Part};

/// The header that says which command a request belongs to.
pub const REQUEST_ID: &str = "x-request-id";

/// The cookie that is a member's session.
pub const SESSION_COOKIE: &str = "v_sid";

/// The other name that a session cookie may have.
pub const OTHER_SESSION_COOKIE: &str = "_vinted_fr_session";

/// Headers in the order in which they are sent. Names are lower case.
pub type Headers = Vec<(String, String)>;

/// What a request or a response carries. The header `content-type` says what it is meant to be.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// JSON.
    Json(Value),
    /// Anything else: HTML, a form, JSON that is cut short.
    Raw(Vec<u8>),
}

impl Body {
    /// The body that these bytes are.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::Empty;
        }
        serde_json::from_slice(bytes).map_or_else(|_| Self::Raw(bytes.to_vec()), Self::Json)
    }

    /// The body as it is sent.
    #[must_use]
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Empty => Cow::Borrowed(&[]),
            Self::Json(value) => Cow::Owned(value.to_string().into_bytes()),
            Self::Raw(bytes) => Cow::Borrowed(bytes),
        }
    }

    /// The JSON in it; what is none, as a JSON text.
    #[must_use]
    pub fn value(&self) -> Cow<'_, Value> {
        match self {
            Self::Empty => Cow::Owned(Value::String(String::new())),
            Self::Json(value) => Cow::Borrowed(value),
            Self::Raw(bytes) => Cow::Owned(Value::String(String::from_utf8_lossy(bytes).into_owned())),
        }
    }

    /// What it is if no header says so.
    #[must_use]
    pub const fn usual_type(&self) -> Option<&'static str> {
        match self {
            Self::Empty => None,
            Self::Json(_) => Some("application/json"),
            Self::Raw(_) => Some("application/octet-stream"),
        }
    }
}

/// A request of a plugin to the marketplace.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketRequest {
    /// Such as `GET`.
    pub method: String,
    /// Such as `/api/v2/wardrobe/123/items`.
    pub path: String,
    /// Query parameters in the order in which they are sent.
    pub query: Vec<(String, String)>,
    /// Cookies, the request id, the content type.
    pub headers: Headers,
    /// What it carries.
    pub body: Body,
}

impl MarketRequest {
    /// A request without query and headers.
    #[must_use]
    pub fn new(method: &str, path: impl Into<String>, body: Body) -> Self {
        Self { method: method.to_owned(), path: path.into(), query: Vec::new(), headers: Vec::new(), body }
    }

    /// A GET request.
    #[must_use]
    pub fn get(path: impl Into<String>, query: &[(&str, String)]) -> Self {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self { query, ..Self::new("GET", path, Body::Empty) }
    }

    /// A POST request with a JSON body.
    #[must_use]
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self::new("POST", path, Body::Json(body))
    }

    /// A POST request with a form, as photos are uploaded.
    #[must_use]
    pub fn form(path: impl Into<String>, parts: &[Part]) -> Self {
        let (content_type, bytes) = multipart::compose(parts);
        Self::new("POST", path, Body::Raw(bytes)).with_header("content-type", content_type)
    }

    /// The same with this header added. The name is given in lower case.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same as a request of this session, for the command of this id.
    #[must_use]
    pub fn from_session(self, session: &str, request_id: &str) -> Self {
        self.with_header("cookie", format!("{SESSION_COOKIE}={session}")).with_header(REQUEST_ID, request_id)
    }

    /// The first query parameter of that name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first header of that name, which is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// A cookie, if it is there and not empty.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let lines = self.headers.iter().filter(|(known, _)| known == "cookie");
        let mut pairs = lines.flat_map(|(_, line)| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(known, value)| *known == name && !value.is_empty()).map(|(_, value)| value)
    }

    /// The value of the session cookie, whichever of its names it has.
    #[must_use]
    pub fn session(&self) -> Option<&str> {
        self.cookie(SESSION_COOKIE).or_else(|| self.cookie(OTHER_SESSION_COOKIE))
    }

    /// What its body is meant to be: by its header, else by what it is.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.header("content-type").or_else(|| self.body.usual_type())
    }

    /// Path and query as one text.
    #[must_use]
    pub fn target(&self) -> String {
        let pairs: Vec<_> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, pairs.join("&")) }
    }
}

/// The marketplace's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketResponse {
    /// The HTTP status.
    pub status: u16,
    /// `content-type`, `retry-after`, `set-cookie` and whatever else.
    pub headers: Headers,
    /// What it carries.
    pub body: Body,
    /// How long the marketplace meant to take for it, in documented time.
    pub took: Duration,
    /// The longest that it might have meant to take, where that was drawn from the seed.
    pub latest: Option<Duration>,
}

impl MarketResponse {
    /// An answer of that status, at once.
    #[must_use]
    pub fn new(status: u16, body: Body) -> Self {
        Self { status, headers: Vec::new(), body, took: Duration::ZERO, latest: None }
    }

    /// A JSON answer, at once.
    #[must_use]
    pub fn json(status: u16, body: Value) -> Self {
        Self::new(status, Body::Json(body))
    }

    /// The same with this header instead of one of its name. The name is given in lower case.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The first header of that name, which is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// What its body claims to be.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.header("content-type").or_else(|| self.body.usual_type())
    }
}

fn find<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_session_is_a_cookie_of_either_name() {
        let with = |line: &str| MarketRequest::get("/", &[]).with_header("cookie", line);
        assert_eq!(with("a=1; v_sid=abc; b=2").session(), Some("abc"));
        assert_eq!(with("_vinted_fr_session=def").session(), Some("def"));
        assert_eq!(with("v_sid=").session(), None);
        assert_eq!(with("av_sid=1").session(), None);
        assert_eq!(MarketRequest::get("/", &[]).session(), None);
        let own = MarketRequest::get("/", &[]).from_session("7", "req_1");
        assert_eq!((own.session(), own.header(REQUEST_ID)), (Some("7"), Some("req_1")));
    }

    #[test]
    fn a_body_reads_back_as_it_was_sent() {
        for body in [Body::Empty, Body::Json(json!({"a": [1]})), Body::Raw(b"<html>".to_vec())] {
            assert_eq!(Body::read(&body.bytes()), body);
        }
        assert_eq!(*Body::Raw(b"{\"a\":".to_vec()).value(), json!("{\"a\":"));
    }

    #[test]
    fn a_form_names_its_type() {
        let part = Part { name: "photo[file]".to_owned(), file_name: Some("a.jpg".to_owned()), content: vec![1, 2] };
        let request = MarketRequest::form("/api/v2/photos", std::slice::from_ref(&part));
        let content_type = request.content_type().unwrap();
        assert!(content_type.starts_with("multipart/form-data; boundary="), "{content_type}");
        assert_eq!(multipart::parse(content_type, &request.body.bytes()), Some(vec![part]));
    }
}
