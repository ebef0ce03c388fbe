//! HTTP/1.1 requests to one server. A connection that was used a moment ago is used again.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout};

use super::address::Base;
use super::net::Dialer;
use super::tasks::Tasks;
use crate::contract::marketplace::Headers;

/// How long a connection may have been idle to be used again: well below the two to five seconds after which servers
/// close idle connections, so that a request does not run into the closing.
const FRESH: Duration = Duration::from_secs(1);

/// Idle connections that are kept.
const MOST_IDLE: usize = 32;

/// The largest answer.
const LARGEST_BODY: usize = 64 << 20;

type Connection = SendRequest<Full<Bytes>>;

/// Why a request has no answer. Shown after the URL that was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    /// Nobody there.
    #[error("cannot connect: {0}")]
    Connect(io::Error),
    /// Nobody there, and nobody to say so.
    #[error("cannot connect: no answer within {0:?}")]
    ConnectTimeout(Duration),
    /// The request was taken and the connection broke.
    #[error("the connection broke before the answer was complete: {0}")]
    Broken(String),
    /// The request cannot be written.
    #[error("{0}")]
    Unwritable(#[from] hyper::http::Error),
}

/// What to ask.
#[derive(Debug)]
pub(super) struct Ask {
    /// Such as `GET`.
    pub(super) method: String,
    /// Path and query below the base address; empty or beginning with a slash.
    pub(super) target: String,
    /// Headers beside those that every request has; names in lower case.
    pub(super) headers: Headers,
    /// What it carries, if anything: JSON, unless a header says otherwise.
    pub(super) body: Option<Vec<u8>>,
    /// Whether it may be sent a second time where its connection broke before anything of an answer came.
    pub(super) repeatable: bool,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) body: Bytes,
}

/// A client of one server.
#[derive(Debug)]
pub(super) struct Http {
    base: Base,
    dialer: Dialer,
    token: Option<String>,
    connect_within: Duration,
    tasks: Tasks,
    idle: Mutex<Vec<(Connection, Instant)>>,
}

impl Http {
    /// A client whose connections end with `tasks`. `token` goes with every request.
    pub(super) fn new(
        base: Base,
        dialer: Dialer,
        token: Option<String>,
        connect_within: Duration,
        tasks: Tasks,
    ) -> Self {
        Self { base, dialer, token, connect_within, tasks, idle: Mutex::default() }
    }

    /// The whole address of a request.
    pub(super) fn url(&self, target: &str) -> String {
        format!("{}{target}", self.base)
    }

    /// Sends one request and returns its answer. Dropping the future closes its connection.
    pub(super) async fn exchange(&self, ask: &Ask) -> Result<Answered, NoAnswer> {
        let request = self.request(ask)?;
        if let Some(mut connection) = self.take_idle() {
            match connection.try_send_request(request.clone()).await {
                Ok(response) => return self.finish(connection, response).await,
                // Never sent, or nothing of an answer came and asking twice does no harm: once more, on a new connection.
                Err(error) if error.message().is_some() || ask.repeatable => {}
                Err(error) => return Err(NoAnswer::Broken(error.error().to_string())),
            }
        }
        let mut connection = self.connect().await?;
        let response = connection.send_request(request).await;
        let response = response.map_err(|error| NoAnswer::Broken(error.to_string()))?;
        self.finish(connection, response).await
    }

    fn request(&self, ask: &Ask) -> Result<Request<Full<Bytes>>, NoAnswer> {
        let path = self.base.path_to(&ask.target);
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        let mut request = Request::builder().method(ask.method.as_str()).uri(path).header(HOST, self.base.authority());
        for (name, value) in &ask.headers {
            // Not only ASCII may stand in a header.
            request =
                request.header(name, HeaderValue::from_bytes(value.as_bytes()).map_err(hyper::http::Error::from)?);
        }
        let lacks = |name: &HeaderName| ask.headers.iter().all(|(given, _)| given != name.as_str());
        if lacks(&ACCEPT) {
            request = request.header(ACCEPT, "application/json");
        }
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if ask.body.is_some() && lacks(&CONTENT_TYPE) {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = ask.body.clone().map(Bytes::from).unwrap_or_default();
        Ok(request.body(Full::new(body))?)
    }

    async fn connect(&self) -> Result<Connection, NoAnswer> {
        let stream = timeout(self.connect_within, self.dialer.dial(&self.base)).await;
        let stream = stream.map_err(|_| NoAnswer::ConnectTimeout(self.connect_within))?.map_err(NoAnswer::Connect)?;
        let (connection, work) =
            handshake(TokioIo::new(stream)).await.map_err(|error| NoAnswer::Broken(error.to_string()))?;
        self.tasks.spawn(async move {
            // Whatever breaks a connection is told to the request that is on it.
            work.await.ok();
        });
        Ok(connection)
    }

    async fn finish(&self, mut connection: Connection, response: Response<Incoming>) -> Result<Answered, NoAnswer> {
        let status = response.status().as_u16();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let body = Limited::new(response.into_body(), LARGEST_BODY).collect().await;
        let body = body.map_err(|error| NoAnswer::Broken(error.to_string()))?.to_bytes();
        // Ready means that the server keeps it open.
        if connection.ready().await.is_ok() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < MOST_IDLE {
                idle.push((connection, Instant::now()));
            }
        }
        Ok(Answered { status, headers, body })
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(connection, since)| since.elapsed() < FRESH && !connection.is_closed());
        // The one that was used last is the surest.
        idle.pop().map(|(connection, _)| connection)
    }
}
