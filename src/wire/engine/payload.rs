//! Several packets in one HTTP polling body.

use super::Packet;
use crate::wire::WireError;

/// What separates the packets of a polling payload: the record separator, byte 0x1e.
///
/// Source: Engine.IO protocol 4, section "Payload encoding".
pub const SEPARATOR: char = '\u{1e}';

/// The texts of a payload's packets, unparsed, each with its byte offset in the payload.
///
/// There is always at least one: an empty payload is one empty text.
pub fn split_payload(payload: &str) -> impl Iterator<Item = (usize, &str)> {
    payload.split(SEPARATOR).scan(0, |next, text| {
        let at = *next;
        *next += text.len() + SEPARATOR.len_utf8();
        Some((at, text))
    })
}

/// All packets of a payload.
///
/// # Errors
/// The first error of [`Packet::parse`], its offset counted from the start of the payload. An empty
/// payload, and a separator with nothing on one side, are [`WireError::EmptyPacket`].
pub fn parse_payload(payload: &str) -> Result<Vec<Packet<'_>>, WireError> {
    split_payload(payload).map(|(at, text)| Packet::parse(text).map_err(|error| error.shifted(at))).collect()
}

/// Packets as one payload, binary messages as base64.
///
/// # Errors
/// [`WireError::SeparatorInPacket`] if a packet's own text contains the separator. (JSON escapes it, so
/// that only pings, pongs, raw messages and odd namespaces can.) [`WireError::EmptyPacket`] for no
/// packets at all, since no body says "nothing".
pub fn join_payload<'p>(packets: impl IntoIterator<Item = &'p Packet<'p>>) -> Result<String, WireError> {
    let mut payload = String::new();
    for (index, packet) in packets.into_iter().enumerate() {
        let text = packet.to_text();
        if let Some(at) = text.find(SEPARATOR) {
            return Err(WireError::SeparatorInPacket { index, at });
        }
        if index > 0 {
            payload.push(SEPARATOR);
        }
        payload.push_str(&text);
    }
    if payload.is_empty() {
        return Err(WireError::EmptyPacket { at: 0 });
    }
    Ok(payload)
}
