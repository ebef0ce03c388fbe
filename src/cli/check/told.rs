//! Who is told of a check, and what it all comes to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use super::rerun::Rerun;
use super::{Arguments, Format, cannot_write};
use crate::cli::Failure;
use crate::gherkin::Case;
use crate::report::summary::exit;
use crate::report::{Console, Header, Listener, Ndjson, ScenarioEnd, Status, Summary};

/// Passes on what a check tells, and keeps what is needed at its end.
pub(super) struct Told {
    listener: Box<dyn Listener>,
    summary: Summary,
    strict: bool,
    /// How many scenarios have ended, and how many there are in all runs.
    ended: usize,
    planned: usize,
    /// Which run it is, of how many.
    run: (usize, usize),
    /// Where transcripts go.
    folder: Option<PathBuf>,
    /// The transcripts of the first run, of scenarios that came to their end.
    first_run: BTreeMap<String, String>,
    rerun: Option<Rerun>,
    /// How often each scenario has yet to hold.
    missing: BTreeMap<String, usize>,
    failed: BTreeSet<String>,
    /// A file that could not be written.
    unwritten: Option<Failure>,
}

impl Told {
    pub(super) fn new(arguments: &Arguments, cases: &[Case], rerun: Option<Rerun>) -> Self {
        let listener: Box<dyn Listener> = match arguments.format {
            Format::Json => Box::new(Ndjson::new(std::io::stdout())),
            Format::Text => {
                let width = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
                Box::new(Console::new(anstream::stdout(), width.map(|(width, _)| usize::from(width.0))))
            }
        };
        Self {
            listener,
            summary: Summary::default(),
            strict: arguments.strict,
            ended: 0,
            planned: cases.len().saturating_mul(arguments.repeat),
            run: (1, arguments.repeat),
            folder: arguments.transcripts.clone(),
            first_run: BTreeMap::new(),
            rerun,
            missing: cases.iter().map(|case| (case.address.clone(), arguments.repeat)).collect(),
            failed: BTreeSet::new(),
            unwritten: None,
        }
    }

    pub(super) fn begins(&mut self, header: &Header) {
        self.listener.begins(header);
    }

    pub(super) fn run_begins(&mut self, number: usize, seed: u64) {
        self.run.0 = number;
        self.listener.run_begins(number, seed);
    }

    pub(super) fn scenario(&mut self, end: &ScenarioEnd) {
        self.ended += 1;
        self.summary.add(end, self.strict);
        self.listener.scenario(end);
        if let Some(missing) = self.missing.get_mut(&end.address) {
            *missing = missing.saturating_sub(1);
        }
        if end.fails(self.strict) {
            self.failed.insert(end.address.clone());
        }
        let (number, runs) = self.run;
        if number == 1 && runs > 1 && end.status == Status::Held {
            self.first_run.insert(end.address.clone(), end.transcript.text());
        }
        if let Some(folder) = &self.folder {
            let folder = if runs > 1 { folder.join(format!("run-{number}")) } else { folder.clone() };
            let path = folder.join(format!("{}.txt", end.address));
            if let Err(failure) = write(&folder, &path, &end.transcript.text()) {
                self.unwritten.get_or_insert(failure);
            }
        }
    }

    pub(super) fn run_ends(&mut self) {
        self.listener.run_ends();
    }

    /// Has the runs from here on compared with the first one, where that came to its end.
    pub(super) fn compare_with_first_run(&mut self, cases: &mut [Case]) {
        for case in cases {
            if let Some(transcript) = self.first_run.remove(&case.address) {
                case.compare_with_first_run(transcript);
            }
        }
    }

    /// Concludes: the exit code. `stopped` says why not every scenario was run, if somebody wanted that.
    pub(super) fn ends(&mut self, stopped: Option<&str>) -> Result<u8, Failure> {
        let mut conclusion = self.summary.conclude(self.strict);
        conclusion.scenarios.not_run = self.planned.saturating_sub(self.ended);
        if conclusion.scenarios.not_run > 0 {
            let why = stopped.unwrap_or("incomplete");
            let reason = format!("{why} after {} of {} scenarios", self.ended, self.planned);
            let by_limit = why.starts_with("stopped");
            if !by_limit && [exit::HELD, exit::UNTOLD].contains(&conclusion.exit_code) {
                conclusion.exit_code = exit::UNTOLD;
                conclusion.reason = reason;
            } else {
                conclusion.reason = format!("{} ({reason})", conclusion.reason);
            }
        }
        self.listener.ends(&conclusion);
        if let Some(rerun) = &self.rerun {
            let yet_to_hold = |address: &str| {
                self.failed.contains(address) || self.missing.get(address).is_some_and(|missing| *missing > 0)
            };
            if let Err(failure) = rerun.write(yet_to_hold) {
                self.unwritten.get_or_insert(failure);
            }
        }
        self.unwritten.take().map_or(Ok(conclusion.exit_code), Err)
    }
}

fn write(folder: &Path, path: &Path, text: &str) -> Result<(), Failure> {
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, text));
    written.map_err(|error| cannot_write(path, &error))
}
