//! The listings of shops: `GET /api/v2/wardrobe/{shop_id}/items`, a page at a time.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::fixture;
use crate::contract::marketplace::MarketRequest;

/// One listing (partly assumed: see the folder's README).
const ITEM: &str = include_str!("../../fixtures/vinted/wardrobe_item.json");

/// Listings on one page when the request names no `per_page`.
const PER_PAGE: usize = 96;

/// Every shop with the titles of its listings; a listing's id follows from shop and place.
#[derive(Debug, Clone, Default)]
pub struct Wardrobes {
    shops: BTreeMap<u64, Vec<String>>,
}

impl Wardrobes {
    /// Gives a shop this many listings, instead of those it had.
    pub fn stock(&mut self, shop: u64, listings: usize) {
        self.shops.insert(shop, (1..=listings).map(|number| format!("Article {number}")).collect());
    }

    /// The page that a request asks for: `items` and `pagination`. `None` if there is no such shop.
    #[must_use]
    pub fn page(&self, shop: u64, request: &MarketRequest) -> Option<Value> {
        let titles = self.shops.get(&shop)?;
        let number = |name: &str| request.parameter(name).and_then(|text| text.parse::<usize>().ok());
        let per_page = number("per_page").filter(|per_page| *per_page > 0).unwrap_or(PER_PAGE);
        let page = number("page").filter(|page| *page > 0).unwrap_or(1);
        let items: Vec<Value> = (0_u64..)
            .zip(titles)
            .skip((page - 1).saturating_mul(per_page))
            .take(per_page)
            .map(|(place, title)| item(shop, place, title))
            .collect();
        let pagination = json!({
            "current_page": page,
            "total_pages": titles.len().div_ceil(per_page).max(1),
            "total_entries": titles.len(),
            "per_page": per_page,
        });
        Some(json!({ "items": items, "pagination": pagination }))
    }
}

fn item(shop: u64, place: u64, title: &str) -> Value {
    let id = shop * 1_000_000 + place + 1;
    let mut item = fixture(ITEM);
    item["id"] = id.into();
    item["title"] = title.into();
    item["url"] = format!("/items/{id}").into();
    item["user"]["id"] = shop.into();
    item["user_id"] = shop.into();
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(listings: usize, page: &str, per_page: &str) -> Value {
        let mut wardrobes = Wardrobes::default();
        wardrobes.stock(123, listings);
        let query = [("page", page.to_owned()), ("per_page", per_page.to_owned())];
        wardrobes.page(123, &MarketRequest::get("/api/v2/wardrobe/123/items", &query)).unwrap()
    }

    #[test]
    fn listings_come_a_page_at_a_time() {
        let last = page(200, "3", "96");
        assert_eq!(last["items"].as_array().unwrap().len(), 8);
        assert_eq!(last["items"][7]["title"], "Article 200");
        assert_eq!(
            last["pagination"],
            json!({"current_page": 3, "total_pages": 3, "total_entries": 200, "per_page": 96})
        );
    }

    #[test]
    fn a_page_beyond_the_last_is_empty_and_odd_numbers_count_as_absent() {
        assert_eq!(page(1, "9", "96")["items"], json!([]));
        assert_eq!(page(1, "0", "-1")["pagination"]["per_page"], 96);
        assert_eq!(page(0, "1", "96")["pagination"]["total_pages"], 1);
    }

    #[test]
    fn a_listing_has_the_fixture_s_shape_and_its_own_identity() {
        let listing = page(1, "1", "96")["items"][0].clone();
        assert_eq!(listing["id"], 123_000_001);
        assert_eq!(listing["user"]["id"], 123);
        assert_eq!(listing["price"], json!({"amount": "28.9", "currency_code": "EUR"}));
    }
}
