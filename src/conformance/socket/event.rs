//! Events: what is emitted comes back in `message-back` as it was.

use bytes::Bytes;
use serde_json::{Value, json};

use super::super::case::{Case, Need};
use super::super::session::{Over, Session};
use super::super::talk::{Done, Talk};
use crate::wire::socket::Data;

const DATA: &str = "Socket.IO 5, Sending and receiving data";
const ENCODING: &str = "Socket.IO 5, Packet encoding";
const ECHO: &[Need] = &[Need::WebSocket, Need::Echo];
const POLLING_ECHO: &[Need] = &[Need::Polling, Need::Echo];

/// A case whose arguments go over a WebSocket and come back.
macro_rules! echo {
    ($id:literal, $title:literal, $source:expr, $namespace:literal, $args:expr) => {
        Case::new($id, $title, $source, ECHO, |talk| Box::pin(echo(talk, Over::WebSocket, $namespace, $args)))
    };
}

pub(in crate::conformance) const CASES: &[Case] = &[
    echo!("socket/event/text", "an event with one text", DATA, "/", plain(json!(["hello"]))),
    echo!("socket/event/no-arguments", "an event without arguments", DATA, "/", plain(json!([]))),
    echo!("socket/event/several", "an event with several arguments of every kind", DATA, "/", plain(several())),
    echo!("socket/event/nested", "an event with lists and objects in each other", DATA, "/", plain(nested())),
    echo!(
        "socket/event/escapes",
        "an event with quotes, line ends and brackets in its text",
        ENCODING,
        "/",
        plain(json!(["\"]},\\ \n", "7-/a,"]))
    ),
    echo!("socket/event/binary", "an event that is bytes", DATA, "/", vec![bytes(&[1, 2, 3])]),
    echo!(
        "socket/event/binary-several",
        "an event with bytes twice, in their order",
        DATA,
        "/",
        vec![bytes(&[1]), bytes(&[2, 3])]
    ),
    echo!("socket/event/binary-nested", "an event with bytes within objects and lists", DATA, "/", with_bytes()),
    echo!(
        "socket/event/binary-mixed",
        "an event with text before and after bytes",
        DATA,
        "/",
        vec![Data::Text("a".to_owned()), bytes(&[9, 8]), Data::Bool(false)]
    ),
    echo!(
        "socket/event/binary-all-bytes",
        "every value that a byte can have comes back",
        ENCODING,
        "/",
        vec![Data::Bytes((0..=255).collect())]
    ),
    echo!(
        "socket/event/custom",
        "an event in a namespace comes back in that namespace",
        DATA,
        "/custom",
        plain(json!(["hello", 1]))
    ),
    echo!(
        "socket/event/custom-binary",
        "bytes in a namespace come back in that namespace",
        ENCODING,
        "/custom",
        vec![bytes(&[4, 5])]
    ),
    Case::new("socket/event/polling", "an event with several arguments, over polling", DATA, POLLING_ECHO, |talk| {
        Box::pin(echo(talk, Over::Polling, "/", plain(several())))
    }),
    Case::new(
        "socket/event/polling-binary",
        "bytes within objects and lists, over polling",
        ENCODING,
        POLLING_ECHO,
        |talk| Box::pin(echo(talk, Over::Polling, "/", with_bytes())),
    ),
    Case::new("socket/event/after-binary", "an event after one with bytes is one of its own", ENCODING, ECHO, |talk| {
        Box::pin(after_binary(talk))
    }),
];

/// The members of a list, as arguments.
pub(super) fn plain(list: Value) -> Vec<Data> {
    match Data::from(list) {
        Data::Array(args) => args,
        other => vec![other],
    }
}

pub(super) fn bytes(bytes: &'static [u8]) -> Data {
    Data::Bytes(Bytes::from_static(bytes))
}

fn several() -> Value {
    json!([1, "2", true, null, -3.5, [4], {"five": 6}])
}

fn nested() -> Value {
    json!([{"a": [{"b": {"c": [[], {}, [[1]]]}}], "é": ""}])
}

/// Bytes at several depths.
pub(super) fn with_bytes() -> Vec<Data> {
    let list = Data::Array(vec![Data::Text("b".to_owned()), bytes(&[1, 2])]);
    let object = [("list".to_owned(), list), ("n".to_owned(), Data::Null), ("raw".to_owned(), bytes(&[3]))];
    vec![Data::Object(object.into_iter().collect()), Data::from(json!(7))]
}

async fn echo(talk: Talk, over: Over, namespace: &str, args: Vec<Data>) -> Done {
    let mut session = Session::open(&talk, over).await?;
    session.connect(namespace).await?;
    session.echoes(namespace, &args).await
}

async fn after_binary(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::WebSocket).await?;
    session.echoes("/", &[bytes(&[1, 2, 3])]).await?;
    session.echoes("/", &[Data::Text("after".to_owned())]).await?;
    session.echoes("/", &[bytes(&[4])]).await
}
