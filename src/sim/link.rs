//! The server's side of one connection: what the Socket.IO library in front of the hub does.

use serde_json::{Value, json};

use crate::contract::message::{COMMAND_EVENT, PluginCommand};
use crate::hub::{ConnId, Input};
use crate::stage::ServerManners;
use crate::wire::engine::{Handshake, Packet as EnginePacket};
use crate::wire::socket::{Arrival, Assembled, Assembler, Body, Kind, Namespace};
use crate::wire::{Incoming, WireError, compose};

/// The server's side of one connection.
#[derive(Debug)]
pub struct Link {
    conn: ConnId,
    connected: bool,
    /// Pings sent and pongs received.
    pings: u64,
    pongs: u64,
    /// A binary event whose attachments are still to come, and its size so far.
    assembler: Assembler,
    waiting_bytes: usize,
}

/// What a frame from the client means to the server.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Something for the hub.
    Hub(Input),
    /// Nothing that anybody waits for.
    Nothing,
    /// The client leaves, or talks nonsense: the connection ends.
    End,
}

impl Link {
    /// The link of the hub's connection of that number.
    #[must_use]
    pub fn new(conn: ConnId) -> Self {
        Self { conn, connected: false, pings: 0, pongs: 0, assembler: Assembler::default(), waiting_bytes: 0 }
    }

    /// The hub's number of the connection.
    #[must_use]
    pub fn conn(&self) -> ConnId {
        self.conn
    }

    /// Whether the hub has accepted it.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.connected
    }

    /// The first frame of the server.
    #[must_use]
    pub fn handshake(&self, manners: &ServerManners, max_bytes: usize) -> String {
        let millis = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        EnginePacket::Open(Handshake {
            sid: format!("sim-{}", self.conn.0),
            upgrades: Vec::new(),
            ping_interval_ms: millis(manners.ping_interval),
            ping_timeout_ms: millis(manners.ping_timeout),
            max_payload: Some(max_bytes as u64),
        })
        .to_text()
    }

    /// The answer to CONNECT when the hub accepts.
    pub fn accept(&mut self) -> String {
        self.connected = true;
        compose::connect(&Namespace::root(), &json!({"sid": format!("sim-{}", self.conn.0)})).unwrap_or_default()
    }

    /// The answer to CONNECT when the hub refuses.
    #[must_use]
    pub fn refuse(message: &str) -> String {
        format!("44{}", json!({ "message": message }))
    }

    /// A ping, and its number.
    pub fn ping(&mut self) -> (String, u64) {
        self.pings += 1;
        (EnginePacket::Ping("".into()).to_text(), self.pings)
    }

    /// Whether the ping of that number was answered.
    #[must_use]
    pub fn answered(&self, ping: u64) -> bool {
        self.pongs >= ping
    }

    /// A command as a frame; empty if it is no JSON, which a command always is.
    #[must_use]
    pub fn command(command: &PluginCommand) -> String {
        compose::event(COMMAND_EVENT, command, None).unwrap_or_default()
    }

    /// Takes a binary frame from the client.
    pub fn hear_binary(&mut self, bytes: Vec<u8>) -> Heard {
        self.waiting_bytes += bytes.len();
        let arrival = self.assembler.binary(bytes.into());
        self.arrived(arrival)
    }

    /// A binary event is handed to the hub once it is whole, and without its arguments, as the library does.
    fn arrived(&self, arrival: Result<Arrival, WireError>) -> Heard {
        match arrival {
            Ok(Arrival::Binary(Assembled { packet, .. })) => match packet.body {
                Body::BinaryEvent { name, .. } => {
                    Heard::Hub(Input::Event { conn: self.conn, name, args: Vec::new(), bytes: self.waiting_bytes })
                }
                _ => Heard::Nothing,
            },
            Ok(Arrival::Packet(_) | Arrival::Waiting { .. }) => Heard::Nothing,
            Err(_) => Heard::End,
        }
    }

    /// Takes a frame from the client.
    pub fn hear(&mut self, text: &str) -> Heard {
        let conn = self.conn;
        match Incoming::read(text) {
            Ok(Incoming::Engine(EnginePacket::Pong(_))) => {
                self.pongs += 1;
                Heard::Nothing
            }
            Ok(Incoming::Engine(EnginePacket::Close)) | Err(_) => Heard::End,
            Ok(Incoming::Engine(_)) => Heard::Nothing,
            // Only attachments may follow a binary event.
            Ok(Incoming::Socket(_)) if self.assembler.missing() > 0 => Heard::End,
            Ok(Incoming::Socket(frame)) if frame.namespace != "/" => Heard::Nothing,
            Ok(Incoming::Socket(frame)) => match frame.kind {
                Kind::Connect => match frame.payload::<Value>() {
                    Ok(auth) => Heard::Hub(Input::Connect { conn, auth }),
                    // What is no JSON names nobody, and is refused.
                    Err(_) => Heard::Hub(Input::Connect { conn, auth: None }),
                },
                Kind::Disconnect => Heard::End,
                Kind::BinaryEvent if self.connected => {
                    self.waiting_bytes = text.len();
                    let arrival = self.assembler.frame(&frame);
                    self.arrived(arrival)
                }
                Kind::Event if self.connected => match frame.event::<Vec<Value>>() {
                    Ok((name, args)) => {
                        Heard::Hub(Input::Event { conn, name: name.into_owned(), args, bytes: text.len() })
                    }
                    Err(_) => Heard::End,
                },
                _ => Heard::Nothing,
            },
        }
    }
}
