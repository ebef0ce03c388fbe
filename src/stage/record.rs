//! The events of a run, each with its cause and its documented time.

use std::time::Duration;

use crate::event::{Event, EventNo, What};
use crate::plugin::Due;

/// Everything that happened, in the order in which the stage saw it.
#[derive(Debug, Default)]
pub struct Record {
    events: Vec<Event>,
    /// The documented time that has come: what a step does, it does now.
    now: Duration,
    /// Whether that is only the latest it can be.
    drawn: bool,
}

impl Record {
    /// Adds what a step of the scenario did.
    pub fn step(&mut self, at: Duration, what: What) -> EventNo {
        self.push(at, (self.now, self.drawn), None, what)
    }

    /// Adds what followed from `cause`, so long after it.
    pub fn follow(&mut self, at: Duration, cause: EventNo, after: impl Into<Due>, what: What) -> EventNo {
        let Due { after, drawn } = after.into();
        let (due, was_drawn) = self.get(cause).map_or((self.now, self.drawn), |cause| (cause.due, cause.drawn));
        self.push(at, (due + after, was_drawn || drawn), Some(cause), what)
    }

    /// Lets the scenario's clock reach the documented time of an event that a step has waited for.
    pub fn reach(&mut self, event: EventNo) {
        if let Some((due, drawn)) = self.get(event).map(|event| (event.due, event.drawn))
            && due > self.now
        {
            (self.now, self.drawn) = (due, drawn);
        }
    }

    /// Lets the scenario's clock reach everything that has happened.
    pub fn reach_all(&mut self) {
        if let Some(last) = self.events.iter().max_by_key(|event| event.due).map(|event| event.no) {
            self.reach(last);
        }
    }

    /// Lets documented time pass.
    pub fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    /// An event.
    #[must_use]
    pub fn get(&self, no: EventNo) -> Option<&Event> {
        self.events.get(no.0)
    }

    /// All of them.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    fn push(&mut self, at: Duration, (due, drawn): (Duration, bool), cause: Option<EventNo>, what: What) -> EventNo {
        let no = EventNo(self.events.len());
        self.events.push(Event { no, at, due, drawn, cause, what });
        no
    }
}
