//! JSON that may hold bytes.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Number, Value};

use crate::wire::WireError;

/// The key that marks an object as standing for an attachment.
const MARK: &str = "_placeholder";
/// The key that says which attachment, counted from 0.
const NUM: &str = "num";

/// An argument of a binary packet: JSON whose leaves may also be bytes.
///
/// On the wire the bytes travel in binary frames of their own, and the JSON holds
/// `{"_placeholder":true,"num":0}` in their place. JSON cannot tell such a placeholder from an ordinary
/// object that happens to have `"_placeholder":true`: in a binary packet it always is one.
/// Source: Socket.IO protocol 5, section "Packet encoding", binary events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(String),
    /// What travels as an attachment.
    Bytes(Bytes),
    /// An array.
    Array(Vec<Self>),
    /// An object, its keys in order.
    Object(BTreeMap<String, Self>),
}

impl Data {
    /// The arguments with placeholders for their bytes, and the bytes in the order of the placeholders.
    pub(super) fn detach_all(args: Vec<Self>) -> (Vec<Value>, Vec<Bytes>) {
        let mut attachments = Vec::new();
        let args = args.into_iter().map(|data| data.detach(&mut attachments)).collect();
        (args, attachments)
    }

    fn detach(self, attachments: &mut Vec<Bytes>) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(bool),
            Self::Number(number) => Value::Number(number),
            Self::Text(text) => Value::String(text),
            Self::Bytes(bytes) => {
                attachments.push(bytes);
                placeholder(attachments.len() - 1)
            }
            Self::Array(items) => items.into_iter().map(|x| x.detach(attachments)).collect(),
            Self::Object(fields) => fields.into_iter().map(|(key, value)| (key, value.detach(attachments))).collect(),
        }
    }

    /// JSON with each placeholder replaced by the attachment it names.
    ///
    /// Recursion is bounded by the nesting of `json`, which the JSON reader limits to 128.
    fn attach(json: Value, attachments: &[Bytes]) -> Result<Self, WireError> {
        Ok(match json {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(bool),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::Array(Self::attach_all(items, attachments)?),
            Value::Object(fields) if is_placeholder(&fields) => {
                let count = u32::try_from(attachments.len()).unwrap_or(u32::MAX);
                let index = index(&fields, count)?;
                Self::Bytes(attachments[index].clone())
            }
            Value::Object(fields) => Self::Object(
                fields.into_iter().map(|(key, value)| Ok((key, Self::attach(value, attachments)?))).collect::<Result<
                    _,
                    WireError,
                >>(
                )?,
            ),
        })
    }

    /// Arguments with their attachments in place. Two placeholders may name the same attachment, and an
    /// attachment may be named by none, as in the JavaScript implementation.
    ///
    /// # Errors
    /// [`WireError::BadPlaceholder`].
    pub(super) fn attach_all(args: Vec<Value>, attachments: &[Bytes]) -> Result<Vec<Self>, WireError> {
        args.into_iter().map(|json| Self::attach(json, attachments)).collect()
    }
}

/// Fails at the first placeholder that names none of `count` attachments.
///
/// # Errors
/// [`WireError::BadPlaceholder`].
pub(super) fn check_placeholders(args: &[Value], count: u32) -> Result<(), WireError> {
    args.iter().try_for_each(|json| match json {
        Value::Array(items) => check_placeholders(items, count),
        Value::Object(fields) if is_placeholder(fields) => index(fields, count).map(|_| ()),
        Value::Object(fields) => {
            fields.values().try_for_each(|value| check_placeholders(std::slice::from_ref(value), count))
        }
        _ => Ok(()),
    })
}

fn placeholder(num: usize) -> Value {
    Value::Object(Map::from_iter([(MARK.to_owned(), Value::Bool(true)), (NUM.to_owned(), Value::from(num))]))
}

fn is_placeholder(fields: &Map<String, Value>) -> bool {
    fields.get(MARK) == Some(&Value::Bool(true))
}

/// Which of `count` attachments a placeholder names.
fn index(fields: &Map<String, Value>, count: u32) -> Result<usize, WireError> {
    let num = fields.get(NUM);
    num.and_then(Value::as_u64)
        .filter(|num| *num < u64::from(count))
        .and_then(|num| usize::try_from(num).ok())
        .ok_or_else(|| WireError::BadPlaceholder {
            num: num.map_or_else(|| "nothing".to_owned(), Value::to_string),
            attachments: count,
        })
}

impl From<Value> for Data {
    /// JSON as it is: what looks like a placeholder stays an object.
    fn from(json: Value) -> Self {
        match json {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(bool),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Value::Object(fields) => {
                Self::Object(fields.into_iter().map(|(key, value)| (key, Self::from(value))).collect())
            }
        }
    }
}

impl From<Bytes> for Data {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}
