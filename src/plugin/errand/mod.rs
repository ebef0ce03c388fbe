//! Commands carried out at the marketplace: one machine for each action. Response in, next request or the end out; no IO.
//!
//! - [`sync`]: `VINTED_SYNC`, all pages of a wardrobe.
//! - [`listing`]: `VINTED_PUBLISH` and `VINTED_UPDATE`, photos first; `VINTED_DELETE`.
//! - [`orders`]: `VINTED_ORDERS`, all pages.
//! - [`call`]: `VINTED_API_CALL`, the raw form.
//! - [`failed`]: why a command failed, and the two envelopes that say so.
//! - [`paging`]: which page comes next, and how many at the most.
//!
//! A machine ends after as many answers as its payload has photos, or after [`paging::MOST_PAGES`] pages, whatever comes.

pub mod call;
pub mod failed;
pub mod listing;
pub mod orders;
pub mod paging;
pub mod sync;

use serde_json::Value;

pub use failed::{Code, Failed};
pub use sync::Known;

use crate::contract::action::{ACTIONS, API_CALL};
use crate::contract::marketplace::{MarketRequest, MarketResponse};
use crate::contract::nearest::suggestion;

/// What comes next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// This request.
    Ask(MarketRequest),
    /// The end.
    Done(Outcome),
}

/// What a command comes to: the response's data, or why there is none.
pub type Outcome = Result<Value, Failed>;

/// What begins with a request, if it gets so far.
type Begun<T> = Result<(T, MarketRequest), Failed>;

/// A command under way at the marketplace.
#[derive(Debug, Clone, PartialEq)]
pub enum Errand {
    /// `VINTED_SYNC`.
    Sync(sync::Sync),
    /// `VINTED_PUBLISH` and `VINTED_UPDATE`.
    Listing(listing::Listing),
    /// `VINTED_DELETE`.
    Deletion(listing::Deletion),
    /// `VINTED_ORDERS`.
    Orders(orders::Orders),
    /// `VINTED_API_CALL`.
    Call,
}

impl Errand {
    /// Begins what a command asks for, with the first request.
    ///
    /// # Errors
    /// An action that is none, and a payload that does not say what the action needs: then nothing is asked.
    pub fn start(action: &str, payload: &Value, request_id: &str) -> Begun<Self> {
        if !matches!(payload, Value::Object(_) | Value::Null) {
            return Err(Failed::payload("the payload is no object"));
        }
        match action {
            "VINTED_SYNC" => begun(sync::Sync::start(payload), Self::Sync),
            "VINTED_PUBLISH" => begun(listing::Listing::publish(payload, request_id), Self::Listing),
            "VINTED_UPDATE" => begun(listing::Listing::update(payload, request_id), Self::Listing),
            "VINTED_DELETE" => begun(listing::Deletion::start(payload), Self::Deletion),
            "VINTED_ORDERS" => begun(orders::Orders::start(payload), Self::Orders),
            API_CALL => call::request(payload).map(|request| (Self::Call, request)),
            other => {
                let known: Vec<&str> = ACTIONS.iter().map(|action| action.command).chain([API_CALL]).collect();
                let what = format!("no action is called `{other}`: {}", suggestion(other, &known));
                Err(Failed::refused(Code::UnknownAction, &what))
            }
        }
    }

    /// Takes the answer to the last request; `None` if none came. Any failure on the way fails the whole.
    pub fn answered(&mut self, response: Option<&MarketResponse>, known: &mut Known) -> Step {
        let response = match Failed::unless_accepted(response) {
            Ok(response) => response,
            Err(failed) => return Step::Done(Err(failed)),
        };
        match self {
            Self::Sync(sync) => sync.page(response, known),
            Self::Listing(listing) => listing.answered(response),
            Self::Deletion(deletion) => deletion.answered(),
            Self::Orders(orders) => orders.page(response),
            Self::Call => Step::Done(Ok(response.body.value().into_owned())),
        }
    }
}

fn begun<T>(start: Begun<T>, errand: impl Fn(T) -> Errand) -> Begun<Errand> {
    start.map(|(machine, request)| (errand(machine), request))
}

/// A member that is a number or a text that is not empty, as a segment of a path; `None` if it is neither.
fn segment(payload: &Value, member: &str) -> Option<String> {
    match payload.get(member) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::contract::marketplace::Body;

    fn refusal(action: &str, payload: &Value) -> (Option<Code>, String) {
        let failed = Errand::start(action, payload, "req_1").unwrap_err();
        (failed.code, failed.error)
    }

    #[test]
    fn an_unknown_action_is_refused_with_the_nearest_known_one() {
        let text = "UNKNOWN_ACTION: no action is called `VINTED_PUBLSH`: did you mean `VINTED_PUBLISH`?".to_owned();
        assert_eq!(refusal("VINTED_PUBLSH", &json!({})), (Some(Code::UnknownAction), text));
    }

    #[test]
    fn a_payload_that_lacks_what_its_action_needs_is_refused_before_anything_is_asked() {
        for (action, payload, what) in [
            ("VINTED_SYNC", json!({}), "the payload has no `shop_id`"),
            ("VINTED_SYNC", json!([1]), "the payload is no object"),
            ("VINTED_PUBLISH", json!({"photos": "a.jpg"}), "`photos` is no list of texts"),
            ("VINTED_PUBLISH", json!({"photos": [1]}), "`photos` is no list of texts"),
            ("VINTED_UPDATE", json!({"title": "x"}), "the payload has no `item_id`"),
            ("VINTED_DELETE", json!({"item_id": ""}), "the payload has no `item_id`"),
            ("VINTED_ORDERS", json!({"type": "given"}), "`type` is neither `sold` nor `purchased`"),
            ("VINTED_ORDERS", json!({"per_page": 0}), "`per_page` is no number from 1 to 1000"),
            ("VINTED_ORDERS", json!({"status": 7}), "`status` is no text"),
            ("VINTED_API_CALL", json!({"method": "GET"}), "the payload has no `endpoint`"),
            ("VINTED_API_CALL", json!({"endpoint": "/api/v2/inbox"}), "the payload has no `method`"),
            (
                "VINTED_API_CALL",
                json!({"endpoint": "/api/v2/inbox", "method": "LIST"}),
                "the method `LIST` is none of GET, POST, PUT, PATCH, DELETE",
            ),
            (
                "VINTED_API_CALL",
                json!({"endpoint": "/api/v2/inbox", "method": "GET", "params": [1]}),
                "`params` is no object of texts and numbers",
            ),
        ] {
            let wanted = (Some(Code::InvalidPayload), format!("INVALID_PAYLOAD: {what}"));
            assert_eq!(refusal(action, &payload), wanted, "{action} {payload}");
        }
    }

    fn bodies() -> impl Strategy<Value = Body> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        let names = prop_oneof![
            4 => prop::sample::select(vec!["items", "my_orders", "pagination", "total_pages", "item", "id", "url"]),
            1 => Just("other"),
        ];
        let json = leaf.prop_recursive(4, 24, 4, move |inner| {
            let members = prop::collection::btree_map(names.clone().prop_map(str::to_owned), inner.clone(), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::from),
                members.prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        });
        prop_oneof![
            1 => Just(Body::Empty),
            4 => json.prop_map(Body::Json),
            1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Body::Raw),
            // What looks right, so that the machines get further.
            4 => any::<u64>().prop_map(|n| Body::Json(json!({
                "id": n, "item": {"id": n}, "items": [{"id": n}], "my_orders": [n], "pagination": {"total_pages": n}
            }))),
        ]
    }

    fn responses() -> impl Strategy<Value = Option<MarketResponse>> {
        let status = prop_oneof![8 => Just(200_u16), 1 => 0_u16..=999];
        prop::option::weighted(0.95, (status, bodies()).prop_map(|(status, body)| MarketResponse::new(status, body)))
    }

    fn commands() -> impl Strategy<Value = (String, Value)> {
        let actions = ACTIONS.iter().map(|action| action.command).chain([API_CALL]).collect::<Vec<_>>();
        let payload = prop_oneof![
            4 => Just(json!({
                "shop_id": 5, "item_id": 7, "title": "x", "photos": ["a", "b"], "method": "GET", "endpoint": "/api/v2/inbox"
            })),
            1 => bodies().prop_map(|body| body.value().into_owned()),
        ];
        (prop::sample::select(actions).prop_map(str::to_owned), payload)
    }

    proptest! {
        /// Whatever the marketplace says, and however often it says the same: no panic, and an end.
        #[test]
        fn every_errand_ends(command in commands(), responses in prop::collection::vec(responses(), 1..6)) {
            let (action, payload) = command;
            let mut known = Known::new();
            if let Ok((mut errand, _)) = Errand::start(&action, &payload, "req_1") {
                let ended = responses.iter().cycle().take(2 + usize::try_from(paging::MOST_PAGES).unwrap())
                    .any(|response| matches!(errand.answered(response.as_ref(), &mut known), Step::Done(_)));
                prop_assert!(ended, "{action} {payload} goes on and on");
            }
        }
    }
}
