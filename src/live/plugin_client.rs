//! One WebSocket of a fake plugin. It carries frames and knows nothing of Socket.IO but the address.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, handshake::client::Response};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::address::Base;
use super::http::{Ask, Http};
use super::net::{Dialer, Stream};
use super::tasks::Tasks;
use crate::contract::marketplace::Headers;
use crate::event::{SocketId, Stranger};
use crate::stage::Occurrence;

/// Where hubs serve Socket.IO unless they are told otherwise.
pub(super) const SOCKET_IO_PATH: &str = "/socket.io/";

/// The largest message.
const LARGEST_MESSAGE: usize = 64 << 20;

/// How long a closing plugin waits for the hub's own goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// How much of an answer that is no WebSocket is shown.
const SHOWN: usize = 80;

/// What servers that only poll say of a WebSocket: socket.io, python-socketio, and socketioxide.
const POLLING_ONLY: [&str; 3] = ["Transport unknown", "Invalid transport", r#"{"code":"3","message":"Bad request"}"#];

type WebSocket = WebSocketStream<Stream>;

/// Where plugins connect to.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    base: Base,
    dialer: Dialer,
    /// The server's path below the base address.
    path: String,
    headers: Headers,
    connect_within: Duration,
}

impl Endpoint {
    /// The Socket.IO server below `base`, at `path` (`/socket.io/` by default).
    pub(super) fn new(base: Base, dialer: Dialer, path: &str, headers: Headers, connect_within: Duration) -> Self {
        let path = format!("/{}/", path.trim_matches('/')).replace("//", "/");
        Self { base, dialer, path, headers, connect_within }
    }

    /// Path and query of a handshake, below the base address.
    fn target(&self) -> String {
        format!("{}?EIO=4&transport=websocket", self.path)
    }

    fn url(&self) -> String {
        format!("ws://{}{}", self.base.authority(), self.base.path_to(&self.target()))
    }

    async fn open(&self, url: &str) -> Result<WebSocket, String> {
        let mut request = url.into_client_request().map_err(|error| error.to_string())?;
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name).map_err(|error| format!("header {name:?}: {error}"))?;
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|error| format!("header {name}: {error}"))?;
            request.headers_mut().append(name, value);
        }
        let stream = self.dialer.dial(&self.base).await.map_err(|error| error.to_string())?;
        match client_async_with_config(request, stream, Some(config())).await {
            Ok((stream, _)) => Ok(stream),
            Err(Error::Http(response)) => {
                let said = match whole_body(&response) {
                    Some(body) => body,
                    None => self.said_otherwise().await,
                };
                Err(not_a_web_socket(response.status().as_u16(), &said))
            }
            Err(error) => {
                Err(format!("{error} during the WebSocket handshake; is this the address of a Socket.IO server?"))
            }
        }
    }

    /// What the server says to the same request where no WebSocket is asked for; nothing if it does not answer.
    async fn said_otherwise(&self) -> String {
        let tasks = Tasks::default();
        let http = Http::new(self.base.clone(), self.dialer.clone(), None, self.connect_within, tasks.clone());
        let (headers, target) = (self.headers.clone(), self.target());
        let ask = Ask { method: "GET".to_owned(), target, headers, body: None, repeatable: true };
        let answered = timeout(self.connect_within / 4, http.exchange(&ask)).await;
        tasks.end();
        let body = answered.ok().and_then(Result::ok).map(|answer| answer.body).unwrap_or_default();
        String::from_utf8_lossy(&body).into_owned()
    }

    /// Opens a connection of which the server never learns whose it is: the connection, to be held.
    pub(super) async fn intrude(&self, stranger: Stranger) -> Result<Stream, String> {
        let failed = |error: std::io::Error| format!("a stranger cannot connect to {}: {error}", self.base.authority());
        if stranger == Stranger::NeverConnects {
            return self.open(&self.url()).await.map(WebSocketStream::into_inner);
        }
        let mut stream = self.dialer.dial(&self.base).await.map_err(failed)?;
        if stranger == Stranger::HalfRequest {
            let target = self.base.path_to(&self.target());
            let half = format!("GET {target} HTTP/1.1\r\nHost: {}\r\nConnec", self.base.authority());
            stream.write_all(half.as_bytes()).await.map_err(failed)?;
        }
        Ok(stream)
    }

    /// Runs one socket from its opening to its end. It does what comes from `orders`; when their sender is dropped it closes.
    pub(super) async fn run(
        self,
        socket: SocketId,
        orders: UnboundedReceiver<Order>,
        told: UnboundedSender<Occurrence>,
    ) {
        let url = self.url();
        let opened = timeout(self.connect_within, self.open(&url)).await;
        let opened = opened.unwrap_or_else(|_| Err(format!("no answer within {:?}", self.connect_within)));
        // Whoever listened may have gone; then nobody is told.
        let last = match opened {
            Ok(stream) => {
                told.send(Occurrence::Opened(socket)).ok();
                if carry(stream, socket, orders, &told).await {
                    Occurrence::Closed(socket)
                } else {
                    Occurrence::Severed(socket)
                }
            }
            Err(why) => Occurrence::Unreachable(socket, format!("cannot open {url}: {why}")),
        };
        told.send(last).ok();
    }
}

/// What a socket is told to do.
#[derive(Debug)]
pub(super) enum Order {
    /// Send this frame.
    Send(String),
    /// Send this as a binary frame.
    SendBinary(Vec<u8>),
    /// Break the connection off.
    Reset,
    /// End the connection in the middle of a frame.
    MidFrame,
    /// Do nothing any more until it is closed.
    Freeze,
}

/// A channel for the orders of a new socket.
pub(super) fn orders() -> (UnboundedSender<Order>, UnboundedReceiver<Order>) {
    unbounded_channel()
}

/// Small buffers: an idle plugin should cost little.
fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_write_buffer_size(LARGEST_MESSAGE + (1 << 20))
        .max_message_size(Some(LARGEST_MESSAGE))
        .max_frame_size(Some(LARGEST_MESSAGE))
}

/// The body of an answer, if it came whole: with the head comes only what was sent together with it.
fn whole_body(response: &Response) -> Option<String> {
    let body = String::from_utf8_lossy(response.body().as_deref().unwrap_or_default());
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    if header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        return body.ends_with("0\r\n\r\n").then(|| first_chunk(&body).to_owned());
    }
    let announced: usize = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(usize::MAX);
    (body.len() >= announced).then(|| body.into_owned())
}

/// What a body in chunks begins with: a line with a size, that many bytes, a line's end.
fn first_chunk(body: &str) -> &str {
    let (_, chunks) = body.split_once("\r\n").unwrap_or(("", body));
    chunks.split_once("\r\n").map_or(chunks, |(chunk, _)| chunk)
}

fn not_a_web_socket(status: u16, body: &str) -> String {
    let shown: String = body.chars().take(SHOWN).collect();
    let hint = if POLLING_ONLY.iter().any(|words| body.contains(words)) {
        "this looks like a Socket.IO server that allows no WebSocket, and plugins use nothing else"
    } else {
        "is this the address of a Socket.IO server, and its path?"
    };
    format!("HTTP {status} to the WebSocket handshake, body {shown:?}; {hint}")
}

/// Carries frames until the end: whether either side said goodbye.
async fn carry(
    mut stream: WebSocket,
    socket: SocketId,
    mut orders: UnboundedReceiver<Order>,
    told: &UnboundedSender<Occurrence>,
) -> bool {
    let mut goodbye = false;
    loop {
        tokio::select! {
            biased;
            order = orders.recv() => match order {
                Some(Order::Send(frame)) => {
                    if stream.send(Message::from(frame)).await.is_err() {
                        return goodbye;
                    }
                }
                Some(Order::SendBinary(bytes)) => {
                    if stream.send(Message::from(bytes)).await.is_err() {
                        return goodbye;
                    }
                }
                Some(Order::Reset) => {
                    // Without lingering, dropping the socket sends RST.
                    stream.get_ref().set_zero_linger();
                    return false;
                }
                Some(Order::MidFrame) => {
                    begin_frame(stream.get_mut()).await;
                    return false;
                }
                Some(Order::Freeze) => {
                    while orders.recv().await.is_some() {}
                    return false;
                }
                None => {
                    close(stream).await;
                    return true;
                }
            },
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    told.send(Occurrence::Text(socket, text.as_str().to_owned())).ok();
                }
                Some(Ok(Message::Close(_))) => goodbye = true,
                // Reading goes on: the goodbye is answered by the next read, which then ends.
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return goodbye,
            },
        }
    }
}

/// Sends the head of a text frame that promises a thousand bytes, and a few of them.
async fn begin_frame(stream: &mut Stream) {
    /// A final text frame with a mask, whose length is in the next two bytes.
    const HEAD: [u8; 4] = [0x81, 0xfe, 0x03, 0xe8];
    /// A mask of zeros leaves the text as it is.
    const MASK: [u8; 4] = [0; 4];
    let begun = [&HEAD[..], &MASK[..], br#"42["plugin_response",{"request_id":"#].concat();
    // A connection that is gone already has nothing to break off.
    if stream.write_all(&begun).await.is_ok() {
        stream.shutdown().await.ok();
    }
}

/// Says goodbye and waits a moment for the answer, so that the hub sees an orderly end and not a reset.
async fn close(mut stream: WebSocket) {
    let goodbye = async {
        stream.close(None).await.ok();
        while let Some(Ok(_)) = stream.next().await {}
    };
    timeout(GOODBYE, goodbye).await.ok();
}
