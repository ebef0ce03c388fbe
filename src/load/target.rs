//! Whom the load is for.

use std::net::Ipv4Addr;

/// The hub under load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The built-in hub, in a process of its own.
    BuiltIn {
        /// The name of a variant that is broken on purpose.
        variant: Option<String>,
    },
    /// A hub of the user's own.
    Remote(Remote),
}

/// A hub elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Where its server is, such as `http://127.0.0.1:8000`.
    pub url: String,
    /// The path of Socket.IO there.
    pub socket_path: String,
    /// Where its control API is; without one nobody asks.
    pub control: Option<String>,
    /// What the control API wants as `Authorization: Bearer …`.
    pub token: Option<String>,
    /// Headers of every WebSocket handshake.
    pub headers: Vec<(String, String)>,
}

impl Target {
    /// Whether it is reached through IPv4's loopback, where every 127.x.x.x is an address to connect from.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let Self::Remote(remote) = self else { return true };
        let rest = remote.url.split_once("://").map_or(remote.url.as_str(), |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        host == "localhost" || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
    }
}
