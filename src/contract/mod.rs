//! The contract: what a hub promises and how it is talked to. Data and types, no behaviour.
//!
//! Reading order:
//! - [`guarantee`]: what a guarantee is; [`catalogue`] holds every one of them.
//! - [`user`], [`message`]: who is asked, and the two events `plugin_command` and `plugin_response`.
//! - [`action`]: what a plugin can be asked to do, with the documented timeouts.
//! - [`marketplace`]: what a plugin asks of the marketplace, and what comes back; [`multipart`]: forms with photos.
//! - [`text`]: every documented error text, written and read back in one place.
//! - [`json`]: when two values are the same, and how they are shown.
//! - [`nearest`]: the name that somebody who mistyped one may have meant.
//! - [`reading`]: what users write in TOML, with errors that say where.
//! - [`percent`]: how texts stand in paths and queries.
//! - [`control`]: version 1 of the API that drives a target.
//! - [`need`]: what a scenario needs of its target.

pub mod action;
pub mod catalogue;
pub mod control;
pub mod guarantee;
pub mod json;
pub mod marketplace;
pub mod message;
pub mod multipart;
pub mod nearest;
pub mod need;
pub mod percent;
pub mod reading;
pub mod text;
pub mod user;
