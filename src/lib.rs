//! hubproof: a test harness and protocol simulator for hubs that ask browser plugins questions over Socket.IO.

pub mod contract;
pub mod event;
pub mod wire;

pub mod hub;
pub mod plugin;
pub mod transcript;
pub mod vinted;

pub mod checker;
pub mod stage;

pub mod sim;

pub mod gherkin;
pub mod report;
