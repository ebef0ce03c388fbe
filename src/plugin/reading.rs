//! Behaviours from TOML, with errors that say where and what to do.

use super::behaviour::Behaviour;
use crate::contract::reading;

pub use crate::contract::reading::Misread as BehaviourError;

/// Reads a behaviour.
///
/// # Errors
/// [`BehaviourError`] if the text is no TOML, or has an unknown key or an impossible value.
pub fn read(text: &str) -> Result<Behaviour, BehaviourError> {
    reading::read(text)
}
