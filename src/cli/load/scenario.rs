//! The options that say what a run is to be, each over what the scenario's file says.

use clap::ValueEnum;

use crate::cli::Failure;
use crate::load::profile::mix::LAST_USER;
use crate::load::profile::raw::{self, Asking, Plugins, Raw, RawAction, RawBehaviour, RawStorm, Seed};
use crate::load::profile::value::{PerSecond, Time, Whole};
use crate::load::profile::{Answers, Rate, Users};

/// What a run is to be.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What the run is (each wins over the scenario's own)")]
pub(super) struct Wishes {
    /// How many plugins are connected.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    plugins: Option<Plugins>,
    /// How many plugins each user has.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    per_user: Option<Whole<1, 1000>>,
    /// The id of the first user; the others follow it.
    #[arg(long, value_name = "ID", allow_negative_numbers = true)]
    first_user: Option<Whole<1, LAST_USER>>,
    /// How many connections are begun in a second, at most.
    #[arg(long, value_name = "PER_SECOND", allow_negative_numbers = true)]
    connect_rate: Option<PerSecond>,
    /// How many calls start in a second, whatever becomes of those before: `500`, `ramp 0..500`, `steps 100:10s, 200:10s`,
    /// `spike 100..1000 at 10s for 5s`, `poisson 300`, `bursts 200 every 1s` or `none`.
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    rate: Option<Rate>,
    /// Whom calls go to: `uniform`, `one 7` (user 7 alone), `hot 10 80%` (80 % of them to the first ten users).
    #[arg(long, value_name = "WHOM")]
    users: Option<Users>,
    /// How long calls start: `500ms`, `30s`, `5m`, `2h`.
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    duration: Option<Time>,
    /// How long calls start before that which do not count.
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    warmup: Option<Time>,
    /// How long calls may still end after it [default: their timeout and 2s].
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    drain: Option<Time>,
    /// How long a call may take, unless its action says otherwise.
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    timeout: Option<Time>,
    /// The seed of everything that is drawn.
    #[arg(long, env = "HUBPROOF_SEED", value_name = "SEED", allow_negative_numbers = true)]
    seed: Option<Seed>,
    /// Who asks.
    #[arg(long, value_enum)]
    commands: Option<Asks>,
    /// How many connections to the control API there are at most [default: as many as the rate needs].
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    connections: Option<Whole<1, 100_000>>,
    /// Whose plugins answer.
    #[arg(long, value_enum)]
    answers: Option<Whose>,
    /// What calls ask, such as `VINTED_SYNC, weight=3, payload=2KiB, answer=1KiB..4KiB, timeout=5s, level=call`; may be given
    /// several times.
    #[arg(long, value_name = "ACTION", value_parser = raw::action)]
    action: Vec<RawAction>,
    /// What a share of the plugins does, such as `answer, share=90%, delay=5ms..50ms` or `silent, share=10%`; may be given
    /// several times.
    #[arg(long, value_name = "BEHAVIOUR", value_parser = raw::behaviour)]
    behaviour: Vec<RawBehaviour>,
    /// When plugins are dropped together, such as `10s, share=50%, how=close, spread=2s, back_after=1s`; may be given several times.
    #[arg(long, value_name = "STORM", value_parser = raw::storm, allow_negative_numbers = true)]
    storm: Vec<RawStorm>,
    /// What has to hold, such as `round_trip.p99 < 50ms`; may be given several times.
    #[arg(long, value_name = "THRESHOLD")]
    threshold: Vec<String>,
    /// End the run once a threshold cannot hold any more.
    #[arg(long)]
    abort_on_fail: bool,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Asks {
    /// hubproof, through the control API.
    Control,
    /// Nobody but the backend itself.
    None,
}

/// Whose plugins answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Whose {
    /// Those of this run.
    Own,
    /// Somebody else's, connected already.
    Others,
}

impl Wishes {
    /// The same as what a file could say.
    ///
    /// # Errors
    /// [`Failure::Usage`] if a threshold has no condition.
    pub(super) fn raw(&self) -> Result<Raw, Failure> {
        let thresholds = self.threshold.iter().map(|text| {
            let at = text.find(['<', '>', '=', '!']).ok_or_else(|| {
                let why = "it has no condition: write it as in 'round_trip.p99 < 50ms'";
                Failure::Usage(format!("--threshold: '{text}': {why}"))
            })?;
            let (name, condition) = text.split_at(at);
            Ok((name.trim().to_owned(), condition.trim().to_owned()))
        });
        Ok(Raw {
            description: None,
            seed: self.seed,
            plugins: self.plugins,
            first_user: self.first_user,
            per_user: self.per_user,
            connect_rate: self.connect_rate,
            duration: self.duration,
            warmup: self.warmup,
            drain: self.drain,
            timeout: self.timeout,
            commands: self.commands.map(|asks| match asks {
                Asks::Control => Asking::Control,
                Asks::None => Asking::None,
            }),
            connections: self.connections,
            answers: self.answers.map(|whose| match whose {
                Whose::Own => Answers::Own,
                Whose::Others => Answers::Others,
            }),
            rate: self.rate.clone(),
            users: self.users,
            actions: self.action.clone(),
            behaviours: self.behaviour.clone(),
            storms: self.storm.clone(),
            thresholds: thresholds.collect::<Result<_, Failure>>()?,
            abort_on_fail: self.abort_on_fail.then_some(true),
        })
    }
}
