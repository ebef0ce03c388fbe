//! A live driver whose plugins' sockets are those of a client of another maker.
//!
//! The stage speaks in frames, and such a client in events. So what the stage sends is read and done by the client, and what
//! the client sees is told as the frame that it must have been. Everything but the sockets is the live driver's own.

use std::cell::Cell;
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use hubproof::event::SocketId;
use hubproof::hub::HubConfig;
use hubproof::live::LiveDriver;
use hubproof::stage::driver::NextOccurrence;
use hubproof::stage::{Driver, Effect, Occurrence, Setting};
use hubproof::vinted::Vinted;
use hubproof::wire::socket::Kind;
use hubproof::wire::{Incoming, compose};
use serde_json::{Value, json};

use super::peer::Peer;

/// What a hub says first; the client keeps it to itself.
const OPEN: &str = r#"0{"sid":"foreign","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

/// Real seconds for a documented one, as the other tests of live runs have it.
const SCALE: f64 = 0.02;

/// The client between two scenarios, and how many had it before.
#[derive(Clone)]
pub(crate) struct Lent(Rc<Cell<Option<(Peer, usize)>>>);

impl Lent {
    pub(crate) fn new(peer: Peer) -> Self {
        Self(Rc::new(Cell::new(Some((peer, 0)))))
    }

    /// The client, which nobody has just now.
    pub(crate) fn back(self) -> Peer {
        self.0.take().expect("a client that is back").0
    }
}

/// A driver with a hub of its own.
pub(crate) struct ForeignDriver {
    live: LiveDriver,
    url: String,
    lent: Lent,
    /// There until this is dropped.
    peer: Option<Peer>,
    /// How many scenarios had the client before, which makes names of plugins its own.
    scenario: usize,
    /// Sockets that the client has opened and nobody has closed.
    open: BTreeSet<SocketId>,
    /// What is to be told first.
    told: VecDeque<Occurrence>,
}

impl ForeignDriver {
    /// A driver with the client that is lent; it goes back when the driver is dropped.
    pub(crate) fn new(config: HubConfig, lent: &Lent) -> Self {
        let live = LiveDriver::own_hub(config, SCALE).expect("a free port");
        let url = live.hub().expect("its own hub").url();
        let (peer, scenario) = lent.0.take().expect("one scenario at a time");
        let (open, told) = (BTreeSet::new(), VecDeque::new());
        Self { live, url, lent: lent.clone(), peer: Some(peer), scenario, open, told }
    }

    fn name(&self, socket: SocketId) -> String {
        format!("scenario {}, socket {}", self.scenario, socket.0)
    }

    fn order(&self, socket: SocketId, mut order: Value) {
        order["plugin"] = json!(self.name(socket));
        self.peer.as_ref().expect("a client").order(order);
    }

    fn transmit(&mut self, socket: SocketId, text: &str) {
        let Ok(Incoming::Socket(frame)) = Incoming::read(text) else {
            panic!("no well-behaved client says {text}");
        };
        match frame.kind {
            Kind::Connect => {
                let mut order = json!({"do": "open", "url": self.url, "transports": ["websocket"], "reconnect": false});
                if let Some(auth) = frame.payload::<Value>().expect("JSON") {
                    order["auth"] = auth;
                }
                self.open.insert(socket);
                self.order(socket, order);
            }
            Kind::Event => {
                let (name, args) = frame.event::<Vec<Value>>().expect("an event");
                self.order(socket, json!({"do": "say", "name": name, "args": args, "ack": frame.ack.is_some()}));
            }
            other => panic!("a client of another maker is not told to say {other:?}: {text}"),
        }
    }

    fn close(&mut self, socket: SocketId) {
        if self.open.remove(&socket) {
            self.order(socket, json!({"do": "close"}));
            self.told.push_back(Occurrence::Closed(socket));
        }
    }

    /// What a report says of a socket of this scenario.
    fn translated(&mut self, report: &Value) -> Option<Occurrence> {
        assert_ne!(report["saw"], "trouble", "{report}");
        let socket = self.open.iter().copied().find(|socket| report["plugin"] == self.name(*socket))?;
        let text = match report["saw"].as_str()? {
            "connected" => r#"40{"sid":"foreign"}"#.to_owned(),
            "refused" => format!("44{}", report["reason"]),
            "event" => {
                let (name, args) = (report["name"].as_str()?, report["args"].as_array()?);
                compose::event_in(&hubproof::wire::socket::Namespace::root(), name, args, None).expect("JSON")
            }
            "disconnected" => {
                self.open.remove(&socket);
                return Some(Occurrence::Closed(socket));
            }
            _ => return None,
        };
        Some(Occurrence::Text(socket, text))
    }
}

impl Driver for ForeignDriver {
    fn setting(&self) -> Setting {
        self.live.setting()
    }

    fn now(&self) -> Duration {
        self.live.now()
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Open(socket) => {
                self.told.push_back(Occurrence::Opened(socket));
                self.told.push_back(Occurrence::Text(socket, OPEN.to_owned()));
            }
            Effect::Transmit(socket, text) => self.transmit(socket, &text),
            Effect::Close(socket) => self.close(socket),
            Effect::Reset(_) | Effect::Freeze(_) | Effect::TransmitBinary(..) => {
                panic!("no client of another maker is told to misbehave")
            }
            Effect::Ask(..) | Effect::GiveUp(_) | Effect::Fetch(..) => self.live.perform(effect),
        }
    }

    fn next(&mut self, until: Duration) -> NextOccurrence<'_> {
        Box::pin(async move {
            loop {
                if let Some(occurrence) = self.told.pop_front() {
                    return occurrence;
                }
                let peer = self.peer.as_mut().expect("a client");
                let report = tokio::select! {
                    biased;
                    report = peer.next() => report,
                    occurrence = self.live.next(until) => return occurrence,
                };
                if let Some(occurrence) = self.translated(&report) {
                    return occurrence;
                }
            }
        })
    }

    fn lateness(&self, since: Duration) -> Duration {
        self.live.lateness(since)
    }

    fn at_vinted(&mut self, act: &mut dyn FnMut(&mut Vinted)) {
        self.live.at_vinted(act);
    }
}

impl Drop for ForeignDriver {
    fn drop(&mut self) {
        for socket in std::mem::take(&mut self.open) {
            self.order(socket, json!({"do": "close"}));
        }
        let peer = self.peer.take().expect("a client");
        self.lent.0.set(Some((peer, self.scenario + 1)));
    }
}
