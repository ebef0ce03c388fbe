//! What a scenario needs of its target.

use std::fmt;

use super::control::Capability;

/// What a target has to offer for a scenario to be tested; where it does not, the scenario neither passes nor fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Something that the target's control API can do.
    Capability(Capability),
    /// The target's log: hubproof reads it of what it runs or starts itself (LOG-1).
    Log,
    /// `timeout_s` where the control API shows a job (TIME-7).
    JobTimeout,
}

impl fmt::Display for Need {
    /// As it stands behind "needs".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capability(capability) => capability.fmt(f),
            Self::Log => f.write_str("the target's log: have hubproof start it, with --start"),
            Self::JobTimeout => f.write_str("timeout_s of a job"),
        }
    }
}

impl From<Capability> for Need {
    fn from(capability: Capability) -> Self {
        Self::Capability(capability)
    }
}
