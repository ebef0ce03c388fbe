//! Every answer of the control API as a value.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::request::{BadRequest, Request};
use super::types::{Description, ErrorKind, JobView, Outcome, Pending, Stats};
use crate::contract::text;

/// One answer of the control API.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// To `GET /`.
    Description(Description),
    /// To a command or call.
    Outcome(Outcome),
    /// To creating, reading and cancelling a job.
    Job(JobView),
    /// To processing: the job's result object, or null when no job was pending (JOB-8).
    JobResult(Value),
    /// To `GET /pending`.
    Pending(Pending),
    /// To `GET /connections/{user_id}`: how many.
    Connections(u64),
    /// To `GET /stats`.
    Stats(Stats),
    /// HTTP 204.
    Done,
    /// The target did not do it.
    Refused(Refusal),
}

/// A control request that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the target refused with HTTP {status}: {message}")]
pub struct Refusal {
    /// 400, 401, 404 or 501.
    pub status: u16,
    /// In words.
    pub message: String,
}

impl Refusal {
    /// HTTP 404 for a job that does not exist.
    #[must_use]
    pub fn no_such_job(id: u64) -> Self {
        Self { status: 404, message: format!("no job {id}") }
    }

    /// HTTP 501 for what the target cannot do.
    #[must_use]
    pub fn not_offered(request: &Request) -> Self {
        let name = request.needs().map_or("this", super::types::Capability::name);
        Self { status: 501, message: format!("this target does not offer {name}") }
    }
}

impl From<BadRequest> for Refusal {
    fn from(error: BadRequest) -> Self {
        let status = match error {
            BadRequest::UnknownPath { .. } => 404,
            BadRequest::Invalid(_) => 400,
        };
        Self { status, message: error.to_string() }
    }
}

/// An answer that the control API does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer to {method} {path} (HTTP {status}) is not the control API's: {why}")]
pub struct Nonsense {
    /// Of the request.
    pub method: &'static str,
    /// Of the request.
    pub path: String,
    /// Of the answer.
    pub status: u16,
    /// What is wrong with it.
    pub why: String,
}

impl Reply {
    /// Status and body, `None` for an empty one.
    #[must_use]
    pub fn to_http(&self) -> (u16, Option<Value>) {
        match self {
            Self::Description(body) => (200, Some(json!(body))),
            Self::Outcome(body) => (200, Some(json!(body))),
            Self::Job(body) => (200, Some(json!(body))),
            Self::JobResult(body) => (200, Some(body.clone())),
            Self::Pending(body) => (200, Some(json!(body))),
            Self::Connections(count) => (200, Some(json!({ "count": count }))),
            Self::Stats(body) => (200, Some(json!(body))),
            Self::Done => (204, None),
            Self::Refused(Refusal { status, message }) => {
                (*status, Some(json!({"error": {"kind": error_kind(*status), "message": message}})))
            }
        }
    }

    /// The answer that `status` and `body` are to `request`.
    ///
    /// # Errors
    /// [`Nonsense`] where the API does not allow such an answer to such a request.
    pub fn from_http(request: &Request, status: u16, body: &[u8]) -> Result<Self, Nonsense> {
        let nonsense = |why: String| {
            let (method, path, _) = request.to_http();
            Nonsense { method: method.name(), path, status, why }
        };
        match status {
            200..=299 => {}
            400 | 401 | 404 | 501 => {
                return Ok(Self::Refused(Refusal { status, message: message_in(body) }));
            }
            _ => return Err(nonsense(format!("unexpected status, body {}", excerpt(body)))),
        }
        let parsed = match request {
            Request::Describe => read(body).map(Self::Description),
            Request::Command(_) | Request::Call(_) => read(body).map(Self::Outcome),
            Request::CreateJob(_) | Request::Job(_) | Request::CancelJob(_) => read(body).map(Self::Job),
            Request::ProcessNext(_) => read(body).map(Self::JobResult),
            Request::Pending(_) => read(body).map(Self::Pending),
            Request::Connections(_) => read::<Count>(body).map(|body| Self::Connections(body.count)),
            Request::Stats => read(body).map(Self::Stats),
            Request::FeedRequestIds(_) | Request::Advance(_) | Request::Reset(_) | Request::Shutdown => Ok(Self::Done),
        };
        let reply = parsed.map_err(|error| nonsense(format!("{error}, body {}", excerpt(body))))?;
        match &reply {
            Self::JobResult(result) if !result.is_object() && !result.is_null() => {
                Err(nonsense(format!("a job's result is an object or null, not {}", excerpt(body))))
            }
            _ => Ok(reply),
        }
    }
}

#[derive(serde::Deserialize, Serialize)]
struct Count {
    count: u64,
}

fn error_kind(status: u16) -> &'static str {
    match status {
        400 => "invalid",
        401 => "unauthorized",
        404 => "not_found",
        _ => "not_offered",
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(body)
}

fn message_in(body: &[u8]) -> String {
    let parsed: Option<Value> = serde_json::from_slice(body).ok();
    let message = parsed.as_ref().and_then(|body| body.pointer("/error/message")).and_then(Value::as_str);
    message.map_or_else(|| excerpt(body), str::to_owned)
}

/// The start of a body, for messages.
fn excerpt(body: &[u8]) -> String {
    text::excerpt(body, 120)
}

impl From<super::types::CallError> for Outcome {
    /// An outcome that took no time.
    fn from(error: super::types::CallError) -> Self {
        Self::Error { error, elapsed_ms: 0.0 }
    }
}

impl Outcome {
    /// The kind of the error, if it is one.
    #[must_use]
    pub fn error_kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Ok { .. } => None,
            Self::Error { error, .. } => Some(error.kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::types::{CallError, JobStatus};
    use super::*;

    fn there_and_back(request: &Request, reply: &Reply) {
        let (status, body) = reply.to_http();
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        assert_eq!(&Reply::from_http(request, status, body.as_bytes()).unwrap(), reply);
    }

    #[test]
    fn every_reply_is_read_from_http_as_it_was_written() {
        let call = Request::from_http("POST", "/calls", br#"{"user_id":1,"action":"A"}"#).unwrap();
        let process = Request::from_http("POST", "/jobs/process-next", br#"{"user_id":1}"#).unwrap();
        there_and_back(&call, &Reply::Outcome(Outcome::Ok { value: json!({"a": 1}), elapsed_ms: 12.5 }));
        let error = CallError {
            kind: ErrorKind::PluginError,
            message: "no".to_owned(),
            status: Some(json!(403)),
            error_data: Some(json!({"url": "x"})),
        };
        there_and_back(&call, &Reply::Outcome(Outcome::Error { error, elapsed_ms: 1.0 }));
        there_and_back(&process, &Reply::JobResult(Value::Null));
        there_and_back(&process, &Reply::JobResult(json!({"success": true})));
        let job = JobView { job_id: 1, status: JobStatus::Pending, retry_count: Some(0), timeout_s: None, error: None };
        there_and_back(&Request::Job(1), &Reply::Job(job));
        there_and_back(&Request::Job(1), &Reply::Refused(Refusal::no_such_job(1)));
        there_and_back(&Request::Pending(None), &Reply::Pending(Pending { count: 1, request_ids: vec!["r".into()] }));
        there_and_back(&Request::Stats, &Reply::Stats(Stats { rss_bytes: Some(1), connections: None, cpu_s: None }));
        there_and_back(&Request::Shutdown, &Reply::Done);
        there_and_back(&Request::Shutdown, &Reply::Refused(Refusal::not_offered(&Request::Shutdown)));
    }

    #[test]
    fn an_answer_that_is_none_says_what_came() {
        let call = Request::from_http("POST", "/calls", br#"{"user_id":1,"action":"A"}"#).unwrap();
        let why = |request: &Request, status, body: &str| {
            Reply::from_http(request, status, body.as_bytes()).unwrap_err().to_string()
        };
        assert!(why(&call, 200, "<html>").contains(r#""<html>""#));
        assert!(why(&call, 500, "oops").contains("unexpected status"));
        assert!(why(&call, 200, r#"{"outcome":"maybe"}"#).contains("maybe"));
        let process = Request::from_http("POST", "/jobs/process-next", br#"{"user_id":1}"#).unwrap();
        assert!(why(&process, 200, "[1]").contains("an object or null"));
    }

    #[test]
    fn an_unknown_kind_of_error_counts_as_internal() {
        let body = br#"{"outcome":"error","error":{"kind":"tired","message":"m"},"elapsed_ms":1}"#;
        let call = Request::from_http("POST", "/calls", br#"{"user_id":1,"action":"A"}"#).unwrap();
        let Reply::Outcome(outcome) = Reply::from_http(&call, 200, body).unwrap() else { panic!("no outcome") };
        assert_eq!(outcome.error_kind(), Some(ErrorKind::Internal));
    }
}
