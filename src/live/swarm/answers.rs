//! HTTP/1.1 answers, read where they lie.

use std::ops::Range;

/// The largest head of an answer.
const LARGEST_HEAD: usize = 64 << 10;

/// The largest body of an answer.
const LARGEST_BODY: usize = 64 << 20;

/// An answer that has come whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) status: u16,
    pub(super) body: Body,
    /// Bytes of the answer.
    pub(super) used: usize,
    /// Whether the server keeps the connection.
    pub(super) kept: bool,
}

/// Where a body is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// There, in one piece.
    There(Range<usize>),
    /// It came in chunks, put together here.
    Joined(Vec<u8>),
}

impl Body {
    /// Its bytes; `bytes` is what the answer was read from.
    pub(super) fn of<'a>(&'a self, bytes: &'a [u8]) -> &'a [u8] {
        match self {
            Self::There(range) => bytes.get(range.clone()).unwrap_or_default(),
            Self::Joined(body) => body,
        }
    }
}

/// The first answer in `bytes`; `None` while it is not whole. `ended` is whether nothing more comes.
///
/// # Errors
/// In words, where it is no HTTP/1.1, or more than is taken.
pub(super) fn first(bytes: &[u8], ended: bool) -> Result<Option<Whole>, String> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let head = match response.parse(bytes) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) if bytes.len() < LARGEST_HEAD => return Ok(None),
        Ok(httparse::Status::Partial) => return Err("a head without end".to_owned()),
        Err(error) => return Err(format!("no HTTP: {error}")),
    };
    let status = response.code.unwrap_or_default();
    let header = |name: &str| {
        let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let said = header("connection").unwrap_or_default();
    let kept = if response.version == Some(0) {
        said.eq_ignore_ascii_case("keep-alive")
    } else {
        !said.eq_ignore_ascii_case("close")
    };
    if matches!(status, 204 | 304) {
        return Ok(Some(Whole { status, body: Body::There(head..head), used: head, kept }));
    }
    if header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        let joined = chunks(bytes.get(head..).unwrap_or_default())?;
        return Ok(joined.map(|(body, used)| Whole { status, body: Body::Joined(body), used: head + used, kept }));
    }
    let Some(length) = header("content-length") else {
        // The body ends with the connection.
        let whole = Whole { status, body: Body::There(head..bytes.len()), used: bytes.len(), kept: false };
        return Ok(ended.then_some(whole));
    };
    let length = length.parse().ok().filter(|length| *length <= LARGEST_BODY);
    let length: usize = length.ok_or("a body whose length is no number, or too large")?;
    let end = head + length;
    let whole = Whole { status, body: Body::There(head..end), used: end, kept };
    Ok((end <= bytes.len()).then_some(whole))
}

/// A body in chunks, and how many bytes it took; `None` while it is not whole.
fn chunks(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let (start, size) = match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete(found)) => found,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err("a chunk whose size is no number".to_owned()),
        };
        let size = usize::try_from(size).ok().filter(|size| body.len() + size <= LARGEST_BODY);
        let size = size.ok_or("a body that is too large")?;
        if size == 0 {
            // Fields may follow, and an empty line.
            let tail = rest.get(start..).unwrap_or_default();
            let end = if tail.starts_with(b"\r\n") {
                Some(2)
            } else {
                tail.windows(4).position(|four| four == b"\r\n\r\n").map(|found| found + 4)
            };
            return Ok(end.map(|end| (body, at + start + end)));
        }
        let Some(chunk) = rest.get(start..start + size) else { return Ok(None) };
        match rest.get(start + size..start + size + 2) {
            Some(b"\r\n") => {}
            Some(_) => return Err("a chunk that is longer than it says".to_owned()),
            None => return Ok(None),
        }
        body.extend_from_slice(chunk);
        at += start + size + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, ended: bool) -> Option<(u16, String, usize, bool)> {
        let whole = first(text.as_bytes(), ended).unwrap()?;
        let body = String::from_utf8(whole.body.of(text.as_bytes()).to_vec()).unwrap();
        Some((whole.status, body, whole.used, whole.kept))
    }

    #[test]
    fn an_answer_of_a_known_length_is_read_once_it_is_whole() {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1";
        let end = text.len() - "HTTP/1.1".len();
        assert_eq!(read(text, false), Some((200, "{}".to_owned(), end, true)));
        for cut in 0..end {
            assert_eq!(read(&text[..cut], true), None, "{cut}");
        }
    }

    #[test]
    fn an_answer_in_chunks_is_put_together() {
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\n{\"a\r\n5;x=y\r\n\":1}\n\r\n0\r\n\r\n";
        assert_eq!(read(text, false), Some((200, "{\"a\":1}\n".to_owned(), text.len(), false)));
        for cut in 0..text.len() {
            assert_eq!(read(&text[..cut], false), None, "{cut}");
        }
    }

    #[test]
    fn an_answer_without_a_length_ends_with_its_connection() {
        let text = "HTTP/1.0 500 Oops\r\n\r\nbroken";
        assert_eq!(read(text, false), None);
        assert_eq!(read(text, true), Some((500, "broken".to_owned(), text.len(), false)));
    }

    #[test]
    fn what_is_no_http_is_told() {
        for (text, why) in [
            ("hello\r\n\r\n", "no HTTP"),
            ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "no number"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "no number"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", "longer"),
        ] {
            assert!(first(text.as_bytes(), false).unwrap_err().contains(why), "{text}");
        }
    }
}
