//! Stubs written by hand: a subset of WireMock's mapping format (JSON). What is not in the subset is an error.
//!
//! A file holds one mapping, or `{"mappings": […]}`. Of those that fit a request the one with the lowest `priority` (5 if
//! absent) answers it, and of several the one that was read first.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use include_dir::{Dir, include_dir};
use regex::Regex;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Delivery;
use super::rule::{HeaderName, HeaderText, Status};
use crate::contract::marketplace::{Body, MarketRequest, MarketResponse};
use crate::contract::{json, nearest, percent};

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/vinted/mappings");

/// A test reads each of them, so that none is left out here.
static BUILT_IN_READ: LazyLock<Vec<Mapping>> = LazyLock::new(|| {
    let texts = BUILT_IN.files().filter_map(|file| Some((file.contents_utf8()?, file.path().display().to_string())));
    texts.filter_map(|(text, name)| read(text, &format!("fixtures/vinted/mappings/{name}")).ok()).flatten().collect()
});

/// One stub.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping: an object with `request` and `response`")]
pub struct Mapping {
    #[serde(default = "usual_priority")]
    priority: u32,
    request: Pattern,
    response: Answer,
    /// Names and notes, which change nothing.
    #[serde(default, rename = "name")]
    _name: Value,
    #[serde(default, rename = "id")]
    _id: Value,
    #[serde(default, rename = "uuid")]
    _uuid: Value,
    #[serde(default, rename = "metadata")]
    _metadata: Value,
}

const fn usual_priority() -> u32 {
    5
}

/// Which requests it is for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", expecting = "an object that says which requests are meant")]
#[expect(clippy::struct_field_names, reason = "they are named as in WireMock")]
struct Pattern {
    method: Option<String>,
    url: Option<String>,
    url_path: Option<String>,
    url_path_pattern: Option<Expression>,
    #[serde(default)]
    query_parameters: BTreeMap<String, Matcher>,
    #[serde(default)]
    headers: BTreeMap<HeaderName, Matcher>,
    #[serde(default)]
    body_patterns: Vec<BodyMatcher>,
}

/// A condition on a parameter or a header. Several hold together.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "camelCase",
    expecting = "an object with `equalTo`, `contains`, `matches` or `absent`"
)]
struct Matcher {
    equal_to: Option<String>,
    contains: Option<String>,
    matches: Option<Expression>,
    absent: Option<bool>,
}

/// A condition on the body. Several hold together.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "camelCase",
    expecting = "an object with `equalToJson`, `contains` or `matches`"
)]
struct BodyMatcher {
    #[serde(default, deserialize_with = "given")]
    equal_to_json: Option<Value>,
    contains: Option<String>,
    matches: Option<Expression>,
}

/// What it answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", try_from = "AnswerWritten")]
struct Answer {
    response: MarketResponse,
    delivery: Delivery,
}

/// A value that is given, be it `null`.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", expecting = "an object that says what is answered")]
struct AnswerWritten {
    status: Option<Status>,
    #[serde(default, deserialize_with = "given")]
    json_body: Option<Value>,
    body: Option<String>,
    #[serde(default)]
    headers: BTreeMap<HeaderName, HeaderText>,
    fixed_delay_milliseconds: Option<Milliseconds>,
    chunked_dribble_delay: Option<Dribble>,
    fault: Option<Fault>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "camelCase",
    expecting = "an object with `numberOfChunks` and `totalDuration`"
)]
struct Dribble {
    number_of_chunks: std::num::NonZeroU32,
    total_duration: Milliseconds,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", expecting = "the name of a fault")]
enum Fault {
    ConnectionResetByPeer,
}

/// A duration of up to a day.
struct Milliseconds(Duration);

impl<'de> Deserialize<'de> for Milliseconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = f64::deserialize(deserializer)?;
        if (0.0..=86_400_000.0).contains(&given) {
            return Ok(Self(Duration::from_secs_f64(given / 1000.0)));
        }
        Err(D::Error::custom(format!("{given} is no number of milliseconds up to a day")))
    }
}

/// A regular expression that has to fit the whole of a text.
#[derive(Debug, Clone)]
struct Expression(Regex);

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let regex = Regex::new(&format!("^(?:{text})$"));
        regex.map(Self).map_err(|_| D::Error::custom(format!("'{text}' is no regular expression")))
    }
}

impl TryFrom<AnswerWritten> for Answer {
    type Error = String;

    fn try_from(written: AnswerWritten) -> Result<Self, String> {
        let body = match (written.json_body, written.body) {
            (Some(_), Some(_)) => return Err("a response has `jsonBody` or `body`, not both".to_owned()),
            (Some(json), None) => Body::Json(json),
            (None, Some(text)) if text.is_empty() => Body::Empty,
            (None, Some(text)) => Body::Raw(text.into_bytes()),
            (None, None) => Body::Empty,
        };
        let mut response = MarketResponse::new(written.status.map_or(200, |status| status.0), body);
        if matches!(response.body, Body::Raw(_)) {
            response = response.with_header("content-type", "text/plain; charset=utf-8");
        }
        for (HeaderName(name), HeaderText(value)) in written.headers {
            response = response.with_header(&name, value);
        }
        response.took = written.fixed_delay_milliseconds.map_or(Duration::ZERO, |delay| delay.0);
        let delivery = match (written.fault, written.chunked_dribble_delay) {
            (Some(Fault::ConnectionResetByPeer), _) => Delivery::Reset,
            (None, Some(dribble)) => {
                Delivery::Drip { over: dribble.total_duration.0, pieces: dribble.number_of_chunks.get() }
            }
            (None, None) => Delivery::Whole,
        };
        Ok(Self { response, delivery })
    }
}

impl Matcher {
    fn fits(&self, value: Option<&str>) -> bool {
        let has = |holds: &dyn Fn(&str) -> bool| value.is_some_and(holds);
        self.equal_to.as_ref().is_none_or(|wanted| has(&|value| value == wanted))
            && self.contains.as_ref().is_none_or(|part| has(&|value| value.contains(part)))
            && self.matches.as_ref().is_none_or(|expression| has(&|value| expression.0.is_match(value)))
            && self.absent.is_none_or(|absent| absent == value.is_none())
    }
}

impl BodyMatcher {
    fn fits(&self, body: &Body) -> bool {
        let text = String::from_utf8_lossy(&body.bytes()).into_owned();
        let wanted = self.equal_to_json.as_ref().map(|wanted| match wanted {
            Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| wanted.clone()),
            _ => wanted.clone(),
        });
        wanted.is_none_or(|wanted| matches!(body, Body::Json(body) if json::same(&wanted, body)))
            && self.contains.as_ref().is_none_or(|part| text.contains(part))
            && self.matches.as_ref().is_none_or(|expression| expression.0.is_match(&text))
    }
}

impl Mapping {
    /// Those of `fixtures/vinted/mappings`.
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        BUILT_IN_READ.clone()
    }

    fn fits(&self, request: &MarketRequest) -> bool {
        let Pattern { method, url, url_path, url_path_pattern, query_parameters, headers, body_patterns } =
            &self.request;
        let is_method =
            |wanted: &String| wanted.eq_ignore_ascii_case("ANY") || wanted.eq_ignore_ascii_case(&request.method);
        method.as_ref().is_none_or(is_method)
            && url.as_ref().is_none_or(|url| is_target(url, request))
            && url_path.as_ref().is_none_or(|path| *path == request.path)
            && url_path_pattern.as_ref().is_none_or(|pattern| pattern.0.is_match(&request.path))
            && query_parameters.iter().all(|(name, matcher)| matcher.fits(request.parameter(name)))
            && headers.iter().all(|(name, matcher)| matcher.fits(request.header(&name.0)))
            && body_patterns.iter().all(|matcher| matcher.fits(&request.body))
    }
}

/// Whether path and query, as they stand in a URL, are those of a request, which has them decoded.
fn is_target(url: &str, request: &MarketRequest) -> bool {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    percent::decode(path).is_some_and(|path| path == request.path) && percent::query(query) == request.query
}

/// The answer of the mapping that is for a request, if there is one.
pub(super) fn answer(mappings: &[Mapping], request: &MarketRequest) -> Option<(MarketResponse, Delivery)> {
    let fitting = mappings.iter().filter(|mapping| mapping.fits(request));
    let first = fitting.min_by_key(|mapping| mapping.priority)?;
    Some((first.response.response.clone(), first.response.delivery))
}

/// A file that holds no mappings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct MappingError {
    /// File, line and column.
    place: String,
    /// What is wrong.
    what: String,
}

/// The mappings in a text; `place` says where it stands.
///
/// # Errors
/// [`MappingError`] with line and column, and what is supported instead.
pub fn read(text: &str, place: &str) -> Result<Vec<Mapping>, MappingError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        mappings: Vec<Mapping>,
    }
    let wrong = |error: serde_json::Error| {
        let (message, end) = (error.to_string(), format!(" at line {} column {}", error.line(), error.column()));
        MappingError {
            place: format!("{place}:{}:{}", error.line(), error.column()),
            what: nearest::with_suggestion(message.strip_suffix(&end).unwrap_or(&message)),
        }
    };
    let value: Value = serde_json::from_str(text).map_err(wrong)?;
    if value.get("mappings").is_some() {
        return serde_json::from_str::<File>(text).map(|file| file.mappings).map_err(wrong);
    }
    serde_json::from_str(text).map(|mapping| vec![mapping]).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(mapping: &Value) -> Vec<Mapping> {
        read(&mapping.to_string(), "m.json").unwrap()
    }

    #[test]
    fn every_built_in_mapping_can_be_read() {
        for file in BUILT_IN.files() {
            let read = read(file.contents_utf8().unwrap(), &file.path().display().to_string());
            assert!(read.is_ok(), "{read:?}");
        }
        assert!(!Mapping::built_in().is_empty());
    }

    #[test]
    fn a_mapping_answers_the_requests_that_meet_all_its_conditions() {
        let mappings = of(&json!({
            "request": {
                "method": "GET", "urlPathPattern": "/api/v2/brands/[0-9]+",
                "queryParameters": {"lang": {"equalTo": "fr"}, "debug": {"absent": true}},
                "headers": {"X-App": {"contains": "web"}},
            },
            "response": {"status": 201, "jsonBody": {"id": 1}, "headers": {"X-A": "b"}, "fixedDelayMilliseconds": 1500},
        }));
        let request = |path: &str, lang: &str| {
            MarketRequest::get(path, &[("lang", lang.to_owned())]).with_header("x-app", "the web app")
        };
        let (response, delivery) = answer(&mappings, &request("/api/v2/brands/12", "fr")).unwrap();
        assert_eq!((response.status, response.header("x-a"), delivery), (201, Some("b"), Delivery::Whole));
        assert_eq!((response.took, response.body), (Duration::from_millis(1500), Body::Json(json!({"id": 1}))));
        for other in [request("/api/v2/brands/12/x", "fr"), request("/api/v2/brands/12", "en")] {
            assert_eq!(answer(&mappings, &other), None);
        }
        let mut debug = request("/api/v2/brands/12", "fr");
        debug.query.push(("debug".to_owned(), String::new()));
        assert_eq!(answer(&mappings, &debug), None);
    }

    #[test]
    fn bodies_are_compared_as_json_or_as_text() {
        let mappings = of(&json!({"mappings": [
            {"request": {"bodyPatterns": [{"equalToJson": {"a": 1.0}}]}, "response": {"status": 200}},
            {"request": {"bodyPatterns": [{"equalToJson": "{\"b\": 1}"}]}, "response": {"status": 201}},
            {"request": {"bodyPatterns": [{"contains": "moon"}, {"matches": ".*n\"}"}]}, "response": {"status": 202}},
        ]}));
        let status =
            |body: Value| answer(&mappings, &MarketRequest::post("/", body)).map(|(response, _)| response.status);
        assert_eq!(status(json!({"a": 1})), Some(200));
        assert_eq!(status(json!({"b": 1})), Some(201));
        assert_eq!(status(json!({"c": "moon"})), Some(202));
        assert_eq!(status(json!({"c": "moons"})), None);
    }

    #[test]
    fn the_lowest_priority_answers_and_of_several_the_first() {
        let mappings = of(&json!({"mappings": [
            {"request": {}, "response": {"status": 500}},
            {"request": {}, "response": {"status": 501}},
            {"priority": 1, "request": {"url": "/a?b=c"}, "response": {"fault": "CONNECTION_RESET_BY_PEER"}},
            {"priority": 1, "request": {"url": "/%61?q=a%20%26%20b&flag"}, "response": {"status": 418}},
            {"priority": 2, "request": {"bodyPatterns": [{"equalToJson": null}]}, "response": {"status": 204, "jsonBody": null}},
        ]}));
        let status = |request: &MarketRequest| answer(&mappings, request).unwrap();
        assert_eq!(status(&MarketRequest::get("/", &[])).0.status, 500);
        assert_eq!(status(&MarketRequest::get("/a", &[("b", "c".to_owned())])).1, Delivery::Reset);
        let written = [("q", "a & b".to_owned()), ("flag", String::new())];
        assert_eq!(status(&MarketRequest::get("/a", &written)).0.status, 418, "as it stands in a URL");
        let null = status(&MarketRequest::post("/", Value::Null)).0;
        assert_eq!((null.status, null.body), (204, Body::Json(Value::Null)), "null is a value");
    }

    #[test]
    fn what_is_not_supported_is_an_error_that_names_what_is() {
        for (text, said) in [
            (
                "{\n \"request\": {\"urlPattern\": \"/a\"},\n \"response\": {}}",
                "m.json:2:25: unknown field `urlPattern`, expected one of",
            ),
            ("{\"request\": {\"urlPathPatern\": \"/a\"}, \"response\": {}}", "; did you mean `urlPathPattern`?"),
            ("{\"request\": {}, \"response\": {\"staus\": 1}}", "; did you mean `status`?"),
            ("{\"request\": {}, \"response\": {\"status\": 99}}", "99 is no status from 200 to 599"),
            ("{\"request\": {\"urlPathPattern\": \"(\"}, \"response\": {}}", "'(' is no regular expression"),
            ("{\"request\": {}, \"response\": {\"body\": \"\", \"jsonBody\": 1}}", "`jsonBody` or `body`, not both"),
            (
                "{\"request\": {}, \"response\": {\"fault\": \"EMPTY_RESPONSE\"}}",
                "unknown variant `EMPTY_RESPONSE`, expected `CONNECTION_RESET_BY_PEER`",
            ),
            ("{\"request\": {}}", "missing field `response`"),
            ("{", "m.json:1:1: EOF"),
        ] {
            let error = read(text, "m.json").unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
