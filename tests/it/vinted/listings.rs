//! Publishing, changing, deleting, photos, and the bodies that are refused.

use hubproof::contract::marketplace::{Body, MarketRequest};
use hubproof::contract::multipart::Part;
use serde_json::{Value, json};

use super::support::{Shop, api, create, delete, item, item_with, photo, update, wardrobe};

#[test]
fn a_published_listing_appears_an_updated_one_changes_and_a_deleted_one_is_gone() {
    let mut shop = Shop::of("");
    assert_eq!(shop.wardrobe(), [] as [Value; 0]);
    let id = shop.publishes(&item());
    let listing = shop.wardrobe()[0].clone();
    assert_eq!((&listing["id"], &listing["title"]), (&json!(id), &json!("Robe d'été")));
    assert_eq!(listing["price"], json!({"amount": "25.0", "currency_code": "EUR"}));
    assert_eq!(listing["total_item_price"]["amount"], "26.95");
    assert_eq!((&listing["brand"], &listing["status"]), (&json!("Sézane"), &json!("Bon état")));
    assert_eq!(listing["user"], json!({"id": 123, "login": "membre123"}));
    for absent in ["description", "catalog_id", "brand_id", "size_id"] {
        assert_eq!(listing.get(absent), None, "{absent}");
    }

    let mut changed = item_with("price", json!(19.99));
    changed["id"] = id.into();
    changed["title"] = "Robe longue".into();
    assert_eq!(shop.gets(update(id, &changed))["item"]["title"], "Robe longue");
    let listing = shop.wardrobe()[0].clone();
    assert_eq!((&listing["title"], &listing["price"]["amount"]), (&json!("Robe longue"), &json!("19.99")));

    shop.gets(delete(id));
    assert_eq!(shop.wardrobe(), [] as [Value; 0]);
    assert_eq!(shop.status(delete(id)), Some(404));
    assert_eq!(shop.status(update(id, &item())), Some(404));
    assert_eq!(shop.status(api(&format!("/item_upload/items/{id}"))), Some(404));
}

#[test]
fn a_listing_is_edited_by_its_owner_alone() {
    let mut shop = Shop::of("");
    let id = shop.publishes(&item());
    let detail = shop.gets(api(&format!("/item_upload/items/{id}")))["item"].clone();
    assert_eq!((&detail["description"], &detail["status_id"]), (&json!("Portée une fois."), &json!(3)));
    assert_eq!((&detail["is_unisex"], &detail["color1_id"]), (&json!(0), &json!(9)));
    assert_eq!(detail["brand_dto"], json!({"title": "Sézane", "slug": "sézane"}));
    shop.session = "456".to_owned();
    assert_eq!(shop.status(api(&format!("/item_upload/items/{id}"))), Some(404));
    assert_eq!(shop.status(delete(id)), Some(404));
    assert_eq!(shop.wardrobe().len(), 1, "anybody sees it");
}

#[test]
fn photos_are_uploaded_first_and_then_assigned() {
    let mut shop = Shop::of("");
    let ids: Vec<Value> = (0..2).map(|_| shop.gets(photo())["id"].clone()).collect();
    let assigned: Vec<Value> = ids.iter().map(|id| json!({"id": id, "orientation": 0})).collect();
    shop.publishes(&item_with("assigned_photos", assigned.into()));
    let photos = shop.wardrobe()[0]["photos"].clone();
    assert_eq!((&photos[0]["id"], &photos[0]["is_main"]), (&ids[0], &json!(true)));
    assert_eq!((&photos[1]["id"], &photos[1]["image_no"]), (&ids[1], &json!(2)));
    shop.session = "456".to_owned();
    let stolen = create(&item_with("assigned_photos", json!([{"id": ids[0]}])));
    assert_eq!(shop.status(stolen), Some(422), "a photo of somebody else");
}

#[test]
fn a_photo_is_a_file_in_a_form() {
    let mut shop = Shop::of("");
    let empty = Part { name: "photo[file]".to_owned(), file_name: Some("a.jpg".to_owned()), content: Vec::new() };
    let field = Part { file_name: None, content: b"JPEG".to_vec(), ..empty.clone() };
    for wrong in [
        MarketRequest::post("/api/v2/photos", json!({"photo": "aGVsbG8="})),
        MarketRequest::new("POST", "/api/v2/photos", Body::Empty),
        MarketRequest::new("POST", "/api/v2/photos", Body::Raw(b"JPEG".to_vec()))
            .with_header("content-type", "image/jpeg"),
        MarketRequest::form("/api/v2/photos", &[empty]),
        MarketRequest::form("/api/v2/photos", &[field]),
    ] {
        let refusal = shop.asks(wrong).unwrap();
        assert_eq!(refusal.status, 400);
        assert_eq!(refusal.body.value()["errors"][0]["field"], "photo");
    }
}

#[test]
fn a_body_of_another_shape_is_refused() {
    let mut shop = Shop::of("");
    let path = "/api/v2/item_upload/items";
    let text = Body::Raw(item().to_string().into_bytes());
    for wrong in [
        MarketRequest::post(path, item()),
        MarketRequest::post(path, json!({"data": {"item": item()}})),
        MarketRequest::post(path, json!({"item": {"item": item()}})),
        MarketRequest::post(path, json!([item()])),
        MarketRequest::post(path, json!({"item": item()})).with_header("content-type", "text/plain"),
        MarketRequest::new("POST", path, text).with_header("content-type", "application/json"),
        MarketRequest::new("POST", path, Body::Empty),
    ] {
        let refusal = shop.asks(wrong).unwrap();
        assert_eq!(refusal.status, 400);
        assert_eq!(refusal.body.value()["message_code"], "validation_error");
    }
    assert_eq!(shop.vinted.ledger.written(), 0);
}

#[test]
fn wrong_fields_are_named() {
    let mut shop = Shop::of("");
    for (field, wrong) in [
        ("id", json!(7)),
        ("title", json!("  ")),
        ("description", Value::Null),
        ("price", json!("25")),
        ("price", json!(0)),
        ("currency", json!("USD")),
        ("catalog_id", Value::Null),
        ("status_id", json!(5)),
        ("package_size_id", json!(4)),
        ("size_id", json!("M")),
        ("brand_id", json!("Zara")),
        ("color_ids", json!([1, 2, 3])),
        ("assigned_photos", json!([{"id": 1}])),
        ("assigned_photos", json!("none")),
    ] {
        let refusal = shop.asks(create(&item_with(field, wrong))).unwrap();
        assert_eq!(refusal.status, 422);
        let body = refusal.body.value();
        let errors = body["errors"].as_array().unwrap();
        assert_eq!((errors.len(), &errors[0]["field"]), (1, &json!(field)));
    }
    let all = shop.asks(MarketRequest::post("/api/v2/item_upload/items", json!({"item": {}}))).unwrap();
    assert_eq!(all.body.value()["errors"].as_array().unwrap().len(), 7);
    let id = shop.publishes(&item());
    assert_eq!(shop.status(update(id, &item())), Some(422), "an update names the listing in its body too");
}

#[test]
fn a_wardrobe_comes_a_page_at_a_time() {
    let mut shop = Shop::of("members = [{ id = 123, login = 'vendeuse', listings = 200 }]");
    let last = shop.gets(wardrobe(3));
    assert_eq!(last["items"].as_array().unwrap().len(), 8);
    assert_eq!(
        (&last["items"][7]["title"], &last["items"][7]["user"]["login"]),
        (&json!("Article 200"), &json!("vendeuse"))
    );
    let pagination = json!({"current_page": 3, "total_pages": 3, "total_entries": 200, "per_page": 96});
    assert_eq!(last["pagination"], pagination);
    assert_eq!(shop.gets(wardrobe(4))["items"], json!([]));
    shop.session = "456".to_owned();
    assert_eq!(shop.status(api("/wardrobe/999/items")), Some(404), "there is no such shop");
    assert_eq!(shop.status(api("/wardrobe/abc/items")), Some(404));
}
