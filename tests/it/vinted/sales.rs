//! Orders, transactions, invoices, conversations, members.

use hubproof::contract::marketplace::MarketRequest;
use serde_json::{Value, json};

use super::support::{Shop, api};

const WORLD: &str =
    "members = [{ id = 123, login = 'Vendeuse', sold = 45, purchased = 3 }, { id = 456, login = 'acheteur' }]";

fn list(path: &str, query: &[(&str, &str)]) -> MarketRequest {
    let query: Vec<(&str, String)> = query.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    MarketRequest::get(format!("/api/v2{path}"), &query)
}

fn entries(page: &Value, of: &str) -> (usize, Value) {
    (page[of].as_array().expect("a list").len(), page["pagination"]["total_pages"].clone())
}

#[test]
fn orders_come_by_side_and_status_and_page() {
    let mut shop = Shop::of(WORLD);
    let sold = shop.gets(list("/my_orders", &[("type", "sold"), ("status", "all"), ("per_page", "20"), ("page", "3")]));
    assert_eq!(entries(&sold, "my_orders"), (5, json!(3)));
    let bought = shop.gets(list("/my_orders", &[("type", "purchased")]));
    assert_eq!(entries(&bought, "my_orders"), (3, json!(1)));
    let failed = shop.gets(list("/my_orders", &[("type", "sold"), ("status", "cancelled")]));
    assert_eq!(entries(&failed, "my_orders"), (15, json!(1)));
    assert!(failed["my_orders"].as_array().unwrap().iter().all(|row| row["transaction_user_status"] == "failed"));
    shop.session = "789".to_owned();
    assert_eq!(entries(&shop.gets(list("/my_orders", &[("type", "sold")])), "my_orders"), (0, json!(1)));
}

#[test]
fn an_order_leads_to_its_transaction_and_its_conversation() {
    let mut shop = Shop::of(WORLD);
    let order = shop.gets(list("/my_orders", &[("type", "sold")]))["my_orders"][0].clone();
    assert_eq!(order["date"], "2025-01-09T16:00:00Z");
    let transaction = shop.gets(api(&format!("/transactions/{}", order["transaction_id"])))["transaction"].clone();
    assert_eq!((&transaction["item_title"], &transaction["offer"]["price"]), (&order["title"], &order["price"]));
    assert_eq!((&transaction["status"], &transaction["shipment"]["status"]), (&json!(450), &json!(400)));
    assert_eq!(transaction["seller"], json!({"id": 123, "login": "Vendeuse"}));
    let talk = shop.gets(api(&format!("/conversations/{}", order["conversation_id"])))["conversation"].clone();
    assert_eq!(
        (&talk["transaction"]["current_user_side"], &talk["transaction"]["id"]),
        (&json!("seller"), &order["transaction_id"])
    );
    let kinds: Vec<&Value> =
        talk["messages"].as_array().unwrap().iter().map(|message| &message["entity_type"]).collect();
    assert_eq!(kinds, ["message", "offer_request_message", "status_message", "action_message"]);
    let inbox = shop.gets(list("/inbox", &[("per_page", "20")]));
    assert_eq!(entries(&inbox, "conversations"), (20, json!(3)));
    assert_eq!(inbox["conversations"][0]["id"], order["conversation_id"]);

    shop.session = transaction["buyer"]["id"].to_string();
    let path = format!("/conversations/{}", order["conversation_id"]);
    assert_eq!(shop.gets(api(&path))["conversation"]["transaction"]["current_user_side"], "buyer");
    shop.session = "99999".to_owned();
    assert_eq!(shop.status(api(&path)), Some(404), "it is nobody else's affair");
    assert_eq!(shop.status(api("/transactions/x")), Some(404));
}

#[test]
fn invoices_are_the_completed_sales_of_a_month() {
    let mut shop = Shop::of(WORLD);
    let lines = |shop: &mut Shop, month: &str| {
        let page = shop.gets(api(&format!("/wallet/invoices/{month}")));
        (page["invoice_lines"].as_array().unwrap().len(), page["invoice_lines_pagination"]["total_entries"].clone())
    };
    assert_eq!(lines(&mut shop, "2025/1"), (3, json!(3)));
    assert_eq!(lines(&mut shop, "2024/12").1, json!(11));
    assert_eq!(lines(&mut shop, "2023/12"), (0, json!(0)));
    assert_eq!(shop.status(api("/wallet/invoices/2025/13")), Some(404));
}

#[test]
fn members_are_found_by_name() {
    let mut shop = Shop::of(WORLD);
    let me = shop.gets(api("/users/current"))["user"].clone();
    assert_eq!((&me["id"], &me["login"]), (&json!(123), &json!("Vendeuse")));
    let found = shop.gets(list("/users", &[("search_text", "VENDEUSE"), ("page", "1")]));
    assert_eq!(entries(&found, "users"), (1, json!(1)));
    assert_eq!(found["users"][0]["id"], 123);
    assert_eq!(entries(&shop.gets(list("/users", &[("search_text", "moon")])), "users").0, 0);
}
