//! The judges: every run is a stream of events, and every checker judges it.
//!
//! Reading order:
//! - [`verdict`]: the count that a judge keeps: held, broken (with the witness), could not tell, not exercised.
//! - [`picture`]: what has been seen so far, kept once for all checkers: calls, sockets, commands, answers.
//! - [`settlement`]: a call that has ended, and which answer it was that settled it.
//! - one file per area: [`corr`], [`time`], [`err`], [`iso`], [`life`], [`job`], [`perf`], [`log`]; of [`corr`] what calls in
//!   flight together owe each other is in [`flight`], of [`job`] what runs of one job do in `job_runs`, of [`life`] the largest
//!   messages are in [`limits`], and connections that fall silent or break, and the hub's own end, in [`outage`].
//!
//! A checker is a fold: it sees each event once and keeps only what it needs, so a run of any length can be judged.

pub mod corr;
pub mod err;
pub mod flight;
pub mod iso;
pub mod job;
mod job_runs;
pub mod life;
pub mod limits;
pub mod log;
pub mod outage;
pub mod perf;
pub mod picture;
pub mod settlement;
pub mod time;
pub mod verdict;

use std::collections::BTreeSet;

use crate::contract::guarantee::{Area, GuaranteeId};
use crate::event::{Event, Finding, Verdict};
use picture::Picture;
pub use settlement::EndedCall;
pub use verdict::Tally;

/// Guarantees that a target which has gone seems to break, as nothing comes from it any more.
pub const SEEN_BY_WAITING: [GuaranteeId; 12] = [
    GuaranteeId::new(Area::Corr, 4),
    GuaranteeId::new(Area::Time, 2),
    GuaranteeId::new(Area::Time, 7),
    GuaranteeId::new(Area::Err, 1),
    GuaranteeId::new(Area::Iso, 4),
    GuaranteeId::new(Area::Life, 1),
    GuaranteeId::new(Area::Life, 2),
    GuaranteeId::new(Area::Life, 4),
    GuaranteeId::new(Area::Life, 6),
    GuaranteeId::new(Area::Life, 8),
    GuaranteeId::new(Area::Life, 9),
    GuaranteeId::new(Area::Log, 1),
];

/// A judge of one guarantee.
pub trait Checker: Send {
    /// What it judges, and what it has found so far.
    fn tally(&mut self) -> &mut Tally;

    /// Sees one event; `picture` holds all that came before and the event itself.
    fn observe(&mut self, _event: &Event, _picture: &Picture) {}

    /// Sees the end of a call; [`Checker::observe`] has seen the event before.
    fn ended(&mut self, _ended: &EndedCall<'_>, _picture: &Picture) {}

    /// The run is over.
    fn finish(&mut self, _picture: &Picture) {}
}

/// Every checker, with the picture that they share.
pub struct Bench {
    picture: Picture,
    checkers: Vec<Box<dyn Checker>>,
}

impl Default for Bench {
    fn default() -> Self {
        let areas = [
            corr::checkers(),
            time::checkers(),
            err::checkers(),
            iso::checkers(),
            life::checkers(),
            job::checkers(),
            perf::checkers(),
            log::checkers(),
        ];
        Self { picture: Picture::default(), checkers: areas.into_iter().flatten().collect() }
    }
}

impl Bench {
    /// Shows an event to every checker.
    pub fn observe(&mut self, event: &Event) {
        self.picture.observe(event);
        let ended = EndedCall::of(event, &self.picture);
        for checker in &mut self.checkers {
            checker.observe(event, &self.picture);
            if let Some(ended) = &ended {
                checker.ended(ended, &self.picture);
            }
        }
    }

    /// The verdicts, one per checker, in the order of the catalogue.
    #[must_use]
    pub fn finish(mut self) -> Vec<Verdict> {
        for checker in &mut self.checkers {
            checker.finish(&self.picture);
        }
        let mut verdicts: Vec<Verdict> = self.checkers.iter_mut().map(|checker| checker.tally().verdict()).collect();
        verdicts.sort_by_key(|verdict| verdict.id);
        verdicts
    }

    /// The ids that some checker judges.
    #[must_use]
    pub fn judged() -> BTreeSet<GuaranteeId> {
        Self::default().checkers.iter_mut().map(|checker| checker.tally().id).collect()
    }
}

/// Whether no line is missing in the target's log so far (LOG-1).
#[must_use]
pub fn log_is_complete(events: &[Event]) -> bool {
    let log = GuaranteeId::new(Area::Log, 1);
    !judge(events).iter().any(|verdict| verdict.id == log && matches!(verdict.finding, Finding::Broken(_)))
}

/// Judges a whole run.
#[must_use]
pub fn judge(events: &[Event]) -> Vec<Verdict> {
    let mut bench = Bench::default();
    for event in events {
        bench.observe(event);
    }
    bench.finish()
}
