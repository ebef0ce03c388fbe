//! Runs the built-in scenarios and collects how they ended.

use std::cell::RefCell;
use std::rc::Rc;

use hubproof::event::Event;
use hubproof::gherkin::{self, Case, FeatureError, features, runner};
use hubproof::hub::{HubConfig, Variant};
use hubproof::live::LiveDriver;
use hubproof::report::{ScenarioEnd, Status};
use hubproof::sim::SimDriver;
use hubproof::stage::{Driver, Halt};
use tokio::runtime::{Builder, Runtime};

/// The end of every scenario, with the events of its run.
pub(crate) type Ends = Vec<(ScenarioEnd, Vec<Event>)>;

/// Every built-in case.
pub(crate) fn cases() -> Vec<Case> {
    features::embedded().expect("the built-in features parse")
}

/// A hub's configuration; its variant if it is to be one.
pub(crate) fn config(seed: u64, variant: Option<&Variant>) -> HubConfig {
    HubConfig { seed, flaws: variant.map(Variant::flaws).unwrap_or_default(), ..HubConfig::default() }
}

/// Runs these cases in virtual time.
pub(crate) fn run_sim(cases: &[Case], config: &HubConfig) -> Ends {
    try_run_sim(cases, config).expect("every step has its code")
}

/// Runs these cases in virtual time, if they can be run.
pub(crate) fn try_run_sim(cases: &[Case], config: &HubConfig) -> Result<Ends, FeatureError> {
    let config = config.clone();
    run(cases, 1, &paused(), move || Ok(Box::new(SimDriver::new(config.clone()))))
}

/// Runs these cases over real sockets, against a hub of its own for each. What could not be told, since the machine had too
/// much else to do, is run again.
pub(crate) fn run_live(cases: &[Case], config: &HubConfig) -> Ends {
    const TIMES: usize = 5;
    let mut ends = run_live_once(cases, config);
    for _ in 1..TIMES {
        for (case, end) in cases.iter().zip(&mut ends) {
            if matches!(end.0.status, Status::Untold(_)) {
                *end = run_live_once(std::slice::from_ref(case), config).pop().expect("one end");
            }
        }
    }
    ends
}

fn run_live_once(cases: &[Case], config: &HubConfig) -> Ends {
    const SCALE: f64 = 0.02;
    let config = config.clone();
    let open = move || match LiveDriver::own_hub(config.clone(), SCALE) {
        Ok(driver) => Ok(Box::new(driver) as Box<dyn Driver>),
        Err(error) => Err(Halt::Trouble(error.to_string())),
    };
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    run(cases, 4, &runtime, open).expect("every step has its code")
}

/// Runs these cases at full length through the servers and clients of live runs, over pipes in memory.
pub(crate) fn run_piped(cases: &[Case], config: &HubConfig) -> Ends {
    let config = config.clone();
    let open = move || Ok(Box::new(LiveDriver::piped(config.clone())) as Box<dyn Driver>);
    // One at a time, since all would share one clock.
    run(cases, 1, &paused(), open).expect("every step has its code")
}

/// A runtime whose clock jumps to the next timer when nothing else is to be done.
pub(crate) fn paused() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime")
}

/// Runs these cases with whatever drivers `open` makes.
fn run(
    cases: &[Case],
    at_once: usize,
    runtime: &Runtime,
    open: impl Fn() -> Result<Box<dyn Driver>, Halt> + 'static,
) -> Result<Ends, FeatureError> {
    let ends = Rc::new(RefCell::new(Vec::new()));
    let collected = Rc::clone(&ends);
    let run = gherkin::Run {
        open: Box::new(move || Box::pin(std::future::ready(open())) as runner::Opening),
        at_once,
        own: false,
        again: Box::new(|case| case.address.clone()),
        ended: Box::new(move |end, events| collected.borrow_mut().push((end, events))),
        enough: Box::new(|_| false),
        watcher: None,
    };
    runtime.block_on(gherkin::run(cases, run))?;
    Ok(ends.take())
}
