//! What a scenario holds while it runs.

use std::sync::Arc;
use std::time::Duration;

use cucumber::gherkin::Step;
use serde_json::Value;

use super::behaviours::Behaviours;
use crate::contract::json;
use crate::contract::user::UserId;
use crate::event::{CallId, PluginId};
use crate::plugin::Behaviour;
use crate::stage::{Halt, Stage};

/// A scenario under way: its stage, and what its words refer to.
#[derive(Debug, Default, cucumber::World)]
pub struct World {
    /// The run, once it is open.
    pub stage: Option<Stage>,
    /// Why the scenario stopped, if it did, and at which step.
    pub halt: Option<(Halt, Option<String>)>,
    /// Every call in the order in which they were made.
    pub calls: Vec<CallId>,
    /// The last job created.
    pub job: Option<u64>,
    /// Every plugin with its user.
    pub plugins: Vec<(UserId, PluginId)>,
    /// The last connection attempt: whether it was accepted.
    pub accepted: Option<bool>,
    /// What the hub counts of a command beside the text in its payload, once it has refused one, in bytes.
    pub around_text: Option<u64>,
    /// The behaviours that it can name.
    pub behaviours: Arc<Behaviours>,
}

/// What a step comes to.
pub type StepResult = Result<(), Halt>;

impl World {
    /// Carries out a step, unless an earlier one has halted the scenario. A step that halts it is remembered here: for the
    /// runner it has passed, so that only a panic is a failure of its own.
    pub async fn step(&mut self, step: &Step, act: impl AsyncFnOnce(&mut Self) -> StepResult) {
        if self.halt.is_none()
            && let Err(halt) = act(self).await
        {
            self.halt = Some((halt, Some(format!("{} {}", step.keyword.trim(), step.value))));
        }
    }

    /// The run.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if it is not open.
    pub fn stage(&mut self) -> Result<&mut Stage, Halt> {
        self.stage.as_mut().ok_or_else(|| Halt::Trouble("the run is not open".to_owned()))
    }

    /// Adds a plugin of this user and connects it.
    ///
    /// # Errors
    /// [`Halt::Unmet`] if the hub refuses it, [`Halt::Trouble`] if it cannot be reached.
    pub async fn connect(&mut self, user: &UserId, behaviour: Behaviour) -> StepResult {
        let auth = serde_json::json!({ "user_id": user });
        let plugin = self.stage()?.plugin(Some(auth), behaviour);
        self.plugins.push((user.clone(), plugin));
        self.accepted(plugin).await
    }

    /// Connects a plugin that has to be accepted.
    ///
    /// # Errors
    /// As [`World::connect`].
    pub async fn accepted(&mut self, plugin: PluginId) -> StepResult {
        if self.stage()?.connect(plugin).await? {
            return Ok(());
        }
        Err(Halt::unmet("the hub to accept the plugin", "it refused it"))
    }

    /// The plugin that was added last for a user.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if the scenario has none.
    pub fn plugin_of(&self, user: &UserId) -> Result<PluginId, Halt> {
        let last = self.plugins.iter().rev().find(|(of, _)| of == user).map(|(_, plugin)| *plugin);
        last.ok_or_else(|| Halt::Trouble(format!("the scenario has no plugin of user {user}")))
    }

    /// The plugins of a user, in the order in which they were added.
    #[must_use]
    pub fn plugins_of(&self, user: &UserId) -> Vec<PluginId> {
        self.plugins.iter().filter(|(of, _)| of == user).map(|(_, plugin)| *plugin).collect()
    }

    /// The n-th call, from 1.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if the scenario has not made so many.
    pub fn call(&self, number: usize) -> Result<CallId, Halt> {
        let call = number.checked_sub(1).and_then(|place| self.calls.get(place)).copied();
        call.ok_or_else(|| Halt::Trouble(format!("the scenario has made no call {number}")))
    }

    /// The last call.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if the scenario has made none.
    pub fn last_call(&self) -> Result<CallId, Halt> {
        self.call(self.calls.len())
    }
}

/// A JSON value in a step.
///
/// # Errors
/// [`Halt::Trouble`] if it is none.
pub fn json(text: &str) -> Result<Value, Halt> {
    serde_json::from_str(text).map_err(|error| Halt::Trouble(format!("the step's {text} is no JSON: {error}")))
}

/// A number of seconds in a step.
///
/// # Errors
/// [`Halt::Trouble`] if it is no duration.
pub fn seconds(text: &str) -> Result<Duration, Halt> {
    let seconds = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| Halt::Trouble(format!("the step's {text} is no number of seconds")))
}

/// Compares a value with the one that a step names.
///
/// # Errors
/// [`Halt::Unmet`] if they differ.
pub fn expect(expected: &Value, got: &Value) -> StepResult {
    if json::same(expected, got) {
        return Ok(());
    }
    Err(Halt::unmet(json::shown(expected), json::shown(got)))
}
