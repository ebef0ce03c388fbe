//! Our hub with the clients of other makers, and our client with their hubs: what `docs/interop.md` shows.
//!
//! - `peer`: a library of another maker at work, as a program in `fixtures` or a task; it takes orders and tells what it sees.
//! - `tap`: a relay in front of a hub that sees which transports are used.
//! - `case`: what every library has to do, as data, and how each case went with each.
//! - `clients`, `client_cases`, `rust_client`: plugins of other makers at our hub.
//! - `scenarios`, `foreign_driver`: the scenarios tagged `@interop` with plugins of other makers.
//! - `hubs`, `hub_cases`, `rust_hub`, `our_plugin`: our plugin at hubs of other makers.
//! - `page`: the outcome as a page.

pub(crate) mod case;
mod client_cases;
mod clients;
mod foreign_driver;
mod hub_cases;
mod hubs;
mod our_plugin;
mod page;
pub(crate) mod peer;
mod rust_client;
mod rust_hub;
mod scenarios;
mod tap;

use crate::table;

/// The version of a crate that the tests are built with.
pub(crate) fn version_of(name: &str) -> String {
    let lock: toml::Table = include_str!("../../../Cargo.lock").parse().expect("a lock file");
    let packages = lock["package"].as_array().expect("packages");
    let package = packages.iter().find(|package| package["name"].as_str() == Some(name)).expect("a package");
    package["version"].as_str().expect("a version").to_owned()
}

#[test]
fn every_foreign_client_keeps_every_case_at_our_hub() {
    case::assert_all_kept(clients::TRIED.get().iter().map(|tried| &tried.cases));
}

#[test]
fn every_foreign_client_holds_every_interop_scenario_with_the_same_transcript() {
    case::assert_all_kept(clients::TRIED.get().iter().map(|tried| &tried.scenarios));
}

#[test]
fn our_plugin_keeps_every_case_at_every_foreign_hub() {
    case::assert_all_kept(hubs::TRIED.get().iter());
}

#[test]
fn the_page_shows_what_was_seen() {
    table::assert_is_the_document("docs/interop.md", &page::page());
}

#[test]
#[should_panic(expected = "$HUBPROOF_NO_SUCH_PROGRAM is not set: run `ci/test prepare peers`")]
fn a_program_that_is_not_named_fails_the_tests_and_says_what_to_run() {
    peer::found("HUBPROOF_NO_SUCH_PROGRAM");
}
