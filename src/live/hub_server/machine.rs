//! The hub's state machine with its surroundings: one lock, inputs in order, outputs carried out in their order.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use serde_json::Value;
use socketioxide::extract::SocketRef;
use tokio::sync::{Notify, oneshot, watch};
use tokio::time::Instant;

use super::Log;
use crate::contract::control::{Reply, Request};
use crate::contract::message::{COMMAND_EVENT, PluginCommand};
use crate::hub::{ConnId, Hub, HubConfig, Input, LogLevel, LogLine, Output, Token};

/// The hub, its sockets and its askers.
pub(super) struct Machine {
    state: Mutex<State>,
    start: Instant,
    /// Told when a deadline comes before the one that the clock waits for.
    sooner: Notify,
    stopping: watch::Sender<bool>,
    log: Log,
}

struct State {
    hub: Hub,
    next_conn: u64,
    next_token: u64,
    sockets: BTreeMap<ConnId, Standing>,
    askers: BTreeMap<Token, oneshot::Sender<Reply>>,
    /// What the clock waits for.
    alarm: Option<Duration>,
    /// Kept for its memory.
    outputs: Vec<Output>,
}

/// Where a socket stands that the hub has accepted.
enum Standing {
    /// Its CONNECT is not answered yet: the library would lose what is emitted now, so it waits here (ISO-11).
    Joining(Vec<Arc<PluginCommand>>),
    /// Everything can be emitted.
    Open(SocketRef),
}

/// What is done once the lock is free: closing and dropping a socket may bring its disconnect, which takes the lock.
#[derive(Default)]
struct After {
    accepted: bool,
    refused: Option<&'static str>,
    closed: Vec<SocketRef>,
    left: Option<Standing>,
    stop: bool,
}

impl After {
    fn carry_out(self, machine: &Machine) {
        if self.stop {
            // The sockets are closed by the server as a whole, together with their transports.
            machine.stopping.send_replace(true);
            return;
        }
        for socket in self.closed {
            // It fails only where the socket has gone already.
            socket.disconnect().ok();
        }
    }
}

impl Machine {
    pub(super) fn new(config: HubConfig, log: Log) -> Self {
        let state = State {
            hub: Hub::new(config),
            next_conn: 0,
            next_token: 0,
            sockets: BTreeMap::new(),
            askers: BTreeMap::new(),
            alarm: None,
            outputs: Vec::new(),
        };
        Self {
            state: Mutex::new(state),
            start: Instant::now(),
            sooner: Notify::new(),
            stopping: watch::Sender::new(false),
            log,
        }
    }

    /// Becomes true when the hub has shut down.
    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// A client sent CONNECT: its number if the hub takes it, else the reason, `None` if a flaw says nothing at all. It is in
    /// its room before this returns.
    pub(super) fn connect(&self, auth: Option<Value>) -> Result<ConnId, Option<&'static str>> {
        let mut state = self.lock();
        let conn = ConnId(state.next_conn);
        state.next_conn += 1;
        state.sockets.insert(conn, Standing::Joining(Vec::new()));
        let mut after = self.handle(&mut state, Input::Connect { conn, auth });
        if !after.accepted {
            after.left = state.sockets.remove(&conn);
        }
        drop(state);
        let verdict = if after.accepted { Ok(conn) } else { Err(after.refused) };
        after.carry_out(self);
        verdict
    }

    /// CONNECT is answered: what waited goes out now.
    pub(super) fn connected(&self, conn: ConnId, socket: SocketRef) {
        let mut state = self.lock();
        // It may have left in the meantime.
        if let Some(standing) = state.sockets.get_mut(&conn) {
            if let Standing::Joining(waiting) = standing {
                for command in std::mem::take(waiting) {
                    self.emit(&socket, &command);
                }
            }
            *standing = Standing::Open(socket);
        }
    }

    /// A connection is gone. Harmless if it was before.
    pub(super) fn left(&self, conn: ConnId) {
        let mut state = self.lock();
        let mut after = self.handle(&mut state, Input::Disconnect { conn });
        after.left = state.sockets.remove(&conn);
        drop(state);
        after.carry_out(self);
    }

    /// A client sent an event, or the time has come.
    pub(super) fn input(&self, input: Input) {
        let mut state = self.lock();
        let after = self.handle(&mut state, input);
        drop(state);
        after.carry_out(self);
    }

    /// Asks the control API. Dropping the answer before it is there cancels the call (TIME-8).
    pub(super) fn ask(self: &Arc<Self>, request: Request) -> Asking {
        let (sender, reply) = oneshot::channel();
        let mut state = self.lock();
        let token = Token(state.next_token);
        state.next_token += 1;
        state.askers.insert(token, sender);
        let after = self.handle(&mut state, Input::Ask { token, request });
        drop(state);
        after.carry_out(self);
        Asking { machine: Arc::clone(self), token, reply, answered: false }
    }

    /// Lets go of every socket and asker: those who asked get nothing.
    pub(super) fn forget(&self) {
        let mut state = self.lock();
        let sockets = std::mem::take(&mut state.sockets);
        let askers = std::mem::take(&mut state.askers);
        drop(state);
        drop((sockets, askers));
    }

    /// Keeps the hub's time: tells it whenever a deadline has come. Never ends.
    pub(super) async fn keep_time(&self) {
        loop {
            let alarm = {
                let mut state = self.lock();
                state.alarm = state.hub.next_deadline();
                state.alarm
            };
            let Some(alarm) = alarm else {
                self.sooner.notified().await;
                continue;
            };
            tokio::select! {
                biased;
                () = self.sooner.notified() => {}
                () = tokio::time::sleep_until(self.start + alarm) => self.input(Input::Tick),
            }
        }
    }

    /// Whether there is any socket.
    #[cfg(test)]
    pub(super) fn is_connected(&self) -> bool {
        !self.lock().sockets.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, state: &mut State, input: Input) -> After {
        let mut outputs = std::mem::take(&mut state.outputs);
        state.hub.handle(self.start.elapsed(), input, &mut outputs);
        let mut after = After::default();
        for output in outputs.drain(..) {
            self.carry_out(state, output, &mut after);
        }
        state.outputs = outputs;
        let deadline = state.hub.next_deadline();
        if deadline.is_some_and(|deadline| state.alarm.is_none_or(|alarm| deadline < alarm)) {
            self.sooner.notify_one();
        }
        after
    }

    fn carry_out(&self, state: &mut State, output: Output, after: &mut After) {
        match output {
            // The library answers CONNECT as soon as it hears that there was no refusal.
            Output::Accept { .. } => after.accepted = true,
            Output::Refuse { message, .. } => after.refused = Some(message),
            Output::Emit { conn, command } => match state.sockets.get_mut(&conn) {
                Some(Standing::Open(socket)) => self.emit(socket, &command),
                Some(Standing::Joining(waiting)) => waiting.push(command),
                None => {}
            },
            Output::Close { conn } => {
                if let Some(Standing::Open(socket)) = state.sockets.get(&conn) {
                    after.closed.push(socket.clone());
                }
            }
            Output::Reply { token, reply } => {
                if let Some(asker) = state.askers.remove(&token) {
                    // An asker who has gone abandons its call by itself.
                    asker.send(reply).ok();
                }
            }
            Output::Log(line) => (self.log)(&line),
            Output::Stop => after.stop = true,
        }
    }

    /// Hands a command to the library. What it does not take is lost, as with any hub: the call ends at its timeout, or
    /// when the socket's end is noticed.
    fn emit(&self, socket: &SocketRef, command: &PluginCommand) {
        if let Err(error) = socket.emit(COMMAND_EVENT, command) {
            let line = LogLine::new(LogLevel::Error, format!("command not sent: {error}"));
            (self.log)(&line.request(&command.action, &command.request_id));
        }
    }
}

/// An answer of the control API that is still to come.
pub(super) struct Asking {
    machine: Arc<Machine>,
    token: Token,
    reply: oneshot::Receiver<Reply>,
    answered: bool,
}

impl Future for Asking {
    /// `None` if the server was dropped before the answer.
    type Output = Option<Reply>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Reply>> {
        let reply = Pin::new(&mut self.reply).poll(cx);
        self.answered |= reply.is_ready();
        reply.map(Result::ok)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if !self.answered {
            self.machine.lock().askers.remove(&self.token);
            self.machine.input(Input::Abandon { token: self.token });
        }
    }
}
