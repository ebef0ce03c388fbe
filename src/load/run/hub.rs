//! The hub of a run: started if it is the built-in one, looked at while the run goes on, looked into when it is over.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use super::begin::{CONNECT_WITHIN, RunError, Setup};
use super::shared::{HubNow, Seen};
use crate::contract::control::{Capability, Description, Reply, Request, Stats};
use crate::contract::user::UserId;
use crate::event::{Facts, Limit};
use crate::figures::{HubFigures, TargetFigures};
use crate::live::{Caller, Started};
use crate::load::profile::{Answers, Commands, Level, Profile};
use crate::load::target::Target;

/// What the built-in hub says when it can be connected to.
const LISTENING: &str = "listening on ";

/// How long a hub may take to begin.
const BEGINS_WITHIN: Duration = Duration::from_secs(20);

/// Calls in flight up to which the hub is asked for those that it holds: it names every one.
const MANY_PENDING: u64 = 1_000;

/// How long one look may take.
const LOOK_WITHIN: Duration = Duration::from_secs(2);

/// How long a hub may take to notice that calls and sockets have gone, and how often it is asked.
const NOTICES_WITHIN: Duration = Duration::from_secs(2);
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// A hub, and what is known of it.
#[derive(Debug)]
pub(super) struct Hub {
    started: Option<Started>,
    caller: Option<Caller>,
    description: Option<Description>,
    pub(super) figures: TargetFigures,
    socket_path: String,
    token: Option<String>,
    known: HubFigures,
    first: Stats,
    /// The processor time that it had used at the last look, and when that was.
    last: Option<(f64, Instant)>,
}

impl Hub {
    /// Starts it, or takes note of where it is.
    pub(super) async fn start(setup: &Setup) -> Result<Self, RunError> {
        let mut figures = TargetFigures::default();
        let (mut socket_path, mut token, mut started) = ("/socket.io/".to_owned(), None, None);
        match &setup.target {
            Target::BuiltIn { variant } => {
                let seed = setup.profile.seed.to_string();
                let mut arguments =
                    vec!["hub", "--listen", "127.0.0.1:0", "--seed", &seed, "--log-level", "error", "--end-with-input"];
                if let Some(variant) = variant {
                    arguments.extend(["--variant", variant]);
                }
                let hub = Started::program(&setup.program, &arguments)?;
                let line = timeout(BEGINS_WITHIN, hub.says(LISTENING)).await.ok().flatten();
                let addresses = line.as_deref().and_then(|line| line.strip_prefix(LISTENING)?.split_once(" control "));
                let Some((url, control)) = addresses else {
                    let said = hub.last_lines();
                    return Err(RunError::NotUp(format!("the built-in hub did not begin to listen; it said {said:?}")));
                };
                (figures.url, figures.control) = (url.to_owned(), Some(control.to_owned()));
                (figures.built_in, figures.variant) = (true, variant.clone());
                started = Some(hub);
            }
            Target::Remote(remote) => {
                (figures.url, figures.control) = (remote.url.clone(), remote.control.clone());
                figures.name.clone_from(&remote.url);
                (socket_path, token) = (remote.socket_path.clone(), remote.token.clone());
            }
        }
        let caller = figures.control.as_deref().map(|control| Caller::of(control, token.clone())).transpose()?;
        Ok(Self {
            started,
            caller,
            description: None,
            figures,
            socket_path,
            token,
            known: HubFigures::default(),
            first: Stats::default(),
            last: None,
        })
    }

    /// Ends it, if it was started here.
    pub(super) async fn end(&self) {
        if let Some(started) = &self.started {
            started.end().await;
            started.ended().await;
        }
    }

    /// How it ended, if it was started here and has.
    pub(super) fn has_ended(&self) -> Option<String> {
        self.started.as_ref().and_then(Started::has_ended)
    }

    pub(super) fn url(&self) -> &str {
        &self.figures.url
    }

    pub(super) fn socket_path(&self) -> &str {
        &self.socket_path
    }

    /// Address and token of its control API.
    pub(super) fn control(&self) -> Option<(&str, Option<&str>)> {
        self.figures.control.as_deref().map(|control| (control, self.token.as_deref()))
    }

    async fn ask(&self, request: Request, within: Duration) -> Option<Reply> {
        timeout(within, self.caller.as_ref()?.ask(&request)).await.ok()?.ok()
    }

    fn offers(&self, capability: Capability) -> bool {
        self.description.as_ref().is_some_and(|description| description.offers(capability))
    }

    /// Asks what it is, and whether it can be asked what the profile asks.
    pub(super) async fn describe(&mut self, profile: &Profile) -> Result<(), RunError> {
        let (Some(caller), Some(url)) = (&self.caller, self.figures.control.clone()) else { return Ok(()) };
        let answer = timeout(CONNECT_WITHIN, caller.ask(&Request::Describe)).await;
        let description = match answer {
            Ok(Ok(Reply::Description(description))) => description,
            Ok(Ok(Reply::Refused(refusal))) => return Err(RunError::Control { url, why: refusal.to_string() }),
            Ok(Ok(other)) => return Err(RunError::Control { url, why: format!("no description, but {other:?}") }),
            Ok(Err(trouble)) => return Err(RunError::NotUp(trouble.to_string())),
            Err(_) => return Err(RunError::Control { url, why: format!("no answer within {CONNECT_WITHIN:?}") }),
        };
        let needed = |level| match level {
            Level::Command => Capability::Commands,
            Level::Call => Capability::Calls,
        };
        if profile.commands != Commands::None {
            let lacks = profile.actions.iter().map(|mix| needed(mix.level)).find(|need| !description.offers(*need));
            if let Some(lacks) = lacks {
                return Err(RunError::NotOffered { url, capability: lacks.name() });
            }
        }
        self.figures.name.clone_from(&description.name);
        self.figures.version = Some(description.version.clone());
        self.description = Some(description);
        Ok(())
    }

    /// What its own words say of its limits.
    pub(super) fn facts(&self) -> Facts {
        let settings = self.description.as_ref().map(|description| description.settings.clone()).unwrap_or_default();
        let grace = settings.grace_s.and_then(|grace| Duration::try_from_secs_f64(grace).ok()).unwrap_or_default();
        let limit = settings.max_bytes.map(|max_bytes| Limit { max_bytes, exact: settings.counts.is_some() });
        Facts { scale: 1.0, tolerance: Duration::ZERO, grace, log: false, limit }
    }

    async fn stats(&self) -> Option<Stats> {
        if !self.offers(Capability::Stats) {
            return None;
        }
        match self.ask(Request::Stats, LOOK_WITHIN).await {
            Some(Reply::Stats(stats)) => Some(stats),
            _ => None,
        }
    }

    /// Looks before anything has connected.
    pub(super) async fn looked_at_first(&mut self) {
        self.first = self.stats().await.unwrap_or_default();
        self.last = self.first.cpu_s.map(|cpu| (cpu, Instant::now()));
        self.known.rss_bytes = self.first.rss_bytes;
        self.known.rss_peak_bytes = self.first.rss_bytes;
        "stats".clone_into(&mut self.known.source);
    }

    /// Looks when all plugins are connected and nothing else has happened.
    pub(super) async fn looked_at_idle(&mut self, plugins: u64) {
        let idle = self.stats().await.unwrap_or_default();
        let grown = idle.rss_bytes.zip(self.first.rss_bytes).map(|(now, before)| now.saturating_sub(before));
        self.known.rss_per_plugin_bytes = grown.and_then(|grown| grown.checked_div(plugins));
    }

    /// Looks at it while the run goes on, with so many calls in flight.
    pub(super) async fn look(&mut self, in_flight: u64) -> HubNow {
        let pending = if in_flight > MANY_PENDING { None } else { self.pending(LOOK_WITHIN).await };
        let Some(stats) = self.stats().await else { return HubNow { pending, ..HubNow::default() } };
        let now = Instant::now();
        let cpu = stats.cpu_s.zip(self.last).map(|(cpu, (before, at))| {
            let span = now.saturating_duration_since(at).as_secs_f64().max(1e-3);
            (cpu - before).max(0.0) / span
        });
        self.last = stats.cpu_s.map(|cpu| (cpu, now));
        self.known.rss_bytes = stats.rss_bytes.or(self.known.rss_bytes);
        self.known.rss_peak_bytes = stats.rss_bytes.max(self.known.rss_peak_bytes);
        self.known.cpu_s = stats.cpu_s.zip(self.first.cpu_s).map(|(now, before)| (now - before).max(0.0));
        HubNow { rss_bytes: stats.rss_bytes, cpu, pending }
    }

    /// What is known of its process.
    pub(super) fn figures(&self) -> Option<HubFigures> {
        self.known.rss_bytes.or(self.known.rss_peak_bytes).map(|_| self.known.clone())
    }

    async fn pending(&self, within: Duration) -> Option<u64> {
        if !self.offers(Capability::Pending) {
            return None;
        }
        match self.ask(Request::Pending(None), within).await {
            Some(Reply::Pending(pending)) => Some(pending.count),
            _ => None,
        }
    }

    async fn sockets_of(&self, user: u64) -> Option<u64> {
        match self.ask(Request::Connections(UserId::from(user)), LOOK_WITHIN).await {
            Some(Reply::Connections(count)) => Some(count),
            _ => None,
        }
    }

    /// Looks into it when the run is over, while plugins are still connected: calls that it holds, and sockets that it counts
    /// though they are gone, of users who `lost` one, each with how many it should have. It gets a moment to notice.
    pub(super) async fn look_into(&mut self, profile: &Profile, lost: &[(u64, u64)], early: bool) -> Seen {
        let until = Instant::now() + NOTICES_WITHIN;
        let mut seen = Seen::default();
        if self.has_ended().is_some() {
            return seen;
        }
        loop {
            seen.pending = self.pending(CONNECT_WITHIN).await;
            if seen.pending.is_none_or(|pending| pending == 0) || early || Instant::now() >= until {
                break;
            }
            sleep(ASK_AGAIN).await;
        }
        // What the backend asks of its own accord goes on, or what others ask whose plugins these are, and so do calls that
        // were given up in haste.
        let alone = profile.commands != Commands::None && profile.answers == Answers::Own;
        seen.is_judged = alone && !early;
        if self.offers(Capability::Connections) && !early {
            for (user, wanted) in lost {
                loop {
                    let ghosts = self.sockets_of(*user).await.map_or(0, |counted| counted.saturating_sub(*wanted));
                    if ghosts == 0 || Instant::now() >= until {
                        if ghosts > 0 {
                            seen.ghosts += ghosts;
                            seen.haunted.get_or_insert(*user);
                        }
                        break;
                    }
                    sleep(ASK_AGAIN).await;
                }
            }
        }
        seen
    }
}
