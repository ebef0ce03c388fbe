//! The events of a run, each with its cause and its documented time.

use std::fmt;
use std::time::Duration;

use crate::event::{Event, EventNo, Sight, Watcher, What};
use crate::plugin::Due;

/// Everything that happened, in the order in which the stage saw it.
#[derive(Default)]
pub struct Record {
    events: Vec<Event>,
    /// How many events there were.
    count: usize,
    /// Whether events are not kept.
    forgets: bool,
    /// Is told each event.
    watcher: Option<Watcher>,
    /// The documented time that has come: what a step does, it does now.
    now: Duration,
    /// Whether that is only the latest it can be.
    drawn: bool,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("events", &self.events).field("now", &self.now).finish_non_exhaustive()
    }
}

impl Record {
    /// A record that keeps nothing: for runs without an end, which nobody judges.
    #[must_use]
    pub fn that_forgets() -> Self {
        Self { forgets: true, ..Self::default() }
    }

    /// Lets somebody watch from here on.
    pub fn watch(&mut self, watcher: Watcher) {
        self.watcher = Some(watcher);
    }

    /// Shows something that is no event.
    pub fn show(&mut self, sight: &Sight<'_>) {
        if let Some(watcher) = &mut self.watcher {
            watcher(sight);
        }
    }

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
        let no = EventNo(self.count);
        self.count += 1;
        let event = Event { no, at, due, drawn, cause, what };
        self.show(&Sight::Event(&event));
        if !self.forgets {
            self.events.push(event);
        }
        no
    }
}
