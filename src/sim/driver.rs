//! The clock and the queue of what comes next.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use super::link::{Heard, Link};
use crate::contract::marketplace::MarketRequest;
use crate::event::{Facts, SocketId};
use crate::hub::{ConnId, Hub, HubConfig, Input, LogLevel, Output, Token};
use crate::stage::driver::NextOccurrence;
use crate::stage::{AskNo, Driver, Effect, FetchNo, Occurrence, Pings, ServerManners, Setting};
use crate::vinted::{Settings, Vinted};

/// How much later than its time something may be seen: nothing is late here, but durations are rounded.
const TOLERANCE: Duration = Duration::from_millis(1);

/// How long to wait, in virtual time, for what has to come.
const PATIENCE: Duration = Duration::from_secs(5);

/// After so many occurrences others have a turn, so that a run can be interrupted, however long it is in virtual time.
const TURN: u64 = 1000;

/// Something that comes at a certain time.
#[derive(Debug)]
enum Item {
    Occurs(Occurrence),
    Opens(SocketId),
    Heard(SocketId, String),
    HeardBinary(SocketId, Vec<u8>),
    Leaves(SocketId),
    Ping(SocketId),
    PongDue(SocketId, u64),
    ConnectDue(SocketId),
    Asks(Input),
    Fetches(FetchNo, MarketRequest),
}

/// The driver in virtual time.
#[derive(Debug)]
pub struct SimDriver {
    now: Duration,
    queue: BTreeMap<(Duration, u64), Item>,
    queued: u64,
    hub: Hub,
    config: HubConfig,
    manners: ServerManners,
    links: BTreeMap<SocketId, Link>,
    sockets: BTreeMap<ConnId, SocketId>,
    vinted: Vinted,
    occurred: u64,
}

impl SimDriver {
    /// A run against a hub of this configuration.
    #[must_use]
    pub fn new(config: HubConfig) -> Self {
        let vinted = Vinted::new(Settings { seed: config.seed, ..Settings::default() });
        Self {
            now: Duration::ZERO,
            queue: BTreeMap::new(),
            queued: 0,
            manners: ServerManners::default().with_flaws(&config.flaws),
            hub: Hub::new(config.clone()),
            config,
            links: BTreeMap::new(),
            sockets: BTreeMap::new(),
            vinted,
            occurred: 0,
        }
    }

    fn after(&mut self, delay: Duration, item: Item) {
        self.queue.insert((self.now + delay, self.queued), item);
        self.queued += 1;
    }

    fn soon(&mut self, item: Item) {
        self.after(Duration::ZERO, item);
    }

    fn transmit(&mut self, socket: SocketId, text: String) {
        self.soon(Item::Occurs(Occurrence::Text(socket, text)));
    }

    /// Carries out one item; what it means to the stage, if anything.
    fn carry_out(&mut self, item: Item) -> Option<Occurrence> {
        match item {
            Item::Occurs(occurrence) => return Some(occurrence),
            Item::Opens(socket) => self.open(socket),
            Item::Heard(socket, text) => self.heard(socket, &text),
            Item::HeardBinary(socket, bytes) => {
                let heard = self.links.get_mut(&socket).map(|link| link.hear_binary(bytes));
                self.take(socket, heard);
            }
            Item::Leaves(socket) => {
                self.end(socket);
            }
            Item::Ping(socket) => self.ping(socket),
            Item::PongDue(socket, ping) => {
                if self.links.get(&socket).is_some_and(|link| !link.answered(ping)) {
                    self.hang_up(socket);
                }
            }
            Item::ConnectDue(socket) => {
                if self.links.get(&socket).is_some_and(|link| !link.connected()) {
                    self.hang_up(socket);
                }
            }
            Item::Asks(input) => self.hub(input),
            Item::Fetches(fetch, request) => {
                let response = self.vinted.handle(self.now, &request).seen();
                let took = response.as_ref().map_or(Duration::ZERO, |response| response.took);
                self.after(took, Item::Occurs(Occurrence::Fetched(fetch, response)));
            }
        }
        None
    }

    fn open(&mut self, socket: SocketId) {
        let conn = ConnId(socket.0 as u64);
        let link = Link::new(conn);
        let handshake = link.handshake(&self.manners, self.config.max_bytes);
        self.links.insert(socket, link);
        self.sockets.insert(conn, socket);
        self.soon(Item::Occurs(Occurrence::Opened(socket)));
        self.transmit(socket, handshake);
        self.after(self.manners.first_ping, Item::Ping(socket));
        self.after(self.manners.connect_timeout, Item::ConnectDue(socket));
    }

    fn heard(&mut self, socket: SocketId, text: &str) {
        let heard = self.links.get_mut(&socket).map(|link| link.hear(text));
        self.take(socket, heard);
    }

    fn take(&mut self, socket: SocketId, heard: Option<Heard>) {
        match heard {
            Some(Heard::Hub(input)) => self.hub(input),
            Some(Heard::Nothing) | None => {}
            Some(Heard::End) => self.hang_up(socket),
        }
    }

    fn ping(&mut self, socket: SocketId) {
        let Some(link) = self.links.get_mut(&socket) else {
            return;
        };
        let (ping, number) = link.ping();
        self.transmit(socket, ping);
        self.after(self.manners.ping_timeout, Item::PongDue(socket, number));
        self.after(self.manners.ping_interval, Item::Ping(socket));
    }

    /// Ends a connection from the server's side.
    fn hang_up(&mut self, socket: SocketId) {
        if self.end(socket) {
            self.soon(Item::Occurs(Occurrence::Closed(socket)));
        }
    }

    /// Forgets a connection and tells the hub; whether there was one.
    fn end(&mut self, socket: SocketId) -> bool {
        let Some(link) = self.links.remove(&socket) else {
            return false;
        };
        self.sockets.remove(&link.conn());
        self.hub(Input::Disconnect { conn: link.conn() });
        true
    }

    fn hub(&mut self, input: Input) {
        let mut outputs = Vec::new();
        self.hub.handle(self.now, input, &mut outputs);
        for output in outputs {
            self.put_out(output);
        }
    }

    fn put_out(&mut self, output: Output) {
        let socket_of = |conn| self.sockets.get(&conn).copied();
        match output {
            Output::Accept { conn } => {
                if let Some((socket, link)) =
                    socket_of(conn).and_then(|socket| Some((socket, self.links.get_mut(&socket)?)))
                {
                    let text = link.accept();
                    self.transmit(socket, text);
                }
            }
            Output::Refuse { conn, message } => {
                if let Some(socket) = socket_of(conn) {
                    self.transmit(socket, Link::refuse(message));
                }
            }
            Output::Emit { conn, command } => {
                if let Some(socket) = socket_of(conn) {
                    self.transmit(socket, Link::command(&command));
                }
            }
            Output::Close { conn } => {
                if let Some(socket) = socket_of(conn) {
                    self.hang_up(socket);
                }
            }
            Output::Reply { token, reply } => self.soon(Item::Occurs(Occurrence::Replied(AskNo(token.0), Ok(reply)))),
            Output::Log(line) if line.level > LogLevel::Debug => {
                self.soon(Item::Occurs(Occurrence::Logged(line.to_string())));
            }
            // Stop comes after every connection was closed, and there is no listener here.
            Output::Log(_) | Output::Stop => {}
        }
    }

    /// Lets time go on to the next occurrence, to `until` at the most.
    fn run(&mut self, until: Duration) -> Occurrence {
        loop {
            let item = self.queue.first_key_value().map(|((at, _), _)| *at);
            let deadline = self.hub.next_deadline();
            let next = item.into_iter().chain(deadline).min();
            let Some(next) = next.filter(|next| *next <= until) else {
                self.now = self.now.max(until);
                return Occurrence::Reached;
            };
            self.now = self.now.max(next);
            // What arrives at the very moment of a deadline is in time.
            if item.is_some_and(|item| item <= next) {
                let occurrence = self.queue.pop_first().and_then(|(_, item)| self.carry_out(item));
                if let Some(occurrence) = occurrence {
                    return occurrence;
                }
            } else {
                self.hub(Input::Tick);
            }
        }
    }
}

impl Driver for SimDriver {
    fn setting(&self) -> Setting {
        let facts = Facts { scale: 1.0, tolerance: TOLERANCE, grace: Duration::ZERO, log: true, limit: None };
        Setting { facts, patience: PATIENCE, seed: self.config.seed, own_hub: true, may_shut_down: true }
    }

    fn now(&self) -> Duration {
        self.now
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Open(socket) => self.soon(Item::Opens(socket)),
            Effect::Transmit(socket, text) => self.soon(Item::Heard(socket, text)),
            Effect::TransmitBinary(socket, bytes) => self.soon(Item::HeardBinary(socket, bytes)),
            // However a client leaves, the server learns of it at once.
            Effect::Close(socket) | Effect::Reset(socket) | Effect::MidFrame(socket) => {
                self.soon(Item::Leaves(socket));
            }
            // Who never sends CONNECT is nobody to the hub.
            Effect::Intrude(_) => self.soon(Item::Occurs(Occurrence::Intruded(Ok(())))),
            // A client that reads nothing answers nothing: the server learns of it by the pong that does not come.
            Effect::Freeze(_) => {}
            Effect::Ask(ask, request) => self.soon(Item::Asks(Input::Ask { token: Token(ask.0), request })),
            Effect::GiveUp(ask) => self.soon(Item::Asks(Input::Abandon { token: Token(ask.0) })),
            Effect::Fetch(fetch, request) => self.soon(Item::Fetches(fetch, request)),
        }
    }

    fn next(&mut self, until: Duration) -> NextOccurrence<'_> {
        let occurrence = self.run(until);
        self.occurred += 1;
        let others_first = self.occurred.is_multiple_of(TURN);
        Box::pin(async move {
            if others_first {
                turn().await;
            }
            occurrence
        })
    }

    fn lateness(&self, _since: Duration) -> Duration {
        Duration::ZERO
    }

    fn set_pings(&mut self, documented: Pings) -> Option<Pings> {
        self.manners = ServerManners::default().with_pings(documented).with_flaws(&self.config.flaws);
        Some(documented)
    }

    fn set_limit(&mut self, max_bytes: usize) -> bool {
        self.config.max_bytes = max_bytes;
        self.hub = Hub::new(self.config.clone());
        true
    }

    fn at_vinted(&mut self, act: &mut dyn FnMut(&mut Vinted)) {
        act(&mut self.vinted);
    }
}

/// Lets everything else that is ready have a turn.
async fn turn() {
    let mut asked = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut asked, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
