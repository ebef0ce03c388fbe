//! PERF: speed, as far as it is promised.

use std::time::Duration;

use serde_json::Value;

use super::picture::Picture;
use super::verdict::Tally;
use super::{Checker, EndedCall, GuaranteeId};
use crate::contract::guarantee::Area;
use crate::event::{Ended, Event, EventNo, What};

/// The judges of this area.
#[must_use]
pub fn checkers() -> Vec<Box<dyn Checker>> {
    let tally = |number| Tally::new(GuaranteeId::new(Area::Perf, number));
    vec![Box::new(JobDuration(tally(2))), Box::new(AtRest { tally: tally(3), first: None })]
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

/// PERF-3: after any load nothing is pending, and memory is flat.
struct AtRest {
    tally: Tally,
    /// Where the target was first looked at, and its memory.
    first: Option<(EventNo, u64)>,
}

/// What memory may grow by beside a half, in bytes: buffers and pools that a process keeps.
const BUFFERS: u64 = 32 << 20;

impl Checker for AtRest {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn observe(&mut self, event: &Event, picture: &Picture) {
        let What::Weighed { pending, rss_bytes } = event.what else { return };
        if picture.calls.is_empty() || picture.calls.values().any(|call| call.end.is_none()) {
            return;
        }
        if pending > 0 {
            let got = format!("{pending} calls in flight after {} have ended", picture.calls.len());
            return self.tally.broken(&[event.no], "no call in flight after the load", got);
        }
        match (self.first, rss_bytes) {
            (Some((first, before)), Some(bytes)) if bytes > before + before / 2 + BUFFERS => {
                let mib = |bytes: u64| bytes >> 20;
                let expected = format!("as much memory as before, {} MiB", mib(before));
                self.tally.broken(&[first, event.no], expected, format!("{} MiB", mib(bytes)));
            }
            (first, bytes) => {
                self.first = first.or(bytes.map(|bytes| (event.no, bytes)));
                self.tally.held();
            }
        }
    }
}
