//! The control API, version 1: how a target is driven and looked into.
//!
//! - [`types`]: what goes over the wire: bodies, outcomes, descriptions. Times are seconds (`…_s`) or milliseconds (`…_ms`).
//! - [`request`]: every call as a [`Request`], to and from method, path and body.
//! - [`reply`]: every answer as a [`Reply`], to and from status and body.
//!
//! Server and client are made of these, so neither knows a path or a status of its own.

pub mod reply;
pub mod request;
pub mod types;

pub use reply::{Nonsense, Refusal, Reply};
pub use request::{BadRequest, Method, Request};
pub use types::{
    CallBody, CallError, Capability, Description, ErrorKind, JobBody, JobStatus, JobView, Outcome, Pending,
    ProcessBody, Settings, Stats,
};

/// The version of the control API that this crate speaks.
pub const PROTOCOL: u64 = 1;

/// The path under which a hub serves its control API.
pub const BASE_PATH: &str = "/hubproof/v1";
