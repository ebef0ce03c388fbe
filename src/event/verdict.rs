//! What judges find in a run, and tell to whoever listens.

use super::EventNo;
use crate::contract::guarantee::GuaranteeId;

/// How one guarantee fared in one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The guarantee.
    pub id: GuaranteeId,
    /// What was found.
    pub finding: Finding,
    /// Something worth knowing beside the finding.
    pub note: Option<String>,
}

/// What was found of a guarantee.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// It was kept every time it mattered: so often.
    Held(u64),
    /// It was broken: each time with its witness.
    Broken(Vec<Broken>),
    /// It mattered, but the harness was not precise enough to say, for this reason.
    Untold(String),
    /// It never mattered.
    NotExercised,
}

/// A breach of a guarantee.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// The events that show it.
    pub witness: Vec<EventNo>,
    /// What the guarantee asks for here.
    pub expected: String,
    /// What happened instead.
    pub got: String,
}
