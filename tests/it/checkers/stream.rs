//! A run as it is written here, and what has to be found in it.

use std::time::Duration;

use hubproof::checker::judge;
use hubproof::contract::control::{CallError, ErrorKind, JobBody, JobStatus, JobView};
use hubproof::contract::guarantee::GuaranteeId;
use hubproof::contract::message::{COMMAND_EVENT, RESPONSE_EVENT};
use hubproof::contract::user::UserId;
use hubproof::event::{
    By, CallId, Ended, Event, EventNo, Facts, Finding, Limit, PluginId, SocketId, Stranger, Timeout, Verdict, What,
};
use serde_json::{Value, json};

/// How much later than its time something may be seen in these runs, in milliseconds.
pub(crate) const TOLERANCE_MS: u64 = 10;

/// A run, and the finding that one guarantee has to come to.
pub(crate) struct Case {
    /// The guarantee.
    pub(crate) id: &'static str,
    /// What happens in the run.
    pub(crate) title: &'static str,
    /// Writes the run and says what has to be found.
    pub(crate) run: fn(&mut Stream) -> Found,
}

/// What has to be found of a guarantee.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Found {
    /// It was kept so often.
    Held(u64),
    /// It was broken once, with just these events as its witness.
    Broken(Vec<EventNo>),
    /// The harness could not tell.
    Untold,
    /// It never mattered.
    NotExercised,
}

/// A call of the run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    /// The event with which it began.
    pub(crate) no: EventNo,
    at: Duration,
    user: u64,
    job: bool,
}

/// The events of a run, written one after the other. Calls have a timeout of ten seconds.
pub(crate) struct Stream {
    events: Vec<Event>,
    at: Duration,
    lateness: Duration,
    users: Vec<Option<UserId>>,
    calls: usize,
}

impl Stream {
    /// A run that has just begun.
    pub(crate) fn new() -> Self {
        let mut stream =
            Self { events: Vec::new(), at: Duration::ZERO, lateness: Duration::ZERO, users: Vec::new(), calls: 0 };
        stream.begin(Duration::ZERO, false);
        stream
    }

    /// A run against a target that has a grace period of so many seconds.
    pub(crate) fn grace(&mut self, seconds: u64) {
        self.events.clear();
        self.begin(Duration::from_secs(seconds), false);
    }

    /// A run against a target whose log can be read.
    pub(crate) fn readable(&mut self) {
        self.events.clear();
        self.begin(Duration::ZERO, true);
    }

    /// From here on the target states this limit, and how it counts if `exact`.
    pub(crate) fn limit(&mut self, max_bytes: u64, exact: bool) {
        let (tolerance, limit) = (Duration::from_millis(TOLERANCE_MS), Some(Limit { max_bytes, exact }));
        self.push(What::Began(Facts { scale: 1.0, tolerance, grace: Duration::ZERO, log: false, limit }));
    }

    /// The target writes a line to its log.
    pub(crate) fn logs(&mut self, line: &str) {
        self.push(What::Logged { line: line.to_owned() });
    }

    fn begin(&mut self, grace: Duration, log: bool) {
        let tolerance = Duration::from_millis(TOLERANCE_MS);
        self.push(What::Began(Facts { scale: 1.0, tolerance, grace, log, limit: None }));
    }

    /// Everything that the checkers find in the run.
    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        judge(&self.events)
    }

    /// What is found of one guarantee.
    pub(crate) fn finding(&self, id: &str) -> Finding {
        let id: GuaranteeId = id.parse().expect("an id of the catalogue");
        let verdict = self.verdicts().into_iter().find(|verdict| verdict.id == id);
        verdict.unwrap_or_else(|| panic!("nobody judges {id}")).finding
    }

    /// What is found of one guarantee, as cases say it.
    pub(crate) fn found(&self, id: &str) -> Found {
        match self.finding(id) {
            Finding::Held(times) => Found::Held(times),
            Finding::Untold(_) => Found::Untold,
            Finding::NotExercised => Found::NotExercised,
            Finding::Broken(breaches) => {
                let [only] = breaches.as_slice() else { panic!("{id} was broken more than once: {breaches:#?}") };
                Found::Broken(only.witness.clone())
            }
        }
    }

    /// From here on it is so many milliseconds since the start of the run.
    pub(crate) fn at(&mut self, ms: u64) -> &mut Self {
        self.at = Duration::from_millis(ms);
        self
    }

    /// From here on the harness itself is late by up to so many milliseconds.
    pub(crate) fn late_harness(&mut self, ms: u64) {
        self.lateness = Duration::from_millis(ms);
    }

    /// Anything that has no word of its own.
    pub(crate) fn push(&mut self, what: What) -> EventNo {
        let no = EventNo(self.events.len());
        self.events.push(Event { no, at: self.at, due: self.at, drawn: false, cause: None, what });
        no
    }

    /// A plugin opens a connection.
    pub(crate) fn connecting(&mut self, user: Option<u64>) -> (SocketId, EventNo) {
        let socket = SocketId(self.users.len());
        let (auth, user) = (user.map(|user| json!({ "user_id": user })), user.map(UserId::from));
        self.users.push(user.clone());
        (socket, self.push(What::Connecting { plugin: PluginId(socket.0), socket, user, auth }))
    }

    /// The hub accepts a connection.
    pub(crate) fn connected(&mut self, socket: SocketId) -> EventNo {
        self.push(What::Connected { plugin: PluginId(socket.0), socket })
    }

    /// The hub refuses a connection.
    pub(crate) fn refused(&mut self, socket: SocketId) -> EventNo {
        self.push(What::Refused {
            plugin: PluginId(socket.0),
            socket,
            reason: json!({ "message": "no" }),
            lateness: self.lateness,
        })
    }

    /// A plugin of this user connects.
    pub(crate) fn join(&mut self, user: u64) -> SocketId {
        let (socket, _) = self.connecting(Some(user));
        self.connected(socket);
        socket
    }

    /// The first plugin of this user, who connects if there is none.
    pub(crate) fn home(&mut self, user: u64) -> SocketId {
        let known = self.users.iter().position(|known| *known == Some(UserId::from(user)));
        known.map_or_else(|| self.join(user), SocketId)
    }

    /// A plugin leaves.
    pub(crate) fn leave(&mut self, socket: SocketId) -> EventNo {
        self.push(What::Gone { plugin: PluginId(socket.0), socket, by: By::Plugin })
    }

    /// A plugin's connection is reset.
    pub(crate) fn reset(&mut self, socket: SocketId) -> EventNo {
        self.push(What::Gone { plugin: PluginId(socket.0), socket, by: By::Reset })
    }

    /// A plugin's connection ends in the middle of a frame.
    pub(crate) fn mid_frame(&mut self, socket: SocketId) -> EventNo {
        self.push(What::Gone { plugin: PluginId(socket.0), socket, by: By::MidFrame })
    }

    /// The hub cuts a connection off without a goodbye.
    pub(crate) fn severed(&mut self, socket: SocketId) -> EventNo {
        self.push(What::Gone { plugin: PluginId(socket.0), socket, by: By::HubAbruptly })
    }

    /// A stranger opens a connection and sends nothing.
    pub(crate) fn intruded(&mut self) -> EventNo {
        self.push(What::Intruded(Stranger::Silent))
    }

    /// The hub is told to shut down.
    pub(crate) fn shut_down(&mut self) -> EventNo {
        self.push(What::ShutDown)
    }

    /// A plugin answers pings only after a while.
    pub(crate) fn slowed(&mut self, socket: SocketId) -> EventNo {
        self.push(What::Slowed { plugin: PluginId(socket.0), socket })
    }

    /// The target has had the time to miss a pong, and says how many sockets a user has.
    pub(crate) fn pulse_seen(&mut self, user: u64, count: u64) -> EventNo {
        self.push(What::PulseSeen { user: UserId::from(user), count, lateness: self.lateness })
    }

    /// The target is looked at under load.
    pub(crate) fn weighed(&mut self, pending: u64, rss_bytes: Option<u64>) -> EventNo {
        self.push(What::Weighed { pending, rss_bytes })
    }

    /// A plugin does nothing any more on a connection that stays open.
    pub(crate) fn frozen(&mut self, socket: SocketId) -> EventNo {
        self.push(What::Frozen { plugin: PluginId(socket.0), socket })
    }

    /// The hub closes a connection.
    pub(crate) fn closed(&mut self, socket: SocketId) -> EventNo {
        self.push(What::Gone { plugin: PluginId(socket.0), socket, by: By::Hub })
    }

    /// A call of this user on level 2, with the payload `{"n": …}`.
    pub(crate) fn call(&mut self, user: u64) -> Call {
        self.call_with(user, true, 10.0)
    }

    /// A call of this user whose payload has a text of so many characters.
    pub(crate) fn call_of_size(&mut self, user: u64, characters: usize) -> Call {
        self.call_of(user, true, 10.0, Some(json!({ "text": "x".repeat(characters) })))
    }

    /// A call of this user on level 1 or 2 (`helper`), with this timeout.
    pub(crate) fn call_with(&mut self, user: u64, helper: bool, timeout_s: f64) -> Call {
        self.call_of(user, helper, timeout_s, None)
    }

    fn call_of(&mut self, user: u64, helper: bool, timeout_s: f64, payload: Option<Value>) -> Call {
        let id = CallId(self.calls);
        self.calls += 1;
        let timeout = Timeout { documented: Duration::from_secs_f64(timeout_s), asked_s: timeout_s };
        let no = self.push(What::CallStarted {
            call: id,
            helper,
            user: UserId::from(user),
            action: "VINTED_SYNC".to_owned(),
            payload: payload.unwrap_or_else(|| json!({ "n": id.0 })),
            timeout: Some(timeout),
            odd_timeout: None,
        });
        Call { id, no, at: self.at, user, job: false }
    }

    /// The next job of this user is processed.
    pub(crate) fn process(&mut self, user: u64) -> Call {
        let id = CallId(self.calls);
        self.calls += 1;
        let no = self.push(What::ProcessStarted { call: id, user: UserId::from(user) });
        Call { id, no, at: self.at, user, job: true }
    }

    /// The arguments of the command of a call, as they should be.
    pub(crate) fn command(call: Call) -> Value {
        let payload = if call.job { json!({ "shop_id": 123 }) } else { json!({ "n": call.id.0 }) };
        json!({ "request_id": request_id(call), "action": "VINTED_SYNC", "payload": payload })
    }

    /// The command of a call is received, as it should be.
    pub(crate) fn received(&mut self, socket: SocketId, call: Call) -> EventNo {
        self.received_as(socket, call, vec![Self::command(call)])
    }

    /// The command of a call is received with these arguments.
    pub(crate) fn received_as(&mut self, socket: SocketId, call: Call, args: Vec<Value>) -> EventNo {
        self.push(What::Received {
            plugin: PluginId(socket.0),
            socket,
            user: self.users[socket.0].clone(),
            name: COMMAND_EVENT.to_owned(),
            args,
            call: Some(call.id),
        })
    }

    /// A call is answered with success and this data.
    pub(crate) fn answered(&mut self, socket: SocketId, call: Call, data: impl Into<Value>) -> EventNo {
        self.responded(socket, call, json!({ "success": true, "data": data.into() }))
    }

    /// A call is answered with this; its `request_id` is added.
    pub(crate) fn responded(&mut self, socket: SocketId, call: Call, body: Value) -> EventNo {
        let mut body = body;
        body["request_id"] = json!(request_id(call));
        self.said(socket, Some(call), body)
    }

    /// A plugin says this in `plugin_response`, in answer to a call's command or to nothing.
    pub(crate) fn said(&mut self, socket: SocketId, call: Option<Call>, body: Value) -> EventNo {
        self.push(What::Sent {
            plugin: PluginId(socket.0),
            socket,
            user: self.users[socket.0].clone(),
            name: RESPONSE_EVENT.to_owned(),
            args: vec![body],
            call: call.map(|call| call.id),
            binary: false,
        })
    }

    /// A plugin says this with an attachment.
    pub(crate) fn said_binary(&mut self, socket: SocketId, body: Value) -> EventNo {
        let no = self.said(socket, None, body);
        if let Some(What::Sent { binary, .. }) = self.events.last_mut().map(|event| &mut event.what) {
            *binary = true;
        }
        no
    }

    /// A plugin opens a connection with this auth.
    pub(crate) fn connecting_with(&mut self, auth: Value) -> (SocketId, EventNo) {
        let (socket, no) = self.connecting(None);
        let user = auth.get("user_id").and_then(|id| UserId::from_value(id).ok());
        self.users[socket.0].clone_from(&user);
        self.events[no.0].what = What::Connecting { plugin: PluginId(socket.0), socket, user, auth: Some(auth) };
        (socket, no)
    }

    /// The hub has not answered CONNECT.
    pub(crate) fn unanswered(&mut self, socket: SocketId) -> EventNo {
        self.push(What::Unanswered { plugin: PluginId(socket.0), socket, lateness: self.lateness })
    }

    /// A call of this user on level 2 with this in place of a timeout.
    pub(crate) fn call_with_odd_timeout(&mut self, user: u64, odd: Value) -> Call {
        let call = self.call(user);
        if let Some(What::CallStarted { timeout, odd_timeout, .. }) =
            self.events.last_mut().map(|event| &mut event.what)
        {
            (*timeout, *odd_timeout) = (None, Some(odd));
        }
        call
    }

    /// A call ends.
    pub(crate) fn ended(&mut self, call: Call, ended: Ended) -> EventNo {
        let (elapsed, lateness) = (self.at.saturating_sub(call.at), self.lateness);
        self.push(What::CallEnded { call: call.id, ended, elapsed, lateness })
    }

    /// A call ends with this value.
    pub(crate) fn value(&mut self, call: Call, value: impl Into<Value>) -> EventNo {
        self.ended(call, Ended::Value(value.into()))
    }

    /// A call ends with an error of this kind and text.
    pub(crate) fn failed(&mut self, call: Call, kind: ErrorKind, text: &str) -> EventNo {
        self.ended(call, Ended::Error(CallError::new(kind, text)))
    }

    /// A call ends with the error that a plugin gave.
    pub(crate) fn plugin_error(&mut self, call: Call, text: &str) -> EventNo {
        self.failed(call, ErrorKind::PluginError, text)
    }

    /// A call with a timeout of ten seconds ends with the text of its timeout.
    pub(crate) fn timed_out(&mut self, call: Call) -> EventNo {
        self.failed(call, ErrorKind::Timeout, "Plugin command timeout after 10s")
    }

    /// A call ends because its user's last socket has left.
    pub(crate) fn disconnected(&mut self, call: Call) -> EventNo {
        self.failed(call, ErrorKind::Disconnected, "the plugin has gone")
    }

    /// The run of a job ends with this result.
    pub(crate) fn result(&mut self, call: Call, result: Value) -> EventNo {
        self.ended(call, Ended::JobResult(result))
    }

    /// The harness still waits for a call.
    pub(crate) fn overdue(&mut self, call: Call) -> EventNo {
        let (elapsed, lateness) = (self.at.saturating_sub(call.at), self.lateness);
        self.push(What::CallOverdue { call: call.id, elapsed, lateness })
    }

    /// A sync of user 1 for the shop 123 is created, with a timeout of ten seconds; its id is 1.
    pub(crate) fn job(&mut self) {
        self.job_of(1, 1, "sync", None);
    }

    /// The same with this input.
    pub(crate) fn job_with(&mut self, input: Value) {
        self.create(1, JobBody { input: Some(input), ..job_body(1, "sync", None) });
    }

    /// A job of this id, user, action and priority is created.
    pub(crate) fn job_of(&mut self, id: u64, user: u64, action: &str, priority: Option<i64>) {
        self.create(id, job_body(user, action, priority));
    }

    fn create(&mut self, id: u64, body: JobBody) {
        let timeout = Timeout { documented: Duration::from_secs(10), asked_s: 10.0 };
        self.push(What::JobCreated { job: id, body, timeout: Some(timeout) });
    }

    /// The job is looked at.
    pub(crate) fn job_seen(&mut self, status: JobStatus) -> EventNo {
        self.push(What::JobSeen(JobView { job_id: 1, status, retry_count: None, timeout_s: None, error: None }))
    }

    /// The job is to be cancelled.
    pub(crate) fn job_cancelled(&mut self) -> EventNo {
        self.push(What::JobCancelled { job: 1 })
    }

    /// A plugin asks for a page of a wardrobe, and this status comes back, or nothing.
    pub(crate) fn page(&mut self, socket: SocketId, status: Option<u16>) -> EventNo {
        self.push(What::Exchange {
            plugin: PluginId(socket.0),
            method: "GET".to_owned(),
            target: "/api/v2/wardrobe/123/items?page=2&per_page=96&order=relevance".to_owned(),
            status,
            took: Duration::ZERO,
        })
    }

    /// The target's clock is advanced by so many seconds.
    pub(crate) fn advanced(&mut self, seconds: u64) -> EventNo {
        self.push(What::ClockAdvanced { by: Duration::from_secs(seconds) })
    }

    /// A call of this user on level 2 for this action, which names no timeout.
    pub(crate) fn call_without_timeout(&mut self, user: u64, action: &str) -> Call {
        let id = CallId(self.calls);
        self.calls += 1;
        let no = self.push(What::CallStarted {
            call: id,
            helper: true,
            user: UserId::from(user),
            action: action.to_owned(),
            payload: json!({ "n": id.0 }),
            timeout: None,
            odd_timeout: None,
        });
        Call { id, no, at: self.at, user, job: false }
    }

    /// A job of user 1 with this id and action is created, which names no timeout.
    pub(crate) fn job_without_timeout(&mut self, id: u64, action: &str) -> EventNo {
        let body = JobBody {
            marketplace: "vinted".to_owned(),
            action: action.to_owned(),
            user_id: UserId::from(1),
            shop_id: Some(json!(123)),
            priority: None,
            input: None,
            timeout_s: None,
        };
        self.push(What::JobCreated { job: id, body, timeout: None })
    }

    /// A job is looked at, whose command gets so many seconds.
    pub(crate) fn job_shown(&mut self, job_id: u64, timeout_s: Value) -> EventNo {
        let timeout_s = Some(timeout_s);
        self.push(What::JobSeen(JobView {
            job_id,
            status: JobStatus::Pending,
            retry_count: None,
            timeout_s,
            error: None,
        }))
    }

    /// The target says how many sockets a user has.
    pub(crate) fn sockets_seen(&mut self, user: u64, count: u64) -> EventNo {
        self.push(What::SocketsSeen { user: UserId::from(user), count })
    }

    /// The calls in flight of everybody are counted.
    pub(crate) fn pending_seen(&mut self, count: u64) -> EventNo {
        self.push(What::PendingSeen { user: None, count })
    }
}

/// The request id of a call.
pub(crate) fn request_id(call: Call) -> String {
    format!("req_{}_1736438400000_{}", call.user, 1000 + call.id.0)
}

/// The result of the job, with its counts.
pub(crate) fn success(imported: i64, duration_ms: u64) -> Value {
    json!({
        "job_id": 1,
        "marketplace": "vinted",
        "action": "sync",
        "success": true,
        "result": { "success": true, "imported": imported, "updated": 0 },
        "duration_ms": duration_ms,
    })
}

/// The same result, of another job.
pub(crate) fn of_job(id: u64, mut result: Value) -> Value {
    result["job_id"] = json!(id);
    result
}

/// The same failure, of the last attempt or one that is not, counted like this.
pub(crate) fn retried(retry_count: u64, will_retry: bool, mut result: Value) -> Value {
    result["retry_count"] = json!(retry_count);
    result["will_retry"] = json!(will_retry);
    result
}

/// The result of the job that failed, without a duration.
pub(crate) fn failure(error: &str) -> Value {
    json!({
        "job_id": 1,
        "marketplace": "vinted",
        "action": "sync",
        "success": false,
        "error": error,
        "will_retry": true,
        "retry_count": 1,
    })
}

/// A job for the shop 123, with a timeout of ten seconds.
fn job_body(user: u64, action: &str, priority: Option<i64>) -> JobBody {
    JobBody {
        marketplace: "vinted".to_owned(),
        action: action.to_owned(),
        user_id: UserId::from(user),
        shop_id: Some(json!(123)),
        priority,
        input: None,
        timeout_s: Some(json!(10)),
    }
}
