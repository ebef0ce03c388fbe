//! Acks: an event that asks for one is answered with its id.

use serde_json::json;

use super::super::case::{Case, Need};
use super::super::session::{Over, Session};
use super::super::talk::{Done, Talk};
use super::event::{bytes, plain, with_bytes};
use crate::wire::socket::Data;

const ACK: &str = "Socket.IO 5, Acknowledgement";
const ECHO: &[Need] = &[Need::WebSocket, Need::Echo];
const POLLING_ECHO: &[Need] = &[Need::Polling, Need::Echo];

/// A case whose event asks for an ack, over a WebSocket.
macro_rules! ack {
    ($id:literal, $title:literal, $namespace:literal, $number:literal, $args:expr) => {
        Case::new($id, $title, ACK, ECHO, |talk| Box::pin(ack(talk, Over::WebSocket, $namespace, $number, $args)))
    };
}

pub(in crate::conformance) const CASES: &[Case] = &[
    ack!("socket/ack/text", "an event with an id is answered by an ack with that id", "/", 12, plain(json!(["hello"]))),
    ack!("socket/ack/no-arguments", "an ack without arguments is an empty list", "/", 13, plain(json!([]))),
    ack!("socket/ack/several", "an ack with several arguments", "/", 456, plain(json!([1, "2", {"three": [false]}]))),
    ack!("socket/ack/zero", "the id 0 is an id", "/", 0, plain(json!(["zero"]))),
    ack!("socket/ack/large-id", "an id of ten digits comes back whole", "/", 1_234_567_890, plain(json!(["large"]))),
    ack!("socket/ack/binary", "an ack whose argument is bytes", "/", 789, vec![bytes(&[1, 2, 3])]),
    ack!("socket/ack/binary-nested", "an ack with bytes within objects and lists", "/", 7, with_bytes()),
    ack!("socket/ack/custom", "an ack in a namespace", "/custom", 14, plain(json!(["hello"]))),
    ack!("socket/ack/custom-binary", "an ack with bytes in a namespace", "/custom", 15, vec![bytes(&[6])]),
    Case::new("socket/ack/polling", "an ack over polling", ACK, POLLING_ECHO, |talk| {
        Box::pin(ack(talk, Over::Polling, "/", 16, plain(json!(["hello", 2]))))
    }),
    Case::new("socket/ack/polling-binary", "an ack with bytes over polling", ACK, POLLING_ECHO, |talk| {
        Box::pin(ack(talk, Over::Polling, "/", 17, with_bytes()))
    }),
    Case::new(
        "socket/ack/each-its-own",
        "several events with ids get an ack each, with their own arguments",
        ACK,
        ECHO,
        |talk| Box::pin(each_its_own(talk)),
    ),
];

async fn ack(talk: Talk, over: Over, namespace: &str, id: u64, args: Vec<Data>) -> Done {
    let mut session = Session::open(&talk, over).await?;
    session.connect(namespace).await?;
    session.emit(namespace, "message-with-ack", &args, Some(id)).await?;
    session.hears_ack(namespace, id, &args).await
}

async fn each_its_own(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::WebSocket).await?;
    // In another order than that of their ids.
    let ids = [30, 10, 20];
    for id in ids {
        session.emit("/", "message-with-ack", &[Data::from(json!(id))], Some(id)).await?;
    }
    for id in ids {
        session.hears_ack("/", id, &[Data::from(json!(id))]).await?;
    }
    Ok(())
}
