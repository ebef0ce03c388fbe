//! hubproof: a test harness and protocol simulator for hubs that ask browser plugins questions over Socket.IO.

pub mod contract;
