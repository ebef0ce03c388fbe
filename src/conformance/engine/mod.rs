//! The cases of Engine.IO 4, one file per area: [`handshake`], [`polling`], [`websocket`], [`upgrade`], [`heartbeat`], [`close`].

pub(super) mod close;
pub(super) mod handshake;
pub(super) mod heartbeat;
pub(super) mod polling;
pub(super) mod upgrade;
pub(super) mod websocket;
