//! An event as a line: documented time, who, what.

use std::time::Duration;

use serde_json::Value;

use super::names::Names;
use crate::contract::control::ErrorKind;
use crate::contract::{json, text};
use crate::event::{By, CallId, Ended, Event, Stranger, Timeout, What};

/// The line of an event, `None` for what transcripts do not show. `advanced` is how far the target's clock is ahead of the
/// harness's by then: the time that is shown is the target's.
#[must_use]
pub fn line(event: &Event, advanced: Duration, names: &Names) -> Option<String> {
    let (who, what) = match &event.what {
        What::Began(_)
        | What::Logged { .. }
        | What::PendingSeen { .. }
        | What::SocketsSeen { .. }
        | What::PulseSeen { .. }
        | What::Sized { .. }
        | What::Weighed { .. } => return None,
        What::CallStarted { call, helper, user, action, payload, timeout, odd_timeout } => {
            let odd = odd_timeout.as_ref().map(|odd| format!(", timeout_s {}", json::shown(odd))).unwrap_or_default();
            let verb = if *helper { "calls" } else { "commands" };
            let text = format!(
                "{verb} user {user}: {action} {}{}{}",
                json::shown(&names.message(payload)),
                under(timeout.as_ref()),
                odd
            );
            (call.to_string(), text)
        }
        What::ProcessStarted { call, user } => (call.to_string(), format!("processes the next job of user {user}")),
        What::CallEnded { call, ended, .. } => (call.to_string(), end(*call, ended, names)),
        What::CallOverdue { call, .. } => (call.to_string(), "has not ended in time".to_owned()),
        What::JobCreated { job, body, timeout } => {
            let priority = body.priority.map(|priority| format!(", priority {priority}")).unwrap_or_default();
            let what = format!("{}_{} of user {}", body.action, body.marketplace, body.user_id);
            let input = json::shown(&body.payload());
            (names.job(*job), format!("is created: {what} {input}{priority}{}", under(timeout.as_ref())))
        }
        What::JobCancelled { job } => (names.job(*job), "is to be cancelled".to_owned()),
        What::JobSeen(view) => {
            let failures = view.retry_count.map(|count| format!(", {count} failed attempts")).unwrap_or_default();
            (names.job(view.job_id), format!("is {}{failures}", view.status.name()))
        }
        What::ClockAdvanced { by } => ("hub".to_owned(), format!("has its clock advanced by {}", seconds(*by))),
        What::IdsFed(ids) => ("hub".to_owned(), format!("draws these request ids next: {}", ids.join(", "))),
        What::Connecting { plugin, auth, .. } => {
            let auth =
                auth.as_ref().map_or_else(|| "without auth".to_owned(), |auth| format!("with {}", json::shown(auth)));
            (plugin.to_string(), format!("connects {auth}"))
        }
        What::Connected { plugin, .. } => (plugin.to_string(), "is connected".to_owned()),
        What::Refused { plugin, .. } => (plugin.to_string(), "is refused".to_owned()),
        What::Unanswered { plugin, .. } => (plugin.to_string(), "gets no answer to CONNECT".to_owned()),
        What::Gone { plugin, by: By::Plugin, .. } => (plugin.to_string(), "disconnects".to_owned()),
        What::Gone { plugin, by: By::Reset, .. } => (plugin.to_string(), "is cut off".to_owned()),
        What::Gone { plugin, by: By::MidFrame, .. } => (plugin.to_string(), "breaks off in mid-frame".to_owned()),
        What::Gone { plugin, by: By::HubAbruptly, .. } => {
            (plugin.to_string(), "is cut off by the hub without a goodbye".to_owned())
        }
        What::Intruded(stranger) => ("stranger".to_owned(), stranger_does(*stranger).to_owned()),
        What::ShutDown => ("hub".to_owned(), "is told to shut down".to_owned()),
        What::Slowed { plugin, .. } => (plugin.to_string(), "answers pings only after a while".to_owned()),
        What::Frozen { plugin, .. } => (plugin.to_string(), "freezes".to_owned()),
        What::Gone { plugin, by: By::Hub, .. } => (plugin.to_string(), "is disconnected by the hub".to_owned()),
        What::Received { plugin, name, args, .. } => {
            (plugin.to_string(), format!("receives {name}{}", shown(args, names)))
        }
        What::Sent { plugin, name, args, binary, .. } => {
            let binary = if *binary { " with an attachment" } else { "" };
            (plugin.to_string(), format!("sends {name}{binary}{}", shown(args, names)))
        }
        What::Exchange { plugin, method, target, status, .. } => {
            let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            (plugin.to_string(), format!("asks Vinted: {method} {target} -> {status}"))
        }
    };
    // A number that depends on the seed is none to show: the latest that it can be is.
    let mark = if event.drawn { "~" } else { "" };
    let time = format!("{mark}{}", seconds(event.due + advanced));
    Some(format!("{time:>8}  {who:<10} {what}"))
}

fn stranger_does(stranger: Stranger) -> &'static str {
    match stranger {
        Stranger::Silent => "opens a connection and sends nothing",
        Stranger::HalfRequest => "sends half of a request",
        Stranger::NeverConnects => "opens a WebSocket and sends nothing",
    }
}

fn end(call: CallId, ended: &Ended, names: &Names) -> String {
    match ended {
        Ended::Value(value) => format!("ends with {}", json::shown(&names.message(value))),
        Ended::Error(error) => {
            let status = error.status.as_ref().map(|status| format!(", status {status}")).unwrap_or_default();
            let data = error.error_data.as_ref().map(|data| format!(", {}", json::shown(data))).unwrap_or_default();
            // How a response over the limit is called is the target's own choice (LIFE-6).
            if error.kind == ErrorKind::PayloadTooLarge && text::payload_sizes_in(&error.message).is_none() {
                return "fails: <response too large>".to_owned();
            }
            format!("fails: {}{status}{data}", plain(&names.error(call, &error.message)))
        }
        Ended::JobResult(Value::Null) => "finds no pending job".to_owned(),
        Ended::JobResult(result) => format!("ends with the result {}", json::shown(&names.job_result(result))),
        Ended::Cancelled => "is given up by its caller".to_owned(),
    }
}

/// A text as it is; as JSON where it would not be seen for what it is: with line breaks, blanks around it, or too long.
fn plain(text: &str) -> String {
    let json = json::shown(&Value::String(text.to_owned()));
    let cut = json.len() < text.len();
    if cut || text.trim() != text || text.contains(char::is_control) { json } else { text.to_owned() }
}

fn shown(args: &[Value], names: &Names) -> String {
    let args: Vec<String> = args.iter().map(|arg| json::shown(&names.message(arg))).collect();
    if args.is_empty() { String::new() } else { format!(" {}", args.join(" ")) }
}

fn under(timeout: Option<&Timeout>) -> String {
    timeout.map(|timeout| format!(", timeout {}", seconds(timeout.documented))).unwrap_or_default()
}

fn seconds(time: Duration) -> String {
    // Display of a float is the shortest text that reads back as the same number.
    format!("{}s", time.as_secs_f64())
}
