//! What a fake plugin does with a command, as data.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a plugin does with commands: the first rule that fits, else `otherwise`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    /// Exceptions, looked through in order.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// What it does with every other command.
    #[serde(default)]
    pub otherwise: Reaction,
}

/// A reaction to some commands only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Only commands with this action.
    #[serde(default)]
    pub action: Option<String>,
    /// Only the plugin's n-th command, from 1.
    #[serde(default)]
    pub nth: Option<u64>,
    /// What it does with them.
    pub reaction: Reaction,
}

/// Everything that a plugin says to one command; nothing is silence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reaction {
    /// The responses, in the order in which they are planned.
    pub replies: Vec<PlannedReply>,
}

/// One response: when, under which id, and what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedReply {
    /// When it is sent.
    #[serde(default)]
    pub when: When,
    /// The `request_id` that it carries.
    #[serde(default)]
    pub id: ReplyId,
    /// What it says.
    pub say: Say,
}

/// When a response is sent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// So many documented seconds after the command.
    AfterS(f64),
    /// When the call has ended at its caller: late by construction, not by a race of timers.
    CallEnded,
    /// When so many commands have come; then for all of them.
    Gathered {
        /// How many.
        commands: usize,
        /// The last command first.
        #[serde(default)]
        reversed: bool,
    },
}

impl Default for When {
    fn default() -> Self {
        Self::AfterS(0.0)
    }
}

impl When {
    /// After this documented time.
    #[must_use]
    pub fn after(delay: Duration) -> Self {
        Self::AfterS(delay.as_secs_f64())
    }
}

/// The `request_id` of a response.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyId {
    /// The command's own.
    #[default]
    Own,
    /// Another one, whatever the command's was.
    Other(String),
}

/// What a response says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Say {
    /// Success with this data.
    Data(Value),
    /// Success with the command's payload as its data, so that every call has an answer of its own.
    Payload,
    /// Failure with this error text.
    Error(String),
    /// These members beside `request_id`, whatever they are.
    Members(serde_json::Map<String, Value>),
    /// What carrying out the command at the marketplace gives.
    Marketplace,
}

impl Behaviour {
    /// A plugin that always does the same.
    #[must_use]
    pub fn always(replies: Vec<PlannedReply>) -> Self {
        Self { rules: Vec::new(), otherwise: Reaction { replies } }
    }

    /// The reaction to the n-th command (from 1), which has this action.
    #[must_use]
    pub fn reaction(&self, action: &str, nth: u64) -> &Reaction {
        let fits = |rule: &&Rule| {
            rule.action.as_deref().is_none_or(|wanted| wanted == action) && rule.nth.is_none_or(|wanted| wanted == nth)
        };
        self.rules.iter().find(fits).map_or(&self.otherwise, |rule| &rule.reaction)
    }
}

impl PlannedReply {
    /// A response under the command's own id, at once.
    #[must_use]
    pub fn now(say: Say) -> Self {
        Self { when: When::default(), id: ReplyId::Own, say }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_rule_that_fits_decides() {
        let behaviour: Behaviour = serde_json::from_value(json!({
            "rules": [
                {"nth": 2, "reaction": {"replies": []}},
                {"action": "VINTED_SYNC", "reaction": {"replies": [{"when": {"after_s": 2.0}, "say": {"error": "no"}}]}}
            ],
            "otherwise": {"replies": [{"say": "payload"}]}
        }))
        .unwrap();
        assert_eq!(behaviour.reaction("VINTED_SYNC", 2).replies, []);
        let planned = &behaviour.reaction("VINTED_SYNC", 1).replies[0];
        assert_eq!((planned.when, &planned.say), (When::AfterS(2.0), &Say::Error("no".to_owned())));
        assert_eq!(behaviour.reaction("VINTED_DELETE", 1).replies, [PlannedReply::now(Say::Payload)]);
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        let error = serde_json::from_value::<Behaviour>(json!({"otherwize": {}})).unwrap_err();
        assert!(error.to_string().contains("otherwize"), "{error}");
    }
}
