//! For people: a line for each hub as it comes.

use std::io::Write;

use super::{Matrix, Outcome, Trial};
use crate::contract::guarantee::GuaranteeId;
use crate::report::console::{BOLD, DIM, GREEN, MAGENTA, RED, count, styled};
use crate::report::row::Row;

/// The table.
pub struct Table<W: Write> {
    out: W,
    /// Columns of the terminal; `None` where lines may be as long as they are.
    width: Option<usize>,
}

impl<W: Write> Table<W> {
    /// A table to this stream, for a terminal of this many columns.
    pub const fn new(out: W, width: Option<usize>) -> Self {
        Self { out, width }
    }

    /// A reader who has gone away is no reason to stop.
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }

    /// The head: `hubs` will be run.
    pub fn begins(&mut self, version: &str, hubs: usize, seed: u64) {
        let head = format!("hubproof {version}: {hubs} hubs, the last of them the reference hub, seed {seed}");
        self.line(&styled(BOLD, &head));
        self.line(&styled(BOLD, "variant                   seen  run   outcome           broken"));
    }

    /// A hub has been run.
    pub fn trial(&mut self, trial: &Trial) {
        let outcome = trial.outcome();
        let style = match outcome {
            Outcome::Caught | Outcome::NotAccused => GREEN,
            Outcome::Untold | Outcome::Fault => MAGENTA,
            Outcome::Survived | Outcome::WronglyAccused | Outcome::Missed | Outcome::Accused => RED,
        };
        let seen = trial.variant.map_or("both", |variant| variant.seen.name());
        let row = Row::default()
            .plain(&format!("{:<25} {seen:<5} {:<5} ", trial.name(), trial.mode()))
            .add(style, &format!("{:<17} ", outcome.name()))
            .plain(&told(trial));
        let width = if outcome.is_right() { self.width } else { None };
        self.line(&row.line(width));
    }

    /// The end.
    pub fn ends(&mut self, matrix: &Matrix) {
        self.line("");
        self.line(&format!("{} hubs: {}", matrix.trials.len(), matrix.counted()));
        let concluded = matrix.concluded();
        self.line(&styled(BOLD, &concluded));
        if let Some(again) = matrix.again() {
            self.line(&styled(DIM, &format!("again: {again}")));
        }
    }
}

/// What was seen of a hub, in words.
fn told(trial: &Trial) -> String {
    let mut parts = Vec::new();
    let caught = trial.caught();
    if !caught.is_empty() {
        let (scenarios, first) = (trial.catchers().count(), trial.catchers().next().unwrap_or_default());
        parts.push(format!("{} in {}, first {first}", ids(&caught), count(scenarios, "scenario")));
    }
    let missed = trial.missed();
    if !missed.is_empty() {
        parts.push(format!("not seen broken: {}", ids(&missed)));
    }
    for id in trial.beyond() {
        parts.push(format!(
            "not to be broken: {id} in {}",
            trial.broken.get(&id).into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
        ));
    }
    parts.extend(trial.fault.iter().cloned());
    if let Some((address, why)) = trial.untold.first() {
        parts.push(format!("{} could not tell, first {address}: {why}", trial.untold.len()));
    }
    if parts.is_empty() {
        parts.push(format!("none in {}", count(trial.ended(), "scenario")));
    }
    parts.join("; ")
}

fn ids(ids: &[GuaranteeId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
