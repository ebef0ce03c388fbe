//! Plugins alone, at a hub that somebody else drives: nobody makes calls, nobody judges, and nothing says when it ends. So no
//! event is kept, plugins come back by themselves as the usual client does, and of each command it is guessed when its call has
//! ended: when the plugin has answered it, or when its documented timeout is over.
//!
//! What such a run holds in memory: the connections that there are, what plugins have planned, and the ids of unanswered
//! commands until their timeouts are over, five minutes at the most. Only what a behaviour holds back until commands have
//! gathered, or until a connection is back, stays for as long as that does not happen.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use super::cast::{NO_HANDSHAKE, SocketRecord, Standing};
use super::director::Stage;
use super::driver::{Driver, Effect};
use super::halt::Halt;
use super::record::Record;
use crate::contract::action;
use crate::contract::message::RESPONSE_EVENT;
use crate::event::{EventNo, PluginId, Sight, SocketId, Staying};
use crate::wire::compose;
use crate::wire::socket::Namespace;

/// The usual client's first pause before it connects again; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Its longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long it may take until every socket is closed.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long a hub may take to answer a plugin that comes back, as the usual client has it.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// How long to wait for something to happen where nothing is planned.
const A_WHILE: Duration = Duration::from_secs(3600);

/// What the extension says when its tab is closed while it carries a command out.
const TAB_CLOSED: &str = "TAB_CLOSED: Vinted tab was closed during operation";

/// What a run of plugins alone has beside the rest.
#[derive(Debug, Default)]
pub(super) struct Solo {
    /// How often in a row a plugin tries to come back.
    attempts: u32,
    /// How often each has tried since it lost its connection.
    tried: BTreeMap<PluginId, u32>,
    /// Those that have been connected.
    been: BTreeSet<PluginId>,
    /// Those whose connection the hub has just ended in so many words.
    dismissed: BTreeSet<PluginId>,
    /// Those that stay without a connection.
    staying: BTreeMap<PluginId, Staying>,
    /// How many commands each has had: what is drawn for one follows from its place among them.
    commands: BTreeMap<PluginId, usize>,
    open: BTreeMap<EventNo, Open>,
    /// When a connection on which nothing comes counts as lost.
    silent: BTreeMap<SocketId, (Duration, Duration)>,
    /// Whether the run is ending.
    leaving: bool,
    /// Connections that are being closed for that.
    closing: BTreeSet<SocketId>,
}

/// A command whose call is taken to be in flight.
#[derive(Debug)]
struct Open {
    plugin: PluginId,
    request_id: Value,
    until: Duration,
}

impl Solo {
    /// Takes in a command: its place among those of its plugin, from 0.
    pub(super) fn command(&mut self, now: Duration, command: EventNo, plugin: PluginId, body: &Value) -> usize {
        let timeout = action::timeout_of(body["action"].as_str().unwrap_or_default());
        self.open.insert(command, Open { plugin, request_id: body["request_id"].clone(), until: now + timeout });
        let commands = self.commands.entry(plugin).or_default();
        *commands += 1;
        *commands - 1
    }

    /// The unanswered command of a plugin with this id: the first, if a hub has used it twice.
    pub(super) fn command_with_id(&self, plugin: PluginId, id: &Value) -> Option<EventNo> {
        let is = |(_, open): &(&EventNo, &Open)| open.plugin == plugin && open.request_id == *id;
        self.open.iter().find(is).map(|(command, _)| *command)
    }
}

impl Stage {
    /// A run of plugins alone, each of which tries so often in a row to come back when it has lost its connection.
    #[must_use]
    pub fn solo(driver: Box<dyn Driver>, attempts: u32) -> Self {
        let mut stage = Self::new(driver, Record::that_forgets());
        stage.solo = Some(Solo { attempts, ..Solo::default() });
        stage
    }

    /// Connects a plugin for the first time; whether the hub accepts it.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if the hub cannot be reached, does not answer, or is none.
    pub async fn enter(&mut self, plugin: PluginId) -> Result<bool, Halt> {
        let entered = self.connect(plugin).await;
        let Err(Halt::Unmet { got, .. }) = entered else { return entered };
        let socket = self.players.get(plugin.0).and_then(|player| player.socket);
        let handshake = socket.and_then(|socket| self.sockets.get(&socket)?.session.handshake());
        Err(Halt::Trouble(match handshake {
            Some(_) => format!("the hub does not answer a plugin's CONNECT: {got}"),
            None => NO_HANDSHAKE.to_owned(),
        }))
    }

    /// Takes what happens next, and lets plugins do what is due.
    pub async fn go_on(&mut self) {
        self.advance(self.driver.now() + A_WHILE).await;
    }

    /// Whether a plugin is connected, or will try to be.
    #[must_use]
    pub fn is_manned(&self) -> bool {
        self.players.iter().any(|player| {
            let standing = player.socket.and_then(|socket| self.standing(socket));
            let there = matches!(standing, Some(Standing::Opening | Standing::Open | Standing::Frozen));
            there || player.plugin.next_deadline().is_some()
        })
    }

    /// The first plugin that stays without a connection, though not by its own will.
    #[must_use]
    pub fn stranded(&self) -> Option<(PluginId, Staying)> {
        self.solo.as_ref()?.staying.first_key_value().map(|(plugin, why)| (*plugin, *why))
    }

    /// Ends a run of plugins alone in order: what is unanswered fails, and every connection is closed, first in Socket.IO's words
    /// and then underneath. Waits for the hub's goodbyes, a moment at the most.
    pub async fn farewell(&mut self) {
        let Some(solo) = &mut self.solo else { return };
        solo.leaving = true;
        let unanswered = std::mem::take(&mut solo.open);
        for Open { plugin, request_id, .. } in unanswered.into_values() {
            let body = json!({"request_id": request_id, "success": false, "data": null, "error": TAB_CLOSED});
            // A plugin that is not connected cannot say it.
            self.say(plugin, RESPONSE_EVENT, vec![body]).ok();
        }
        for plugin in (0..self.players.len()).map(PluginId) {
            // Nothing that was planned is done any more, coming back included.
            if let Some(player) = self.players.get_mut(plugin.0) {
                player.plugin.forget();
            }
            let socket = self.players.get(plugin.0).and_then(|player| player.socket);
            let Some(socket) = socket.filter(|socket| self.standing(*socket) == Some(Standing::Open)) else { continue };
            self.perform(Effect::Transmit(socket, compose::disconnect(&Namespace::root())));
            self.disconnect(plugin);
            if let Some(solo) = &mut self.solo {
                solo.closing.insert(socket);
            }
        }
        let until = self.driver.now() + FAREWELL;
        while self.driver.now() < until && self.solo.as_ref().is_some_and(|solo| !solo.closing.is_empty()) {
            self.advance(until).await;
        }
    }

    /// When [`Stage::solo_tick`] is wanted next.
    pub(super) fn solo_deadline(&self) -> Option<Duration> {
        let solo = self.solo.as_ref()?;
        let ends = solo.open.values().map(|open| open.until);
        ends.chain(solo.silent.values().map(|(until, _)| *until)).min()
    }

    /// Does what is due: calls are over, connections are lost.
    pub(super) fn solo_tick(&mut self) {
        let now = self.driver.now();
        let Some(solo) = &mut self.solo else { return };
        let over = solo.open.iter().filter(|(_, open)| open.until <= now).map(|(command, _)| *command);
        let over: Vec<EventNo> = over.collect();
        let silent = solo.silent.iter().filter(|(_, (until, _))| *until <= now);
        let silent: Vec<(SocketId, Duration)> = silent.map(|(socket, (_, patience))| (*socket, *patience)).collect();
        for (socket, _) in &silent {
            solo.silent.remove(socket);
        }
        for command in over {
            self.solo_ended(command);
        }
        for (socket, patience) in silent {
            let waits = |record: &&SocketRecord| matches!(record.standing, Standing::Opening | Standing::Open);
            let Some(record) = self.sockets.get(&socket).filter(waits) else {
                continue;
            };
            let why = format!("nothing came for {} s, not even a ping", patience.as_secs_f64());
            self.record.show(&Sight::Unreachable { at: now, plugin: record.plugin, why: &why });
            self.perform(Effect::Close(socket));
            self.closed(socket);
        }
    }

    /// A plugin opens a connection.
    pub(super) fn solo_opens(&mut self, socket: SocketId) {
        let now = self.driver.now();
        if let Some(solo) = &mut self.solo {
            solo.silent.insert(socket, (now.saturating_add(ANSWERS_WITHIN), ANSWERS_WITHIN));
        }
    }

    /// Something came on a connection.
    pub(super) fn solo_heard(&mut self, socket: SocketId) {
        let now = self.driver.now();
        let Some(solo) = &mut self.solo else { return };
        // One that is opening has its own time for all of that.
        let open = self.sockets.get(&socket).filter(|record| record.standing == Standing::Open);
        if let Some(handshake) = open.and_then(|record| record.session.handshake()) {
            let patience = Duration::from_millis(handshake.ping_interval_ms.saturating_add(handshake.ping_timeout_ms));
            solo.silent.insert(socket, (now.saturating_add(patience), patience));
        }
    }

    /// The hub has answered a plugin's CONNECT.
    pub(super) fn solo_answered(&mut self, plugin: PluginId, accepted: bool) {
        let at = self.driver.now();
        let Some(solo) = &mut self.solo else { return };
        if accepted {
            solo.tried.remove(&plugin);
            solo.been.insert(plugin);
            if let Some(socket) = self.players.get(plugin.0).and_then(|player| player.socket) {
                self.solo_heard(socket);
            }
            return;
        }
        self.solo_stays(at, plugin, Staying::Refused);
        if let Some(socket) = self.players.get(plugin.0).and_then(|player| player.socket) {
            self.perform(Effect::Close(socket));
        }
    }

    /// The hub ends a plugin's connection in so many words.
    pub(super) fn solo_dismissed(&mut self, plugin: PluginId) {
        if let Some(solo) = &mut self.solo {
            solo.dismissed.insert(plugin);
        }
    }

    /// A connection is closed, by whomever.
    pub(super) fn solo_closed(&mut self, socket: SocketId) {
        if let Some(solo) = &mut self.solo {
            solo.silent.remove(&socket);
            solo.closing.remove(&socket);
        }
    }

    /// A plugin has lost its connection, or failed to get one back.
    pub(super) fn solo_lost(&mut self, plugin: PluginId, cause: EventNo) {
        let at = self.driver.now();
        let Some(solo) = self.solo.as_mut().filter(|solo| !solo.leaving) else { return };
        if solo.dismissed.remove(&plugin) {
            if let Some(socket) = self.players.get(plugin.0).and_then(|player| player.socket) {
                self.perform(Effect::Close(socket));
            }
            return self.solo_stays(at, plugin, Staying::Dismissed);
        }
        if !solo.been.contains(&plugin) {
            return;
        }
        let tried = solo.tried.get(&plugin).copied().unwrap_or_default();
        if tried >= solo.attempts {
            return self.solo_stays(at, plugin, Staying::TriedEnough(tried));
        }
        solo.tried.insert(plugin, tried + 1);
        let attempt = (tried + 1, solo.attempts);
        let after = FIRST_PAUSE.saturating_mul(1 << tried.min(8)).min(LONGEST_PAUSE);
        self.record.show(&Sight::Returning { at, plugin, after, attempt });
        if let Some(player) = self.players.get_mut(plugin.0) {
            player.plugin.comes_back(at, cause, after);
        }
    }

    /// A plugin stays without a connection: what it had planned is forgotten.
    fn solo_stays(&mut self, at: Duration, plugin: PluginId, why: Staying) {
        let Some(solo) = &mut self.solo else { return };
        solo.staying.insert(plugin, why);
        solo.open.retain(|_, open| open.plugin != plugin);
        self.record.show(&Sight::Staying { at, plugin, why });
        if let Some(player) = self.players.get_mut(plugin.0) {
            player.plugin.forget();
        }
    }

    /// The call of a command is taken to have ended.
    pub(super) fn solo_ended(&mut self, command: EventNo) {
        let Some(open) = self.solo.as_mut().and_then(|solo| solo.open.remove(&command)) else { return };
        let (moment, mut wants) = (self.moment(command), Vec::new());
        if let Some(player) = self.players.get_mut(open.plugin.0) {
            player.plugin.call_ended(command, moment, &mut wants);
        }
        self.apply(open.plugin, wants);
    }

    /// Lets go of a plugin's connections before it has a new one, where nobody judges them any more.
    pub(super) fn drop_ended_sockets(&mut self, plugin: PluginId) {
        if self.solo.is_none() {
            return;
        }
        let of_plugin = self.sockets.iter().filter(|(_, record)| record.plugin == plugin);
        for old in of_plugin.map(|(socket, _)| *socket).collect::<Vec<_>>() {
            // One that is frozen is open still.
            self.perform(Effect::Close(old));
            self.solo_closed(old);
            self.sockets.remove(&old);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;
    use std::pin::pin;
    use std::rc::Rc;
    use std::task::{Context, Poll, Waker};

    use super::super::driver::{NextOccurrence, Occurrence, Setting};
    use super::*;
    use crate::event::{Facts, What};
    use crate::plugin::{Behaviour, reading};
    use crate::vinted::Vinted;

    const OPEN: &str = r#"0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

    /// A hub that does what is written down, in virtual time.
    #[derive(Default)]
    struct Script {
        now: Duration,
        /// What happens: so many seconds after the start.
        happens: VecDeque<(u64, Occurrence)>,
        done: Rc<RefCell<Vec<Effect>>>,
    }

    impl Driver for Script {
        fn setting(&self) -> Setting {
            let facts = Facts { scale: 1.0, tolerance: Duration::ZERO, grace: Duration::ZERO, log: false, limit: None };
            Setting { facts, patience: Duration::from_secs(1), seed: 1, own_hub: false, may_shut_down: false }
        }

        fn now(&self) -> Duration {
            self.now
        }

        fn perform(&mut self, effect: Effect) {
            self.done.borrow_mut().push(effect);
        }

        fn next(&mut self, until: Duration) -> NextOccurrence<'_> {
            let next = self.happens.front().map(|(at, _)| Duration::from_secs(*at)).filter(|at| *at <= until);
            self.now = next.unwrap_or(until).max(self.now);
            let occurrence = next.and_then(|_| self.happens.pop_front()).map(|(_, occurrence)| occurrence);
            Box::pin(std::future::ready(occurrence.unwrap_or(Occurrence::Reached)))
        }

        fn lateness(&self, _: Duration) -> Duration {
            Duration::ZERO
        }

        fn at_vinted(&mut self, _: &mut dyn FnMut(&mut Vinted)) {}
    }

    /// What a run came to: the seconds at which plugins connected, the frames they sent, and the stage.
    struct Came {
        connected_at: Vec<u64>,
        frames: Vec<String>,
        closed: Vec<SocketId>,
        stage: Stage,
    }

    fn text(at: u64, socket: usize, text: &str) -> (u64, Occurrence) {
        (at, Occurrence::Text(SocketId(socket), text.to_owned()))
    }

    fn accepted(at: u64, socket: usize) -> [(u64, Occurrence); 2] {
        [text(at, socket, OPEN), text(at, socket, r#"40{"sid":"b"}"#)]
    }

    fn command(at: u64, id: &str) -> (u64, Occurrence) {
        let body = json!(["plugin_command", {"request_id": id, "action": "VINTED_PUBLISH", "payload": {}}]);
        text(at, 0, &format!("42{body}"))
    }

    /// In virtual time nothing waits.
    fn at_once<T>(work: impl Future<Output = T>) -> T {
        match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => done,
            Poll::Pending => panic!("it waits"),
        }
    }

    /// Lets a plugin with this behaviour live through this for so many seconds.
    fn lives(toml: &str, attempts: u32, happens: impl IntoIterator<Item = (u64, Occurrence)>, seconds: u64) -> Came {
        let done = Rc::new(RefCell::new(Vec::new()));
        let script = Script { happens: happens.into_iter().collect(), done: Rc::clone(&done), ..Script::default() };
        let mut stage = Stage::solo(Box::new(script), attempts);
        let times: Rc<RefCell<Vec<u64>>> = Rc::default();
        let seen = Rc::clone(&times);
        stage.watch(Box::new(move |sight| {
            if let Sight::Event(event) = sight
                && matches!(event.what, What::Connecting { .. })
            {
                seen.borrow_mut().push(event.at.as_secs());
            }
        }));
        let behaviour = if toml.is_empty() { Behaviour::default() } else { reading::read(toml).unwrap() };
        let plugin = stage.plugin(Some(json!({"user_id": 1})), behaviour);
        at_once(stage.enter(plugin)).ok();
        let until = Duration::from_secs(seconds);
        while stage.driver.now() < until {
            at_once(stage.advance(until));
        }
        let (mut frames, mut closed) = (Vec::new(), Vec::new());
        for effect in done.borrow().iter() {
            match effect {
                Effect::Transmit(_, frame) if frame.starts_with("42") => frames.push(frame.clone()),
                Effect::Close(socket) => closed.push(*socket),
                _ => {}
            }
        }
        let connected_at = times.borrow().clone();
        Came { connected_at, frames, closed, stage }
    }

    #[test]
    fn a_plugin_comes_back_after_longer_and_longer_pauses_and_gives_up_in_the_end() {
        let lost = (10, Occurrence::Closed(SocketId(0)));
        let failed = [(1, 12), (2, 15), (3, 20), (4, 26)];
        let failed = failed.map(|(socket, at)| (at, Occurrence::Unreachable(SocketId(socket), "gone".to_owned())));
        let came = lives("", 4, accepted(0, 0).into_iter().chain([lost]).chain(failed), 100);
        assert_eq!(came.connected_at, [0, 11, 14, 19, 25]);
        assert_eq!(came.stage.stranded(), Some((PluginId(0), Staying::TriedEnough(4))));
        assert!(!came.stage.is_manned());
    }

    #[test]
    fn a_plugin_that_is_back_has_all_its_attempts_again() {
        let lost = |at, socket| (at, Occurrence::Closed(SocketId(socket)));
        let happens = [accepted(0, 0).to_vec(), vec![lost(10, 0)], accepted(12, 1).to_vec(), vec![lost(20, 1)]];
        let came = lives("", 1, happens.concat(), 22);
        assert_eq!(came.connected_at, [0, 11, 21]);
        assert_eq!(came.stage.sockets.len(), 1, "what has ended is let go of");
    }

    #[test]
    fn a_plugin_that_was_disconnected_or_refused_does_not_come_back() {
        let dismissed = accepted(0, 0).into_iter().chain([text(10, 0, "41"), (11, Occurrence::Closed(SocketId(0)))]);
        let refused = [text(0, 0, OPEN), text(0, 0, r#"44{"message":"no"}"#), (1, Occurrence::Closed(SocketId(0)))];
        for (happens, why) in [(dismissed.collect(), Staying::Dismissed), (refused.to_vec(), Staying::Refused)] {
            let happens: Vec<_> = happens;
            let came = lives("", 9, happens, 100);
            assert_eq!(came.connected_at, [0]);
            assert_eq!(came.closed, [SocketId(0)]);
            assert_eq!(came.stage.stranded(), Some((PluginId(0), why)));
        }
        let closing = accepted(0, 0).into_iter().chain([text(10, 0, "1")]);
        assert_eq!(lives("", 9, closing, 12).connected_at, [0, 11], "the transport alone was closed");
    }

    #[test]
    fn a_connection_on_which_nothing_comes_is_lost() {
        let came = lives("", 9, accepted(0, 0).into_iter().chain([text(25, 0, "2")]), 72);
        assert_eq!(came.connected_at, [0, 71]);
        assert_eq!(came.closed.first(), Some(&SocketId(0)));
    }

    #[test]
    fn a_hub_that_is_back_and_does_not_answer_is_as_good_as_gone() {
        for said in [Vec::new(), vec![text(12, 1, OPEN)]] {
            let lost = (10, Occurrence::Closed(SocketId(0)));
            let came = lives("", 2, accepted(0, 0).into_iter().chain([lost]).chain(said), 80);
            assert_eq!(came.connected_at, [0, 11, 33], "20 s, and then 2 s");
            assert_eq!(came.stage.stranded(), Some((PluginId(0), Staying::TriedEnough(2))));
        }
    }

    #[test]
    fn nothing_that_was_planned_is_done_after_the_goodbye() {
        let lost = (10, Occurrence::Closed(SocketId(0)));
        let mut came = lives("", 9, accepted(0, 0).into_iter().chain([lost]), 10);
        assert!(came.stage.is_manned());
        at_once(came.stage.farewell());
        assert!(!came.stage.is_manned(), "it would come back");
    }

    #[test]
    fn a_call_is_over_when_it_is_answered_or_when_its_documented_time_is() {
        let late = "[otherwise]\nreplies = [{ when = \"call_ended\", say = { error = \"late\" } }]\n";
        let pings = [25, 50, 75].map(|at| text(at, 0, "2"));
        let happens = accepted(0, 0).into_iter().chain([command(5, "a"), command(5, "b")]).chain(pings);
        let came = lives(late, 9, happens.clone(), 64);
        assert_eq!(came.frames, Vec::<String>::new());
        let came = lives(late, 9, happens, 66);
        assert_eq!(came.frames.len(), 2, "60 s after the command");
        assert!(came.stage.solo.is_some_and(|solo| solo.open.is_empty()));

        let twice = format!("{}\n", late.replace("[{", "[{ say = \"payload\" }, {"));
        let came = lives(&twice, 9, accepted(0, 0).into_iter().chain([command(5, "a")]), 6);
        assert_eq!(came.frames.len(), 2, "answered, and so over");
    }

    #[test]
    fn what_is_unanswered_fails_at_the_end_and_the_hub_is_told_goodbye() {
        let happens = accepted(0, 0).into_iter().chain([command(5, "a")]);
        let mut came = lives("", 9, happens, 6);
        let done: Rc<RefCell<Vec<String>>> = Rc::default();
        let seen = Rc::clone(&done);
        came.stage.watch(Box::new(move |sight| {
            if let Sight::Frame { sent: true, text, .. } = sight {
                seen.borrow_mut().push((*text).to_owned());
            }
        }));
        at_once(came.stage.farewell());
        let frames = done.borrow().clone();
        assert!(
            frames.first().is_some_and(|frame| frame.contains("TAB_CLOSED") && frame.contains("\"a\"")),
            "{frames:?}"
        );
        assert_eq!(frames.get(1).map(String::as_str), Some("41"));
    }
}
