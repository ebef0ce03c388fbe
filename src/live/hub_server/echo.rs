//! A server that echoes: what `hubproof hub --echo` is, and what conformance is tested with. The same library as the hub's, and
//! none of the hub's core.
//!
//! In the namespaces `/` and `/custom` it emits `auth` with the payload of CONNECT (`{}` for none), answers `message` with
//! `message-back` and the same arguments, and `message-with-ack` with an ack of the same arguments. Bytes come back as bytes.

use std::convert::Infallible;
use std::fmt;
use std::future::ready;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::ser::{SerializeTuple as _, Serializer};
use serde_json::{Value, json};
use socketioxide::SocketIo;
use socketioxide::adapter::Adapter;
use socketioxide::extract::{AckSender, SocketRef};
use socketioxide::handler::{FromMessage, Value as Raw};
use socketioxide::socket::Socket;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::super::listen::{ServeError, listen};
use super::super::net::Acceptor;
use super::gate::Gate;
use super::sockets::{Auth, for_any_page};
use crate::stage::ServerManners;
use crate::wire::socket::{Arrival, Assembler, Data};

/// The largest packet and message, in bytes.
const LARGEST: usize = 1_000_000;

/// How an echo server is served.
#[derive(Debug, Clone, Copy)]
pub struct EchoOptions {
    /// Where to listen; port 0 for one that is free.
    pub listen: SocketAddr,
    /// Timers of the Socket.IO side.
    pub manners: ServerManners,
}

impl Default for EchoOptions {
    /// Loopback on a free port, with the timers of the hub.
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 0).into(), manners: ServerManners::default() }
    }
}

/// A server that echoes. Dropping it ends it, and cuts every connection.
pub struct EchoServer {
    address: SocketAddr,
    cut: watch::Sender<bool>,
    serving: AbortHandle,
    io: SocketIo,
}

impl fmt::Debug for EchoServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EchoServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl EchoServer {
    /// Starts to serve. Needs a tokio runtime; the address can be connected to when this returns.
    ///
    /// # Errors
    /// [`ServeError`] if the address cannot be had.
    pub fn start(options: EchoOptions) -> Result<Self, ServeError> {
        let EchoOptions { listen: wanted, manners } = options;
        let listener = listen(wanted)?;
        let address = listener.local_addr().map_err(|error| ServeError::Listen { address: wanted, error })?;
        let (layer, io) = SocketIo::builder()
            .ping_interval(manners.ping_interval)
            .ping_timeout(manners.ping_timeout)
            .connect_timeout(manners.connect_timeout)
            .max_payload(LARGEST as u64)
            .ws_max_message_size(LARGEST)
            .ws_max_frame_size(LARGEST)
            .build_layer();
        for namespace in ["/", "/custom"] {
            io.ns(namespace, |socket: SocketRef, auth: Auth| {
                welcome(&socket, &auth);
                ready(())
            });
        }
        let cut = watch::Sender::new(false);
        let gate = Gate::new(Acceptor::Tcp(listener), cut.subscribe());
        let router = axum::Router::new().layer(layer).layer(for_any_page());
        let serving = tokio::spawn(axum::serve(gate, router).into_future()).abort_handle();
        Ok(Self { address, cut, serving, io })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address that Socket.IO clients connect to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends in order: every socket is closed, and nobody is accepted any more.
    pub async fn shutdown(&self) {
        tokio::time::timeout(super::GOODBYE, self.io.close()).await.ok();
        self.serving.abort();
        self.cut.send_replace(true);
    }
}

impl Drop for EchoServer {
    fn drop(&mut self) {
        self.serving.abort();
        self.cut.send_replace(true);
    }
}

/// Sets the handlers of a socket, and says what it connected with. A socket that has gone by then misses nothing.
fn welcome(socket: &SocketRef, Auth(auth): &Auth) {
    socket.on("message", |socket: SocketRef, Args(args): Args| {
        socket.emit("message-back", &Echo(&args)).ok();
        ready(())
    });
    socket.on("message-with-ack", |ack: AckSender, Args(args): Args| {
        ack.send(&Echo(&args)).ok();
        ready(())
    });
    socket.emit("auth", &auth.clone().unwrap_or_else(|| json!({}))).ok();
}

/// The arguments of an event, bytes in place.
struct Args(Vec<Data>);

impl<A: Adapter> FromMessage<A> for Args {
    type Error = Infallible;

    fn from_message(_: Arc<Socket<A>>, raw: Raw, _: Option<i64>) -> Result<Self, Infallible> {
        Ok(Self(read(&raw).unwrap_or_default()))
    }
}

/// The arguments of what the library hands over: the text of an event, and its attachments.
fn read(raw: &Raw) -> Option<Vec<Data>> {
    let (text, attachments) = match raw {
        Raw::Str(text, Some(attachments)) => (text.as_str(), attachments.iter().cloned().collect::<Vec<Bytes>>()),
        Raw::Str(text, None) => (text.as_str(), Vec::new()),
        Raw::Bytes(_) => return None,
    };
    if attachments.is_empty() {
        let members: Vec<Value> = serde_json::from_str(text).ok()?;
        return Some(members.into_iter().skip(1).map(Data::from).collect());
    }
    let mut assembler = Assembler::default();
    let mut arrival = assembler.text(&format!("5{}-{text}", attachments.len())).ok()?;
    for bytes in attachments {
        arrival = assembler.binary(bytes).ok()?;
    }
    match arrival {
        Arrival::Binary(whole) => Some(whole.args),
        Arrival::Packet(_) | Arrival::Waiting { .. } => None,
    }
}

/// Arguments as the library wants them: a tuple stands for several, and bytes as such for attachments.
struct Echo<'a>(&'a [Data]);

impl Serialize for Echo<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        for data in self.0 {
            tuple.serialize_element(&Part(data))?;
        }
        tuple.end()
    }
}

/// One value of an argument.
struct Part<'a>(&'a Data);

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Data::Null => serializer.serialize_unit(),
            Data::Bool(value) => serializer.serialize_bool(*value),
            Data::Number(number) => number.serialize(serializer),
            Data::Text(text) => serializer.serialize_str(text),
            Data::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Data::Array(items) => serializer.collect_seq(items.iter().map(Part)),
            Data::Object(fields) => serializer.collect_map(fields.iter().map(|(key, value)| (key, Part(value)))),
        }
    }
}
