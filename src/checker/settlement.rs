//! Which answer it was that settled a call.

use serde_json::Value;

use super::picture::{Answer, Asks, Call, End, Picture};
use crate::contract::control::ErrorKind;
use crate::contract::{json, text};
use crate::event::{CallId, Ended, Event, What};

/// What settled a call, as far as its outcome tells.
#[derive(Debug, Clone, Copy)]
pub enum Settler<'a> {
    /// The first answer to it, as it should be.
    Own(&'a Answer),
    /// A later answer to it.
    Repeat(&'a Answer),
    /// An answer that was not meant for it.
    Foreign(&'a Answer),
    /// The hub by itself: timeout, no socket, and the like.
    Hub,
    /// No answer that any plugin sent explains the outcome.
    Unexplained,
}

/// A call that has just ended.
#[derive(Debug, Clone, Copy)]
pub struct EndedCall<'a> {
    /// Which.
    pub id: CallId,
    /// What is known of it.
    pub call: &'a Call,
    /// How it ended.
    pub end: &'a End,
    /// What settled it.
    pub settler: Settler<'a>,
}

impl<'a> EndedCall<'a> {
    /// The call that an event ends, if it ends one.
    #[must_use]
    pub fn of(event: &Event, picture: &'a Picture) -> Option<Self> {
        let What::CallEnded { call: id, .. } = event.what else { return None };
        let call = picture.calls.get(&id)?;
        let end = call.end.as_ref()?;
        Some(Self { id, call, end, settler: settler(picture, id, call, end) })
    }
}

/// What settled a call that has ended.
#[must_use]
pub fn settler<'a>(picture: &'a Picture, id: CallId, call: &Call, end: &End) -> Settler<'a> {
    let mut own = picture.answers_to(id);
    let first = own.next();
    // A plugin may say what the hub says by itself.
    if let Some(first) = first.filter(|first| explains_exactly(call, &end.how, first)) {
        return Settler::Own(first);
    }
    if made_by_hub(call, &end.how) {
        return Settler::Hub;
    }
    if let Some(first) = first.filter(|first| explains(call, &end.how, first)) {
        return Settler::Own(first);
    }
    if let Some(repeat) = own.find(|answer| explains(call, &end.how, answer)) {
        return Settler::Repeat(repeat);
    }
    let foreign = |answer: &&Answer| answer.call != Some(id) && explains_exactly(call, &end.how, answer);
    // Where several could have been it, one of the same user is the likelier.
    let mut others = picture.answers.iter().rev().filter(foreign);
    let of_user = others.clone().find(|answer| answer.user.as_ref() == Some(&call.user));
    of_user.or_else(|| others.next()).map_or(Settler::Unexplained, Settler::Foreign)
}

/// Whether the hub ended a call without an answer.
#[must_use]
pub fn made_by_hub(call: &Call, how: &Ended) -> bool {
    let text =
        |message: &str| text::timeout_in(message).is_some() || message.contains(&text::not_connected(&call.user));
    match how {
        Ended::Value(_) => false,
        Ended::Cancelled => true,
        Ended::Error(error) => {
            !matches!(error.kind, ErrorKind::PluginError | ErrorKind::Internal) || text(&error.message)
        }
        Ended::JobResult(result) => result.is_null() || result.get("error").and_then(Value::as_str).is_some_and(text),
    }
}

/// Whether a call ended for a reason that holds whatever its plugins do: its command or response was over the limit (LIFE-6,
/// LIFE-7), it made no sense (TIME-9), or the hub went down (LIFE-9).
#[must_use]
pub fn refused(how: &Ended) -> bool {
    let kinds = [ErrorKind::PayloadTooLarge, ErrorKind::Invalid, ErrorKind::ShuttingDown];
    matches!(how, Ended::Error(error) if kinds.contains(&error.kind))
}

/// Whether an answer of the call's own may have led to this outcome; how it was judged is another guarantee's matter.
fn explains(call: &Call, how: &Ended, answer: &Answer) -> bool {
    let claims_success = answer.body.get("success") == Some(&Value::Bool(true));
    match (&call.asks, how) {
        (Asks::Command { helper: true, .. }, Ended::Value(value)) => json::same(value, data(answer)),
        (Asks::Command { helper: false, .. }, Ended::Value(value)) => json::same(value, &answer.body),
        (_, Ended::Error(_)) => !claims_success,
        (_, Ended::JobResult(result)) => claims_success || result.get("success") != Some(&Value::Bool(true)),
        _ => false,
    }
}

/// Whether an answer explains the outcome to the letter.
pub(super) fn explains_exactly(call: &Call, how: &Ended, answer: &Answer) -> bool {
    let error = answer.body.get("error").and_then(Value::as_str);
    match how {
        Ended::Value(_) => explains(call, how, answer),
        Ended::Error(end) => error == Some(end.message.as_str()),
        Ended::JobResult(result) => error.is_some() && result.get("error").and_then(Value::as_str) == error,
        Ended::Cancelled => false,
    }
}

/// The data of an answer; null if it has none.
#[must_use]
pub fn data(answer: &Answer) -> &Value {
    answer.body.get("data").unwrap_or(&Value::Null)
}

/// An outcome in words.
#[must_use]
pub fn in_words(how: &Ended) -> String {
    match how {
        Ended::Value(value) => format!("the value {}", shortened(value)),
        Ended::Error(error) => format!("the error {:?}", error.message),
        Ended::JobResult(result) => format!("the job result {}", shortened(result)),
        Ended::Cancelled => "a cancellation".to_owned(),
    }
}

/// A value on one line, cut where it is long.
#[must_use]
pub fn shortened(value: &Value) -> String {
    const SHOWN: usize = 200;
    let text = json::shown(value);
    if text.chars().count() <= SHOWN {
        return text;
    }
    let start: String = text.chars().take(SHOWN).collect();
    format!("{start}… ({} bytes)", text.len())
}
