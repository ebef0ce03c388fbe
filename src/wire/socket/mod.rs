//! Socket.IO, protocol version 5: what travels inside Engine.IO messages.
//!
//! 1. [`Kind`]: the seven packet types. [`Namespace`]: `/`, `/admin`.
//! 2. [`Frame`]: a text taken apart in place, nothing copied. The fast way to read.
//! 3. [`Packet`] and [`Body`]: the same, owned, with its JSON parsed. The comfortable way, and the one that prints.
//! 4. [`Data`]: JSON that may hold bytes. [`Assembler`]: joins a binary packet and the frames behind it.
//! 5. [`Flaw`]: a legal packet said wrongly on purpose.
//!
//! The text of a packet (source: Socket.IO protocol 5, section "Packet encoding"):
//!
//! ```text
//! <type>[<attachments>-][<namespace>,][<ack id>][<JSON payload>]
//! 2["hello",1]        51-/admin,12["photo",{"_placeholder":true,"num":0}]
//! ```

mod assembler;
mod data;
mod flaw;
mod frame;
mod kind;
mod namespace;
mod packet;
mod print;

pub use assembler::{Arrival, Assembled, Assembler, Limits};
pub use data::Data;
pub use flaw::Flaw;
pub use frame::Frame;
pub use kind::Kind;
pub use namespace::Namespace;
pub use packet::{Body, Packet, RESERVED_EVENTS, is_reserved_event};
