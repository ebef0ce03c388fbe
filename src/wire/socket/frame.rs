//! A Socket.IO text taken apart in place.

use std::{borrow::Cow, fmt};

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor, value::SeqAccessDeserializer};

use super::{Kind, namespace::split_query};
use crate::wire::{
    WireError,
    error::utf8,
    json::{self, Opening},
};

/// The parts of a Socket.IO packet, all borrowed from its text; the JSON is not looked at yet.
///
/// A frame is structurally sound: an ack has its id, every packet but CONNECT and DISCONNECT has a
/// payload, DISCONNECT has none. Whether the payload is JSON of the right shape is found out by
/// [`Frame::event`], [`Frame::args`], [`Frame::payload`], or by making a [`Packet`](super::Packet) of it.
///
/// Lenient where the protocol's own implementations are: leading zeros in numbers, white space in the
/// JSON, a namespace that ends with the text instead of a comma, event names that are
/// [reserved](super::is_reserved_event). An ack id is only looked for where the protocol has one: in
/// other packets digits belong to the payload.
/// Source: Socket.IO protocol 5, section "Packet encoding".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The packet's type.
    pub kind: Kind,
    /// How many binary frames follow; 0 for the types that have none. Only a claim: nothing is
    /// reserved for it.
    pub attachments: u32,
    /// The namespace's path, `/` where the text names none.
    pub namespace: &'a str,
    /// What followed a `?` in the namespace.
    pub query: Option<&'a str>,
    /// The ack id: asked for by an event, given by an ack.
    pub ack: Option<u64>,
    /// The payload as raw text, `None` where nothing is left. Never an empty text.
    pub json: Option<&'a str>,
    /// Offset of `json` in the text that was handed in.
    json_at: usize,
}

impl<'a> Frame<'a> {
    /// Takes a Socket.IO text apart (the text behind Engine.IO's `4`).
    ///
    /// # Errors
    /// [`WireError::EmptyPacket`], [`WireError::UnknownSocketType`],
    /// [`WireError::MissingAttachmentCount`], [`WireError::AttachmentCountTooLarge`],
    /// [`WireError::MissingDash`], [`WireError::AckIdTooLarge`], [`WireError::MissingAckId`],
    /// [`WireError::MissingPayload`], [`WireError::UnexpectedPayload`].
    pub fn parse(text: &'a str) -> Result<Self, WireError> {
        let mut rest = Rest { text, at: 0 };
        let kind = rest.kind()?;
        let attachments = if kind.is_binary() { rest.attachments()? } else { 0 };
        let (namespace, query) = split_query(rest.namespace().unwrap_or("/"));
        let ack = if kind.is_event() || kind.is_ack() { rest.ack()? } else { None };
        let at = rest.at;
        let json = Some(rest.remaining()).filter(|json| !json.is_empty());
        match (kind, json) {
            (Kind::Ack | Kind::BinaryAck, _) if ack.is_none() => Err(WireError::MissingAckId { kind, at }),
            (Kind::Disconnect, Some(_)) => Err(WireError::UnexpectedPayload { kind, at }),
            (Kind::Connect | Kind::Disconnect, _) | (_, Some(_)) => {
                Ok(Self { kind, attachments, namespace, query, ack, json, json_at: at })
            }
            (_, None) => Err(WireError::MissingPayload { kind, at }),
        }
    }

    /// As [`Frame::parse`], for bytes that should be a text but may be anything.
    ///
    /// # Errors
    /// [`WireError::NotUtf8`], or one of [`Frame::parse`].
    pub fn parse_bytes(bytes: &'a [u8]) -> Result<Self, WireError> {
        Self::parse(utf8(bytes)?)
    }

    /// The event's name, and all its arguments as one `T`: `(Command,)` for exactly one argument,
    /// `(A, B)` for two, `Vec<Value>` for any number, [`IgnoredAny`] for the name alone.
    ///
    /// Parses straight from the text: the name, and strings in `T` that are `&str` or a borrowing
    /// `Cow`, are not copied unless they contain escapes.
    ///
    /// # Errors
    /// [`WireError::WrongKind`] if this is no event; [`WireError::BadJson`], [`WireError::ArgsNotArray`],
    /// [`WireError::NoEventName`], [`WireError::EventNameNotText`] for what is no event's payload;
    /// [`WireError::WrongShape`] if the arguments are no `T`.
    pub fn event<T: Deserialize<'a>>(&self) -> Result<(Cow<'a, str>, T), WireError> {
        let json = self.json_if(self.kind.is_event(), "event name")?;
        let at = self.json_at;
        let fault = match json::opening(json) {
            Opening::TextFirst => {
                let event: NamedArgs<'a, T> = json::read(json, at)?;
                return Ok((event.name, event.args));
            }
            Opening::NotArray => self.not_array(),
            Opening::EmptyArray(start) => WireError::NoEventName { at: at + start },
            Opening::OtherFirst(start) => WireError::EventNameNotText { at: at + start },
        };
        // What is no JSON at all is called that first.
        json::check(json, at)?;
        Err(fault)
    }

    /// All arguments of an ack as one `T`, as with [`Frame::event`].
    ///
    /// # Errors
    /// [`WireError::WrongKind`] if this is no ack; [`WireError::BadJson`], [`WireError::ArgsNotArray`],
    /// [`WireError::WrongShape`].
    pub fn args<T: Deserialize<'a>>(&self) -> Result<T, WireError> {
        let json = self.json_if(self.kind.is_ack(), "ack arguments")?;
        if json::opening(json) == Opening::NotArray {
            json::check(json, self.json_at)?;
            return Err(self.not_array());
        }
        json::read(json, self.json_at)
    }

    /// The payload of a CONNECT or `CONNECT_ERROR` as a `T`; `None` where there is none.
    ///
    /// # Errors
    /// [`WireError::WrongKind`] if this is an event or an ack; [`WireError::BadJson`],
    /// [`WireError::WrongShape`].
    pub fn payload<T: Deserialize<'a>>(&self) -> Result<Option<T>, WireError> {
        if self.kind.is_event() || self.kind.is_ack() {
            return Err(WireError::WrongKind { wanted: "plain payload", found: self.kind });
        }
        self.json.map(|json| json::read(json, self.json_at)).transpose()
    }

    /// Whether this is the event `name`; false as well when the name cannot be read.
    pub fn is_event(&self, name: &str) -> bool {
        self.event::<IgnoredAny>().is_ok_and(|(found, _)| found == name)
    }

    /// The payload's text, if this packet is of a type that has what is wanted.
    fn json_if(&self, has: bool, wanted: &'static str) -> Result<&'a str, WireError> {
        self.json.filter(|_| has).ok_or(WireError::WrongKind { wanted, found: self.kind })
    }

    fn not_array(&self) -> WireError {
        WireError::ArgsNotArray { kind: self.kind, at: self.json_at }
    }

    /// The same frame, seen from a text in which the Socket.IO text starts at byte `by`.
    pub(in crate::wire) fn shifted(mut self, by: usize) -> Self {
        self.json_at += by;
        self
    }
}

/// A cursor over the packet's text.
struct Rest<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    fn remaining(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn kind(&mut self) -> Result<Kind, WireError> {
        let at = self.at;
        let found = self.remaining().chars().next();
        let found = found.ok_or(WireError::EmptyPacket { at })?;
        self.at += found.len_utf8();
        Kind::from_digit(found).ok_or(WireError::UnknownSocketType { found, at })
    }

    fn attachments(&mut self) -> Result<u32, WireError> {
        let at = self.at;
        let digits = self.digits().ok_or(WireError::MissingAttachmentCount { at })?;
        if !self.remaining().starts_with('-') {
            return Err(WireError::MissingDash { at: self.at });
        }
        self.at += 1;
        // Digits only, so that too large is all that can be wrong with them.
        digits.parse().map_err(|_| WireError::AttachmentCountTooLarge { at })
    }

    fn namespace(&mut self) -> Option<&'a str> {
        let rest = self.remaining();
        if !rest.starts_with('/') {
            return None;
        }
        let (namespace, length) = match rest.find(',') {
            Some(comma) => (&rest[..comma], comma + 1),
            None => (rest, rest.len()),
        };
        self.at += length;
        Some(namespace)
    }

    fn ack(&mut self) -> Result<Option<u64>, WireError> {
        let at = self.at;
        self.digits().map(str::parse).transpose().map_err(|_| WireError::AckIdTooLarge { at })
    }

    /// The ASCII digits ahead, if there are any.
    fn digits(&mut self) -> Option<&'a str> {
        let rest = self.remaining();
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        self.at += length;
        (length > 0).then(|| &rest[..length])
    }
}

/// `["name", …]`: the name, and the rest of the array as a `T`.
struct NamedArgs<'a, T> {
    name: Cow<'a, str>,
    args: T,
}

impl<'a, T: Deserialize<'a>> Deserialize<'a> for NamedArgs<'a, T> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(NamedArgsVisitor(std::marker::PhantomData))
    }
}

struct NamedArgsVisitor<T>(std::marker::PhantomData<T>);

impl<'a, T: Deserialize<'a>> Visitor<'a> for NamedArgsVisitor<T> {
    type Value = NamedArgs<'a, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of an event's name and its arguments")
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        let name = seq.next_element::<Name<'a>>()?;
        let Name(name) = name.ok_or_else(|| de::Error::invalid_length(0, &self))?;
        let args = T::deserialize(SeqAccessDeserializer::new(&mut seq))?;
        if seq.next_element::<IgnoredAny>()?.is_some() {
            return Err(de::Error::custom("more arguments than expected"));
        }
        Ok(NamedArgs { name, args })
    }
}

/// A string that stays in the text if it can. (A bare `Cow` always copies in serde.)
struct Name<'a>(Cow<'a, str>);

impl<'a> Deserialize<'a> for Name<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'a> Visitor<'a> for NameVisitor {
    type Value = Name<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event's name")
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'a str) -> Result<Name<'a>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Name<'a>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}
