//! The control API.

use hubproof::contract::control::{Reply, Request};

/// `METHOD target` in the first line, and the body behind it: a request that is understood is the same when it is sent again.
pub(crate) fn request(data: &[u8]) {
    let Some((method, target, body)) = parts(data) else { return };
    if let Ok(request) = Request::from_http(method, target, body) {
        let (method, target, body) = request.to_http();
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        assert_eq!(Request::from_http(method.name(), &target, body.as_bytes()), Ok(request));
    }
}

/// The requests whose replies are read, by a word for each.
const ASKED: [(&str, &str, &str, &str); 8] = [
    ("describe", "GET", "/", ""),
    ("call", "POST", "/calls", r#"{"user_id":1,"action":"VINTED_SYNC"}"#),
    ("job", "GET", "/jobs/1", ""),
    ("process", "POST", "/jobs/process-next", r#"{"user_id":1}"#),
    ("pending", "GET", "/pending", ""),
    ("connections", "GET", "/connections/1", ""),
    ("stats", "GET", "/stats", ""),
    ("reset", "POST", "/reset", ""),
];

/// A word for what was asked and the status in the first line, and the body behind it: a reply that is understood is the same
/// when it is sent again.
pub(crate) fn reply(data: &[u8]) {
    let Some((word, status, body)) = parts(data) else { return };
    let asked = ASKED.iter().find(|(known, ..)| *known == word);
    let (Some((_, method, target, asked)), Ok(status)) = (asked, status.parse()) else { return };
    let request = Request::from_http(method, target, asked.as_bytes()).expect("a request");
    match Reply::from_http(&request, status, body) {
        Ok(reply) => {
            let (status, body) = reply.to_http();
            let body = body.map(|body| body.to_string()).unwrap_or_default();
            assert_eq!(Reply::from_http(&request, status, body.as_bytes()), Ok(reply));
        }
        Err(nonsense) => assert!(!nonsense.to_string().is_empty()),
    }
}

/// The two words of the first line, and what follows it.
fn parts(data: &[u8]) -> Option<(&str, &str, &[u8])> {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (first, second) = std::str::from_utf8(&data[..end]).ok()?.split_once(' ')?;
    Some((first, second, data.get(end + 1..).unwrap_or_default()))
}
