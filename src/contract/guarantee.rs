//! Guarantees: their ids, levels and texts. The rows themselves stand in [`super::catalogue`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::catalogue::CATALOGUE;

/// The part of the contract that a guarantee belongs to; the letters of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Matching of responses to calls.
    Corr,
    /// Timeouts.
    Time,
    /// Errors and how they travel.
    Err,
    /// Isolation of users from each other.
    Iso,
    /// The life of a connection.
    Life,
    /// The job layer.
    Job,
    /// Speed.
    Perf,
    /// Logging.
    Log,
}

impl Area {
    /// Every area, in the order of the catalogue.
    pub const ALL: [Self; 8] =
        [Self::Corr, Self::Time, Self::Err, Self::Iso, Self::Life, Self::Job, Self::Perf, Self::Log];

    /// The letters used in ids, such as `CORR`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Corr => "CORR",
            Self::Time => "TIME",
            Self::Err => "ERR",
            Self::Iso => "ISO",
            Self::Life => "LIFE",
            Self::Job => "JOB",
            Self::Perf => "PERF",
            Self::Log => "LOG",
        }
    }

    /// What the area is about, in words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Corr => "correlation",
            Self::Time => "timeouts",
            Self::Err => "errors",
            Self::Iso => "isolation",
            Self::Life => "life of a connection",
            Self::Job => "the job layer",
            Self::Perf => "speed",
            Self::Log => "logging",
        }
    }
}

/// The stable identifier of a guarantee, such as `CORR-7`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuaranteeId {
    /// The area, `CORR` in `CORR-7`.
    pub area: Area,
    /// The number within the area, 7 in `CORR-7`.
    pub number: u8,
}

impl GuaranteeId {
    /// The id with these parts, whether or not the catalogue has it.
    #[must_use]
    pub const fn new(area: Area, number: u8) -> Self {
        Self { area, number }
    }

    /// The catalogue's row of this id; `None` if the catalogue has no such row.
    #[must_use]
    pub fn guarantee(self) -> Option<&'static Guarantee> {
        CATALOGUE.iter().find(|row| row.id == self)
    }
}

impl fmt::Debug for GuaranteeId {
    /// As it is written everywhere: `CORR-7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for GuaranteeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}-{}", self.area.code(), self.number))
    }
}

/// A text that names no guarantee of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no guarantee is called '{given}': {hint}")]
pub struct UnknownGuarantee {
    /// The text as it was given.
    pub given: String,
    /// What would have been right.
    pub hint: String,
}

impl FromStr for GuaranteeId {
    type Err = UnknownGuarantee;

    /// Reads `CORR-7` (in any case of letters) and accepts only ids that the catalogue has.
    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let unknown = |hint: String| UnknownGuarantee { given: given.to_owned(), hint };
        let (area, number) = given.split_once('-').ok_or_else(|| unknown("an id looks like CORR-7".to_owned()))?;
        let area = Area::ALL.into_iter().find(|known| known.code().eq_ignore_ascii_case(area)).ok_or_else(|| {
            let codes: Vec<_> = Area::ALL.iter().map(|area| area.code()).collect();
            unknown(format!("the areas are {}", codes.join(", ")))
        })?;
        let id = number.parse().ok().map(|number| Self::new(area, number)).filter(|id| id.number.to_string() == number);
        id.filter(|id| id.guarantee().is_some()).ok_or_else(|| {
            let count = CATALOGUE.iter().filter(|row| row.id.area == area).count();
            unknown(format!("{0} has the ids {0}-1 to {0}-{count}", area.code()))
        })
    }
}

impl Serialize for GuaranteeId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for GuaranteeId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How binding a guarantee is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Stated by the contract document. Gates.
    Documented,
    /// Implied by the document, or needed by its job layer. Gates.
    Derived,
    /// Learnt from incidents. Reported always, gates only when strict.
    Hardening,
    /// Measured and shown, judged only against a threshold of the user's.
    Figure,
}

impl Level {
    /// Whether a broken guarantee of this level fails the gate.
    #[must_use]
    pub const fn gates(self, strict: bool) -> bool {
        match self {
            Self::Documented | Self::Derived => true,
            Self::Hardening => strict,
            Self::Figure => false,
        }
    }

    /// The level's name as the catalogue writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Derived => "derived",
            Self::Hardening => "hardening",
            Self::Figure => "figure",
        }
    }
}

/// One promise of a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Guarantee {
    /// Its stable id.
    pub id: GuaranteeId,
    /// How binding it is.
    pub level: Level,
    /// The promise in words.
    pub promise: &'static str,
    /// What of it can be seen from outside the hub.
    pub seen: &'static str,
    /// Sections of the contract document that it comes from, as the document names them; empty for hardening.
    pub source: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_in_any_case_and_written_in_capitals() {
        let id: GuaranteeId = "corr-7".parse().unwrap();
        assert_eq!(id.to_string(), "CORR-7");
    }

    #[test]
    fn an_unknown_id_says_which_ids_exist() {
        let hint = |given: &str| given.parse::<GuaranteeId>().unwrap_err().hint;
        assert_eq!(hint("CORR-99"), "CORR has the ids CORR-1 to CORR-12");
        assert_eq!(hint("FOO-1"), "the areas are CORR, TIME, ERR, ISO, LIFE, JOB, PERF, LOG");
        assert_eq!(hint("hello"), "an id looks like CORR-7");
    }

    #[test]
    fn ids_are_unique_and_gapless_in_each_area() {
        for area in Area::ALL {
            let mut numbers: Vec<_> =
                CATALOGUE.iter().filter(|row| row.id.area == area).map(|row| row.id.number).collect();
            numbers.sort_unstable();
            let expected: Vec<u8> = (1..=u8::try_from(numbers.len()).unwrap()).collect();
            assert_eq!(numbers, expected, "{}", area.code());
        }
    }

    #[test]
    fn only_gating_levels_gate_unless_strict() {
        assert!(Level::Documented.gates(false) && Level::Derived.gates(false));
        assert!(!Level::Hardening.gates(false) && Level::Hardening.gates(true));
        assert!(!Level::Figure.gates(true));
    }
}
