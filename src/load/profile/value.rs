//! Durations, sizes, shares and rates as texts: what makes no sense is refused where it is read.
//!
//! In TOML each may also be a bare number, which is in the unit that its documentation names.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// What TOML has for a value: the text of a number, or a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given(pub String);

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Given;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a text")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Given, E> {
                Ok(Given(number.to_string()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Given, E> {
                Ok(Given(number.to_string()))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Given, E> {
                Ok(Given(number.to_string()))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Given, E> {
                Ok(Given(text.to_owned()))
            }
        }
        from.deserialize_any(Any)
    }
}

/// Gives a type that is read from its text a reader for TOML, too.
macro_rules! read_from_text {
    ($($name:ty),+) => {$(
        impl TryFrom<Given> for $name {
            type Error = String;

            fn try_from(Given(text): Given) -> Result<Self, String> {
                text.parse()
            }
        }
    )+};
}
pub(super) use read_from_text;

read_from_text!(Time, Bytes, Share, PerSecond, Weight);

impl<const LEAST: u64, const MOST: u64> TryFrom<Given> for Whole<LEAST, MOST> {
    type Error = String;

    fn try_from(Given(text): Given) -> Result<Self, String> {
        text.parse()
    }
}

/// The number that a text begins with, and what follows it.
fn number_and_unit(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || ".-+_".contains(c))).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: f64 = number.replace('_', "").parse().ok()?;
    number.is_finite().then_some((number, unit.trim()))
}

/// The unit of this name.
fn factor(units: &[(&str, f64)], name: &str) -> Option<f64> {
    units.iter().find(|(unit, _)| *unit == name).map(|(_, factor)| *factor)
}

/// A duration in real seconds, from none to a week: `500ms`, `30s`, `5m`, `2h`; a bare number is in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Given")]
pub struct Time(pub Duration);

/// The longest duration, in seconds.
pub const A_WEEK_S: f64 = 604_800.0;

const TIMES: &[(&str, f64)] =
    &[("", 1.0), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86_400.0)];

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = number_and_unit(text).and_then(|(number, unit)| Some(number * factor(TIMES, unit)?));
        let Some(seconds) = known else {
            return Err(format!("'{text}' is no duration: write a number and its unit, such as 500ms, 30s, 5m or 2h"));
        };
        if !(0.0..=A_WEEK_S).contains(&seconds) {
            return Err(format!("{text} is no duration of a run: it must be from 0 to 7d"));
        }
        Ok(Self(Duration::from_secs_f64(seconds)))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        if self.0.is_zero() || seconds >= 1.0 {
            write!(f, "{seconds}s")
        } else if self.0 >= Duration::from_millis(1) {
            write!(f, "{}ms", f64::from(self.0.subsec_micros()) / 1e3)
        } else {
            write!(f, "{}us", f64::from(self.0.subsec_nanos()) / 1e3)
        }
    }
}

/// A size from none to 64 MiB: `300B`, `2KiB`, `1MiB`; a bare number is in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Given")]
pub struct Bytes(pub u64);

/// The largest size.
pub const MOST_BYTES: u32 = 64 << 20;

const SIZES: &[(&str, f64)] = &[("", 1.0), ("B", 1.0), ("KiB", 1024.0), ("MiB", 1_048_576.0), ("GiB", 1_073_741_824.0)];

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = number_and_unit(text).and_then(|(number, unit)| Some(number * factor(SIZES, unit)?));
        let bytes = known.filter(|bytes| *bytes >= 0.0 && bytes.fract() == 0.0);
        let Some(bytes) = bytes else {
            return Err(format!("'{text}' is no size: write whole bytes, such as 300, 300B, 2KiB or 1MiB"));
        };
        if bytes > f64::from(MOST_BYTES) {
            return Err(format!("{text} is too large: sizes go up to 64MiB"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number from 0 to 64 MiB, as was just seen"
        )]
        Ok(Self(bytes as u64))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes > 0 && bytes % (1 << 20) == 0 => write!(f, "{}MiB", bytes >> 20),
            bytes if bytes > 0 && bytes % (1 << 10) == 0 => write!(f, "{}KiB", bytes >> 10),
            bytes => write!(f, "{bytes}B"),
        }
    }
}

/// A share of something, above 0 and up to 1: `0.2`, `20%`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Deserialize)]
#[serde(try_from = "Given")]
pub struct Share(pub f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let share = number_and_unit(text).and_then(|(number, unit)| match unit {
            "" => Some(number),
            "%" => Some(number / 100.0),
            _ => None,
        });
        let Some(share) = share else {
            return Err(format!("'{text}' is no share: write a number up to 1, or a percentage such as 20%"));
        };
        if share > 0.0 && share <= 1.0 {
            return Ok(Self(share));
        }
        Err(format!("{text} is no share: it must be above 0 and no more than 1 (100%)"))
    }
}

/// So many times a second, from none to a million: `500`, `500/s`, `0.5`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Deserialize)]
#[serde(try_from = "Given")]
pub struct PerSecond(pub f64);

/// The highest rate.
pub const MOST_PER_S: f64 = 1_000_000.0;

impl FromStr for PerSecond {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rate = number_and_unit(text).filter(|(_, unit)| matches!(*unit, "" | "/s"));
        let Some((rate, _)) = rate else {
            return Err(format!("'{text}' is no rate: write how many times a second, such as 500 or 500/s"));
        };
        if (0.0..=MOST_PER_S).contains(&rate) {
            return Ok(Self(rate));
        }
        Err(format!("{text} is no rate: it must be from 0 to {MOST_PER_S} a second"))
    }
}

/// A weight beside others, above 0 and up to a million.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Deserialize)]
#[serde(try_from = "Given")]
pub struct Weight(pub f64);

impl FromStr for Weight {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let weight = number_and_unit(text).filter(|(weight, unit)| unit.is_empty() && *weight > 0.0 && *weight <= 1e6);
        let wrong = || format!("'{text}' is no weight: it must be a number above 0, no more than 1000000");
        weight.map(|(weight, _)| Self(weight)).ok_or_else(wrong)
    }
}

/// A whole number between two ends, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Given")]
pub struct Whole<const LEAST: u64, const MOST: u64>(pub u64);

impl<const LEAST: u64, const MOST: u64> FromStr for Whole<LEAST, MOST> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.trim().replace('_', "").parse().ok().filter(|number| (LEAST..=MOST).contains(number));
        number.map(Self).ok_or_else(|| format!("'{text}' does not go here: a whole number from {LEAST} to {MOST} does"))
    }
}

/// Two ends of something, written `a..b`.
pub(super) fn ends<T: FromStr<Err = String>>(text: &str) -> Option<Result<(T, T), String>> {
    let (from, to) = text.split_once("..")?;
    Some(from.parse().and_then(|from| Ok((from, to.parse()?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units_and_bare_numbers_are_seconds() {
        for (text, millis) in [
            ("500ms", 500),
            ("30s", 30_000),
            ("1.5 s", 1500),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("7", 7000),
            ("0", 0),
        ] {
            assert_eq!(text.parse::<Time>().unwrap().0, Duration::from_millis(millis), "{text}");
        }
        for text in ["", "s", "abc", "5 weeks", "NaN", "inf", "1e3s", "5.5.5s", "٣s", "--1s"] {
            assert!(
                text.parse::<Time>().unwrap_err().contains("is no duration: write a number and its unit"),
                "{text}"
            );
        }
        for text in ["-1s", "8d", "99999999999999999999h"] {
            assert!(text.parse::<Time>().unwrap_err().contains("it must be from 0 to 7d"), "{text}");
        }
    }

    #[test]
    fn what_is_shown_is_read_as_the_same() {
        for text in ["0s", "1.5s", "30s", "250ms", "1.5ms", "20us"] {
            assert_eq!(text.parse::<Time>().unwrap().to_string(), text);
        }
        for text in ["0B", "300B", "2KiB", "64MiB", "1025B"] {
            assert_eq!(text.parse::<Bytes>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn sizes_shares_rates_and_weights_have_their_ends() {
        assert_eq!("1.5 KiB".parse(), Ok(Bytes(1536)));
        assert_eq!("20%".parse(), Ok(Share(0.2)));
        assert_eq!("500/s".parse(), Ok(PerSecond(500.0)));
        for text in ["1.5", "-1", "2 KB", "NaN", ""] {
            assert!(text.parse::<Bytes>().unwrap_err().contains("is no size"), "{text}");
        }
        assert!("65MiB".parse::<Bytes>().unwrap_err().contains("sizes go up to 64MiB"));
        for text in ["0", "-5%", "1.01", "101%"] {
            assert!(text.parse::<Share>().unwrap_err().contains("above 0 and no more than 1 (100%)"), "{text}");
        }
        for text in ["-1", "1000001"] {
            assert!(text.parse::<PerSecond>().unwrap_err().contains("from 0 to 1000000 a second"), "{text}");
        }
        for text in ["0", "-1", "NaN", "2x", "1000001"] {
            assert!(text.parse::<Weight>().unwrap_err().contains("is no weight"), "{text}");
        }
        for text in ["0", "11", "-1", "1.5", "", "99999999999999999999999"] {
            assert!(text.parse::<Whole<1, 10>>().unwrap_err().contains("a whole number from 1 to 10"), "{text}");
        }
    }
}
