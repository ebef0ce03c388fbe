//! The harness judges itself first: whether it was the bottleneck, and its figures say nothing of the hub.

use super::asking::LONGEST_QUEUE;
use super::engine::Engine;
use super::tally::LATE;
use crate::figures::LoadReport;

/// A timer that is late now and then says nothing: one in a hundred does, if there are so many of them.
const STALLS: u64 = 3;

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
    let (stalls, beats) = (ran.tally.stalls, ran.tally.beats);
    if stalls >= STALLS && stalls * 100 > beats {
        faults.push(format!(
            "{stalls} of {beats} times its timers were more than {} ms late; give it a processor of its own, or lower the rate",
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
