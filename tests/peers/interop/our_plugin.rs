//! Our plugin's connection: the live driver's WebSocket with the session of `plugin` on top, and nothing else.

use std::time::Duration;

use hubproof::event::SocketId;
use hubproof::live::{LiveDriver, Remote};
use hubproof::plugin::{Notice, Session};
use hubproof::stage::{Driver, Effect, Occurrence};
use hubproof::wire::socket::{Kind, Namespace};
use hubproof::wire::{Incoming, compose};
use serde_json::{Value, json};

use crate::world::soon;

/// The only socket.
const SOCKET: SocketId = SocketId(0);

/// A plugin that is opening or open.
pub(crate) struct OurPlugin {
    driver: LiveDriver,
    session: Session,
    /// How many pings it has answered.
    pub(crate) pings: usize,
}

/// What the plugin learns.
#[derive(Debug, PartialEq)]
pub(crate) enum Learned {
    /// What its session says.
    Notice(Notice),
    /// An ack came: its id, its arguments.
    Ack(Option<u64>, Vec<Value>),
    /// An event came that asks for an ack with this id, and what its session says.
    Asked(u64, Notice),
    /// The WebSocket ended.
    Closed,
    /// The WebSocket could not be opened: why.
    Unreachable(String),
}

impl OurPlugin {
    /// Opens a connection to the hub at `url`.
    pub(crate) fn open(url: &str, auth: Option<Value>) -> Self {
        let remote = Remote {
            url: url.to_owned(),
            socket_io_path: None,
            // Not asked.
            control: url.to_owned(),
            token: None,
            scale: 1.0,
            seed: 1,
        };
        let mut driver = LiveDriver::remote(remote).expect("an address");
        driver.perform(Effect::Open(SOCKET));
        Self { driver, session: Session::new(auth), pings: 0 }
    }

    /// A connection as user 1, which the hub has taken.
    pub(crate) async fn connected(url: &str) -> Self {
        let mut plugin = Self::open(url, Some(json!({"user_id": 1})));
        assert_eq!(plugin.learns().await, Learned::Notice(Notice::Connected));
        plugin
    }

    /// What it learns next.
    pub(crate) async fn learns(&mut self) -> Learned {
        loop {
            if let Some(learned) = self.step().await {
                return learned;
            }
        }
    }

    /// Waits until it has answered so many pings. Nothing else may come.
    pub(crate) async fn pinged(&mut self, times: usize) {
        while self.pings < times {
            let learned = self.step().await;
            assert_eq!(learned, None);
        }
    }

    /// Waits for one occurrence, and what is to be known of it.
    async fn step(&mut self) -> Option<Learned> {
        let text = match soon("an occurrence", self.driver.next(Duration::MAX)).await {
            Occurrence::Text(SOCKET, text) => text,
            Occurrence::Closed(SOCKET) => return Some(Learned::Closed),
            Occurrence::Unreachable(SOCKET, why) => return Some(Learned::Unreachable(why)),
            Occurrence::Opened(SOCKET) => return None,
            other => panic!("{other:?}"),
        };
        if text == "2" {
            self.pings += 1;
        }
        let (reply, notice) = self.session.text(&text);
        if let Some(reply) = reply {
            self.transmit(reply);
        }
        if let Ok(Incoming::Socket(frame)) = Incoming::read(&text) {
            match (frame.kind, frame.ack) {
                (Kind::Ack, id) => return Some(Learned::Ack(id, frame.args().expect("arguments"))),
                (Kind::Event, Some(id)) => return notice.map(|notice| Learned::Asked(id, notice)),
                _ => {}
            }
        }
        notice.map(Learned::Notice)
    }

    /// The next event's arguments; nothing else may come.
    pub(crate) async fn event(&mut self, wanted: &str) -> Vec<Value> {
        match self.learns().await {
            Learned::Notice(Notice::Event { name, args }) if name == wanted => args,
            other => panic!("{wanted}, not {other:?}"),
        }
    }

    /// Emits an event, with this ack id if it is to ask for one.
    pub(crate) fn emit(&mut self, name: &str, args: &[Value], ack: Option<u64>) {
        let frame = compose::event_in(&Namespace::root(), name, args, ack).expect("JSON");
        self.transmit(frame);
    }

    /// Answers an event that asked for an ack.
    pub(crate) fn ack(&mut self, id: u64, args: &[Value]) {
        let frame = compose::ack_in(&Namespace::root(), id, args).expect("JSON");
        self.transmit(frame);
    }

    /// Closes the WebSocket.
    pub(crate) fn close(&mut self) {
        self.driver.perform(Effect::Close(SOCKET));
    }

    fn transmit(&mut self, frame: String) {
        self.driver.perform(Effect::Transmit(SOCKET, frame));
    }
}
