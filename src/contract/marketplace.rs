//! The exchange between a plugin and the marketplace, as both sides see it; no HTTP library's types.

use serde_json::Value;

/// A request of a plugin to the marketplace.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketRequest {
    /// Such as `GET`.
    pub method: String,
    /// Such as `/api/v2/wardrobe/123/items`.
    pub path: String,
    /// Query parameters in the order in which they are sent.
    pub query: Vec<(String, String)>,
    /// The JSON body, if there is one.
    pub body: Option<Value>,
}

impl MarketRequest {
    /// A GET request.
    #[must_use]
    pub fn get(path: impl Into<String>, query: &[(&str, String)]) -> Self {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self { method: "GET".to_owned(), path: path.into(), query, body: None }
    }

    /// The first query parameter of that name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Path and query as one text.
    #[must_use]
    pub fn target(&self) -> String {
        let pairs: Vec<_> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, pairs.join("&")) }
    }
}

/// The marketplace's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketResponse {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Value,
}
