//! What can happen in a run. Every run, whatever drives it, is a stream of [`Event`]s; checkers, transcripts and reports
//! listen to it and to nothing else.
//!
//! Events are what can be seen from outside the hub: at the caller, at each plugin, at the marketplace. They carry two
//! times. `at` was measured; `due` is the documented time that follows from the event's cause: a message takes none, a
//! timer takes its documented duration. `due` is the same in every run of a scenario, which makes transcripts comparable.

mod sight;
mod verdict;
mod what;

use std::fmt;
use std::time::Duration;

pub use sight::{Sight, Staying, Watcher};
pub use verdict::{Broken, Finding, Verdict};
pub use what::{By, Ended, Facts, Limit, Stranger, Timeout, What};

/// Position of an event in its run, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventNo(pub usize);

/// A call of the run, in the order in which the caller made them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub usize);

/// A fake plugin of the run, in the order in which they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PluginId(pub usize);

/// One connection of a plugin: a plugin that connects again has a new socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub usize);

/// Counted from 1, as transcripts and messages show it.
macro_rules! ordinal {
    ($($id:ident => $word:literal),*) => {$(
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($word, " {}"), self.0 + 1)
            }
        }
    )*};
}
ordinal!(CallId => "call", PluginId => "plugin", SocketId => "socket");

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its position in the run.
    pub no: EventNo,
    /// When it was seen, since the start of the run, by the driver's clock.
    pub at: Duration,
    /// When it was due, since the start of the run, in documented time.
    pub due: Duration,
    /// Whether something on the way to it was drawn from the run's seed: then `due` is the latest that it can be, and its order
    /// among what follows from the same cause is drawn as well.
    pub drawn: bool,
    /// The event that it follows from; `None` if a step of the scenario did it.
    pub cause: Option<EventNo>,
    /// What happened.
    pub what: What,
}
