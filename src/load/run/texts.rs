//! What is said, written into buffers that are used again, with no tree of values in between.

use std::io::Write as _;

use crate::contract::message::{COMMAND_EVENT, RESPONSE_EVENT};

/// The key under which each call's own number travels: in the payload of its command, and in the data of its answer.
pub(super) const NONCE: &str = "nonce";

/// The key of what makes a payload or data as large as it is to be.
pub(super) const PAD: &str = "pad";

/// What fills it.
const FILLER: [u8; 1024] = [b'x'; 1024];

/// `{"nonce":"` and the rest around nonce and pad.
const AROUND: usize = r#"{"nonce":"","pad":""}"#.len();

/// Appends `{"nonce":"…","pad":"…"}` of `size` bytes, or of as many as there must be: without pad if there is no room for it.
fn padded(out: &mut Vec<u8>, nonce: &str, size: u64) {
    out.extend_from_slice(b"{\"nonce\":\"");
    out.extend_from_slice(nonce.as_bytes());
    let pad = pad_of(nonce, size);
    if pad > 0 {
        out.extend_from_slice(b"\",\"pad\":\"");
        let mut left = pad;
        while left > 0 {
            let part = FILLER.get(..left.min(FILLER.len())).unwrap_or(&FILLER);
            out.extend_from_slice(part);
            left -= part.len();
        }
    }
    out.extend_from_slice(b"\"}");
}

/// How long the pad is for this size.
pub(super) fn pad_of(nonce: &str, size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX).saturating_sub(AROUND + nonce.len())
}

/// Writes the body of a call of the control API.
pub(super) fn call(out: &mut Vec<u8>, user: u64, action: &str, nonce: &str, size: u64, timeout_s: f64) {
    out.clear();
    // A vector takes whatever is written to it.
    write!(out, "{{\"user_id\":{user},\"action\":").ok();
    serde_json::to_writer(&mut *out, action).ok();
    out.extend_from_slice(b",\"payload\":");
    padded(out, nonce, size);
    write!(out, ",\"timeout_s\":{timeout_s}}}").ok();
}

/// What a plugin answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer<'a> {
    /// Success, with data of this size that carries the nonce, if the command had one.
    Success { nonce: &'a str, size: u64 },
    /// Failure, with this text.
    Failure { error: &'a str },
}

/// Writes the event of an answer.
pub(super) fn response(out: &mut Vec<u8>, request_id: &str, answer: Answer<'_>) {
    out.clear();
    write!(out, "42[\"{RESPONSE_EVENT}\",{{\"request_id\":").ok();
    serde_json::to_writer(&mut *out, request_id).ok();
    match answer {
        Answer::Success { nonce, size } => {
            out.extend_from_slice(b",\"success\":true,\"data\":");
            padded(out, nonce, size);
        }
        Answer::Failure { error } => {
            out.extend_from_slice(b",\"success\":false,\"error\":");
            serde_json::to_writer(&mut *out, error).ok();
        }
    }
    out.extend_from_slice(b"}]");
}

/// A command's event, its name and its one argument in a list, as a hub sends it.
pub(super) fn command(request_id: &str, action: &str, nonce: &str, size: u64) -> String {
    let mut out = format!("[\"{COMMAND_EVENT}\",{{\"request_id\":").into_bytes();
    // A vector takes whatever is written to it.
    serde_json::to_writer(&mut out, request_id).ok();
    out.extend_from_slice(b",\"action\":");
    serde_json::to_writer(&mut out, action).ok();
    out.extend_from_slice(b",\"payload\":");
    padded(&mut out, nonce, size);
    out.extend_from_slice(b"}]");
    String::from_utf8(out).unwrap_or_default()
}

/// Writes CONNECT.
pub(super) fn connect(out: &mut Vec<u8>, user: u64) {
    out.clear();
    write!(out, "40{{\"user_id\":{user}}}").ok();
}

/// A nonce as text, written without allocation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digits {
    bytes: [u8; 20],
    from: u8,
}

impl Digits {
    pub(super) fn of(mut number: u64) -> Self {
        let mut bytes = [b'0'; 20];
        let mut from = 20;
        loop {
            from -= 1;
            if let Some(byte) = bytes.get_mut(from) {
                *byte = b'0' + u8::try_from(number % 10).unwrap_or_default();
            }
            number /= 10;
            if number == 0 || from == 0 {
                break;
            }
        }
        Self { bytes, from: u8::try_from(from).unwrap_or_default() }
    }

    pub(super) fn as_str(&self) -> &str {
        self.bytes.get(usize::from(self.from)..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default()
    }
}
