//! Numbers as floating-point ones, where a part in 2^53 does not matter.

/// A count or a size as a number to divide by.
#[expect(clippy::cast_precision_loss, reason = "figures are shown with a few digits")]
pub(crate) const fn float(count: u64) -> f64 {
    count as f64
}
