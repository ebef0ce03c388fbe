//! Runs the built-in scenarios and collects how they ended.

use std::cell::RefCell;
use std::rc::Rc;

use hubproof::event::Event;
use hubproof::gherkin::{self, Case, features, runner};
use hubproof::hub::{HubConfig, Variant};
use hubproof::report::ScenarioEnd;
use hubproof::sim::SimDriver;
use hubproof::stage::Driver;

/// The end of every scenario, with the events of its run.
pub(crate) type Ends = Vec<(ScenarioEnd, Vec<Event>)>;

/// Every built-in case.
pub(crate) fn cases() -> Vec<Case> {
    features::embedded().expect("the built-in features parse")
}

/// A hub's configuration; its variant if it is to be one.
pub(crate) fn config(seed: u64, variant: Option<&Variant>) -> HubConfig {
    HubConfig {
        seed,
        flaws: variant.map(Variant::flaws).unwrap_or_default(),
        ..HubConfig::default()
    }
}

/// Runs these cases in virtual time.
pub(crate) fn run_sim(cases: &[Case], config: &HubConfig) -> Ends {
    let config = config.clone();
    let open = move || {
        let driver: Box<dyn Driver> = Box::new(SimDriver::new(config.clone()));
        Box::pin(std::future::ready(Ok(driver))) as runner::Opening
    };
    run(cases, 1, Box::new(open))
}

/// Runs these cases with whatever drivers `open` makes.
pub(crate) fn run(cases: &[Case], at_once: usize, open: Box<dyn Fn() -> runner::Opening>) -> Ends {
    let ends = Rc::new(RefCell::new(Vec::new()));
    let collected = Rc::clone(&ends);
    let run = gherkin::Run {
        open,
        at_once,
        own: false,
        again: Box::new(|case| case.address.clone()),
        ended: Box::new(move |end, events| collected.borrow_mut().push((end, events))),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime
        .block_on(gherkin::run(cases, run))
        .expect("every step has its code");
    ends.take()
}
