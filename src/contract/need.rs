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
    /// A target that may be shut down, as no other scenario needs it (LIFE-9).
    OwnHub,
    /// `max_bytes` among the settings of the control API (LIFE-6, LIFE-7).
    MaxBytes,
    /// `counts` among the settings of the control API (LIFE-6).
    Counts,
    /// A ping interval and timeout that can be waited for (LIFE-4).
    QuickPings,
    /// `timeout_s` where the control API shows a job (TIME-7).
    JobTimeout,
}

impl fmt::Display for Need {
    /// As it stands behind "needs".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capability(capability) => capability.fmt(f),
            Self::Log => f.write_str("the target's log: have hubproof start it, with --start"),
            Self::OwnHub => f.write_str("a hub that may be shut down: have hubproof start it, with --start"),
            Self::MaxBytes => f.write_str("max_bytes in the target's settings"),
            Self::Counts => f.write_str("counts in the target's settings"),
            Self::QuickPings => f.write_str("pings so quick that interval and timeout are 5 s together at the most"),
            Self::JobTimeout => f.write_str("timeout_s of a job"),
        }
    }
}

impl From<Capability> for Need {
    fn from(capability: Capability) -> Self {
        Self::Capability(capability)
    }
}
