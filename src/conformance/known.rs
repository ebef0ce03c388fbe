//! Where a server is known to differ, and why. A difference that is known is told as that, and does not count as broken.

/// A case that a server is known not to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The server's library, as `--server` names it.
    pub server: &'static str,
    /// The case.
    pub case: &'static str,
    /// What it does instead, and why that is so.
    pub reason: &'static str,
}

/// The servers whose differences are known.
pub const SERVERS: [&str; 3] = ["hubproof", "socket.io", "python-socketio"];

/// Every difference that is known, by server and case.
pub const KNOWN: &[Known] = &[Known {
    server: "hubproof",
    case: "engine/heartbeat/first-ping",
    reason: "socketioxide sends its first ping at once and every further one after an interval; clients answer it as any other",
}];

/// Why this server is known not to keep this case.
#[must_use]
pub fn reason(server: Option<&str>, case: &str) -> Option<&'static str> {
    KNOWN.iter().find(|known| Some(known.server) == server && known.case == case).map(|known| known.reason)
}
