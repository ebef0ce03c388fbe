//! `hubproof call`: has a target make one call, and tells how it ended.

use std::cell::Cell;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Builder;

use super::{Failure, Interruption};
use crate::contract::action::{self, ACTIONS};
use crate::contract::control::{
    CallBody, CallError, ErrorKind, JobBody, JobStatus, JobView, Outcome, ProcessBody, Refusal, Reply, Request,
};
use crate::contract::json;
use crate::contract::nearest::suggestion;
use crate::contract::user::UserId;
use crate::live::Caller;
use crate::report::summary::exit;

/// Have a target's control API send one command, and tell how the call ended. Ctrl-C gives it up.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where the target offers the control API, such as `http://127.0.0.1:8000/hubproof/v1`.
    #[arg(long, env = "HUBPROOF_CONTROL", value_name = "URL")]
    control: String,
    /// What the control API wants as `Authorization: Bearer …`.
    #[arg(long, visible_alias = "token", env = "HUBPROOF_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    control_token: Option<String>,
    /// Whom to ask.
    #[arg(long, value_name = "ID", default_value = "1", value_parser = super::user, allow_negative_numbers = true)]
    user: UserId,
    /// What to ask, such as `VINTED_SYNC`.
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    action: String,
    /// With what, as JSON, or @FILE with it.
    #[arg(long, value_name = "JSON|@FILE", default_value = "{}", allow_hyphen_values = true)]
    payload: String,
    /// How long the call may take, in seconds [default: the target's own].
    #[arg(long, value_name = "SECONDS", value_parser = super::seconds, allow_negative_numbers = true)]
    timeout: Option<Duration>,
    /// Who is asked to make the call.
    #[arg(long, value_enum, default_value_t = Level::Commands)]
    level: Level,
    /// How to tell of it: to people, or to programs as one JSON object.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// The levels at which a call can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Level {
    /// The hub: the whole response comes back, failed or not.
    Commands,
    /// The helper: `data` comes back, and a failed response is an error.
    Calls,
    /// A job, which is created and processed.
    Job,
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// People.
    Text,
    /// Programs: one JSON object.
    Json,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
enum Ended {
    Call(Outcome),
    /// `not_cancelled` is why a job that failed is still to be tried again, where the target did not cancel it.
    Job {
        result: Value,
        view: JobView,
        not_cancelled: Option<String>,
    },
}

/// Makes the call.
///
/// # Errors
/// [`Failure::Usage`] if an argument is wrong, [`Failure::Untold`] if the target does not answer as it should.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let payload = payload(&arguments.payload)?;
    let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
    let ended = super::in_runtime(Builder::new_current_thread(), async {
        let mut interruption = Interruption::awaited()?;
        let caller = Caller::of(&arguments.control, arguments.control_token.clone()).map_err(|error| usage(&error))?;
        let created = Cell::new(None);
        let work = async {
            match arguments.level {
                Level::Commands | Level::Calls => call(arguments, payload, &caller).await,
                Level::Job => job(arguments, payload, &caller, &created).await,
            }
        };
        let ended = tokio::select! {
            ended = work => ended,
            () = interruption.came() => Err(Failure::Untold("interrupted: the call is given up".to_owned())),
        };
        let ended = match (ended, created.get()) {
            // Left behind, its job would be the next one that somebody processes.
            (Err(Failure::Untold(why)), Some(job)) => {
                let became = tokio::select! {
                    cancelled = cancel(&caller, job) => match cancelled {
                        Ok(view) => format!("job {job} is {}", view.status.name()),
                        Err(why) => format!("job {job} is left behind: {why}"),
                    },
                    () = interruption.came() => format!("job {job} may be left behind"),
                };
                return Err(Failure::Untold(format!("{why}; {became}")));
            }
            (ended, _) => ended?,
        };
        let text = match arguments.format {
            Format::Text => ended.text(),
            Format::Json => format!("{}\n", ended.json()),
        };
        super::write_result(&text)?;
        Ok(if ended.is_error() { exit::BROKEN } else { exit::HELD })
    })?;
    Ok(ended)
}

/// Reads the payload.
fn payload(given: &str) -> Result<Value, Failure> {
    let (what, text) = match given.strip_prefix('@') {
        None => ("--payload".to_owned(), given.to_owned()),
        Some(file) => {
            let text = std::fs::read_to_string(file);
            (file.to_owned(), text.map_err(|error| Failure::Usage(format!("cannot read {file}: {error}")))?)
        }
    };
    serde_json::from_str(&text).map_err(|error| {
        Failure::Usage(format!("{what} is no JSON: {error}; write it as '{{\"shop_id\": 123}}', or @FILE"))
    })
}

fn seconds(timeout: Option<Duration>) -> Option<Value> {
    timeout.map(|timeout| match timeout.subsec_nanos() {
        0 => timeout.as_secs().into(),
        _ => timeout.as_secs_f64().into(),
    })
}

async fn call(arguments: &Arguments, payload: Value, caller: &Caller) -> Result<Ended, Failure> {
    let body = CallBody {
        user_id: arguments.user.clone(),
        action: arguments.action.clone(),
        payload,
        timeout_s: seconds(arguments.timeout),
    };
    let request = if arguments.level == Level::Calls { Request::Call(body) } else { Request::Command(body) };
    match ask(caller, &request).await? {
        Reply::Outcome(outcome) => Ok(Ended::Call(outcome)),
        // The adapter judged what the hub should have: it counts as the hub's refusal.
        Reply::Refused(Refusal { status: 400, message }) => {
            let error = CallError::new(ErrorKind::Invalid, message);
            Ok(Ended::Call(Outcome::Error { error, elapsed_ms: 0.0 }))
        }
        reply => Err(other(reply)),
    }
}

/// Creates a job, which is told at once, and processes it.
async fn job(
    arguments: &Arguments,
    payload: Value,
    caller: &Caller,
    told: &Cell<Option<u64>>,
) -> Result<Ended, Failure> {
    let created = ask(caller, &Request::CreateJob(body(arguments, payload)?)).await?;
    let Reply::Job(JobView { job_id, .. }) = created else { return Err(other(created)) };
    told.set(Some(job_id));
    let process = ProcessBody { user_id: arguments.user.clone(), shop_id: None, marketplace: None };
    let processed = ask(caller, &Request::ProcessNext(process)).await?;
    let Reply::JobResult(result) = processed else { return Err(other(processed)) };
    if result["job_id"] != job_id {
        return Err(Failure::Untold(match &result["job_id"] {
            Value::Null => "no job was pending when it was to be processed: ask again".to_owned(),
            instead => format!("job {instead}, which was there before, was processed instead: ask again"),
        }));
    }
    let view = match ask(caller, &Request::Job(job_id)).await? {
        Reply::Job(view) => view,
        reply => return Err(other(reply)),
    };
    if view.status != JobStatus::Pending {
        return Ok(Ended::Job { result, view, not_cancelled: None });
    }
    // It failed and would be tried again by whoever processes the next one.
    Ok(match cancel(caller, job_id).await {
        Ok(view) => Ended::Job { result, view, not_cancelled: None },
        Err(why) => Ended::Job { result, view, not_cancelled: Some(why) },
    })
}

/// Cancels a job, and tells where it stands then, or why it is not cancelled.
async fn cancel(caller: &Caller, job: u64) -> Result<JobView, String> {
    match caller.ask(&Request::CancelJob(job)).await {
        Ok(Reply::Job(view)) if matches!(view.status, JobStatus::Pending | JobStatus::Running) => {
            Err(format!("the target was asked to cancel it, and it is {}", view.status.name()))
        }
        Ok(Reply::Job(view)) => Ok(view),
        Ok(Reply::Refused(refusal)) => Err(refusal.to_string()),
        Ok(_) => Err("the target answered with something else than was asked for".to_owned()),
        Err(trouble) => Err(trouble.to_string()),
    }
}

/// The job that an action stands for, by its command or by its code.
fn body(arguments: &Arguments, mut payload: Value) -> Result<JobBody, Failure> {
    let given = arguments.action.as_str();
    let known = ACTIONS.iter().find(|known| known.command == given || known.code == given);
    let Some(known) = known else {
        let names: Vec<&str> = ACTIONS.iter().map(|known| known.command).collect();
        return Err(Failure::Usage(format!("no job has the action '{given}': {}", suggestion(given, &names))));
    };
    let Value::Object(members) = &mut payload else {
        return Err(Failure::Usage("the payload of a job is a JSON object".to_owned()));
    };
    let shop_id = members.remove("shop_id");
    Ok(JobBody {
        marketplace: action::MARKETPLACE.to_owned(),
        action: known.code.to_owned(),
        user_id: arguments.user.clone(),
        shop_id,
        priority: None,
        input: Some(payload),
        timeout_s: seconds(arguments.timeout),
    })
}

async fn ask(caller: &Caller, request: &Request) -> Result<Reply, Failure> {
    caller.ask(request).await.map_err(|trouble| Failure::Untold(trouble.to_string()))
}

/// What an answer means that is none to what was asked.
fn other(reply: Reply) -> Failure {
    Failure::Untold(match reply {
        Reply::Refused(refusal) if refusal.status == 401 => {
            format!("{refusal}; give the token that this target wants, with --control-token")
        }
        Reply::Refused(refusal) => refusal.to_string(),
        _ => "the target answered with something else than was asked for".to_owned(),
    })
}

impl Ended {
    fn is_error(&self) -> bool {
        match self {
            Self::Call(outcome) => matches!(outcome, Outcome::Error { .. }),
            Self::Job { result, .. } => result["success"] != true,
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Call(outcome) => json!(outcome),
            Self::Job { result, view, not_cancelled: None } => json!({"job": view, "result": result}),
            Self::Job { result, view, not_cancelled: Some(why) } => {
                json!({"job": view, "not_cancelled": why, "result": result})
            }
        }
    }

    fn text(&self) -> String {
        let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_else(|_| json::canonical(value));
        match self {
            Self::Call(Outcome::Ok { value, elapsed_ms }) => {
                format!("ok after {elapsed_ms:.0} ms\n{}\n", pretty(value))
            }
            Self::Call(Outcome::Error { error, elapsed_ms }) => {
                let kind = json!(error.kind);
                let kind = kind.as_str().unwrap_or_default();
                let message = in_a_line(&error.message);
                let mut text = format!("error {kind} after {elapsed_ms:.0} ms: {message}\n");
                for (name, value) in [("status", &error.status), ("error_data", &error.error_data)] {
                    if let Some(value) = value {
                        text = format!("{text}{name}: {}\n", pretty(value));
                    }
                }
                text
            }
            Self::Job { result, view, not_cancelled } => {
                let error = result["error"].as_str().map(|error| format!(": {}", in_a_line(error))).unwrap_or_default();
                let word = if self.is_error() { "failed" } else { "ok" };
                let left = not_cancelled.as_ref().map(|why| format!("not cancelled: {}\n", in_a_line(why)));
                format!("job {} {word}{error}\n{}\n{}", view.job_id, pretty(result), left.unwrap_or_default())
            }
        }
    }
}

/// A text of the target's as a part of a line.
fn in_a_line(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}
