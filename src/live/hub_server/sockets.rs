//! The hub's sockets: socketioxide on one side, the machine on the other. Rooms, membership and order are the machine's.
//!
//! What the library does by itself (version 0.18, read in its source and seen in `tests/it/live`), beside the timers in
//! [`ServerManners`]:
//! - An emit between the middleware and the answer to CONNECT fails. Commands wait in the machine until then.
//! - A socket whose transport ends while it connects gets neither a connect nor a disconnect handler, if none was set by
//!   then. So the handlers are set before CONNECT is answered, and it is their being *dropped* that reports the end.
//! - Handlers are called in the order of the packets, but their futures are spawned. So everything is done before the
//!   future is made.
//! - `Data<Value>` cannot take a binary event, and takes the first of several arguments for the only one. So packets are
//!   read here, from the text that the library hands over.
//! - A binary event is handed over once its attachments are there; a text packet before that ends the connection.
//! - Packets that are no events (broken JSON, a name that is no text or has escapes in it), and events before CONNECT is
//!   answered, end the connection. JSON may be nested to any depth there; what is too deep for us has no arguments.
//! - A second CONNECT is ignored while the first one holds. `41` ends the Socket.IO side alone: the transport stays open.

use std::convert::Infallible;
use std::future::{pending, ready};
use std::sync::{Arc, Weak};

use axum::http::HeaderValue;
use axum::http::request::Parts;
use bytes::Bytes;
use serde_json::Value;
use socketioxide::adapter::Adapter;
use socketioxide::extract::{AckSender, Event, SocketRef};
use socketioxide::handler::{ConnectHandler, FromConnectParts, FromMessage, FromMessageParts, Value as Raw};
use socketioxide::layer::SocketIoLayer;
use socketioxide::socket::Socket;
use socketioxide::{ParserConfig, SocketIo};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};

use super::super::plugin_client::SOCKET_IO_PATH;
use super::machine::Machine;
use crate::contract::message::RESPONSE_EVENT;
use crate::hub::{ConnId, Input};
use crate::stage::ServerManners;

/// Packets that may wait for a slow client. Room for any burst; memory is taken only as they come.
const OUTBOX: usize = 65_536;

/// Every limit of the library, above the hub's own, so that it is the hub that names the cause (LIFE-6).
fn library_limit(max_bytes: usize) -> usize {
    max_bytes.saturating_mul(4).saturating_add(1 << 20)
}

/// Serves the machine's sockets.
pub(super) fn layer(machine: &Arc<Machine>, manners: &ServerManners, max_bytes: usize) -> (SocketIoLayer, SocketIo) {
    let limit = library_limit(max_bytes);
    let (layer, io) = SocketIo::builder()
        .ping_interval(manners.ping_interval)
        .ping_timeout(manners.ping_timeout)
        .connect_timeout(manners.connect_timeout)
        .max_payload(limit as u64)
        .ws_max_message_size(limit)
        .ws_max_frame_size(limit)
        .max_buffer_size(OUTBOX)
        .with_parser(ParserConfig::common().max_incoming_binary_buf_size(limit))
        .build_layer();
    let (deciding, joining) = (Arc::clone(machine), Arc::clone(machine));
    let decide = move |socket: SocketRef, Auth(auth): Auth| {
        let verdict = accept(&deciding, &socket, auth);
        async move {
            match verdict {
                Ok(()) => Ok(()),
                Err(Some(why)) => Err(why),
                Err(None) => pending().await,
            }
        }
    };
    let joined = move |socket: SocketRef| {
        if let Some(conn) = socket.extensions.get::<ConnId>() {
            joining.connected(conn, socket);
        }
        ready(())
    };
    io.ns("/", joined.with(decide));
    (layer, io)
}

/// Lets pages of any origin poll, as that in which a plugin's relay runs. The control API is none of their business.
pub(super) fn for_any_page() -> CorsLayer {
    let polls = |_: &HeaderValue, request: &Parts| request.uri.path().starts_with(SOCKET_IO_PATH);
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(polls))
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .allow_credentials(true)
}

/// Lets the machine decide, and sets the handlers of a socket that it takes. An error without a reason is never told.
fn accept(machine: &Arc<Machine>, socket: &SocketRef, auth: Option<Value>) -> Result<(), Option<&'static str>> {
    let conn = machine.connect(auth)?;
    socket.extensions.insert(conn);
    let leave = Arc::new(Leave { machine: Arc::downgrade(machine), conn });
    socket.on_disconnect(move || {
        drop(leave);
        ready(())
    });
    let machine = Arc::downgrade(machine);
    socket.on_fallback(move |ack: AckSender, packet: Packet| {
        let is_response = packet.name == RESPONSE_EVENT;
        if let Some(machine) = machine.upgrade() {
            machine.input(packet.into_input(conn));
        }
        if is_response {
            // Sent if the client asked for one; a client that has gone needs none.
            ack.send::<[(); 0]>(&[]).ok();
        }
        ready(())
    });
    Ok(())
}

/// Reports that a connection is gone, when the library lets go of it.
struct Leave {
    machine: Weak<Machine>,
    conn: ConnId,
}

impl Drop for Leave {
    fn drop(&mut self) {
        if let Some(machine) = self.machine.upgrade() {
            machine.left(self.conn);
        }
    }
}

/// What came with CONNECT; `None` for nothing and for what is no JSON.
pub(super) struct Auth(pub(super) Option<Value>);

impl<A: Adapter> FromConnectParts<A> for Auth {
    type Error = Infallible;

    fn from_connect_parts(_: &Arc<Socket<A>>, auth: &Option<Raw>) -> Result<Self, Infallible> {
        let text = auth.as_ref().and_then(Raw::as_str);
        Ok(Self(text.and_then(|text| serde_json::from_str(text).ok())))
    }
}

/// An event as it came.
struct Packet {
    name: String,
    args: Vec<Value>,
    bytes: usize,
}

impl Packet {
    fn into_input(self, conn: ConnId) -> Input {
        let Self { name, args, bytes } = self;
        Input::Event { conn, name, args, bytes }
    }
}

impl<A: Adapter> FromMessage<A> for Packet {
    type Error = Infallible;

    fn from_message(socket: Arc<Socket<A>>, mut raw: Raw, ack: Option<i64>) -> Result<Self, Infallible> {
        let bytes = size(&raw, ack);
        let is_binary = matches!(raw, Raw::Bytes(_) | Raw::Str(_, Some(_)));
        let text = raw.as_str().filter(|_| !is_binary);
        let members: Option<Vec<Value>> = text.and_then(|text| serde_json::from_str(text).ok());
        let mut members = members.unwrap_or_default().into_iter();
        if let Some(Value::String(name)) = members.next() {
            let args = members.collect();
            return Ok(Self { name, args, bytes });
        }
        // What has attachments is no response, nor is JSON that is nested too deeply: an event without arguments.
        let name = Event::from_message_parts(&socket, &mut raw, &ack);
        let name = name.map(|Event(name)| name).unwrap_or_default();
        let args = Vec::new();
        Ok(Self { name, args, bytes })
    }
}

/// Bytes of a packet on the wire, with its attachments: `42`, the id of the ack if it asks for one, the JSON.
fn size(raw: &Raw, ack: Option<i64>) -> usize {
    let digits = |number: i64| number.to_string().len();
    let ack = ack.map_or(0, digits);
    match raw {
        Raw::Str(text, None) => "42".len() + ack + text.len(),
        Raw::Str(text, Some(attachments)) => {
            let count = i64::try_from(attachments.len()).map_or(0, digits);
            let bytes: usize = attachments.iter().map(Bytes::len).sum();
            "45-".len() + count + ack + text.len() + bytes
        }
        Raw::Bytes(bytes) => bytes.len(),
    }
}
