//! Values of a behaviour that cannot be wrong: what makes no sense is refused where it is read.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use crate::contract::action::{ACTIONS, API_CALL};
use crate::contract::nearest::suggestion;

/// A duration in documented seconds, from none to a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Seconds(f64);

/// A day.
const MOST_SECONDS: f64 = 86_400.0;

impl Seconds {
    /// No time at all.
    pub const NONE: Self = Self(0.0);

    /// The same as a duration.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_secs_f64(self.0)
    }

    /// The number of seconds.
    #[must_use]
    pub const fn number(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Seconds {
    type Error = String;

    fn try_from(seconds: f64) -> Result<Self, String> {
        if (0.0..=MOST_SECONDS).contains(&seconds) {
            return Ok(Self(seconds));
        }
        Err(format!("{seconds} is no duration: give a number of seconds from 0 to {MOST_SECONDS}"))
    }
}

impl From<Seconds> for f64 {
    fn from(seconds: Seconds) -> Self {
        seconds.0
    }
}

impl From<u32> for Seconds {
    fn from(seconds: u32) -> Self {
        Self(f64::from(seconds).min(MOST_SECONDS))
    }
}

/// A probability, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Chance(f64);

impl Chance {
    /// The probability as a number.
    #[must_use]
    pub const fn number(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Chance {
    type Error = String;

    fn try_from(chance: f64) -> Result<Self, String> {
        if (0.0..=1.0).contains(&chance) {
            return Ok(Self(chance));
        }
        Err(format!("{chance} is no chance: give a number from 0 (never) to 1 (always)"))
    }
}

impl From<Chance> for f64 {
    fn from(chance: Chance) -> Self {
        chance.0
    }
}

/// A number of commands, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Count(u32);

impl Count {
    /// One.
    pub const FIRST: Self = Self(1);

    /// The number.
    #[must_use]
    pub const fn number(self) -> usize {
        self.0 as usize
    }
}

impl TryFrom<i64> for Count {
    type Error = String;

    fn try_from(count: i64) -> Result<Self, String> {
        match u32::try_from(count) {
            Ok(count) if count > 0 => Ok(Self(count)),
            _ => Err(format!("{count} is no number of commands: they are counted from 1")),
        }
    }
}

impl From<Count> for i64 {
    fn from(count: Count) -> Self {
        count.0.into()
    }
}

/// The action of a command, one of those that the contract knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ActionName(String);

impl ActionName {
    /// Such as `VINTED_SYNC`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ActionName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let known: Vec<&str> = ACTIONS.iter().map(|action| action.command).chain([API_CALL]).collect();
        if known.contains(&name.as_str()) {
            return Ok(Self(name));
        }
        Err(format!("unknown action `{name}`: {}", suggestion(&name, &known)))
    }
}

impl From<ActionName> for String {
    fn from(name: ActionName) -> Self {
        name.0
    }
}

/// An HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Status(u16);

impl Status {
    /// Such as 403.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl TryFrom<i64> for Status {
    type Error = String;

    fn try_from(status: i64) -> Result<Self, String> {
        match u16::try_from(status) {
            Ok(status) if (100..=599).contains(&status) => Ok(Self(status)),
            _ => Err(format!("{status} is no HTTP status: give one from 100 to 599")),
        }
    }
}

impl From<Status> for i64 {
    fn from(status: Status) -> Self {
        status.0.into()
    }
}

/// Any JSON, written as a text: TOML knows no null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JsonText(pub Value);

impl TryFrom<String> for JsonText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = |error| format!("'{text}' is no JSON: {error}");
        serde_json::from_str(&text).map(Self).map_err(wrong)
    }
}

impl From<JsonText> for String {
    fn from(json: JsonText) -> Self {
        json.0.to_string()
    }
}

/// The arguments of an event, written as the text of a JSON list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arguments(pub Vec<Value>);

impl TryFrom<String> for Arguments {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match JsonText::try_from(text)?.0 {
            Value::Array(arguments) => Ok(Self(arguments)),
            other => Err(format!("'{other}' is no list: several arguments, or none, are a JSON list such as '[null]'")),
        }
    }
}

impl From<Arguments> for String {
    fn from(arguments: Arguments) -> Self {
        Value::Array(arguments.0).to_string()
    }
}

/// What TOML calls the one member of a date when it hands it on.
const DATE: &str = "$__toml_private_datetime";

/// Reads data that JSON can hold: no date, no infinity, nothing that is not a number.
///
/// # Errors
/// The deserializer's own, for anything else.
pub(super) fn plain<'de, D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
    Plain::deserialize(from).map(|plain| plain.0)
}

/// The same for an object's members.
///
/// # Errors
/// As [`plain`], and for what is no object.
pub(super) fn plain_members<'de, D: Deserializer<'de>>(from: D) -> Result<Map<String, Value>, D::Error> {
    match plain(from)? {
        Value::Object(members) => Ok(members),
        other => Err(D::Error::custom(format!("{other} has no members: give a table"))),
    }
}

/// The same where there may be none.
///
/// # Errors
/// As [`plain`].
pub(super) fn some_plain<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    plain(from).map(Some)
}

struct Plain(Value);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(PlainVisitor).map(Self)
    }
}

struct PlainVisitor;

impl<'de> Visitor<'de> for PlainVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("data that JSON can hold")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom(format!("JSON has no number {value}")))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Plain(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if name == DATE {
                return Err(A::Error::custom("JSON has no dates: write it as a text, in quotes"));
            }
            object.insert(name, members.next_value::<Plain>()?.0);
        }
        Ok(Value::Object(object))
    }
}
