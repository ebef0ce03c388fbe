//! Load profiles and what is planned from them.
//!
//! 1. `reading`: what stands in a file; `wrong`: every wrong one, and what is said of it; `ready_made`: those of `scenarios`.
//! 2. `arrivals`: the intended starts of calls; `draws`: what is drawn from the seed.

mod arrivals;
mod draws;
mod reading;
mod ready_made;
mod wrong;

use hubproof::load::profile::raw::Raw;
use hubproof::load::profile::{Profile, ProfileError, Sources};

/// The profile that a text is.
fn read(text: &str) -> Result<Profile, ProfileError> {
    Sources::text("p", "p.toml", text.to_owned())?.profile(Raw::default())
}

/// The same where it is one.
fn profile(text: &str) -> Profile {
    read(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}
