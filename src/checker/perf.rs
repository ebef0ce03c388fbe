//! PERF: speed, as far as it is promised.

use std::time::Duration;

use serde_json::Value;

use super::picture::Picture;
use super::verdict::Tally;
use super::{Checker, EndedCall, GuaranteeId};
use crate::contract::guarantee::Area;
use crate::event::Ended;

/// The judges of this area.
#[must_use]
pub fn checkers() -> Vec<Box<dyn Checker>> {
    vec![Box::new(JobDuration(Tally::new(GuaranteeId::new(Area::Perf, 2))))]
}

/// How much longer than by the caller's clock a job may say it took, for rounding.
const ROUNDING: Duration = Duration::from_millis(1);

/// PERF-2: `duration_ms` is the time the job took.
struct JobDuration(Tally);

impl Checker for JobDuration {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }

    fn ended(&mut self, ended: &EndedCall<'_>, picture: &Picture) {
        let EndedCall { call, end, .. } = *ended;
        let Ended::JobResult(result) = &end.how else { return };
        let Some(shown) = result.get("duration_ms").and_then(Value::as_f64).filter(|ms| *ms >= 0.0) else {
            return;
        };
        let Ok(shown) = Duration::try_from_secs_f64(shown / 1000.0) else {
            return;
        };
        // What the target measures by its own clock has the time in it by which that was advanced.
        let advanced = picture.advanced(call.started, end.no);
        let (longest, tolerance) = (end.elapsed + advanced + ROUNDING, picture.facts.tolerance);
        let witness = [call.started, end.no];
        if shown > longest {
            self.0.broken(&witness, format!("at most {longest:.1?}, the caller's time"), format!("{shown:.1?}"));
        } else if shown + tolerance >= end.elapsed {
            self.0.held();
        } else if shown + tolerance + end.lateness >= end.elapsed {
            self.0.untold(format!("the harness itself was up to {:.1?} late", end.lateness));
        } else {
            self.0.broken(
                &witness,
                format!("{:.1?} less at most {tolerance:.1?}", end.elapsed),
                format!("{shown:.1?}"),
            );
        }
    }
}
