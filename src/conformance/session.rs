//! A client of the server under test, over polling or a WebSocket: it answers pings and says everything else only when told to.

use std::collections::VecDeque;
use std::fmt;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::door::Frame;
use super::talk::{Done, Miss, Talk, Wire, broken, shown};
use crate::wire::engine::{Handshake, Packet as Engine, join_payload, parse_payload};
use crate::wire::socket::{Arrival, Assembler, Body, Data, Namespace, Packet};

/// The transport of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    Polling,
    WebSocket,
}

impl Over {
    /// The value of `transport` in a query.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
        }
    }

    /// The query of a handshake.
    pub(super) fn handshake(self) -> String {
        format!("EIO=4&transport={}", self.name())
    }
}

/// A session that the server opened.
pub(super) struct Session {
    pub(super) talk: Talk,
    pub(super) handshake: Handshake,
    /// None while polling.
    wire: Option<Wire>,
    /// What came and was not looked at yet.
    came: VecDeque<Engine<'static>>,
    assembler: Assembler,
    /// When the handshake was asked for.
    pub(super) began: Instant,
}

/// What a server said, by Socket.IO's packets.
#[derive(Debug)]
pub(super) enum Heard {
    /// A packet, and its arguments with bytes in place.
    Packet(Packet, Vec<Data>),
    /// The session is over: how that was seen.
    Ended(String),
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Packet(packet, args) => {
                let bytes = args.iter().map(count_bytes).sum::<usize>();
                write!(f, "{} {}", packet.kind(), shown(&packet.to_text()))?;
                if bytes > 0 {
                    write!(f, " with {bytes} attached bytes: {}", shown(&format!("{args:?}")))
                } else {
                    Ok(())
                }
            }
            Self::Ended(how) => write!(f, "the end of the session ({how})"),
        }
    }
}

fn count_bytes(data: &Data) -> usize {
    match data {
        Data::Bytes(bytes) => bytes.len(),
        Data::Array(items) => items.iter().map(count_bytes).sum(),
        Data::Object(fields) => fields.values().map(count_bytes).sum(),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => 0,
    }
}

impl Session {
    /// A session with the handshake behind it.
    pub(super) async fn open(talk: &Talk, over: Over) -> Result<Self, Miss> {
        let began = Instant::now();
        let (first, wire) = match over {
            Over::Polling => {
                let answer = talk.request("GET", &over.handshake(), None).await?;
                if answer.status != 200 {
                    return Err(broken("HTTP 200 to the handshake", format!("HTTP {}", answer.status)));
                }
                (answer.body, None)
            }
            Over::WebSocket => {
                let mut wire = talk.open(&over.handshake()).await?;
                match wire.next(talk.soon(), "the open packet").await? {
                    Some(Frame::Text(text)) => (text, Some(wire)),
                    Some(Frame::Binary(_)) => return Err(broken("the open packet", "a binary frame")),
                    None => return Err(broken("the open packet", "the end of the WebSocket")),
                }
            }
        };
        let packets = parse_payload(&first).map_err(|error| not_a_packet(&first, &error))?;
        let mut came: VecDeque<Engine<'static>> = packets.into_iter().map(Engine::into_owned).collect();
        let Some(Engine::Open(handshake)) = came.pop_front() else {
            return Err(broken("the open packet", shown(&first)));
        };
        Ok(Self { talk: talk.clone(), handshake, wire, came, assembler: Assembler::default(), began })
    }

    /// A session that is connected to `/`.
    pub(super) async fn connected(talk: &Talk, over: Over) -> Result<Self, Miss> {
        let mut session = Self::open(talk, over).await?;
        session.connect("/").await?;
        Ok(session)
    }

    /// The query of this session's requests.
    pub(super) fn query(&self) -> String {
        self.query_over(Over::Polling)
    }

    /// The query for this session over another transport.
    pub(super) fn query_over(&self, over: Over) -> String {
        format!("{}&sid={}", over.handshake(), self.handshake.sid)
    }

    /// Goes on over a WebSocket.
    pub(super) fn switch(&mut self, wire: Wire) {
        self.wire = Some(wire);
    }

    /// Keeps what a poll brought.
    pub(super) fn take_in(&mut self, body: &str) -> Done {
        let packets = parse_payload(body).map_err(|error| not_a_packet(body, &error))?;
        self.came.extend(packets.into_iter().map(Engine::into_owned));
        Ok(())
    }

    /// The WebSocket, where there is one.
    pub(super) fn wire(&mut self) -> Result<&mut Wire, Miss> {
        self.wire.as_mut().ok_or_else(|| broken("a session over a WebSocket", "one that polls"))
    }

    /// Sends Engine.IO packets, as one payload when polling; the status of the POST.
    pub(super) async fn try_send(&mut self, packets: &[Engine<'_>]) -> Result<u16, Miss> {
        let Some(wire) = &mut self.wire else {
            let payload = join_payload(packets).map_err(|error| Miss::NotTested(error.to_string()))?;
            return self.post(&payload).await;
        };
        for packet in packets {
            let frame = match packet {
                Engine::Binary(bytes) => Frame::Binary(Bytes::copy_from_slice(bytes)),
                other => Frame::Text(other.to_text()),
            };
            wire.send(frame).await?;
        }
        Ok(200)
    }

    /// Sends a payload as it is; the status of the answer.
    pub(super) async fn post(&mut self, payload: &str) -> Result<u16, Miss> {
        let answer = self.talk.request("POST", &self.query(), Some(payload.to_owned())).await?;
        Ok(answer.status)
    }

    /// Sends Engine.IO packets that have to be taken.
    pub(super) async fn send(&mut self, packets: &[Engine<'_>]) -> Done {
        match self.try_send(packets).await? {
            200 => Ok(()),
            status => Err(broken("HTTP 200 to what is sent", format!("HTTP {status}"))),
        }
    }

    /// Sends a text that is one Engine.IO packet, right or wrong; the status of the POST.
    pub(super) async fn try_say(&mut self, text: &str) -> Result<u16, Miss> {
        match &mut self.wire {
            Some(wire) => wire.text(text).await.map(|()| 200),
            None => self.post(text).await,
        }
    }

    /// Sends a text that has to be taken.
    pub(super) async fn say(&mut self, text: &str) -> Done {
        match self.try_say(text).await? {
            200 => Ok(()),
            status => Err(broken("HTTP 200 to what is sent", format!("HTTP {status}"))),
        }
    }

    /// The next Engine.IO packet; the inner error is how the session ended.
    pub(super) async fn packet(
        &mut self,
        until: Instant,
        expected: &str,
    ) -> Result<Result<Engine<'static>, String>, Miss> {
        loop {
            if let Some(packet) = self.came.pop_front() {
                return Ok(match packet {
                    Engine::Close => Err("a close packet".to_owned()),
                    packet => Ok(packet),
                });
            }
            let Some(wire) = &mut self.wire else {
                let query = self.query();
                let polled = self.talk.request_until(until, "GET", &query, None).await;
                match polled.map_err(|miss| waiting_for(miss, expected))? {
                    Ok(answer) if answer.status == 200 => self.take_in(&answer.body)?,
                    Ok(answer) => return Ok(Err(format!("HTTP {}", answer.status))),
                    Err(why) => return Ok(Err(why)),
                }
                continue;
            };
            match wire.next(until, expected).await? {
                Some(Frame::Text(text)) => {
                    let packet = Engine::parse(&text).map_err(|error| not_a_packet(&text, &error))?;
                    self.came.push_back(packet.into_owned());
                }
                Some(Frame::Binary(bytes)) => self.came.push_back(Engine::from_binary(&bytes).into_owned()),
                None => return Ok(Err("the WebSocket closed".to_owned())),
            }
        }
    }

    /// The next packet of Socket.IO. Pings are answered on the way.
    pub(super) async fn hear(&mut self, expected: &str) -> Result<Heard, Miss> {
        let until = self.talk.soon();
        loop {
            let packet = match self.packet(until, expected).await? {
                Ok(packet) => packet,
                Err(how) => return Ok(Heard::Ended(how)),
            };
            let arrival = match &packet {
                Engine::Ping(data) if data.is_empty() => {
                    // A session that has ended meanwhile is seen by the next read.
                    self.try_say("3").await?;
                    continue;
                }
                Engine::Noop => continue,
                Engine::Message(text) => self.assembler.text(text),
                Engine::Binary(bytes) => self.assembler.binary(Bytes::copy_from_slice(bytes)),
                other => return Err(broken(expected, format!("the packet {}", shown(&other.to_text())))),
            };
            match arrival.map_err(|error| broken(expected, format!("{}: {error}", shown(&packet.to_text()))))? {
                Arrival::Packet(packet) => {
                    let args = plain_args(&packet.body);
                    return Ok(Heard::Packet(packet, args));
                }
                Arrival::Binary(assembled) => return Ok(Heard::Packet(assembled.packet, assembled.args)),
                Arrival::Waiting { .. } => {}
            }
        }
    }

    /// Waits for the end of the session, whatever comes before; pings are answered.
    pub(super) async fn ends(&mut self, why: &str) -> Done {
        self.ends_until(self.talk.soon(), why).await
    }

    /// The same, with more time for it.
    pub(super) async fn ends_until(&mut self, until: Instant, why: &str) -> Done {
        let expected = format!("the end of the session: {why}");
        loop {
            match self.packet(until, &expected).await? {
                Ok(Engine::Ping(_)) => {
                    self.try_say("3").await?;
                }
                Ok(_) if Instant::now() < until => {}
                Ok(_) => return Err(self.talk.nothing(&expected)),
                Err(_) => return Ok(()),
            }
        }
    }

    /// Sends CONNECT with nothing in it, and takes what follows: the answer, and `auth`. The session's id there.
    pub(super) async fn connect(&mut self, namespace: &str) -> Result<String, Miss> {
        self.connect_with(namespace, None).await
    }

    /// Sends CONNECT, and takes what follows. The session's id there.
    pub(super) async fn connect_with(&mut self, namespace: &str, auth: Option<Value>) -> Result<String, Miss> {
        let body = Body::Connect { payload: auth.clone() };
        self.send(&[Engine::Message(body.within(space(namespace)?).to_text().into())]).await?;
        let expected = format!("CONNECT for {namespace} with a sid");
        let heard = self.hear(&expected).await?;
        let sid = match &heard {
            Heard::Packet(packet, _) if packet.namespace.as_str() == namespace => match &packet.body {
                Body::Connect { payload: Some(payload) } => payload.get("sid").and_then(Value::as_str),
                _ => None,
            },
            _ => None,
        };
        let Some(sid) = sid.filter(|sid| !sid.is_empty()).map(str::to_owned) else {
            return Err(broken(expected, heard.to_string()));
        };
        let auth = Data::from(auth.unwrap_or_else(|| json!({})));
        self.hears_event(namespace, "auth", &[auth]).await?;
        Ok(sid)
    }

    /// Takes an event, which has to have these arguments.
    pub(super) async fn hears_event(&mut self, namespace: &str, name: &str, args: &[Data]) -> Done {
        let expected = format!("the event {name} in {namespace} with {}", shown(&format!("{args:?}")));
        let heard = self.hear(&expected).await?;
        let fits = match &heard {
            Heard::Packet(packet, got) => {
                let named = match &packet.body {
                    Body::Event { name, .. } | Body::BinaryEvent { name, .. } => Some(name),
                    _ => None,
                };
                named.is_some_and(|named| named == name) && packet.namespace.as_str() == namespace && got == args
            }
            Heard::Ended(_) => false,
        };
        if fits { Ok(()) } else { Err(broken(expected, heard.to_string())) }
    }

    /// Takes an ack, which has to have this id and these arguments.
    pub(super) async fn hears_ack(&mut self, namespace: &str, id: u64, args: &[Data]) -> Done {
        let expected = format!("the ack {id} in {namespace} with {}", shown(&format!("{args:?}")));
        let heard = self.hear(&expected).await?;
        let fits = match &heard {
            Heard::Packet(packet, got) => {
                let of = match &packet.body {
                    Body::Ack { id, .. } | Body::BinaryAck { id, .. } => Some(*id),
                    _ => None,
                };
                of == Some(id) && packet.namespace.as_str() == namespace && got == args
            }
            Heard::Ended(_) => false,
        };
        if fits { Ok(()) } else { Err(broken(expected, heard.to_string())) }
    }

    /// Emits an event.
    pub(super) async fn emit(&mut self, namespace: &str, name: &str, args: &[Data], ack: Option<u64>) -> Done {
        let packets = event(namespace, name, args, ack)?;
        self.send(&packets).await
    }

    /// Emits `message`, and takes the same arguments back.
    pub(super) async fn echoes(&mut self, namespace: &str, args: &[Data]) -> Done {
        self.emit(namespace, "message", args, None).await?;
        self.hears_event(namespace, "message-back", args).await
    }

    /// The session still works: something that was said comes back.
    pub(super) async fn lives(&mut self) -> Done {
        self.echoes("/", &[Data::Text("still there?".to_owned())]).await
    }
}

/// The packets of an event: its text, and its attachments.
pub(super) fn event(
    namespace: &str,
    name: &str,
    args: &[Data],
    ack: Option<u64>,
) -> Result<Vec<Engine<'static>>, Miss> {
    let (body, attachments) = Body::binary_event(name, args.to_vec(), ack);
    let body = match body {
        Body::BinaryEvent { name, args, ack, attachments: 0 } => Body::Event { name, args, ack },
        body => body,
    };
    let mut packets = vec![Engine::Message(body.within(space(namespace)?).to_text().into())];
    packets.extend(attachments.into_iter().map(|bytes| Engine::Binary(bytes.to_vec().into())));
    Ok(packets)
}

fn space(namespace: &str) -> Result<Namespace, Miss> {
    Namespace::new(namespace).map_err(|error| Miss::NotTested(error.to_string()))
}

/// The arguments of a packet that has no attachments.
fn plain_args(body: &Body) -> Vec<Data> {
    match body {
        Body::Event { args, .. } | Body::Ack { args, .. } => args.iter().cloned().map(Data::from).collect(),
        Body::BinaryEvent { .. }
        | Body::BinaryAck { .. }
        | Body::Connect { .. }
        | Body::Disconnect
        | Body::ConnectError { .. } => Vec::new(),
    }
}

fn not_a_packet(text: &str, error: &crate::wire::WireError) -> Miss {
    broken("packets of Engine.IO 4", format!("{:?}: {error}", shown(text)))
}

/// What was expected, in place of the poll that would have brought it.
fn waiting_for(miss: Miss, expected: &str) -> Miss {
    match miss {
        Miss::Broken { got, .. } => broken(expected, got),
        other => other,
    }
}
