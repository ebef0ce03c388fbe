//! For programs: one JSON object per line, as `docs/json.md` describes them. Every object of a kind has the same keys; what
//! does not apply is `null`.

use std::io::Write;

use serde::Serialize;

use super::news::{Header, Listener, Mode, ScenarioEnd, Status};
use super::summary::{Conclusion, Counts, Standing};
use crate::contract::guarantee::GuaranteeId;
use crate::event::{Broken, Finding, Verdict};
use crate::transcript::Transcript;

/// The version of the objects: keys may be added to one; a key that goes, or means something else, makes a new one.
pub const SCHEMA: u32 = 1;

/// The report for programs.
pub struct Ndjson<W: Write> {
    out: W,
    strict: bool,
    run: usize,
    seed: u64,
}

impl<W: Write> Ndjson<W> {
    /// A report to this stream.
    pub fn new(out: W) -> Self {
        Self { out, strict: false, run: 1, seed: 0 }
    }

    /// A reader who has gone away is no reason to stop a run.
    fn line(&mut self, news: &News<'_>) {
        if let Ok(line) = serde_json::to_string(news) {
            let _ = writeln!(self.out, "{line}");
        }
    }
}

impl<W: Write> Listener for Ndjson<W> {
    fn begins(&mut self, header: &Header) {
        self.strict = header.strict;
        let (mode, url, control) = match &header.mode {
            Mode::Sim => ("sim", None, None),
            Mode::Live => ("live", None, None),
            Mode::Remote { url, control } => ("remote", Some(url.as_str()), Some(control.as_str())),
        };
        self.line(&News::Header {
            schema: SCHEMA,
            version: header.version,
            mode,
            target: &header.target,
            url,
            control,
            variant: header.variant.as_deref(),
            seed: header.seed,
            time_scale: header.time_scale,
            strict: header.strict,
            scenarios: header.scenarios,
            runs: header.runs,
        });
    }

    fn run_begins(&mut self, number: usize, seed: u64) {
        (self.run, self.seed) = (number, seed);
    }

    fn scenario(&mut self, end: &ScenarioEnd) {
        let (status, reason) = match &end.status {
            Status::Held => ("held", None),
            Status::Broken => ("broken", None),
            Status::Untold(why) => ("could not tell", Some(why.clone())),
            Status::NotTested(need) => ("not tested", Some(format!("needs {need}"))),
            Status::Fault(why) => ("fault", Some(why.clone())),
        };
        let difference = end.difference.as_ref();
        self.line(&News::Scenario {
            run: self.run,
            seed: self.seed,
            address: &end.address,
            judges: end.judges,
            title: &end.title,
            place: &end.place,
            status,
            fails: end.fails(self.strict),
            reason,
            stopped_at: end.stopped_at.as_deref(),
            verdicts: end.verdicts.iter().map(|verdict| verdict_of(verdict, &end.transcript)).collect(),
            transcript: end.transcript.lines.iter().map(|(_, line)| line.as_str()).collect(),
            log: end.log.as_deref(),
            difference: difference.map(|other| DifferenceNews { from: other.from.name(), diff: &other.diff }),
            again: &end.again,
        });
    }

    fn ends(&mut self, conclusion: &Conclusion) {
        let row = |(id, level, standing, notes): &'_ (GuaranteeId, _, Standing, Vec<String>)| {
            let (scenarios, first, reason) = match standing {
                Standing::Broken { scenarios, first } => (Some(*scenarios), Some(first.clone()), None),
                Standing::Held(scenarios) => (Some(*scenarios), None, None),
                Standing::Untold(why) => (None, None, Some(why.clone())),
                Standing::NotTested(need) => (None, None, Some(format!("needs {need}"))),
                Standing::NotExercised => (None, None, None),
            };
            let level: &crate::contract::guarantee::Level = level;
            let (level, standing) = (level.name(), standing.word());
            RowNews { id: *id, level, standing, scenarios, first, reason, notes: notes.clone() }
        };
        let (idle, mattered): (Vec<_>, Vec<_>) =
            conclusion.rows.iter().partition(|(_, _, standing, _)| *standing == Standing::NotExercised);
        self.line(&News::End {
            rows: mattered.into_iter().map(row).collect(),
            not_exercised: idle.into_iter().map(|(id, ..)| *id).collect(),
            counts: conclusion.scenarios.into(),
            differences: conclusion.differences,
            exit_code: conclusion.exit_code,
            reason: &conclusion.reason,
        });
    }
}

fn verdict_of<'a>(verdict: &'a Verdict, transcript: &Transcript) -> VerdictNews<'a> {
    let (finding, held, broken, reason) = match &verdict.finding {
        Finding::Held(times) => ("held", *times, [].as_slice(), None),
        Finding::Broken(breaches) => ("broken", 0, breaches.as_slice(), None),
        Finding::Untold(why) => ("could not tell", 0, [].as_slice(), Some(why.as_str())),
        Finding::NotExercised => ("not exercised", 0, [].as_slice(), None),
    };
    let broken = broken.iter().map(|breach| breach_of(breach, transcript)).collect();
    VerdictNews { id: verdict.id, finding, held, broken, reason, note: verdict.note.as_deref() }
}

/// A breach with its witness as numbers of transcript lines; what no line shows is left out.
fn breach_of<'a>(breach: &'a Broken, transcript: &Transcript) -> BreachNews<'a> {
    let lines = transcript.lines.iter().zip(1..);
    let witness = lines.filter(|((no, _), _)| breach.witness.contains(no)).map(|(_, number)| number).collect();
    BreachNews { expected: &breach.expected, got: &breach.got, witness }
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum News<'a> {
    Header {
        schema: u32,
        version: &'a str,
        mode: &'a str,
        target: &'a str,
        url: Option<&'a str>,
        control: Option<&'a str>,
        variant: Option<&'a str>,
        seed: u64,
        time_scale: f64,
        strict: bool,
        scenarios: usize,
        runs: usize,
    },
    Scenario {
        run: usize,
        seed: u64,
        address: &'a str,
        judges: GuaranteeId,
        title: &'a str,
        place: &'a str,
        status: &'a str,
        fails: bool,
        reason: Option<String>,
        stopped_at: Option<&'a str>,
        verdicts: Vec<VerdictNews<'a>>,
        transcript: Vec<&'a str>,
        log: Option<&'a [String]>,
        difference: Option<DifferenceNews<'a>>,
        again: &'a str,
    },
    End {
        rows: Vec<RowNews>,
        not_exercised: Vec<GuaranteeId>,
        counts: CountsNews,
        differences: usize,
        exit_code: u8,
        reason: &'a str,
    },
}

#[derive(Serialize)]
struct VerdictNews<'a> {
    id: GuaranteeId,
    finding: &'a str,
    held: u64,
    broken: Vec<BreachNews<'a>>,
    reason: Option<&'a str>,
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct BreachNews<'a> {
    expected: &'a str,
    got: &'a str,
    witness: Vec<usize>,
}

#[derive(Serialize)]
struct DifferenceNews<'a> {
    from: &'a str,
    diff: &'a str,
}

#[derive(Serialize)]
struct RowNews {
    id: GuaranteeId,
    level: &'static str,
    standing: &'static str,
    scenarios: Option<usize>,
    first: Option<String>,
    reason: Option<String>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct CountsNews {
    held: usize,
    broken: usize,
    noted: usize,
    untold: usize,
    not_tested: usize,
    faults: usize,
    not_run: usize,
}

impl From<Counts> for CountsNews {
    fn from(counts: Counts) -> Self {
        let Counts { held, broken, noted, untold, not_tested, faults, not_run } = counts;
        Self { held, broken, noted, untold, not_tested, faults, not_run }
    }
}
