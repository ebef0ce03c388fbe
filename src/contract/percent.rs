//! Percent-encoding of paths and queries (RFC 3986).

use std::fmt::Write as _;

/// A path with its slashes kept and everything else but unreserved characters encoded.
#[must_use]
pub fn path(text: &str) -> String {
    encode(text, b"/")
}

/// One segment of a path, or one name or value of a query: everything but unreserved characters encoded.
#[must_use]
pub fn part(text: &str) -> String {
    encode(text, b"")
}

/// The parameters of a query; what is no encoding of UTF-8 stays as it is.
#[must_use]
pub fn query(text: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| decode(text).unwrap_or_else(|| text.to_owned());
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    });
    pairs.collect()
}

/// The text that was encoded; `None` if it is no encoding of UTF-8.
#[must_use]
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let decoded = if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            // A sign is no digit, though the parser takes one.
            let hex = digits.iter().all(u8::is_ascii_hexdigit).then_some(digits)?;
            u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?
        } else {
            byte
        };
        out.push(decoded);
    }
    String::from_utf8(out).ok()
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
            assert_eq!(decode(&path(text)).as_deref(), Some(text));
            assert_eq!(decode(&part(text)).as_deref(), Some(text));
        }
        assert_eq!(path("/a b"), "/a%20b");
        assert_eq!(part("/a b"), "%2Fa%20b");
    }

    #[test]
    fn what_is_no_encoding_is_refused() {
        for odd in ["100%", "%zz", "%+1", "%e9", "%C3"] {
            assert_eq!(decode(odd), None, "{odd}");
        }
    }
}
