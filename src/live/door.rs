//! The door of any Socket.IO server: single HTTP requests and WebSockets, as raw as the protocol allows. Nothing is answered, repeated or
//! left out here.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::address::{BadAddress, Base};
use super::http::{Ask, Http, NoAnswer};
use super::net::{Dialer, Stream};
use super::tasks::Tasks;

/// A server at an address, and the path of its Socket.IO side.
#[derive(Debug)]
pub struct Door {
    base: Base,
    path: String,
    http: Http,
    connect_within: Duration,
}

/// What an HTTP request was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The `Content-Type`, if there is one.
    pub content_type: Option<String>,
    /// The body; what is no UTF-8 in it is replaced.
    pub body: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// Nobody is there.
    #[error("{0}")]
    Unreachable(String),
    /// Somebody was there, and the connection ended without an answer.
    #[error("{0}")]
    Broken(String),
}

/// What became of the wish for a WebSocket.
#[derive(Debug)]
pub enum Opened<C> {
    /// It is open.
    Channel(C),
    /// The server did not want it: how it said so, such as `HTTP 400`.
    Refused(String),
}

/// A message of a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A text.
    Text(String),
    /// Bytes.
    Binary(Bytes),
}

/// An open WebSocket.
pub struct Channel(WebSocketStream<Stream>);

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").finish_non_exhaustive()
    }
}

impl Door {
    /// The server at this address, whose Socket.IO side is at `path`, usually `/socket.io/`. `connect_within` is how long a connection
    /// may take.
    ///
    /// # Errors
    /// [`BadAddress`] if it is no address.
    pub fn at(target: &str, path: &str, connect_within: Duration) -> Result<Self, BadAddress> {
        let base: Base = target.parse()?;
        let path = format!("/{}/", path.trim_matches('/')).replace("//", "/");
        let http = Http::new(base.clone(), Dialer::Tcp, None, connect_within, Tasks::default());
        Ok(Self { base, path, http, connect_within })
    }

    /// Sends one HTTP request. `query` comes behind the path and a `?`. Dropping the future closes its connection.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn request(&self, method: &str, query: &str, body: Option<String>) -> Result<Answer, Unanswered> {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let ask = Ask {
            method: method.to_owned(),
            target: format!("{}?{query}", self.path),
            headers: vec![header("accept", "*/*"), header("content-type", "text/plain;charset=UTF-8")],
            body: body.map(String::into_bytes),
            repeatable: false,
        };
        let answered = self.http.exchange(&ask).await.map_err(|error| match error {
            NoAnswer::Connect(_) | NoAnswer::ConnectTimeout(_) => {
                Unanswered::Unreachable(format!("{}: {error}", self.http.url(&ask.target)))
            }
            NoAnswer::Broken(_) | NoAnswer::Unwritable(_) => Unanswered::Broken(error.to_string()),
        })?;
        let content_type = answered.headers.iter().find(|(name, _)| name == "content-type");
        Ok(Answer {
            status: answered.status,
            content_type: content_type.map(|(_, value)| value.clone()),
            body: String::from_utf8_lossy(&answered.body).into_owned(),
        })
    }

    /// Asks for a WebSocket.
    ///
    /// # Errors
    /// [`Unanswered::Unreachable`] if nobody is there.
    pub async fn open(&self, query: &str) -> Result<Opened<Channel>, Unanswered> {
        let target = self.base.path_to(&format!("{}?{query}", self.path));
        let url = format!("ws://{}{target}", self.base.authority());
        let unreachable = |why: String| Unanswered::Unreachable(format!("{url}: cannot connect: {why}"));
        let request = url.as_str().into_client_request().map_err(|error| unreachable(error.to_string()))?;
        let stream = timeout(self.connect_within, Dialer::Tcp.dial(&self.base)).await;
        let stream = stream.map_err(|_| unreachable(format!("no answer within {:?}", self.connect_within)))?;
        let stream = stream.map_err(|error| unreachable(error.to_string()))?;
        Ok(match client_async(request, stream).await {
            Ok((stream, _)) => Opened::Channel(Channel(stream)),
            Err(Error::Http(response)) => Opened::Refused(format!("HTTP {}", response.status().as_u16())),
            Err(error) => Opened::Refused(error.to_string()),
        })
    }
}

impl Channel {
    /// Sends a message; whether the connection took it.
    pub async fn send(&mut self, frame: Frame) -> bool {
        let message = match frame {
            Frame::Text(text) => Message::from(text),
            Frame::Binary(bytes) => Message::Binary(bytes),
        };
        self.0.send(message).await.is_ok()
    }

    /// The next message; `None` once the server has closed, or the connection broke.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Some(Frame::Text(text.as_str().to_owned())),
                Some(Ok(Message::Binary(bytes))) => return Some(Frame::Binary(bytes)),
                // A goodbye is answered by the next read, which then ends.
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// Says goodbye by a close frame.
    pub async fn close(&mut self) {
        self.0.close(None).await.ok();
    }
}
