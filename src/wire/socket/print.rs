//! A packet as text. Written as parts first, so that a [`Flaw`](super::Flaw) can spoil exactly one of them.

use std::borrow::Cow;

use serde_json::Value;

use super::{Body, Packet};

/// The parts of a packet's text, in the order in which they are written; an absent part is empty.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    /// The type digit.
    pub(super) kind: Cow<'static, str>,
    /// The number of attachments.
    pub(super) count: String,
    /// `-` behind the number.
    pub(super) dash: &'static str,
    /// The namespace, empty for the default one.
    pub(super) namespace: String,
    /// `,` behind the namespace.
    pub(super) comma: &'static str,
    /// The ack id.
    pub(super) ack: String,
    /// The JSON.
    pub(super) payload: String,
}

impl Parts {
    pub(super) fn of(packet: &Packet) -> Self {
        let (attachments, ack, payload) = match &packet.body {
            Body::Connect { payload } => (None, None, payload.as_ref().map(Value::to_string)),
            Body::Disconnect => (None, None, None),
            Body::ConnectError { payload } => (None, None, Some(payload.to_string())),
            Body::Event { name, args, ack } => (None, *ack, Some(array(Some(name), args))),
            Body::Ack { id, args } => (None, Some(*id), Some(array(None, args))),
            Body::BinaryEvent { name, args, ack, attachments } => {
                (Some(*attachments), *ack, Some(array(Some(name), args)))
            }
            Body::BinaryAck { id, args, attachments } => (Some(*attachments), Some(*id), Some(array(None, args))),
        };
        let named = !packet.namespace.is_root();
        Self {
            kind: packet.kind().digit().to_string().into(),
            count: attachments.map(|n| n.to_string()).unwrap_or_default(),
            dash: if attachments.is_some() { "-" } else { "" },
            namespace: if named { packet.namespace.to_string() } else { String::new() },
            comma: if named { "," } else { "" },
            ack: ack.map(|id| id.to_string()).unwrap_or_default(),
            payload: payload.unwrap_or_default(),
        }
    }

    /// The parts as one Socket.IO text.
    pub(super) fn join(&self) -> String {
        [self.kind.as_ref(), &self.count, self.dash, &self.namespace, self.comma, &self.ack, &self.payload].concat()
    }
}

/// `["name",…]`, or `[…]` without a name.
fn array(name: Option<&String>, args: &[Value]) -> String {
    let name = name.map(|name| Value::from(name.as_str()).to_string());
    let elements: Vec<String> = name.into_iter().chain(args.iter().map(Value::to_string)).collect();
    format!("[{}]", elements.join(","))
}

impl Packet {
    /// The Socket.IO text, without Engine.IO's `4`. A namespace is always followed by its comma.
    pub fn to_text(&self) -> String {
        Parts::of(self).join()
    }

    /// The text of the WebSocket frame: an Engine.IO message with this packet in it, `42["hello"]`.
    pub fn to_message(&self) -> String {
        format!("4{}", self.to_text())
    }
}
