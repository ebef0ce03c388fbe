//! Numbers as floating-point ones, where a part in 2^53 does not matter, and back.

/// A count or a size as a number to divide by.
#[expect(clippy::cast_precision_loss, reason = "figures are shown with a few digits")]
pub(crate) const fn float(count: u64) -> f64 {
    count as f64
}

/// The nearest whole number; 0 for anything below and for what is no number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is out of range becomes the nearest")]
pub(crate) fn whole(number: f64) -> u64 {
    number.round() as u64
}

/// The same of a length.
#[expect(clippy::cast_precision_loss, reason = "figures are shown with a few digits")]
pub(crate) const fn float_of(length: usize) -> f64 {
    length as f64
}
