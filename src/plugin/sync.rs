//! `VINTED_SYNC`: pages through a shop's wardrobe and counts what is new and what has changed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::contract::marketplace::{MarketRequest, MarketResponse};

/// Listings that the plugin asks for at once.
const PER_PAGE: u64 = 96;

/// Listings that the plugin has seen, by id.
pub type Known = BTreeMap<u64, Value>;

/// A sync under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Sync {
    shop: String,
    page: u64,
    imported: u64,
    updated: u64,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// This request.
    Ask(MarketRequest),
    /// The end: the response's members beside `request_id`.
    Done(Value),
}

impl Sync {
    /// A sync of the shop that the payload names, with its first step.
    #[must_use]
    pub fn start(payload: &Value) -> (Self, Step) {
        let shop = match payload.get("shop_id") {
            Some(Value::String(shop)) => shop.clone(),
            Some(Value::Number(shop)) => shop.to_string(),
            _ => String::new(),
        };
        let sync = Self { shop, page: 1, imported: 0, updated: 0 };
        let first =
            if sync.shop.is_empty() { failure("the payload has no shop_id", None) } else { Step::Ask(sync.request()) };
        (sync, first)
    }

    /// Takes a page; `None` stands for a request that got no answer. A page that cannot be read fails the sync.
    pub fn page(&mut self, response: Option<&MarketResponse>, known: &mut Known) -> Step {
        let Some(response) = response else {
            return failure("Vinted did not answer", None);
        };
        if response.status != 200 {
            return failure(&format!("Vinted API error {}", response.status), Some(response));
        }
        let body = response.body.value();
        let items = body.get("items").and_then(Value::as_array);
        let pages = body.pointer("/pagination/total_pages").and_then(Value::as_u64);
        let (Some(items), Some(pages)) = (items, pages) else {
            return failure("Vinted's answer is no page of a wardrobe", Some(response));
        };
        for item in items {
            let Some(id) = item.get("id").and_then(Value::as_u64) else {
                continue;
            };
            match known.insert(id, item.clone()) {
                None => self.imported += 1,
                Some(before) if before != *item => self.updated += 1,
                Some(_) => {}
            }
        }
        self.page += 1;
        if self.page > pages {
            return Step::Done(json!({"success": true, "data": {"imported": self.imported, "updated": self.updated}}));
        }
        Step::Ask(self.request())
    }

    fn request(&self) -> MarketRequest {
        let query =
            [("page", self.page.to_string()), ("per_page", PER_PAGE.to_string()), ("order", "relevance".to_owned())];
        MarketRequest::get(format!("/api/v2/wardrobe/{}/items", self.shop), &query)
    }
}

/// A failure in its full shape: with status and body where the marketplace gave one.
fn failure(error: &str, response: Option<&MarketResponse>) -> Step {
    let mut members = json!({"success": false, "error": error});
    if let Some(response) = response {
        members["status"] = response.status.into();
        members["errorData"] = response.body.value().into_owned();
    }
    Step::Done(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ids: &[u64], title: &str, pages: u64) -> MarketResponse {
        let items: Vec<Value> = ids.iter().map(|id| json!({"id": id, "title": title})).collect();
        MarketResponse::json(200, json!({"items": items, "pagination": {"total_pages": pages}}))
    }

    #[test]
    fn every_page_is_fetched_and_new_and_changed_listings_are_counted() {
        let mut known = Known::from([(1, json!({"id": 1, "title": "old"})), (2, json!({"id": 2, "title": "new"}))]);
        let (mut sync, first) = Sync::start(&json!({"shop_id": 123}));
        let Step::Ask(request) = first else { panic!("{first:?}") };
        assert_eq!(request.target(), "/api/v2/wardrobe/123/items?page=1&per_page=96&order=relevance");
        let Step::Ask(request) = sync.page(Some(&page(&[1, 2], "new", 2)), &mut known) else { panic!("one page only") };
        assert_eq!(request.parameter("page"), Some("2"));
        let end = sync.page(Some(&page(&[3], "new", 2)), &mut known);
        assert_eq!(end, Step::Done(json!({"success": true, "data": {"imported": 1, "updated": 1}})));
    }

    #[test]
    fn a_page_that_fails_fails_the_sync() {
        let failed = |response: Option<&MarketResponse>| {
            let (mut sync, _) = Sync::start(&json!({"shop_id": "123"}));
            let Step::Done(end) = sync.page(response, &mut Known::new()) else { panic!("went on") };
            (end["success"].clone(), end["error"].clone(), end["status"].clone())
        };
        let forbidden = MarketResponse::json(403, json!({"url": "x"}));
        assert_eq!(failed(Some(&forbidden)), (json!(false), json!("Vinted API error 403"), json!(403)));
        assert_eq!(failed(None), (json!(false), json!("Vinted did not answer"), Value::Null));
        let nonsense = MarketResponse::json(200, json!([]));
        assert_eq!(failed(Some(&nonsense)).0, json!(false));
    }

    #[test]
    fn a_sync_without_a_shop_asks_nothing() {
        let (_, first) = Sync::start(&json!({}));
        assert!(matches!(first, Step::Done(_)), "{first:?}");
    }
}
