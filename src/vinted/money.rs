//! Amounts: `{"amount": "28.9", "currency_code": "EUR"}`, the amount as text.

use serde_json::{Value, json};

/// An amount of money in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Money(pub(super) u64);

impl Money {
    /// A price in a body: a number above 0 and below a million, rounded to cents.
    pub(super) fn price(value: &Value) -> Option<Self> {
        let cents = (value.as_f64()? * 100.0).round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 1 and 100,000,000")]
        (1.0..=100_000_000.0).contains(&cents).then_some(Self(cents as u64))
    }

    /// What the buyer pays for protection: 70 cents and 5 per cent (assumed; the example of the documents agrees).
    pub(super) fn fee(self) -> Self {
        Self(70 + (self.0 * 5).div_ceil(100))
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    /// As the marketplace writes it.
    pub(super) fn json(self) -> Value {
        let (whole, cents) = (self.0 / 100, self.0 % 100);
        let amount =
            if cents.is_multiple_of(10) { format!("{whole}.{}", cents / 10) } else { format!("{whole}.{cents:02}") };
        json!({"amount": amount, "currency_code": "EUR"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_the_document_has_them() {
        let price = Money::price(&json!(28.9)).unwrap();
        assert_eq!(price.json()["amount"], "28.9");
        assert_eq!(
            (price.fee().json()["amount"].clone(), price.plus(price.fee()).json()["amount"].clone()),
            (json!("2.15"), json!("31.05"))
        );
        assert_eq!(Money(2500).json()["amount"], "25.0");
        assert_eq!(Money(5).json()["amount"], "0.05");
    }

    #[test]
    fn a_price_is_a_number_above_nothing() {
        for odd in [json!("28.9"), json!(0), json!(-1), json!(1e9), json!(null)] {
            assert_eq!(Money::price(&odd), None, "{odd}");
        }
    }
}
