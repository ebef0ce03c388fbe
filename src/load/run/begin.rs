//! A run from outside: the hub is started, the run's thread is, and everything that it says becomes the report.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::oneshot;

use super::bench::Judge;
use super::engine::Engine;
use super::honesty;
use super::hub::Hub;
use super::sample::Sample;
use super::shared::{Shared, Word};
use super::sums;
use crate::event::Facts;
use crate::figures::LoadReport;
use crate::live::started::StartError;
use crate::live::swarm::{Options, Reach, Swarm, Unreachable};
use crate::live::{BadAddress, process};
use crate::load::machine::Prepared;
use crate::load::profile::{Answers, Commands, Profile};
use crate::load::target::Target;
use crate::report::load::LoadListener;

/// How long a plugin may take to connect, and a target to answer its first request.
pub(super) const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// How often the hub is looked at while the run goes on.
const LOOK: Duration = Duration::from_millis(500);

/// What a run is made of.
#[derive(Debug)]
pub struct Setup {
    /// What it is to be.
    pub profile: Profile,
    /// The hub under load.
    pub target: Target,
    /// What this machine gives for it.
    pub prepared: Prepared,
    /// The command that makes the same run again.
    pub command: String,
    /// The program that serves the built-in hub: this one.
    pub program: std::path::PathBuf,
}

/// Why there was no run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An address is none.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// The built-in hub, or the target's own command, could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The target was started and did not come up.
    #[error("{0}")]
    NotUp(String),
    /// Nobody is there.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The control API is none.
    #[error("{url}: {why}; is the control API served there?")]
    Control {
        /// Its address.
        url: String,
        /// In words.
        why: String,
    },
    /// The target cannot be asked.
    #[error("{url}: the target does not offer '{capability}', which these calls need")]
    NotOffered {
        /// The control API's address.
        url: String,
        /// What it lacks.
        capability: &'static str,
    },
    /// The system gave nothing to run with.
    #[error("the load cannot run on this machine: {0}")]
    System(std::io::Error),
    /// The run's thread broke down.
    #[error("the run broke down")]
    BrokeDown,
}

/// Makes a run, which ends before its time when `interrupted` resolves. The listener hears of it each second. Needs a tokio runtime.
///
/// # Errors
/// [`RunError`] where nothing could be run. Whatever goes wrong later is in the report.
pub async fn run(
    setup: Setup,
    listener: &mut dyn LoadListener,
    interrupted: impl Future<Output = ()>,
) -> Result<LoadReport, RunError> {
    let mut hub = Hub::start(&setup).await?;
    let done = begun(setup, &mut hub, listener, interrupted).await;
    // Whatever came of it, a hub that was started here is not left behind.
    hub.end().await;
    done
}

async fn begun(
    setup: Setup,
    hub: &mut Hub,
    listener: &mut dyn LoadListener,
    interrupted: impl Future<Output = ()>,
) -> Result<LoadReport, RunError> {
    let Setup { profile, target, prepared, command, .. } = setup;
    hub.describe(&profile).await?;
    let control = hub.control().filter(|_| profile.commands != Commands::None);
    let remote_headers = match target {
        Target::Remote(remote) => remote.headers,
        Target::BuiltIn { .. } => Vec::new(),
    };
    let reach = Reach::find(hub.url(), hub.socket_path(), &remote_headers, control, CONNECT_WITHIN).await?;
    let own = profile.answers == Answers::Own;
    let options = Options {
        plugins: if own { u32::try_from(profile.plugins).unwrap_or(u32::MAX) } else { 0 },
        sources: prepared.sources,
        connections: usize::try_from(prepared.askers).unwrap_or(usize::MAX),
        connect_within: CONNECT_WITHIN,
    };
    let mut report = sums::begun(&profile, hub, command);
    listener.begins(&report);
    let (words, mut heard) = unbounded_channel();
    let shared = Arc::new(Shared::new(words));
    let profile = Arc::new(profile);
    hub.looked_at_first().await;
    let (before, begun_at) = (process::cpu_s(), Instant::now());
    report.started_unix_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let (over, ended) = oneshot::channel();
    {
        let (profile, shared, facts) = (Arc::clone(&profile), Arc::clone(&shared), hub.facts());
        let drive = move || {
            // Nobody listens any more only where the process ends.
            over.send(drive(profile, shared, facts, &reach, &options)).ok();
        };
        thread::Builder::new().name("load".to_owned()).spawn(drive).map_err(RunError::System)?;
    }
    let run = Watch { hub, shared: &shared, profile: &profile };
    let ran = run.until_over(&mut report, listener, &mut heard, ended, interrupted).await?;
    let mut ran = ran.map_err(RunError::System)?;
    report.ran_s = begun_at.elapsed().as_secs_f64();
    report.harness.cpu_s = process::cpu_s().zip(before).map_or(0.0, |(now, then)| now - then);
    sums::ended(&mut report, &mut ran, hub);
    report.harness.faults = honesty::faults(&report, &ran);
    report.conclude(&profile.thresholds);
    sums::explain(&mut report, &ran);
    listener.ends(&report);
    Ok(report)
}

/// The run's thread.
fn drive(
    profile: Arc<Profile>,
    shared: Arc<Shared>,
    facts: Facts,
    reach: &Reach,
    options: &Options,
) -> std::io::Result<Engine> {
    let mark = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    let before = process::rss_bytes().unwrap_or_default();
    let sample = Sample::new(Judge::start(facts)?);
    let mut swarm = Swarm::new(reach, options)?;
    shared.wakes(swarm.nudge()?);
    let mut engine = Engine::new(profile, shared, u64::from(mark), before, sample);
    engine.run(&mut swarm)?;
    Ok(engine)
}

/// What is there while a run goes on.
struct Watch<'a> {
    hub: &'a mut Hub,
    shared: &'a Shared,
    profile: &'a Profile,
}

impl Watch<'_> {
    /// Looks after the hub, listens, and tells, until the run's thread is done.
    async fn until_over(
        mut self,
        report: &mut LoadReport,
        listener: &mut dyn LoadListener,
        heard: &mut UnboundedReceiver<Word>,
        mut ended: oneshot::Receiver<std::io::Result<Engine>>,
        interrupted: impl Future<Output = ()>,
    ) -> Result<std::io::Result<Engine>, RunError> {
        let mut interrupted = std::pin::pin!(interrupted);
        let mut was_interrupted = false;
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                ran = &mut ended => {
                    // What it said last has come by now.
                    while let Ok(word) = heard.try_recv() {
                        self.word(word, report, listener).await;
                    }
                    return ran.map_err(|_| RunError::BrokeDown);
                }
                Some(word) = heard.recv() => self.word(word, report, listener).await,
                () = &mut interrupted, if !was_interrupted => {
                    was_interrupted = true;
                    self.shared.stop("interrupted");
                }
                _ = looks.tick() => {
                    if let Some(how) = self.hub.has_ended() {
                        self.shared.stop(format!("the target is gone: {how}"));
                    }
                    let in_flight = report.seconds.last().map_or(0, |second| second.in_flight);
                    self.shared.set_hub(self.hub.look(in_flight).await);
                }
            }
        }
    }

    async fn word(&mut self, word: Word, report: &mut LoadReport, listener: &mut dyn LoadListener) {
        match word {
            Word::Connected { plugins } => self.hub.looked_at_idle(plugins).await,
            Word::Second(so_far) => {
                report.totals = so_far.totals;
                report.actions = so_far.actions;
                report.harness.lag = so_far.lag;
                report.findings = so_far.findings;
                report.seconds.push(so_far.second.clone());
                report.hub = self.hub.figures();
                listener.second(report, &so_far.second);
                if self.profile.abort_on_fail {
                    let measured = report.measured();
                    let lost = self
                        .profile
                        .thresholds
                        .iter()
                        .find(|threshold| threshold.is_lost(&measured, report.asked.calls));
                    if let Some(lost) = lost {
                        self.shared.stop(format!("{} {} cannot hold any more", lost.name(), lost.wanted()));
                    }
                }
            }
            Word::Drained { lost, early } => {
                let seen = self.hub.look_into(self.profile, &lost, early).await;
                self.shared.seen(seen);
            }
        }
    }
}
