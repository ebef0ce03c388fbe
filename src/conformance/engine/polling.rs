//! HTTP long-polling: what POSTs carry, what polls bring, and what ends a session.

use bytes::Bytes;
use futures_util::future::join;
use serde_json::json;

use super::super::case::{Case, Need};
use super::super::session::{Over, Session, event};
use super::super::talk::{Done, Talk, broken, shown};
use crate::wire::engine::{Packet, parse_payload};
use crate::wire::socket::Data;

const DATA: &str = "Engine.IO 4, Sending and receiving data";
const ENCODING: &str = "Engine.IO 4, Packet encoding, HTTP long-polling";
const ECHO: &[Need] = &[Need::Polling, Need::Echo];
const POLLING: &[Need] = &[Need::Polling];

/// How often two polls at once are tried, where something that the server sent came between.
const TRIES: usize = 5;

pub(in crate::conformance) const CASES: &[Case] = &[
    Case::new("engine/polling/send", "a POST of one message is answered HTTP 200 `ok`", DATA, ECHO, |talk| {
        Box::pin(send(talk))
    }),
    Case::new("engine/polling/receive", "a message comes with a poll, in an answer HTTP 200", DATA, ECHO, |talk| {
        Box::pin(receive(talk))
    }),
    Case::new("engine/polling/waits", "a poll waits until there is something to bring", DATA, ECHO, |talk| {
        Box::pin(waits(talk))
    }),
    Case::new(
        "engine/polling/several-in",
        "several packets in one POST, with a record separator between, are taken in their order",
        ENCODING,
        ECHO,
        |talk| Box::pin(several_in(talk)),
    ),
    Case::new(
        "engine/polling/several-out",
        "several messages that wait come in their order, in one poll or more",
        ENCODING,
        ECHO,
        |talk| Box::pin(several_out(talk)),
    ),
    Case::new(
        "engine/polling/unicode",
        "text of every kind comes through a POST and a poll unchanged",
        ENCODING,
        ECHO,
        |talk| Box::pin(unicode(talk)),
    ),
    Case::new("engine/polling/binary", "bytes travel as `b` and base64, both ways", ENCODING, ECHO, |talk| {
        Box::pin(binary(talk))
    }),
    Case::new(
        "engine/polling/large",
        "a message of 64 KiB comes through a POST and a poll whole",
        DATA,
        ECHO,
        |talk| Box::pin(large(talk)),
    ),
    Case::new(
        "engine/polling/sessions-apart",
        "what is for one session does not come with another's polls",
        DATA,
        ECHO,
        |talk| Box::pin(sessions_apart(talk)),
    ),
    Case::new(
        "engine/polling/invalid-packet",
        "a POST that is no packet ends the session",
        ENCODING,
        POLLING,
        |talk| Box::pin(ends_by(talk, "abc")),
    ),
    Case::new(
        "engine/polling/unknown-type",
        "a packet of an unknown type ends the session",
        ENCODING,
        POLLING,
        |talk| Box::pin(ends_by(talk, "9")),
    ),
    Case::new(
        "engine/polling/two-polls",
        "two polls at once end the session: one of them is refused",
        DATA,
        ECHO,
        |talk| Box::pin(two_polls(talk)),
    ),
];

fn text(text: &str) -> Data {
    Data::Text(text.to_owned())
}

async fn send(talk: Talk) -> Done {
    let session = Session::connected(&talk, Over::Polling).await?;
    let answer = talk.request("POST", &session.query(), Some(r#"42["message","a"]"#.to_owned())).await?;
    if answer.status == 200 && answer.body.eq_ignore_ascii_case("ok") {
        return Ok(());
    }
    Err(broken("HTTP 200 and `ok`", format!("HTTP {} {:?}", answer.status, shown(&answer.body))))
}

async fn receive(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::Polling).await?;
    session.echoes("/", &[text("a message")]).await
}

async fn waits(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::Polling).await?;
    let query = session.query();
    let until = talk.soon();
    let poll = talk.request_until(until, "GET", &query, None);
    let post = talk.request("POST", &query, Some(r#"42["message","late"]"#.to_owned()));
    let (polled, posted) = join(poll, post).await;
    if posted?.status != 200 {
        return Err(broken("a POST that is taken while a poll waits", "it was refused"));
    }
    let answer = polled?.map_err(|how| broken("a poll that brings the message", how))?;
    if answer.status != 200 {
        return Err(broken("a poll that brings the message", format!("HTTP {}", answer.status)));
    }
    session.take_in(&answer.body)?;
    session.hears_event("/", "message-back", &[text("late")]).await
}

async fn several_in(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::Polling).await?;
    let mut packets = Vec::new();
    for number in 0..3 {
        packets.extend(event("/", "message", &[Data::from(json!(number))], None)?);
    }
    session.send(&packets).await?;
    for number in 0..3 {
        session.hears_event("/", "message-back", &[Data::from(json!(number))]).await?;
    }
    Ok(())
}

async fn several_out(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::Polling).await?;
    for number in 0..5 {
        session.emit("/", "message", &[Data::from(json!(number))], None).await?;
    }
    for number in 0..5 {
        session.hears_event("/", "message-back", &[Data::from(json!(number))]).await?;
    }
    Ok(())
}

async fn unicode(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::Polling).await?;
    session.echoes("/", &[text("é 漢字 \u{1f455} \u{2028} \"\\\n\u{1e} 1:2")]).await
}

async fn binary(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::Polling).await?;
    session.emit("/", "message", &[Data::Bytes(Bytes::from_static(&[0, 1, 2, 0xff]))], None).await?;
    let mut bodies = Vec::new();
    let until = talk.soon();
    // As it stands in the polls: the reader would take anything that stands for the bytes.
    while !bodies.iter().any(|body: &String| body.contains("bAAEC/w==")) {
        let answer = talk.request_until(until, "GET", &session.query(), None).await?;
        match answer {
            Ok(answer) if answer.status == 200 => bodies.push(answer.body),
            _ => return Err(broken("polls with `bAAEC/w==` in them", shown(&bodies.join(" ")))),
        }
        if bodies.iter().any(|body| parse_payload(body).is_ok_and(|all| all.contains(&Packet::Ping("".into())))) {
            session.say("3").await?;
        }
    }
    bodies.iter().try_for_each(|body| session.take_in(body))?;
    session.hears_event("/", "message-back", &[Data::Bytes(Bytes::from_static(&[0, 1, 2, 0xff]))]).await
}

async fn large(talk: Talk) -> Done {
    let mut session = Session::connected(&talk, Over::Polling).await?;
    session.echoes("/", &[text(&"x".repeat(64 << 10))]).await
}

async fn sessions_apart(talk: Talk) -> Done {
    let mut one = Session::connected(&talk, Over::Polling).await?;
    let mut other = Session::connected(&talk, Over::Polling).await?;
    one.emit("/", "message", &[text("for one")], None).await?;
    other.emit("/", "message", &[text("for the other")], None).await?;
    other.hears_event("/", "message-back", &[text("for the other")]).await?;
    one.hears_event("/", "message-back", &[text("for one")]).await
}

/// What is sent ends the session.
async fn ends_by(talk: Talk, payload: &str) -> Done {
    let mut session = Session::open(&talk, Over::Polling).await?;
    // The POST itself may be refused as well.
    session.post(payload).await?;
    session.ends(&format!("{payload:?} is no packet")).await
}

async fn two_polls(talk: Talk) -> Done {
    for _ in 0..TRIES {
        let mut session = Session::connected(&talk, Over::Polling).await?;
        // What waits already would answer the first poll at once.
        session.lives().await?;
        let query = session.query();
        let until = talk.soon();
        let polls = [(); 2].map(|()| talk.request_until(until, "GET", &query, None));
        let [first, second] = polls;
        let (first, second) = join(first, second).await;
        let (first, second) = (first?, second?);
        let refused = |answer: &Result<super::super::door::Answer, String>| {
            answer.as_ref().map_or(true, |answer| answer.status >= 400)
        };
        if refused(&first) || refused(&second) {
            return session.ends("two polls at once").await;
        }
        // Both were answered: something came for the first, such as a ping, before the second was there.
    }
    Err(broken("one of two polls at once is refused", format!("both were answered HTTP 200, {TRIES} times")))
}
