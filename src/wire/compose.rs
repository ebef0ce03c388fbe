//! Writes Socket.IO packets as WebSocket texts straight from what is to be sent, with no JSON tree between.
//!
//! All texts include Engine.IO's `4`: `42["plugin_response",{…}]` is ready for the socket.

use serde::Serialize;

use super::{
    WireError,
    socket::{Kind, Namespace},
};

/// An event in the default namespace with exactly one argument: `42["name",arg]`, or `427["name",arg]` if
/// an ack with id 7 is asked for.
///
/// # Errors
/// [`WireError::Unprintable`] if `arg` refuses to be JSON.
pub fn event(name: &str, arg: &(impl Serialize + ?Sized), ack: Option<u64>) -> Result<String, WireError> {
    let mut text = Text::new(Kind::Event, None, ack);
    text.json(&(name, arg))?;
    text.finish()
}

/// An event in any namespace with any number of arguments, given as a tuple, slice or vector:
/// `event_in(&namespace, "name", &(1, "b"), None)` is `42/admin,["name",1,"b"]`.
///
/// # Errors
/// [`WireError::Unprintable`] if `args` refuses to be JSON, or is no array in JSON.
pub fn event_in(
    namespace: &Namespace,
    name: &str,
    args: &(impl Serialize + ?Sized),
    ack: Option<u64>,
) -> Result<String, WireError> {
    let mut text = Text::new(Kind::Event, Some(namespace), ack);
    text.raw("[");
    text.json(name)?;
    let start = text.0.len();
    text.array(args)?;
    // The arguments' own bracket becomes the comma behind the name, or goes if there are none.
    if text.0[start..] == *b"[]" {
        text.0.remove(start);
    } else {
        text.0[start] = b',';
    }
    text.finish()
}

/// An ack in any namespace; arguments as in [`event_in`]: `437["ok"]`.
///
/// # Errors
/// As [`event_in`].
pub fn ack_in(namespace: &Namespace, id: u64, args: &(impl Serialize + ?Sized)) -> Result<String, WireError> {
    let mut text = Text::new(Kind::Ack, Some(namespace), Some(id));
    text.array(args)?;
    text.finish()
}

/// A CONNECT with an auth payload: `40{"token":"…"}`, `40/admin,{"token":"…"}`.
///
/// # Errors
/// [`WireError::Unprintable`] if `auth` refuses to be JSON.
pub fn connect(namespace: &Namespace, auth: &(impl Serialize + ?Sized)) -> Result<String, WireError> {
    let mut text = Text::new(Kind::Connect, Some(namespace), None);
    text.json(auth)?;
    text.finish()
}

/// A CONNECT without a payload: `40`, `40/admin,`.
pub fn connect_bare(namespace: &Namespace) -> String {
    bare(Kind::Connect, namespace)
}

/// A DISCONNECT: `41`, `41/admin,`.
pub fn disconnect(namespace: &Namespace) -> String {
    bare(Kind::Disconnect, namespace)
}

fn bare(kind: Kind, namespace: &Namespace) -> String {
    let mut text = format!("4{}", kind.digit());
    if !namespace.is_root() {
        text.push_str(namespace.as_str());
        text.push(',');
    }
    text
}

/// A text under way, as bytes, since that is what the JSON printer writes to.
struct Text(Vec<u8>);

impl Text {
    fn new(kind: Kind, namespace: Option<&Namespace>, ack: Option<u64>) -> Self {
        let mut head = match namespace {
            Some(namespace) => bare(kind, namespace),
            None => format!("4{}", kind.digit()),
        };
        if let Some(id) = ack {
            head.push_str(&id.to_string());
        }
        Self(head.into_bytes())
    }

    fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    fn json(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), WireError> {
        serde_json::to_writer(&mut self.0, value).map_err(|error| WireError::Unprintable { reason: error.to_string() })
    }

    /// As [`Text::json`], for what must come out as an array.
    fn array(&mut self, args: &(impl Serialize + ?Sized)) -> Result<(), WireError> {
        let start = self.0.len();
        self.json(args)?;
        if self.0.get(start) == Some(&b'[') {
            Ok(())
        } else {
            Err(WireError::Unprintable { reason: "arguments must be a tuple, slice or vector".to_owned() })
        }
    }

    fn finish(self) -> Result<String, WireError> {
        String::from_utf8(self.0).map_err(|error| WireError::Unprintable { reason: error.to_string() })
    }
}
