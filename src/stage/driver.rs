//! What a driver has to offer: a clock, sockets to the hub, the control API, and the marketplace.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::manners::Pings;
use crate::contract::control::{Nonsense, Reply, Request};
use crate::contract::marketplace::{MarketRequest, MarketResponse};
use crate::event::{Facts, SocketId, Stranger};
use crate::vinted::Vinted;

/// Ties the reply of a control request to the one who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskNo(pub u64);

/// Ties the marketplace's answer to the plugin that asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FetchNo(pub u64);

/// Something for the driver to do. Nothing of this waits; what comes of it is an [`Occurrence`].
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Open a WebSocket to the hub.
    Open(SocketId),
    /// Send a text frame.
    Transmit(SocketId, String),
    /// Send a binary frame.
    TransmitBinary(SocketId, Vec<u8>),
    /// Close a WebSocket.
    Close(SocketId),
    /// Break a WebSocket's connection off: TCP RST.
    Reset(SocketId),
    /// Break a WebSocket's connection off in the middle of a frame, whose header promises more than comes.
    MidFrame(SocketId),
    /// Open a connection of which the hub never learns whose it is, and leave it half open until the run is over.
    Intrude(Stranger),
    /// Read nothing any more from a WebSocket, and leave it open.
    Freeze(SocketId),
    /// Ask the control API.
    Ask(AskNo, Request),
    /// Close a control request before its answer.
    GiveUp(AskNo),
    /// Ask the marketplace.
    Fetch(FetchNo, MarketRequest),
}

/// Something that happened outside of the stage.
#[derive(Debug, Clone, PartialEq)]
pub enum Occurrence {
    /// A WebSocket is open.
    Opened(SocketId),
    /// A text frame came.
    Text(SocketId, String),
    /// A WebSocket is closed, by whomever.
    Closed(SocketId),
    /// A WebSocket is closed without a goodbye, after the target was told to shut down. (Before that nobody asks.)
    Severed(SocketId),
    /// A stranger has done what it was to do, or could not.
    Intruded(Result<(), String>),
    /// A WebSocket could not be opened.
    Unreachable(SocketId, String),
    /// The control API answered, or could not be asked.
    Replied(AskNo, Result<Reply, Trouble>),
    /// The marketplace answered; `None` if no answer came.
    Fetched(FetchNo, Option<MarketResponse>),
    /// The target wrote a line to its log.
    Logged(String),
    /// The time that was asked for has come.
    Reached,
}

/// Why the target could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There is nobody, or the connection broke.
    #[error("{0}")]
    Unreachable(String),
    /// The answer is none of the control API's.
    #[error("{0}")]
    Nonsense(#[from] Nonsense),
}

/// What a run can count on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// The harness's precision.
    pub facts: Facts,
    /// How long to wait, beyond what a timeout allows, before giving up on something that has to come.
    pub patience: Duration,
    /// The seed of what plugins draw.
    pub seed: u64,
    /// Whether the target is this run's alone, in this process.
    pub own_hub: bool,
    /// Whether the target may be shut down: nobody else needs it, or it is begun anew after that.
    pub may_shut_down: bool,
}

/// A future of a driver; drivers live on one thread.
pub type NextOccurrence<'a> = Pin<Box<dyn Future<Output = Occurrence> + 'a>>;

/// Transport and clock.
pub trait Driver {
    /// What the run can count on.
    fn setting(&self) -> Setting;

    /// Time since the start of the run.
    fn now(&self) -> Duration;

    /// Starts to do something.
    fn perform(&mut self, effect: Effect);

    /// The next occurrence, [`Occurrence::Reached`] if none comes before `until`.
    fn next(&mut self, until: Duration) -> NextOccurrence<'_>;

    /// The worst delay, since `since`, between when the harness meant to do something and when it did.
    fn lateness(&self, since: Duration) -> Duration;

    /// Has the target ping like this, in documented time: how it really pings then; `None` where a target's pings are its own.
    /// Nothing may be connected yet.
    fn set_pings(&mut self, _documented: Pings) -> Option<Pings> {
        None
    }

    /// Has the target take messages of so many bytes at the most: whether it does; not where a target's limit is its own.
    /// Nothing may be connected yet.
    fn set_limit(&mut self, _max_bytes: usize) -> bool {
        false
    }

    /// Looks into the marketplace, or changes it.
    fn at_vinted(&mut self, act: &mut dyn FnMut(&mut Vinted));
}
