//! A hub on a bench, with a clock that the test moves.

use std::time::Duration;

use hubproof::contract::control::{
    CallBody, ErrorKind, JobBody, JobStatus, JobView, Outcome, Pending, ProcessBody, Reply, Request,
};
use hubproof::contract::message::RESPONSE_EVENT;
use hubproof::contract::user::UserId;
use hubproof::hub::{ConnId, Hub, HubConfig, Input, Output, Token};
use serde_json::{Value, json};

/// A hub and its clock.
pub(crate) struct Rig {
    pub(crate) hub: Hub,
    now: Duration,
    conns: u64,
    tokens: u64,
}

/// A call that the hub has sent.
pub(crate) struct Sent {
    pub(crate) token: Token,
    pub(crate) id: String,
}

/// How a call ended: its value, or the kind and text of its error.
pub(crate) type End = Result<Value, (ErrorKind, String)>;

impl Rig {
    /// The reference hub as it comes.
    pub(crate) fn new() -> Self {
        Self::with(HubConfig::default())
    }

    /// A hub with a grace period of so many seconds.
    pub(crate) fn with_grace(seconds: u64) -> Self {
        Self::with(HubConfig { grace: Duration::from_secs(seconds), ..HubConfig::default() })
    }

    /// A hub with this configuration.
    pub(crate) fn with(config: HubConfig) -> Self {
        Self { hub: Hub::new(config), now: Duration::ZERO, conns: 0, tokens: 0 }
    }

    /// Moves the clock, without telling the hub.
    pub(crate) fn at(&mut self, seconds: f64) -> &mut Self {
        self.now = Duration::from_secs_f64(seconds);
        self
    }

    /// Gives the hub one input.
    pub(crate) fn give(&mut self, input: Input) -> Seen {
        let mut out = Vec::new();
        self.hub.handle(self.now, input, &mut out);
        Seen(out)
    }

    /// Tells the hub that time has passed.
    pub(crate) fn tick(&mut self) -> Seen {
        self.give(Input::Tick)
    }

    /// When the hub wants to be told the time, in seconds.
    pub(crate) fn deadline(&self) -> Option<f64> {
        self.hub.next_deadline().map(|deadline| deadline.as_secs_f64())
    }

    /// Sends CONNECT with this `auth`.
    pub(crate) fn connect(&mut self, auth: Option<Value>) -> (ConnId, Seen) {
        self.conns += 1;
        let conn = ConnId(self.conns);
        (conn, self.give(Input::Connect { conn, auth }))
    }

    /// Connects a socket of this user.
    pub(crate) fn join(&mut self, user: impl Into<Value>) -> ConnId {
        let (conn, seen) = self.connect(Some(json!({ "user_id": user.into() })));
        assert!(seen.0.contains(&Output::Accept { conn }), "{seen:?}");
        conn
    }

    /// Ends a connection.
    pub(crate) fn leave(&mut self, conn: ConnId) -> Seen {
        self.give(Input::Disconnect { conn })
    }

    /// Asks the control API.
    pub(crate) fn ask(&mut self, request: Request) -> (Token, Seen) {
        self.tokens += 1;
        let token = Token(self.tokens);
        (token, self.give(Input::Ask { token, request }))
    }

    /// Asks the control API what it answers at once.
    pub(crate) fn reply(&mut self, request: Request) -> Reply {
        let (token, seen) = self.ask(request);
        seen.reply(token).expect("an answer at once").clone()
    }

    /// Calls user 1 on level 2 with a timeout of ten seconds, which the hub has to send.
    pub(crate) fn call(&mut self) -> Sent {
        self.sent(Request::Call(call_of(1, Some(json!(10)))))
    }

    /// A call that the hub has to send.
    pub(crate) fn sent(&mut self, request: Request) -> Sent {
        let (token, seen) = self.ask(request);
        let emits = seen.emits();
        let (_, id) = emits.first().unwrap_or_else(|| panic!("nothing was sent: {seen:?}"));
        Sent { token, id: id.clone() }
    }

    /// A plugin says this in `plugin_response`.
    pub(crate) fn respond(&mut self, conn: ConnId, body: Value) -> Seen {
        self.respond_with(conn, vec![body])
    }

    /// A plugin says this in `plugin_response`, with as many arguments.
    pub(crate) fn respond_with(&mut self, conn: ConnId, args: Vec<Value>) -> Seen {
        let bytes = Value::from(args.clone()).to_string().len();
        self.give(Input::Event { conn, name: RESPONSE_EVENT.to_owned(), args, bytes })
    }

    /// A plugin answers a request with success and this data.
    pub(crate) fn answer(&mut self, conn: ConnId, id: &str, data: impl Into<Value>) -> Seen {
        self.respond(conn, json!({ "request_id": id, "success": true, "data": data.into() }))
    }

    /// Ids of the calls in flight, of everybody.
    pub(crate) fn pending(&mut self) -> Vec<String> {
        self.pending_of(None)
    }

    /// Ids of the calls in flight of a user, or of everybody.
    pub(crate) fn pending_of(&mut self, user: Option<u64>) -> Vec<String> {
        let Reply::Pending(Pending { count, request_ids }) = self.reply(Request::Pending(user.map(UserId::from)))
        else {
            panic!("no count of calls in flight");
        };
        assert_eq!(count, request_ids.len() as u64);
        request_ids
    }

    /// Creates a job and returns its id.
    pub(crate) fn create(&mut self, body: JobBody) -> u64 {
        match self.reply(Request::CreateJob(body)) {
            Reply::Job(JobView { job_id, status: JobStatus::Pending, .. }) => job_id,
            other => panic!("no new job: {other:?}"),
        }
    }

    /// Where a job stands.
    pub(crate) fn job(&mut self, id: u64) -> JobView {
        match self.reply(Request::Job(id)) {
            Reply::Job(view) => view,
            other => panic!("no job: {other:?}"),
        }
    }

    /// Cancels a job that does not run.
    pub(crate) fn cancel(&mut self, id: u64) -> JobStatus {
        match self.reply(Request::CancelJob(id)) {
            Reply::Job(view) => view.status,
            other => panic!("no job: {other:?}"),
        }
    }

    /// Processes the next job of user 1.
    pub(crate) fn process(&mut self) -> (Token, Seen) {
        self.ask(process_of(1))
    }
}

/// What the hub wants done after one input.
#[derive(Debug)]
pub(crate) struct Seen(pub(crate) Vec<Output>);

impl Seen {
    /// The commands emitted, in order: to whom, and with which request id.
    pub(crate) fn emits(&self) -> Vec<(ConnId, String)> {
        let emit = |output: &Output| match output {
            Output::Emit { conn, command } => Some((*conn, command.request_id.clone())),
            _ => None,
        };
        self.0.iter().filter_map(emit).collect()
    }

    /// The connections that commands were emitted to, in order.
    pub(crate) fn reached(&self) -> Vec<ConnId> {
        self.emits().into_iter().map(|(conn, _)| conn).collect()
    }

    /// The first command emitted, as JSON.
    pub(crate) fn command(&self) -> Value {
        let command = self.0.iter().find_map(|output| match output {
            Output::Emit { command, .. } => Some(json!(**command)),
            _ => None,
        });
        command.unwrap_or_else(|| panic!("no command: {self:?}"))
    }

    /// The answers to control requests, in order.
    pub(crate) fn replies(&self) -> Vec<(Token, &Reply)> {
        let reply = |output| match output {
            &Output::Reply { token, ref reply } => Some((token, reply)),
            _ => None,
        };
        self.0.iter().filter_map(reply).collect()
    }

    /// The answer to one control request, which comes once.
    pub(crate) fn reply(&self, token: Token) -> Option<&Reply> {
        let replies: Vec<&Reply> =
            self.replies().into_iter().filter(|(to, _)| *to == token).map(|(_, reply)| reply).collect();
        assert!(replies.len() <= 1, "answered more than once: {replies:?}");
        replies.first().copied()
    }

    /// How a call ended; `None` if it has not.
    pub(crate) fn end(&self, token: Token) -> Option<End> {
        match self.reply(token)? {
            Reply::Outcome(Outcome::Ok { value, .. }) => Some(Ok(value.clone())),
            Reply::Outcome(Outcome::Error { error, .. }) => Some(Err((error.kind, error.message.clone()))),
            other => panic!("no outcome of a call: {other:?}"),
        }
    }

    /// The text of a call's failure.
    pub(crate) fn error(&self, token: Token) -> String {
        self.end(token).and_then(End::err).unwrap_or_else(|| panic!("no failure: {self:?}")).1
    }

    /// The milliseconds that a call took.
    pub(crate) fn elapsed_ms(&self, token: Token) -> f64 {
        match self.reply(token) {
            Some(Reply::Outcome(Outcome::Ok { elapsed_ms, .. } | Outcome::Error { elapsed_ms, .. })) => *elapsed_ms,
            other => panic!("no outcome of a call: {other:?}"),
        }
    }

    /// The result of a job.
    pub(crate) fn result(&self, token: Token) -> Value {
        match self.reply(token) {
            Some(Reply::JobResult(result)) => result.clone(),
            other => panic!("no result of a job: {other:?}"),
        }
    }

    /// The lines of the log.
    pub(crate) fn log(&self) -> Vec<String> {
        let line = |output: &Output| match output {
            Output::Log(line) => Some(line.to_string()),
            _ => None,
        };
        self.0.iter().filter_map(line).collect()
    }
}

/// What a call to `user` asks for; the timeout may be any JSON value.
pub(crate) fn call_of(user: u64, timeout_s: Option<Value>) -> CallBody {
    CallBody { user_id: UserId::from(user), action: "VINTED_SYNC".to_owned(), payload: json!({}), timeout_s }
}

/// A job of user 1 for the shop 123.
pub(crate) fn job_of(action: &str) -> JobBody {
    JobBody {
        marketplace: "vinted".to_owned(),
        action: action.to_owned(),
        user_id: UserId::from(1),
        shop_id: Some(json!(123)),
        priority: None,
        input: None,
        timeout_s: None,
    }
}

/// The request to process the next job of a user.
pub(crate) fn process_of(user: u64) -> Request {
    Request::ProcessNext(ProcessBody { user_id: UserId::from(user), shop_id: None, marketplace: None })
}
