//! The browser extension behind a plugin, as data: what it can do at once, when the page's relay loses patience, and how it
//! tells of failures.

use serde::{Deserialize, Serialize};

use super::behaviour::Shape;
use super::value::{Count, Seconds};

/// How commands are carried out at the marketplace. What is not said is not limited.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawExtension")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, as it is written")]
pub struct Extension {
    /// Commands that it carries out at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_once: Option<Count>,
    /// Commands that wait until it has time for them; any more are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued: Option<Places>,
    /// When the page's relay answers that it has given a command up, in documented seconds after it came; the extension goes
    /// on with it all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay_gives_up_after_s: Option<Seconds>,
    /// Whether a POST that got no answer is sent once more.
    pub repeats_post: bool,
    /// How failures are told.
    pub shape: Shape,
    /// Whether a tab of the marketplace is open.
    pub tab: bool,
    /// Whether the browser is logged in there.
    pub session: bool,
    /// Whether the tabs of a user share it, so that each `request_id` is taken once: by the first of them that is connected.
    pub replay_guard: bool,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a table with `at_once`, `queued`, `relay_gives_up_after_s`, `repeats_post`, `shape`, `tab`, `session` or \
                 `replay_guard`"
)]
#[expect(clippy::struct_excessive_bools, reason = "as above")]
struct RawExtension {
    at_once: Option<Count>,
    queued: Option<Places>,
    relay_gives_up_after_s: Option<Seconds>,
    #[serde(default)]
    repeats_post: bool,
    #[serde(default)]
    shape: Shape,
    #[serde(default = "yes")]
    tab: bool,
    #[serde(default = "yes")]
    session: bool,
    #[serde(default)]
    replay_guard: bool,
}

const fn yes() -> bool {
    true
}

impl TryFrom<RawExtension> for Extension {
    type Error = String;

    fn try_from(raw: RawExtension) -> Result<Self, String> {
        let RawExtension { at_once, queued, relay_gives_up_after_s, repeats_post, shape, tab, session, replay_guard } =
            raw;
        if queued.is_some() && at_once.is_none() {
            return Err("nothing waits that can be carried out at once: give it `at_once` beside `queued`".to_owned());
        }
        if relay_gives_up_after_s == Some(Seconds::NONE) {
            return Err(
                "a `relay_gives_up_after_s` of 0 leaves no time at all: give it more, or leave it out".to_owned()
            );
        }
        Ok(Self { at_once, queued, relay_gives_up_after_s, repeats_post, shape, tab, session, replay_guard })
    }
}

/// Places in a queue, from none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Places(u32);

impl Places {
    /// How many.
    #[must_use]
    pub const fn number(self) -> usize {
        self.0 as usize
    }
}

impl TryFrom<i64> for Places {
    type Error = String;

    fn try_from(places: i64) -> Result<Self, String> {
        u32::try_from(places)
            .map(Self)
            .map_err(|_| format!("a queue cannot have {places} places: give a number from 0"))
    }
}

impl From<Places> for i64 {
    fn from(places: Places) -> Self {
        places.0.into()
    }
}
