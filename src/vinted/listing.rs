//! A listing, as the wardrobe shows it and as its owner edits it.

use serde_json::{Value, json};

use super::bodies;
use super::calendar::BEGIN;
use super::money::Money;

/// The price of a listing that was stocked rather than published.
const USUAL_PRICE: Money = Money(2890);

/// The conditions, by `status_id`, with their labels (assumed).
pub(super) const CONDITIONS: [(u64, &str); 5] = [
    (6, "Neuf avec étiquette"),
    (1, "Neuf sans étiquette"),
    (2, "Très bon état"),
    (3, "Bon état"),
    (4, "Satisfaisant"),
];

/// One listing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Listing {
    pub(super) id: u64,
    pub(super) member: u64,
    pub(super) title: String,
    /// What the owner published, if it was published and not stocked.
    pub(super) upload: Option<Value>,
    /// How far the calendar was.
    pub(super) made: u64,
}

impl Listing {
    pub(super) fn price(&self) -> Money {
        self.upload.as_ref().and_then(|upload| Money::price(&upload["price"])).unwrap_or(USUAL_PRICE)
    }

    /// As `GET /wardrobe/{shop_id}/items` has it: without description and most ids.
    pub(super) fn in_wardrobe(&self, login: &str) -> Value {
        let (id, price) = (self.id, self.price());
        let mut item = bodies::shape("wardrobe_item");
        item["id"] = id.into();
        item["title"] = self.title.as_str().into();
        item["url"] = url(id).into();
        item["user"] = json!({"id": self.member, "login": login});
        item["user_id"] = self.member.into();
        item["price"] = price.json();
        item["service_fee"] = price.fee().json();
        item["total_item_price"] = price.plus(price.fee()).json();
        item["created_at_ts"] = (BEGIN + self.made).into();
        if let Some(upload) = &self.upload {
            for (member, value) in
                [("brand", text(&upload["brand"])), ("size", size(upload)), ("status", label(upload))]
            {
                if let Some(value) = value {
                    item[member] = value.into();
                }
            }
            item["photos"] = photos(upload);
        }
        item
    }

    /// As `GET /item_upload/items/{id}` has it.
    pub(super) fn detail(&self) -> Value {
        let mut item = bodies::shape("item");
        item["id"] = self.id.into();
        item["title"] = self.title.as_str().into();
        item["url"] = url(self.id).into();
        item["price"] = self.price().json();
        let Some(upload) = &self.upload else {
            return item;
        };
        for member in ["description", "brand_id", "size_id", "catalog_id", "status_id", "measurement_width"]
            .into_iter()
            .chain(["measurement_length", "is_unisex", "manufacturer_labelling", "item_attributes"])
        {
            if let Some(value) = upload.get(member) {
                item[member] = value.clone();
            }
        }
        if let Some(unisex) = upload["is_unisex"].as_bool() {
            item["is_unisex"] = u8::from(unisex).into();
        }
        if let Some(brand) = text(&upload["brand"]) {
            let slug: String = brand.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
            item["brand_dto"] = json!({"title": brand, "slug": slug});
        }
        if let Some(label) = label(upload) {
            item["status"] = label.into();
        }
        for (place, color) in ["color1", "color2"].into_iter().enumerate() {
            item[format!("{color}_id")] = upload["color_ids"][place].clone();
            item[color] = Value::Null;
        }
        item["photos"] = photos(upload);
        item
    }
}

/// Where a listing is to be seen.
pub(super) fn url(id: u64) -> String {
    format!("/items/{id}")
}

/// A photo's shape; the first of a listing is its main one.
pub(super) fn photo(id: u64, place: usize) -> Value {
    let mut photo = bodies::shape("photo");
    photo["id"] = id.into();
    photo["is_main"] = (place == 0).into();
    photo["image_no"] = (place + 1).into();
    photo["high_resolution"]["id"] = id.to_string().into();
    for member in ["/url", "/full_size_url", "/thumbnails/0/url"] {
        if let Some(Value::String(url)) = photo.pointer_mut(member) {
            *url = url.replacen("/0/", &format!("/{id}/"), 1);
        }
    }
    photo
}

fn photos(upload: &Value) -> Value {
    let assigned = upload["assigned_photos"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ids = assigned.iter().filter_map(|photo| photo["id"].as_u64());
    ids.enumerate().map(|(place, id)| photo(id, place)).collect()
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

/// The titles of sizes are not known by id: a listing without a size has none, and any other has the usual one (assumed).
fn size(upload: &Value) -> Option<&str> {
    upload["size_id"].is_null().then_some("")
}

fn label(upload: &Value) -> Option<&'static str> {
    let id = upload["status_id"].as_u64()?;
    CONDITIONS.iter().find(|(known, _)| *known == id).map(|(_, label)| *label)
}
