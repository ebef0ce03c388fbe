//! Lists that come page by page, for those who ask.

use serde_json::Value;

use super::failed::Failed;
use crate::contract::marketplace::MarketResponse;

/// Pages that are read of one list at the most: a list that claims to have more fails at once, so that a wrong number is no
/// reason to go on for ever, and no part of a list is taken for the whole.
pub const MOST_PAGES: u64 = 1_000;

/// How far a list has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    page: u64,
}

impl Default for Paging {
    /// At the first page.
    fn default() -> Self {
        Self { page: 1 }
    }
}

impl Paging {
    /// The page that comes next, from 1.
    #[must_use]
    pub const fn page(self) -> u64 {
        self.page
    }

    /// Takes a page: its entries, which stand in `member`, and whether another one follows.
    ///
    /// # Errors
    /// What is no page of `what`, or one of too many.
    pub fn take<'a>(
        &mut self,
        response: &MarketResponse,
        body: &'a Value,
        member: &str,
        what: &str,
    ) -> Result<(&'a [Value], bool), Failed> {
        let entries = body.get(member).and_then(Value::as_array);
        let pages = body.pointer("/pagination/total_pages").and_then(Value::as_u64);
        let (Some(entries), Some(pages)) = (entries, pages) else {
            return Err(Failed::odd(&format!("Vinted's answer is no page of {what}"), response));
        };
        if pages > MOST_PAGES {
            let what = format!("{what} has {pages} pages, and at most {MOST_PAGES} are read");
            return Err(Failed::odd(&what, response));
        }
        self.page += 1;
        Ok((entries, self.page <= pages))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_of_absurdly_many_pages_fails_at_once() {
        let body = json!({"items": [], "pagination": {"total_pages": 1_000_000_000}});
        let response = MarketResponse::json(200, body.clone());
        let failed = Paging::default().take(&response, &body, "items", "a wardrobe").unwrap_err();
        assert_eq!(failed.error, "a wardrobe has 1000000000 pages, and at most 1000 are read");
    }

    #[test]
    fn the_last_page_is_the_one_that_the_list_says() {
        let body = json!({"items": [1], "pagination": {"total_pages": 2}});
        let response = MarketResponse::json(200, body.clone());
        let mut paging = Paging::default();
        assert_eq!(paging.take(&response, &body, "items", "x"), Ok((&[json!(1)][..], true)));
        assert_eq!((paging.page(), paging.take(&response, &body, "items", "x").unwrap().1), (2, false));
    }
}
