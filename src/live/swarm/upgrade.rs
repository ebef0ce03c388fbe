//! The opening of a WebSocket: one request, and its answer.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::contract::text;

/// The largest head of an answer.
const LARGEST_HEAD: usize = 16 << 10;

/// How much of an answer that is no WebSocket is shown.
const SHOWN: usize = 80;

/// A key as the protocol wants one, made of a number.
pub(super) fn key(number: u64) -> String {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes[8..].copy_from_slice(&mixed.to_le_bytes());
    BASE64_STANDARD.encode(bytes)
}

/// What a server said to the request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Not all of it has come.
    NotAll,
    /// It is a WebSocket from this byte on.
    Open(usize),
    /// It is none, in words.
    Other(String),
}

/// Reads the answer to a request with the key of this number.
pub(super) fn answer(bytes: &[u8], number: u64) -> Said {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if bytes.len() < LARGEST_HEAD => return Said::NotAll,
        Ok(httparse::Status::Partial) => return Said::Other("a head without end".to_owned()),
        Err(error) => return Said::Other(format!("no HTTP: {error}, {}", excerpt(bytes))),
    };
    let status = response.code.unwrap_or_default();
    if status != 101 {
        let body = bytes.get(length..).unwrap_or_default();
        return Said::Other(format!("HTTP {status} to the WebSocket handshake, {}", excerpt(body)));
    }
    let accepted = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("sec-websocket-accept"));
    if accepted.is_some_and(|accepted| accepted.value == derive_accept_key(key(number).as_bytes()).as_bytes()) {
        Said::Open(length)
    } else {
        Said::Other("HTTP 101 without the Sec-WebSocket-Accept that belongs to the request".to_owned())
    }
}

fn excerpt(bytes: &[u8]) -> String {
    format!("body {}", text::excerpt(bytes, SHOWN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_opens_the_web_socket_only_with_the_accept_of_its_key() {
        let accept = derive_accept_key(key(7).as_bytes());
        let whole = format!("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {accept}\r\n\r\n\u{1}");
        let head = whole.len() - 1;
        assert_eq!(answer(&whole.as_bytes()[..head - 1], 7), Said::NotAll);
        assert_eq!(answer(whole.as_bytes(), 7), Said::Open(head));
        assert!(matches!(answer(whole.as_bytes(), 8), Said::Other(why) if why.contains("Accept")));
    }

    #[test]
    fn what_is_no_web_socket_is_shown() {
        let refused = answer(b"HTTP/1.1 400 Bad Request\r\n\r\nno plugins here", 1);
        assert!(matches!(refused, Said::Other(why) if why.contains("HTTP 400") && why.contains("no plugins here")));
        assert!(matches!(answer(b"220 smtp ready\r\n\r\n", 1), Said::Other(why) if why.contains("no HTTP")));
    }
}
