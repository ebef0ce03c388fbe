//! How a server gets its address.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted. The usual 128 overflow under a storm of connects, and each one that does is
/// retried by the kernel a second later.
const BACKLOG: u32 = 4096;

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Somebody listens there already.
    #[error("{0} is in use: stop the program that listens there, choose another port, or port 0 for one that is free")]
    InUse(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}; is it an address of this machine, with a port above 1023?")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// Anybody in reach could drive the hub.
    #[error(
        "{0} can be reached from other machines: set a control token, so that nobody else drives the hub, or listen on \
         127.0.0.1"
    )]
    TokenNeeded(SocketAddr),
}

/// Listens on an address, again at once after a predecessor has gone. Needs a tokio runtime.
pub(super) fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let listener = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listener().map_err(|error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => ServeError::InUse(address),
        _ => ServeError::Listen { address, error },
    })
}
