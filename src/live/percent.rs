//! Percent-encoding of paths and queries (RFC 3986).

use std::fmt::Write as _;

/// A path with its slashes kept and everything else but unreserved characters encoded.
pub(super) fn path(text: &str) -> String {
    encode(text, b"/")
}

/// One name or value of a query.
pub(super) fn query_part(text: &str) -> String {
    encode(text, b"")
}

/// The text that was encoded; what is no encoding stays as it is.
pub(super) fn decode(text: &str) -> String {
    let mut rest = text.as_bytes();
    let mut out = Vec::with_capacity(rest.len());
    while let Some((byte, after)) = rest.split_first() {
        let hex = (*byte == b'%').then(|| after.get(..2)).flatten();
        let decoded = hex
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(decoded.unwrap_or(*byte));
        rest = if decoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn encode(text: &str, kept: &[u8]) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            write!(out, "%{byte:02X}").ok();
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_reads_back_as_it_was() {
        for text in ["/api/v2/wardrobe/1/items", "ü & b/%", "a+b=c", "100%", "%zz", ""] {
            assert_eq!(decode(&path(text)), text);
            assert_eq!(decode(&query_part(text)), text);
        }
        assert_eq!(path("/a b"), "/a%20b");
        assert_eq!(query_part("/a b"), "%2Fa%20b");
        assert_eq!(decode("100%"), "100%");
    }
}
