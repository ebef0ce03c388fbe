//! Everything that is tested through the library's doors, in one program.

mod bad_features;
mod behaviours;
mod checkers;
mod cli;
mod conformance;
mod corpora;
mod docs;
mod features;
mod full_length;
mod hub;
mod hub_properties;
mod live;
mod load;
mod load_profile;
mod load_report;
mod remote;
mod support;
mod variants;
mod vinted;
mod wire;
