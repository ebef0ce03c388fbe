//! Every case fails at a server that does one thing wrong: our echo server behind a door that spoils what comes through it.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures_util::future::{BoxFuture, pending};
use futures_util::{FutureExt, StreamExt, stream};
use hubproof::conformance::door::{Answer, Channel, Door, Frame, Opened, Unanswered};
use hubproof::conformance::{self, Offer, Outcome};
use regex::Regex;

use super::support::{case, door, echo, story, waits_for_pings};

/// What a server does wrong.
#[derive(Debug, Clone, Copy)]
enum Spoil {
    /// It refuses nothing, and nothing ends.
    Immortal,
    /// It says something else: what, and what instead.
    Says(&'static str, &'static str),
    /// It never takes this one packet.
    Ignores(&'static str),
    /// It never says this one packet.
    Withholds(&'static str),
    /// Its bytes are others.
    Bytes,
    /// Every session has the same id.
    OneSid,
    /// What it answers is no text.
    ContentType,
    /// It answers a probe where there is nothing to upgrade.
    Probes,
}

use Spoil::{Bytes, ContentType, Ignores, Immortal, OneSid, Probes, Says, Withholds};

/// Every case, with what breaks it.
const SPOILED: &[(&str, Spoil)] = &[
    ("engine/handshake/polling", Says("pingInterval", "pinginterval")),
    ("engine/handshake/polling-is-text", ContentType),
    ("engine/handshake/websocket", Says("\"upgrades\":[]", "\"upgrades\":[\"websocket\"]")),
    ("engine/handshake/sid-of-its-own", OneSid),
    ("engine/handshake/polling-no-version", Immortal),
    ("engine/handshake/polling-unknown-version", Immortal),
    ("engine/handshake/no-transport", Immortal),
    ("engine/handshake/unknown-transport", Immortal),
    ("engine/handshake/no-query", Immortal),
    ("engine/handshake/poll-unknown-sid", Immortal),
    ("engine/handshake/post-unknown-sid", Immortal),
    ("engine/handshake/post", Immortal),
    ("engine/handshake/put", Immortal),
    ("engine/handshake/delete", Immortal),
    ("engine/handshake/websocket-no-version", Immortal),
    ("engine/handshake/websocket-unknown-version", Immortal),
    ("engine/handshake/websocket-no-transport", Immortal),
    ("engine/handshake/websocket-unknown-transport", Immortal),
    ("engine/handshake/websocket-unknown-sid", Immortal),
    ("engine/polling/send", Says("ok", "ko")),
    ("engine/polling/receive", Says("a message", "another message")),
    ("engine/polling/waits", Says("late", "early")),
    ("engine/polling/several-in", Says("back\",1]", "back\",2]")),
    ("engine/polling/several-out", Says("back\",3]", "back\",4]")),
    ("engine/polling/unicode", Says("漢字", "漢")),
    ("engine/polling/binary", Bytes),
    ("engine/polling/large", Says("xxxx", "xxx")),
    ("engine/polling/sessions-apart", Says("for the other", "for one")),
    ("engine/polling/invalid-packet", Immortal),
    ("engine/polling/unknown-type", Immortal),
    ("engine/polling/two-polls", Immortal),
    ("engine/websocket/text", Says("a message", "another message")),
    ("engine/websocket/binary", Bytes),
    ("engine/websocket/unicode", Says("漢字", "漢")),
    ("engine/websocket/large", Says("xxxx", "xxx")),
    ("engine/websocket/in-order", Says("back\",7]", "back\",8]")),
    ("engine/websocket/invalid-packet", Immortal),
    ("engine/websocket/unknown-type", Immortal),
    ("engine/websocket/no-polling", Immortal),
    ("engine/upgrade/offered", Says("\"upgrades\":[\"websocket\"]", "\"upgrades\":[]")),
    ("engine/upgrade/probe", Says("3probe", "3")),
    ("engine/upgrade/complete", Says("over the WebSocket", "over")),
    ("engine/upgrade/pending-poll", Withholds("6")),
    ("engine/upgrade/nothing-lost", Says("between", "beyond")),
    ("engine/upgrade/poll-refused", Immortal),
    ("engine/upgrade/post-refused", Immortal),
    ("engine/upgrade/second-websocket", Probes),
    ("engine/upgrade/websocket-session", Probes),
    ("engine/upgrade/no-probe", Immortal),
    ("engine/upgrade/given-up", Says("still there?", "gone")),
    ("engine/heartbeat/websocket-ping", Withholds("2")),
    ("engine/heartbeat/polling-ping", Withholds("2")),
    ("engine/heartbeat/first-ping", Withholds("2")),
    ("engine/heartbeat/websocket-pong", Withholds("2")),
    ("engine/heartbeat/polling-pong", Withholds("2")),
    ("engine/heartbeat/websocket-no-pong", Immortal),
    ("engine/heartbeat/polling-no-pong", Immortal),
    ("engine/close/polling", Immortal),
    ("engine/close/polling-post", Immortal),
    ("engine/close/polling-pending", Immortal),
    ("engine/close/websocket", Immortal),
    ("engine/close/websocket-frame", Immortal),
    ("engine/close/sid-is-gone", Immortal),
    ("engine/close/server-websocket", Immortal),
    ("engine/close/server-polling", Immortal),
    ("socket/connect/main", Says("40{\"sid\"", "40{\"id\"")),
    ("socket/connect/main-auth", Says("123", "321")),
    ("socket/connect/polling", Says("123", "321")),
    ("socket/connect/custom", Says("40/custom,", "40")),
    ("socket/connect/custom-auth", Says("abc", "cba")),
    ("socket/connect/both", Says("40/custom,", "40")),
    ("socket/connect/unknown", Says("{\"message\":", "{\"text\":")),
    ("socket/connect/unknown-then-known", Says("40{\"sid\"", "40{\"id\"")),
    ("socket/connect/missing", Immortal),
    ("socket/connect/event-first", Immortal),
    ("socket/connect/event-first-polling", Immortal),
    ("socket/event/text", Says("hello", "goodbye")),
    ("socket/event/no-arguments", Says("back\"]", "back\",null]")),
    ("socket/event/several", Says("null,-3.5", "-3.5,null")),
    ("socket/event/nested", Says("[[],{},[[1]]]", "[[],{},[1]]")),
    ("socket/event/escapes", Says("7-/a,", "7-/a")),
    ("socket/event/binary", Bytes),
    ("socket/event/binary-several", Says("452-", "451-")),
    ("socket/event/binary-nested", Says("\"num\":1", "\"num\":0")),
    ("socket/event/binary-mixed", Says("false", "true")),
    ("socket/event/binary-all-bytes", Bytes),
    ("socket/event/custom", Says("42/custom,", "42")),
    ("socket/event/custom-binary", Says("451-/custom,", "451-")),
    ("socket/event/polling", Says("null,-3.5", "-3.5,null")),
    ("socket/event/polling-binary", Bytes),
    ("socket/event/after-binary", Says("after", "before")),
    ("socket/ack/text", Says("4312[", "4313[")),
    ("socket/ack/no-arguments", Says("4313[]", "4313[null]")),
    ("socket/ack/several", Says("{\"three\"", "{\"four\"")),
    ("socket/ack/zero", Says("430[", "431[")),
    ("socket/ack/large-id", Says("1234567890", "1234567891")),
    ("socket/ack/binary", Bytes),
    ("socket/ack/binary-nested", Says("462-7[", "462-8[")),
    ("socket/ack/custom", Says("43/custom,", "43")),
    ("socket/ack/custom-binary", Bytes),
    ("socket/ack/polling", Says("4316[", "4317[")),
    ("socket/ack/polling-binary", Bytes),
    ("socket/ack/each-its-own", Says("4310[10]", "4310[20]")),
    ("socket/disconnect/others-stay", Says("still there?", "gone")),
    ("socket/disconnect/main", Says("still there?", "gone")),
    ("socket/disconnect/is-left", Ignores("41/custom,")),
    ("socket/disconnect/is-left-polling", Ignores("41/custom,")),
    ("socket/disconnect/back", Says("here again", "gone again")),
    ("socket/invalid/type", Immortal),
    ("socket/invalid/unknown-type", Immortal),
    ("socket/invalid/empty", Immortal),
    ("socket/invalid/no-payload", Immortal),
    ("socket/invalid/payload-object", Immortal),
    ("socket/invalid/payload-empty", Immortal),
    ("socket/invalid/payload-json", Immortal),
    ("socket/invalid/event-name", Immortal),
    ("socket/invalid/ack-id", Immortal),
    ("socket/invalid/attachment-missing", Immortal),
    ("socket/invalid/attachment-uninvited", Immortal),
    ("socket/invalid/polling", Immortal),
    ("socket/invalid/polling-payload", Immortal),
    ("socket/namespace/events-apart", Says("42/custom,", "42")),
    ("socket/namespace/polling", Says("42/custom,", "42")),
    ("socket/namespace/acks-apart", Says("43/custom,5", "435")),
];

static SID: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""sid":"[^"]*""#).expect("a pattern"));

impl Spoil {
    /// A text as it is said instead: a packet, or several with separators between.
    fn text(self, text: &str) -> String {
        match self {
            Says(what, instead) => text.replace(what, instead),
            OneSid => SID.replace_all(text, "\"sid\":\"one\"").into_owned(),
            Bytes | Immortal | Withholds(_) => {
                let packets: Vec<String> = text.split('\u{1e}').map(|packet| self.packet(packet)).collect();
                packets.join("\u{1e}")
            }
            ContentType | Ignores(_) | Probes => text.to_owned(),
        }
    }

    fn packet(self, packet: &str) -> String {
        match self {
            Bytes if packet.starts_with('b') => "bAAAA".to_owned(),
            Immortal if packet == "1" => "6".to_owned(),
            Withholds(what) if packet == what => "6".to_owned(),
            _ => packet.to_owned(),
        }
    }
}

/// A door that spoils what comes through it.
struct Spoiled {
    door: Arc<dyn Door>,
    spoil: Spoil,
}

impl Door for Spoiled {
    fn request<'a>(
        &'a self,
        method: &'a str,
        query: &'a str,
        body: Option<String>,
    ) -> BoxFuture<'a, Result<Answer, Unanswered>> {
        Box::pin(async move {
            if matches!(self.spoil, Ignores(packet) if body.as_deref() == Some(packet)) {
                return Ok(Answer { status: 200, content_type: None, body: "ok".to_owned() });
            }
            let mut answer = self.door.request(method, query, body).await?;
            if matches!(self.spoil, Withholds(packet) if packet == "6" && answer.body == packet) {
                return pending().await;
            }
            answer.body = self.spoil.text(&answer.body);
            match self.spoil {
                Immortal if answer.status >= 400 => (answer.status, answer.body) = (200, "6".to_owned()),
                ContentType => answer.content_type = Some("text/html".to_owned()),
                _ => {}
            }
            Ok(answer)
        })
    }

    fn open<'a>(&'a self, query: &'a str) -> BoxFuture<'a, Result<Opened<Box<dyn Channel>>, Unanswered>> {
        Box::pin(async move {
            let inner = match self.door.open(query).await? {
                Opened::Channel(channel) => Some(channel),
                Opened::Refused(_) if matches!(self.spoil, Immortal | Probes) => None,
                Opened::Refused(how) => return Ok(Opened::Refused(how)),
            };
            Ok(Opened::Channel(Box::new(SpoiledChannel { inner, spoil: self.spoil }) as Box<dyn Channel>))
        })
    }
}

/// A WebSocket of such a door; without an inner one it is a server that takes everything and says nothing.
struct SpoiledChannel {
    inner: Option<Box<dyn Channel>>,
    spoil: Spoil,
}

impl Channel for SpoiledChannel {
    fn send(&mut self, frame: Frame) -> BoxFuture<'_, bool> {
        match &mut self.inner {
            Some(_) if matches!(self.spoil, Ignores(packet) if frame == Frame::Text(packet.to_owned())) => {
                async { true }.boxed()
            }
            Some(inner) => inner.send(frame),
            None => async { true }.boxed(),
        }
    }

    fn next(&mut self) -> BoxFuture<'_, Option<Frame>> {
        Box::pin(async move {
            let next = match &mut self.inner {
                Some(inner) => inner.next().await,
                None => None,
            };
            match (next, self.spoil) {
                (None, Immortal) => pending().await,
                (None, Probes) => Some(Frame::Text("3probe".to_owned())),
                (None, _) => None,
                (Some(Frame::Binary(_)), Bytes) => Some(Frame::Binary(vec![0, 0, 0].into())),
                (Some(Frame::Text(text)), spoil) => Some(Frame::Text(spoil.text(&text))),
                (Some(frame), _) => Some(frame),
            }
        })
    }

    fn close(&mut self) -> BoxFuture<'_, ()> {
        match &mut self.inner {
            Some(inner) => inner.close(),
            None => async {}.boxed(),
        }
    }
}

#[test]
fn every_case_is_spoiled_in_one_way() {
    let spoiled: Vec<&str> = SPOILED.iter().map(|(id, _)| *id).collect();
    let cases: Vec<&str> = conformance::cases().map(|case| case.id).collect();
    assert_eq!(spoiled, cases);
}

#[tokio::test]
async fn every_case_fails_at_a_server_that_does_it_wrong() {
    // What is waited for does not come, however long that is: a moment is enough.
    let patience = Duration::from_millis(500);
    let (interval, timeout) = (Duration::from_millis(100), Duration::from_millis(300));
    let (calm, quick) = (super::support::calm(), echo(interval, timeout));
    let offer = Offer {
        polling: true,
        websocket: true,
        upgrade: true,
        echo: true,
        ping_interval: interval,
        ping_timeout: timeout,
        connect_timeout: patience,
    };
    let ends = SPOILED.iter().map(|(id, spoil)| {
        let case = case(id);
        let server = if waits_for_pings(case) { &quick } else { &calm };
        let door: Arc<dyn Door> = Arc::new(Spoiled { door: door(&server.url()), spoil: *spoil });
        let offer = offer.clone();
        async move {
            let mut ends = Vec::new();
            conformance::run(door, offer, &[case], patience, 1, |end| ends.push(end)).await;
            ends.pop().expect("an end")
        }
    });
    let ends: Vec<_> = stream::iter(ends).buffered(16).collect().await;
    let wrong = ends.iter().filter(|end| !matches!(end.outcome, Outcome::Broken { .. }));
    let survivors: BTreeSet<String> = wrong.map(story).collect();
    assert!(survivors.is_empty(), "{}", survivors.into_iter().collect::<Vec<_>>().join("\n"));
}
