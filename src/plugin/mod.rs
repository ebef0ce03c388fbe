//! The fake plugin as a state machine: what a page with the browser extension looks like to a hub.
//!
//! - [`session`]: one Socket.IO connection over `wire`: handshake, CONNECT, heartbeat, events.
//! - [`behaviour`]: what it does with commands, as data; [`value`] and [`draw`] are the values in it that cannot be wrong and
//!   those that are drawn from the run's seed, [`fixture`] the files that it can answer with.
//! - [`reading`]: behaviours from TOML.
//! - [`script`]: the machine that follows a behaviour: what is planned, held back, or waiting for the marketplace; [`plan`]:
//!   one thing of it, and the response that it comes to.
//! - [`extension`]: the browser extension's limits, as data; [`worker`]: commands that it carries out at the marketplace, and
//!   [`errand`]: how each action does that.

pub mod behaviour;
pub mod draw;
pub mod errand;
pub mod extension;
pub mod fixture;
pub mod plan;
pub mod reading;
pub mod script;
pub mod session;
pub mod value;
pub mod worker;

pub use behaviour::{
    Behaviour, Disruption, Failure, Gathered, How, Order, PlannedReply, Reaction, ReplyId, Rule, Say, Sender, Shape,
    When,
};
pub use draw::{Drawn, Draws};
pub use extension::Extension;
pub use fixture::Fixture;
pub use plan::{Due, Moment};
pub use reading::BehaviourError;
pub use script::{Do, Plugin};
pub use session::{Notice, Session};
pub use value::{ActionName, Arguments, Chance, Count, JsonText, Seconds, Status};
pub use worker::ErrandNo;
