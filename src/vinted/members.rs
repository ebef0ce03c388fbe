//! Members: whose session it is, and who there is.

use serde_json::{Value, json};

use super::bodies;
use super::market::Market;
use super::paging::Page;
use crate::contract::marketplace::MarketRequest;

/// Members on a page when the request names no `per_page`.
const PER_PAGE: usize = 20;

fn user(market: &Market, id: u64) -> Value {
    let mut user = bodies::shape("user");
    let listings = market.members.get(&id).map_or(0, |member| member.wardrobe.len());
    user["id"] = id.into();
    user["login"] = market.login(id).into();
    user["item_count"] = listings.into();
    user["total_items_count"] = listings.into();
    user
}

/// `GET /users/current`.
pub(super) fn current(market: &Market, member: u64) -> Value {
    json!({"user": user(market, member)})
}

/// `GET /users`: members whose name contains `search_text`, whatever its case.
pub(super) fn search(market: &Market, request: &MarketRequest) -> Value {
    let wanted = request.parameter("search_text").unwrap_or_default().to_lowercase();
    let found: Vec<u64> = market
        .members
        .iter()
        .filter(|(_, member)| member.login.to_lowercase().contains(&wanted))
        .map(|(id, _)| *id)
        .collect();
    let page = Page::of(request, PER_PAGE);
    let users: Vec<Value> = page.cut(found.iter()).map(|id| user(market, *id)).collect();
    json!({"users": users, "pagination": page.pagination(found.len())})
}
