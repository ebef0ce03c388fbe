//! The checkers of scenarios, over a part of a load: what was seen of some users in full, and single calls that failed. They have a
//! thread of their own, so that nobody waits for them.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};

use crate::checker::Bench;
use crate::contract::control::{CallError, ErrorKind, Outcome};
use crate::contract::guarantee::Area;
use crate::contract::message::{COMMAND_EVENT, RESPONSE_EVENT};
use crate::contract::user::UserId;
use crate::event::{By, CallId, Ended, Event, EventNo, Facts, Finding, PluginId, SocketId, Timeout, What};
use crate::figures::LoadFinding;

/// Something that was seen, with when: since the run began.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) at: Duration,
    /// Of which scene. Scenes are numbered from 0, and none is used again.
    pub(super) scene: u32,
    pub(super) what: Seen,
}

/// What was seen of a user.
#[derive(Debug)]
pub(super) enum Seen {
    /// From here on all of it, and no call is in flight. These plugins are connected, each on this connection.
    Begin { user: u64, connected: Vec<(u32, u32)> },
    /// A plugin connected.
    Joined { plugin: u32, connection: u32 },
    /// A plugin's connection ended.
    Left { connection: u32, by: By },
    /// A call was sent: its body.
    Started { call: u64, helper: bool, body: Vec<u8>, timeout: Duration },
    /// A command came: the event with its arguments.
    Received { plugin: u32, connection: u32, event: String, call: Option<u64> },
    /// An event went out: the whole frame.
    Sent { plugin: u32, connection: u32, frame: String, call: Option<u64> },
    /// A call ended: the answer to it, if it was an outcome.
    Ended { call: u64, answer: Option<Vec<u8>>, elapsed: Duration, lateness: Duration },
    /// No call is in flight any more, and nothing more comes of this scene.
    End,
}

/// Guarantees that are not judged here: a hub that is busy makes calls wait in ways that look like waiting for one another, and
/// notices late what has gone; what comes to a second socket when its call has ended is not kept; there are no jobs and no log; and
/// what is pending is looked at when the run is over.
fn is_judged(area: Area, number: u8) -> bool {
    match area {
        Area::Job | Area::Perf | Area::Log => false,
        Area::Corr => !matches!(number, 9 | 10),
        Area::Life => number != 2,
        Area::Iso => number != 4,
        _ => true,
    }
}

/// What a hub may be late by before it says anything: it is under load.
const TOLERANCE: Duration = Duration::from_secs(2);

/// The thread that judges.
#[derive(Debug)]
pub(super) struct Judge {
    notes: Option<Sender<Note>>,
    thread: Option<JoinHandle<Vec<LoadFinding>>>,
}

impl Judge {
    /// Starts it.
    pub(super) fn start(facts: Facts) -> std::io::Result<Self> {
        let (notes, heard) = channel();
        let facts = Facts { tolerance: TOLERANCE, ..facts };
        let thread = thread::Builder::new().name("judge".to_owned()).spawn(move || judge(&heard, facts))?;
        Ok(Self { notes: Some(notes), thread: Some(thread) })
    }

    pub(super) fn note(&self, note: Note) {
        if let Some(notes) = &self.notes {
            // It ends only when nobody notes anything any more.
            notes.send(note).ok();
        }
    }

    /// What it has found. Scenes that have not ended say nothing.
    pub(super) fn findings(&mut self) -> Vec<LoadFinding> {
        self.notes = None;
        self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or_default()
    }
}

fn judge(heard: &Receiver<Note>, facts: Facts) -> Vec<LoadFinding> {
    let mut scenes: BTreeMap<u32, Scene> = BTreeMap::new();
    let mut found: BTreeMap<String, LoadFinding> = BTreeMap::new();
    while let Ok(Note { at, scene, what }) = heard.recv() {
        match what {
            Seen::Begin { user, connected } => {
                scenes.insert(scene, Scene::begin(at, user, &connected, facts));
            }
            Seen::End => {
                if let Some(scene) = scenes.remove(&scene) {
                    scene.end(&mut found);
                }
            }
            what => {
                if let Some(scene) = scenes.get_mut(&scene) {
                    scene.see(at, what);
                }
            }
        }
    }
    found.into_values().collect()
}

/// One user for a while, as the checkers see a run.
struct Scene {
    bench: Bench,
    user: u64,
    next: usize,
    sockets: BTreeMap<u32, SocketId>,
    plugins: BTreeMap<u32, PluginId>,
    calls: BTreeMap<u64, CallId>,
}

impl Scene {
    fn begin(at: Duration, user: u64, connected: &[(u32, u32)], facts: Facts) -> Self {
        let mut scene = Self {
            bench: Bench::default(),
            user,
            next: 0,
            sockets: BTreeMap::new(),
            plugins: BTreeMap::new(),
            calls: BTreeMap::new(),
        };
        scene.add(at, What::Began(facts));
        for (plugin, connection) in connected {
            scene.joined(at, *plugin, *connection);
        }
        scene
    }

    fn add(&mut self, at: Duration, what: What) {
        let event = Event { no: EventNo(self.next), at, due: at, drawn: false, cause: None, what };
        self.next += 1;
        self.bench.observe(&event);
    }

    fn user(&self) -> UserId {
        UserId::from(self.user)
    }

    fn plugin(&mut self, plugin: u32) -> PluginId {
        let next = PluginId(self.plugins.len());
        *self.plugins.entry(plugin).or_insert(next)
    }

    fn joined(&mut self, at: Duration, plugin: u32, connection: u32) {
        let plugin = self.plugin(plugin);
        let socket = SocketId(self.sockets.len());
        self.sockets.insert(connection, socket);
        let auth = json!({ "user_id": self.user });
        self.add(at, What::Connecting { plugin, socket, user: Some(self.user()), auth: Some(auth) });
        self.add(at, What::Connected { plugin, socket });
    }

    fn see(&mut self, at: Duration, what: Seen) {
        match what {
            Seen::Joined { plugin, connection } => self.joined(at, plugin, connection),
            Seen::Left { connection, by } => {
                // Whose it was the checkers know by the socket.
                if let Some(socket) = self.sockets.get(&connection).copied() {
                    self.add(at, What::Gone { plugin: PluginId(0), socket, by });
                }
            }
            Seen::Started { call, helper, body, timeout } => {
                let body: Value = serde_json::from_slice(&body).unwrap_or_default();
                let id = CallId(self.calls.len());
                self.calls.insert(call, id);
                let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                let started = What::CallStarted {
                    call: id,
                    helper,
                    user: self.user(),
                    action: text("action"),
                    payload: body.get("payload").cloned().unwrap_or_default(),
                    timeout: Some(Timeout { documented: timeout, asked_s: timeout.as_secs_f64() }),
                    odd_timeout: None,
                };
                self.add(at, started);
            }
            Seen::Received { plugin, connection, event, call } => {
                let args = arguments(&event);
                let Some(socket) = self.sockets.get(&connection).copied() else { return };
                let (plugin, user) = (self.plugin(plugin), Some(self.user()));
                let call = call.and_then(|call| self.calls.get(&call)).copied();
                self.add(at, What::Received { plugin, socket, user, name: COMMAND_EVENT.to_owned(), args, call });
            }
            Seen::Sent { plugin, connection, frame, call } => {
                let args = arguments(frame.strip_prefix("42").unwrap_or_default());
                let Some(socket) = self.sockets.get(&connection).copied() else { return };
                let (plugin, user) = (self.plugin(plugin), Some(self.user()));
                let call = call.and_then(|call| self.calls.get(&call)).copied();
                let name = RESPONSE_EVENT.to_owned();
                self.add(at, What::Sent { plugin, socket, user, name, args, call, binary: false });
            }
            Seen::Ended { call, answer, elapsed, lateness } => {
                let Some(call) = self.calls.get(&call).copied() else { return };
                self.add(at, What::CallEnded { call, ended: ended(answer.as_deref()), elapsed, lateness });
            }
            Seen::Begin { .. } | Seen::End => {}
        }
    }

    fn end(self, found: &mut BTreeMap<String, LoadFinding>) {
        let user = self.user;
        for verdict in self.bench.finish() {
            let Finding::Broken(witnesses) = verdict.finding else { continue };
            let Some(first) = witnesses.first().filter(|_| is_judged(verdict.id.area, verdict.id.number)) else {
                continue;
            };
            let id = verdict.id.to_string();
            let finding = found.entry(id.clone()).or_insert_with(|| LoadFinding {
                guarantee: id,
                text: format!("expected {}; got {}", first.expected, first.got),
                user: Some(user.to_string()),
                count: 0,
            });
            finding.count += witnesses.len() as u64;
        }
    }
}

/// The arguments of an event, which is its name and they, in a list.
fn arguments(event: &str) -> Vec<Value> {
    let mut all: Vec<Value> = serde_json::from_str(event).unwrap_or_default();
    if all.is_empty() {
        return all;
    }
    all.remove(0);
    all
}

/// How a call ended by the answer to it. What is no outcome says nothing of the hub: the caller gave up.
fn ended(answer: Option<&[u8]>) -> Ended {
    match answer.map(serde_json::from_slice::<Outcome>) {
        Some(Ok(Outcome::Ok { value, .. })) => Ended::Value(value),
        Some(Ok(Outcome::Error { error: CallError { kind: ErrorKind::Internal, message, .. }, .. }))
            if crate::contract::text::timeout_in(&message).is_some() =>
        {
            Ended::Error(CallError::new(ErrorKind::Timeout, message))
        }
        Some(Ok(Outcome::Error { error, .. })) => Ended::Error(error),
        Some(Err(_)) | None => Ended::Cancelled,
    }
}
