//! `VINTED_ORDERS`: pages through a member's sales or purchases.

use serde_json::{Value, json};

use super::paging::Paging;
use super::{Begun, Failed, Step};
use crate::contract::marketplace::{MarketRequest, MarketResponse};

/// Orders that the plugin asks for at once, if the payload does not say how many.
const PER_PAGE: u64 = 20;

/// And the most that it asks for.
const MOST_PER_PAGE: u64 = 1_000;

/// A list of orders under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Orders {
    kind: &'static str,
    status: String,
    per_page: u64,
    paging: Paging,
    read: Vec<Value>,
}

impl Orders {
    /// The orders that the payload chooses: `type`, `status` and `per_page`, each of which may be absent.
    ///
    /// # Errors
    /// A payload that chooses what there is not.
    pub(super) fn start(payload: &Value) -> Begun<Self> {
        let kind = match payload.get("type") {
            None => "sold",
            Some(kind) if kind == "sold" => "sold",
            Some(kind) if kind == "purchased" => "purchased",
            Some(_) => return Err(Failed::payload("`type` is neither `sold` nor `purchased`")),
        };
        let status = match payload.get("status") {
            None => "all".to_owned(),
            Some(Value::String(status)) => status.clone(),
            Some(_) => return Err(Failed::payload("`status` is no text")),
        };
        let per_page = match payload.get("per_page") {
            None => PER_PAGE,
            Some(given) => given
                .as_u64()
                .filter(|given| (1..=MOST_PER_PAGE).contains(given))
                .ok_or_else(|| Failed::payload(&format!("`per_page` is no number from 1 to {MOST_PER_PAGE}")))?,
        };
        let orders = Self { kind, status, per_page, paging: Paging::default(), read: Vec::new() };
        let first = orders.request();
        Ok((orders, first))
    }

    /// Takes a page. One that cannot be read fails the whole.
    pub(super) fn page(&mut self, response: &MarketResponse) -> Step {
        let body = response.body.value();
        match self.paging.take(response, &body, "my_orders", "the orders") {
            Ok((orders, more)) => {
                self.read.extend_from_slice(orders);
                if more {
                    return Step::Ask(self.request());
                }
                Step::Done(Ok(json!({"orders": std::mem::take(&mut self.read)})))
            }
            Err(failed) => Step::Done(Err(failed)),
        }
    }

    fn request(&self) -> MarketRequest {
        let query = [
            ("type", self.kind.to_owned()),
            ("status", self.status.clone()),
            ("page", self.paging.page().to_string()),
            ("per_page", self.per_page.to_string()),
        ];
        MarketRequest::get("/api/v2/my_orders", &query)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Errand, Known};
    use super::*;

    fn page(orders: &[u64], pages: u64) -> MarketResponse {
        MarketResponse::json(200, json!({"my_orders": orders, "pagination": {"total_pages": pages}}))
    }

    #[test]
    fn orders_of_every_page_come_together() {
        let payload = json!({"shop_id": 5, "type": "purchased", "status": "completed", "per_page": 2});
        let (mut orders, first) = Errand::start("VINTED_ORDERS", &payload, "req_1").unwrap();
        assert_eq!(first.target(), "/api/v2/my_orders?type=purchased&status=completed&page=1&per_page=2");
        let Step::Ask(second) = orders.answered(Some(&page(&[1, 2], 2)), &mut Known::new()) else {
            panic!("one page only")
        };
        assert_eq!(second.parameter("page"), Some("2"));
        let end = orders.answered(Some(&page(&[3], 2)), &mut Known::new());
        assert_eq!(end, Step::Done(Ok(json!({"orders": [1, 2, 3]}))));
    }

    #[test]
    fn sales_of_any_status_are_what_is_asked_for_by_default() {
        let (_, first) = Errand::start("VINTED_ORDERS", &Value::Null, "req_1").unwrap();
        assert_eq!(first.target(), "/api/v2/my_orders?type=sold&status=all&page=1&per_page=20");
    }

    #[test]
    fn a_page_that_fails_fails_the_whole() {
        let (mut orders, _) = Errand::start("VINTED_ORDERS", &json!({}), "req_1").unwrap();
        assert!(matches!(orders.answered(Some(&page(&[1], 2)), &mut Known::new()), Step::Ask(_)));
        let end = orders.answered(Some(&MarketResponse::json(200, json!({"my_orders": {}}))), &mut Known::new());
        let Step::Done(Err(failed)) = end else { panic!("{end:?}") };
        assert_eq!(failed.error, "Vinted's answer is no page of the orders");
    }
}
