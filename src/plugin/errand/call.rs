//! `VINTED_API_CALL`: one request as the payload has it, `{method, endpoint, data?, params?}`.

use serde_json::Value;

use super::{Code, Failed};
use crate::contract::marketplace::{Body, MarketRequest};
use crate::contract::percent;

/// Below this everything may be called, and nothing else.
const API: &str = "/api/v2/";

/// What a call may do.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// The request that a payload describes.
///
/// # Errors
/// A payload that describes none, and an endpoint that is not the API's.
pub(super) fn request(payload: &Value) -> Result<MarketRequest, Failed> {
    let text = |member: &str| {
        let given = payload.get(member).and_then(Value::as_str).filter(|given| !given.is_empty());
        given.ok_or_else(|| Failed::payload(&format!("the payload has no `{member}`")))
    };
    let (endpoint, method) = (text("endpoint")?, text("method")?);
    let known = METHODS.iter().find(|known| known.eq_ignore_ascii_case(method));
    let method =
        known.ok_or_else(|| Failed::payload(&format!("the method `{method}` is none of {}", METHODS.join(", "))))?;
    let (path, query) = endpoint.split_once('?').unwrap_or((endpoint, ""));
    let path = inside(path).ok_or_else(|| {
        let what = format!("`{path}` lies outside of {}", API.trim_end_matches('/'));
        Failed::refused(Code::ForbiddenEndpoint, &what)
    })?;
    let mut query = percent::query(query);
    query.extend(params(payload.get("params"))?);
    let body = match payload.get("data") {
        None | Some(Value::Null) => Body::Empty,
        Some(data) => Body::Json(data.clone()),
    };
    Ok(MarketRequest { query, ..MarketRequest::new(method, path, body) })
}

/// The path, if it stays below the API's however it is resolved.
fn inside(path: &str) -> Option<String> {
    let path = percent::decode(path)?;
    let strays = path.split(['/', '\\']).any(|segment| segment == "." || segment == "..");
    let odd = path.chars().any(|c| c.is_control() || c == '#');
    (path.starts_with(API) && path.len() > API.len() && !strays && !odd).then_some(path)
}

fn params(given: Option<&Value>) -> Result<Vec<(String, String)>, Failed> {
    let wrong = || Failed::payload("`params` is no object of texts and numbers");
    match given {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(members)) => {
            let pair = |(name, value): (&String, &Value)| match value {
                Value::String(text) => Ok((name.clone(), text.clone())),
                Value::Number(_) | Value::Bool(_) => Ok((name.clone(), value.to_string())),
                _ => Err(wrong()),
            };
            members.iter().map(pair).collect()
        }
        Some(_) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Errand, Known, Step};
    use super::*;
    use crate::contract::marketplace::MarketResponse;

    fn call(payload: &Value) -> MarketRequest {
        Errand::start("VINTED_API_CALL", payload, "req_1").unwrap().1
    }

    #[test]
    fn a_call_is_made_as_the_payload_has_it() {
        let get = call(&json!({"method": "get", "endpoint": "/api/v2/inbox?a=%26", "params": {"page": 2, "q": "é"}}));
        assert_eq!((get.method.as_str(), get.path.as_str(), &get.body), ("GET", "/api/v2/inbox", &Body::Empty));
        assert_eq!((get.parameter("a"), get.parameter("page"), get.parameter("q")), (Some("&"), Some("2"), Some("é")));
        let post = call(&json!({"method": "POST", "endpoint": "/api/v2/items/5/delete", "data": {"x": 1}}));
        assert_eq!((post.method.as_str(), post.body), ("POST", Body::Json(json!({"x": 1}))));
    }

    #[test]
    fn an_endpoint_outside_of_the_api_is_forbidden() {
        for endpoint in [
            "/",
            "/api/v2",
            "/api/v2/",
            "/api/v1/inbox",
            "api/v2/inbox",
            "https://www.vinted.fr/api/v2/inbox",
            "//elsewhere/api/v2/inbox",
            "/api/v2/../v1/inbox",
            "/api/v2/%2e%2e/v1/inbox",
            "/api/v2/..\\v1",
            "/api/v2/inbox\r\nhost: elsewhere",
            "/api/v2/%ff",
        ] {
            let failed = request(&json!({"method": "GET", "endpoint": endpoint})).unwrap_err();
            assert_eq!(failed.code, Some(Code::ForbiddenEndpoint), "{endpoint}");
        }
    }

    #[test]
    fn the_answers_body_comes_back_raw() {
        let payload = json!({"method": "GET", "endpoint": "/api/v2/users/current"});
        let (mut errand, _) = Errand::start("VINTED_API_CALL", &payload, "req_1").unwrap();
        let body = json!({"user": {"id": 5}});
        let end = errand.answered(Some(&MarketResponse::json(200, body.clone())), &mut Known::new());
        assert_eq!(end, Step::Done(Ok(body)));
        let page = MarketResponse::new(200, Body::Raw(b"<html>".to_vec()));
        assert_eq!(errand.answered(Some(&page), &mut Known::new()), Step::Done(Ok(json!("<html>"))));
    }
}
