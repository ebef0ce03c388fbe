//! The fake Vinted on a port of its own, and how plugins ask it.
//!
//! The model answers behind wiremock, on a port that nobody is told; the front before it passes requests and answers on,
//! and does with connections what wiremock cannot.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::address::Base;
use super::front::{self, Front};
use super::http::{Ask, Http};
use super::listen::{ServeError, listen};
use super::net::Dialer;
use super::tasks::Tasks;
use crate::contract::marketplace::{Body, MarketRequest, MarketResponse};
use crate::contract::percent;
use crate::vinted::journal::Seen;
use crate::vinted::{Answer, Delivery, Vinted};

/// How long a plugin waits for a connection to the marketplace.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// The header that says how long an answer was to take, in documented seconds.
const TOOK: &str = "x-hubproof-took";

/// The header that says the longest that it might have been to take, where that was drawn.
const LATEST: &str = "x-hubproof-latest";

/// Takes each request with what it came to.
pub type VintedLog = Arc<dyn Fn(&Seen) + Send + Sync>;

/// How a model is served.
#[derive(Clone)]
pub struct VintedOptions {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Real seconds for a documented one.
    pub scale: f64,
    /// Takes each request.
    pub log: VintedLog,
}

impl Default for VintedOptions {
    /// On a free port of 127.0.0.1, at full length, without a log.
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 0).into(), scale: 1.0, log: Arc::new(|_| {}) }
    }
}

impl fmt::Debug for VintedOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VintedOptions")
            .field("listen", &self.listen)
            .field("scale", &self.scale)
            .finish_non_exhaustive()
    }
}

/// The fake Vinted, served. It ends when it is dropped.
pub struct VintedServer {
    front: Front,
    /// Ends after the front.
    _behind: MockServer,
}

impl fmt::Debug for VintedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VintedServer").field(&self.url()).finish()
    }
}

impl VintedServer {
    /// Serves a model. It can be looked into and changed while it is served. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`ServeError`] if the address cannot be had.
    pub async fn start(model: Arc<Mutex<Vinted>>, options: VintedOptions) -> Result<Self, ServeError> {
        let listener = listen(options.listen)?;
        // What wiremock listens on is nobody's business but the front's.
        let behind = (Ipv4Addr::LOCALHOST, 0).into();
        let hidden = listen(behind)?.into_std().map_err(|error| ServeError::Listen { address: behind, error })?;
        // The model's journal is bounded; wiremock's own would grow with each request.
        let server = MockServer::builder().listener(hidden).disable_request_recording().start().await;
        let (scale, log, start) = (options.scale, options.log, Instant::now());
        let respond = move |request: &Request| {
            let asked = from_http(request);
            if let Some(preflight) = preflight(&asked) {
                return preflight;
            }
            let now = start.elapsed().div_f64(scale);
            let mut model = model.lock().unwrap_or_else(PoisonError::into_inner);
            let seen_before = model.journal.seen();
            let answer = model.handle(now, &asked);
            let seen = model.journal.last().filter(|seen| seen.number > seen_before).cloned();
            drop(model);
            if let Some(seen) = seen {
                log(&seen);
            }
            for_any_origin(to_http(&answer, scale), &asked)
        };
        Mock::given(any()).respond_with(respond).mount(&server).await;
        let front = Front::start(listener, Base::at(*server.address()), scale)?;
        Ok(Self { front, _behind: server })
    }

    /// Its base address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.front.address())
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.front.address()
    }

    /// Ends in order: takes no further requests, and lets those finish that are under way, for a few seconds at most.
    pub async fn shutdown(self) {
        self.front.shutdown().await;
    }
}

fn from_http(request: &Request) -> MarketRequest {
    let query = request.url.query_pairs();
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    MarketRequest {
        method: request.method.to_string(),
        path: percent::decode(request.url.path()).unwrap_or_else(|| request.url.path().to_owned()),
        query: query.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
            .collect(),
        body: Body::read(&request.body),
    }
}

fn to_http(answer: &Answer, scale: f64) -> ResponseTemplate {
    let Answer { response, delivery } = answer;
    let mut template = ResponseTemplate::new(response.status);
    if !matches!(response.body, Body::Empty) {
        template = template.set_body_raw(response.body.bytes(), response.content_type().unwrap_or_default());
    }
    for (name, value) in response.headers.iter().filter(|(name, _)| name != "content-type") {
        template = template.append_header(name.as_str(), value.as_str());
    }
    if let Some(mark) = front::mark(*delivery) {
        template = template.insert_header(front::DELIVERY, mark);
    }
    let dripping = if let Delivery::Drip { over, .. } = delivery { *over } else { Duration::ZERO };
    let took = response.took + dripping;
    if let Some(latest) = response.latest {
        template = template.insert_header(LATEST, (latest + dripping).as_secs_f64().to_string());
    }
    if !took.is_zero() {
        template = template.insert_header(TOOK, took.as_secs_f64().to_string());
        // The front makes it drip.
        template = template.set_delay(response.took.mul_f64(scale));
    }
    template
}

/// What a browser asks before it lets a page of another origin ask: everything is allowed.
fn preflight(request: &MarketRequest) -> Option<ResponseTemplate> {
    request.header("origin").filter(|_| request.method == "OPTIONS")?;
    let asked = request.header("access-control-request-headers").filter(|asked| fits_header(asked));
    let asked = asked.unwrap_or("content-type");
    let allowed = ResponseTemplate::new(204)
        .insert_header("access-control-allow-methods", "GET, POST, PUT, DELETE")
        .insert_header("access-control-allow-headers", asked);
    Some(for_any_origin(allowed, request))
}

fn for_any_origin(template: ResponseTemplate, request: &MarketRequest) -> ResponseTemplate {
    match request.header("origin").filter(|origin| fits_header(origin)) {
        Some(origin) => template
            .insert_header("access-control-allow-origin", origin)
            .insert_header("access-control-allow-credentials", "true"),
        None => template,
    }
}

/// Whether wiremock takes it as a header's value.
fn fits_header(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
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
            headers: request.headers.clone(),
            body: (!matches!(request.body, Body::Empty)).then(|| request.body.bytes().into_owned()),
            repeatable: false,
        };
        let answer = self.0.exchange(&ask).await.ok()?;
        let mut response = MarketResponse::new(answer.status, Body::read(&answer.body));
        response.headers = answer.headers;
        let told = |name| response.header(name).and_then(|told| Duration::try_from_secs_f64(told.parse().ok()?).ok());
        (response.took, response.latest) = (told(TOOK).unwrap_or(Duration::ZERO), told(LATEST));
        Some(response)
    }
}
