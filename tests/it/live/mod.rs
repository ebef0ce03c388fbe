//! Real sockets: the hub as a server, and the driver.
//!
//! 1. `world`: a hub to test, a raw WebSocket client and a raw HTTP client, each with a deadline that fails loudly.
//! 2. `control`: the control API over HTTP, and how a hub starts and stops.
//! 3. `sockets`: what clients of every kind, well-behaved or not, get from the hub.
//! 4. `driver`: runs of a stage over real sockets; `unreachable`: targets that are none.
//!    `flood`: what a flood of junk from one socket does to the others.
//! 5. `foreign`: another Socket.IO client, `rust_socketio`, as a plugin.
//! 6. `vinted`: the fake Vinted on a port.

mod control;
mod driver;
mod flood;
mod foreign;
mod sockets;
mod unreachable;
mod vinted;
pub(crate) mod world;
