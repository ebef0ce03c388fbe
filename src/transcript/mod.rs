//! Transcripts: a run's events as text that is the same each time the same things happen.
//!
//! - [`order`]: the order of lines: by documented time, and then by cause, never by luck.
//! - [`names`]: what cannot be the same twice (ids, durations measured) by ordinals and names.
//! - [`mod@line`]: an event as a line.
//! - [`compare`]: the difference between two transcripts.

pub mod compare;
pub mod line;
pub mod names;
pub mod order;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use crate::event::{Event, EventNo, What};
use names::Names;

/// A run as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transcript {
    /// Its lines, each with the event that it shows.
    pub lines: Vec<(EventNo, String)>,
}

impl Transcript {
    /// The transcript of a run.
    #[must_use]
    pub fn of(events: &[Event]) -> Self {
        let ordered = order::ordered(events);
        let names = Names::of(events, &ordered);
        let mut advanced = Duration::ZERO;
        let mut shown = |event: &Event| {
            let line = line::line(event, advanced, &names);
            if let What::ClockAdvanced { by } = event.what {
                advanced += by;
            }
            Some((event.no, line?))
        };
        Self { lines: ordered.into_iter().filter_map(&mut shown).collect() }
    }

    /// The whole text, each line ended by a line feed.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.iter().fold(String::new(), |text, (_, line)| text + line + "\n")
    }

    /// The whole text with the lines of these events marked by `>`, the others indented alike.
    #[must_use]
    pub fn marked(&self, witness: &BTreeSet<EventNo>) -> String {
        self.lines.iter().fold(String::new(), |mut text, (no, line)| {
            let mark = if witness.contains(no) { '>' } else { ' ' };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{mark} {line}");
            text
        })
    }
}
