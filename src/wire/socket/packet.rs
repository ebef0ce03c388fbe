//! A Socket.IO packet that owns its parts, JSON included.

use serde::Serialize;
use serde_json::Value;

use super::{Data, Frame, Kind, Namespace};
use crate::wire::WireError;

/// Names that the JavaScript implementations keep for themselves: an event of that name is refused by
/// them (the connection is closed), while other servers let it pass, and so does this reader.
pub const RESERVED_EVENTS: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// Whether `name` is one of [`RESERVED_EVENTS`].
pub fn is_reserved_event(name: &str) -> bool {
    RESERVED_EVENTS.contains(&name)
}

/// One Socket.IO packet. Every value of this type prints, and reads back as the same value.
///
/// In serde (one way, for reports): the body's fields beside `namespace`, `kind` telling them apart.
/// Source: Socket.IO protocol 5, section "Exchange protocol".
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Packet {
    /// The namespace it belongs to.
    pub namespace: Namespace,
    /// What it says.
    #[serde(flatten)]
    pub body: Body,
}

/// What a packet says, by type.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// CONNECT: from the client with its auth payload, if any; from the server with `{"sid": …}`.
    Connect {
        /// The protocol says an object; any JSON is read and printed.
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
    },
    /// DISCONNECT.
    Disconnect,
    /// EVENT.
    Event {
        /// The event's name.
        name: String,
        /// The arguments behind the name.
        args: Vec<Value>,
        /// Present if the sender waits for an ack.
        #[serde(skip_serializing_if = "Option::is_none")]
        ack: Option<u64>,
    },
    /// ACK.
    Ack {
        /// The ack id of the event it answers.
        id: u64,
        /// The answer's arguments.
        args: Vec<Value>,
    },
    /// `CONNECT_ERROR`.
    ConnectError {
        /// Usually `{"message": …}`, perhaps with `data`; older servers send a string.
        payload: Value,
    },
    /// `BINARY_EVENT`, with placeholders where the attachments belong.
    BinaryEvent {
        /// The event's name.
        name: String,
        /// The arguments behind the name.
        args: Vec<Value>,
        /// Present if the sender waits for an ack.
        #[serde(skip_serializing_if = "Option::is_none")]
        ack: Option<u64>,
        /// How many binary frames follow.
        attachments: u32,
    },
    /// `BINARY_ACK`, with placeholders where the attachments belong.
    BinaryAck {
        /// The ack id of the event it answers.
        id: u64,
        /// The answer's arguments.
        args: Vec<Value>,
        /// How many binary frames follow.
        attachments: u32,
    },
}

impl Body {
    /// The packet type this body belongs to.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Connect { .. } => Kind::Connect,
            Self::Disconnect => Kind::Disconnect,
            Self::Event { .. } => Kind::Event,
            Self::Ack { .. } => Kind::Ack,
            Self::ConnectError { .. } => Kind::ConnectError,
            Self::BinaryEvent { .. } => Kind::BinaryEvent,
            Self::BinaryAck { .. } => Kind::BinaryAck,
        }
    }

    /// In the default namespace.
    pub fn in_root(self) -> Packet {
        self.within(Namespace::root())
    }

    /// In the given namespace.
    pub const fn within(self, namespace: Namespace) -> Packet {
        Packet { namespace, body: self }
    }

    /// A `BINARY_EVENT` whose arguments hold bytes, and the attachments to send behind it, in order.
    pub fn binary_event(name: impl Into<String>, args: Vec<Data>, ack: Option<u64>) -> (Self, Vec<bytes::Bytes>) {
        let (args, attachments) = Data::detach_all(args);
        let body = Self::BinaryEvent { name: name.into(), args, ack, attachments: count(&attachments) };
        (body, attachments)
    }

    /// A `BINARY_ACK` whose arguments hold bytes, and the attachments to send behind it, in order.
    pub fn binary_ack(id: u64, args: Vec<Data>) -> (Self, Vec<bytes::Bytes>) {
        let (args, attachments) = Data::detach_all(args);
        let body = Self::BinaryAck { id, args, attachments: count(&attachments) };
        (body, attachments)
    }
}

/// How many attachments there are, as packets count them.
fn count(attachments: &[bytes::Bytes]) -> u32 {
    u32::try_from(attachments.len()).expect("4 billion attachments of 32 bytes each do not fit in memory")
}

impl Packet {
    /// Reads a Socket.IO text (the text behind Engine.IO's `4`), JSON included.
    ///
    /// Attachments are not waited for: see [`Assembler`](super::Assembler).
    ///
    /// # Errors
    /// Those of [`Frame::parse`], and what is wrong with the payload: [`WireError::BadJson`],
    /// [`WireError::ArgsNotArray`], [`WireError::NoEventName`], [`WireError::EventNameNotText`].
    pub fn parse(text: &str) -> Result<Self, WireError> {
        Self::from_frame(&Frame::parse(text)?)
    }

    /// As [`Packet::parse`], for bytes that should be a text but may be anything.
    ///
    /// # Errors
    /// [`WireError::NotUtf8`], or one of [`Packet::parse`].
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        Self::from_frame(&Frame::parse_bytes(bytes)?)
    }

    /// The packet of a frame: its parts copied, its JSON parsed.
    ///
    /// # Errors
    /// What is wrong with the payload, as in [`Packet::parse`].
    pub fn from_frame(frame: &Frame<'_>) -> Result<Self, WireError> {
        let namespace = Namespace::new(match frame.query {
            Some(query) => format!("{}?{query}", frame.namespace),
            None => frame.namespace.to_owned(),
        })?;
        Ok(Body::from_frame(frame)?.within(namespace))
    }

    /// The packet's type.
    pub const fn kind(&self) -> Kind {
        self.body.kind()
    }
}

impl Body {
    fn from_frame(frame: &Frame<'_>) -> Result<Self, WireError> {
        let missing_ack = WireError::WrongKind { wanted: "ack id", found: frame.kind };
        let attachments = frame.attachments;
        Ok(match frame.kind {
            Kind::Connect => Self::Connect { payload: frame.payload()? },
            Kind::Disconnect => Self::Disconnect,
            Kind::ConnectError => Self::ConnectError { payload: frame.payload()?.unwrap_or_default() },
            Kind::Event => {
                let (name, args) = frame.event()?;
                Self::Event { name: name.into_owned(), args, ack: frame.ack }
            }
            Kind::BinaryEvent => {
                let (name, args) = frame.event()?;
                Self::BinaryEvent { name: name.into_owned(), args, ack: frame.ack, attachments }
            }
            Kind::Ack => Self::Ack { id: frame.ack.ok_or(missing_ack)?, args: frame.args()? },
            Kind::BinaryAck => Self::BinaryAck { id: frame.ack.ok_or(missing_ack)?, args: frame.args()?, attachments },
        })
    }
}
