//! The control API on top of the hub: the same for every driver, whatever carries the requests.

use std::time::Duration;

use super::calls::Asker;
use super::core::Hub;
use super::io::{Output, Token};
use super::variant::Flaw;
use crate::contract::control::{
    Capability, Description, ErrorKind, PROTOCOL, Pending, Refusal, Reply, Request, Settings, Stats,
};

/// What the reference hub can do: everything.
const CAPABILITIES: [Capability; 11] = Capability::ALL;

impl Hub {
    /// What the hub says of itself.
    #[must_use]
    pub fn description(&self) -> Description {
        Description {
            protocol: PROTOCOL,
            name: "hubproof reference hub".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities: CAPABILITIES.iter().map(ToString::to_string).collect(),
            settings: Settings {
                grace_s: Some(self.config.grace.as_secs_f64()),
                max_bytes: Some(self.config.max_bytes as u64),
                counts: Some("bytes".to_owned()),
                default_timeout_s: Some(crate::contract::action::DEFAULT_TIMEOUT.as_secs_f64()),
                ..Settings::default()
            },
        }
    }

    pub(super) fn ask(&mut self, now: Duration, token: Token, request: Request, out: &mut Vec<Output>) {
        let reply = match request {
            Request::Command(body) => return self.start(now, token, Asker::Hub, None, body, out),
            Request::Call(body) => return self.start(now, token, Asker::Helper, None, body, out),
            Request::ProcessNext(body) => return self.process(now, token, &body, out),
            Request::Describe => Reply::Description(self.description()),
            Request::CreateJob(body) => {
                let id = self.jobs.create(now, body);
                self.job(now, id)
            }
            Request::Job(id) => self.job(now, id),
            Request::CancelJob(id) => self.cancel_job(now, id, out),
            Request::Pending(user) => {
                let request_ids = self.calls.pending(user.as_ref());
                let more = u64::from(self.flawed(Flaw::PendingMiscounted));
                Reply::Pending(Pending { count: request_ids.len() as u64 + more, request_ids })
            }
            Request::Connections(user) => Reply::Connections(self.sockets_of(&user) as u64),
            Request::FeedRequestIds(next) => {
                self.ids.feed(next);
                Reply::Done
            }
            Request::Reset(user) => {
                self.fail_all(now, user.as_ref(), ErrorKind::Internal, "the hub was reset", out);
                self.jobs.clear(user.as_ref());
                if user.is_none() {
                    self.ids.clear();
                }
                Reply::Done
            }
            Request::Shutdown => {
                self.down = true;
                if !self.flawed(Flaw::ShutdownHangs) {
                    self.fail_all(now, None, ErrorKind::ShuttingDown, "the hub is shutting down", out);
                }
                out.push(Output::Reply { token, reply: Reply::Done });
                return self.close_all(out);
            }
            Request::Stats => Reply::Stats(Stats { connections: Some(self.connections() as u64), ..Stats::default() }),
            // The core has moved its clock already: the time of every input depends on it.
            Request::Advance(_) => Reply::Done,
        };
        out.push(Output::Reply { token, reply });
    }

    fn job(&mut self, now: Duration, id: u64) -> Reply {
        self.view(now, id).map_or_else(|| Reply::Refused(Refusal::no_such_job(id)), Reply::Job)
    }

    /// A job that is cancelled while it runs stays cancelled, and its call ends (JOB-12).
    fn cancel_job(&mut self, now: Duration, id: u64, out: &mut Vec<Output>) -> Reply {
        if self.jobs.cancel(now, id, &self.config.flaws)
            && let Some(call) = self.calls.of_job(id)
        {
            self.fail(now, call, ErrorKind::Internal, "the job was cancelled", out);
        }
        self.job(now, id)
    }
}
