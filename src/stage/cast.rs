//! The plugins of a run and their sockets.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::caller::CallRecord;
use super::correlate;
use super::director::Stage;
use super::driver::{Effect, FetchNo};
use super::halt::Halt;
use crate::contract::control::{Capability, Reply, Request};
use crate::contract::marketplace::{MarketRequest, MarketResponse};
use crate::contract::message::{COMMAND_EVENT, RESPONSE_EVENT};
use crate::contract::user::UserId;
use crate::event::{By, CallId, EventNo, PluginId, Sight, SocketId, What};
use crate::plugin::{Behaviour, Do, Draws, Due, ErrandNo, Moment, Notice, Plugin, Sender, Session};
use crate::vinted::Vinted;

/// What is said of a server that opens a WebSocket and nothing else.
pub(super) const NO_HANDSHAKE: &str = "the server opens a WebSocket and sends no Engine.IO handshake; is this the address of a Socket.IO \
    server, and its path?";

/// A plugin of the run.
#[derive(Debug)]
pub(super) struct Player {
    pub(super) plugin: Plugin,
    pub(super) auth: Option<Value>,
    pub(super) socket: Option<SocketId>,
}

/// Where a socket stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Standing {
    /// The hub has not answered yet.
    Opening,
    /// The hub accepted it.
    Open,
    /// The hub refused it.
    Refused,
    /// The plugin does nothing any more on it.
    Frozen,
    /// It was closed.
    Closed,
    /// It never came about.
    Unreachable(String),
}

/// A connection of the run.
#[derive(Debug)]
pub(super) struct SocketRecord {
    pub(super) plugin: PluginId,
    pub(super) user: Option<UserId>,
    pub(super) session: Session,
    pub(super) standing: Standing,
    /// Where it began, and the last that the plugin had of it.
    pub(super) opened: EventNo,
    pub(super) last: EventNo,
    pub(super) gone: Option<EventNo>,
    /// Where its plugin froze.
    pub(super) frozen: Option<EventNo>,
    /// Set once the run no longer records what becomes of it.
    pub(super) dismissed: bool,
}

/// A request to the marketplace under way.
#[derive(Debug)]
pub(super) struct Fetching {
    player: PluginId,
    errand: ErrandNo,
    cause: EventNo,
    due: Due,
    request: MarketRequest,
}

impl Stage {
    /// Adds a plugin with this `auth` payload, not connected yet.
    pub fn plugin(&mut self, auth: Option<Value>, behaviour: Behaviour) -> PluginId {
        let draws = Draws::new(self.setting.seed, self.players.len());
        let plugin = Plugin::new(behaviour, self.setting.facts.scale, draws);
        self.players.push(Player { plugin, auth, socket: None });
        PluginId(self.players.len() - 1)
    }

    /// Lets a plugin behave differently from now on.
    pub fn behave(&mut self, plugin: PluginId, behaviour: Behaviour) {
        if let Some(player) = self.players.get_mut(plugin.0) {
            player.plugin.behave(behaviour);
        }
    }

    /// Tries whether a Socket.IO server is there, by a connection that names no user; whether it is refused is no matter.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if the target cannot be reached or speaks something else.
    pub async fn knock(&mut self) -> Result<(), Halt> {
        let nobody = self.plugin(None, Behaviour::default());
        if let Err(Halt::Trouble(why)) = self.connect(nobody).await {
            return Err(Halt::Trouble(why));
        }
        if self.sockets.values().all(|record| record.session.handshake().is_none()) {
            return Err(Halt::Trouble(NO_HANDSHAKE.to_owned()));
        }
        self.leave().await
    }

    /// Waits until the target itself says that a user has this many sockets.
    ///
    /// # Errors
    /// [`Halt::Needs`] if it cannot say, [`Halt::Unmet`] if it does not come about.
    pub async fn sockets_counted(&mut self, user: &UserId, wanted: u64) -> Result<(), Halt> {
        let count = self.count_sockets(user, wanted).await?;
        if count == wanted {
            let now = self.driver.now();
            self.record.step(now, What::SocketsSeen { user: user.clone(), count });
        }
        counted(user, count, wanted)
    }

    /// The same, with a count that stays wrong as part of the record.
    ///
    /// # Errors
    /// As [`Stage::sockets_counted`].
    pub async fn sockets_seen(&mut self, user: &UserId, wanted: u64) -> Result<(), Halt> {
        let count = self.count_sockets(user, wanted).await?;
        let now = self.driver.now();
        self.record.step(now, What::SocketsSeen { user: user.clone(), count });
        counted(user, count, wanted)
    }

    /// How many sockets the target says that a user has, when it says so many, or for as long as patience lasts.
    pub(super) async fn count_sockets(&mut self, user: &UserId, wanted: u64) -> Result<u64, Halt> {
        let until = self.driver.now() + self.setting.patience;
        loop {
            let Reply::Connections(count) = self.ask(Request::Connections(user.clone())).await? else {
                return Err(Halt::Trouble("the target answered a count of sockets with something else".to_owned()));
            };
            if count == wanted || self.driver.now() >= until {
                return Ok(count);
            }
            self.breathe().await;
        }
    }

    /// Has a plugin send an event by itself, whatever its behaviour.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if the plugin is not connected.
    pub fn say(&mut self, plugin: PluginId, name: &str, args: Vec<Value>) -> Result<(), Halt> {
        let socket = self.players.get(plugin.0).and_then(|player| player.socket);
        let socket = socket.ok_or_else(|| Halt::Trouble(format!("{plugin} is not connected")))?;
        let user = self.sockets.get(&socket).and_then(|record| record.user.clone());
        let id = args.first().and_then(|body| body.get("request_id")).filter(|_| name == RESPONSE_EVENT);
        let answered = id.and_then(Value::as_str).and_then(|id| self.call_with_id(id, user.as_ref()));
        let command = self.solo.as_ref().and_then(|solo| solo.command_with_id(plugin, id?));
        if !self.send_event(socket, None, name, args, answered, None) && self.solo.is_some() {
            return Err(Halt::Trouble(format!("{plugin} is not connected")));
        }
        if let Some(command) = command {
            self.solo_ended(command);
        }
        Ok(())
    }

    /// The call of this user that has this id.
    fn call_with_id(&self, id: &str, user: Option<&UserId>) -> Option<CallId> {
        self.calls.iter().position(|call| user == Some(&call.user) && call.ids.contains(id)).map(CallId)
    }

    /// The first request id that a plugin received.
    #[must_use]
    pub fn first_request_id(&self, of: PluginId) -> Option<String> {
        self.events().iter().find_map(|event| match &event.what {
            What::Received { plugin, name, args, .. } if *plugin == of && name == COMMAND_EVENT => {
                Some(args.first()?.get("request_id")?.as_str()?.to_owned())
            }
            _ => None,
        })
    }

    /// The last command that a plugin received, as it came.
    #[must_use]
    pub fn last_command(&self, of: PluginId) -> Option<Value> {
        self.events().iter().rev().find_map(|event| match &event.what {
            What::Received { plugin, name, args, .. } if *plugin == of && name == COMMAND_EVENT => {
                args.first().cloned()
            }
            _ => None,
        })
    }

    /// The last request id that a plugin received.
    #[must_use]
    pub fn last_request_id(&self, of: PluginId) -> Option<String> {
        Some(self.last_command(of)?.get("request_id")?.as_str()?.to_owned())
    }

    /// How many commands a plugin has received.
    #[must_use]
    pub fn commands_at(&self, of: PluginId) -> usize {
        let is_command =
            |what: &What| matches!(what, What::Received { plugin, name, .. } if *plugin == of && name == COMMAND_EVENT);
        self.events().iter().filter(|event| is_command(&event.what)).count()
    }

    /// Waits until a plugin has received this many commands in all.
    ///
    /// # Errors
    /// [`Halt::Unmet`] if they do not come.
    pub async fn commands_received(&mut self, plugin: PluginId, wanted: usize) -> Result<(), Halt> {
        if self.wait(Duration::ZERO, |stage| stage.commands_at(plugin) >= wanted).await {
            return Ok(());
        }
        let got = self.commands_at(plugin);
        Err(Halt::unmet(format!("{wanted} commands at {plugin}"), format!("{got} came")))
    }

    /// Whether a call's command, if it has come at all, has come to every socket that was there for it and still is.
    pub(super) fn has_come(&self, call: &CallRecord) -> bool {
        let waits = |(id, socket): (&SocketId, &SocketRecord)| {
            socket.standing == Standing::Open
                && socket.user.as_ref() == Some(&call.user)
                && socket.opened < call.started
                && !call.delivered.contains(id)
        };
        call.commands.is_empty() || !self.sockets.iter().any(waits)
    }

    /// Stocks a shop of the marketplace with so many listings.
    pub fn stock(&mut self, shop: u64, listings: usize) {
        self.at_vinted(|vinted| vinted.stock(shop, listings));
    }

    /// Looks into the marketplace, or changes it.
    pub fn at_vinted<T>(&mut self, act: impl FnOnce(&mut Vinted) -> T) -> Option<T> {
        let (mut act, mut done) = (Some(act), None);
        self.driver.at_vinted(&mut |vinted| done = act.take().map(|act| act(vinted)));
        done
    }

    /// The request ids of a call that have come to a plugin.
    #[must_use]
    pub fn request_ids(&self, call: CallId) -> BTreeSet<String> {
        self.calls.get(call.0).map(|call| call.ids.iter().cloned().collect()).unwrap_or_default()
    }

    /// Closes every socket and waits until the target has noticed, so that the next run starts from nothing.
    pub(super) async fn leave(&mut self) -> Result<(), Halt> {
        let open = |record: &SocketRecord| {
            matches!(record.standing, Standing::Opening | Standing::Open | Standing::Refused | Standing::Frozen)
        };
        let sockets: Vec<SocketId> =
            self.sockets.iter().filter(|(_, record)| open(record)).map(|(id, _)| *id).collect();
        for record in self.sockets.values_mut() {
            record.dismissed = true;
        }
        for socket in sockets {
            self.perform(Effect::Close(socket));
        }
        if self.down.is_none() && self.description.offers(Capability::Connections) {
            let users: BTreeSet<UserId> = self.sockets.values().filter_map(|record| record.user.clone()).collect();
            for user in users {
                // A socket that the target keeps is its own affair by now, and the next run's to find.
                match self.sockets_counted(&user, 0).await {
                    Ok(()) | Err(Halt::Unmet { .. }) => {}
                    Err(halt) => return Err(halt),
                }
            }
        }
        Ok(())
    }

    pub(super) fn text(&mut self, socket: SocketId, text: &str) {
        let heard = |record: &&mut SocketRecord| {
            !record.dismissed && record.gone.is_none() && record.standing != Standing::Frozen
        };
        let Some(record) = self.sockets.get_mut(&socket).filter(heard) else {
            return;
        };
        let (plugin, opened) = (record.plugin, record.opened);
        let at = self.driver.now();
        self.record.show(&Sight::Frame { at, plugin, sent: false, text });
        let (back, notice) = record.session.text(text);
        self.solo_heard(socket);
        if let Some(back) = back.and_then(|back| self.pong_for_later(socket, back)) {
            self.perform(Effect::Transmit(socket, back));
        }
        match notice {
            Some(Notice::Connected) => {
                self.answered(socket, opened, Standing::Open, What::Connected { plugin, socket });
            }
            Some(Notice::Refused(reason)) => {
                let lateness = self.lateness_since(opened);
                self.answered(socket, opened, Standing::Refused, What::Refused { plugin, socket, reason, lateness });
            }
            Some(Notice::Event { name, args }) => self.received(socket, plugin, name, args),
            Some(Notice::Disconnected) => {
                self.solo_dismissed(plugin);
                self.closed(socket);
            }
            Some(Notice::Closing) => self.closed(socket),
            // A frame that no client can read: the hub's fault, and as good as none.
            Some(Notice::Unreadable(why)) => {
                self.record.show(&Sight::Unreadable { at, plugin, why: &why.to_string() });
            }
            None => {}
        }
    }

    pub(super) fn closed(&mut self, socket: SocketId) {
        self.ended(socket, By::Hub);
    }

    /// A connection has ended without a goodbye: which matters where the target was told to shut down.
    pub(super) fn severed(&mut self, socket: SocketId) {
        self.ended(socket, if self.down.is_some() { By::HubAbruptly } else { By::Hub });
    }

    fn ended(&mut self, socket: SocketId, by: By) {
        let now = self.driver.now();
        self.solo_closed(socket);
        let Some(record) = self.sockets.get_mut(&socket).filter(|record| !record.dismissed && record.gone.is_none())
        else {
            return;
        };
        // A connection that was refused ends as a matter of course, and a plugin that is frozen does not notice.
        if matches!(record.standing, Standing::Refused | Standing::Frozen) {
            record.standing = Standing::Closed;
            return;
        }
        let (plugin, last) = (record.plugin, record.last);
        record.standing = Standing::Closed;
        let cause = self.down.unwrap_or(last);
        let gone = self.record.follow(now, cause, Duration::ZERO, What::Gone { plugin, socket, by });
        if let Some(record) = self.sockets.get_mut(&socket) {
            record.gone = Some(gone);
        }
        self.solo_lost(plugin, gone);
    }

    pub(super) fn unreachable(&mut self, socket: SocketId, why: String) {
        if let Some(record) = self.sockets.get_mut(&socket) {
            let (at, plugin, last) = (self.driver.now(), record.plugin, record.last);
            self.record.show(&Sight::Unreachable { at, plugin, why: &why });
            record.standing = Standing::Unreachable(why);
            self.solo_lost(plugin, last);
        }
    }

    pub(super) fn fetched(&mut self, fetch: FetchNo, response: Option<&MarketResponse>) {
        let Some(Fetching { player, errand, cause, due, request }) = self.fetches.remove(&fetch) else {
            return;
        };
        let took = response.map_or(Duration::ZERO, |response| response.latest.unwrap_or(response.took));
        let what = What::Exchange {
            plugin: player,
            method: request.method.clone(),
            target: request.target(),
            status: response.map(|response| response.status),
            took,
        };
        let drawn = response.is_some_and(|response| response.latest.is_some());
        let due = Due { after: due.after + took, drawn: due.drawn || drawn };
        let no = self.record.follow(self.driver.now(), cause, due, what);
        let (moment, mut wants) = (self.moment(no), Vec::new());
        if let Some(player) = self.players.get_mut(player.0) {
            player.plugin.fetched(errand, response, moment, &mut wants);
        }
        self.apply(player, wants);
    }

    /// Lets plugins do what is due.
    pub(super) fn tick(&mut self) {
        let now = self.driver.now();
        for place in 0..self.players.len() {
            if self.players[place].plugin.next_deadline().is_some_and(|due| due <= now) {
                let mut wants = Vec::new();
                self.players[place].plugin.tick(now, &mut wants);
                self.apply(PluginId(place), wants);
            }
        }
    }

    /// Tells the plugins that were asked that a call has ended.
    pub(super) fn tell_plugins(&mut self, call: CallId, ended: EventNo) {
        let commands = self.calls.get(call.0).map(|record| record.commands.clone()).unwrap_or_default();
        for command in commands {
            let Some(What::Received { plugin, .. }) = self.record.get(command).map(|event| &event.what) else {
                continue;
            };
            let plugin = *plugin;
            let (moment, mut wants) = (self.moment(ended), Vec::new());
            self.players[plugin.0].plugin.call_ended(command, moment, &mut wants);
            self.apply(plugin, wants);
        }
    }

    fn answered(&mut self, socket: SocketId, opened: EventNo, standing: Standing, what: What) {
        let no = self.record.follow(self.driver.now(), opened, Duration::ZERO, what);
        let accepted = standing == Standing::Open;
        let Some(record) = self.sockets.get_mut(&socket) else { return };
        record.standing = standing;
        record.last = no;
        let plugin = record.plugin;
        self.solo_answered(plugin, accepted);
        let (moment, mut wants) = (self.moment(no), Vec::new());
        if accepted && let Some(player) = self.players.get_mut(plugin.0) {
            player.plugin.connected(moment, &mut wants);
            self.apply(plugin, wants);
        }
    }

    fn received(&mut self, socket: SocketId, plugin: PluginId, name: String, args: Vec<Value>) {
        let Some(record) = self.sockets.get(&socket) else {
            return;
        };
        let (user, last) = (record.user.clone(), record.last);
        let body = args.first().cloned().unwrap_or_default();
        let call = if name == COMMAND_EVENT { correlate::call_of(self, socket, user.as_ref(), &body) } else { None };
        let cause = call.and_then(|call| self.calls.get(call.0)).map_or(last, |call| call.started);
        let is_command = name == COMMAND_EVENT;
        let what = What::Received { plugin, socket, user, name, args, call };
        let now = self.driver.now();
        let no = self.record.follow(now, cause, Duration::ZERO, what);
        if let Some(call) = call.and_then(|call| self.calls.get_mut(call.0)) {
            call.delivered.insert(socket);
            call.commands.push(no);
            call.ids.extend(body.get("request_id").and_then(Value::as_str).map(str::to_owned));
        }
        if !is_command || !self.passes_guard(plugin, socket, &body) {
            return;
        }
        let (moment, mut wants) = (self.moment(no), Vec::new());
        if let Some(player) = self.players.get_mut(plugin.0) {
            let order = match &mut self.solo {
                Some(solo) => solo.command(now, no, plugin, &body),
                None => call.map_or(no.0, |call| call.0),
            };
            player.plugin.command(moment, order, &body, &mut wants);
            self.apply(plugin, wants);
        }
    }

    /// An event as plugins are told of it. Where none is kept, time is not shrunk either, and what happens is due now.
    pub(super) fn moment(&self, no: EventNo) -> Moment {
        let now = self.driver.now();
        let (due, drawn) = self.record.get(no).map_or((now, false), |event| (event.due, event.drawn));
        Moment { no, due, drawn, now }
    }

    /// Whether a command is for this plugin, or for another tab that shares its replay guard, or was taken already. Which tab
    /// it is depends on their order, not on which was faster.
    fn passes_guard(&mut self, plugin: PluginId, socket: SocketId, body: &Value) -> bool {
        let guarded = |player: &Player| player.plugin.is_guarded();
        if !self.players.get(plugin.0).is_some_and(guarded) {
            return true;
        }
        let user_of = |socket: SocketId| self.sockets.get(&socket).and_then(|record| record.user.as_ref());
        let earlier = self.players.iter().take(plugin.0).filter(|player| guarded(player));
        let mut earlier = earlier.filter_map(|player| player.socket);
        // (Where plugins are alone nothing has to be the same again, and the hub may address one tab alone.)
        if self.solo.is_none()
            && earlier.any(|tab| self.standing(tab) == Some(Standing::Open) && user_of(tab) == user_of(socket))
        {
            return false;
        }
        let Some(id) = body.get("request_id").and_then(Value::as_str) else { return true };
        let user = user_of(socket).cloned();
        self.guard.takes(user, id)
    }

    pub(super) fn apply(&mut self, plugin: PluginId, wants: Vec<Do>) {
        let mut answered = Vec::new();
        for want in wants {
            match want {
                Do::Respond { command, cause, due, own_id, from, args, attachment } => {
                    let Some(socket) = self.socket_of(plugin, from) else { continue };
                    let user = self.sockets.get(&socket).and_then(|record| record.user.clone());
                    // What another user's socket says answers no call; else the id decides, and of calls that share one the command.
                    let asked = match self.record.get(command).map(|event| &event.what) {
                        Some(What::Received { call, .. }) if own_id && from != Sender::AnotherUser => *call,
                        _ => None,
                    };
                    let id = args.first().filter(|_| args.len() == 1).and_then(|body| body.get("request_id")?.as_str());
                    // What has an attachment is no response, whatever id it carries (CORR-11).
                    let id = id.filter(|_| attachment.is_none());
                    let call = asked.or_else(|| id.and_then(|id| self.call_with_id(id, user.as_ref())));
                    if self.send_event(socket, Some((cause, due)), RESPONSE_EVENT, args, call, attachment)
                        && own_id
                        && from != Sender::AnotherUser
                    {
                        answered.push(command);
                    }
                }
                Do::Fetch { errand, cause, due, request } => {
                    let fetch = FetchNo(self.next_fetch);
                    self.next_fetch += 1;
                    self.perform(Effect::Fetch(fetch, request.clone()));
                    self.fetches.insert(fetch, Fetching { player: plugin, errand, cause, due, request });
                }
                Do::Disrupt { cause, due, how, back_after } => {
                    self.disrupt(plugin, Some((cause, due)), how, back_after);
                }
                Do::Connect { cause, due } => self.come_back(plugin, cause, due),
            }
        }
        for command in answered {
            self.solo_ended(command);
        }
    }

    /// The socket that a plugin sends from: its own, or another one's that is connected.
    fn socket_of(&self, plugin: PluginId, from: Sender) -> Option<SocketId> {
        let own = self.players.get(plugin.0)?.socket?;
        let user_of = |socket: SocketId| self.sockets.get(&socket).and_then(|record| record.user.as_ref());
        let others = || {
            let connected = |socket: &SocketId| *socket != own && self.standing(*socket) == Some(Standing::Open);
            self.players.iter().filter_map(|player| player.socket).filter(connected)
        };
        match from {
            Sender::Own => Some(own),
            Sender::AnotherTab => others().find(|socket| user_of(*socket) == user_of(own)),
            Sender::AnotherUser => others().find(|socket| user_of(*socket) != user_of(own)),
        }
    }

    /// Sends an event where the socket is open: whether it was.
    fn send_event(
        &mut self,
        socket: SocketId,
        cause: Option<(EventNo, Due)>,
        name: &str,
        args: Vec<Value>,
        call: Option<CallId>,
        attachment: Option<Vec<u8>>,
    ) -> bool {
        let Some(record) = self.sockets.get(&socket).filter(|record| record.standing == Standing::Open) else {
            return false;
        };
        let binary = attachment.is_some();
        let frame = if binary { Session::binary_event(name, &args) } else { Session::event(name, &args) };
        let Some(frame) = frame else {
            return false;
        };
        let (plugin, user, name) = (record.plugin, record.user.clone(), name.to_owned());
        let what = What::Sent { plugin, socket, user, name, args, call, binary };
        let now = self.driver.now();
        let no = match cause {
            Some((cause, due)) => self.record.follow(now, cause, due, what),
            None => self.record.step(now, what),
        };
        if let Some(record) = self.sockets.get_mut(&socket) {
            record.last = no;
        }
        if let Some(call) = call.and_then(|call| self.calls.get_mut(call.0)) {
            call.answers.push(no);
        }
        self.perform(Effect::Transmit(socket, frame));
        if let Some(bytes) = attachment {
            self.perform(Effect::TransmitBinary(socket, bytes));
        }
        true
    }
}

/// Whether a count is the one that was wanted.
fn counted(user: &UserId, count: u64, wanted: u64) -> Result<(), Halt> {
    if count == wanted {
        return Ok(());
    }
    Err(Halt::unmet(format!("{wanted} sockets of user {user}"), format!("the target counts {count}")))
}
