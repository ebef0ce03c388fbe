//! What a server is talked to through: real sockets, or whatever else does the same.

use futures_util::future::BoxFuture;

use crate::live;
pub use crate::live::door::{Answer, Frame, Opened, Unanswered};

/// A server's door.
pub trait Door: Send + Sync {
    /// Sends one HTTP request; see [`live::Door::request`].
    fn request<'a>(
        &'a self,
        method: &'a str,
        query: &'a str,
        body: Option<String>,
    ) -> BoxFuture<'a, Result<Answer, Unanswered>>;

    /// Asks for a WebSocket; see [`live::Door::open`].
    fn open<'a>(&'a self, query: &'a str) -> BoxFuture<'a, Result<Opened<Box<dyn Channel>>, Unanswered>>;
}

/// An open WebSocket.
pub trait Channel: Send + Sync {
    /// Sends a message; whether the connection took it.
    fn send(&mut self, frame: Frame) -> BoxFuture<'_, bool>;

    /// The next message; `None` once it has ended.
    fn next(&mut self) -> BoxFuture<'_, Option<Frame>>;

    /// Says goodbye by a close frame.
    fn close(&mut self) -> BoxFuture<'_, ()>;
}

impl Door for live::Door {
    fn request<'a>(
        &'a self,
        method: &'a str,
        query: &'a str,
        body: Option<String>,
    ) -> BoxFuture<'a, Result<Answer, Unanswered>> {
        Box::pin(self.request(method, query, body))
    }

    fn open<'a>(&'a self, query: &'a str) -> BoxFuture<'a, Result<Opened<Box<dyn Channel>>, Unanswered>> {
        Box::pin(async move {
            Ok(match self.open(query).await? {
                Opened::Channel(channel) => Opened::Channel(Box::new(channel) as Box<dyn Channel>),
                Opened::Refused(how) => Opened::Refused(how),
            })
        })
    }
}

impl Channel for live::door::Channel {
    fn send(&mut self, frame: Frame) -> BoxFuture<'_, bool> {
        Box::pin(self.send(frame))
    }

    fn next(&mut self) -> BoxFuture<'_, Option<Frame>> {
        Box::pin(self.next())
    }

    fn close(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.close())
    }
}
