//! What the fake tells and lets be changed over HTTP, under `/__hubproof`; the real marketplace has nothing there.

use serde_json::{Value, json};

use super::Vinted;
use super::rule::Rule;
use crate::contract::marketplace::{MarketRequest, MarketResponse};
use crate::contract::nearest;

/// Where it begins.
pub const OFFICE: &str = "/__hubproof";

/// Every request, with what it is for.
pub const DOORS: [(&str, &str, &str); 8] = [
    ("GET", "", "counts of everything"),
    ("GET", "/ledger", "side effects: which request id caused which, and when; `?request_id=` and `?effect=` choose"),
    ("GET", "/journal", "the last requests"),
    ("GET", "/unknown", "requests that nothing was there for, with the nearest known ones"),
    ("GET", "/politeness", "calls that were not polite"),
    ("POST", "/rules", "adds a rule in front of the others: one of a profile, as JSON"),
    ("DELETE", "/rules", "takes all rules away"),
    ("POST", "/reset", "back to the beginning"),
];

impl Vinted {
    /// Answers a request to the office; `None` if it is none.
    pub(super) fn office(&mut self, request: &MarketRequest) -> Option<MarketResponse> {
        let door = request.path.strip_prefix(OFFICE).filter(|door| door.is_empty() || door.starts_with('/'))?;
        let answer = match (request.method.as_str(), door.trim_end_matches('/')) {
            ("GET", "") => self.counts(),
            ("GET", "/ledger") => self.told_ledger(request),
            ("GET", "/journal") => {
                let requests: Vec<Value> = self.journal.requests().map(super::journal::Seen::json).collect();
                json!({"seen": self.journal.seen(), "requests": requests})
            }
            ("GET", "/unknown") => {
                let unknown = self.journal.unknown().map(
                    |unknown| json!({"request": unknown.request, "nearest": unknown.nearest, "times": unknown.times}),
                );
                json!({"unknown": unknown.collect::<Vec<_>>()})
            }
            ("GET", "/politeness") => {
                let breaches: Vec<Value> = self.politeness.breaches().map(super::politeness::Breach::json).collect();
                json!({"asserted": self.settings.profile.politeness.is_some(), "breached": self.politeness.breached(), "breaches": breaches})
            }
            ("POST", "/rules") => match serde_json::from_value::<Rule>(request.body.value().into_owned()) {
                Ok(rule) => {
                    self.add_rule(rule);
                    json!({"rules": self.rules.len()})
                }
                Err(error) => {
                    let what = nearest::with_suggestion(&error.to_string());
                    return Some(MarketResponse::json(400, json!({"error": what})));
                }
            },
            ("DELETE", "/rules") => {
                self.rules.clear();
                json!({"rules": 0})
            }
            ("POST", "/reset") => {
                self.reset();
                self.counts()
            }
            _ => {
                let known = DOORS.map(|(method, door, _)| format!("{method} {OFFICE}{door}"));
                return Some(MarketResponse::json(404, json!({"error": "there is no such thing", "known": known})));
            }
        };
        Some(MarketResponse::json(200, answer))
    }

    fn counts(&self) -> Value {
        json!({
            "requests": self.journal.seen(), "side_effects": self.ledger.written(),
            "unknown": self.journal.unknown_in_all(), "impolite": self.politeness.breached(), "rules": self.rules.len(),
        })
    }

    fn told_ledger(&self, request: &MarketRequest) -> Value {
        let entries = self.ledger.entries().map(super::ledger::Entry::json);
        let chosen = entries.filter(|entry| {
            ["request_id", "effect"]
                .into_iter()
                .all(|key| request.parameter(key).is_none_or(|wanted| entry[key] == wanted))
        });
        json!({"written": self.ledger.written(), "entries": chosen.collect::<Vec<_>>()})
    }
}
