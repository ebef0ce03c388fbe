//! What can be set on a hub.

use std::collections::BTreeSet;
use std::time::Duration;

use super::variant::Flaw;

/// Settings of the reference hub.
#[derive(Debug, Clone, PartialEq)]
pub struct HubConfig {
    /// Milliseconds since 1970 at the hub's time zero; request ids carry it.
    pub epoch_ms: u64,
    /// Seed of the numbers in request ids.
    pub seed: u64,
    /// The largest packet, in bytes, in either direction (LIFE-6, LIFE-7).
    pub max_bytes: usize,
    /// How long a user may be without a socket before its calls fail (LIFE-2).
    pub grace: Duration,
    /// Ways in which this hub is broken on purpose; none for the reference hub.
    pub flaws: BTreeSet<Flaw>,
}

/// The longest timeout that a call may ask for (TIME-9).
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(86_400);

/// The largest packet by default: 1 MB, as in the field.
pub const DEFAULT_MAX_BYTES: usize = 1_000_000;

impl Default for HubConfig {
    fn default() -> Self {
        Self {
            epoch_ms: 1_736_438_400_000,
            seed: 0,
            max_bytes: DEFAULT_MAX_BYTES,
            grace: Duration::ZERO,
            flaws: BTreeSet::new(),
        }
    }
}
