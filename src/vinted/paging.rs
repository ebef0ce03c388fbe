//! Lists that come a page at a time.

use serde_json::{Value, json};

use crate::contract::marketplace::MarketRequest;

/// Which page a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    number: usize,
    size: usize,
}

impl Page {
    /// By `page` and `per_page`; a number that is none, or 0, counts as absent.
    pub(super) fn of(request: &MarketRequest, usual_size: usize) -> Self {
        let number = |name: &str| request.parameter(name).and_then(|text| text.parse::<usize>().ok());
        let given = |name: &str| number(name).filter(|number| *number > 0);
        Self { number: given("page").unwrap_or(1), size: given("per_page").unwrap_or(usual_size) }
    }

    /// What of a list is on this page.
    pub(super) fn cut<T>(self, all: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        all.skip((self.number - 1).saturating_mul(self.size)).take(self.size)
    }

    /// The list's `pagination`, which has so many entries in all.
    pub(super) fn pagination(self, entries: usize) -> Value {
        json!({
            "current_page": self.number,
            "total_pages": entries.div_ceil(self.size).max(1),
            "total_entries": entries,
            "per_page": self.size,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &[(&str, String)]) -> Page {
        Page::of(&MarketRequest::get("/", query), 96)
    }

    #[test]
    fn a_page_is_a_part_of_the_list() {
        let third = page(&[("page", "3".to_owned()), ("per_page", "2".to_owned())]);
        assert_eq!(third.cut(1..=5).collect::<Vec<_>>(), [5]);
        assert_eq!(
            third.pagination(5),
            json!({"current_page": 3, "total_pages": 3, "total_entries": 5, "per_page": 2})
        );
    }

    #[test]
    fn a_page_beyond_the_last_is_empty_and_odd_numbers_count_as_absent() {
        let largest = page(&[("page", usize::MAX.to_string())]);
        assert_eq!(largest.cut(1..=5).count(), 0);
        assert_eq!(page(&[("page", "0".to_owned()), ("per_page", "-1".to_owned())]), page(&[]));
        assert_eq!(page(&[]).pagination(0)["total_pages"], 1);
    }
}
