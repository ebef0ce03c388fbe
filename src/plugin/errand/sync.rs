//! `VINTED_SYNC`: pages through a shop's wardrobe and counts what is new and what has changed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::paging::Paging;
use super::{Begun, Failed, Step, segment};
use crate::contract::marketplace::{MarketRequest, MarketResponse};

/// Listings that the plugin asks for at once.
const PER_PAGE: u64 = 96;

/// Listings that the plugin has seen, by id.
pub type Known = BTreeMap<u64, Value>;

/// A sync under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Sync {
    shop: String,
    paging: Paging,
    imported: u64,
    updated: u64,
}

impl Sync {
    /// A sync of the shop that the payload names.
    ///
    /// # Errors
    /// A payload without one.
    pub(super) fn start(payload: &Value) -> Begun<Self> {
        let shop = segment(payload, "shop_id").ok_or_else(|| Failed::payload("the payload has no `shop_id`"))?;
        let sync = Self { shop, paging: Paging::default(), imported: 0, updated: 0 };
        let first = sync.request();
        Ok((sync, first))
    }

    /// Takes a page. One that cannot be read fails the sync.
    pub(super) fn page(&mut self, response: &MarketResponse, known: &mut Known) -> Step {
        let body = response.body.value();
        let (items, more) = match self.paging.take(response, &body, "items", "a wardrobe") {
            Ok(page) => page,
            Err(failed) => return Step::Done(Err(failed)),
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
        if more {
            return Step::Ask(self.request());
        }
        Step::Done(Ok(json!({"imported": self.imported, "updated": self.updated})))
    }

    fn request(&self) -> MarketRequest {
        let query = [
            ("page", self.paging.page().to_string()),
            ("per_page", PER_PAGE.to_string()),
            ("order", "relevance".to_owned()),
        ];
        MarketRequest::get(format!("/api/v2/wardrobe/{}/items", self.shop), &query)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Errand;
    use super::*;

    fn page(ids: &[u64], title: &str, pages: u64) -> MarketResponse {
        let items: Vec<Value> = ids.iter().map(|id| json!({"id": id, "title": title})).collect();
        MarketResponse::json(200, json!({"items": items, "pagination": {"total_pages": pages}}))
    }

    fn start(shop: &Value) -> (Errand, MarketRequest) {
        Errand::start("VINTED_SYNC", &json!({ "shop_id": shop }), "req_1").unwrap()
    }

    #[test]
    fn every_page_is_fetched_and_new_and_changed_listings_are_counted() {
        let mut known = Known::from([(1, json!({"id": 1, "title": "old"})), (2, json!({"id": 2, "title": "new"}))]);
        let (mut sync, first) = start(&json!(123));
        assert_eq!(first.target(), "/api/v2/wardrobe/123/items?page=1&per_page=96&order=relevance");
        let Step::Ask(request) = sync.answered(Some(&page(&[1, 2], "new", 2)), &mut known) else {
            panic!("one page only")
        };
        assert_eq!(request.parameter("page"), Some("2"));
        let end = sync.answered(Some(&page(&[3], "new", 2)), &mut known);
        assert_eq!(end, Step::Done(Ok(json!({"imported": 1, "updated": 1}))));
    }

    #[test]
    fn a_page_that_fails_fails_the_sync() {
        let failed = |response: Option<&MarketResponse>| {
            let (mut sync, _) = start(&json!("123"));
            let Step::Done(Err(failed)) = sync.answered(response, &mut Known::new()) else { panic!("went on") };
            (failed.error, failed.said.map(|(status, _)| status))
        };
        let forbidden = MarketResponse::json(403, json!({"url": "x"}));
        assert_eq!(failed(Some(&forbidden)), ("Vinted API error 403".to_owned(), Some(403)));
        assert_eq!(failed(None), ("Vinted did not answer".to_owned(), None));
        let nonsense = MarketResponse::json(200, json!([]));
        assert_eq!(failed(Some(&nonsense)).0, "Vinted's answer is no page of a wardrobe");
    }
}
