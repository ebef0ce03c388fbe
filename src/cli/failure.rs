//! Errors that end a command before its work.

use crate::gherkin::FeatureError;
use crate::report::summary::exit;
use crate::stage::Halt;

/// Why a command could not do its work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
    /// The target cannot be driven.
    #[error("{0}")]
    Untold(String),
    /// The filters leave nothing.
    #[error("{0}")]
    NothingSelected(String),
    /// hubproof itself is at fault.
    #[error("a fault in hubproof: {0}")]
    Fault(String),
}

impl Failure {
    /// The exit code that says so.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => exit::USAGE,
            Self::Untold(_) => exit::UNTOLD,
            Self::NothingSelected(_) => exit::NOTHING_SELECTED,
            Self::Fault(_) => exit::FAULT,
        }
    }
}

impl From<Halt> for Failure {
    fn from(halt: Halt) -> Self {
        Self::Untold(halt.to_string())
    }
}

impl From<FeatureError> for Failure {
    /// The built-in features are hubproof's own.
    fn from(error: FeatureError) -> Self {
        Self::Fault(error.to_string())
    }
}
