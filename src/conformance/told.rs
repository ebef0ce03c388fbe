//! Results as lines, for people and for programs.

use std::fmt::{self, Write as _};

use serde::Serialize;

use super::case::Case;
use super::known;
use super::run::{Ended, Outcome};

/// How many cases ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// The server does it.
    pub held: usize,
    /// The server does something else.
    pub broken: usize,
    /// The server does something else, and is known to.
    pub known: usize,
    /// Not tested, each with its reason.
    pub not_tested: usize,
    /// The server could not be reached.
    pub untold: usize,
    /// Never begun, or broken off.
    pub not_run: usize,
}

impl fmt::Display for Counts {
    /// In words, such as `3 held, 1 broken; 2 not run`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.held, "held"),
            (self.broken, "broken"),
            (self.known, "known to differ"),
            (self.not_tested, "not tested"),
            (self.untold, "could not tell"),
        ];
        let parts: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        f.write_str(if parts.is_empty() { "none" } else { "" })?;
        f.write_str(&parts.join(", "))?;
        if self.not_run > 0 { write!(f, "; {} not run", self.not_run) } else { Ok(()) }
    }
}

/// What became of a case, in view of what is known of its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// In a word or two.
    pub word: &'static str,
    /// Why it is known to differ.
    pub known: Option<&'static str>,
}

impl Standing {
    /// The standing of a case that has ended, at this server.
    #[must_use]
    pub fn of(end: &Ended, server: Option<&str>) -> Self {
        let known = known::reason(server, end.case.id).filter(|_| matches!(end.outcome, Outcome::Broken { .. }));
        let word = match (&end.outcome, known) {
            (Outcome::Held, _) => "held",
            (Outcome::Broken { .. }, Some(_)) => "known to differ",
            (Outcome::Broken { .. }, None) => "broken",
            (Outcome::NotTested(_), _) => "not tested",
            (Outcome::Untold(_), _) => "could not tell",
        };
        Self { word, known }
    }
}

impl Counts {
    /// Adds a case that has ended.
    pub fn add(&mut self, end: &Ended, server: Option<&str>) {
        let known = Standing::of(end, server).known.is_some();
        *match &end.outcome {
            Outcome::Held => &mut self.held,
            Outcome::Broken { .. } if known => &mut self.known,
            Outcome::Broken { .. } => &mut self.broken,
            Outcome::NotTested(_) => &mut self.not_tested,
            Outcome::Untold(_) => &mut self.untold,
        } += 1;
    }
}

/// What is told of a case to people: a line, and of one that is broken all there is to know.
#[must_use]
pub fn text(end: &Ended, server: Option<&str>) -> String {
    let Standing { word, known } = Standing::of(end, server);
    let loud = if word == "broken" { "BROKEN" } else { word };
    let mut text = format!("{loud:>15}  {:<44} {}\n", end.case.id, end.case.title);
    let mut add = |label: &str, what: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:17}{label:<9}{what}", "");
    };
    match (&end.outcome, known) {
        (Outcome::Held, _) => {}
        (Outcome::NotTested(why) | Outcome::Untold(why), _) => add("", why.as_str()),
        (Outcome::Broken { .. }, Some(reason)) => add("", reason),
        (Outcome::Broken { expected, got }, None) => {
            add("promised", end.case.source);
            add("expected", expected);
            add("got", got);
            for frame in &end.frames {
                add("", frame);
            }
        }
    }
    text
}

/// A case as `--list` shows it.
#[must_use]
pub fn listed(case: &Case) -> String {
    format!("{:<44} {} ({})\n", case.id, case.title, case.source)
}

/// What is told of a case to programs.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "case")]
struct News<'a> {
    id: &'a str,
    title: &'a str,
    source: &'a str,
    status: &'a str,
    reason: Option<&'a str>,
    expected: Option<&'a str>,
    got: Option<&'a str>,
    frames: &'a [String],
}

/// What is told of a case to programs: one JSON object in a line. Every object has the same keys; what does not apply is `null`.
///
/// # Errors
/// Those of serde, which texts do not have.
pub fn json(end: &Ended, server: Option<&str>) -> Result<String, serde_json::Error> {
    let Standing { word, known } = Standing::of(end, server);
    let (reason, expected, got) = match &end.outcome {
        Outcome::Held => (None, None, None),
        Outcome::Broken { expected, got } => (known, Some(expected.as_str()), Some(got.as_str())),
        Outcome::NotTested(why) | Outcome::Untold(why) => (Some(why.as_str()), None, None),
    };
    let Case { id, title, source, .. } = end.case;
    serde_json::to_string(&News { id, title, source, status: word, reason, expected, got, frames: &end.frames })
        .map(|line| line + "\n")
}
