//! What changes the marketplace: photos, and listings that are published, changed and deleted. Bodies are judged as a
//! marketplace would that takes nothing on trust; which of its rules the real one has is assumed.

use serde_json::{Map, Value, json};

use super::bodies::{Wrong, invalid, not_found, shape};
use super::ledger::SideEffect;
use super::listing::{CONDITIONS, photo};
use super::market::Market;
use super::money::Money;
use crate::contract::marketplace::{Body, MarketRequest, MarketResponse};
use crate::contract::multipart;

/// The ids of package sizes.
const PACKAGES: [u64; 4] = [1, 2, 3, 5];

/// Photos and colours that a listing may have (assumed).
const MOST_PHOTOS: usize = 20;
const MOST_COLORS: usize = 2;

/// An answer, and the side effect that goes with it on which thing; a refusal has none.
pub(super) type Done = (MarketResponse, Option<(SideEffect, u64)>);

fn refused(response: MarketResponse) -> Done {
    (response, None)
}

/// `POST /item_upload/items`.
pub(super) fn create(market: &mut Market, member: u64, request: &MarketRequest) -> Done {
    let item = match item(market, member, request, None) {
        Ok(item) => item,
        Err(response) => return refused(response),
    };
    let id = market.list(member, title(&item), Some(Value::Object(item)));
    (detail(market, id), Some((SideEffect::Publish, id)))
}

/// `PUT /item_upload/items/{id}`.
pub(super) fn update(market: &mut Market, member: u64, id: &str, request: &MarketRequest) -> Done {
    let Some(id) = own(market, member, id) else {
        return refused(not_found());
    };
    let item = match item(market, member, request, Some(id)) {
        Ok(item) => item,
        Err(response) => return refused(response),
    };
    if let Some(listing) = market.listings.get_mut(&id) {
        listing.title = title(&item);
        listing.upload = Some(Value::Object(item));
    }
    (detail(market, id), Some((SideEffect::Update, id)))
}

/// `POST /items/{id}/delete`.
pub(super) fn delete(market: &mut Market, member: u64, id: &str) -> Done {
    let Some(id) = own(market, member, id) else {
        return refused(not_found());
    };
    market.delist(id);
    (MarketResponse::json(200, shape("done")), Some((SideEffect::Delete, id)))
}

/// `POST /photos`: a form with the photo in it as a file.
pub(super) fn upload_photo(market: &mut Market, member: u64, request: &MarketRequest) -> Done {
    let form = request.content_type().and_then(|kind| multipart::parse(kind, &request.body.bytes()));
    let Some(parts) = form else {
        let got = request.content_type().unwrap_or("nothing");
        return refused(invalid(400, &[("photo", format!("must be uploaded as multipart/form-data, not as {got}"))]));
    };
    if !parts.iter().any(|part| part.file_name.is_some() && !part.content.is_empty()) {
        return refused(invalid(400, &[("photo", "the form has no file in it".to_owned())]));
    }
    let id = market.keep_photo(member);
    (MarketResponse::json(200, photo(id, 0)), Some((SideEffect::Photo, id)))
}

/// A listing of this member.
fn own(market: &Market, member: u64, id: &str) -> Option<u64> {
    let id = id.parse().ok()?;
    market.listings.get(&id).filter(|listing| listing.member == member).map(|_| id)
}

fn detail(market: &Market, id: u64) -> MarketResponse {
    let item = market.listings.get(&id).map(super::listing::Listing::detail).unwrap_or_default();
    MarketResponse::json(200, json!({ "item": item }))
}

fn title(item: &Map<String, Value>) -> String {
    item.get("title").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The valid `item` of a body; 400 for a body of another shape, 422 for an item with wrong fields.
fn item(
    market: &Market,
    member: u64,
    request: &MarketRequest,
    id: Option<u64>,
) -> Result<Map<String, Value>, MarketResponse> {
    let is_json = request.content_type().is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    let body = match &request.body {
        Body::Json(Value::Object(body)) if is_json => body,
        Body::Json(_) | Body::Empty if is_json => {
            return Err(invalid(400, &[("base", "must be a JSON object".to_owned())]));
        }
        _ => return Err(invalid(400, &[("base", "must be JSON, with content-type: application/json".to_owned())])),
    };
    let Some(Value::Object(item)) = body.get("item") else {
        let found: Vec<&str> = body.keys().map(String::as_str).collect();
        let message = format!("`item` must stand at the top of the body; there is {}", found.join(", "));
        return Err(invalid(400, &[("item", message)]));
    };
    if item.get("item").is_some_and(Value::is_object) {
        return Err(invalid(400, &[("item", "`item` is wrapped in another `item`".to_owned())]));
    }
    let wrong = wrong_fields(market, member, item, id);
    if wrong.is_empty() { Ok(item.clone()) } else { Err(invalid(422, &wrong)) }
}

fn wrong_fields(market: &Market, member: u64, item: &Map<String, Value>, id: Option<u64>) -> Vec<Wrong> {
    let mut wrong: Vec<Wrong> = Vec::new();
    let mut judge = |field: &'static str, right: fn(&Value) -> bool, must: &str| {
        if !right(item.get(field).unwrap_or(&Value::Null)) {
            wrong.push((field, must.to_owned()));
        }
    };
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    judge("title", is_text, "must be a text that is not empty");
    judge("description", is_text, "must be a text that is not empty");
    judge("price", |value| Money::price(value).is_some(), "must be a number above 0");
    judge("currency", |value| value == "EUR", "must be \"EUR\"");
    judge("catalog_id", Value::is_u64, "must be the number of a category");
    judge("brand_id", |value| value.is_null() || value.is_u64(), "must be a number or null");
    judge("size_id", |value| value.is_null() || value.is_u64(), "must be a number or null");
    judge(
        "status_id",
        |value| value.as_u64().is_some_and(|id| CONDITIONS.iter().any(|(known, _)| *known == id)),
        "must be 6, 1, 2, 3 or 4",
    );
    judge("package_size_id", |value| value.as_u64().is_some_and(|id| PACKAGES.contains(&id)), "must be 1, 2, 3 or 5");
    judge(
        "color_ids",
        |value| {
            value.is_null()
                || value.as_array().is_some_and(|all| all.len() <= MOST_COLORS && all.iter().all(Value::is_u64))
        },
        "must be a list of at most 2 numbers",
    );
    let given = item.get("id").unwrap_or(&Value::Null);
    match id {
        Some(id) if given.as_u64() != Some(id) => wrong.push(("id", format!("must be {id}, as in the path"))),
        None if !given.is_null() => wrong.push(("id", "must be null: a new listing has no id yet".to_owned())),
        _ => {}
    }
    let kept = |photo: &Value| photo["id"].as_u64().is_some_and(|id| market.photos.get(&id) == Some(&member));
    match item.get("assigned_photos") {
        None | Some(Value::Null) => {}
        Some(Value::Array(photos)) if photos.len() > MOST_PHOTOS => {
            wrong.push(("assigned_photos", format!("must be at most {MOST_PHOTOS}")));
        }
        Some(Value::Array(photos)) if photos.iter().all(kept) => {}
        Some(_) => wrong
            .push(("assigned_photos", "must be a list of photos that were uploaded: [{id, orientation}]".to_owned())),
    }
    wrong
}
