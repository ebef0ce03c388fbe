//! A profile as it stands in TOML and on the command line: every key may be absent.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::check::{self, Problem};
use super::mix::{ActionMix, BehaviourMix, Closing, Delay, LAST_USER, Level, MassBehaviour, Size, Storm, Users};
use super::value::{Bytes, PerSecond, Share, Time, Weight, Whole};
use super::{Answers, Commands, Profile, Rate};
use crate::contract::reading;
use crate::figures::Threshold;
use crate::plugin::ActionName;

/// A number of plugins.
pub type Plugins = Whole<1, 1_000_000>;

/// A seed. TOML has whole numbers up to 2^63 - 1; larger ones are written as texts.
pub type Seed = Whole<0, { u64::MAX }>;

/// What is said of a run, by a file or by the command line.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a profile")]
pub struct Raw {
    /// See [`Profile`] for each.
    pub description: Option<String>,
    /// The seed.
    pub seed: Option<Seed>,
    /// How many plugins.
    pub plugins: Option<Plugins>,
    /// The first user's id.
    pub first_user: Option<Whole<1, LAST_USER>>,
    /// Plugins of each user.
    pub per_user: Option<Whole<1, 1000>>,
    /// Connections begun in a second.
    pub connect_rate: Option<PerSecond>,
    /// How long calls start.
    pub duration: Option<Time>,
    /// How long they do so before that.
    pub warmup: Option<Time>,
    /// How long they may still end.
    pub drain: Option<Time>,
    /// The timeout of every action that has none of its own.
    pub timeout: Option<Time>,
    /// Who asks.
    pub commands: Option<Asking>,
    /// Connections to the control API, at most.
    pub connections: Option<Whole<1, 100_000>>,
    /// Who answers.
    pub answers: Option<Answers>,
    /// How many calls start when.
    pub rate: Option<Rate>,
    /// Whom they go to.
    pub users: Option<Users>,
    /// What they ask.
    #[serde(default)]
    pub actions: Vec<RawAction>,
    /// What plugins do.
    #[serde(default)]
    pub behaviours: Vec<RawBehaviour>,
    /// When plugins are dropped.
    #[serde(default)]
    pub storms: Vec<RawStorm>,
    /// What has to hold.
    #[serde(default)]
    pub thresholds: BTreeMap<String, String>,
    /// Whether the run ends once that cannot be.
    pub abort_on_fail: Option<bool>,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "who asks")]
pub enum Asking {
    /// The harness, through the control API.
    Control,
    /// Nobody but the backend itself.
    None,
}

/// An action.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an action: a table with `action`")]
pub struct RawAction {
    action: ActionName,
    weight: Option<Weight>,
    level: Option<Level>,
    payload: Option<Size>,
    answer: Option<Size>,
    timeout: Option<Time>,
}

/// A behaviour.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a behaviour: a table with `what` and `share`")]
pub struct RawBehaviour {
    what: What,
    share: Option<Share>,
    delay: Option<Delay>,
    error: Option<String>,
    bytes_per_s: Option<Bytes>,
    how: Option<Closing>,
    back_after: Option<Time>,
}

/// The names of behaviours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "the name of a behaviour")]
enum What {
    Answer,
    Fail,
    Silent,
    SlowReader,
    Twice,
    Late,
    DropSocket,
    WrongId,
}

/// A storm.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a storm: a table with `at`")]
pub struct RawStorm {
    at: Time,
    share: Option<Share>,
    how: Option<Closing>,
    spread: Option<Time>,
    back_after: Option<Time>,
}

/// Reads `FIRST, key=value, key=value` as it stands on the command line; the first may also be a pair.
fn pairs<T: DeserializeOwned>(text: &str, first: &'static str) -> Result<T, String> {
    let mut members = Map::new();
    for (place, part) in text.split(',').enumerate() {
        let (key, value) = match part.split_once('=') {
            Some((key, value)) => (key.trim(), value.trim()),
            None if place == 0 => (first, part.trim()),
            None => {
                let part = part.trim();
                return Err(format!("'{part}' is no setting: write KEY=VALUE, and a comma before the next one"));
            }
        };
        if members.insert(key.to_owned(), value.into()).is_some() {
            return Err(format!("`{key}` stands there twice"));
        }
    }
    serde_json::from_value(Value::Object(members)).map_err(|error| reading::in_our_words(&error.to_string()))
}

/// Reads an action: `VINTED_SYNC, weight=3, payload=2KiB`.
///
/// # Errors
/// What is wrong with it.
pub fn action(text: &str) -> Result<RawAction, String> {
    pairs(text, "action")
}

/// Reads a behaviour: `silent, share=10%`.
///
/// # Errors
/// What is wrong with it.
pub fn behaviour(text: &str) -> Result<RawBehaviour, String> {
    pairs(text, "what")
}

/// Reads a storm: `10s, share=100%, back_after=1s`.
///
/// # Errors
/// What is wrong with it.
pub fn storm(text: &str) -> Result<RawStorm, String> {
    pairs(text, "at")
}

impl Raw {
    /// What this one says, and else the other. Lists replace each other as a whole, thresholds one by one.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        fn list<T>(above: Vec<T>, below: Vec<T>) -> Vec<T> {
            if above.is_empty() { below } else { above }
        }
        let mut thresholds = below.thresholds;
        thresholds.extend(self.thresholds);
        Self {
            description: self.description.or(below.description),
            seed: self.seed.or(below.seed),
            plugins: self.plugins.or(below.plugins),
            first_user: self.first_user.or(below.first_user),
            per_user: self.per_user.or(below.per_user),
            connect_rate: self.connect_rate.or(below.connect_rate),
            duration: self.duration.or(below.duration),
            warmup: self.warmup.or(below.warmup),
            drain: self.drain.or(below.drain),
            timeout: self.timeout.or(below.timeout),
            commands: self.commands.or(below.commands),
            connections: self.connections.or(below.connections),
            answers: self.answers.or(below.answers),
            rate: self.rate.or(below.rate),
            users: self.users.or(below.users),
            actions: list(self.actions, below.actions),
            behaviours: list(self.behaviours, below.behaviours),
            storms: list(self.storms, below.storms),
            thresholds,
            abort_on_fail: self.abort_on_fail.or(below.abort_on_fail),
        }
    }

    /// Whether it says something at this key.
    #[must_use]
    pub fn says(&self, key: &str) -> bool {
        match key {
            "description" => self.description.is_some(),
            "seed" => self.seed.is_some(),
            "plugins" => self.plugins.is_some(),
            "first_user" => self.first_user.is_some(),
            "per_user" => self.per_user.is_some(),
            "connect_rate" => self.connect_rate.is_some(),
            "duration" => self.duration.is_some(),
            "warmup" => self.warmup.is_some(),
            "drain" => self.drain.is_some(),
            "timeout" => self.timeout.is_some(),
            "commands" => self.commands.is_some(),
            "connections" => self.connections.is_some(),
            "answers" => self.answers.is_some(),
            "rate" => self.rate.is_some(),
            "users" => self.users.is_some(),
            "actions" => !self.actions.is_empty(),
            "behaviours" => !self.behaviours.is_empty(),
            "storms" => !self.storms.is_empty(),
            "thresholds" => !self.thresholds.is_empty(),
            "abort_on_fail" => self.abort_on_fail.is_some(),
            _ => false,
        }
    }

    /// The whole profile, with the defaults of what nobody has said.
    ///
    /// # Errors
    /// [`Problem`] if parts of it do not go together.
    pub fn profile(self, name: &str) -> Result<Profile, Problem> {
        check::unused(&self)?;
        let timeout = self.timeout.map_or(DEFAULT_TIMEOUT, |Time(timeout)| timeout);
        check::timeout("timeout", timeout)?;
        let actions = match self.actions {
            none if none.is_empty() => vec![RawAction::usual(timeout)?],
            some => some.into_iter().map(|action| action.whole(timeout)).collect(),
        };
        let behaviours = self.behaviours.into_iter().enumerate().map(|(place, raw)| {
            raw.whole().map_err(|(key, what)| Problem { key: format!("behaviours[{place}].{key}"), what })
        });
        let mut behaviours: Vec<BehaviourMix> = behaviours.collect::<Result<_, _>>()?;
        if behaviours.is_empty() {
            let delay = Delay::Fixed(Duration::ZERO);
            behaviours.push(BehaviourMix { share: 1.0, what: MassBehaviour::Answer, delay });
        }
        let nobody_asks = self.commands == Some(Asking::None);
        let usual = if nobody_asks { Rate::None } else { DEFAULT_RATE };
        let rate = self.rate.unwrap_or(usual);
        let thresholds = thresholds(self.thresholds, nobody_asks, &actions)?;
        let longest = actions.iter().map(|action| action.timeout).max().unwrap_or(timeout);
        let profile = Profile {
            name: name.to_owned(),
            description: self.description,
            seed: self.seed.map_or(1, |Whole(seed)| seed),
            plugins: self.plugins.map_or(DEFAULT_PLUGINS, |Whole(plugins)| plugins),
            first_user: self.first_user.map_or(1, |Whole(user)| user),
            per_user: self.per_user.map_or(1, |Whole(plugins)| u32::try_from(plugins).unwrap_or(u32::MAX)),
            connect_rate: self.connect_rate.map_or(DEFAULT_CONNECT_RATE, |PerSecond(rate)| rate),
            duration: self.duration.map_or_else(|| rate.lasts().unwrap_or(DEFAULT_DURATION), |Time(time)| time),
            warmup: self.warmup.unwrap_or_default().0,
            drain: self.drain.map_or_else(|| longest.saturating_add(MARGIN), |Time(drain)| drain),
            commands: match self.connections {
                _ if nobody_asks => Commands::None,
                connections => Commands::Control {
                    connections: connections.and_then(|Whole(connections)| u32::try_from(connections).ok()),
                },
            },
            answers: self.answers.unwrap_or(Answers::Own),
            rate,
            users: self.users.unwrap_or(Users::Uniform),
            actions,
            behaviours,
            storms: self.storms.into_iter().map(RawStorm::whole).collect(),
            thresholds,
            abort_on_fail: self.abort_on_fail.unwrap_or(false),
        };
        check::check(&profile)?;
        let mut profile = profile;
        profile.storms.sort_by_key(|storm| storm.at);
        Ok(profile)
    }
}

/// Reads the thresholds of a run that calls these actions.
fn thresholds(
    given: BTreeMap<String, String>,
    nobody_asks: bool,
    actions: &[ActionMix],
) -> Result<Vec<Threshold>, Problem> {
    let called = actions.iter().map(|action| action.action.as_str()).filter(|_| !nobody_asks);
    let called: Vec<&str> = called.collect();
    let thresholds = given.into_iter().map(|(name, text)| {
        let threshold = Threshold::parse(&name, &text).and_then(|threshold| {
            threshold.check_action(&called)?;
            Ok(threshold)
        });
        threshold.map_err(|error| Problem { key: format!("thresholds.{name}"), what: error.to_string() })
    });
    thresholds.collect()
}

const DEFAULT_PLUGINS: u64 = 100;
const DEFAULT_CONNECT_RATE: f64 = 1000.0;
const DEFAULT_DURATION: Duration = Duration::from_secs(10);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_RATE: Rate = Rate::Constant { per_s: 100.0 };
const DEFAULT_ACTION: &str = "VINTED_SYNC";
const DEFAULT_SIZE: Size = Size::Bytes(200);
/// What calls may take to end once their timeout is over.
const MARGIN: Duration = Duration::from_secs(2);

impl RawAction {
    /// What calls ask if nobody says so.
    fn usual(timeout: Duration) -> Result<ActionMix, Problem> {
        let action = ActionName::try_from(DEFAULT_ACTION.to_owned());
        let action = action.map_err(|what| Problem { key: "actions".to_owned(), what })?;
        let raw = Self { action, weight: None, level: None, payload: None, answer: None, timeout: None };
        Ok(raw.whole(timeout))
    }

    fn whole(self, timeout: Duration) -> ActionMix {
        ActionMix {
            action: self.action,
            weight: self.weight.map_or(1.0, |Weight(weight)| weight),
            level: self.level.unwrap_or(Level::Command),
            payload: self.payload.unwrap_or(DEFAULT_SIZE),
            answer: self.answer.unwrap_or(DEFAULT_SIZE),
            timeout: self.timeout.map_or(timeout, |Time(timeout)| timeout),
        }
    }
}

/// How long after its timeout a call is answered late.
const USUALLY_LATE: Duration = Duration::from_millis(100);
const USUALLY_BACK: Duration = Duration::from_secs(1);

impl RawBehaviour {
    /// The whole one, or the key that is wrong and why.
    fn whole(self) -> Result<BehaviourMix, (&'static str, String)> {
        let Self { what: name, share, delay, error, bytes_per_s, how, back_after } = self;
        let belongs = |given: bool, key: &'static str, to: What, called: &str| {
            if given && name != to {
                return Err((key, format!("`{key}` belongs to `{called}` only: leave it out here")));
            }
            Ok(())
        };
        belongs(error.is_some(), "error", What::Fail, "fail")?;
        belongs(bytes_per_s.is_some(), "bytes_per_s", What::SlowReader, "slow_reader")?;
        belongs(how.is_some(), "how", What::DropSocket, "drop_socket")?;
        belongs(back_after.is_some(), "back_after", What::DropSocket, "drop_socket")?;
        if name == What::Silent && delay.is_some() {
            return Err(("delay", "who is silent does nothing after any delay: leave it out".to_owned()));
        }
        let usual = Delay::Fixed(if name == What::Late { USUALLY_LATE } else { Duration::ZERO });
        let what = match name {
            What::Answer => MassBehaviour::Answer,
            What::Fail => MassBehaviour::Fail { error: error.unwrap_or_else(|| "failed".to_owned()) },
            What::Silent => MassBehaviour::Silent,
            What::SlowReader => {
                let Some(Bytes(bytes_per_s)) = bytes_per_s.filter(|Bytes(bytes)| *bytes > 0) else {
                    let said = "say how many bytes a second are read, from 1 on: bytes_per_s = \"16KiB\"";
                    return Err(("bytes_per_s", said.to_owned()));
                };
                MassBehaviour::SlowReader { bytes_per_s }
            }
            What::Twice => MassBehaviour::Twice,
            What::Late => MassBehaviour::Late,
            What::DropSocket => MassBehaviour::DropSocket {
                how: how.unwrap_or(Closing::Reset),
                back_after: back_after.map_or(USUALLY_BACK, |Time(back)| back),
            },
            What::WrongId => MassBehaviour::WrongId,
        };
        Ok(BehaviourMix { share: share.map_or(1.0, |Share(share)| share), what, delay: delay.unwrap_or(usual) })
    }
}

impl RawStorm {
    fn whole(self) -> Storm {
        Storm {
            at: self.at.0,
            share: self.share.map_or(1.0, |Share(share)| share),
            how: self.how.unwrap_or(Closing::Reset),
            spread: self.spread.unwrap_or_default().0,
            back_after: self.back_after.map_or(USUALLY_BACK, |Time(back)| back),
        }
    }
}
