//! Why a step of a scenario cannot go on.

use super::driver::Trouble;
use crate::contract::control::{Capability, Refusal};
use crate::contract::need::Need;

/// The reason why a scenario ends before its last step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// The target lacks something that the scenario needs: it is not tested.
    #[error("not tested (needs {0})")]
    Needs(Need),
    /// The target could not be driven: nothing can be told.
    #[error("could not tell: {0}")]
    Trouble(String),
    /// What the scenario asks for did not happen: the guarantee that it judges is broken.
    #[error("expected {expected}, got {got}")]
    Unmet {
        /// What was asked for.
        expected: String,
        /// What happened.
        got: String,
    },
}

impl Halt {
    /// What was asked for did not happen.
    #[must_use]
    pub fn unmet(expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self::Unmet { expected: expected.into(), got: got.into() }
    }

    /// What a refused control request means.
    #[must_use]
    pub fn refused(refusal: &Refusal, needs: Option<Capability>) -> Self {
        match (refusal.status, needs) {
            (501, Some(capability)) => Self::Needs(capability.into()),
            (401, _) => Self::Trouble(format!("{refusal}; give hubproof the control token that this target wants")),
            _ => Self::Trouble(refusal.to_string()),
        }
    }
}

impl From<Trouble> for Halt {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble.to_string())
    }
}
