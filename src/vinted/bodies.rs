//! The bodies that answers are made of: the files of `fixtures/vinted/bodies`, compiled in.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde_json::{Value, json};

use crate::contract::marketplace::{Body, MarketResponse};

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/vinted/bodies");

/// Every JSON file, by its name without extension. A test reads each of them, so that none is left out here.
static SHAPES: LazyLock<BTreeMap<&'static str, Value>> = LazyLock::new(|| {
    let shapes = FILES.files().filter_map(|file| {
        let name = file.path().to_str()?.strip_suffix(".json")?;
        Some((name, serde_json::from_str(file.contents_utf8()?).ok()?))
    });
    shapes.collect()
});

/// The names of all files, for those who may name one.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FILES.files().filter_map(|file| file.path().to_str())
}

/// A copy of the shape of that name, to be filled in.
pub(super) fn shape(name: &str) -> Value {
    SHAPES.get(name).cloned().unwrap_or_default()
}

/// The file of that name as an answer of this status.
pub(super) fn file(status: u16, name: &str) -> Option<MarketResponse> {
    if let Some(name) = name.strip_suffix(".json") {
        return SHAPES.get(name).map(|shape| MarketResponse::json(status, shape.clone()));
    }
    FILES.get_file(name).map(|file| html(status, file.contents()))
}

/// A page of HTML.
pub(super) fn html(status: u16, page: &[u8]) -> MarketResponse {
    MarketResponse::new(status, Body::Raw(page.to_vec())).with_header("content-type", "text/html; charset=utf-8")
}

/// The usual body of a failure: HTML where it comes from a server in front of the marketplace, as `page` has it always.
pub(super) fn failure(status: u16, page: bool) -> MarketResponse {
    if status < 400 {
        return MarketResponse::new(status, Body::Empty);
    }
    let name = match (status, page) {
        (401, _) => "unauthorized.json",
        (403, false) => "datadome.json",
        (403, true) => "datadome.html",
        (404, _) => "not_found.json",
        (429, false) => "too_many_requests.json",
        (429, true) => "too_many_requests.html",
        (400..500, _) => "validation_error.json",
        (502, _) => "error_502.html",
        (503, _) => "error_503.html",
        (524, _) => "error_524.html",
        _ => "error_500.html",
    };
    file(status, name).unwrap_or_else(|| MarketResponse::new(status, Body::Empty))
}

/// What is wrong with a request: the field, and what is wrong with it.
pub(super) type Wrong = (&'static str, String);

/// The refusal of a request that is not valid.
pub(super) fn invalid(status: u16, wrong: &[Wrong]) -> MarketResponse {
    let mut body = shape("validation_error");
    body["errors"] = wrong.iter().map(|(field, value)| json!({"field": field, "value": value})).collect();
    MarketResponse::json(status, body)
}

/// A 404: there is no such thing, or no longer.
pub(super) fn not_found() -> MarketResponse {
    failure(404, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_can_be_read() {
        let json = names().filter(|name| name.strip_suffix(".json").is_some()).count();
        assert!(json > 0);
        assert_eq!(SHAPES.len(), json);
        assert!(names().all(|name| file(200, name).is_some()));
    }

    #[test]
    fn every_documented_failure_has_its_body() {
        for status in [400, 401, 403, 404, 422, 429] {
            assert!(matches!(failure(status, false).body, Body::Json(_)), "{status}");
        }
        for status in [500, 502, 503, 524] {
            assert_eq!(failure(status, false).content_type(), Some("text/html; charset=utf-8"), "{status}");
        }
        assert_eq!(failure(429, true).content_type(), Some("text/html; charset=utf-8"));
        assert_eq!(failure(403, true).content_type(), Some("text/html; charset=utf-8"));
    }
}
