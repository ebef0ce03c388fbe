//! The fake marketplace as a model: request in, response out. Drivers serve it; it does no IO.
//!
//! - [`wardrobe`]: the listings of shops, with paging.
//!
//! Bodies come from `fixtures/vinted`.

pub mod wardrobe;

use serde_json::Value;

use crate::contract::marketplace::{MarketRequest, MarketResponse};
use wardrobe::Wardrobes;

/// Body of a 404 (assumed, never seen).
const NOT_FOUND: &str = include_str!("../../fixtures/vinted/not_found.json");

/// The marketplace with everything that is in it.
#[derive(Debug, Clone, Default)]
pub struct Vinted {
    /// The listings of every shop.
    pub wardrobes: Wardrobes,
}

impl Vinted {
    /// Answers one request; what the model does not have is a 404.
    #[must_use]
    pub fn handle(&self, request: &MarketRequest) -> MarketResponse {
        let parts: Vec<&str> = request.path.split('/').filter(|part| !part.is_empty()).collect();
        let answer = match (request.method.as_str(), parts.as_slice()) {
            ("GET", ["api", "v2", "wardrobe", shop, "items"]) => {
                shop.parse().ok().and_then(|shop| self.wardrobes.page(shop, request))
            }
            _ => None,
        };
        match answer {
            Some(body) => MarketResponse { status: 200, body },
            None => MarketResponse { status: 404, body: fixture(NOT_FOUND) },
        }
    }
}

/// A fixture's JSON. Fixtures are compiled in, and a test reads each of them.
fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_marketplace_does_not_have_is_not_found() {
        let vinted = Vinted::default();
        for path in ["/api/v2/wardrobe/123/items", "/api/v2/wardrobe/abc/items", "/", "/api/v2/moon"] {
            let response = vinted.handle(&MarketRequest::get(path, &[]));
            assert_eq!((response.status, response.body), (404, json!({"code": 104, "message_code": "not_found"})));
        }
    }
}
