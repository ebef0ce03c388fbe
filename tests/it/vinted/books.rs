//! The ledger, the journal, and both over HTTP.

use std::time::Duration;

use hubproof::contract::marketplace::MarketRequest;
use hubproof::vinted::SideEffect;
use serde_json::{Value, json};

use super::support::{Shop, api, delete, item, photo, update, wardrobe};

fn office(shop: &mut Shop, method: &str, door: &str, body: Option<Value>) -> Value {
    let request = match body {
        Some(body) => {
            MarketRequest { method: method.to_owned(), ..MarketRequest::post(format!("/__hubproof{door}"), body) }
        }
        None => MarketRequest { method: method.to_owned(), ..MarketRequest::get(format!("/__hubproof{door}"), &[]) },
    };
    shop.gets(request)
}

#[test]
fn the_ledger_says_which_request_id_caused_what_and_when() {
    let mut shop = Shop::of("");
    shop.now = Duration::from_millis(1500);
    shop.gets(photo());
    let id = shop.publishes(&item());
    let mut changed = item();
    changed["id"] = id.into();
    shop.gets(update(id, &changed));
    shop.gets(delete(id));
    assert_eq!(shop.status(delete(id)), Some(404));
    let effects: Vec<_> = shop.vinted.ledger.entries().map(|entry| (entry.effect, entry.member, entry.at)).collect();
    let at = Duration::from_millis(1500);
    let all = [SideEffect::Photo, SideEffect::Publish, SideEffect::Update, SideEffect::Delete];
    assert_eq!(effects, all.map(|effect| (effect, 123, at)));
    assert_eq!(shop.vinted.ledger.count(SideEffect::Publish, |id| id == "req_1"), 1);
    assert_eq!(shop.vinted.ledger.count(SideEffect::Publish, |id| id == "req_2"), 0);
}

#[test]
fn the_books_are_open_over_http() {
    let mut shop = Shop::of("");
    let id = shop.publishes(&item());
    assert_eq!(
        office(&mut shop, "GET", "/ledger", None),
        json!({"written": 1, "entries": [
            {"number": 1, "at_s": 0.0, "request_id": "req_1", "member": 123, "effect": "publish", "id": id},
        ]})
    );
    let none = MarketRequest::get("/__hubproof/ledger", &[("request_id", "req_9".to_owned())]);
    assert_eq!(shop.gets(none)["entries"], json!([]));
    let deletions = MarketRequest::get("/__hubproof/ledger", &[("effect", "delete".to_owned())]);
    assert_eq!(shop.gets(deletions)["entries"], json!([]));
    shop.status(api("/moon"));
    let journal = office(&mut shop, "GET", "/journal", None);
    assert_eq!((&journal["seen"], &journal["requests"][1]["target"]), (&json!(2), &json!("/api/v2/moon")));
    let counts = office(&mut shop, "GET", "", None);
    assert_eq!(counts, json!({"requests": 2, "side_effects": 1, "unknown": 1, "impolite": 0, "rules": 0}));
    assert_eq!(office(&mut shop, "GET", "/politeness", None)["asserted"], false);
    assert_eq!(office(&mut shop, "POST", "/reset", None)["requests"], 0);
    assert_eq!(shop.wardrobe(), [] as [Value; 0]);
}

#[test]
fn rules_can_be_added_over_http() {
    let mut shop = Shop::of("");
    let rule = json!({"to": "wardrobe", "gets": {"status": 429, "retry_after_s": 3}});
    assert_eq!(office(&mut shop, "POST", "/rules", Some(rule)), json!({"rules": 1}));
    assert_eq!(shop.status(wardrobe(1)), Some(429));
    office(&mut shop, "DELETE", "/rules", None);
    assert_eq!(shop.status(wardrobe(1)), Some(200));
    let wrong = shop.asks(MarketRequest::post("/__hubproof/rules", json!({"gets": {"staus": 429}}))).unwrap();
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.value()["error"].as_str().unwrap().contains("did you mean `status`?"), "{wrong:?}");
    let nowhere = shop.asks(MarketRequest::get("/__hubproof/moon", &[])).unwrap();
    assert_eq!((nowhere.status, &nowhere.body.value()["known"][1]), (404, &json!("GET /__hubproof/ledger")));
}

#[test]
fn an_unknown_request_is_reported_with_the_nearest_known_one() {
    let mut shop = Shop::of("");
    let answer = shop.asks(api("/wardrobes/123/items")).unwrap();
    assert_eq!(
        (answer.status, answer.header("x-hubproof-nearest")),
        (404, Some("GET /api/v2/wardrobe/{shop_id}/items"))
    );
    shop.status(api("/wardrobes/123/items"));
    assert_eq!(shop.status(api("/wardrobe/999/items")), Some(404));
    let unknown = office(&mut shop, "GET", "/unknown", None);
    assert_eq!(
        unknown["unknown"],
        json!([{"request": "GET /api/v2/wardrobes/123/items", "nearest": "GET /api/v2/wardrobe/{shop_id}/items", "times": 2}])
    );
}

#[test]
fn a_stub_comes_before_the_endpoints_and_needs_no_session() {
    let mut shop = Shop::of("");
    let request = MarketRequest::get("/api/v2/brands", &[("keyword", "Levi's".to_owned())]);
    let answer = shop.vinted.handle(Duration::ZERO, &request).seen().unwrap();
    assert_eq!((answer.status, &answer.body.value()["brands"][0]["id"]), (200, &json!(10)));
    assert_eq!(shop.vinted.journal.unknown_in_all(), 0);
}
