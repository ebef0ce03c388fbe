//! Who is asked: the user that a plugin belongs to.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A user of the backend. A JSON number and the text of its digits name the same user (ISO-8).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(String);

/// A JSON value that names no user.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{0} is no user id: it must be a whole number above 0 or a text that is not empty")]
pub struct NoUser(pub Value);

impl UserId {
    /// The user that a JSON value names.
    ///
    /// # Errors
    /// Anything but a whole number above 0 or a text that is neither empty nor `"0"` (ISO-8).
    pub fn from_value(value: &Value) -> Result<Self, NoUser> {
        let name = match value {
            Value::Number(number) => number.as_u64().map(|id| id.to_string()),
            Value::String(text) => Some(text.clone()),
            _ => None,
        };
        name.filter(|name| !name.is_empty() && name != "0").map(Self).ok_or_else(|| NoUser(value.clone()))
    }

    /// The user as JSON: a number where the id is one, else a text.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self.0.parse::<u64>() {
            Ok(number) if number.to_string() == self.0 => number.into(),
            _ => Value::String(self.0.clone()),
        }
    }

    /// The id as it stands in request ids, rooms and texts.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<u64> for UserId {
    fn from(id: u64) -> Self {
        Self(id.to_string())
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for UserId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for UserId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_and_its_digits_are_the_same_user() {
        assert_eq!(UserId::from_value(&json!(1)).unwrap(), UserId::from_value(&json!("1")).unwrap());
        assert_eq!(UserId::from_value(&json!("1")).unwrap().to_value(), json!(1));
        assert_eq!(UserId::from_value(&json!("anna")).unwrap().to_value(), json!("anna"));
        assert_eq!(UserId::from_value(&json!("01")).unwrap().to_value(), json!("01"));
    }

    #[test]
    fn odd_values_name_no_user() {
        for odd in
            [json!(0), json!("0"), json!(""), json!(null), json!(true), json!(1.5), json!(-1), json!([1]), json!({})]
        {
            assert_eq!(UserId::from_value(&odd), Err(NoUser(odd.clone())), "{odd}");
        }
    }
}
