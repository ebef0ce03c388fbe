//! Rules: which requests get something else than the ordinary answer, and what.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::bodies;
use super::endpoint::{self, Endpoint};
use super::seconds::Seconds;
use crate::contract::marketplace::MarketRequest;
use crate::contract::nearest;

/// One rule. A request that meets every condition is counted, and gets [`Rule::gets`] if its turn has come.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Rule {
    /// Only requests for this endpoint.
    pub to: Option<Endpoint>,
    /// Only requests with this method.
    pub method: Option<String>,
    /// Only requests with this path; a segment `*` stands for any one.
    pub path: Option<String>,
    /// Only requests for this page; a request that names none asks for the first.
    pub page: Option<u64>,
    /// Only requests without a cookie of this name.
    pub unless_cookie: Option<String>,
    /// Which of those requests, by their place.
    pub turn: Turn,
    /// The chance of each of them, from 0 to 1.
    pub chance: Option<f64>,
    /// What they get.
    pub gets: Effect,
}

/// Which of the requests that meet a rule's conditions, counted from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Turn {
    /// All.
    #[default]
    Each,
    /// Just this one.
    Nth(u64),
    /// This one and all that follow.
    From(u64),
    /// Each that is a multiple.
    Every(u64),
}

/// What a request gets instead of the ordinary answer, or with it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table that says what a request gets")]
pub struct Effect {
    /// The status of a failure.
    #[serde(default)]
    pub status: Option<Status>,
    /// Whether the request is carried out before it fails. Without a `status` it always is.
    #[serde(default)]
    pub processed: bool,
    /// Another body than the usual one of that status.
    #[serde(default)]
    pub body: Option<BodySpec>,
    /// The header `Retry-After`, in seconds.
    #[serde(default)]
    pub retry_after_s: Option<u32>,
    /// Another content type.
    #[serde(default)]
    pub content_type: Option<HeaderText>,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<HeaderName, HeaderText>,
    /// How long its answer takes, beside the profile's latency.
    #[serde(default)]
    pub latency_s: Seconds,
    /// What becomes of the connection.
    #[serde(default)]
    pub connection: Option<Connection>,
    /// Whether the session that asked has expired from now on.
    #[serde(default)]
    pub ends_session: bool,
}

/// What becomes of the connection of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "what becomes of the connection")]
pub enum Connection {
    /// It is reset, and the request was not carried out.
    ResetBefore,
    /// It is reset after the request was carried out.
    ResetAfter,
    /// It is closed after half of the body.
    Truncated,
    /// The body comes little by little over this time.
    Drip(Seconds),
}

/// Where a body comes from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "the name of a body, or a table with one")]
pub enum BodySpec {
    /// The ordinary one, cut short in the middle. The length that is announced is that of the half.
    Cut,
    /// The page of HTML that belongs to the status.
    Html,
    /// This JSON.
    Json(Value),
    /// This text.
    Text(String),
    /// A file of `fixtures/vinted/bodies`.
    Fixture(FixtureName),
}

/// A status that an answer can have: from 200 to 599.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(pub u16);

/// The name of a file in `fixtures/vinted/bodies`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixtureName(pub String);

/// The name of a header, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeaderName(pub String);

/// The value of a header: ASCII that can be seen, and blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderText(pub String);

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let status = i64::deserialize(deserializer)?;
        let known = u16::try_from(status).ok().filter(|status| (200..600).contains(status));
        known.map(Self).ok_or_else(|| D::Error::custom(format!("{status} is no status from 200 to 599")))
    }
}

impl<'de> Deserialize<'de> for FixtureName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if bodies::names().any(|known| known == name) {
            return Ok(Self(name));
        }
        let meant = nearest::nearest(&name, bodies::names()).map(|near| format!("; did you mean '{near}'?"));
        let known = bodies::names().collect::<Vec<_>>().join(", ");
        let meant = meant.unwrap_or_else(|| format!(": there are {known}"));
        Err(D::Error::custom(format!("no body is called '{name}'{meant}")))
    }
}

impl<'de> Deserialize<'de> for HeaderName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if !name.is_empty() && name.chars().all(is_token) {
            return Ok(Self(name.to_ascii_lowercase()));
        }
        Err(D::Error::custom(format!("'{name}' is no name of a header")))
    }
}

impl<'de> Deserialize<'de> for HeaderText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Ok(Self(text));
        }
        Err(D::Error::custom(format!("{text:?} cannot stand in a header")))
    }
}

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a rule: a table with `gets`, and with what it is for")]
struct Written {
    to: Option<Endpoint>,
    method: Option<String>,
    path: Option<String>,
    page: Option<Ordinal>,
    unless_cookie: Option<String>,
    nth: Option<Ordinal>,
    from: Option<Ordinal>,
    every: Option<Ordinal>,
    chance: Option<Chance>,
    gets: Effect,
}

/// A number from 1.
struct Ordinal(u64);

impl<'de> Deserialize<'de> for Ordinal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        let ordinal = u64::try_from(number).ok().filter(|number| *number > 0);
        ordinal.map(Self).ok_or_else(|| D::Error::custom(format!("{number} is no number from 1")))
    }
}

/// A probability.
struct Chance(f64);

impl<'de> Deserialize<'de> for Chance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let chance = f64::deserialize(deserializer)?;
        if (0.0..=1.0).contains(&chance) {
            return Ok(Self(chance));
        }
        Err(D::Error::custom(format!("{chance} is no chance from 0 to 1")))
    }
}

impl TryFrom<Written> for Rule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let turns = [
            written.nth.map(|n| Turn::Nth(n.0)),
            written.from.map(|n| Turn::From(n.0)),
            written.every.map(|n| Turn::Every(n.0)),
        ];
        let mut turns = turns.into_iter().flatten();
        let turn = turns.next().unwrap_or_default();
        if turns.next().is_some() {
            return Err("a rule has one of `nth`, `from` and `every`".to_owned());
        }
        if written.to.is_some() && (written.method.is_some() || written.path.is_some()) {
            return Err("a rule has either `to`, or `method` and `path`".to_owned());
        }
        if written.gets == Effect::default() {
            return Err("`gets` must say what the requests get".to_owned());
        }
        if let (None, Some(BodySpec::Html)) = (written.gets.status, &written.gets.body) {
            return Err("`body = \"html\"` needs a `status`".to_owned());
        }
        Ok(Self {
            to: written.to,
            method: written.method.map(|method| method.to_ascii_uppercase()),
            path: written.path,
            page: written.page.map(|page| page.0),
            unless_cookie: written.unless_cookie,
            turn,
            chance: written.chance.map(|chance| chance.0),
            gets: written.gets,
        })
    }
}

impl Rule {
    /// A rule for every request to one endpoint.
    #[must_use]
    pub fn to(endpoint: Endpoint, gets: Effect) -> Self {
        Self {
            to: Some(endpoint),
            method: None,
            path: None,
            page: None,
            unless_cookie: None,
            turn: Turn::Each,
            chance: None,
            gets,
        }
    }

    /// Whether a request meets the conditions, whatever its place.
    #[must_use]
    pub fn concerns(&self, endpoint: Option<Endpoint>, request: &MarketRequest) -> bool {
        let page = || request.parameter("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        self.to.is_none_or(|wanted| Some(wanted) == endpoint)
            && self.method.as_ref().is_none_or(|method| *method == request.method)
            && self.path.as_ref().is_none_or(|path| endpoint::matches(path, &request.path).is_some())
            && self.page.is_none_or(|wanted| wanted == page())
            && self.unless_cookie.as_ref().is_none_or(|name| request.cookie(name).is_none())
    }
}

impl Turn {
    /// Whether it is the turn of the request at this place, from 1.
    #[must_use]
    pub const fn has_come(self, place: u64) -> bool {
        match self {
            Self::Each => true,
            Self::Nth(nth) => place == nth,
            Self::From(first) => place >= first,
            Self::Every(every) => place.is_multiple_of(every),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Result<Rule, String> {
        toml::from_str(text).map_err(|error: toml::de::Error| error.to_string())
    }

    #[test]
    fn a_rule_is_for_the_requests_that_meet_its_conditions() {
        let second = rule("to = 'wardrobe'\npage = 2\ngets.status = 500").unwrap();
        let page = |number: &str| MarketRequest::get("/api/v2/wardrobe/1/items", &[("page", number.to_owned())]);
        assert!(second.concerns(Some(Endpoint::Wardrobe), &page("2")));
        assert!(!second.concerns(Some(Endpoint::Wardrobe), &page("1")));
        assert!(!second.concerns(Some(Endpoint::Inbox), &page("2")));
        let by_path = rule("method = 'get'\npath = '/api/v2/wardrobe/*/items'\ngets.status = 500").unwrap();
        assert!(by_path.concerns(None, &page("7")));
        let until_solved = rule("unless_cookie = 'datadome'\ngets.status = 403").unwrap();
        assert!(until_solved.concerns(None, &page("1")));
        assert!(!until_solved.concerns(None, &page("1").with_header("cookie", "datadome=x")));
    }

    #[test]
    fn turns_are_counted_from_one() {
        let places = |turn: Turn| (1..=6).filter(|place| turn.has_come(*place)).collect::<Vec<_>>();
        assert_eq!(places(Turn::Nth(2)), [2]);
        assert_eq!(places(Turn::From(5)), [5, 6]);
        assert_eq!(places(Turn::Every(3)), [3, 6]);
        assert_eq!(places(Turn::Each).len(), 6);
    }

    #[test]
    fn a_rule_that_is_wrong_says_what_is() {
        for (text, wrong) in [
            ("nth = 0\ngets.status = 500", "0 is no number from 1"),
            ("nth = 1\nevery = 2\ngets.status = 500", "a rule has one of `nth`, `from` and `every`"),
            ("to = 'inbox'\npath = '/'\ngets.status = 500", "a rule has either `to`, or `method` and `path`"),
            ("gets.status = 100", "100 is no status from 200 to 599"),
            ("chance = 2\ngets.status = 500", "2 is no chance from 0 to 1"),
            ("gets.body.fixture = 'datadome.htm'", "no body is called 'datadome.htm'; did you mean 'datadome.html'?"),
            ("gets.headers = { 'a b' = '1' }", "'a b' is no name of a header"),
            ("gets.latency_s = -1", "-1 is no number of seconds"),
            ("gets.body = 'html'", "needs a `status`"),
            ("gets = {}", "`gets` must say"),
            ("to = 'wardrob'\ngets.status = 500", "unknown variant `wardrob`"),
        ] {
            let error = rule(text).unwrap_err();
            assert!(error.contains(wrong), "{error}");
        }
    }
}
