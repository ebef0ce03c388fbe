//! What somebody sees who watches a run as it goes on: its events, and what happens on the wire beside them.

use std::time::Duration;

use super::{Event, PluginId};

/// Something to be seen. Times are since the start of the run, by the driver's clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sight<'a> {
    /// An event of the run.
    Event(&'a Event),
    /// A text frame. One that came is seen before what follows from it, one that goes out after the event that it carries.
    Frame {
        /// When.
        at: Duration,
        /// Whose.
        plugin: PluginId,
        /// Whether the plugin sends it.
        sent: bool,
        /// The whole frame.
        text: &'a str,
    },
    /// A frame came that no client can read.
    Unreadable {
        /// When.
        at: Duration,
        /// At which plugin.
        plugin: PluginId,
        /// What is wrong with it.
        why: &'a str,
    },
    /// A connection did not come about.
    Unreachable {
        /// When.
        at: Duration,
        /// Whose.
        plugin: PluginId,
        /// Why not.
        why: &'a str,
    },
    /// A plugin without a connection tries again by itself.
    Returning {
        /// When that is decided.
        at: Duration,
        /// Which.
        plugin: PluginId,
        /// How much later it will.
        after: Duration,
        /// The how-manieth attempt in a row, from 1, of how many.
        attempt: (u32, u32),
    },
    /// A plugin without a connection stays without.
    Staying {
        /// When that is decided.
        at: Duration,
        /// Which.
        plugin: PluginId,
        /// Why.
        why: Staying,
    },
}

/// Why a plugin does not connect again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staying {
    /// The hub refused it.
    Refused,
    /// The hub ended its connection in so many words.
    Dismissed,
    /// It has tried often enough: so many times.
    TriedEnough(u32),
}

/// Takes what is to be seen.
pub type Watcher = Box<dyn FnMut(&Sight<'_>)>;
