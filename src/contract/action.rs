//! What a plugin can be asked to do, and how long the backend waits for it.

use std::time::Duration;

/// An action of the job layer with its command and its default timeout (TIME-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// The short code that jobs carry, such as `sync`.
    pub code: &'static str,
    /// The action of the command that the handler sends, such as `VINTED_SYNC`.
    pub command: &'static str,
    /// How long its commands may take when nobody says otherwise.
    pub timeout: Duration,
}

/// The marketplace of every documented action.
pub const MARKETPLACE: &str = "vinted";

/// The name of the raw marketplace call; it belongs to no job.
pub const API_CALL: &str = "VINTED_API_CALL";

/// How long a call without a timeout of its own waits when its action is not in [`ACTIONS`].
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

const fn action(code: &'static str, command: &'static str, seconds: u64) -> Action {
    Action { code, command, timeout: Duration::from_secs(seconds) }
}

/// Every action that has a handler in the job layer.
pub const ACTIONS: &[Action] = &[
    action("publish", "VINTED_PUBLISH", 60),
    action("update", "VINTED_UPDATE", 60),
    action("delete", "VINTED_DELETE", 60),
    action("sync", "VINTED_SYNC", 300),
    action("orders", "VINTED_ORDERS", 180),
];

/// The handler of a job, found by its full code `{action}_{marketplace}` (JOB-2).
#[must_use]
pub fn handler(action: &str, marketplace: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|known| known.code == action && marketplace == MARKETPLACE)
}

/// The documented timeout of a command (TIME-7), [`DEFAULT_TIMEOUT`] for any other.
#[must_use]
pub fn timeout_of(command: &str) -> Duration {
    ACTIONS.iter().find(|known| known.command == command).map_or(DEFAULT_TIMEOUT, |known| known.timeout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_timeouts_are_those_of_the_actions() {
        let seconds: Vec<_> = ACTIONS.iter().map(|action| (action.code, action.timeout.as_secs())).collect();
        assert_eq!(seconds, [("publish", 60), ("update", 60), ("delete", 60), ("sync", 300), ("orders", 180)]);
    }

    #[test]
    fn a_handler_is_found_by_action_and_marketplace_together() {
        assert_eq!(handler("sync", "vinted").unwrap().command, "VINTED_SYNC");
        assert_eq!(handler("sync", "ebay"), None);
        assert_eq!(handler("dance", "vinted"), None);
    }
}
