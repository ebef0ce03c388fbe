//! Every call of the control API as a value.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::types::{CallBody, Capability, JobBody, ProcessBody};
use crate::contract::percent;
use crate::contract::user::UserId;

/// The HTTP methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
}

impl Method {
    /// The method as HTTP writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// One call of the control API.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// `GET /`.
    Describe,
    /// `POST /commands`: level 1, the hub.
    Command(CallBody),
    /// `POST /calls`: level 2, the helper.
    Call(CallBody),
    /// `POST /jobs`: level 3.
    CreateJob(JobBody),
    /// `POST /jobs/process-next`.
    ProcessNext(ProcessBody),
    /// `GET /jobs/{id}`.
    Job(u64),
    /// `POST /jobs/{id}/cancel`.
    CancelJob(u64),
    /// `GET /pending`, of one user if named.
    Pending(Option<UserId>),
    /// `GET /connections/{user_id}`.
    Connections(UserId),
    /// `PUT /request-ids`: the generator's next draws, in order.
    FeedRequestIds(Vec<String>),
    /// `POST /clock/advance`, by seconds.
    Advance(f64),
    /// `POST /reset`, of one user if named.
    Reset(Option<UserId>),
    /// `POST /shutdown`.
    Shutdown,
    /// `GET /stats`.
    Stats,
}

/// A control request that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    /// HTTP 404.
    #[error("the control API has no {method} {path}")]
    UnknownPath {
        /// As asked.
        method: String,
        /// As asked, below the base address.
        path: String,
    },
    /// HTTP 400.
    #[error("{0}")]
    Invalid(String),
}

impl Request {
    /// The capability that a target must have for this; `None` for `GET /`.
    #[must_use]
    pub const fn needs(&self) -> Option<Capability> {
        Some(match self {
            Self::Describe => return None,
            Self::Command(_) => Capability::Commands,
            Self::Call(_) => Capability::Calls,
            Self::CreateJob(_) | Self::ProcessNext(_) | Self::Job(_) | Self::CancelJob(_) => Capability::Jobs,
            Self::Pending(_) => Capability::Pending,
            Self::Connections(_) => Capability::Connections,
            Self::FeedRequestIds(_) => Capability::RequestIds,
            Self::Advance(_) => Capability::Clock,
            Self::Reset(_) => Capability::Reset,
            Self::Shutdown => Capability::Shutdown,
            Self::Stats => Capability::Stats,
        })
    }

    /// Whether asking twice does what asking once does, so that a request whose connection broke may be sent again.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        matches!(self, Self::Reset(_)) || self.to_http().0 == Method::Get
    }

    /// Method, path with query (below the base address), and body.
    #[must_use]
    pub fn to_http(&self) -> (Method, String, Option<Value>) {
        let get = |path: &str| (Method::Get, path.to_owned(), None);
        let post = |path: &str, body: Value| (Method::Post, path.to_owned(), Some(body));
        match self {
            Self::Describe => get("/"),
            Self::Command(body) => post("/commands", json!(body)),
            Self::Call(body) => post("/calls", json!(body)),
            Self::CreateJob(body) => post("/jobs", json!(body)),
            Self::ProcessNext(body) => post("/jobs/process-next", json!(body)),
            Self::Job(id) => get(&format!("/jobs/{id}")),
            Self::CancelJob(id) => (Method::Post, format!("/jobs/{id}/cancel"), None),
            Self::Pending(user) => get(&format!("/pending{}", user_query(user.as_ref()))),
            Self::Connections(user) => get(&format!("/connections/{}", percent::part(user.as_str()))),
            Self::FeedRequestIds(ids) => (Method::Put, "/request-ids".to_owned(), Some(json!({ "next": ids }))),
            Self::Advance(by_s) => post("/clock/advance", json!({ "by_s": by_s })),
            Self::Reset(user) => (Method::Post, format!("/reset{}", user_query(user.as_ref())), None),
            Self::Shutdown => (Method::Post, "/shutdown".to_owned(), None),
            Self::Stats => get("/stats"),
        }
    }

    /// The request that method, path with query (below the base address) and body ask for.
    ///
    /// # Errors
    /// [`BadRequest::UnknownPath`] where the API has no such call, [`BadRequest::Invalid`] where its parts are wrong.
    pub fn from_http(method: &str, target: &str, body: &[u8]) -> Result<Self, BadRequest> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let unknown = || BadRequest::UnknownPath { method: method.to_owned(), path: path.to_owned() };
        Ok(match (method, parts.as_slice()) {
            ("GET", []) => Self::Describe,
            ("POST", ["commands"]) => Self::Command(read(body)?),
            ("POST", ["calls"]) => Self::Call(read(body)?),
            ("POST", ["jobs"]) => Self::CreateJob(read(body)?),
            ("POST", ["jobs", "process-next"]) => Self::ProcessNext(read(body)?),
            ("GET", ["jobs", id]) => Self::Job(id.parse().map_err(|_| unknown())?),
            ("POST", ["jobs", id, "cancel"]) => Self::CancelJob(id.parse().map_err(|_| unknown())?),
            ("GET", ["pending"]) => Self::Pending(user_in(query)?),
            ("GET", ["connections", user]) => Self::Connections(user_named(user)?),
            ("PUT", ["request-ids"]) => Self::FeedRequestIds(read::<NextIds>(body)?.next),
            ("POST", ["clock", "advance"]) => Self::advance(read::<By>(body)?.by_s)?,
            ("POST", ["reset"]) => Self::Reset(user_in(query)?),
            ("POST", ["shutdown"]) => Self::Shutdown,
            ("GET", ["stats"]) => Self::Stats,
            _ => return Err(unknown()),
        })
    }

    fn advance(by_s: f64) -> Result<Self, BadRequest> {
        // 10 years: far above any use, far below what a clock can hold.
        if (0.0..=315_360_000.0).contains(&by_s) {
            Ok(Self::Advance(by_s))
        } else {
            Err(BadRequest::Invalid(format!("by_s must be a number of seconds from 0 to 315360000, not {by_s}")))
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NextIds {
    next: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct By {
    by_s: f64,
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, BadRequest> {
    serde_json::from_slice(body).map_err(|error| BadRequest::Invalid(format!("the body is not as expected: {error}")))
}

fn user_query(user: Option<&UserId>) -> String {
    user.map(|user| format!("?user_id={}", percent::part(user.as_str()))).unwrap_or_default()
}

fn user_in(query: &str) -> Result<Option<UserId>, BadRequest> {
    let mut user = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("user_id", name)) => user = Some(user_named(name)?),
            _ => {
                return Err(BadRequest::Invalid(format!("unknown query parameter '{pair}': only user_id is known")));
            }
        }
    }
    Ok(user)
}

fn user_named(encoded: &str) -> Result<UserId, BadRequest> {
    let name = percent::decode(encoded)
        .ok_or_else(|| BadRequest::Invalid(format!("'{encoded}' is not percent-encoded UTF-8")))?;
    UserId::from_value(&Value::String(name)).map_err(|error| BadRequest::Invalid(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        UserId::from_value(&json!(name)).unwrap()
    }

    fn every_request() -> Vec<Request> {
        let call = CallBody {
            user_id: user("1"),
            action: "VINTED_SYNC".to_owned(),
            payload: json!({"shop_id": 123}),
            timeout_s: Some(json!(-1)),
        };
        let job = JobBody {
            marketplace: "vinted".to_owned(),
            action: "sync".to_owned(),
            user_id: user("1"),
            shop_id: Some(json!(123)),
            priority: Some(1),
            input: Some(json!({"a": 1})),
            timeout_s: None,
        };
        let process = ProcessBody { user_id: user("ü/%"), shop_id: None, marketplace: Some("vinted".to_owned()) };
        vec![
            Request::Describe,
            Request::Command(call.clone()),
            Request::Call(call),
            Request::CreateJob(job),
            Request::ProcessNext(process),
            Request::Job(7),
            Request::CancelJob(7),
            Request::Pending(None),
            Request::Pending(Some(user("a b&c=d"))),
            Request::Connections(user("ü/%")),
            Request::FeedRequestIds(vec!["req_1_17_1000".to_owned()]),
            Request::Advance(300.5),
            Request::Reset(None),
            Request::Reset(Some(user("11"))),
            Request::Shutdown,
            Request::Stats,
        ]
    }

    #[test]
    fn every_request_is_read_from_http_as_it_was_written() {
        for request in every_request() {
            let (method, path, body) = request.to_http();
            let body = body.map(|body| body.to_string()).unwrap_or_default();
            assert_eq!(Request::from_http(method.name(), &path, body.as_bytes()), Ok(request), "{path}");
        }
    }

    #[test]
    fn a_timeout_of_null_is_passed_on_and_not_taken_for_absent() {
        let timeout = |body: &str| match Request::from_http("POST", "/calls", body.as_bytes()) {
            Ok(Request::Call(body)) => body.timeout_s,
            other => panic!("{other:?}"),
        };
        assert_eq!(timeout(r#"{"user_id":1,"action":"A","timeout_s":null}"#), Some(Value::Null));
        assert_eq!(timeout(r#"{"user_id":1,"action":"A"}"#), None);
    }

    #[test]
    fn what_the_api_does_not_have_is_unknown() {
        for (method, path) in [("GET", "/commands"), ("POST", "/jobs/abc/cancel"), ("GET", "/jobs/-1"), ("PUT", "/")] {
            let error = Request::from_http(method, path, b"").unwrap_err();
            assert!(matches!(error, BadRequest::UnknownPath { .. }), "{method} {path}: {error}");
        }
    }

    #[test]
    fn wrong_parts_are_invalid_and_named() {
        let invalid = |method: &str, path: &str, body: &str| match Request::from_http(method, path, body.as_bytes()) {
            Err(BadRequest::Invalid(message)) => message,
            other => panic!("{method} {path} gave {other:?}"),
        };
        assert!(invalid("POST", "/calls", "{").contains("EOF"));
        assert!(invalid("POST", "/calls", r#"{"user_id":0,"action":"A"}"#).contains("0 is no user id"));
        assert!(invalid("POST", "/calls", r#"{"user_id":1,"action":"A","x":1}"#).contains("unknown field `x`"));
        assert!(invalid("GET", "/pending?user=1", "").contains("only user_id is known"));
        assert!(invalid("GET", "/connections/%zz", "").contains("percent-encoded"));
        assert!(invalid("POST", "/clock/advance", r#"{"by_s":-1}"#).contains("from 0"));
    }

    #[test]
    fn a_job_s_payload_is_its_input_with_the_shop_added() {
        let mut job = JobBody {
            marketplace: "vinted".to_owned(),
            action: "sync".to_owned(),
            user_id: user("1"),
            shop_id: Some(json!(123)),
            priority: None,
            input: None,
            timeout_s: None,
        };
        assert_eq!(job.payload(), json!({"shop_id": 123}));
        job.input = Some(json!({"full": true}));
        assert_eq!(job.payload(), json!({"full": true, "shop_id": 123}));
        job.shop_id = None;
        assert_eq!(job.payload(), json!({"full": true}));
    }
}
