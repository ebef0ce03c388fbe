//! The marketplace's dates. They do not come from a clock: the calendar moves by a second with each thing that is made, so
//! that the same requests get the same answers.

/// Where the calendar begins: 9 January 2025, 16:00 UTC, in seconds since 1970.
pub(super) const BEGIN: u64 = 1_736_438_400;

/// Seconds of a day.
pub(super) const DAY: u64 = 86_400;

/// Year, month and day of a moment, in UTC.
pub(super) fn date(unix_s: u64) -> (u64, u64, u64) {
    // Howard Hinnant's "civil from days", for days from 1970 on.
    let days = unix_s / DAY + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// A moment as ISO 8601 in UTC.
pub(super) fn iso(unix_s: u64) -> String {
    let ((year, month, day), second) = (date(unix_s), unix_s % DAY);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_dates() {
        assert_eq!(iso(BEGIN), "2025-01-09T16:00:00Z");
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(iso(1_735_689_599), "2024-12-31T23:59:59Z");
    }
}
