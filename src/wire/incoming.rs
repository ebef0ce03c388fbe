//! Reads what a connection receives, both layers at once.

use super::{WireError, engine, error::utf8, socket::Frame};

/// One frame as received: a Socket.IO frame if it was a text message, an Engine.IO packet otherwise.
///
/// Where binary packets are expected, an [`Assembler`](super::socket::Assembler) takes the Socket.IO frames
/// and the binary messages from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// Handshake, ping, pong, close, upgrade, noop, or a binary message.
    Engine(engine::Packet<'a>),
    /// A text message, taken apart in place. Offsets in its errors count from Engine.IO's `4`.
    Socket(Frame<'a>),
}

impl<'a> Incoming<'a> {
    /// Reads the text of a WebSocket text frame, or one part of a polling payload. Copies nothing, but for
    /// a handshake's fields and a polling part in base64.
    ///
    /// # Errors
    /// Those of [`engine::Packet::parse`] and [`Frame::parse`], offsets counted from the start of `text`.
    pub fn read(text: &'a str) -> Result<Self, WireError> {
        match text.strip_prefix('4') {
            Some(message) => match Frame::parse(message) {
                Ok(frame) => Ok(Self::Socket(frame.shifted(1))),
                Err(error) => Err(error.shifted(1)),
            },
            None => engine::Packet::parse(text).map(Self::Engine),
        }
    }

    /// As [`Incoming::read`], for bytes that should be a text but may be anything.
    ///
    /// # Errors
    /// [`WireError::NotUtf8`], or one of [`Incoming::read`].
    pub fn read_bytes(bytes: &'a [u8]) -> Result<Self, WireError> {
        Self::read(utf8(bytes)?)
    }
}
