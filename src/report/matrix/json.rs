//! For programs: the whole matrix as one object, as `docs/json.md` describes it.

use serde::Serialize;

use super::Matrix;
use crate::contract::guarantee::GuaranteeId;
use crate::report::ndjson::SCHEMA;

/// The matrix as one line of JSON, without its line feed.
///
/// # Errors
/// Never: all that it holds can be written.
pub fn json(matrix: &Matrix, version: &str) -> Result<String, serde_json::Error> {
    let (exit_code, reason) = matrix.conclude();
    let hubs = matrix
        .trials
        .iter()
        .map(|trial| Hub {
            variant: trial.variant.map(|variant| variant.name),
            what: trial.variant.map(|variant| variant.what),
            seen: trial.variant.map(|variant| variant.seen.name()),
            mode: trial.mode(),
            outcome: trial.outcome().name(),
            breaks: trial.breaks(),
            broken: trial.broken.iter().map(|(id, scenarios)| Broken { id: *id, scenarios }).collect(),
            missed: trial.missed(),
            beyond: trial.beyond(),
            scenarios: trial.ended(),
            caught_by: trial.catchers().collect(),
            untold: trial.untold.iter().map(|(address, reason)| Untold { address, reason }).collect(),
            fault: trial.fault.as_deref(),
        })
        .collect();
    let again = matrix.again();
    let planned = matrix.planned;
    serde_json::to_string(&Whole {
        schema: SCHEMA,
        version,
        seed: matrix.seed,
        planned,
        hubs,
        exit_code,
        reason,
        again,
    })
}

#[derive(Serialize)]
struct Whole<'a> {
    schema: u32,
    version: &'a str,
    seed: u64,
    planned: usize,
    hubs: Vec<Hub<'a>>,
    exit_code: u8,
    reason: String,
    again: Option<String>,
}

#[derive(Serialize)]
struct Hub<'a> {
    variant: Option<&'a str>,
    what: Option<&'a str>,
    seen: Option<&'a str>,
    mode: &'a str,
    outcome: &'a str,
    breaks: &'a [GuaranteeId],
    broken: Vec<Broken<'a>>,
    missed: Vec<GuaranteeId>,
    beyond: Vec<GuaranteeId>,
    scenarios: usize,
    caught_by: Vec<&'a str>,
    untold: Vec<Untold<'a>>,
    fault: Option<&'a str>,
}

#[derive(Serialize)]
struct Broken<'a> {
    id: GuaranteeId,
    scenarios: &'a [String],
}

#[derive(Serialize)]
struct Untold<'a> {
    address: &'a str,
    reason: &'a str,
}
