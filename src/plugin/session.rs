//! One Socket.IO connection of a client over an open WebSocket.

use serde_json::Value;

use crate::wire::engine::{Handshake, Packet as EnginePacket};
use crate::wire::socket::{Kind, Namespace};
use crate::wire::{Incoming, WireError, compose};

/// What a client learns from a frame.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// The hub accepted the connection.
    Connected,
    /// The hub refused the connection, with this payload.
    Refused(Value),
    /// The hub ended the connection in so many words: the usual client does not come back by itself.
    Disconnected,
    /// The hub said that the connection ends underneath: the usual client comes back.
    Closing,
    /// An event came.
    Event {
        /// Its name.
        name: String,
        /// Its arguments.
        args: Vec<Value>,
    },
    /// A frame came that a client cannot read.
    Unreadable(WireError),
}

/// The state of one connection in the default namespace.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    auth: Option<Value>,
    handshake: Option<Handshake>,
}

impl Session {
    /// A session that will send this auth payload with CONNECT.
    #[must_use]
    pub fn new(auth: Option<Value>) -> Self {
        Self { auth, handshake: None }
    }

    /// What the hub said when the session was opened; `None` before that.
    #[must_use]
    pub fn handshake(&self) -> Option<&Handshake> {
        self.handshake.as_ref()
    }

    /// Takes a text frame: a frame to send back, if any, and what is to be known of it, if anything.
    pub fn text(&mut self, text: &str) -> (Option<String>, Option<Notice>) {
        match Incoming::read(text) {
            Ok(Incoming::Engine(packet)) => self.engine(packet),
            Ok(Incoming::Socket(frame)) if frame.namespace != "/" => (None, None),
            Ok(Incoming::Socket(frame)) => (
                None,
                match frame.kind {
                    Kind::Connect => Some(Notice::Connected),
                    Kind::ConnectError => Some(
                        frame
                            .payload()
                            .map_or_else(Notice::Unreadable, |payload| Notice::Refused(payload.unwrap_or_default())),
                    ),
                    Kind::Disconnect => Some(Notice::Disconnected),
                    Kind::Event => Some(frame.event::<Vec<Value>>().map_or_else(Notice::Unreadable, |(name, args)| {
                        Notice::Event { name: name.into_owned(), args }
                    })),
                    Kind::Ack | Kind::BinaryEvent | Kind::BinaryAck => None,
                },
            ),
            Err(error) => (None, Some(Notice::Unreadable(error))),
        }
    }

    /// The frame of an event; `None` if an argument is no JSON, which a [`Value`] always is.
    #[must_use]
    pub fn event(name: &str, args: &[Value]) -> Option<String> {
        compose::event_in(&Namespace::root(), name, args, None).ok()
    }

    /// The text frame of a binary event with one attachment, which follows it as a frame of its own; `None` as with
    /// [`Session::event`].
    #[must_use]
    pub fn binary_event(name: &str, args: &[Value]) -> Option<String> {
        let text = Self::event(name, args)?;
        // The packet type and the number of attachments come where an event's type was.
        text.strip_prefix("42").map(|json| format!("451-{json}"))
    }

    fn engine(&mut self, packet: EnginePacket<'_>) -> (Option<String>, Option<Notice>) {
        match packet {
            EnginePacket::Open(handshake) => {
                self.handshake = Some(handshake);
                let root = Namespace::root();
                let connect = match &self.auth {
                    Some(auth) => compose::connect(&root, auth).ok(),
                    None => Some(compose::connect_bare(&root)),
                };
                (connect, None)
            }
            EnginePacket::Ping(payload) => (Some(EnginePacket::Pong(payload).to_text()), None),
            EnginePacket::Close => (None, Some(Notice::Closing)),
            _ => (None, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const OPEN: &str = r#"0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

    #[test]
    fn a_session_connects_with_its_auth_once_the_handshake_is_there() {
        let mut session = Session::new(Some(json!({"user_id": 1})));
        assert_eq!(session.text(OPEN), (Some(r#"40{"user_id":1}"#.to_owned()), None));
        assert_eq!(session.handshake().unwrap().ping_interval_ms, 25_000);
        assert_eq!(session.text(r#"40{"sid":"b"}"#), (None, Some(Notice::Connected)));
        assert_eq!(Session::new(None).text(OPEN).0, Some("40".to_owned()));
    }

    #[test]
    fn a_ping_is_answered_and_an_event_is_told() {
        let mut session = Session::new(None);
        assert_eq!(session.text("2"), (Some("3".to_owned()), None));
        let event = Notice::Event { name: "plugin_command".to_owned(), args: vec![json!({"a": 1})] };
        assert_eq!(session.text(r#"42["plugin_command",{"a":1}]"#), (None, Some(event)));
    }

    #[test]
    fn refusals_and_closes_are_told_and_other_namespaces_are_not() {
        let mut session = Session::new(None);
        let refused = Notice::Refused(json!({"message": "no"}));
        assert_eq!(session.text(r#"44{"message":"no"}"#), (None, Some(refused)));
        assert_eq!(session.text("41"), (None, Some(Notice::Disconnected)));
        assert_eq!(session.text("1"), (None, Some(Notice::Closing)));
        assert_eq!(session.text(r#"42/other,["x"]"#), (None, None));
        assert!(matches!(session.text("42[broken"), (None, Some(Notice::Unreadable(_)))));
    }
}
