//! What has been seen so far, kept once for all checkers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use crate::contract::control::{JobBody, JobStatus};
use crate::contract::message::{COMMAND_EVENT, RESPONSE_EVENT};
use crate::contract::user::UserId;
use crate::event::{By, CallId, Ended, Event, EventNo, Facts, SocketId, Timeout, What};
use crate::wire::compose;
use crate::wire::socket::Namespace;

/// Everything seen so far.
#[derive(Debug)]
pub struct Picture {
    /// The harness's own precision.
    pub facts: Facts,
    /// Every call.
    pub calls: BTreeMap<CallId, Call>,
    /// Every connection.
    pub sockets: BTreeMap<SocketId, Socket>,
    /// Every `plugin_response` sent, in order.
    pub answers: Vec<Answer>,
    /// Every job created, by its id at the target.
    pub jobs: BTreeMap<u64, Job>,
    /// Request ids that the harness had the hub draw.
    pub fed: BTreeSet<String>,
    /// Users of whom the target said that they have no socket, until they connect again.
    pub known_gone: BTreeSet<UserId>,
    /// Where and when the target's clock was advanced, and by how much.
    pub advances: Vec<(EventNo, Duration, Duration)>,
    /// Where and when a connection broke or stayed half open, and whose it was if anybody's (LIFE-5).
    pub disturbances: Vec<(EventNo, Duration, Option<UserId>)>,
    /// Where and when the target was told to shut down (LIFE-9).
    pub down: Option<(EventNo, Duration)>,
}

/// A call and what became of it.
#[derive(Debug, Clone)]
pub struct Call {
    /// Where it began.
    pub started: EventNo,
    /// When it began, measured.
    pub at: Duration,
    /// Who is asked.
    pub user: UserId,
    /// The level and what is asked.
    pub asks: Asks,
    /// Its timeout, if the harness chose one.
    pub timeout: Option<Timeout>,
    /// What the target was told instead of a sensible timeout (TIME-9).
    pub odd_timeout: Option<Value>,
    /// The commands that were received for it, in order.
    pub commands: Vec<Command>,
    /// Sockets of its user that were connected when it began, but for those that name the user by the text of a number: what
    /// becomes of these is ISO-8's matter.
    pub audience: BTreeSet<SocketId>,
    /// Where its user stood when it began.
    pub presence: Presence,
    /// How it ended.
    pub end: Option<End>,
}

/// What a call asks.
#[derive(Debug, Clone)]
pub enum Asks {
    /// A command, at level 1 or 2 (`helper`).
    Command {
        /// Whether the helper was asked.
        helper: bool,
        /// The action.
        action: String,
        /// The payload.
        payload: Value,
    },
    /// The next job of its user.
    NextJob,
}

/// Whether a user had a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// At least one is connected.
    Here,
    /// None ever was: nothing that the hub may not have noticed yet.
    NeverSeen,
    /// All have gone, and the target itself has said so.
    Gone,
    /// The last one has gone, or one is connecting: the hub may see it otherwise.
    Unsure,
}

/// A command as a plugin received it.
#[derive(Debug, Clone)]
pub struct Command {
    /// Where.
    pub no: EventNo,
    /// On which connection.
    pub socket: SocketId,
    /// When, measured.
    pub at: Duration,
    /// Its `request_id`, if that is a text.
    pub request_id: Option<String>,
    /// The arguments of the event.
    pub args: Vec<Value>,
}

/// The end of a call.
#[derive(Debug, Clone)]
pub struct End {
    /// Where.
    pub no: EventNo,
    /// When, measured.
    pub at: Duration,
    /// How.
    pub how: Ended,
    /// How long it took by the caller's clock.
    pub elapsed: Duration,
    /// The harness's worst lateness meanwhile.
    pub lateness: Duration,
}

/// A `plugin_response` as a plugin sent it.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Where.
    pub no: EventNo,
    /// When, measured.
    pub at: Duration,
    /// On which connection.
    pub socket: SocketId,
    /// Whose plugin sent it.
    pub user: Option<UserId>,
    /// The one argument, null if there were none or several.
    pub body: Value,
    /// The size of its packet, where the target states a limit.
    pub bytes: u64,
    /// The `request_id` in it, if it is a text and not empty; none of a binary event.
    pub request_id: Option<String>,
    /// Whether it is no response at all: binary, no object, or without a `request_id` of that kind (CORR-11).
    pub malformed: bool,
    /// The call whose command it answers.
    pub call: Option<CallId>,
    /// Whether its call had ended at the caller before it was sent.
    pub late: bool,
    /// Whether an answer to the same call had been sent before.
    pub repeated: bool,
}

/// A connection.
#[derive(Debug, Clone)]
pub struct Socket {
    /// Whose, if its auth names somebody.
    pub user: Option<UserId>,
    /// Whether its auth names the user by the text of a number.
    pub by_text: bool,
    /// Whether it is connected now.
    pub open: bool,
    /// Whether the hub has accepted or refused it.
    pub answered: bool,
    /// Where and when it ended.
    pub gone: Option<(EventNo, Duration, By)>,
    /// Where and when its plugin froze: to the hub it may be open for long after, but nothing comes through any more.
    pub frozen: Option<(EventNo, Duration)>,
}

impl Socket {
    /// Where and when it was last of use: it ended, or its plugin froze.
    #[must_use]
    pub fn lost(&self) -> Option<(EventNo, Duration)> {
        self.frozen.or(self.gone.map(|(no, at, _)| (no, at)))
    }
}

/// How long a job may wait (JOB-10).
pub const EXPIRY: Duration = Duration::from_secs(3600);

/// Ages of a job that are nearer than this to an hour cannot be told from it: requests take time.
const SLACK: Duration = Duration::from_secs(10);

/// How long a job has been there, by the target's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// So long, which is less than an hour.
    Fresh(Duration),
    /// About an hour.
    Unsure,
    /// More than an hour: it is not pending any more (JOB-10).
    Expired,
}

/// A job that was created.
#[derive(Debug, Clone)]
pub struct Job {
    /// Where it was created.
    pub created: EventNo,
    /// When it was created, measured.
    pub at: Duration,
    /// Where the target was last told to cancel it.
    pub cancelled: Option<EventNo>,
    /// Where it was seen to have ended.
    pub closed: Option<EventNo>,
    /// How many of its runs have failed.
    pub failures: u64,
    /// What it is.
    pub body: JobBody,
    /// Its own timeout.
    pub timeout: Option<Timeout>,
}

impl Default for Picture {
    fn default() -> Self {
        Self {
            facts: Facts { scale: 1.0, tolerance: Duration::ZERO, grace: Duration::ZERO, log: false, limit: None },
            calls: BTreeMap::new(),
            sockets: BTreeMap::new(),
            answers: Vec::new(),
            jobs: BTreeMap::new(),
            fed: BTreeSet::new(),
            known_gone: BTreeSet::new(),
            advances: Vec::new(),
            disturbances: Vec::new(),
            down: None,
        }
    }
}

impl Picture {
    /// Adds an event.
    pub fn observe(&mut self, event: &Event) {
        match &event.what {
            What::Began(facts) => self.facts = *facts,
            What::IdsFed(ids) => self.fed.extend(ids.iter().cloned()),
            What::ClockAdvanced { by } => self.advances.push((event.no, event.at, *by)),
            What::CallStarted { call, helper, user, action, payload, timeout, odd_timeout } => {
                let asks = Asks::Command { helper: *helper, action: action.clone(), payload: payload.clone() };
                self.start(event, *call, user, asks, timeout.clone());
                if let Some(call) = self.calls.get_mut(call) {
                    call.odd_timeout.clone_from(odd_timeout);
                }
            }
            What::ProcessStarted { call, user } => self.start(event, *call, user, Asks::NextJob, None),
            What::CallEnded { call, ended, elapsed, lateness } => {
                let end =
                    End { no: event.no, at: event.at, how: ended.clone(), elapsed: *elapsed, lateness: *lateness };
                if let Some(call) = self.calls.get_mut(call) {
                    call.end.get_or_insert(end);
                }
                if let Ended::JobResult(result) = ended {
                    self.job_ran(event.no, result);
                }
            }
            What::JobCreated { job, body, timeout } => {
                let new = Job {
                    created: event.no,
                    at: event.at,
                    cancelled: None,
                    closed: None,
                    failures: 0,
                    body: body.clone(),
                    timeout: timeout.clone(),
                };
                self.jobs.insert(*job, new);
            }
            What::JobCancelled { job } => {
                if let Some(job) = self.jobs.get_mut(job) {
                    job.cancelled = Some(event.no);
                }
            }
            What::JobSeen(view) if !matches!(view.status, JobStatus::Pending | JobStatus::Running) => {
                if let Some(job) = self.jobs.get_mut(&view.job_id) {
                    job.closed.get_or_insert(event.no);
                }
            }
            What::SocketsSeen { user, count: 0 } | What::PulseSeen { user, count: 0, .. } => {
                self.known_gone.insert(user.clone());
            }
            What::Connecting { socket, user, auth, .. } => {
                if let Some(user) = user {
                    self.known_gone.remove(user);
                }
                let named = auth.as_ref().and_then(|auth| auth.get("user_id")).and_then(Value::as_str);
                let by_text = named.is_some_and(|digits| digits.parse::<u64>().is_ok());
                let (open, answered) = (false, false);
                let new = Socket { user: user.clone(), by_text, open, answered, gone: None, frozen: None };
                self.sockets.insert(*socket, new);
            }
            What::Connected { socket, .. } => self.mark(*socket, |socket| {
                socket.open = true;
                socket.answered = true;
            }),
            What::Refused { socket, .. } => self.mark(*socket, |socket| socket.answered = true),
            What::Intruded(_) => self.disturbances.push((event.no, event.at, None)),
            What::ShutDown => self.down = Some((event.no, event.at)),
            What::Gone { socket, by, .. } => self.gone(event, *socket, *by),
            What::Frozen { socket, .. } => self.mark(*socket, |socket| {
                socket.open = false;
                socket.frozen = Some((event.no, event.at));
            }),
            What::Received { socket, name, args, call: Some(call), .. } if name == COMMAND_EVENT => {
                let request_id = args.first().and_then(|body| body.get("request_id")).and_then(Value::as_str);
                let command = Command {
                    no: event.no,
                    at: event.at,
                    socket: *socket,
                    request_id: request_id.map(str::to_owned),
                    args: args.clone(),
                };
                if let Some(call) = self.calls.get_mut(call) {
                    call.commands.push(command);
                }
            }
            What::Sent { name, .. } if name == RESPONSE_EVENT => self.answered(event),
            _ => {}
        }
    }

    /// The answers to a call, in the order in which they were sent.
    pub fn answers_to(&self, call: CallId) -> impl Iterator<Item = &Answer> {
        self.answers.iter().filter(move |answer| answer.call == Some(call))
    }

    /// The commands of a call that came to sockets of its own user, in the order in which they came.
    pub fn own_commands<'a>(&'a self, call: &'a Call) -> impl Iterator<Item = &'a Command> {
        let user_at = |socket| self.sockets.get(socket).and_then(|socket| socket.user.as_ref());
        call.commands.iter().filter(move |command| user_at(&command.socket) == Some(&call.user))
    }

    /// The sockets of a user that are connected now, but for frozen ones.
    pub fn open_sockets<'a>(&'a self, user: &'a UserId) -> impl Iterator<Item = (SocketId, &'a Socket)> {
        let of_user = move |(_, socket): &(&SocketId, &Socket)| socket.open && socket.user.as_ref() == Some(user);
        self.sockets.iter().filter(of_user).map(|(id, socket)| (*id, socket))
    }

    /// Whether its socket had sent something before it that is no response: whether the hub still listens is CORR-11's matter.
    #[must_use]
    pub fn after_malformed(&self, answer: &Answer) -> bool {
        let before = |other: &Answer| other.malformed && other.socket == answer.socket && other.no < answer.no;
        self.answers.iter().any(before)
    }

    /// Whether an answer was sent so early that it has to settle its call: before the timeout by at least the tolerance
    /// (TIME-6), and by the harness's own lateness. An advance of the clock may overtake an answer that was sent before it.
    #[must_use]
    pub fn in_good_time(&self, call: &Call, end: &End, answer: &Answer) -> bool {
        let advanced = self.advanced(call.started, end.no);
        let latest = answer.at.saturating_sub(call.at) + advanced + self.facts.tolerance + end.lateness;
        let timeout = self.timeout_of(call).map(|timeout| Duration::from_secs_f64(timeout.asked_s));
        timeout.map_or_else(|| advanced.is_zero(), |timeout| latest < timeout)
    }

    /// Whether an answer is over the target's limit, however it counts: such a one settles nothing (LIFE-6).
    #[must_use]
    pub fn is_over_limit(&self, answer: &Answer) -> bool {
        self.facts.limit.is_some_and(|limit| limit.is_exceeded_by(answer.bytes))
    }

    /// Whether somebody else's connection broke or stayed half open since a call began (LIFE-5).
    #[must_use]
    pub fn disturbed_since(&self, call: &Call) -> bool {
        self.disturbances.iter().any(|(no, ..)| *no > call.started)
    }

    /// Whether a socket was open until a call had ended, by the tolerance: what was sent on one that was cut at that time may
    /// never have arrived.
    #[must_use]
    pub fn open_until(&self, socket: SocketId, end: &End) -> bool {
        let lost = self.sockets.get(&socket).and_then(Socket::lost);
        lost.is_none_or(|(_, at)| at > end.at + self.facts.tolerance)
    }

    /// By how much the target's clock was advanced between two events.
    #[must_use]
    pub fn advanced(&self, from: EventNo, until: EventNo) -> Duration {
        self.advances.iter().filter(|(no, ..)| from < *no && *no < until).map(|(.., by)| *by).sum()
    }

    /// When, by the harness's clock, so much time of the target's has passed for a call, at the latest: an advance of the
    /// clock counts for certain only once the call's command has come.
    #[must_use]
    pub fn runs_out(&self, call: &Call, timeout: Duration) -> Duration {
        let mut left = timeout;
        let sent = call.commands.first().map(|command| command.no);
        for (_, at, by) in self.advances.iter().filter(|(no, ..)| sent.is_some_and(|sent| *no > sent)) {
            let passed = at.saturating_sub(call.at);
            if passed >= left {
                break;
            }
            if passed + *by >= left {
                return *at;
            }
            left -= *by;
        }
        call.at + left
    }

    /// How long a job had been there at an event, by the target's clock.
    #[must_use]
    pub fn age(&self, job: &Job, no: EventNo, at: Duration) -> Age {
        let age = at.saturating_sub(job.at) + self.advanced(job.created, no);
        if age > EXPIRY + SLACK {
            Age::Expired
        } else if age + SLACK >= EXPIRY {
            Age::Unsure
        } else {
            Age::Fresh(age)
        }
    }

    /// The jobs of a call's user that were pending when it began, as far as can be told. One that is too old is not, whether or
    /// not anybody has looked at it since.
    pub fn waiting_jobs<'a>(&'a self, call: &'a Call) -> impl Iterator<Item = &'a Job> + Clone {
        self.unended_jobs(call).filter(|job| self.age(job, call.started, call.at) != Age::Expired)
    }

    /// Whether a call is a run of which the job may have been cancelled meanwhile.
    #[must_use]
    pub fn may_have_been_cancelled(&self, call: &Call) -> bool {
        let meanwhile = |job: &Job| job.body.user_id == call.user && job.cancelled.is_some_and(|no| no > call.started);
        matches!(call.asks, Asks::NextJob) && self.jobs.values().any(meanwhile)
    }

    /// The jobs of a call's user that had not ended when it began, however old they were by then.
    pub fn unended_jobs<'a>(&'a self, call: &'a Call) -> impl Iterator<Item = &'a Job> + Clone {
        self.jobs.values().filter(|job| {
            job.body.user_id == call.user
                && job.created < call.started
                && job.closed.is_none_or(|closed| closed > call.started)
        })
    }

    /// Whether it can be told which answer to a call was the first: not where two sockets answered at the same time, by the
    /// tolerance and the harness's own lateness.
    #[must_use]
    pub fn first_is_certain(&self, id: CallId, end: &End) -> bool {
        let mut answers = self.answers_to(id);
        let Some(first) = answers.next() else { return true };
        // One that is over the limit settles nothing (LIFE-6).
        if self.is_over_limit(first) {
            return false;
        }
        let until = first.at + self.facts.tolerance + end.lateness;
        !answers.any(|other| other.socket != first.socket && other.at <= until)
    }

    /// Whether a socket of a call's user has gone since the call began, or may have: one that is frozen goes when the hub notices.
    #[must_use]
    pub fn left_since(&self, call: &Call) -> bool {
        let mut of_user = self.sockets.values().filter(|socket| socket.user.as_ref() == Some(&call.user));
        of_user.any(|socket| match socket.gone {
            Some((no, ..)) => no > call.started,
            None => socket.frozen.is_some(),
        })
    }

    /// Whether a user has a socket that is frozen, of which the hub alone knows whether it counts.
    #[must_use]
    pub fn has_frozen(&self, user: &UserId) -> bool {
        self.sockets
            .values()
            .any(|socket| socket.user.as_ref() == Some(user) && socket.frozen.is_some() && socket.gone.is_none())
    }

    /// The timeout of a call in seconds as the target was told, of the job that it ran if it ran one.
    #[must_use]
    pub fn timeout_of(&self, call: &Call) -> Option<Timeout> {
        match (&call.asks, &call.end) {
            (Asks::Command { .. }, _) => call.timeout.clone(),
            (Asks::NextJob, Some(End { how: Ended::JobResult(result), .. })) => {
                let job = result.get("job_id").and_then(Value::as_u64)?;
                self.jobs.get(&job)?.timeout.clone()
            }
            // While it runs, only if there is no other job that it may be.
            (Asks::NextJob, None) => {
                let mut waiting = self.waiting_jobs(call);
                let only = waiting.next().filter(|_| waiting.next().is_none());
                only?.timeout.clone()
            }
            _ => None,
        }
    }

    /// A plugin has sent a response.
    fn answered(&mut self, event: &Event) {
        let What::Sent { socket, user, name, args, call, binary, .. } = &event.what else { return };
        let body = args.first().filter(|_| args.len() == 1).cloned().unwrap_or_default();
        // What another user's socket says answers no call, whatever command came there.
        let own = |call: &CallId| self.calls.get(call).is_some_and(|call| user.as_ref() == Some(&call.user));
        let call = call.filter(own);
        let id = body.get("request_id").and_then(Value::as_str).filter(|id| !binary && !id.is_empty());
        let id = id.map(str::to_owned);
        let ended = call.and_then(|call| self.calls.get(&call)).is_some_and(|call| call.end.is_some());
        let frame = self.facts.limit.and_then(|_| compose::event_in(&Namespace::root(), name, args, None).ok());
        let answer = Answer {
            bytes: frame.map_or(0, |frame| frame.len() as u64),
            no: event.no,
            at: event.at,
            socket: *socket,
            user: user.clone(),
            malformed: id.is_none(),
            request_id: id,
            body,
            call,
            late: ended,
            repeated: call.is_some() && self.answers.iter().any(|answer| answer.call == call),
        };
        self.answers.push(answer);
    }

    fn start(&mut self, event: &Event, id: CallId, user: &UserId, asks: Asks, timeout: Option<Timeout>) {
        let audience: BTreeSet<SocketId> =
            self.open_sockets(user).filter(|(_, socket)| !socket.by_text).map(|(id, _)| id).collect();
        let known = self.sockets.values().any(|socket| socket.user.as_ref() == Some(user));
        let presence = match (audience.is_empty(), known) {
            (false, _) => Presence::Here,
            (true, false) => Presence::NeverSeen,
            (true, true) if self.known_gone.contains(user) => Presence::Gone,
            (true, true) => Presence::Unsure,
        };
        let call = Call {
            started: event.no,
            at: event.at,
            user: user.clone(),
            asks,
            timeout,
            odd_timeout: None,
            commands: Vec::new(),
            audience,
            presence,
            end: None,
        };
        self.calls.insert(id, call);
    }

    /// A run of a job has ended with this result.
    fn job_ran(&mut self, no: EventNo, result: &Value) {
        let id = result.get("job_id").and_then(Value::as_u64);
        let Some(job) = id.and_then(|id| self.jobs.get_mut(&id)) else { return };
        let succeeded = result.get("success") == Some(&Value::Bool(true));
        job.failures += u64::from(!succeeded);
        if succeeded || result.get("will_retry") == Some(&Value::Bool(false)) {
            job.closed.get_or_insert(no);
        }
    }

    /// A connection has ended.
    fn gone(&mut self, event: &Event, socket: SocketId, by: By) {
        self.mark(socket, |socket| {
            socket.open = false;
            socket.gone = Some((event.no, event.at, by));
        });
        if matches!(by, By::Reset | By::MidFrame) {
            let user = self.sockets.get(&socket).and_then(|socket| socket.user.clone());
            self.disturbances.push((event.no, event.at, user));
        }
    }

    fn mark(&mut self, socket: SocketId, change: impl FnOnce(&mut Socket)) {
        if let Some(socket) = self.sockets.get_mut(&socket) {
            change(socket);
        }
    }
}

impl Call {
    /// Whether a command with this id was received for it.
    #[must_use]
    pub fn has_id(&self, id: &str) -> bool {
        self.commands.iter().any(|command| command.request_id.as_deref() == Some(id))
    }

    /// The text of its failure: the error at levels 1 and 2, the result's `error` for a job.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        match &self.end.as_ref()?.how {
            Ended::Error(error) => Some(&error.message),
            Ended::JobResult(result) if result.get("success") != Some(&Value::Bool(true)) => {
                result.get("error").and_then(Value::as_str)
            }
            _ => None,
        }
    }
}
