//! Real sockets and the wall clock: the driver for live runs, and the servers that `hubproof hub` and `hubproof vinted` are.
//!
//! Reading order:
//! - [`listen`]: how a server gets its address; why it may not.
//! - [`hub_server`]: the reference hub behind socketioxide, with its control API, on one port.
//! - [`address`]: what users name as a target: `http://host:port/path`.
//! - `net`: what connections are made of: TCP, or pipes in memory under a paused clock.
//! - `plugin_client`: one WebSocket of a fake plugin; [`door`]: any Socket.IO server, by single requests and frames.
//! - `http`: HTTP/1.1 requests with connections that are used again; `control_client`: the control API over it.
//! - [`marketplace`]: the fake Vinted on a port, and how plugins ask it; `front`: the TCP stage before it, for resets and
//!   bodies that are cut or come little by little.
//! - `monitor`: how late the harness itself is; `tasks`: background work that ends with its owner.
//! - [`process`]: what the system knows of this process.
//! - [`started`]: a target that hubproof starts itself, and its output.
//! - [`swarm`]: thousands of plugins and the connections that ask, in one thread, without a runtime.
//! - [`metrics`]: a page of figures for programs that ask for it.
//! - [`paced`]: virtual time that is slow enough to follow.
//! - [`driver`]: the [`LiveDriver`], all of the above as the stage wants it.
//!
//! Everything runs on the tokio runtime that is there, whether it has one thread or many.

pub mod address;
mod control_client;
pub mod door;
pub mod driver;
mod front;
mod http;
pub mod hub_server;
pub mod listen;
pub mod marketplace;
pub mod metrics;
mod monitor;
mod net;
pub mod paced;
mod plugin_client;
pub mod process;
pub mod started;
pub mod swarm;
mod tasks;

pub use address::{BadAddress, Base};
pub use control_client::Caller;
pub use door::Door;
pub use driver::{Alone, LiveDriver, Remote};
pub use hub_server::echo::{EchoOptions, EchoServer};
pub use hub_server::{HubServer, ServeOptions};
pub use listen::ServeError;
pub use marketplace::{VintedOptions, VintedServer};
pub use metrics::MetricsServer;
pub use paced::Paced;
pub use started::{StartError, Started, TargetLog};
