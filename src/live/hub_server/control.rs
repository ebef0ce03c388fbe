//! The hub's control API over HTTP.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::super::process;
use super::machine::Machine;
use crate::contract::control::{BASE_PATH, BadRequest, Refusal, Reply, Request};
use crate::stage::ServerManners;

/// The largest body of a request, far above any limit of a hub, so that it is the hub that refuses a payload.
const LARGEST_BODY: usize = 64 << 20;

/// What answers control requests.
struct Desk {
    machine: Arc<Machine>,
    token: Option<String>,
    manners: ServerManners,
}

/// Serves the control API of `machine`; any other path is unknown.
pub(super) fn router(machine: Arc<Machine>, token: Option<String>, manners: ServerManners) -> Router {
    let desk = Desk { machine, token, manners };
    Router::new().fallback(answer).with_state(Arc::new(desk))
}

async fn answer(State(desk): State<Arc<Desk>>, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    if !desk.admits(&parts.headers) {
        let message = "a control token is needed: Authorization: Bearer …".to_owned();
        return respond(&Reply::Refused(Refusal { status: 401, message }));
    }
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let Some(target) = below_base(target) else {
        let unknown = BadRequest::UnknownPath { method: parts.method.to_string(), path: parts.uri.path().to_owned() };
        return respond(&Reply::Refused(unknown.into()));
    };
    let parsed = match to_bytes(body, LARGEST_BODY).await {
        Ok(body) => Request::from_http(parts.method.as_str(), target, &body),
        Err(error) => {
            Err(BadRequest::Invalid(format!("the body cannot be read ({error}); {LARGEST_BODY} bytes are allowed")))
        }
    };
    match parsed {
        Ok(request) => match desk.machine.ask(request).await {
            Some(reply) => respond(&desk.complete(reply)),
            None => plain(StatusCode::SERVICE_UNAVAILABLE),
        },
        Err(error) => respond(&Reply::Refused(error.into())),
    }
}

/// Path and query below the API's base address.
fn below_base(target: &str) -> Option<&str> {
    let rest = target.strip_prefix(BASE_PATH)?;
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest)
}

impl Desk {
    fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let given = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
        let given = given.and_then(|given| given.strip_prefix(b"Bearer "));
        given.is_some_and(|given| same(given, token.as_bytes()))
    }

    /// Adds what the core cannot know.
    fn complete(&self, mut reply: Reply) -> Reply {
        match &mut reply {
            Reply::Description(description) => {
                let settings = &mut description.settings;
                settings.ping_interval_s = Some(self.manners.ping_interval.as_secs_f64());
                settings.ping_timeout_s = Some(self.manners.ping_timeout.as_secs_f64());
            }
            Reply::Stats(stats) => {
                stats.rss_bytes = process::rss_bytes();
                stats.cpu_s = process::cpu_s();
            }
            _ => {}
        }
        reply
    }
}

/// Compares secrets in a time that does not tell how much of them is right.
fn same(given: &[u8], wanted: &[u8]) -> bool {
    let differences = given.iter().zip(wanted).fold(0, |found, (a, b)| found | (a ^ b));
    given.len() == wanted.len() && differences == 0
}

fn respond(reply: &Reply) -> Response {
    if let Reply::Outcome(outcome) = reply {
        // Of these there are many: written without a tree of values in between.
        return serde_json::to_vec(outcome).map_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR), json);
    }
    let (status, body) = reply.to_http();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = plain(status);
    if let Some(body) = body {
        *response.body_mut() = Body::from(body.to_string());
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    if status == StatusCode::UNAUTHORIZED {
        let bearer = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
    }
    response
}

/// A body of JSON, with status 200.
fn json(body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn plain(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
