//! The fake Vinted on a port of its own, and how plugins ask it.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::address::Base;
use super::http::{Ask, Http};
use super::listen::{ServeError, listen};
use super::net::Dialer;
use super::tasks::Tasks;
use crate::contract::marketplace::{MarketRequest, MarketResponse};
use crate::contract::percent;
use crate::vinted::Vinted;

/// How long a plugin waits for a connection to the marketplace.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// The fake Vinted, served. It ends when it is dropped.
pub struct VintedServer(MockServer);

impl fmt::Debug for VintedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VintedServer").field(&self.url()).finish()
    }
}

impl VintedServer {
    /// Serves a model on a free port of 127.0.0.1. The model can be looked into and changed while it is served.
    ///
    /// # Errors
    /// [`ServeError`] if the system has no port to give.
    pub async fn start(model: Arc<Mutex<Vinted>>) -> Result<Self, ServeError> {
        Self::start_on((Ipv4Addr::LOCALHOST, 0).into(), model).await
    }

    /// Serves a model on this address.
    ///
    /// # Errors
    /// [`ServeError`] if the address cannot be had.
    pub async fn start_on(address: SocketAddr, model: Arc<Mutex<Vinted>>) -> Result<Self, ServeError> {
        let listener = listen(address)?.into_std();
        let listener = listener.map_err(|error| ServeError::Listen { address, error })?;
        // Requests are in the run's events: wiremock's own journal would only grow.
        let server = MockServer::builder().listener(listener).disable_request_recording();
        let server = server.start().await;
        let respond = move |request: &Request| {
            let model = model.lock().unwrap_or_else(PoisonError::into_inner);
            to_http(&model.handle(&from_http(request)))
        };
        Mock::given(any()).respond_with(respond).mount(&server).await;
        Ok(Self(server))
    }

    /// Its base address.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.uri()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        *self.0.address()
    }
}

fn from_http(request: &Request) -> MarketRequest {
    let query = request.url.query_pairs();
    MarketRequest {
        method: request.method.to_string(),
        path: percent::decode(request.url.path()).unwrap_or_else(|| request.url.path().to_owned()),
        query: query.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
        body: (!request.body.is_empty()).then(|| to_json(&request.body)),
    }
}

fn to_http(response: &MarketResponse) -> ResponseTemplate {
    ResponseTemplate::new(response.status).set_body_json(&response.body)
}

/// A body as JSON; what is none, as a JSON text.
fn to_json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into())
}

/// How plugins ask the marketplace.
#[derive(Debug)]
pub(super) struct MarketClient(Http);

impl MarketClient {
    pub(super) fn new(base: Base, tasks: Tasks) -> Self {
        Self(Http::new(base, Dialer::Tcp, None, CONNECT_WITHIN, tasks))
    }

    /// Asks; `None` if no answer comes.
    pub(super) async fn ask(&self, request: &MarketRequest) -> Option<MarketResponse> {
        let part = percent::part;
        let pairs = request.query.iter().map(|(name, value)| format!("{}={}", part(name), part(value)));
        let query = pairs.collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        let ask = Ask {
            method: request.method.clone(),
            target: format!("{}{mark}{query}", percent::path(&request.path)),
            body: request.body.as_ref().map(|body| body.to_string().into_bytes()),
        };
        let (status, body) = self.0.exchange(&ask).await.ok()?;
        Some(MarketResponse { status, body: to_json(&body) })
    }
}
