//! The TCP stage before the fake Vinted: it passes requests and answers on, and resets, cuts and drips where an answer says
//! so in a header that no client sees.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet, yield_now};
use tokio::time::{sleep, timeout};

use super::address::Base;
use super::http::{Answered, Ask, Http};
use super::listen::ServeError;
use super::net::Dialer;
use super::tasks::Tasks;
use crate::vinted::Delivery;

/// The header in which an answer says what becomes of it.
pub(super) const DELIVERY: &str = "x-hubproof-delivery";

/// The largest request.
const LARGEST: usize = 64 << 20;

/// How long to wait for a connection to the server behind, which is in this process.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// How long requests that are under way may still take when the front ends.
const LAST_MOMENTS: Duration = Duration::from_secs(3);

/// How long to wait after a connection that could not be accepted.
const AFTER_FAILURE: Duration = Duration::from_millis(10);

/// What the header says of a delivery; nothing of one that is whole.
pub(super) fn mark(delivery: Delivery) -> Option<String> {
    match delivery {
        Delivery::Whole => None,
        Delivery::Reset => Some("reset".to_owned()),
        Delivery::Truncated => Some("truncated".to_owned()),
        Delivery::Drip { over, pieces } => Some(format!("drip {} {pieces}", over.as_millis())),
    }
}

/// The delivery that the header says.
fn delivery(answer: &Answered) -> Delivery {
    let mark = answer.headers.iter().find(|(name, _)| name == DELIVERY).map(|(_, mark)| mark.as_str());
    let words: Vec<&str> = mark.unwrap_or_default().split(' ').collect();
    match words.as_slice() {
        ["reset"] => Delivery::Reset,
        ["truncated"] => Delivery::Truncated,
        ["drip", millis, pieces] => Delivery::Drip {
            over: Duration::from_millis(millis.parse().unwrap_or(0)),
            pieces: pieces.parse().unwrap_or(1),
        },
        _ => Delivery::Whole,
    }
}

/// The stage, listening. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct Front {
    address: SocketAddr,
    ending: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    tasks: Tasks,
}

impl Front {
    /// Passes on what comes to the server behind.
    pub(super) fn start(listener: TcpListener, behind: Base, scale: f64) -> Result<Self, ServeError> {
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        let address = listener.local_addr().map_err(|error| ServeError::Listen { address: unknown, error })?;
        let tasks = Tasks::default();
        let http = Http::new(behind, Dialer::Tcp, None, CONNECT_WITHIN, tasks.clone());
        let (ending, ended) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, Arc::new(http), scale, ended));
        Ok(Self { address, ending, accepting, tasks })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts nothing any more, and lets what is under way come to its end for a moment.
    pub(super) async fn shutdown(mut self) {
        self.ending.send(true).ok();
        timeout(LAST_MOMENTS, &mut self.accepting).await.ok();
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.accepting.abort();
        self.tasks.end();
    }
}

async fn accept(listener: TcpListener, http: Arc<Http>, scale: f64, ended: watch::Receiver<bool>) {
    let (mut connections, mut ending) = (JoinSet::new(), ended.clone());
    loop {
        tokio::select! {
            biased;
            () = told(&mut ending) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&http), scale, ended.clone()));
                }
                // Too many open files, or a client that left at once: the next one may fare better.
                Err(_) => sleep(AFTER_FAILURE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Waits until the front is to end, or is gone.
async fn told(ended: &mut watch::Receiver<bool>) {
    ended.wait_for(|ended| *ended).await.ok();
}

async fn serve(stream: TcpStream, http: Arc<Http>, scale: f64, mut ended: watch::Receiver<bool>) {
    // A connection that cannot have it is slower, and works.
    stream.set_nodelay(true).ok();
    let reset = Arc::new(AtomicBool::new(false));
    let line = TokioIo::new(Line { stream, reset: Arc::clone(&reset) });
    let service = service_fn(move |request| {
        let (http, reset) = (Arc::clone(&http), Arc::clone(&reset));
        async move { pass_on(request, &http, scale, &reset).await }
    });
    let mut connection = std::pin::pin!(http1::Builder::new().serve_connection(line, service));
    tokio::select! {
        // Whatever breaks a connection is its client's to notice.
        _ = connection.as_mut() => return,
        () = told(&mut ended) => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await.ok();
}

type Answer = Response<UnsyncBoxBody<Bytes, io::Error>>;

/// Asks the server behind, and answers as it says. An error makes the connection end without an answer.
async fn pass_on(request: Request<Incoming>, http: &Http, scale: f64, reset: &AtomicBool) -> Result<Answer, io::Error> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST).collect().await else {
        return Ok(plain(413, "the request is too large, or was cut short"));
    };
    let body = body.to_bytes();
    let own = [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING];
    let passed = head.headers.iter().filter(|(name, _)| !own.contains(*name));
    let headers =
        passed.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let ask = Ask {
        method: head.method.to_string(),
        target: head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        headers: headers.collect(),
        body: (!body.is_empty()).then(|| body.to_vec()),
        repeatable: false,
    };
    let Ok(answer) = http.exchange(&ask).await else {
        return Ok(plain(500, "the model behind did not answer"));
    };
    let delivery = delivery(&answer);
    if delivery == Delivery::Reset {
        reset.store(true, Ordering::Release);
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    let mut response = Response::builder().status(answer.status);
    let own = [DELIVERY, CONNECTION.as_str(), CONTENT_LENGTH.as_str(), TRANSFER_ENCODING.as_str()];
    for (name, value) in answer.headers.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
        response = response.header(name, value);
    }
    let length = answer.body.len();
    let body = match delivery {
        Delivery::Truncated => {
            // More than comes, also where there is nothing to cut.
            response = response.header(CONTENT_LENGTH, length.max(1));
            cut(&answer.body)
        }
        Delivery::Drip { over, pieces } => {
            response = response.header(CONTENT_LENGTH, length);
            drip(answer.body, over.mul_f64(scale), pieces)
        }
        Delivery::Whole | Delivery::Reset => whole(answer.body),
    };
    response.body(body).map_err(io::Error::other)
}

fn plain(status: u16, text: &'static str) -> Answer {
    let mut answer = Response::new(whole(Bytes::from_static(text.as_bytes())));
    *answer.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    answer
}

fn whole(body: Bytes) -> UnsyncBoxBody<Bytes, io::Error> {
    Full::new(body).map_err(|never: Infallible| match never {}).boxed_unsync()
}

/// Half of a body, and then an error that closes the connection.
fn cut(body: &Bytes) -> UnsyncBoxBody<Bytes, io::Error> {
    let half = body.slice(..body.len() / 2);
    let pieces = stream::unfold(Some(Some(half)), |left| async move {
        if let Some(half) = left? {
            return Some((Ok(Frame::data(half)), Some(None)));
        }
        // What was written before goes out first.
        yield_now().await;
        Some((Err(io::ErrorKind::ConnectionAborted.into()), None))
    });
    BodyExt::boxed_unsync(StreamBody::new(pieces))
}

/// A body in pieces, with a pause before each.
fn drip(body: Bytes, over: Duration, pieces: u32) -> UnsyncBoxBody<Bytes, io::Error> {
    let size = body.len().div_ceil(pieces.max(1) as usize).max(1);
    let pause = over / pieces.max(1);
    let pieces = stream::unfold(body, move |mut left| async move {
        if left.is_empty() {
            return None;
        }
        let piece = left.split_to(size.min(left.len()));
        sleep(pause).await;
        Some((Ok(Frame::data(piece)), left))
    });
    BodyExt::boxed_unsync(StreamBody::new(pieces))
}

/// A connection that can be reset.
#[derive(Debug)]
struct Line {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Acquire) {
            // Closing it then sends a reset; where that cannot be set, its end has to do.
            self.stream.set_zero_linger().ok();
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
