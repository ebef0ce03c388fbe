//! For people: a line per scenario, the whole story of each failure, and a table of guarantees at the end.
//!
//! It writes styles as escape sequences; whoever makes the stream takes them out where they are not wanted.

use std::collections::BTreeSet;
use std::io::Write;

use anstyle::{AnsiColor, Style};

use super::news::{Header, Listener, ScenarioEnd, Status};
use super::summary::{Conclusion, Counts, Standing, exit, level};
use crate::contract::guarantee::{Area, GuaranteeId};
use crate::event::{EventNo, Finding, Verdict};

/// Lines of a transcript that are shown at the most; the witness is always among them.
const SHOWN_LINES: usize = 60;

/// The console report.
pub struct Console<W: Write> {
    out: W,
    /// Columns of the terminal; `None` where lines may be as long as they are.
    width: Option<usize>,
    strict: bool,
    /// Scenarios of a run, and runs.
    size: (usize, usize),
    /// The run under way: its number, its seed, and how its scenarios ended so far.
    run: (usize, u64, Counts),
    /// What stories there are already, by address and what became of the scenario.
    told: BTreeSet<(String, &'static str)>,
    stories: Vec<String>,
    last_failure: Option<String>,
}

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
pub(super) const RED: Style = AnsiColor::Red.on_default().bold();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(super) const MAGENTA: Style = AnsiColor::Magenta.on_default().bold();

pub(super) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

impl<W: Write> Console<W> {
    /// A report to this stream, for a terminal of this many columns.
    pub fn new(out: W, width: Option<usize>) -> Self {
        Self {
            out,
            width,
            strict: false,
            size: (0, 1),
            run: (1, 0, Counts::default()),
            told: BTreeSet::new(),
            stories: Vec::new(),
            last_failure: None,
        }
    }

    /// A reader who has gone away is no reason to stop a run.
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }

    /// The text cut to what is left of the line behind `used` columns.
    fn fitting(&self, text: &str, used: usize) -> String {
        let Some(room) = self.width.map(|width| width.saturating_sub(used).max(10)) else {
            return text.to_owned();
        };
        if text.chars().count() <= room {
            return text.to_owned();
        }
        text.chars().take(room - 1).chain(['…']).collect()
    }

    fn table(&mut self, conclusion: &Conclusion) {
        let (idle, shown): (Vec<_>, Vec<_>) =
            conclusion.rows.iter().partition(|(_, _, standing, _)| *standing == Standing::NotExercised);
        self.line("");
        self.line(&styled(BOLD, "guarantee  level       verdict"));
        for (id, level, standing, notes) in shown {
            let (style, detail) = match standing {
                Standing::Broken { scenarios, first } => {
                    let style = if level.gates(self.strict) { RED } else { YELLOW };
                    (style, format!("in {} (first {first})", count(*scenarios, "scenario")))
                }
                Standing::Untold(why) => (MAGENTA, why.clone()),
                Standing::Held(scenarios) => (GREEN, format!("in {}", count(*scenarios, "scenario"))),
                Standing::NotTested(need) => (YELLOW, format!("(needs {need})")),
                Standing::NotExercised => (DIM, String::new()),
            };
            let detail = self.fitting(&detail, 39);
            self.line(&format!(
                "{:<10} {:<11} {} {detail}",
                id.to_string(),
                level.name(),
                styled(style, &format!("{:<15}", standing.word()))
            ));
            for note in notes {
                self.line(&styled(DIM, &format!("{:<10} {note}", "")));
            }
        }
        if !idle.is_empty() {
            let ids: Vec<String> = idle.iter().map(|(id, ..)| id.to_string()).collect();
            self.line(&styled(DIM, &format!("not exercised ({}):", ids.len())));
            for row in wrapped(&ids, self.width.unwrap_or(100).saturating_sub(2).max(20)) {
                self.line(&styled(DIM, &format!("  {row}")));
            }
        }
    }
}

impl<W: Write> Listener for Console<W> {
    fn begins(&mut self, header: &Header) {
        self.strict = header.strict;
        self.size = (header.scenarios, header.runs);
        self.line(&styled(BOLD, &header.to_string()));
    }

    fn run_begins(&mut self, number: usize, seed: u64) {
        self.run = (number, seed, Counts::default());
    }

    fn run_ends(&mut self) {
        let (scenarios, runs) = self.size;
        let (number, seed, mut counts) = self.run;
        if runs > 1 {
            counts.not_run = scenarios.saturating_sub(counts.ended());
            let style = if counts.held == scenarios { GREEN } else { YELLOW };
            let run = format!("run {number:>width$} of {runs}, seed {seed}", width = runs.to_string().len());
            self.line(&format!("{run}: {}", styled(style, &counts.to_string())));
        }
    }

    fn scenario(&mut self, end: &ScenarioEnd) {
        self.run.2.add(end, self.strict);
        let (style, word) = match &end.status {
            Status::Held => (GREEN, "held"),
            Status::Broken if end.gates(self.strict) => (RED, "BROKEN"),
            Status::Broken => (YELLOW, "noted"),
            Status::Untold(_) => (MAGENTA, "could not tell"),
            Status::NotTested(_) => (YELLOW, "not tested"),
            Status::Fault(_) => (RED, "FAULT"),
        };
        if self.size.1 == 1 {
            let title = self.fitting(&end.title, 26);
            self.line(&format!("{}  {:<9} {title}", styled(style, &format!("{word:>14}")), end.address));
        }
        if (end.status != Status::Held || end.difference.is_some()) && self.told.insert((end.address.clone(), word)) {
            let story = story(end, self.strict, self.width);
            self.stories.push(story);
            if end.fails(self.strict) {
                self.last_failure.get_or_insert_with(|| end.again.clone());
            }
        }
    }

    fn ends(&mut self, conclusion: &Conclusion) {
        for story in std::mem::take(&mut self.stories) {
            self.line("");
            self.line(story.trim_end());
        }
        self.table(conclusion);
        let counts = conclusion.scenarios;
        let runs = if self.size.1 > 1 { format!(" in {} runs", self.run.0) } else { String::new() };
        self.line("");
        self.line(&format!("{}{runs}: {counts}", count(counts.ended(), "scenario")));
        let (style, word) = match conclusion.exit_code {
            exit::HELD => (GREEN, "pass"),
            exit::BROKEN => (RED, "broken"),
            exit::UNTOLD => (MAGENTA, "could not tell"),
            _ => (RED, "fault"),
        };
        self.line(&format!("{}: {}", styled(style, word), conclusion.reason));
        if let Some(again) = self.last_failure.take() {
            self.line(&format!("again: {again}"));
        }
    }
}

/// What there is to say of a scenario that did not simply hold.
pub(super) fn story(end: &ScenarioEnd, strict: bool, width: Option<usize>) -> String {
    let mut lines = vec![styled(BOLD, &format!("{} {}", end.address, end.title))];
    lines.push(format!("  {}", end.place));
    match &end.status {
        Status::Untold(why) => lines.push(format!("  {}: {why}", styled(MAGENTA, "could not tell"))),
        Status::NotTested(need) => lines.push(format!("  {} (needs {need})", styled(YELLOW, "not tested"))),
        Status::Fault(why) => lines.push(format!("  {}: {why}", styled(RED, "fault of hubproof"))),
        Status::Held | Status::Broken => {}
    }
    if let Some(step) = &end.stopped_at {
        lines.push(format!("  stopped at: {step}"));
    }
    let mut witness = BTreeSet::new();
    for Verdict { id, finding, .. } in end.broken() {
        let Finding::Broken(breaches) = finding else { continue };
        let (style, word) = if level(*id).gates(strict) { (RED, "broken") } else { (YELLOW, "noted") };
        // The style's sequences take no columns, so the rows are made before it is put in.
        let promise = folded(&format!("  {word} {id} ({}): {}", level(*id).name(), promise(*id)), 6, width);
        lines.push(promise.replacen(word, &styled(style, word), 1));
        for breach in breaches {
            lines.push(folded(&format!("      expected {}", breach.expected), 15, width));
            lines.push(folded(&format!("      got      {}", breach.got), 15, width));
            witness.extend(breach.witness.iter().copied());
        }
    }
    if !matches!(end.status, Status::NotTested(_)) && !end.transcript.lines.is_empty() {
        lines.push(format!("  transcript{}:", if witness.is_empty() { "" } else { " (> marks the witness)" }));
        lines.extend(transcript(end, &witness, width));
    }
    if end.broken().any(|verdict| verdict.id.area == Area::Log) {
        lines.push("  log of the target:".to_owned());
        let log = end.log.as_deref().unwrap_or_default();
        lines.extend(log.iter().take(SHOWN_LINES).map(|line| folded(&format!("      {line}"), 10, width)));
        if let Some(hidden) = log.len().checked_sub(SHOWN_LINES).filter(|hidden| *hidden > 0) {
            lines.push(styled(DIM, &format!("      … {} not shown", count(hidden, "line"))));
        }
    }
    if let Some(difference) = &end.difference {
        lines.push(format!("  the transcript differs from {}, though every guarantee held:", difference.from));
        lines.extend(difference.diff.lines().map(|line| format!("    {line}")));
    }
    lines.push(format!("  again: {}", end.again));
    lines.join("\n")
}

/// The transcript, its witness marked; a long one only around its witness.
fn transcript(end: &ScenarioEnd, witness: &BTreeSet<EventNo>, width: Option<usize>) -> Vec<String> {
    const AROUND: usize = 6;
    let lines = &end.transcript.lines;
    let marks: Vec<usize> = (0..lines.len()).filter(|place| witness.contains(&lines[*place].0)).collect();
    let near = |place: usize| marks.iter().any(|mark| mark.abs_diff(place) <= AROUND);
    let whole = lines.len() <= SHOWN_LINES;
    let mut shown = Vec::new();
    let mut hidden = 0;
    for (place, (no, line)) in lines.iter().enumerate() {
        if !whole && !near(place) && place >= AROUND {
            hidden += 1;
            continue;
        }
        if hidden > 0 {
            shown.push(styled(DIM, &format!("      … {} not shown", count(hidden, "line"))));
            hidden = 0;
        }
        let marked = witness.contains(no);
        let text = folded(&format!("    {} {line}", if marked { '>' } else { ' ' }), 27, width);
        shown.push(if marked { styled(BOLD, &text) } else { text });
    }
    if hidden > 0 {
        shown.push(styled(DIM, &format!("      … {} not shown", count(hidden, "line"))));
    }
    shown
}

/// A line in rows of at most `width` columns, broken at spaces where there are any, the rows after the first indented.
pub(super) fn folded(line: &str, indent: usize, width: Option<usize>) -> String {
    // Narrower than this there would be nothing left beside the indent.
    let Some(width) = width.filter(|width| *width >= indent + 20) else { return line.to_owned() };
    let mut rows: Vec<String> = Vec::new();
    let mut rest: Vec<char> = line.chars().collect();
    while rest.len() > width {
        let start = if rows.is_empty() { indent } else { indent + 1 };
        let space = (start..width).rev().find(|place| rest[*place] == ' ').unwrap_or(width);
        let tail: Vec<char> = rest[space..].iter().copied().skip_while(|c| *c == ' ').collect();
        rows.push(rest[..space].iter().collect());
        rest = std::iter::repeat_n(' ', indent).chain(tail).collect();
    }
    rows.push(rest.iter().collect());
    rows.join("\n")
}

pub(super) fn promise(id: GuaranteeId) -> &'static str {
    id.guarantee().map_or("not in the catalogue", |row| row.promise)
}

pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Words in rows of at most so many columns.
fn wrapped(words: &[String], width: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in words {
        match rows.last_mut() {
            Some(row) if row.len() + 1 + word.len() <= width => {
                row.push(' ');
                row.push_str(word);
            }
            _ => rows.push(word.clone()),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_folded_at_spaces_and_its_rows_are_indented() {
        let folded_at = |width| folded("  got the value of something that is long", 6, Some(width));
        assert_eq!(folded_at(80), "  got the value of something that is long");
        assert_eq!(folded_at(30), "  got the value of something\n      that is long");
        assert_eq!(folded(&"x".repeat(50), 6, Some(30)).lines().map(str::len).max(), Some(30));
        assert_eq!(folded("anything goes", 6, None), "anything goes");
    }

    #[test]
    fn words_are_put_in_rows_that_are_not_too_wide() {
        let words = ["CORR-1", "CORR-2", "CORR-3"].map(str::to_owned);
        assert_eq!(wrapped(&words, 14), ["CORR-1 CORR-2", "CORR-3"]);
    }
}
