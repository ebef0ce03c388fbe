//! What a fake plugin does with a command, as data.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::draw::{Draw, Drawn};
use super::extension::Extension;
use super::fixture::Fixture;
use super::value::{ActionName, Arguments, Chance, Count, JsonText, Seconds, Status, plain, plain_members, some_plain};

/// What a plugin does with commands: the first rule that fits, else `otherwise`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawBehaviour")]
pub struct Behaviour {
    /// Exceptions, looked through in order.
    pub rules: Vec<Rule>,
    /// What it does with every other command.
    pub otherwise: Reaction,
    /// How it carries commands out at the marketplace; `None` is without any limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `rules`, `otherwise` and `extension`")]
struct RawBehaviour {
    #[serde(default)]
    rules: Vec<Rule>,
    #[serde(default)]
    otherwise: Reaction,
    extension: Option<Extension>,
}

impl TryFrom<RawBehaviour> for Behaviour {
    type Error = String;

    fn try_from(RawBehaviour { rules, otherwise, extension }: RawBehaviour) -> Result<Self, String> {
        let replies = rules.iter().flat_map(|rule| &rule.reaction.replies).chain(&otherwise.replies);
        let errands = replies.filter(|reply| matches!(reply.say, Say::Marketplace)).count();
        if extension.is_some() && errands == 0 {
            return Err(
                "an `extension` carries out what is said by `\"marketplace\"`, and no reply says that".to_owned()
            );
        }
        Ok(Self { rules, otherwise, extension })
    }
}

/// A reaction to some commands only. At least one condition is set, and all that are set have to be met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawRule")]
pub struct Rule {
    /// Only commands with this action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionName>,
    /// Only the plugin's n-th command, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<Count>,
    /// Only so often, as the run's seed has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chance: Option<Chance>,
    /// What it does with them.
    pub reaction: Reaction,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with a `reaction` and its conditions")]
struct RawRule {
    action: Option<ActionName>,
    nth: Option<Count>,
    chance: Option<Chance>,
    reaction: Reaction,
}

impl TryFrom<RawRule> for Rule {
    type Error = String;

    fn try_from(RawRule { action, nth, chance, reaction }: RawRule) -> Result<Self, String> {
        if action.is_none() && nth.is_none() && chance.is_none() {
            let what = "a rule without `action`, `nth` or `chance` fits every command: give it one of them, or make it `otherwise`";
            return Err(what.to_owned());
        }
        Ok(Self { action, nth, chance, reaction })
    }
}

/// Everything that a plugin does with one command; nothing is silence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawReaction")]
pub struct Reaction {
    /// The responses, in the order in which they are planned.
    pub replies: Vec<PlannedReply>,
    /// What becomes of the connection; at the same time it comes after the responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disruption: Option<Disruption>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `replies`, a `disruption`, or both")]
struct RawReaction {
    replies: Option<Vec<PlannedReply>>,
    disruption: Option<Disruption>,
}

impl TryFrom<RawReaction> for Reaction {
    type Error = String;

    fn try_from(RawReaction { replies, disruption }: RawReaction) -> Result<Self, String> {
        if replies.is_none() && disruption.is_none() {
            return Err("a reaction has `replies`, a `disruption`, or both; silence is `replies = []`".to_owned());
        }
        let replies = replies.unwrap_or_default();
        let leaves_for_good = disruption.is_some_and(|disruption| disruption.back_after_s.is_none());
        if leaves_for_good && replies.iter().any(|reply| reply.when == When::Reconnected) {
            return Err("a reply waits until the plugin is `reconnected`, which it never is: give the `disruption` a \
                        `back_after_s`"
                .to_owned());
        }
        if let Some(Disruption { when: When::AfterS(gone), back_after_s: None, .. }) = disruption
            && replies.iter().any(|reply| matches!(reply.when, When::AfterS(at) if at > gone))
        {
            return Err(
                "a reply comes after the `disruption`, when nothing is sent any more: let the plugin be back by then, \
                        with `back_after_s`"
                    .to_owned(),
            );
        }
        Ok(Self { replies, disruption })
    }
}

/// One response: when, under which id, from where, and what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawReply")]
pub struct PlannedReply {
    /// When it is sent.
    pub when: When,
    /// The `request_id` that it carries.
    pub id: ReplyId,
    /// Whose socket it is sent from.
    pub from: Sender,
    /// What it says.
    pub say: Say,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `say`, and maybe `when`, `id` and `from`")]
struct RawReply {
    #[serde(default)]
    when: When,
    id: Option<ReplyId>,
    #[serde(default)]
    from: Sender,
    say: Say,
}

impl TryFrom<RawReply> for PlannedReply {
    type Error = String;

    fn try_from(RawReply { when, id, from, say }: RawReply) -> Result<Self, String> {
        let id = id.unwrap_or_default();
        let whole = match say {
            Say::Arguments(_) => Some("arguments"),
            Say::Bytes(_) => Some("bytes"),
            _ => None,
        };
        if let Some(whole) = whole.filter(|_| id != ReplyId::Own) {
            return Err(format!("`{whole}` are the whole response, ids included: leave out `id`"));
        }
        Ok(Self { when, id, from, say })
    }
}

/// When something is done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "the name of an occasion, or a table with a time")]
pub enum When {
    /// So many documented seconds after the command.
    AfterS(Seconds),
    /// A drawn time after the command.
    After(Drawn),
    /// When the call has ended at its caller: late by construction, not by a race of timers.
    CallEnded,
    /// When the plugin, having left, is connected again.
    Reconnected,
    /// When so many commands have come; then for all of them.
    Gathered(Gathered),
}

impl Default for When {
    fn default() -> Self {
        Self::AfterS(Seconds::NONE)
    }
}

/// Commands that are answered together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `commands`, and maybe `order`")]
pub struct Gathered {
    /// How many.
    pub commands: Count,
    /// Which is answered first.
    #[serde(default)]
    pub order: Order,
}

/// The order in which gathered commands are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "the name of an order")]
pub enum Order {
    /// That of their calls.
    #[default]
    AsAsked,
    /// The last call first.
    Reversed,
    /// An order drawn from the run's seed.
    Shuffled,
}

/// The `request_id` of a response.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "the name of an id, or a table with one")]
pub enum ReplyId {
    /// The command's own.
    #[default]
    Own,
    /// Another one, whatever the command's was.
    Other(String),
    /// That of another command that this plugin has and whose call has not ended: of the next call, or of the first where
    /// this one is the last. Without another one nothing is sent.
    AnotherPending,
    /// That of the latest command of this plugin whose call has ended. Without one nothing is sent.
    Earlier,
    /// None.
    Missing,
    /// This JSON in its place.
    Json(JsonText),
}

/// Whose socket a response is sent from. Where that plugin is not connected nothing is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "the name of a sender")]
pub enum Sender {
    /// The plugin itself.
    #[default]
    Own,
    /// Another plugin of the same user: the first one, in the order in which they were made.
    AnotherTab,
    /// A plugin of another user: the first one.
    AnotherUser,
}

/// What a response says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "the name of something to say, or a table with it")]
pub enum Say {
    /// Success with this data.
    #[serde(deserialize_with = "plain")]
    Data(Value),
    /// Success with the data in this file.
    Fixture(Fixture),
    /// Success with the command's payload as its data, so that every call has an answer of its own.
    Payload,
    /// Failure with this error text, and nothing else.
    Error(String),
    /// Failure of a marketplace call, in one of the two shapes that failures have.
    Failure(Failure),
    /// These members beside `request_id`, whatever they are.
    #[serde(deserialize_with = "plain_members")]
    Members(Map<String, Value>),
    /// These arguments as they are, without a `request_id` of their own.
    Arguments(Arguments),
    /// The bytes of this text in place of an object: a binary event with one attachment and nothing else.
    Bytes(String),
    /// Success with the bytes of this text as its data: a binary event with one attachment.
    BytesAsData(String),
    /// What carrying out the command at the marketplace gives.
    Marketplace,
}

/// A failure of a marketplace call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `error`, and maybe `status`, `error_data` and `shape`")]
pub struct Failure {
    /// The error text.
    pub error: String,
    /// The HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// What the marketplace said.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "some_plain")]
    pub error_data: Option<Value>,
    /// Which of it gets through.
    #[serde(default)]
    pub shape: Shape,
}

/// The two shapes of a failure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "the name of a shape")]
pub enum Shape {
    /// As the extension has it: with `status` and `errorData`.
    #[default]
    Full,
    /// As the relay in the page hands it on: `success`, `data`, which is null, and `error`. The rest is lost on the way.
    Relay,
}

impl Failure {
    /// The response's members beside `request_id`.
    #[must_use]
    pub fn members(&self) -> Value {
        let mut members = serde_json::json!({"success": false, "error": self.error});
        match self.shape {
            Shape::Relay => members["data"] = Value::Null,
            Shape::Full => {
                if let Some(status) = self.status {
                    members["status"] = status.number().into();
                }
                if let Some(data) = &self.error_data {
                    members["errorData"] = data.clone();
                }
            }
        }
        members
    }
}

/// What a plugin does to its connection.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawDisruption")]
pub struct Disruption {
    /// What it does.
    pub how: How,
    /// When.
    pub when: When,
    /// How many documented seconds later it connects again. A plugin that does still sends what it has planned, as far as it is
    /// connected then; one that does not forgets it, as a closed tab does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back_after_s: Option<Seconds>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `how`, and maybe `when` and `back_after_s`")]
struct RawDisruption {
    how: How,
    #[serde(default)]
    when: When,
    back_after_s: Option<Seconds>,
}

impl TryFrom<RawDisruption> for Disruption {
    type Error = String;

    fn try_from(RawDisruption { how, when, back_after_s }: RawDisruption) -> Result<Self, String> {
        match when {
            When::AfterS(_) | When::After(_) | When::CallEnded => Ok(Self { how, when, back_after_s }),
            When::Reconnected | When::Gathered(_) => {
                Err("a disruption comes after a time, `{ after_s = … }` or `{ after = … }`, \
                                                          or when its call has ended, `\"call_ended\"`"
                    .to_owned())
            }
        }
    }
}

/// How a plugin disrupts its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "the name of a disruption")]
pub enum How {
    /// It closes it in order, as a closed tab does.
    Close,
    /// It is cut off: TCP RST.
    Reset,
    /// Its connection ends in the middle of a frame, whose header promises more than comes.
    MidFrame,
    /// It does nothing any more while the socket stays open, not even pong, as a laptop that sleeps.
    Freeze,
}

impl Rule {
    /// A reaction to the n-th command only.
    #[must_use]
    pub const fn nth(nth: Count, replies: Vec<PlannedReply>) -> Self {
        Self { action: None, nth: Some(nth), chance: None, reaction: Reaction { replies, disruption: None } }
    }
}

impl Behaviour {
    /// A plugin that always does the same.
    #[must_use]
    pub fn always(replies: Vec<PlannedReply>) -> Self {
        Self { otherwise: Reaction { replies, disruption: None }, ..Self::default() }
    }

    /// The reaction to the n-th command (from 1), which has this action; chances come from `draw`.
    #[must_use]
    pub fn reaction(&self, action: &str, nth: u64, draw: &mut Draw) -> &Reaction {
        let fits = |rule: &&Rule| {
            rule.action.as_ref().is_none_or(|wanted| wanted.as_str() == action)
                && rule.nth.is_none_or(|wanted| wanted.number() as u64 == nth)
                && rule.chance.is_none_or(|chance| draw.comes(chance))
        };
        self.rules.iter().find(fits).map_or(&self.otherwise, |rule| &rule.reaction)
    }
}

impl PlannedReply {
    /// A response under the command's own id, at once.
    #[must_use]
    pub fn now(say: Say) -> Self {
        Self { when: When::default(), id: ReplyId::Own, from: Sender::Own, say }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::draw::Draws;
    use super::*;

    fn behaviour(value: Value) -> Behaviour {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let behaviour = behaviour(json!({
            "rules": [
                {"nth": 2, "reaction": {"replies": []}},
                {"action": "VINTED_SYNC", "chance": 1, "reaction": {"replies": [{"when": {"after_s": 2.0}, "say": {"error": "no"}}]}},
                {"chance": 0, "reaction": {"disruption": {"how": "close"}}}
            ],
            "otherwise": {"replies": [{"say": "payload"}]}
        }));
        let mut draw = Draws::new(1, 0).of_command(0);
        assert_eq!(behaviour.reaction("VINTED_SYNC", 2, &mut draw), &Reaction::default());
        let planned = &behaviour.reaction("VINTED_SYNC", 1, &mut draw).replies[0];
        assert_eq!((planned.when, &planned.say), (When::AfterS(Seconds::from(2)), &Say::Error("no".to_owned())));
        let other = behaviour.reaction("VINTED_DELETE", 1, &mut draw);
        assert_eq!(other.replies, [PlannedReply::now(Say::Payload)]);
    }

    #[test]
    fn a_failure_has_two_shapes() {
        let failure = |shape: &str| {
            let value = json!({"error": "no", "status": 403, "error_data": {"url": "x"}, "shape": shape});
            serde_json::from_value::<Failure>(value).unwrap().members()
        };
        let full = json!({"success": false, "error": "no", "status": 403, "errorData": {"url": "x"}});
        assert_eq!(failure("full"), full);
        assert_eq!(failure("relay"), json!({"success": false, "data": null, "error": "no"}));
    }

    #[test]
    fn a_behaviour_is_written_as_it_is_read() {
        let behaviour = behaviour(json!({
            "rules": [{"chance": 0.5, "nth": 3, "reaction": {"replies": [
                {"when": {"gathered": {"commands": 2, "order": "shuffled"}}, "id": "another_pending", "say": {"fixture": "answers/sync.json"}},
                {"when": {"after": "field"}, "id": {"json": "null"}, "from": "another_tab", "say": {"data": {"a": [1.5, null]}}},
                {"when": {"after": {"normal": {"mean_s": 1, "deviation_s": 2, "to_s": 3}}}, "say": {"failure": {"error": "no", "status": 500}}},
                {"when": "reconnected", "say": {"arguments": "[1, null]"}},
                {"say": {"bytes": "a"}}, {"id": "missing", "say": {"bytes_as_data": "b"}}
            ], "disruption": {"how": "freeze", "when": "call_ended", "back_after_s": 4}}}],
            "otherwise": {"replies": []}
        }));
        let written = serde_json::to_value(&behaviour).unwrap();
        assert_eq!(serde_json::from_value::<Behaviour>(written.clone()).unwrap(), behaviour, "{written}");
    }
}
