//! For people: one scenario from its first line to its verdicts, and while it runs if they like.

use std::io::Write;
use std::time::Duration;

use anstyle::Style;

use super::console::{BOLD, DIM, GREEN, MAGENTA, RED, YELLOW, promise, story};
use super::news::{Header, ScenarioEnd, Status};
use super::plugins::Width;
use super::row::Row;
use super::summary::{Summary, exit, level};
use crate::event::{Event, Finding, Sight, What};
use crate::transcript::line::line;
use crate::transcript::names::Names;
use crate::transcript::order::ordered;

/// The report of one scenario.
pub struct Single<W: Write> {
    out: W,
    width: Width,
    /// Whether it was shown while it ran.
    watched: bool,
    /// Everything that was seen of its run.
    events: Vec<Event>,
    /// How far the target's clock is ahead of the harness's.
    advanced: Duration,
}

impl<W: Write> Single<W> {
    /// A report to this stream.
    pub fn new(out: W, width: Width) -> Self {
        Self { out, width, watched: false, events: Vec::new(), advanced: Duration::ZERO }
    }

    /// The scenario is about to run: its address with its title, its place, and its steps.
    pub fn begins(&mut self, header: &Header, title: &str, place: &str, steps: &[String]) {
        self.row(&Row::default().add(BOLD, &header.to_string()));
        self.row(&Row::default().add(BOLD, title).add(DIM, &format!("  {place}")));
        for step in steps {
            self.row(&Row::default().add(DIM, &format!("  {step}")));
        }
        self.text("");
    }

    /// Something is to be seen of it as it runs: events become lines of the transcript, in the order in which they come.
    pub fn see(&mut self, sight: &Sight<'_>) {
        let Sight::Event(event) = sight else { return };
        self.watched = true;
        self.events.push((*event).clone());
        // Names go by the order of the transcript, as far as that is known by now.
        let names = Names::of(&self.events, &ordered(&self.events));
        if let Some(line) = line(event, self.advanced, &names) {
            self.row(&Row::default().add(style(&event.what), &line));
        }
        if let What::ClockAdvanced { by } = event.what {
            self.advanced += by;
        }
    }

    /// It has ended: its verdicts, and the exit code.
    pub fn ends(&mut self, end: &ScenarioEnd, strict: bool) -> u8 {
        let mut summary = Summary::default();
        summary.add(end, strict);
        let conclusion = summary.conclude(strict);
        if self.watched {
            self.text("");
        }
        if end.status != Status::Held || end.difference.is_some() {
            let story = story(end, strict, (self.width)());
            // The command that runs it again comes last.
            let story = story.rsplit_once("\n  again: ").map_or(story.as_str(), |(story, _)| story).to_owned();
            self.text(&story);
            self.text("");
        } else if !self.watched {
            for (_, line) in &end.transcript.lines {
                self.row(&Row::default().plain(line));
            }
            self.text("");
        }
        for verdict in &end.verdicts {
            let (style, word) = match &verdict.finding {
                Finding::Held(_) => (GREEN, "held"),
                Finding::Broken(_) if level(verdict.id).gates(strict) => (RED, "broken"),
                Finding::Broken(_) => (YELLOW, "noted"),
                Finding::Untold(_) => (MAGENTA, "could not tell"),
                Finding::NotExercised => continue,
            };
            let row = Row::default().add(style, &format!("{word:>14}"));
            self.row(&row.plain(&format!("  {:<9} {}", verdict.id.to_string(), promise(verdict.id))));
        }
        let (style, word) = match conclusion.exit_code {
            exit::HELD => (GREEN, "pass"),
            exit::BROKEN => (RED, "broken"),
            exit::UNTOLD => (MAGENTA, "could not tell"),
            _ => (RED, "fault"),
        };
        let said = format!("{style}{word}{style:#}: {}", conclusion.reason);
        self.text(&said);
        if end.fails(strict) {
            self.text(&format!("again: {}", end.again));
        }
        conclusion.exit_code
    }

    fn row(&mut self, row: &Row) {
        let line = row.line((self.width)());
        self.text(&line);
    }

    /// A reader who has gone away is no reason to stop a run.
    fn text(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }
}

/// How an event looks.
fn style(what: &What) -> Style {
    match what {
        What::CallStarted { .. } | What::ProcessStarted { .. } | What::CallEnded { .. } => BOLD,
        What::CallOverdue { .. }
        | What::Refused { .. }
        | What::Unanswered { .. }
        | What::Gone { .. }
        | What::Frozen { .. } => YELLOW,
        _ => Style::new(),
    }
}
