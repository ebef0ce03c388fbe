//! Calls in flight: from the emit to the settlement.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Number, Value};

use super::answer;
use super::config::LONGEST_TIMEOUT;
use super::core::Hub;
use super::io::{ConnId, LogLevel, LogLine, Output, Token};
use super::jobs::Running;
use super::variant::Flaw;
use crate::contract::action;
use crate::contract::control::{CallBody, CallError, ErrorKind, Outcome, Reply};
use crate::contract::message::{COMMAND_EVENT, PluginCommand};
use crate::contract::text;
use crate::contract::user::UserId;

/// Calls after which a flaw shows that there were many.
const MANY: u64 = 60;

/// A call as the hub numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallNo(u64);

/// Who gets a call's outcome, and in which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// Level 1: the whole response is a value.
    Hub,
    /// Level 2: `data`, or the plugin's error.
    Helper,
    /// Level 3: the outcome becomes a job's result.
    Job,
}

/// A call in flight.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) token: Token,
    pub(super) asker: Asker,
    pub(super) job: Option<Running>,
    pub(super) user: UserId,
    pub(super) action: String,
    pub(super) request_id: String,
    timeout: Number,
    started: Duration,
    deadline: Duration,
}

impl Call {
    /// A log line that names what there is to name of it.
    pub(super) fn named(&self, line: LogLine) -> LogLine {
        line.user(&self.user).request(&self.action, &self.request_id).job(self.job.map(|job| job.id))
    }
}

/// A call that can be sent.
struct Ready {
    command: Arc<PluginCommand>,
    sockets: Vec<ConnId>,
    timeout: Number,
    patience: Duration,
}

/// Takes what is written to it for its length alone.
struct Counted(usize);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every call in flight.
#[derive(Debug, Default)]
pub struct Calls {
    next: u64,
    open: BTreeMap<CallNo, Call>,
    by_id: BTreeMap<String, CallNo>,
    deadlines: BTreeSet<(Duration, CallNo)>,
    /// Ids that a flaw keeps although their calls have ended.
    leaked: BTreeSet<String>,
    /// The patience that a flaw has with every call: that with the first one.
    first_patience: Option<Duration>,
    /// How the last settled response of a user is remembered by a flaw: its id.
    settled: BTreeMap<UserId, String>,
}

impl Calls {
    /// Request ids of calls in flight, of one user or of all, in the order of the calls.
    #[must_use]
    pub fn pending(&self, user: Option<&UserId>) -> Vec<String> {
        let of_user = |call: &&Call| user.is_none_or(|user| call.user == *user);
        let calls = self.open.values().filter(of_user).map(|call| call.request_id.clone());
        calls.chain(self.leaked.iter().cloned()).collect()
    }

    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    pub(super) fn due(&self, now: Duration) -> Option<CallNo> {
        self.deadlines.first().filter(|(deadline, _)| *deadline <= now).map(|(_, call)| *call)
    }

    pub(super) fn of(&self, user: Option<&UserId>) -> Vec<CallNo> {
        self.open.iter().filter(|(_, call)| user.is_none_or(|user| call.user == *user)).map(|(no, _)| *no).collect()
    }

    pub(super) fn asked_by(&self, token: Token) -> Vec<CallNo> {
        self.open.iter().filter(|(_, call)| call.token == token).map(|(no, _)| *no).collect()
    }

    pub(super) fn of_job(&self, id: u64) -> Option<CallNo> {
        self.open.iter().find(|(_, call)| call.job.as_ref().is_some_and(|job| job.id == id)).map(|(no, _)| *no)
    }

    /// Whether a call is still in flight.
    pub(super) fn is_open(&self, no: CallNo) -> bool {
        self.open.contains_key(&no)
    }

    /// A flaw's: gives a user's calls as much time again.
    pub(super) fn double_timeouts(&mut self, user: &UserId) {
        self.postpone(user, |call| call.deadline + call.deadline.saturating_sub(call.started));
    }

    /// A flaw's: gives a user's calls other deadlines.
    fn postpone(&mut self, user: &UserId, deadline: impl Fn(&Call) -> Duration) {
        for (no, call) in self.open.iter_mut().filter(|(_, call)| call.user == *user) {
            self.deadlines.remove(&(call.deadline, *no));
            call.deadline = deadline(call);
            self.deadlines.insert((call.deadline, *no));
        }
    }

    fn in_flight(&self, request_id: &str) -> bool {
        self.by_id.contains_key(request_id)
    }

    fn insert(&mut self, call: Call) -> CallNo {
        let no = CallNo(self.next);
        self.next += 1;
        self.by_id.insert(call.request_id.clone(), no);
        self.deadlines.insert((call.deadline, no));
        self.open.insert(no, call);
        no
    }

    pub(super) fn remove(&mut self, no: CallNo) -> Option<Call> {
        let call = self.open.remove(&no)?;
        self.deadlines.remove(&(call.deadline, no));
        self.by_id.remove(&call.request_id);
        Some(call)
    }
}

impl Hub {
    /// Emits a command and waits for its response, unless it cannot be sent at all.
    pub(super) fn start(
        &mut self,
        now: Duration,
        token: Token,
        asker: Asker,
        job: Option<Running>,
        body: CallBody,
        out: &mut Vec<Output>,
    ) {
        let (user, action) = (body.user_id.clone(), body.action.clone());
        self.line_up(token, &user);
        let Ready { command, sockets, timeout, patience } = match self.prepare(now, body) {
            Ok(ready) => ready,
            Err(error) => {
                let line = LogLine::new(LogLevel::Error, format!("call failed: {}", error.message)).user(&user);
                out.push(Output::Log(LogLine { action: Some(action), ..line }.job(job.map(|job| job.id))));
                return self.settle(now, now, token, asker, job, Err(error), out);
            }
        };
        let request_id = command.request_id.clone();
        let line = LogLine::new(LogLevel::Debug, "command sent").user(&user).request(&action, &request_id);
        out.push(Output::Log(line));
        let copies = if self.flawed(Flaw::EmittedTwice) { 2 } else { 1 };
        let emit = |conn| (0..copies).map(move |_| conn);
        let commands = sockets.into_iter().flat_map(emit);
        let commands = commands.map(|conn| Output::Emit { conn, command: Arc::clone(&command) }).collect();
        let deadline = now + patience;
        if self.flawed(Flaw::TimeoutReplaced) {
            self.calls.postpone(&user, |_| deadline);
        }
        let call = Call { token, asker, job, user: user.clone(), action, request_id, timeout, started: now, deadline };
        let call = self.calls.insert(call);
        self.send(call, &user, commands, out);
    }

    /// Makes the command of a call, or the error that keeps it from being sent (ERR-1, LIFE-7, TIME-9).
    fn prepare(&mut self, now: Duration, body: CallBody) -> Result<Ready, CallError> {
        let CallBody { user_id: user, action, payload, timeout_s } = body;
        let (timeout, mut patience) = self.patience(&action, timeout_s)?;
        if self.flawed(Flaw::TimeoutGlobal) {
            patience = *self.calls.first_patience.get_or_insert(patience);
        }
        let sockets = self.room(&user);
        let unnoticed = self.flawed(Flaw::NotConnectedUnnoticed) || self.flawed(Flaw::NotConnectedLate);
        if sockets.is_empty() && !unnoticed {
            return Err(CallError::new(ErrorKind::NotConnected, text::not_connected(&user)));
        }
        let request_id = self.request_id(now, &user);
        let command = Arc::new(PluginCommand { request_id, action, payload: self.outgoing(payload) });
        self.fits(&command)?;
        Ok(Ready { command, sockets, timeout, patience })
    }

    /// Takes a `plugin_response`; whatever is no answer to a call in flight is ignored with a warning (CORR-8, CORR-11).
    pub(super) fn response(
        &mut self,
        now: Duration,
        conn: ConnId,
        mut args: Vec<Value>,
        bytes: usize,
        out: &mut Vec<Output>,
    ) {
        let Some(user) = self.user_of(conn).cloned() else {
            return;
        };
        let mut response = if args.len() == 1 { args.pop().unwrap_or_default() } else { Value::Null };
        let id = response.get("request_id").and_then(Value::as_str).map(str::to_owned);
        let Some(id) = id else {
            let line = LogLine::new(LogLevel::Warn, "response ignored: it is malformed or has no request_id");
            out.push(Output::Log(line.user(&user)));
            self.deafen(conn);
            return;
        };
        let Some(call) = self.answered(&user, &id).filter(|call| !self.is_deaf(now, conn, *call)) else {
            let message = "response ignored: no call in flight has its request_id";
            out.push(Output::Log(LogLine {
                request_id: Some(id),
                ..LogLine::new(LogLevel::Warn, message).user(&user)
            }));
            if self.flawed(Flaw::StrayCloses) {
                out.push(Output::Close { conn });
            }
            return;
        };
        if bytes > self.config.max_bytes {
            let max = self.config.max_bytes;
            if self.flawed(Flaw::LargeResponseLost) {
                return;
            }
            if self.flawed(Flaw::LargeResponseUnnamed) {
                return self.fail(now, call, ErrorKind::Internal, "the call failed", out);
            }
            let message = format!("Response size ({bytes} bytes) exceeds max buffer size ({max} bytes)");
            return self.fail(now, call, ErrorKind::PayloadTooLarge, &message, out);
        }
        if self.flawed(Flaw::DataChanged) {
            response["data"] = Value::Object(Map::new());
        }
        self.spoil_data(&mut response);
        let Some(call) = self.calls.remove(call) else { return };
        if self.flawed(Flaw::PendingGrows) && self.calls.next > MANY {
            self.calls.leaked.insert(call.request_id.clone());
        }
        if self.flawed(Flaw::DuplicateSettlesNext) {
            self.calls.settled.insert(user.clone(), id);
        }
        let judged = answer::succeeded(&response, &self.config.flaws);
        if let Err(error) = &judged {
            let line = LogLine::new(LogLevel::Error, format!("call failed: {}", error.message));
            out.push(Output::Log(call.named(line)));
        }
        if judged.is_err() {
            self.leave_behind(&call);
        }
        if judged.is_err() && self.flawed(Flaw::FailureSpreads) {
            self.fail_all(now, Some(&user), ErrorKind::Internal, "a call of this user failed", out);
        }
        let result = if call.asker == Asker::Hub { Ok(response) } else { judged.map(|()| answer::data(response)) };
        self.settle(now, call.started, call.token, call.asker, call.job, result, out);
    }

    /// The call that a response with this id, from a socket of this user, answers.
    fn answered(&self, user: &UserId, id: &str) -> Option<CallNo> {
        let oldest = || self.calls.of(Some(user)).first().copied();
        if self.flawed(Flaw::OldestSettled) {
            return oldest();
        }
        let Some(call) = self.calls.by_id.get(id).copied() else {
            let duplicate =
                self.flawed(Flaw::DuplicateSettlesNext) && self.calls.settled.get(user).is_some_and(|last| last == id);
            return if duplicate || self.flawed(Flaw::LateSettlesNext) { oldest() } else { None };
        };
        let own = self.calls.open.get(&call).is_some_and(|call| call.user == *user);
        (own || self.flawed(Flaw::AnyUserAnswers)).then_some(call)
    }

    /// Whether a flaw ignores the responses to a call by now, or all those of a socket.
    fn is_deaf(&self, now: Duration, conn: ConnId, call: CallNo) -> bool {
        if self.deaf_to(conn) {
            return true;
        }
        let half_over =
            |call: &Call| now.saturating_sub(call.started) >= call.deadline.saturating_sub(call.started) / 2;
        self.flawed(Flaw::SecondHalfIgnored) && self.calls.open.get(&call).is_some_and(half_over)
    }

    /// Ends a call at its deadline (TIME-1).
    pub(super) fn time_out(&mut self, now: Duration, no: CallNo, out: &mut Vec<Output>) {
        let Some(call) = self.calls.remove(no) else { return };
        let mut message = text::timeout(&call.timeout);
        if self.flawed(Flaw::TimeoutWithoutNumber) {
            "Plugin command timeout".clone_into(&mut message);
        }
        if self.flawed(Flaw::NotCleanedUp) {
            self.calls.leaked.insert(call.request_id.clone());
        }
        self.leave_behind(&call);
        out.push(Output::Log(call.named(LogLine::new(LogLevel::Error, LogLine::TIMED_OUT))));
        let error = if self.flawed(Flaw::NotConnectedLate) && self.room(&call.user).is_empty() {
            CallError::new(ErrorKind::NotConnected, text::not_connected(&call.user))
        } else {
            CallError::new(ErrorKind::Timeout, message)
        };
        self.settle(now, call.started, call.token, call.asker, call.job, Err(error), out);
        if self.flawed(Flaw::TimeoutShared) {
            for other in self.calls.of(Some(&call.user)) {
                self.time_out(now, other, out);
            }
        }
    }

    /// A flaw's: a call that has ended without success stays pending.
    fn leave_behind(&mut self, call: &Call) {
        if self.flawed(Flaw::CleanedUpOnSuccessOnly) {
            self.calls.leaked.insert(call.request_id.clone());
        }
    }

    /// Flaws': makes other data of a plugin's.
    fn spoil_data(&self, response: &mut Value) {
        let Some(data) = response.get_mut("data") else { return };
        if self.flawed(Flaw::UnicodeMangled) {
            change(data, &|value| {
                if let Value::String(text) = value {
                    *text = text.replace(|letter: char| !letter.is_ascii(), "?");
                }
            });
        }
        if self.flawed(Flaw::LargeIntegerRounded) {
            change(data, &|value| {
                if let Some(large) = value.as_i64().filter(|number| number.unsigned_abs() > u64::from(u32::MAX)) {
                    *value = (large - large % 1000).into();
                }
            });
        }
    }

    /// Ends a call with an error of the hub's own.
    pub(super) fn fail(&mut self, now: Duration, no: CallNo, kind: ErrorKind, why: &str, out: &mut Vec<Output>) {
        let Some(call) = self.calls.remove(no) else { return };
        self.leave_behind(&call);
        out.push(Output::Log(call.named(LogLine::new(LogLevel::Error, format!("call failed: {why}")))));
        self.settle(now, call.started, call.token, call.asker, call.job, Err(CallError::new(kind, why)), out);
    }

    /// Hands the outcome to whoever asked.
    #[expect(clippy::too_many_arguments, reason = "a call that never got in flight has no struct to hold these")]
    fn settle(
        &mut self,
        now: Duration,
        started: Duration,
        token: Token,
        asker: Asker,
        job: Option<Running>,
        result: Result<Value, CallError>,
        out: &mut Vec<Output>,
    ) {
        let reply = if let (Asker::Job, Some(job)) = (asker, job) {
            Reply::JobResult(self.end_job(now, &job, result))
        } else {
            let elapsed_ms = now.saturating_sub(started).as_secs_f64() * 1000.0;
            Reply::Outcome(match result {
                Ok(value) => Outcome::Ok { value, elapsed_ms },
                Err(error) => Outcome::Error { error, elapsed_ms },
            })
        };
        out.push(Output::Reply { token, reply });
    }

    /// The timeout of a call: the number that its error text shows, and how long the call really waits (TIME-7, TIME-9).
    fn patience(&self, action: &str, asked: Option<Value>) -> Result<(Number, Duration), CallError> {
        let number = match asked {
            None => Number::from(self.default_timeout(action).as_secs()),
            Some(Value::Number(number)) => number,
            Some(other) => return Err(silly_timeout(&other)),
        };
        let seconds = number.as_f64().unwrap_or(f64::NAN);
        if seconds <= 0.0 && self.flawed(Flaw::ZeroTimeoutForEver) {
            return Ok((number, LONGEST_TIMEOUT));
        }
        if self.flawed(Flaw::TimeoutUnchecked) {
            let patience = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST_TIMEOUT);
            return Ok((number, patience.min(LONGEST_TIMEOUT)));
        }
        if !(seconds > 0.0 && seconds <= LONGEST_TIMEOUT.as_secs_f64()) {
            return Err(silly_timeout(&Value::Number(number)));
        }
        let factor = match (self.flawed(Flaw::TimeoutEarly), self.flawed(Flaw::TimeoutLate)) {
            (true, _) => 0.9,
            (_, true) => 1.5,
            _ => 1.0,
        };
        Ok((number, Duration::from_secs_f64(seconds * factor)))
    }

    /// The timeout of a command that names none (TIME-7).
    pub(super) fn default_timeout(&self, command: &str) -> Duration {
        if self.flawed(Flaw::OneDefault) { action::DEFAULT_TIMEOUT } else { action::timeout_of(command) }
    }

    fn request_id(&mut self, now: Duration, user: &UserId) -> String {
        let since_start = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let unix_ms = self.config.epoch_ms.saturating_add(since_start);
        let prefix = if self.flawed(Flaw::IdForm) { "cmd-" } else { "req_" };
        let formed = |id: &str| id.replacen("req_", prefix, 1);
        if self.flawed(Flaw::IdRepeatedUnderLoad) {
            let of_user = self.calls.of(Some(user));
            let latest = of_user.last().filter(|_| of_user.len() >= LOAD).and_then(|call| self.calls.open.get(call));
            if let Some(latest) = latest {
                return latest.request_id.clone();
            }
        }
        let id = if self.flawed(Flaw::IdsUnchecked) {
            self.ids.draw(user, unix_ms)
        } else {
            let calls = &self.calls;
            self.ids.next(user, unix_ms, |id| calls.in_flight(&formed(id)))
        };
        formed(&id)
    }

    fn outgoing(&self, mut payload: Value) -> Value {
        if let (true, Value::Object(members)) = (self.flawed(Flaw::PayloadKeyDropped), &mut payload) {
            let first = members.keys().next().cloned();
            first.and_then(|key| members.remove(&key));
        }
        if self.flawed(Flaw::PayloadNumberAsText) {
            change(&mut payload, &|value| {
                if value.is_number() {
                    *value = value.to_string().into();
                }
            });
        }
        payload
    }

    /// Whether a command's packet is within the limit (LIFE-7).
    fn fits(&self, command: &PluginCommand) -> Result<(), CallError> {
        /// The packet around the two JSON texts: `42[`, a comma and `]`.
        const FRAME: usize = 5;
        let mut argument = Counted(0);
        serde_json::to_writer(&mut argument, command)
            .map_err(|error| CallError::new(ErrorKind::Internal, format!("the command is no JSON: {error}")))?;
        let size = argument.0 + COMMAND_EVENT.len() + "\"\"".len() + FRAME;
        if size > self.config.max_bytes && !self.flawed(Flaw::LargeCommandSent) {
            if self.flawed(Flaw::LargeCommandUnnamed) {
                return Err(CallError::new(ErrorKind::PayloadTooLarge, "Payload exceeds max buffer size"));
            }
            let message = text::payload_too_large(size, self.config.max_bytes);
            return Err(CallError::new(ErrorKind::PayloadTooLarge, message));
        }
        Ok(())
    }
}

/// How many calls of a user have to be in flight for a flaw that shows under load.
const LOAD: usize = 50;

/// Makes something of every value in a value.
fn change(value: &mut Value, how: &dyn Fn(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| change(item, how)),
        Value::Object(members) => members.values_mut().for_each(|member| change(member, how)),
        plain => how(plain),
    }
}

fn silly_timeout(asked: &Value) -> CallError {
    let longest = LONGEST_TIMEOUT.as_secs();
    let message = format!("timeout_s must be a number of seconds above 0 and at most {longest}, not {asked}");
    CallError::new(ErrorKind::Invalid, message)
}
