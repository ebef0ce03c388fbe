//! Legal packets said wrongly on purpose.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Body, Frame, Packet, print::Parts};
use crate::wire::{Incoming, WireError};

/// One thing that is wrong with a text, put into an otherwise legal packet.
///
/// Flaws are data, so that a fake client's script can name them: `"missing_dash"`, `{"ack_id": "abc"}`.
/// Each variant says what this crate's own reader makes of the result; "another packet" means that it
/// reads well, but as something else than was meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// This Engine.IO type in place of the `4`: read as an error, or as another Engine.IO packet.
    EngineType(char),
    /// This Socket.IO type in place of the packet's own: read as an error, or as another packet.
    SocketType(char),
    /// A number of attachments that lies, or one on a packet that has none: this text and a dash are
    /// written where the number belongs. Read as another packet on a binary packet and a number (the
    /// [`Assembler`](super::Assembler) then waits in vain, or meets a frame too many); otherwise as an
    /// error.
    AttachmentCount(String),
    /// No dash behind the number of attachments: an error. Binary packets only.
    MissingDash,
    /// This text in the namespace's place, with its comma; an empty text leaves both out. A namespace
    /// that nobody serves is read as another packet; one without `/` as an error or another packet.
    Namespace(String),
    /// No comma behind the namespace: an error, or another packet, since what follows is taken for more of
    /// the namespace. Only for packets in a namespace, with something behind the comma.
    MissingComma,
    /// A second comma behind the namespace, or one where no namespace is: an error.
    ExtraComma,
    /// This text in the ack id's place, be there one or not: a number that is no integer, a word,
    /// nothing at all. Read as an error, or as another packet.
    AckId(String),
    /// The same arguments in an object, `{"0":"name","1":…}`: an error. Events and acks only.
    ArgsNotArray,
    /// This JSON value in place of the event's name: an error, unless it is a string. Events only.
    EventName(Value),
    /// The JSON's last character replaced by `!`: an error. Only for packets with a payload.
    BrokenJson,
    /// The JSON short of this many bytes at its end (more where that would split a character): an error;
    /// another packet where a bare number is cut, or the whole payload of a CONNECT. Only for packets with
    /// a payload.
    TruncatedJson(usize),
    /// This text in the payload's place: whatever the text says.
    Payload(String),
    /// This text behind the payload: an error, or another packet where the text continues a bare number or is
    /// the first payload of a CONNECT.
    Trailing(String),
    /// This text and nothing else as the whole WebSocket frame, whatever the packet; not checked at all.
    Raw(String),
}

impl Flaw {
    /// The packet with this flaw, as the text of a WebSocket frame (Engine.IO type included).
    ///
    /// Except for [`Flaw::Raw`], the result is certain to differ from [`Packet::to_message`], and certain
    /// not to read as the same packet.
    ///
    /// # Errors
    /// [`WireError::FlawDoesNotFit`] if the packet cannot have this flaw, or would mean the same with it.
    pub fn apply(&self, packet: &Packet) -> Result<String, WireError> {
        let mut engine_type = '4';
        let mut parts = Parts::of(packet);
        match self {
            Self::Raw(text) => return Ok(text.clone()),
            Self::EngineType(digit) => engine_type = *digit,
            Self::SocketType(digit) => parts.kind = digit.to_string().into(),
            Self::AttachmentCount(text) => {
                parts.count.clone_from(text);
                parts.dash = "-";
            }
            Self::MissingDash => {
                self.need(!parts.dash.is_empty(), "it is not binary")?;
                parts.dash = "";
            }
            Self::Namespace(text) => {
                parts.namespace.clone_from(text);
                parts.comma = if text.is_empty() { "" } else { "," };
            }
            Self::MissingComma => {
                self.need(!parts.comma.is_empty(), "it names no namespace")?;
                parts.comma = "";
            }
            Self::ExtraComma => parts.comma = if parts.comma.is_empty() { "," } else { ",," },
            Self::AckId(text) => parts.ack.clone_from(text),
            Self::ArgsNotArray => parts.payload = self.object(&packet.body)?,
            Self::EventName(name) => parts.payload = self.renamed(&packet.body, name)?,
            Self::BrokenJson => {
                let last = parts.payload.pop();
                self.need(last.is_some(), NO_PAYLOAD)?;
                parts.payload.push('!');
            }
            Self::TruncatedJson(drop) => {
                self.need(!parts.payload.is_empty(), NO_PAYLOAD)?;
                let keep = parts.payload.len().saturating_sub(*drop);
                parts.payload.truncate(parts.payload.floor_char_boundary(keep));
            }
            Self::Payload(text) => parts.payload.clone_from(text),
            Self::Trailing(text) => parts.payload.push_str(text),
        }
        let text = format!("{engine_type}{}", parts.join());
        self.need(!reads_as(&text, packet), "it would mean the same")?;
        Ok(text)
    }

    /// The flaw's name, as in its serde form.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::EngineType(_) => "engine_type",
            Self::SocketType(_) => "socket_type",
            Self::AttachmentCount(_) => "attachment_count",
            Self::MissingDash => "missing_dash",
            Self::Namespace(_) => "namespace",
            Self::MissingComma => "missing_comma",
            Self::ExtraComma => "extra_comma",
            Self::AckId(_) => "ack_id",
            Self::ArgsNotArray => "args_not_array",
            Self::EventName(_) => "event_name",
            Self::BrokenJson => "broken_json",
            Self::TruncatedJson(_) => "truncated_json",
            Self::Payload(_) => "payload",
            Self::Trailing(_) => "trailing",
            Self::Raw(_) => "raw",
        }
    }

    /// The arguments as an object with their positions as keys.
    fn object(&self, body: &Body) -> Result<String, WireError> {
        let elements = elements(body).ok_or(self.misfit("it has no arguments"))?;
        let fields: Map<String, Value> =
            elements.into_iter().enumerate().map(|(position, value)| (position.to_string(), value)).collect();
        Ok(Value::Object(fields).to_string())
    }

    /// The event's array with another first element.
    fn renamed(&self, body: &Body, name: &Value) -> Result<String, WireError> {
        self.need(body.kind().is_event(), "it is no event")?;
        let mut elements = elements(body).ok_or(self.misfit("it has no arguments"))?;
        if let Some(first) = elements.first_mut() {
            first.clone_from(name);
        }
        Ok(Value::Array(elements).to_string())
    }

    fn need(&self, holds: bool, reason: &'static str) -> Result<(), WireError> {
        if holds { Ok(()) } else { Err(self.misfit(reason)) }
    }

    const fn misfit(&self, reason: &'static str) -> WireError {
        WireError::FlawDoesNotFit { flaw: self.name(), reason }
    }
}

const NO_PAYLOAD: &str = "it has no payload";

/// All elements of the payload's array, the event's name first.
fn elements(body: &Body) -> Option<Vec<Value>> {
    let (name, args) = match body {
        Body::Event { name, args, .. } | Body::BinaryEvent { name, args, .. } => (Some(name), args),
        Body::Ack { args, .. } | Body::BinaryAck { args, .. } => (None, args),
        Body::Connect { .. } | Body::Disconnect | Body::ConnectError { .. } => return None,
    };
    let name = name.map(|name| Value::from(name.as_str()));
    Some(name.into_iter().chain(args.iter().cloned()).collect())
}

/// Whether a frame's text, read as any receiver would, is this packet after all.
fn reads_as(text: &str, packet: &Packet) -> bool {
    let read = |frame: Frame<'_>| Packet::from_frame(&frame).ok();
    match Incoming::read(text) {
        Ok(Incoming::Socket(frame)) => read(frame).as_ref() == Some(packet),
        Ok(Incoming::Engine(_)) | Err(_) => false,
    }
}
