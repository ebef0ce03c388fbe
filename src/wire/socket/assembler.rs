//! Joins a binary packet and the binary frames that follow it.

use bytes::Bytes;

use super::{Body, Data, Frame, Packet, data::check_placeholders};
use crate::wire::WireError;

/// How much an [`Assembler`] takes in for one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Attachments a packet may announce. The JavaScript client stops at 10, socketioxide at 10,000.
    pub attachments: u32,
    /// Bytes that its attachments may have together.
    pub bytes: usize,
}

impl Default for Limits {
    /// socketioxide's: 10,000 attachments, 10 MB.
    fn default() -> Self {
        Self { attachments: 10_000, bytes: 10_000_000 }
    }
}

/// What a frame led to.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrival {
    /// A packet without attachments: complete at once.
    Packet(Packet),
    /// A binary packet, now complete.
    Binary(Assembled),
    /// A binary packet that still misses attachments.
    Waiting {
        /// How many are to come.
        missing: u32,
    },
}

/// A binary packet with its attachments.
#[derive(Debug, Clone, PartialEq)]
pub struct Assembled {
    /// The packet as its text had it, placeholders included.
    pub packet: Packet,
    /// Its arguments (without the event's name), bytes in place.
    pub args: Vec<Data>,
    /// The attachments in the order they came.
    pub attachments: Vec<Bytes>,
}

/// Collects the frames of one connection into packets.
///
/// Memory grows with what arrives, never with what a packet announces. Placeholders are checked when the
/// text comes. An error ends the packet that was being collected: the assembler is idle afterwards. (Real
/// implementations close the connection.) There is no time limit here, since this room knows no clock.
/// Source: Socket.IO protocol 5, section "Packet encoding", binary events.
#[derive(Debug, Default)]
pub struct Assembler {
    limits: Limits,
    pending: Option<Pending>,
}

#[derive(Debug)]
struct Pending {
    packet: Packet,
    announced: u32,
    attachments: Vec<Bytes>,
    bytes: usize,
}

impl Pending {
    /// Attachments are counted in `u32` steps up to `announced`, so the length always fits.
    fn got(&self) -> u32 {
        u32::try_from(self.attachments.len()).unwrap_or(u32::MAX)
    }

    fn missing(&self) -> u32 {
        self.announced.saturating_sub(self.got())
    }

    fn complete(self) -> Result<Assembled, WireError> {
        let json = args(&self.packet.body).to_vec();
        Ok(Assembled {
            args: Data::attach_all(json, &self.attachments)?,
            packet: self.packet,
            attachments: self.attachments,
        })
    }
}

impl Assembler {
    /// An idle assembler with limits other than the default ones.
    pub const fn new(limits: Limits) -> Self {
        Self { limits, pending: None }
    }

    /// How many attachments are outstanding; 0 when idle.
    pub fn missing(&self) -> u32 {
        self.pending.as_ref().map_or(0, Pending::missing)
    }

    /// Takes a Socket.IO text (the text behind Engine.IO's `4`).
    ///
    /// # Errors
    /// [`WireError::TextWhileWaiting`] (the text is not looked at), [`WireError::TooManyAnnounced`],
    /// [`WireError::BadPlaceholder`], and those of [`Packet::parse`].
    pub fn text(&mut self, text: &str) -> Result<Arrival, WireError> {
        self.idle()?;
        self.begin(Packet::parse(text)?)
    }

    /// Takes a frame, as [`Incoming::read`](crate::wire::Incoming::read) gives it.
    ///
    /// # Errors
    /// As [`Assembler::text`].
    pub fn frame(&mut self, frame: &Frame<'_>) -> Result<Arrival, WireError> {
        self.idle()?;
        self.begin(Packet::from_frame(frame)?)
    }

    /// Takes a binary message.
    ///
    /// # Errors
    /// [`WireError::UnexpectedAttachment`] when no packet waits for one (too many attachments),
    /// [`WireError::AttachmentsTooLong`].
    pub fn binary(&mut self, bytes: Bytes) -> Result<Arrival, WireError> {
        let Some(mut pending) = self.pending.take() else {
            return Err(WireError::UnexpectedAttachment { bytes: bytes.len() });
        };
        pending.bytes = pending.bytes.saturating_add(bytes.len());
        if pending.bytes > self.limits.bytes {
            return Err(WireError::AttachmentsTooLong { bytes: pending.bytes, limit: self.limits.bytes });
        }
        pending.attachments.push(bytes);
        self.advance(pending)
    }

    /// Says that nothing more will come, as when the connection closed.
    ///
    /// # Errors
    /// [`WireError::TooFewAttachments`] if a packet was waiting for more.
    pub fn finish(&mut self) -> Result<(), WireError> {
        match self.pending.take() {
            None => Ok(()),
            Some(pending) => Err(WireError::TooFewAttachments { announced: pending.announced, got: pending.got() }),
        }
    }

    /// Drops what was being collected, and fails if there was something.
    fn idle(&mut self) -> Result<(), WireError> {
        match self.pending.take() {
            None => Ok(()),
            Some(pending) => Err(WireError::TextWhileWaiting { missing: pending.missing() }),
        }
    }

    fn begin(&mut self, packet: Packet) -> Result<Arrival, WireError> {
        let (Body::BinaryEvent { attachments, .. } | Body::BinaryAck { attachments, .. }) = packet.body else {
            return Ok(Arrival::Packet(packet));
        };
        if attachments > self.limits.attachments {
            return Err(WireError::TooManyAnnounced { announced: attachments, limit: self.limits.attachments });
        }
        check_placeholders(args(&packet.body), attachments)?;
        self.advance(Pending { packet, announced: attachments, attachments: Vec::new(), bytes: 0 })
    }

    fn advance(&mut self, pending: Pending) -> Result<Arrival, WireError> {
        match pending.missing() {
            0 => pending.complete().map(Arrival::Binary),
            missing => {
                self.pending = Some(pending);
                Ok(Arrival::Waiting { missing })
            }
        }
    }
}

/// The arguments of an event or ack; none for other packets.
fn args(body: &Body) -> &[serde_json::Value] {
    match body {
        Body::Event { args, .. }
        | Body::BinaryEvent { args, .. }
        | Body::Ack { args, .. }
        | Body::BinaryAck { args, .. } => args,
        Body::Connect { .. } | Body::Disconnect | Body::ConnectError { .. } => &[],
    }
}
