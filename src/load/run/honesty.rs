//! The harness judges itself first: whether it was the bottleneck, and its figures say nothing of the hub.

use std::time::Duration;

use super::asking::LONGEST_QUEUE;
use super::engine::Engine;
use crate::figures::LoadReport;

/// Timers that are later than this, one in a hundred, spoil the round trips that they are part of.
const LATE: Duration = Duration::from_millis(50);

/// A thread that has less time to spare than this keeps calls waiting.
const BUSY: f64 = 0.95;

/// Why nothing can be told of the hub; none if it can.
pub(super) fn faults(report: &LoadReport, ran: &Engine) -> Vec<String> {
    let mut faults = Vec::new();
    let missed = report.totals.calls_missed;
    if missed > 0 {
        faults.push(format!(
            "{missed} calls were never sent: {LONGEST_QUEUE} others waited for a connection to the control API already; lower the \
             rate, or allow more connections"
        ));
    }
    if let Some(late) = report.harness.lag.at(0.99).filter(|late| *late > LATE) {
        faults.push(format!(
            "one in a hundred of its timers was {:.0} ms late or more, and {} ms is the most that can be believed; give it a processor of \
             its own, or lower the rate",
            late.as_secs_f64() * 1000.0,
            LATE.as_millis()
        ));
    }
    let busy = ran.busy;
    let share = if busy.of.is_zero() { 0.0 } else { busy.calling.as_secs_f64() / busy.of.as_secs_f64() };
    if share > BUSY {
        faults.push(format!(
            "its thread was busy for {:.0} % of the time in which calls were made; lower the rate, or share it among several runs and \
             add them up with 'hubproof load merge'",
            share * 100.0
        ));
    }
    faults
}
