//! The hub.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hubproof::contract::control::{Reply, Request};
use hubproof::contract::message::RESPONSE_EVENT;
use hubproof::hub::{ConnId, Hub, HubConfig, Input, Output, Token};
use serde_json::Value;

/// What happens to a hub, one thing in a line: `connect AUTH`, `leave CONN`, `say CONN [ARG,…]` for a `plugin_response` in
/// which `ID0` stands for the first request id that was sent, `ask METHOD target body`, `abandon TOKEN`, `pass SECONDS`.
/// Connections and askers are counted from 0.
///
/// Commands go only to sockets that were accepted and are there. An asker gets one answer at the most, and when the hub has shut
/// down everybody has one who has not gone. What a socket says settles no call of another user (ISO-7).
pub(crate) fn hub(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut rig = Rig::new();
    for line in text.lines() {
        rig.act(line);
    }
    rig.ask("POST", "/shutdown", "");
    assert!(rig.waiting.is_empty(), "{:?} were left without an answer", rig.waiting.keys());
}

struct Rig {
    hub: Hub,
    now: Duration,
    conns: u64,
    tokens: u64,
    /// Who is connected, and as whom.
    users: BTreeMap<ConnId, String>,
    /// Who waits for an answer, and whose call it is, if it is one.
    waiting: BTreeMap<Token, Option<String>>,
    answered: BTreeSet<Token>,
    ids: Vec<String>,
}

impl Rig {
    fn new() -> Self {
        Self {
            hub: Hub::new(HubConfig { max_bytes: 1_000, ..HubConfig::default() }),
            now: Duration::ZERO,
            conns: 0,
            tokens: 0,
            users: BTreeMap::new(),
            waiting: BTreeMap::new(),
            answered: BTreeSet::new(),
            ids: Vec::new(),
        }
    }

    fn act(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "connect" => self.connect(rest),
            "leave" => {
                if let Ok(conn) = rest.parse().map(ConnId) {
                    self.users.remove(&conn);
                    self.take(Input::Disconnect { conn }, None);
                }
            }
            "say" => self.say(rest),
            "ask" => {
                let mut parts = rest.splitn(3, ' ');
                let mut part = || parts.next().unwrap_or_default();
                self.ask(part(), part(), part());
            }
            "abandon" => {
                if let Ok(token) = rest.parse().map(Token) {
                    self.waiting.remove(&token);
                    self.take(Input::Abandon { token }, None);
                }
            }
            "pass" => {
                self.now += Duration::from_secs(rest.parse::<u32>().unwrap_or(1).into());
                self.take(Input::Tick, None);
            }
            _ => {}
        }
    }

    fn connect(&mut self, auth: &str) {
        let conn = ConnId(self.conns);
        self.conns += 1;
        let auth: Option<Value> = serde_json::from_str(auth).ok();
        let user = auth.as_ref().map(|auth| match &auth["user_id"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        self.users.insert(conn, user.unwrap_or_default());
        self.take(Input::Connect { conn, auth }, None);
    }

    fn say(&mut self, rest: &str) {
        let (conn, args) = rest.split_once(' ').unwrap_or((rest, ""));
        let Ok(conn) = conn.parse().map(ConnId) else { return };
        // The library lets go of a socket before it could say more.
        let Some(user) = self.users.get(&conn).cloned() else { return };
        let mut args = args.to_owned();
        for (place, id) in self.ids.iter().enumerate().rev() {
            args = args.replace(&format!("ID{place}"), id);
        }
        let bytes = args.len();
        let Ok(args) = serde_json::from_str(&args) else { return };
        self.take(Input::Event { conn, name: RESPONSE_EVENT.to_owned(), args, bytes }, Some(&user));
    }

    fn ask(&mut self, method: &str, target: &str, body: &str) {
        let Ok(request) = Request::from_http(method, target, body.as_bytes()) else { return };
        let token = Token(self.tokens);
        self.tokens += 1;
        let user = match &request {
            Request::Command(body) | Request::Call(body) => Some(body.user_id.as_str().to_owned()),
            Request::ProcessNext(body) => Some(body.user_id.as_str().to_owned()),
            _ => None,
        };
        self.waiting.insert(token, user);
        self.take(Input::Ask { token, request }, None);
    }

    /// Gives an input to the hub; `speaker` is whose socket said it.
    fn take(&mut self, input: Input, speaker: Option<&str>) {
        let mut out = Vec::new();
        self.hub.handle(self.now, input, &mut out);
        for output in out {
            match output {
                Output::Emit { conn, command } => {
                    assert!(self.users.contains_key(&conn), "a command went to {conn:?}, which is not there");
                    self.ids.push(command.request_id.clone());
                }
                Output::Refuse { conn, .. } | Output::Close { conn } => {
                    self.users.remove(&conn);
                }
                Output::Reply { token, reply } => self.answered(token, &reply, speaker),
                Output::Accept { .. } | Output::Log(_) | Output::Stop => {}
            }
        }
    }

    fn answered(&mut self, token: Token, reply: &Reply, speaker: Option<&str>) {
        assert!(self.answered.insert(token), "{token:?} got a second answer: {reply:?}");
        let user = self.waiting.remove(&token).unwrap_or_else(|| panic!("{token:?} had gone and got {reply:?}"));
        if let (Some(speaker), Some(user)) = (speaker, user) {
            assert_eq!(speaker, user, "a socket of {speaker} settled a call of {user}: {reply:?}");
        }
    }
}
