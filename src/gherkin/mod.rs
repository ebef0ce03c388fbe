//! The scenarios: features in Gherkin, the steps behind their words, and the runner. The same features and steps run in
//! virtual time, live, and against remote targets.
//!
//! - [`features`]: features, their scenarios' addresses, and choosing among them.
//! - [`folder`]: features of the user's own, from a folder.
//! - [`snapshots`]: the transcripts recorded beside the features.
//! - [`behaviours`]: what plugins do: built-in, from files of the user's own, and written in a step.
//! - [`world`]: what a scenario holds while it runs.
//! - [`steps`]: what the words of the features do, one file per area.
//! - `text`: what is wrong with the text of a feature file; [`matching`]: what is wrong with a step.
//! - [`runner`]: runs scenarios and tells listeners how each ended.
//! - [`ending`]: what a scenario's end means: held, broken, could not tell.
//! - `panics`: keeps the runner from silencing them.

pub mod behaviours;
pub mod ending;
pub mod features;
pub mod folder;
pub mod matching;
mod panics;
pub mod runner;
pub mod snapshots;
pub mod steps;
mod text;
pub mod world;

pub use features::{Case, Choice, FeatureError, Tags};
pub use matching::check_steps;
pub use runner::{Run, run};
pub use world::World;
