//! The connections to the control API: one call at a time on each, as many as are needed at once, used again and again.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::line::Line;

/// How long a connection may have been idle to be used again, as in single requests (`live::http`).
const FRESH: Duration = Duration::from_secs(1);

/// One connection.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) line: Line,
    /// Whether it is there; before that its request waits.
    pub(super) is_open: bool,
    /// The call that it is for now.
    pub(super) call: Option<u64>,
    idle_since: Instant,
}

/// All connections.
#[derive(Debug)]
pub(super) struct Askers {
    at: SocketAddr,
    all: Vec<Option<Asker>>,
    /// Places in `all` without a call, the one that was used last at the end.
    idle: Vec<u32>,
    /// Places in `all` without a connection.
    free: Vec<u32>,
    most: usize,
}

impl Askers {
    pub(super) fn new(at: SocketAddr, most: usize) -> Self {
        Self { at, all: Vec::new(), idle: Vec::new(), free: Vec::new(), most: most.max(1) }
    }

    /// Whether a call can be made now.
    pub(super) fn have_room(&self) -> bool {
        !self.idle.is_empty() || !self.free.is_empty() || self.all.len() < self.most
    }

    pub(super) fn get(&mut self, place: u32) -> Option<&mut Asker> {
        self.all.get_mut(place as usize)?.as_mut()
    }

    /// A connection that is idle and fresh; those that are not are let go of.
    pub(super) fn take_idle(&mut self, now: Instant) -> Option<u32> {
        let place = self.idle.pop()?;
        let fresh = self.get(place).is_some_and(|asker| now.saturating_duration_since(asker.idle_since) < FRESH);
        if fresh {
            return Some(place);
        }
        // All others have been idle for longer.
        for stale in std::mem::take(&mut self.idle).into_iter().chain([place]) {
            self.remove(stale);
        }
        None
    }

    /// Begins a new connection. `None` if there are as many as there may be.
    pub(super) fn connect(&mut self, now: Instant) -> std::io::Result<Option<u32>> {
        let place = match self.free.pop() {
            Some(place) => place,
            None if self.all.len() < self.most => {
                self.all.push(None);
                u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
            }
            None => return Ok(None),
        };
        match Line::connect(self.at, None) {
            Ok(line) => {
                if let Some(slot) = self.all.get_mut(place as usize) {
                    *slot = Some(Asker { line, is_open: false, call: None, idle_since: now });
                }
                Ok(Some(place))
            }
            Err(error) => {
                self.free.push(place);
                Err(error)
            }
        }
    }

    /// Its call has its answer, and the server keeps it.
    pub(super) fn put_back(&mut self, place: u32, now: Instant) {
        if let Some(asker) = self.get(place) {
            asker.call = None;
            asker.idle_since = now;
            self.idle.push(place);
        }
    }

    /// Lets go of a connection that is in nobody's hands but maybe idle.
    pub(super) fn remove(&mut self, place: u32) {
        if self.all.get_mut(place as usize).and_then(Option::take).is_some() {
            self.idle.retain(|idle| *idle != place);
            self.free.push(place);
        }
    }

    /// The place that a call is at.
    pub(super) fn place_of(&self, call: u64) -> Option<u32> {
        let found = self.all.iter().position(|asker| asker.as_ref().is_some_and(|asker| asker.call == Some(call)));
        found.and_then(|place| u32::try_from(place).ok())
    }

    /// How many connections there are.
    pub(super) fn len(&self) -> usize {
        self.all.len() - self.free.len()
    }
}
