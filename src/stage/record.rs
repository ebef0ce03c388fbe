//! The events of a run, each with its cause and its documented time.

use std::time::Duration;

use crate::event::{Event, EventNo, What};

/// Everything that happened, in the order in which the stage saw it.
#[derive(Debug, Default)]
pub struct Record {
    events: Vec<Event>,
    /// The documented time that has come: what a step does, it does now.
    now: Duration,
}

impl Record {
    /// Adds what a step of the scenario did.
    pub fn step(&mut self, at: Duration, what: What) -> EventNo {
        self.push(at, self.now, None, what)
    }

    /// Adds what followed from `cause`, `after` it in documented time.
    pub fn follow(&mut self, at: Duration, cause: EventNo, after: Duration, what: What) -> EventNo {
        let due = self.get(cause).map_or(self.now, |cause| cause.due) + after;
        self.push(at, due, Some(cause), what)
    }

    /// Lets the scenario's clock reach the documented time of an event that a step has waited for.
    pub fn reach(&mut self, event: EventNo) {
        if let Some(due) = self.get(event).map(|event| event.due) {
            self.now = self.now.max(due);
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

    fn push(&mut self, at: Duration, due: Duration, cause: Option<EventNo>, what: What) -> EventNo {
        let no = EventNo(self.events.len());
        self.events.push(Event { no, at, due, cause, what });
        no
    }
}
