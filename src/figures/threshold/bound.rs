//! The wanted side of a threshold: `< 50ms`.

use std::cmp::Ordering;
use std::fmt;

use super::measure::Unit;

/// An operator and a number in the base unit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bound {
    operator: &'static str,
    number: f64,
    /// The number and its unit as they were written.
    written: String,
}

/// The operators, those of two characters first, and whether they want less, more, the same.
const OPERATORS: [(&str, &[Ordering]); 6] = [
    ("<=", &[Ordering::Less, Ordering::Equal]),
    (">=", &[Ordering::Greater, Ordering::Equal]),
    ("==", &[Ordering::Equal]),
    ("!=", &[Ordering::Less, Ordering::Greater]),
    ("<", &[Ordering::Less]),
    (">", &[Ordering::Greater]),
];

impl Bound {
    /// Reads an operator, a number and a unit that is one of this kind.
    ///
    /// # Errors
    /// What is wrong with it, and what is right.
    pub(super) fn parse(text: &str, unit: Unit) -> Result<Self, String> {
        let text = text.trim();
        let found = OPERATORS.iter().find_map(|(operator, _)| Some((*operator, text.strip_prefix(operator)?)));
        let Some((operator, rest)) = found else {
            return Err(format!("it begins with no operator (<, <=, >, >=, ==, !=), such as \"{}\"", unit.example()));
        };
        let written = rest.trim();
        let end = written.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(written.len());
        let (digits, name) = written.split_at(end);
        let number: f64 = digits.replace('_', "").parse().map_err(|_| {
            format!("behind the operator there is no number (0 or more), such as \"{}\"", unit.example())
        })?;
        let name = name.trim();
        let Some((_, base)) = unit.names().iter().find(|(known, _)| *known == name) else {
            let what =
                if name.is_empty() { "there is no unit".to_owned() } else { format!("'{name}' is no unit of it") };
            return Err(format!("{what}: it is {}, such as \"{}\"", unit.described(), unit.example()));
        };
        // Divided where it can be, which is exact for as many digits as anybody writes.
        let number = if *base < 1.0 { number / (1.0 / base).round() } else { number * base };
        if !number.is_finite() || number > 1e18 {
            return Err("the number is too large".to_owned());
        }
        Ok(Self { operator, number, written: written.to_owned() })
    }

    /// Whether the value is as wanted.
    pub(super) fn holds(&self, value: f64) -> bool {
        let wanted = OPERATORS.iter().find(|(operator, _)| *operator == self.operator).map(|(_, wanted)| *wanted);
        let is = value.partial_cmp(&self.number);
        wanted.is_some_and(|wanted| is.is_some_and(|is| wanted.contains(&is)))
    }

    /// Whether it is an upper bound: once a growing value is beyond it, it stays so.
    pub(super) fn is_upper(&self) -> bool {
        matches!(self.operator, "<" | "<=" | "==")
    }

    /// The number in the base unit.
    pub(super) const fn number(&self) -> f64 {
        self.number
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.operator, self.written)
    }
}
