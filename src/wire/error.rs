//! The room's one error type: everything that can be wrong with a text, a frame or a row of frames.

use super::socket::Kind;

/// What was wrong with something read or printed by this room.
///
/// `at` is a byte offset into the text that was handed in, so that a report can point at the spot.
/// Errors are values: they compare, and they carry no source error of another library.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The bytes are no UTF-8, which every text packet must be.
    #[error("byte {at}: not UTF-8; send binary data as a binary frame")]
    NotUtf8 {
        /// Offset of the first byte that is no UTF-8.
        at: usize,
    },

    /// A packet without a single character: an empty text, or nothing between two payload separators.
    #[error("byte {at}: an empty packet; every packet starts with its type")]
    EmptyPacket {
        /// Where the packet should have started.
        at: usize,
    },

    /// No Engine.IO packet type (`0` to `6`, or `b`).
    #[error("byte {at}: {found:?} is no Engine.IO packet type (0 to 6, or b)")]
    UnknownEngineType {
        /// The character in the type's place.
        found: char,
        /// Its offset.
        at: usize,
    },

    /// Data behind an Engine.IO packet that has none: close, upgrade, noop.
    #[error("byte {at}: an Engine.IO packet of type {kind} carries no data")]
    UnexpectedEngineData {
        /// The packet's type digit.
        kind: char,
        /// Where the data starts.
        at: usize,
    },

    /// The data of an open packet is no handshake.
    #[error("byte {at}: no Engine.IO handshake: {reason}")]
    BadHandshake {
        /// What the JSON reader missed.
        reason: String,
        /// Where it stopped.
        at: usize,
    },

    /// The data of a `b` packet is no padded, standard base64.
    #[error("byte {at}: no base64: {reason}")]
    BadBase64 {
        /// What the base64 reader found.
        reason: String,
        /// Where it stopped.
        at: usize,
    },

    /// A packet that cannot travel in a polling payload, since it contains the separator itself.
    #[error("packet {index} holds the payload separator (0x1e) at byte {at}; send it over WebSocket")]
    SeparatorInPacket {
        /// Which packet of the payload, counted from 0.
        index: usize,
        /// Offset inside that packet's text.
        at: usize,
    },

    /// No Socket.IO packet type (`0` to `6`).
    #[error("byte {at}: {found:?} is no Socket.IO packet type (0 to 6)")]
    UnknownSocketType {
        /// The character in the type's place.
        found: char,
        /// Its offset.
        at: usize,
    },

    /// A binary packet without its number of attachments.
    #[error("byte {at}: a binary packet starts with its number of attachments, as in 51-")]
    MissingAttachmentCount {
        /// Where the number should have been.
        at: usize,
    },

    /// A number of attachments beyond 32 bits.
    #[error("byte {at}: the number of attachments does not fit in 32 bits")]
    AttachmentCountTooLarge {
        /// Where the number starts.
        at: usize,
    },

    /// A number of attachments without the dash that ends it.
    #[error("byte {at}: the number of attachments ends with a dash, as in 51-")]
    MissingDash {
        /// Where the dash should have been.
        at: usize,
    },

    /// A namespace that does not start with `/`, or that contains a comma.
    #[error("{text:?} is no namespace: it starts with / and contains no comma")]
    BadNamespace {
        /// The text that was given.
        text: String,
    },

    /// An ack id beyond 64 bits.
    #[error("byte {at}: the ack id does not fit in 64 bits")]
    AckIdTooLarge {
        /// Where the id starts.
        at: usize,
    },

    /// An ACK or `BINARY_ACK` that does not say what it acknowledges.
    #[error("byte {at}: a {kind} packet needs an ack id")]
    MissingAckId {
        /// The packet's type.
        kind: Kind,
        /// Where the id should have been.
        at: usize,
    },

    /// A packet without the payload its type requires.
    #[error("byte {at}: a {kind} packet needs a payload")]
    MissingPayload {
        /// The packet's type.
        kind: Kind,
        /// Where the payload should have been.
        at: usize,
    },

    /// A DISCONNECT with something behind it.
    #[error("byte {at}: a {kind} packet has no payload")]
    UnexpectedPayload {
        /// The packet's type.
        kind: Kind,
        /// Where the payload starts.
        at: usize,
    },

    /// The payload is no JSON, or JSON beyond this reader: nested deeper than 128, a number beyond
    /// 64-bit floats, half of a surrogate pair.
    #[error("byte {at}: bad JSON: {reason}")]
    BadJson {
        /// What the JSON reader found.
        reason: String,
        /// Where it stopped.
        at: usize,
    },

    /// The payload of an event or ack is JSON, but no array.
    #[error("byte {at}: the arguments of a {kind} packet are a JSON array")]
    ArgsNotArray {
        /// The packet's type.
        kind: Kind,
        /// Where the payload starts.
        at: usize,
    },

    /// An event whose array is empty, and so has no name.
    #[error("byte {at}: an event's array starts with its name, this one is empty")]
    NoEventName {
        /// Where the name should have been.
        at: usize,
    },

    /// An event whose first element is no string.
    #[error("byte {at}: an event's name is a string")]
    EventNameNotText {
        /// Where the element starts.
        at: usize,
    },

    /// Sound JSON that does not fit the type the caller asked for.
    #[error("byte {at}: not the expected shape: {reason}")]
    WrongShape {
        /// What did not fit.
        reason: String,
        /// Where the reader noticed.
        at: usize,
    },

    /// A packet asked for something that its type does not have, such as the event name of an ACK.
    #[error("a {found} packet has no {wanted}")]
    WrongKind {
        /// What was asked for.
        wanted: &'static str,
        /// The packet's type.
        found: Kind,
    },

    /// A binary packet that announces more attachments than the assembler's limit.
    #[error("{announced} attachments announced, the limit is {limit}")]
    TooManyAnnounced {
        /// The number the packet gives.
        announced: u32,
        /// The assembler's limit.
        limit: u32,
    },

    /// Attachments that together are longer than the assembler's limit.
    #[error("attachments of {bytes} bytes, the limit is {limit}")]
    AttachmentsTooLong {
        /// Bytes received, the last attachment included.
        bytes: usize,
        /// The assembler's limit in bytes.
        limit: usize,
    },

    /// A placeholder whose `num` is no index of an announced attachment.
    #[error("a placeholder names attachment {num}, the packet announces {attachments}")]
    BadPlaceholder {
        /// The `num` as JSON text, `nothing` when it is missing.
        num: String,
        /// How many attachments the packet announces.
        attachments: u32,
    },

    /// A Socket.IO text while attachments of the packet before are outstanding.
    #[error("a text packet while {missing} attachments are outstanding; attachments follow their packet at once")]
    TextWhileWaiting {
        /// How many attachments were still to come.
        missing: u32,
    },

    /// A binary frame that no packet announced: too many attachments.
    #[error("a binary frame of {bytes} bytes that no packet announced")]
    UnexpectedAttachment {
        /// Its length in bytes.
        bytes: usize,
    },

    /// The row of frames ended before every attachment came: too few attachments.
    #[error("{got} of {announced} attachments came")]
    TooFewAttachments {
        /// The number the packet gives.
        announced: u32,
        /// How many came.
        got: u32,
    },

    /// A value that refuses to be JSON, such as a map whose keys are no strings.
    #[error("cannot be printed as JSON: {reason}")]
    Unprintable {
        /// What the JSON printer said.
        reason: String,
    },

    /// A [`Flaw`](super::socket::Flaw) that this packet cannot have, or that would leave it as it is.
    #[error("the flaw {flaw} does not fit this packet: {reason}")]
    FlawDoesNotFit {
        /// The flaw's name, as in its serde form.
        flaw: &'static str,
        /// What the packet lacks.
        reason: &'static str,
    },
}

impl WireError {
    /// The byte offset the error points at, if it points into a text.
    pub fn offset(&self) -> Option<usize> {
        self.clone().offset_mut().copied()
    }

    /// The same error, seen from a text in which the faulty part starts at byte `by`.
    pub(super) fn shifted(mut self, by: usize) -> Self {
        if let Some(at) = self.offset_mut() {
            *at += by;
        }
        self
    }

    fn offset_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::NotUtf8 { at }
            | Self::EmptyPacket { at }
            | Self::UnknownEngineType { at, .. }
            | Self::UnexpectedEngineData { at, .. }
            | Self::BadHandshake { at, .. }
            | Self::BadBase64 { at, .. }
            | Self::SeparatorInPacket { at, .. }
            | Self::UnknownSocketType { at, .. }
            | Self::MissingAttachmentCount { at }
            | Self::AttachmentCountTooLarge { at }
            | Self::MissingDash { at }
            | Self::AckIdTooLarge { at }
            | Self::MissingAckId { at, .. }
            | Self::MissingPayload { at, .. }
            | Self::UnexpectedPayload { at, .. }
            | Self::BadJson { at, .. }
            | Self::ArgsNotArray { at, .. }
            | Self::NoEventName { at }
            | Self::EventNameNotText { at }
            | Self::WrongShape { at, .. } => Some(at),
            Self::BadNamespace { .. }
            | Self::WrongKind { .. }
            | Self::TooManyAnnounced { .. }
            | Self::AttachmentsTooLong { .. }
            | Self::BadPlaceholder { .. }
            | Self::TextWhileWaiting { .. }
            | Self::UnexpectedAttachment { .. }
            | Self::TooFewAttachments { .. }
            | Self::Unprintable { .. }
            | Self::FlawDoesNotFit { .. } => None,
        }
    }
}

/// Bytes as text.
///
/// # Errors
/// [`WireError::NotUtf8`] with the offset of the first byte that is none.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, WireError> {
    std::str::from_utf8(bytes).map_err(|error| WireError::NotUtf8 { at: error.valid_up_to() })
}
