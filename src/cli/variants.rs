//! `hubproof variants`: runs every hub that is broken on purpose, and says which scenarios and guarantees catch it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::num::NonZero;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::check::target::Target;
use super::hub::variant_names;
use super::{Failure, Interruption};
use crate::gherkin::{self, Case, features, runner};
use crate::hub::{HubConfig, Seen, VARIANTS, Variant};
use crate::report::matrix::{Matrix, Table, Trial, json, markdown};
use crate::report::summary::exit;

/// Run hubs that are broken on purpose through every scenario, and say which scenarios and guarantees catch them.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only these variants; all of them without.
    #[arg(value_name = "NAME", value_parser = variant_names(), hide_possible_values = true)]
    names: Vec<String>,
    /// List the variants instead of running them: name, where it is seen, what it does, what it breaks.
    #[arg(long)]
    list: bool,
    /// Run those that are seen in virtual time, there.
    #[arg(long, conflicts_with = "list")]
    sim: bool,
    /// Run those that are seen over real sockets, there. Without either each is run in virtual time if it is seen there.
    #[arg(long, conflicts_with = "list")]
    live: bool,
    /// The seed of everything that is drawn.
    #[arg(long, env = "HUBPROOF_SEED", default_value_t = 1, value_parser = super::seed, allow_negative_numbers = true)]
    seed: u64,
    /// How many hubs are run at once [default: one for each core].
    #[arg(long, value_name = "N", value_parser = at_once, allow_negative_numbers = true)]
    jobs: Option<usize>,
    /// How to tell of it.
    #[arg(long, value_enum, default_value_t = Format::Table, conflicts_with = "list")]
    format: Format,
}

/// How the matrix is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line for each hub, as it comes.
    Table,
    /// One object.
    Json,
    /// A document.
    Markdown,
}

fn at_once(text: &str) -> Result<usize, String> {
    let jobs = text.parse().ok().filter(|jobs| (1..=64).contains(jobs));
    jobs.ok_or_else(|| "it must be a whole number from 1 to 64".to_owned())
}

/// A hub to be run, and where.
type Plan = Vec<(Option<&'static Variant>, bool)>;

/// Real seconds for a documented one, as `hubproof check` has it.
const SCALE: f64 = 0.01;

/// Runs the variants and the reference hub.
///
/// # Errors
/// [`Failure`] where nothing could be run; what was run is in the exit code.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let named =
        |variant: &&Variant| arguments.names.is_empty() || arguments.names.iter().any(|name| name == variant.name);
    let chosen: Vec<&'static Variant> = VARIANTS.iter().filter(named).collect();
    if arguments.list {
        super::write_result(&chosen.into_iter().map(listed).collect::<String>())?;
        return Ok(exit::HELD);
    }
    let plan = planned(&chosen, arguments.sim, arguments.live);
    if !plan.iter().any(|(variant, _)| variant.is_some()) {
        let there = if arguments.live { "over real sockets" } else { "in virtual time" };
        return Err(Failure::NothingSelected(format!("none of these variants is seen {there}")));
    }
    let cases = features::embedded()?;
    super::in_runtime(Builder::new_current_thread(), watch(arguments, plan, cases))
}

/// A variant in the list.
fn listed(variant: &'static Variant) -> String {
    let breaks: Vec<String> = variant.breaks.iter().map(ToString::to_string).collect();
    format!("{:<25} {:<5} {}: {}\n", variant.name, variant.seen.name(), variant.what, breaks.join(" "))
}

/// What is run where: each variant in virtual time if it is seen there, else live, or wherever it is asked for and seen; the
/// reference hub wherever a variant is.
fn planned(chosen: &[&'static Variant], sim: bool, live: bool) -> Plan {
    let by_itself = !sim && !live;
    let mut plan = Plan::new();
    for variant in chosen {
        let (in_sim, in_live) = (variant.seen != Seen::Live, variant.seen != Seen::Sim);
        plan.extend((in_sim && (sim || by_itself)).then_some((Some(*variant), false)));
        plan.extend((in_live && (live || (by_itself && !in_sim))).then_some((Some(*variant), true)));
    }
    for mode in [false, true] {
        let used = plan.iter().any(|(_, live)| *live == mode);
        plan.extend(used.then_some((None, mode)));
    }
    plan
}

/// Runs the plan on threads of its own, and tells of it.
async fn watch(arguments: &Arguments, plan: Plan, cases: Vec<Case>) -> Result<u8, Failure> {
    let mut interruption = Interruption::awaited()?;
    let mut matrix = Matrix { seed: arguments.seed, scenarios: cases.len(), planned: plan.len(), ..Matrix::default() };
    let mut shown = Shown::new(arguments.format);
    shown.begins(&matrix);
    let (mut trials, stop) = spread(arguments, plan, cases);
    let mut waiting = BTreeMap::new();
    let mut ended = 0;
    while ended < matrix.planned {
        let (place, trial) = tokio::select! {
            trial = trials.recv() => match trial {
                Some((place, trial)) => (place, trial?),
                None => return Err(Failure::Fault("a run has ended without a result".to_owned())),
            },
            () = interruption.came() => {
                stop.store(true, Ordering::Relaxed);
                break;
            }
        };
        ended += 1;
        waiting.insert(place, trial);
        shown.progress(ended, matrix.planned);
        while let Some(trial) = waiting.remove(&matrix.trials.len()) {
            shown.trial(&trial);
            matrix.trials.push(trial);
        }
    }
    // Those that have been run lose nothing by an earlier one that was broken off.
    for trial in waiting.into_values() {
        shown.trial(&trial);
        matrix.trials.push(trial);
    }
    shown.ends(&matrix)
}

/// What comes of each entry of a plan, by its place in it.
type Results = UnboundedReceiver<(usize, Result<Trial, Failure>)>;

/// Starts threads that run the plan, and says where their results come, and what has them stop.
fn spread(arguments: &Arguments, plan: Plan, cases: Vec<Case>) -> (Results, Arc<AtomicBool>) {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = arguments.jobs.unwrap_or(cores).min(plan.len());
    let (sender, trials) = unbounded_channel();
    let stop = Arc::new(AtomicBool::new(false));
    let (plan, cases, next) = (Arc::new(plan), Arc::new(cases), Arc::new(AtomicUsize::new(0)));
    let seed = arguments.seed;
    for _ in 0..threads {
        let (plan, cases, next) = (Arc::clone(&plan), Arc::clone(&cases), Arc::clone(&next));
        let (sender, stop): (UnboundedSender<_>, _) = (sender.clone(), Arc::clone(&stop));
        thread::spawn(move || {
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some((variant, live)) = plan.get(place).copied() else { return };
                let trial = tried(&cases, variant, live, seed, &stop);
                // Nobody waits any more when the run was interrupted.
                if stop.load(Ordering::Relaxed) || sender.send((place, trial)).is_err() {
                    return;
                }
            }
        });
    }
    (trials, stop)
}

/// Runs all scenarios against one hub.
fn tried(
    cases: &[Case],
    variant: Option<&'static Variant>,
    live: bool,
    seed: u64,
    stop: &Arc<AtomicBool>,
) -> Result<Trial, Failure> {
    let flaws = variant.map(Variant::flaws).unwrap_or_default();
    let config = HubConfig { seed, flaws, ..HubConfig::default() };
    let target = if live { Target::Live(config, SCALE) } else { Target::Sim(config) };
    let at_once = target.at_once(None)?;
    let target = Rc::new(target);
    let trial = Rc::new(RefCell::new(Trial::new(variant, live)));
    let (kept, stop) = (Rc::clone(&trial), Arc::clone(stop));
    let run = gherkin::Run {
        open: Box::new(move || {
            let target = Rc::clone(&target);
            Box::pin(async move { target.open().await }) as runner::Opening
        }),
        at_once,
        own: false,
        again: Box::new(|_| String::new()),
        ended: Box::new(move |end, _| kept.borrow_mut().add(&end)),
        enough: Box::new(move |_| stop.load(Ordering::Relaxed)),
        watcher: None,
    };
    super::in_runtime(Builder::new_current_thread(), async {
        gherkin::run(cases, run).await?;
        Ok(exit::HELD)
    })?;
    let trial = trial.borrow().clone();
    Ok(trial)
}

/// Who is told, and how.
struct Shown {
    format: Format,
    table: Table<anstream::AutoStream<std::io::Stdout>>,
    /// Whether somebody watches who wants to know how far it is.
    watched: bool,
}

impl Shown {
    fn new(format: Format) -> Self {
        let at_terminal = std::io::stdout().is_terminal();
        let width = at_terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0));
        // Where the table itself comes line by line at a terminal, there is nothing to add.
        let watched = std::io::stderr().is_terminal() && !(at_terminal && format == Format::Table);
        Self { format, table: Table::new(anstream::stdout(), width), watched }
    }

    fn begins(&mut self, matrix: &Matrix) {
        if self.format == Format::Table {
            self.table.begins(env!("CARGO_PKG_VERSION"), matrix.planned, matrix.seed);
        }
    }

    fn progress(&self, ended: usize, planned: usize) {
        if self.watched {
            let end = if ended == planned { "\n" } else { "" };
            let _ = write!(std::io::stderr(), "\r{ended} of {planned} hubs{end}");
        }
    }

    fn trial(&mut self, trial: &Trial) {
        if self.format == Format::Table {
            self.table.trial(trial);
        }
    }

    fn ends(&mut self, matrix: &Matrix) -> Result<u8, Failure> {
        let (code, _) = matrix.conclude();
        match self.format {
            Format::Table => self.table.ends(matrix),
            Format::Json => {
                let text = json::json(matrix, env!("CARGO_PKG_VERSION"));
                super::write_result(&(text.map_err(|error| Failure::Fault(error.to_string()))? + "\n"))?;
            }
            Format::Markdown => {
                super::write_result(&markdown::markdown(matrix))?;
                if code != exit::HELD {
                    // A document does not say it in its last line; who asked for it has to know all the same.
                    let _ = writeln!(anstream::stderr(), "hubproof: {}", matrix.concluded());
                }
            }
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which are run, in order, each with where it is; the reference hub without a name.
    fn plan(sim: bool, live: bool) -> Vec<(&'static str, &'static str)> {
        const ONLY_SIM: Variant = VARIANTS[0].seen_in(Seen::Sim);
        const ONLY_LIVE: Variant = VARIANTS[1].seen_in(Seen::Live);
        const BOTH: Variant = VARIANTS[2].seen_in(Seen::Both);
        let told = |(variant, live): (Option<&'static Variant>, bool)| {
            let name = variant.map_or("", |variant| variant.seen.name());
            (name, if live { "live" } else { "sim" })
        };
        planned(&[&ONLY_SIM, &ONLY_LIVE, &BOTH], sim, live).into_iter().map(told).collect()
    }

    #[test]
    fn each_variant_is_run_where_it_is_seen_and_the_reference_hub_wherever_one_is() {
        let by_itself = [("sim", "sim"), ("live", "live"), ("both", "sim"), ("", "sim"), ("", "live")];
        assert_eq!(plan(false, false), by_itself);
        assert_eq!(plan(true, false), [("sim", "sim"), ("both", "sim"), ("", "sim")]);
        assert_eq!(plan(false, true), [("live", "live"), ("both", "live"), ("", "live")]);
        let everywhere =
            [("sim", "sim"), ("live", "live"), ("both", "sim"), ("both", "live"), ("", "sim"), ("", "live")];
        assert_eq!(plan(true, true), everywhere);
    }

    #[test]
    fn what_is_seen_nowhere_that_is_asked_for_leaves_nothing() {
        const ONLY_SIM: Variant = VARIANTS[0].seen_in(Seen::Sim);
        assert_eq!(planned(&[&ONLY_SIM], false, true).len(), 0);
    }
}
