//! The scenarios tagged `@interop`, with plugins of other makers in place of hubproof's own.

use std::cell::RefCell;
use std::rc::Rc;

use hubproof::event::Finding;
use hubproof::gherkin::{self, Case, features, runner};
use hubproof::hub::HubConfig;
use hubproof::report::{ScenarioEnd, Status};
use hubproof::stage::Driver;

use super::case::{Outcome, Outcomes};
use super::foreign_driver::{ForeignDriver, Lent};
use super::peer::Peer;

/// How often a scenario is tried that could not be told, since the machine had too much else to do.
const TIMES: usize = 5;

/// Every scenario with the tag.
pub(crate) fn cases() -> Vec<Case> {
    let all = features::embedded().expect("the built-in features parse");
    all.into_iter().filter(|case| case.tags.iter().any(|tag| tag == "interop")).collect()
}

/// Runs them all with this client, and gives it back.
pub(crate) fn run_all(peer: Peer) -> (Outcomes, Peer) {
    let (cases, lent) = (cases(), Lent::new(peer));
    let mut ends = run(&cases, &lent);
    for _ in 1..TIMES {
        for (case, end) in cases.iter().zip(&mut ends) {
            if matches!(end.status, Status::Untold(_)) {
                *end = run(std::slice::from_ref(case), &lent).pop().expect("one end");
            }
        }
    }
    let outcomes = ends.iter().map(|end| (end.address.clone(), outcome(end))).collect();
    (outcomes, lent.back())
}

fn outcome(end: &ScenarioEnd) -> Outcome {
    let transcript = end.transcript.text();
    match (&end.status, &end.difference) {
        (Status::Held, None) => Outcome::Kept,
        (Status::Held, Some(difference)) => Outcome::Failed(format!("another transcript: {difference:?}")),
        (status, _) => {
            let broken: Vec<_> =
                end.verdicts.iter().filter(|verdict| matches!(verdict.finding, Finding::Broken(_))).collect();
            Outcome::Failed(format!("{status:?}, stopped at {:?}, {broken:?}\n{transcript}", end.stopped_at))
        }
    }
}

fn run(cases: &[Case], lent: &Lent) -> Vec<ScenarioEnd> {
    let config = HubConfig { seed: 1, ..HubConfig::default() };
    let ends = Rc::new(RefCell::new(Vec::new()));
    let (collected, lent) = (Rc::clone(&ends), lent.clone());
    let open = move || Ok(Box::new(ForeignDriver::new(config.clone(), &lent)) as Box<dyn Driver>);
    let run = gherkin::Run {
        open: Box::new(move || Box::pin(std::future::ready(open())) as runner::Opening),
        at_once: 1,
        own: false,
        again: Box::new(|case| case.address.clone()),
        ended: Box::new(move |end, _| collected.borrow_mut().push(end)),
        enough: Box::new(|_| false),
        watcher: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(gherkin::run(cases, run)).expect("every step has its code");
    drop(runtime);
    ends.take()
}
