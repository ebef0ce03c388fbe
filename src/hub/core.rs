//! The machine: connections, rooms, and where every input goes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::answer::truthy;
use super::calls::{CallNo, Calls};
use super::config::HubConfig;
use super::ids::RequestIds;
use super::io::{ConnId, Input, LogLevel, LogLine, Output, Token};
use super::jobs::Jobs;
use super::queues::Queues;
use super::variant::Flaw;
use crate::contract::control::{ErrorKind, Request};
use crate::contract::message::RESPONSE_EVENT;
use crate::contract::user::UserId;

/// Lost sockets after which a flaw keeps them.
const STORM: usize = 15;

/// The reference hub.
///
/// `now` is the time since the hub started; it never goes back. Outputs are to be carried out in their order.
#[derive(Debug)]
pub struct Hub {
    pub(super) config: HubConfig,
    pub(super) ids: RequestIds,
    pub(super) calls: Calls,
    pub(super) jobs: Jobs,
    /// Flaws': what waits.
    pub(super) queues: Queues,
    users: BTreeMap<ConnId, UserId>,
    rooms: BTreeMap<UserId, BTreeSet<ConnId>>,
    /// Users whose last socket has left while calls of theirs are in flight, with the end of their grace period.
    absent: BTreeMap<UserId, Duration>,
    /// Whether it was told to shut down.
    pub(super) down: bool,
    /// A flaw's: how many sockets of each user have gone.
    gone: BTreeMap<UserId, usize>,
    /// A flaw's: users whose sockets had all gone once.
    former: BTreeSet<UserId>,
    /// A flaw's: sockets that nobody listens to any more.
    deaf_to: BTreeSet<ConnId>,
    /// How far the clock was advanced by the control API.
    advanced: Duration,
}

impl Hub {
    /// A hub without connections, calls or jobs.
    #[must_use]
    pub fn new(config: HubConfig) -> Self {
        Self {
            ids: RequestIds::new(config.seed),
            config,
            calls: Calls::default(),
            jobs: Jobs::default(),
            queues: Queues::default(),
            users: BTreeMap::new(),
            rooms: BTreeMap::new(),
            absent: BTreeMap::new(),
            down: false,
            gone: BTreeMap::new(),
            former: BTreeSet::new(),
            deaf_to: BTreeSet::new(),
            advanced: Duration::ZERO,
        }
    }

    /// Takes one input and appends what is to be done to `out`.
    pub fn handle(&mut self, now: Duration, input: Input, out: &mut Vec<Output>) {
        if let Input::Ask { request: Request::Advance(by_s), .. } = &input {
            // A clock never goes back: what is no duration moves nothing.
            self.advanced += Duration::try_from_secs_f64(*by_s).unwrap_or_default();
        }
        let now = now + self.advanced;
        let before = out.len();
        self.let_in(now);
        // What was due earlier comes first, however late the caller's clock ticks (TIME-4).
        if let Some(earlier) = now.checked_sub(Duration::from_nanos(1)) {
            self.expire(earlier, out);
        }
        match input {
            Input::Connect { conn, auth } => self.connect(now, conn, auth.as_ref(), out),
            Input::Disconnect { conn } => self.disconnect(now, conn, out),
            Input::Event { conn, name, args, bytes } if name == RESPONSE_EVENT => {
                self.response(now, conn, args, bytes, out);
            }
            Input::Ask { token, request } => self.ask(now, token, request, out),
            Input::Abandon { token } => self.abandon(token, out),
            Input::Event { .. } | Input::Tick => {}
        }
        self.expire(now, out);
        self.let_go(before, out);
        self.spoil_log(before, out);
    }

    /// What flaws make of the log lines from `before` on.
    fn spoil_log(&self, before: usize, out: &mut Vec<Output>) {
        const SPOILERS: [Flaw; 5] = [
            Flaw::ConnectionsUnlogged,
            Flaw::IgnoredUnlogged,
            Flaw::TimeoutsUnlogged,
            Flaw::FailuresUnlogged,
            Flaw::LogWithoutRequestId,
        ];
        if !SPOILERS.iter().any(|flaw| self.flawed(*flaw)) {
            return;
        }
        let unlogged = |line: &LogLine| match line.level {
            LogLevel::Debug => false,
            LogLevel::Info => self.flawed(Flaw::ConnectionsUnlogged),
            LogLevel::Warn => self.flawed(Flaw::IgnoredUnlogged),
            LogLevel::Error if line.message == LogLine::TIMED_OUT => self.flawed(Flaw::TimeoutsUnlogged),
            LogLevel::Error => self.flawed(Flaw::FailuresUnlogged),
        };
        for output in out.split_off(before) {
            match output {
                Output::Log(line) if unlogged(&line) => {}
                Output::Log(line) if self.flawed(Flaw::LogWithoutRequestId) => {
                    out.push(Output::Log(LogLine { request_id: None, ..line }));
                }
                other => out.push(other),
            }
        }
    }

    /// When the hub wants [`Input::Tick`] at the latest, in the caller's time.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        self.next_due().map(|due| due.saturating_sub(self.advanced))
    }

    /// How many sockets a user has.
    #[must_use]
    pub fn sockets_of(&self, user: &UserId) -> usize {
        let there = self.users.values().filter(|of| *of == user).count();
        let stormy = self.gone.values().sum::<usize>() > STORM;
        let ghosts = self.gone.get(user).copied().filter(|_| stormy && there > 0);
        there + ghosts.unwrap_or_default()
    }

    /// How many sockets are connected.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.users.len()
    }

    pub(super) fn flawed(&self, flaw: Flaw) -> bool {
        self.config.flaws.contains(&flaw)
    }

    /// The sockets that a command to `user` goes to, oldest first.
    pub(super) fn room(&self, user: &UserId) -> Vec<ConnId> {
        if self.flawed(Flaw::Broadcast) {
            return self.users.keys().copied().collect();
        }
        if self.flawed(Flaw::RoomByPrefix) {
            let alike = |other: &UserId| other.as_str().starts_with(user.as_str());
            return self.users.iter().filter(|(_, other)| alike(other)).map(|(conn, _)| *conn).collect();
        }
        let sockets = self.rooms.get(user).into_iter().flatten().copied();
        if self.flawed(Flaw::OneSocketOnly) { sockets.take(1).collect() } else { sockets.collect() }
    }

    pub(super) fn user_of(&self, conn: ConnId) -> Option<&UserId> {
        self.users.get(&conn)
    }

    fn connect(&mut self, now: Duration, conn: ConnId, auth: Option<&Value>, out: &mut Vec<Output>) {
        let named = auth.and_then(Value::as_object).and_then(|auth| auth.get("user_id"));
        let is_odd = auth.is_some_and(|auth| !auth.is_object());
        let anybody = self.flawed(Flaw::AnybodyConnects) && named.is_none() && !is_odd;
        let anybody = anybody.then(|| UserId::from(u64::MAX));
        let Some(user) = named.and_then(|id| self.named(id)).or(anybody) else {
            out.push(Output::Log(LogLine::new(LogLevel::Info, "connection without a user refused")));
            let stumbles = is_odd && auth.is_some_and(truthy) && self.flawed(Flaw::OddAuthHangs);
            if !(stumbles || self.flawed(Flaw::RefusalLost)) {
                out.push(Output::Refuse { conn, message: "a user_id is required" });
            }
            return;
        };
        out.push(Output::Log(LogLine::new(LogLevel::Info, "connected").user(&user)));
        self.absent.remove(&user);
        let left_out = self.flawed(Flaw::NewSocketNotJoined) && self.former.contains(&user);
        self.users.insert(conn, user);
        if self.flawed(Flaw::JoinedLate) {
            self.join_later(now, conn);
        } else if !left_out {
            self.join(conn);
        }
        out.push(Output::Accept { conn });
    }

    /// The user that a `user_id` in auth names (ISO-8).
    fn named(&self, id: &Value) -> Option<UserId> {
        let other = |name: String| UserId::from_value(&Value::String(name)).ok();
        match id {
            Value::String(digits) if self.flawed(Flaw::TextIdsApart) && digits.parse::<u64>().is_ok() => {
                other(format!("{digits} as a text"))
            }
            odd if self.flawed(Flaw::OddUsers) && !odd.is_string() && truthy(odd) => other(odd.to_string()),
            id => UserId::from_value(id).ok(),
        }
    }

    /// A flaw's: listens no more to a socket that has sent a malformed response.
    pub(super) fn deafen(&mut self, conn: ConnId) {
        if self.flawed(Flaw::DeafAfterMalformed) {
            self.deaf_to.insert(conn);
        }
    }

    pub(super) fn deaf_to(&self, conn: ConnId) -> bool {
        self.deaf_to.contains(&conn)
    }

    /// Lets a connection into its user's room, if it is still there.
    pub(super) fn join(&mut self, conn: ConnId) {
        if let Some(user) = self.users.get(&conn) {
            self.rooms.entry(user.clone()).or_default().insert(conn);
        }
    }

    fn disconnect(&mut self, now: Duration, conn: ConnId, out: &mut Vec<Output>) {
        let Some(user) = self.users.remove(&conn) else { return };
        out.push(Output::Log(LogLine::new(LogLevel::Info, "disconnected").user(&user)));
        if self.flawed(Flaw::AnyLeavingFails) {
            self.fail_all(now, Some(&user), ErrorKind::Disconnected, "a socket of the user has left", out);
        }
        if self.flawed(Flaw::LeavingFailsAll) {
            self.fail_all(now, None, ErrorKind::Disconnected, "a socket has left", out);
        }
        if self.flawed(Flaw::GhostsAfterStorm) {
            *self.gone.entry(user.clone()).or_default() += 1;
        }
        if self.flawed(Flaw::GhostRoom) {
            return;
        }
        let kept = self.flawed(Flaw::OldSocketKept);
        if let Some(room) = self.rooms.get_mut(&user).filter(|room| !kept || room.len() < 2) {
            room.remove(&conn);
            if room.is_empty() {
                self.rooms.remove(&user);
                if self.flawed(Flaw::NewSocketNotJoined) {
                    self.former.insert(user.clone());
                }
                if self.flawed(Flaw::LeftBehind) {
                    self.calls.double_timeouts(&user);
                } else if !(self.flawed(Flaw::LeavingUnnoticed) || self.down && self.flawed(Flaw::ShutdownHangs)) {
                    self.absent.insert(user, now + self.config.grace);
                }
            }
        }
    }

    /// When the next call runs out of time, or the next user has been away for too long, in the hub's time.
    fn next_due(&self) -> Option<Duration> {
        [self.calls.next_deadline(), self.absent.values().min().copied()].into_iter().flatten().min()
    }

    /// Ends what has run out of time, the earliest first: calls at their deadline, calls of users who did not come back.
    fn expire(&mut self, now: Duration, out: &mut Vec<Output>) {
        while let Some(due) = self.next_due().filter(|due| *due <= now) {
            if let Some(call) = self.calls.due(due) {
                self.time_out(now, call, out);
                continue;
            }
            let away = |(_, end): &(&UserId, &Duration)| **end <= due;
            let gone: Vec<UserId> = self.absent.iter().filter(away).map(|(user, _)| user.clone()).collect();
            for user in gone {
                self.absent.remove(&user);
                let message = format!("User {user} disconnected before the response came");
                self.fail_all(now, Some(&user), ErrorKind::Disconnected, &message, out);
            }
        }
    }

    /// Ends every call of `user`, or of everybody.
    pub(super) fn fail_all(
        &mut self,
        now: Duration,
        user: Option<&UserId>,
        kind: ErrorKind,
        why: &str,
        out: &mut Vec<Output>,
    ) {
        for call in self.calls.of(user) {
            self.fail(now, call, kind, why, out);
        }
    }

    /// Closes every connection and stops.
    pub(super) fn close_all(&mut self, out: &mut Vec<Output>) {
        out.extend(self.users.keys().map(|conn| Output::Close { conn: *conn }));
        out.push(Output::Stop);
    }

    fn abandon(&mut self, token: Token, out: &mut Vec<Output>) {
        if self.flawed(Flaw::AbandonedKept) {
            return;
        }
        for call in self.calls.asked_by(token) {
            self.cancel(call, out);
        }
    }

    /// Cancels a call whose asker has gone; nobody is told (TIME-8).
    pub(super) fn cancel(&mut self, call: CallNo, out: &mut Vec<Output>) {
        if let Some(call) = self.calls.remove(call) {
            let line = LogLine::new(LogLevel::Info, "caller has gone, call cancelled");
            out.push(Output::Log(call.named(line)));
            self.drop_out(call.token);
            if let Some(job) = call.job {
                self.jobs.put_back(job.id);
            }
        }
    }
}
