//! Where a server is known to differ, and why. A difference that is known is told as that, and does not count as broken.

/// Cases that a server is known not to keep, for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The server's library, as `--server` names it.
    pub server: &'static str,
    /// The cases.
    pub cases: &'static [&'static str],
    /// What it does instead, and why that is so.
    pub reason: &'static str,
}

/// The servers whose differences are known.
pub const SERVERS: [&str; 3] = ["hubproof", "socket.io", "python-socketio"];

/// Every difference that is known, by server.
pub const KNOWN: &[Known] = &[
    Known {
        server: "hubproof",
        cases: &["engine/upgrade/given-up"],
        reason: "socketioxide ends a session whose WebSocket goes away between probe and upgrade; its client connects again",
    },
    Known {
        server: "hubproof",
        cases: &["engine/heartbeat/first-ping"],
        reason: "socketioxide sends its first ping at once and every further one after an interval; clients answer it as any other",
    },
    Known {
        server: "socket.io",
        cases: &["engine/upgrade/websocket-session"],
        reason: "it answers the probe of a second WebSocket for a session that began as one; the first goes on",
    },
    Known {
        server: "socket.io",
        cases: &["socket/invalid/no-payload"],
        reason: "it takes an event without a payload for a packet, and does nothing about it",
    },
    Known {
        server: "python-socketio",
        cases: &["engine/handshake/no-transport"],
        reason: "it takes polling where no transport is named",
    },
    Known {
        server: "python-socketio",
        cases: &["engine/polling/invalid-packet", "engine/polling/unknown-type", "engine/websocket/unknown-type"],
        reason: "it logs packets of Engine.IO that it cannot read, and keeps the session",
    },
    Known {
        server: "python-socketio",
        cases: &["engine/close/polling-post"],
        reason: "a POST to a session that has just been closed is answered HTTP 500",
    },
    Known {
        server: "python-socketio",
        cases: &["socket/connect/unknown"],
        reason: "its CONNECT_ERROR for an unknown namespace is a text, not an object with a message",
    },
    Known {
        server: "python-socketio",
        cases: &["socket/connect/missing"],
        reason: "it has no limit to the wait for CONNECT",
    },
    Known {
        server: "python-socketio",
        cases: &["socket/connect/event-first", "socket/connect/event-first-polling"],
        reason: "it ignores events in namespaces that are not connected to",
    },
    Known {
        server: "python-socketio",
        cases: &[
            "engine/close/server-websocket",
            "engine/close/server-polling",
            "socket/invalid/type",
            "socket/invalid/unknown-type",
            "socket/invalid/empty",
            "socket/invalid/no-payload",
            "socket/invalid/payload-object",
            "socket/invalid/payload-empty",
            "socket/invalid/payload-json",
            "socket/invalid/event-name",
            "socket/invalid/ack-id",
            "socket/invalid/attachment-missing",
            "socket/invalid/attachment-uninvited",
            "socket/invalid/polling",
            "socket/invalid/polling-payload",
        ],
        reason: "it logs packets of Socket.IO that it cannot read, and keeps the session",
    },
];

/// Why this server is known not to keep this case.
#[must_use]
pub fn reason(server: Option<&str>, case: &str) -> Option<&'static str> {
    let known = KNOWN.iter().find(|known| Some(known.server) == server && known.cases.contains(&case));
    known.map(|known| known.reason)
}
