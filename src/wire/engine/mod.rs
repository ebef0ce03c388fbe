//! Engine.IO, protocol version 4: the layer that carries Socket.IO over WebSocket or HTTP polling.
//!
//! 1. [`Packet`]: open, close, ping, pong, message, upgrade, noop, and binary messages; to and from
//!    a WebSocket frame ([`WsFrame`]) or a polling text.
//! 2. [`Handshake`]: the data of the open packet.
//! 3. [`split_payload`], [`parse_payload`], [`join_payload`]: several packets in one polling body.
//!
//! Source: Engine.IO protocol, version 4, sections "Packet encoding" and "Payload encoding".

mod handshake;
mod packet;
mod payload;

pub use handshake::Handshake;
pub use packet::{Packet, WsFrame};
pub use payload::{SEPARATOR, join_payload, parse_payload, split_payload};
