//! Runs scenarios and tells how each ended.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use cucumber::event::{Cucumber as Step, ScenarioFinished};
use cucumber::gherkin::Feature;
use cucumber::{Event, World as _, Writer, cli, parser, writer};
use futures_util::stream;

use super::ending::Ended;
use super::features::{Case, FeatureError, address_of};
use super::matching::check_steps;
use super::panics;
use super::world::World;
use crate::checker;
use crate::event::{Event as RunEvent, Watcher};
use crate::report::ScenarioEnd;
use crate::stage::{Driver, Halt, Stage};

/// A future that yields a driver for one scenario.
pub type Opening = Pin<Box<dyn Future<Output = Result<Box<dyn Driver>, Halt>>>>;

/// Takes a scenario's end and the events of its run.
pub type Told = Box<dyn FnMut(ScenarioEnd, Vec<RunEvent>)>;

/// How to run scenarios.
pub struct Run {
    /// Makes a driver for one scenario.
    pub open: Box<dyn Fn() -> Opening>,
    /// How many scenarios may run at once.
    pub at_once: usize,
    /// Whether the target is hubproof's own hub, unbroken: then a transcript that differs is a fault of hubproof's.
    pub own: bool,
    /// The command that runs one case again.
    pub again: Box<dyn Fn(&Case) -> String>,
    /// Is told each scenario's end, as it comes, with the events of its run.
    pub ended: Told,
    /// Is asked at once of each scenario's end, also where it has to wait for its turn to be told: whether that is enough, so
    /// that no further scenario begins.
    pub enough: Box<dyn Fn(&ScenarioEnd) -> bool>,
    /// Makes somebody who watches a run, if somebody does.
    pub watcher: Option<Box<dyn Fn() -> Watcher>>,
}

/// Runs these cases; [`Run::ended`] is told of each that was begun, in the order of `cases`.
///
/// # Errors
/// A step that cannot be carried out, as [`check_steps`] says; nothing is run then.
pub async fn run(cases: &[Case], run: Run) -> Result<(), FeatureError> {
    check_steps(cases)?;
    let features: Vec<Feature> = cases.iter().map(Case::alone).collect();
    let desk = Rc::new(Desk {
        cases: cases.iter().map(|case| (case.address.clone(), case.clone())).collect(),
        queue: RefCell::new(Queue {
            order: cases.iter().map(|case| case.address.clone()).collect(),
            next: 0,
            ready: BTreeMap::new(),
        }),
        told: RefCell::new(run.ended),
        own: run.own,
        again: run.again,
        enough: run.enough,
        closed: Cell::new(false),
        passed_over: RefCell::default(),
    });
    let open = Rc::new(Opener { open: run.open, watcher: run.watcher, failed: Cell::new(0) });
    let (before, after) = (Rc::clone(&desk), Rc::clone(&desk));
    panics::heard();
    let _afterwards = panics::HeardAfterwards;
    World::cucumber::<&'static str>()
        .with_parser(Given(features))
        .with_writer(Silent)
        .with_default_cli()
        .max_concurrent_scenarios(run.at_once)
        .before(move |_, _, scenario, world| {
            panics::heard();
            let (open, desk) = (Rc::clone(&open), Rc::clone(&before));
            Box::pin(async move {
                if desk.closed.get() {
                    desk.passed_over.borrow_mut().insert(address_of(scenario).unwrap_or_default().to_owned());
                    world.halt = Some((Halt::Trouble("not begun".to_owned()), None));
                    return;
                }
                if let Some(case) = desk.cases.get(address_of(scenario).unwrap_or_default()) {
                    world.behaviours = Arc::clone(&case.behaviours);
                }
                match open.stage().await {
                    Ok(stage) => world.stage = Some(stage),
                    Err(halt) => world.halt = Some((halt, None)),
                }
            })
        })
        .after(move |_, _, scenario, finished, world| {
            let desk = Rc::clone(&after);
            Box::pin(async move { desk.end(address_of(scenario).unwrap_or_default(), finished, world).await })
        })
        .run("features")
        .await;
    Ok(())
}

/// Opens runs, until the target is plainly gone.
struct Opener {
    open: Box<dyn Fn() -> Opening>,
    watcher: Option<Box<dyn Fn() -> Watcher>>,
    /// How many runs in a row could not be opened.
    failed: Cell<u32>,
}

/// So many runs in a row that could not be opened are enough to know: each may cost the whole patience of a driver.
const ENOUGH: u32 = 2;

impl Opener {
    async fn stage(&self) -> Result<Stage, Halt> {
        if self.failed.get() >= ENOUGH {
            return Err(Halt::Trouble(format!("not tried, as the target could not be opened {ENOUGH} times in a row")));
        }
        let opened = match (self.open)().await {
            Ok(driver) => Stage::open(driver).await,
            Err(halt) => Err(halt),
        };
        let opened = opened.map(|mut stage| {
            if let Some(watcher) = &self.watcher {
                stage.watch(watcher());
            }
            stage
        });
        self.failed.set(if opened.is_ok() { 0 } else { self.failed.get() + 1 });
        opened
    }
}

/// Where ends of scenarios are taken in, and passed on in order.
struct Desk {
    cases: BTreeMap<String, Case>,
    queue: RefCell<Queue>,
    told: RefCell<Told>,
    own: bool,
    again: Box<dyn Fn(&Case) -> String>,
    enough: Box<dyn Fn(&ScenarioEnd) -> bool>,
    /// Whether no further scenario begins.
    closed: Cell<bool>,
    /// Those that were not begun.
    passed_over: RefCell<BTreeSet<String>>,
}

struct Queue {
    order: Vec<String>,
    next: usize,
    /// What has ended before its turn; nothing of a scenario that was not begun.
    ready: BTreeMap<String, Option<(ScenarioEnd, Vec<RunEvent>)>>,
}

impl Desk {
    async fn end(&self, address: &str, finished: &ScenarioFinished, world: Option<&mut World>) {
        let Some(case) = self.cases.get(address) else { return };
        if self.passed_over.borrow().contains(address) {
            return self.pass_on(address, None);
        }
        let fault = match finished {
            ScenarioFinished::StepPassed => None,
            ScenarioFinished::StepSkipped => Some("a step has no code".to_owned()),
            ScenarioFinished::BeforeHookFailed(panic) => Some(format!("a panic: {}", panic_text(panic))),
            ScenarioFinished::StepFailed(_, _, error) => Some(format!("a panic: {error}")),
        };
        let (mut halt, mut events) = (None, Vec::new());
        if let Some(world) = world {
            halt = world.halt.take();
            if let Some(mut stage) = world.stage.take() {
                let closed = match halt {
                    // What is not tested is not waited for.
                    Some((Halt::Needs(_), _)) => stage.break_off().await,
                    _ => stage.close().await,
                };
                halt = match halt {
                    None => closed.err().map(|halt| (halt, None)),
                    // What did not happen at a target that is on its way out, or gone, is no breach.
                    Some((Halt::Unmet { expected, got }, step)) => Some(match stage.still_there().await {
                        Err(Halt::Trouble(why)) => {
                            let why = format!("expected {expected}, got {got}, and then the target was gone: {why}");
                            (Halt::Trouble(why), step)
                        }
                        _ => (Halt::Unmet { expected, got }, step),
                    }),
                    halt => halt,
                };
                if !matches!(halt, Some((Halt::Needs(_) | Halt::Trouble(_), _))) {
                    stage.hear_out(checker::log_is_complete).await;
                }
                events = stage.events().to_vec();
            }
        }
        let reference = case.reference.as_ref();
        let again = (self.again)(case);
        let end = Ended { case, events: &events, halt, fault, reference, own: self.own, again }.judge();
        if (self.enough)(&end) {
            self.closed.set(true);
        }
        self.pass_on(address, Some((end, events)));
    }

    /// Passes on what is next in order, and holds back what is not.
    fn pass_on(&self, address: &str, ended: Option<(ScenarioEnd, Vec<RunEvent>)>) {
        let mut queue = self.queue.borrow_mut();
        queue.ready.insert(address.to_owned(), ended);
        while let Some(next) = queue.order.get(queue.next).cloned() {
            let Some(ended) = queue.ready.remove(&next) else {
                break;
            };
            queue.next += 1;
            if let Some((end, events)) = ended {
                (self.told.borrow_mut())(end, events);
            }
        }
    }
}

impl Drop for Desk {
    /// A run that is broken off loses nothing that it has seen: what waited for its turn is passed on.
    fn drop(&mut self) {
        let Queue { order, ready, .. } = self.queue.get_mut();
        for (end, events) in order.iter().filter_map(|address| ready.remove(address)?) {
            (self.told.get_mut())(end, events);
        }
    }
}

fn panic_text(panic: &cucumber::event::Info) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "without a text".to_owned())
}

/// Hands features to the runner that are parsed already.
struct Given(Vec<Feature>);

impl parser::Parser<&'static str> for Given {
    type Cli = cli::Empty;
    type Output = stream::Iter<std::vec::IntoIter<parser::Result<Feature>>>;

    fn parse(self, _: &'static str, _: cli::Empty) -> Self::Output {
        stream::iter(self.0.into_iter().map(Ok).collect::<Vec<_>>())
    }
}

/// The runner's own output: none. Scenarios report themselves when they end.
struct Silent;

impl Writer<World> for Silent {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, _: parser::Result<Event<Step<World>>>, _: &cli::Empty) {}
}

impl writer::Normalized for Silent {}
