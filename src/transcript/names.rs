//! Names for what cannot be the same in two runs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::contract::message::COMMAND_EVENT;
use crate::contract::text;
use crate::event::{CallId, Event, Timeout, What};

/// The names of one run: request ids and jobs by ordinals, in the order of the transcript.
#[derive(Debug, Default)]
pub struct Names {
    requests: BTreeMap<String, usize>,
    jobs: BTreeMap<u64, (usize, Option<Timeout>)>,
    timeouts: BTreeMap<CallId, Timeout>,
    cut_off: BTreeSet<CallId>,
    /// Texts whose size follows from the target's limit, by that size.
    sizes: BTreeMap<usize, String>,
}

impl Names {
    /// The names of a run, whose events are also given in transcript order.
    #[must_use]
    pub fn of(events: &[Event], ordered: &[&Event]) -> Self {
        let mut names = Self::default();
        for event in ordered {
            if let What::Received { name, args, .. } = &event.what {
                let id = args.first().and_then(|body| body.get("request_id")).and_then(Value::as_str);
                if let Some(id) = id.filter(|_| name == COMMAND_EVENT) {
                    let next = names.requests.len() + 1;
                    names.requests.entry(id.to_owned()).or_insert(next);
                }
            }
        }
        for event in events {
            match &event.what {
                What::JobCreated { job, timeout, .. } => {
                    let next = names.jobs.len() + 1;
                    names.jobs.entry(*job).or_insert((next, timeout.clone()));
                }
                What::CallStarted { call, timeout: Some(timeout), .. } => {
                    names.timeouts.insert(*call, timeout.clone());
                }
                What::Sized { characters, words } => {
                    names.sizes.insert(*characters, words.clone());
                }
                What::CallEnded { call, .. } => {
                    let cause = event.cause.and_then(|cause| events.get(cause.0)).map(|cause| &cause.what);
                    if matches!(cause, Some(What::Gone { .. } | What::Frozen { .. })) {
                        names.cut_off.insert(*call);
                    }
                }
                _ => {}
            }
        }
        names
    }

    /// A request id that a hub made, by its ordinal; other texts, such as ids that a scenario made up, as they are.
    #[must_use]
    pub fn request(&self, id: &str) -> String {
        self.requests.get(id).map_or_else(|| id.to_owned(), |number| format!("<request {number}>"))
    }

    /// A job by its ordinal.
    #[must_use]
    pub fn job(&self, id: u64) -> String {
        self.jobs.get(&id).map_or_else(|| format!("job {id} of the target"), |(number, _)| format!("job {number}"))
    }

    /// A message with its `request_id` by name, where it has one, and texts whose size follows from the target's limit by what
    /// that is in words.
    #[must_use]
    pub fn message(&self, body: &Value) -> Value {
        let mut body = body.clone();
        if !self.sizes.is_empty() {
            self.name_sizes(&mut body);
        }
        if let Some(Value::String(id)) = body.get_mut("request_id") {
            *id = self.request(id);
        }
        body
    }

    fn name_sizes(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(words) = self.sizes.get(&text.len()) {
                    *text = format!("<a text of a size {words} the hub's limit>");
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.name_sizes(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.name_sizes(member)),
            _ => {}
        }
    }

    /// The text of a call's error, with the documented number where it is a timeout's. What a hub says when the user's
    /// last socket has left is its own choice, so that has a name; so have the sizes that it counts by itself.
    #[must_use]
    pub fn error(&self, call: CallId, message: &str) -> String {
        if self.cut_off.contains(&call) {
            return "<disconnected>".to_owned();
        }
        if let Some(named) = text::with_sizes_named(message) {
            return named;
        }
        self.timeouts.get(&call).map_or_else(|| message.to_owned(), |timeout| documented(message, timeout))
    }

    /// A job's result: the job by name, the duration as such, a timeout with its documented number.
    #[must_use]
    pub fn job_result(&self, result: &Value) -> Value {
        let mut named = result.clone();
        let Value::Object(members) = &mut named else {
            return named;
        };
        let id = members.get("job_id").and_then(Value::as_u64);
        let timeout = id.and_then(|id| self.jobs.get(&id)).and_then(|(_, timeout)| timeout.as_ref());
        if let (Some(timeout), Some(Value::String(error))) = (timeout, members.get_mut("error")) {
            *error = documented(error, timeout);
        }
        if let (Some(id), Some(shown)) = (id, members.get_mut("job_id")) {
            *shown = format!("<{}>", self.job(id)).into();
        }
        if let Some(duration) = members.get_mut("duration_ms").filter(|duration| duration.is_number()) {
            *duration = "<duration>".into();
        }
        named
    }
}

fn documented(message: &str, timeout: &Timeout) -> String {
    text::with_timeout_rescaled(message, timeout.asked_s, timeout.documented)
}
