//! What happens on a plugin's connection: from the handshake to the events, all in one go over what was read.

use std::time::Instant;

use mio::{Interest, Token};
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::frames::{self, Found, LARGEST_MESSAGE};
use super::line::Line;
use super::news::{Failure, Kind, News};
use super::socket::{NARROW, Slow, Socket, Stage};
use super::timers::What;
use super::upgrade::{self, Said};
use super::{Leave, Swarm, Watcher};
use crate::wire::engine::Packet as EnginePacket;
use crate::wire::socket::Kind as SocketKind;
use crate::wire::{Incoming, WireError};

/// A close frame's payload: going away.
const GOING_AWAY: [u8; 2] = 1001_u16.to_be_bytes();

impl Swarm {
    /// Lets a plugin begin to connect, if it has no connection. `bytes_per_s` is how slowly it reads, if it does.
    pub fn connect(&mut self, plugin: u32, bytes_per_s: Option<u32>, watcher: &mut dyn Watcher) {
        let Some(slot @ None) = self.sockets.get_mut(plugin as usize) else { return };
        let from = match self.sources.len() {
            0 => None,
            count => self.sources.get(plugin as usize % count).copied(),
        };
        let now = Instant::now();
        let begun = Line::connect(self.opening.hub, from).and_then(|mut line| {
            if bytes_per_s.is_some() {
                line.narrow(NARROW);
            }
            let both = Interest::READABLE | Interest::WRITABLE;
            self.poll.registry().register(&mut line.stream, Token(plugin as usize), both)?;
            Ok(line)
        });
        match begun {
            Ok(line) => {
                self.attempts = self.attempts.wrapping_add(1);
                let attempt = self.attempts;
                let reads = bytes_per_s.map(|bytes| Box::new(Slow::new(bytes, now)));
                let stage = Stage::Opening;
                *slot = Some(Socket { line, stage, attempt, since: now, fragments: None, slow: reads });
                self.timers.set(now + self.connect_within, What::Attempt(plugin, attempt));
            }
            Err(error) => watcher.see(self, News::NotJoined { plugin, failure: Failure::of(&error) }),
        }
    }

    /// Sends a Socket.IO text as a plugin: whether all of it has gone to the system. `false` as well where there is no connection,
    /// or none any more; the watcher is told of that by itself.
    pub fn send(&mut self, plugin: u32, text: &[u8]) -> bool {
        self.send_frame(plugin, OpCode::Data(Data::Text), text)
    }

    /// Whether a plugin is connected.
    #[must_use]
    pub fn is_joined(&self, plugin: u32) -> bool {
        let socket = self.sockets.get(plugin as usize).and_then(Option::as_ref);
        socket.is_some_and(|socket| socket.stage == Stage::Joined)
    }

    /// The number of the connection that a plugin has; another one for each.
    #[must_use]
    pub fn connection_of(&self, plugin: u32) -> Option<u32> {
        self.sockets.get(plugin as usize).and_then(Option::as_ref).map(|socket| socket.attempt)
    }

    /// Ends a plugin's connection. Nothing is told of it any more. Whether it was connected.
    pub fn drop_plugin(&mut self, plugin: u32, how: Leave) -> bool {
        if how == Leave::Close {
            self.send_frame(plugin, OpCode::Control(Control::Close), &GOING_AWAY);
        }
        let Some(socket) = self.sockets.get_mut(plugin as usize).and_then(Option::take) else { return false };
        match how {
            Leave::Close => socket.line.hang_up(),
            Leave::Reset => socket.line.reset(),
        }
        let was_joined = socket.stage == Stage::Joined;
        self.joined -= usize::from(was_joined);
        was_joined
    }

    fn send_frame(&mut self, plugin: u32, opcode: OpCode, payload: &[u8]) -> bool {
        let mask = self.next_mask();
        let Some(socket) = self.sockets.get_mut(plugin as usize).and_then(Option::as_mut) else { return false };
        self.out.clear();
        frames::append(&mut self.out, opcode, payload, mask);
        // What goes wrong here shows where it is read.
        socket.line.send(&self.out).unwrap_or(false)
    }

    pub(super) fn attempt_over(&mut self, plugin: u32, attempt: u32, watcher: &mut dyn Watcher) {
        let socket = self.sockets.get(plugin as usize).and_then(Option::as_ref);
        if socket.is_some_and(|socket| socket.attempt == attempt && socket.stage != Stage::Joined) {
            let waited = self.connect_within;
            let stage = match socket.map(|socket| socket.stage) {
                Some(Stage::Opening) => "no connection",
                Some(Stage::Upgrading) => "no answer to the WebSocket handshake",
                Some(Stage::Greeting) => "no Engine.IO handshake",
                _ => "no answer to CONNECT",
            };
            self.fail(plugin, Failure::new(Kind::Timeout, format!("{stage} within {waited:?}")), watcher);
        }
    }

    fn fail(&mut self, plugin: u32, failure: Failure, watcher: &mut dyn Watcher) {
        let Some(socket) = self.sockets.get_mut(plugin as usize).and_then(Option::take) else { return };
        if socket.stage == Stage::Joined {
            self.joined -= 1;
            watcher.see(self, News::Gone { plugin, failure });
        } else {
            watcher.see(self, News::NotJoined { plugin, failure });
        }
    }

    /// Something may have come, or may be sent.
    pub(super) fn plugin_ready(&mut self, plugin: u32, watcher: &mut dyn Watcher) {
        let Some(socket) = self.sockets.get_mut(plugin as usize).and_then(Option::as_mut) else { return };
        let attempt = socket.attempt;
        if socket.stage == Stage::Opening {
            match socket.line.is_open() {
                Ok(false) => return,
                Ok(true) => {
                    socket.stage = Stage::Upgrading;
                    self.out.clear();
                    self.out.extend_from_slice(&self.opening.request);
                    self.out.extend_from_slice(upgrade::key(u64::from(attempt)).as_bytes());
                    self.out.extend_from_slice(b"\r\n\r\n");
                    socket.line.keep(&self.out);
                }
                Err(error) => return self.fail(plugin, Failure::of(&error), watcher),
            }
        }
        if let Err(error) = socket.line.flush() {
            return self.fail(plugin, Failure::of(&error), watcher);
        }
        let mut room = std::mem::take(&mut self.room);
        self.read(plugin, attempt, &mut room, watcher);
        self.room = room;
    }

    /// Reads until there is nothing more, or the connection is another one.
    fn read(&mut self, plugin: u32, attempt: u32, room: &mut [u8], watcher: &mut dyn Watcher) {
        loop {
            let socket = self.sockets.get_mut(plugin as usize).and_then(Option::as_mut);
            let Some(socket) = socket.filter(|socket| socket.attempt == attempt) else { return };
            let now = Instant::now();
            let most = match socket.slow.as_mut().map(|slow| slow.allowance(now)) {
                None => room.len(),
                Some(Ok(most)) => most.min(room.len()),
                Some(Err(again)) => {
                    if let Some(again) = again {
                        self.timers.set(again, What::Reading(plugin));
                    }
                    return;
                }
            };
            let failure = match socket.line.read(room.get_mut(..most).unwrap_or_default()) {
                Ok(None) => return,
                Ok(Some(0)) => Failure::new(Kind::Closed, "the hub ended the connection"),
                Err(error) => Failure::of(&error),
                Ok(Some(count)) => {
                    if let Some(slow) = &mut socket.slow {
                        slow.has_read(count, now);
                    }
                    let fresh = room.get(..count).unwrap_or_default();
                    self.take_in(plugin, attempt, fresh, now, watcher);
                    if count < most {
                        // The system says so when more has come.
                        return;
                    }
                    continue;
                }
            };
            return self.fail(plugin, failure, watcher);
        }
    }

    /// Takes what was read apart, and keeps what is not whole.
    fn take_in(&mut self, plugin: u32, attempt: u32, fresh: &[u8], at: Instant, watcher: &mut dyn Watcher) {
        let Some(socket) = self.sockets.get_mut(plugin as usize).and_then(Option::as_mut) else { return };
        let joined = socket.line.joined(fresh);
        let bytes = joined.as_deref().unwrap_or(fresh);
        let mut used = 0;
        loop {
            let socket = self.sockets.get_mut(plugin as usize).and_then(Option::as_mut);
            let Some(socket) = socket.filter(|socket| socket.attempt == attempt) else { return };
            let rest = bytes.get(used..).unwrap_or_default();
            if rest.is_empty() {
                return;
            }
            if socket.stage == Stage::Upgrading {
                match upgrade::answer(rest, u64::from(attempt)) {
                    Said::NotAll => break,
                    Said::Open(head) => {
                        socket.stage = Stage::Greeting;
                        used += head;
                        continue;
                    }
                    Said::Other(why) => return self.fail(plugin, Failure::new(Kind::Handshake, why), watcher),
                }
            }
            match frames::first(rest) {
                Ok(None) => break,
                Ok(Some(found)) => {
                    let payload = rest.get(found.payload.clone()).unwrap_or_default();
                    used += found.payload.end;
                    self.frame(plugin, &found, payload, at, watcher);
                }
                Err(why) => return self.fail(plugin, Failure::new(Kind::Nonsense, why), watcher),
            }
        }
        let Some(socket) = self.sockets.get_mut(plugin as usize).and_then(Option::as_mut) else { return };
        match joined {
            Some(all) => socket.line.put_back_joined(all, used),
            None => socket.line.put_back(fresh.get(used..).unwrap_or_default()),
        }
    }

    fn frame(&mut self, plugin: u32, found: &Found, payload: &[u8], at: Instant, watcher: &mut dyn Watcher) {
        let Some(socket) = self.sockets.get_mut(plugin as usize).and_then(Option::as_mut) else { return };
        match found.opcode {
            OpCode::Control(Control::Ping) => {
                self.send_frame(plugin, OpCode::Control(Control::Pong), payload);
            }
            OpCode::Control(Control::Close) => {
                self.send_frame(plugin, OpCode::Control(Control::Close), payload);
                self.fail(plugin, Failure::new(Kind::Closed, "the hub closed the WebSocket"), watcher);
            }
            OpCode::Control(_) => {}
            OpCode::Data(data) if found.is_final && socket.fragments.is_none() => {
                if data == Data::Text {
                    self.message(plugin, payload, at, watcher);
                }
            }
            OpCode::Data(data) => {
                let fragments = socket.fragments.get_or_insert_with(|| Box::new((data == Data::Text, Vec::new())));
                fragments.1.extend_from_slice(payload);
                let too_large = fragments.1.len() > LARGEST_MESSAGE;
                let whole = if found.is_final { socket.fragments.take() } else { None };
                if too_large {
                    let why = format!("a message of more than {LARGEST_MESSAGE} bytes");
                    self.fail(plugin, Failure::new(Kind::Nonsense, why), watcher);
                } else if let Some(whole) = whole.filter(|whole| whole.0) {
                    self.message(plugin, &whole.1, at, watcher);
                }
            }
        }
    }

    fn message(&mut self, plugin: u32, bytes: &[u8], at: Instant, watcher: &mut dyn Watcher) {
        let read = Incoming::read_bytes(bytes);
        let frame = match read {
            Ok(Incoming::Socket(frame)) => frame,
            Ok(Incoming::Engine(packet)) => return self.engine(plugin, packet, watcher),
            Err(error) => return self.unreadable(plugin, &error, watcher),
        };
        let Some(socket) = self.sockets.get_mut(plugin as usize).and_then(Option::as_mut) else { return };
        if frame.namespace != "/" {
            return;
        }
        match (frame.kind, socket.stage) {
            (SocketKind::Event, Stage::Joined) => watcher.see(self, News::Event { plugin, frame, at }),
            (SocketKind::Connect, Stage::Joining) => {
                socket.stage = Stage::Joined;
                let took = socket.since.elapsed();
                self.joined += 1;
                watcher.see(self, News::Joined { plugin, took });
            }
            (SocketKind::ConnectError, Stage::Joining) => {
                let why = frame.json.unwrap_or("without a reason").to_owned();
                self.fail(plugin, Failure::new(Kind::Rejected, format!("the hub refused CONNECT: {why}")), watcher);
            }
            (SocketKind::Disconnect, _) => {
                self.fail(plugin, Failure::new(Kind::Closed, "the hub disconnected the socket"), watcher);
            }
            _ => {}
        }
    }

    fn engine(&mut self, plugin: u32, packet: EnginePacket<'_>, watcher: &mut dyn Watcher) {
        let Some(socket) = self.sockets.get_mut(plugin as usize).and_then(Option::as_mut) else { return };
        match packet {
            EnginePacket::Open(_) if socket.stage == Stage::Greeting => {
                socket.stage = Stage::Joining;
                watcher.see(self, News::Greeted { plugin });
            }
            EnginePacket::Ping(data) => {
                let mut pong = std::mem::take(&mut self.pong);
                pong.clear();
                pong.push(b'3');
                pong.extend_from_slice(data.as_bytes());
                self.send(plugin, &pong);
                self.pong = pong;
            }
            EnginePacket::Close => {
                self.fail(plugin, Failure::new(Kind::Closed, "the hub closed the Engine.IO session"), watcher);
            }
            _ => {}
        }
    }

    fn unreadable(&mut self, plugin: u32, error: &WireError, watcher: &mut dyn Watcher) {
        let failure = Failure::new(Kind::Nonsense, format!("a frame that is no Socket.IO: {error}"));
        self.fail(plugin, failure, watcher);
    }
}
