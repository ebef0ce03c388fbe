//! Which requests the marketplace knows.

use serde::{Deserialize, Serialize};

use crate::contract::nearest;

/// One of the marketplace's endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// The listings of a shop.
    Wardrobe,
    /// One listing, as its owner edits it.
    Item,
    /// Publishes a listing.
    Create,
    /// Changes a listing.
    Update,
    /// Deletes a listing.
    Delete,
    /// Uploads a photo.
    Photo,
    /// What a member sold or bought.
    Orders,
    /// One sale.
    Transaction,
    /// What a month brought.
    Invoices,
    /// The conversations of a member.
    Inbox,
    /// One conversation.
    Conversation,
    /// Whose session it is.
    CurrentUser,
    /// Members by name.
    Users,
}

/// Every endpoint with method and path; a segment in braces stands for any one.
pub const ENDPOINTS: [(Endpoint, &str, &str); 13] = [
    (Endpoint::Wardrobe, "GET", "/api/v2/wardrobe/{shop_id}/items"),
    (Endpoint::Item, "GET", "/api/v2/item_upload/items/{id}"),
    (Endpoint::Create, "POST", "/api/v2/item_upload/items"),
    (Endpoint::Update, "PUT", "/api/v2/item_upload/items/{id}"),
    (Endpoint::Delete, "POST", "/api/v2/items/{id}/delete"),
    (Endpoint::Photo, "POST", "/api/v2/photos"),
    (Endpoint::Orders, "GET", "/api/v2/my_orders"),
    (Endpoint::Transaction, "GET", "/api/v2/transactions/{id}"),
    (Endpoint::Invoices, "GET", "/api/v2/wallet/invoices/{year}/{month}"),
    (Endpoint::Inbox, "GET", "/api/v2/inbox"),
    (Endpoint::Conversation, "GET", "/api/v2/conversations/{id}"),
    (Endpoint::CurrentUser, "GET", "/api/v2/users/current"),
    (Endpoint::Users, "GET", "/api/v2/users"),
];

impl Endpoint {
    /// The endpoint that a request is for, with the segments that stand in its path for those in braces.
    #[must_use]
    pub fn of<'a>(method: &str, path: &'a str) -> Option<(Self, Vec<&'a str>)> {
        ENDPOINTS.iter().find_map(|(endpoint, known, pattern)| {
            let wildcards = matches(pattern, path).filter(|_| *known == method)?;
            Some((*endpoint, wildcards))
        })
    }

    /// Its name in rules and settings.
    #[must_use]
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// The segments of a path that stand for the wildcards of a pattern, `{…}` or `*`; `None` if it does not fit.
#[must_use]
pub fn matches<'a>(pattern: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let (mut wanted, mut given) = (pattern.trim_matches('/').split('/'), path.trim_matches('/').split('/'));
    let mut wildcards = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(wildcards),
            (Some(wanted), Some(given)) if is_wildcard(wanted) && !given.is_empty() => wildcards.push(given),
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return None,
        }
    }
}

fn is_wildcard(segment: &str) -> bool {
    segment == "*" || segment.starts_with('{') && segment.ends_with('}')
}

/// Characters of a path that are compared.
const COMPARED: usize = 100;

/// The known endpoint that is most like a request for which there is none: `GET /api/v2/inbox`.
#[must_use]
pub fn nearest(method: &str, path: &str) -> String {
    let path: String = path.trim_matches('/').chars().take(COMPARED).collect();
    let given: Vec<&str> = path.split('/').collect();
    let likeness = |(_, known, pattern): &&(Endpoint, &str, &str)| {
        let segments =
            pattern.trim_matches('/').split('/').enumerate().map(|(place, segment)| match given.get(place) {
                Some(given) if is_wildcard(segment) => *given,
                _ => segment,
            });
        let path: String = segments.flat_map(|segment| ["/", segment]).collect();
        nearest::likeness(&format!("{method} /{}", given.join("/")), &format!("{known} {path}"))
    };
    let nearest = ENDPOINTS.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    nearest.map(|(_, method, pattern)| format!("{method} {pattern}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_is_found_by_method_and_path() {
        for (endpoint, method, pattern) in ENDPOINTS {
            let path = pattern.replace(['{', '}'], "");
            let wildcards = pattern.matches('{').count();
            let found = Endpoint::of(method, &path);
            assert_eq!(found.map(|(found, segments)| (found, segments.len())), Some((endpoint, wildcards)));
            assert_eq!(Endpoint::of("PATCH", &path), None);
        }
        assert_eq!(Endpoint::of("GET", "/api/v2/wardrobe//items"), None);
        assert_eq!(Endpoint::of("GET", "/api/v2/inbox/1"), None);
        assert_eq!(Endpoint::CurrentUser.name(), "current_user");
    }

    #[test]
    fn an_unknown_request_has_a_nearest_known_one() {
        for (method, path, known) in [
            ("GET", "/api/v2/wardrobes/123/items", "GET /api/v2/wardrobe/{shop_id}/items"),
            ("DELETE", "/api/v2/items/5/delete", "POST /api/v2/items/{id}/delete"),
            ("PATCH", "/api/v2/item_upload/items/5", "PUT /api/v2/item_upload/items/{id}"),
            ("GET", "/api/v2/conversation/5", "GET /api/v2/conversations/{id}"),
        ] {
            assert_eq!(nearest(method, path), known);
        }
    }
}
