//! Figures as people read them: `12.3 ms`, `1,234`, `15.9 KiB`, `950/s`, `12.5 %`.

use std::time::Duration;

use super::number::{float, whole};

/// A duration with three digits: `850 µs`, `12.3 ms`, `1.25 s`, `90 s`.
pub fn time(duration: Duration) -> String {
    seconds(duration.as_secs_f64())
}

/// A number of seconds, as [`time`].
pub fn seconds(seconds: f64) -> String {
    let us = (seconds * 1e6).round();
    match us {
        us if us < 1.0 => "0 µs".to_owned(),
        us if us < 999.5 => format!("{} µs", digits(us)),
        us if us < 999_500.0 => format!("{} ms", digits(us / 1e3)),
        _ => format!("{} s", digits(us / 1e6)),
    }
}

/// A count with a comma at each thousand: `1,234,567`.
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and what is counted: `1 call`, `12 calls`.
pub fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{} {what}s", count(number)) }
}

/// A size: `512 B`, `15.9 KiB`, `1.2 GiB`.
pub fn bytes(bytes: f64) -> String {
    let mut value = bytes;
    let mut units = ["B", "KiB", "MiB", "GiB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    for next in units {
        if value < 1000.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    format!("{} {unit}", digits(value))
}

/// Events a second: `950/s`, `12,345/s`, `0.5/s`.
pub fn rate(per_s: f64) -> String {
    format!("{}/s", digits(per_s))
}

/// A share of 1: `12.5 %`.
pub fn share(share: f64) -> String {
    format!("{} %", digits(share * 100.0))
}

/// A number with three significant digits, and never less than its whole part.
pub fn digits(value: f64) -> String {
    let magnitude = value.abs();
    let text = match magnitude {
        size if size >= 99.95 => {
            let sign = if value < 0.0 { "-" } else { "" };
            return format!("{sign}{}", count(whole(magnitude)));
        }
        size if size >= 9.995 => format!("{value:.1}"),
        size if size >= 0.9995 || size == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Part of a whole; nothing of nothing is 0.
pub fn part(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { float(part) / float(whole) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_the_unit_that_fits() {
        let shown = [0.0, 0.000_000_4, 0.000_85, 0.000_999_9, 0.0123, 0.999_9, 1.25, 90.0, 5_400.0].map(seconds);
        assert_eq!(shown, ["0 µs", "0 µs", "850 µs", "1 ms", "12.3 ms", "1 s", "1.25 s", "90 s", "5,400 s"]);
    }

    #[test]
    fn counts_sizes_rates_and_shares() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([1, 2_000].map(|number| counted(number, "call")), ["1 call", "2,000 calls"]);
        assert_eq!([512.0, 16_281.6, 1e9, 5e12].map(bytes), ["512 B", "15.9 KiB", "954 MiB", "4,657 GiB"]);
        assert_eq!([0.5, 950.0, 12_345.2].map(rate), ["0.5/s", "950/s", "12,345/s"]);
        assert_eq!([0.125, 1.0, 0.000_01].map(share), ["12.5 %", "100 %", "0.001 %"]);
        assert_eq!([-3.5, -1234.0].map(digits), ["-3.5", "-1,234"]);
        assert_eq!([part(1, 4), part(0, 0)].map(share), ["25 %", "0 %"]);
    }
}
