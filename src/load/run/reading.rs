//! What is heard, read where it lies: no tree of values in between.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::texts::{NONCE, PAD};
use crate::contract::text;

/// The one argument of a command.
#[derive(Debug, Deserialize)]
pub(super) struct Command<'a> {
    #[serde(borrow)]
    pub(super) request_id: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) action: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) payload: Value<'a>,
}

/// What an object carries of ours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Carried<'a> {
    /// Its nonce, if it has one that is a plain text.
    pub(super) nonce: Option<&'a str>,
    /// The length of its pad.
    pub(super) pad: usize,
    /// How many members it has that are not ours.
    pub(super) others: usize,
}

/// Any value: what a payload or data carries, or a whole response.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Value<'a> {
    pub(super) carried: Carried<'a>,
    data: Option<Box<Value<'a>>>,
    success: bool,
    error: Option<Cow<'a, str>>,
}

/// Every value but those that the visitor looks into is nothing.
macro_rules! else_nothing {
    ($value:ty) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("anything")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<$value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Default::default())
        }

        fn visit_unit<E>(self) -> Result<$value, E> {
            Ok(Default::default())
        }

        fn visit_bool<E>(self, _: bool) -> Result<$value, E> {
            Ok(Default::default())
        }

        fn visit_i64<E>(self, _: i64) -> Result<$value, E> {
            Ok(Default::default())
        }

        fn visit_u64<E>(self, _: u64) -> Result<$value, E> {
            Ok(Default::default())
        }

        fn visit_f64<E>(self, _: f64) -> Result<$value, E> {
            Ok(Default::default())
        }

        fn visit_str<E>(self, _: &str) -> Result<$value, E> {
            Ok(Default::default())
        }
    };
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for Any<'a> {
            type Value = Value<'a>;

            else_nothing!(Value<'a>);

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'a>, A::Error> {
                let mut value = Value::default();
                while let Some(Plain(key)) = map.next_key::<Plain<'de>>()? {
                    match key {
                        Some(NONCE) => value.carried.nonce = map.next_value::<Plain<'de>>()?.0,
                        Some(PAD) => value.carried.pad = map.next_value::<Plain<'de>>()?.0.map_or(0, str::len),
                        Some("data") => value.data = Some(Box::new(map.next_value()?)),
                        // Only `true` is success (ERR-7).
                        Some("success") => value.success = map.next_value::<serde_json::Value>()? == true,
                        Some("error") => {
                            value.error = Some(match map.next_value::<serde_json::Value>()? {
                                serde_json::Value::String(text) => Cow::Owned(text),
                                other => Cow::Owned(other.to_string()),
                            });
                        }
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            value.carried.others += 1;
                        }
                    }
                }
                Ok(value)
            }
        }

        deserializer.deserialize_any(Any(PhantomData))
    }
}

/// A text that stands as it is in the JSON; nothing for any other value, and for a text with escapes in it, which is none of ours.
#[derive(Default)]
struct Plain<'a>(Option<&'a str>);

impl<'de: 'a, 'a> Deserialize<'de> for Plain<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for Text<'a> {
            type Value = Plain<'a>;

            else_nothing!(Plain<'a>);

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Plain<'a>, E> {
                Ok(Plain(Some(text)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Plain<'a>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Plain(None))
            }
        }

        deserializer.deserialize_any(Text(PhantomData))
    }
}

/// How a call ended by the control API's word.
#[derive(Debug, PartialEq)]
pub(super) enum Told<'a> {
    /// With success, and data that carries this.
    Value(Carried<'a>),
    /// With the plugin's failure.
    PluginError(Cow<'a, str>),
    /// With an error of this kind, and its text.
    Error(Cow<'a, str>, Cow<'a, str>),
}

#[derive(Deserialize)]
struct Outcome<'a> {
    #[serde(rename = "outcome", borrow)]
    word: Cow<'a, str>,
    #[serde(borrow, default)]
    value: Value<'a>,
    #[serde(borrow, default)]
    error: Option<CallError<'a>>,
}

#[derive(Deserialize)]
struct CallError<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    message: Cow<'a, str>,
}

/// Reads the outcome of a call. `whole` is whether the whole response was asked for (level 1).
///
/// # Errors
/// If it is none.
pub(super) fn outcome(body: &[u8], whole: bool) -> Result<Told<'_>, serde_json::Error> {
    let Outcome { word, value, error } = serde_json::from_slice(body)?;
    match (&*word, error) {
        ("ok", _) if !whole => Ok(Told::Value(value.carried)),
        ("ok", _) if value.success => Ok(Told::Value(value.data.map(|data| data.carried).unwrap_or_default())),
        ("ok", _) => Ok(Told::PluginError(value.error.unwrap_or(Cow::Borrowed(text::UNKNOWN_ERROR)))),
        ("error", Some(CallError { kind, message })) if kind == "plugin_error" => Ok(Told::PluginError(message)),
        ("error", Some(CallError { kind, message })) => {
            // An adapter that cannot tell says `internal`, and the message tells.
            let timed_out = kind == "internal" && text::timeout_in(&message).is_some();
            Ok(Told::Error(if timed_out { Cow::Borrowed("timeout") } else { kind }, message))
        }
        ("error", None) => Err(serde_json::Error::custom("an error without its kind and message")),
        (other, _) => Err(serde_json::Error::custom(format!("an outcome of '{other}'"))),
    }
}

/// What a body that is no outcome begins with, for messages.
pub(super) fn excerpt(body: &[u8]) -> String {
    text::excerpt(body, 80)
}

#[cfg(test)]
mod tests {
    use super::super::texts::{self, Answer};
    use super::*;
    use crate::contract::control::Request;
    use crate::wire::Incoming;

    #[test]
    fn a_call_is_what_the_control_api_reads() {
        let mut out = Vec::new();
        texts::call(&mut out, 7, "VINTED_SYNC", "12345", 64, 2.5);
        let Ok(Request::Call(body)) = Request::from_http("POST", "/calls", &out) else { panic!("no call") };
        assert_eq!((body.user_id.as_str(), body.action.as_str()), ("7", "VINTED_SYNC"));
        assert_eq!(body.payload.to_string().len(), 64);
        assert_eq!(body.payload["nonce"], "12345");
        assert_eq!(body.timeout_s, Some(2.5.into()));
    }

    #[test]
    fn a_response_is_read_as_the_call_s_value_at_both_levels() {
        let mut out = Vec::new();
        texts::response(&mut out, "req_1_\"2\"", Answer::Success { nonce: "77", size: 5000 });
        let text = std::str::from_utf8(&out).unwrap();
        let Ok(Incoming::Socket(frame)) = Incoming::read(text) else { panic!("no frame") };
        let (name, (argument,)) = frame.event::<(serde_json::Value,)>().unwrap();
        assert_eq!((&*name, &argument["request_id"]), ("plugin_response", &"req_1_\"2\"".into()));
        assert_eq!(argument["data"].to_string().len(), 5000);
        let whole = format!(r#"{{"outcome":"ok","value":{argument},"elapsed_ms":1}}"#);
        let helper = format!(r#"{{"elapsed_ms":1,"value":{},"outcome":"ok"}}"#, argument["data"]);
        let pad = texts::pad_of("77", 5000);
        let carried = Carried { nonce: Some("77"), pad, others: 0 };
        assert_eq!(outcome(whole.as_bytes(), true).unwrap(), Told::Value(carried));
        assert_eq!(outcome(helper.as_bytes(), false).unwrap(), Told::Value(carried));
    }

    #[test]
    fn failures_are_told_apart_at_both_levels() {
        let told = |body: &str, whole| format!("{:?}", outcome(body.as_bytes(), whole));
        let failed = r#"{"outcome":"ok","value":{"request_id":"a","success":false,"error":"no \u00e9"}}"#;
        assert_eq!(told(failed, true), r#"Ok(PluginError("no é"))"#);
        let helper = r#"{"outcome":"error","error":{"kind":"plugin_error","message":"no"},"elapsed_ms":1}"#;
        assert_eq!(told(helper, false), r#"Ok(PluginError("no"))"#);
        let internal = r#"{"outcome":"error","error":{"kind":"internal","message":"Plugin command timeout after 3s"}}"#;
        assert!(told(internal, false).starts_with(r#"Ok(Error("timeout""#));
        assert!(told(r#"{"outcome":"maybe"}"#, false).contains("maybe"));
        assert!(told("<html>", false).starts_with("Err"));
    }

    #[test]
    fn any_value_is_read_for_what_it_carries_of_ours() {
        for (text, nonce, others) in [
            ("null", None, 0),
            ("[1,{\"nonce\":\"1\"}]", None, 0),
            ("\"nonce\"", None, 0),
            ("1.5", None, 0),
            (r#"{"nonce":7}"#, None, 0),
            (r#"{"nonce":{"a":1},"b":[2],"c":{}}"#, None, 2),
            (r#"{"nonce":"9","shop":true}"#, Some("9"), 1),
        ] {
            let read: Value<'_> = serde_json::from_str(text).unwrap();
            assert_eq!((read.carried.nonce, read.carried.others), (nonce, others), "{text}");
        }
    }
}
