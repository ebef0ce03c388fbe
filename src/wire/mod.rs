//! The packets of Engine.IO 4 and Socket.IO 5: parse and print, no IO, no clock.
//!
//! In reading order:
//!
//! 1. [`engine`]: the outer layer. Packets, the handshake, polling payloads, WebSocket frames.
//! 2. [`socket`]: the inner layer. [`Frame`](socket::Frame) (in place) and [`Packet`](socket::Packet) (owned),
//!    binary attachments, and [`Flaw`](socket::Flaw), which says things no well-behaved client says.
//! 3. [`Incoming`]: both layers at once, for what a connection receives.
//! 4. [`compose`]: texts to send, written straight from serde values.
//! 5. [`WireError`]: everything that can be wrong.
//!
//! Reading is total: any text, any bytes give a packet or a [`WireError`]. Nothing panics, nothing is
//! allocated because a number in the text says so, and JSON nested deeper than 128 is refused. Printing a
//! packet and reading the text gives the same packet; `tests/it/wire` proves both, and compares this
//! reader with socketioxide's. `fixtures/frames` has one raw frame for each case.
//!
//! Offsets in errors are bytes, counted from the start of the text that was handed in.

pub mod compose;
pub mod engine;
mod error;
mod incoming;
mod json;
pub mod socket;

pub use error::WireError;
pub use incoming::Incoming;
