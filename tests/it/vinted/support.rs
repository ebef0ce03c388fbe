//! A marketplace and who asks it.

use std::time::Duration;

use hubproof::contract::marketplace::{MarketRequest, MarketResponse};
use hubproof::contract::multipart::Part;
use hubproof::vinted::{Answer, Profile, Settings, Vinted};
use serde_json::{Value, json};

/// A marketplace, asked by member 123 for the command `req_1`.
pub(crate) struct Shop {
    pub(crate) vinted: Vinted,
    pub(crate) session: String,
    pub(crate) now: Duration,
}

impl Shop {
    /// A marketplace of this profile, in TOML.
    pub(crate) fn of(profile: &str) -> Self {
        let profile = Profile::read(profile, "profile").expect("a profile");
        let vinted = Vinted::new(Settings { profile, ..Settings::default() });
        Self { vinted, session: "123".to_owned(), now: Duration::ZERO }
    }

    pub(crate) fn answer(&mut self, request: MarketRequest) -> Answer {
        self.vinted.handle(self.now, &request.from_session(&self.session, "req_1"))
    }

    /// What comes of a request, if anything does.
    pub(crate) fn asks(&mut self, request: MarketRequest) -> Option<MarketResponse> {
        self.answer(request).seen()
    }

    pub(crate) fn status(&mut self, request: MarketRequest) -> Option<u16> {
        self.asks(request).map(|response| response.status)
    }

    /// The JSON that comes of a request that succeeds.
    #[track_caller]
    pub(crate) fn gets(&mut self, request: MarketRequest) -> Value {
        let response = self.asks(request).expect("an answer");
        assert_eq!(response.status, 200, "{response:?}");
        response.body.value().into_owned()
    }

    #[track_caller]
    pub(crate) fn wardrobe(&mut self) -> Vec<Value> {
        self.gets(wardrobe(1))["items"].as_array().expect("items").clone()
    }

    /// Publishes a listing and returns its id.
    #[track_caller]
    pub(crate) fn publishes(&mut self, item: &Value) -> u64 {
        self.gets(create(item))["item"]["id"].as_u64().expect("an id")
    }
}

pub(crate) fn api(path: &str) -> MarketRequest {
    MarketRequest::get(format!("/api/v2{path}"), &[])
}

pub(crate) fn wardrobe(page: usize) -> MarketRequest {
    MarketRequest::get("/api/v2/wardrobe/123/items", &[("page", page.to_string()), ("per_page", "96".to_owned())])
}

pub(crate) fn create(item: &Value) -> MarketRequest {
    MarketRequest::post("/api/v2/item_upload/items", json!({"item": item, "feedback_id": null, "push_up": false}))
}

pub(crate) fn update(id: u64, item: &Value) -> MarketRequest {
    let path = format!("/api/v2/item_upload/items/{id}");
    MarketRequest { method: "PUT".to_owned(), ..MarketRequest::post(path, json!({ "item": item })) }
}

pub(crate) fn delete(id: u64) -> MarketRequest {
    MarketRequest::post(format!("/api/v2/items/{id}/delete"), json!({}))
}

pub(crate) fn photo() -> MarketRequest {
    let file = Part { name: "photo[file]".to_owned(), file_name: Some("a.jpg".to_owned()), content: b"JPEG".to_vec() };
    MarketRequest::form("/api/v2/photos", &[file])
}

/// A listing that is valid.
pub(crate) fn item() -> Value {
    json!({
        "id": null, "currency": "EUR", "temp_uuid": "7d6", "title": "Robe d'été", "description": "Portée une fois.",
        "brand_id": 10, "brand": "Sézane", "size_id": 207, "catalog_id": 1821, "isbn": null, "is_unisex": false,
        "status_id": 3, "price": 25, "package_size_id": 2, "shipment_prices": {"domestic": null, "international": null},
        "color_ids": [9], "assigned_photos": [], "item_attributes": [],
    })
}

/// A listing that is valid but for this field.
pub(crate) fn item_with(field: &str, value: Value) -> Value {
    let mut item = item();
    item[field] = value;
    item
}
