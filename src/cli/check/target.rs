//! What the scenarios are run against.

use std::rc::Rc;

use super::aim::Aim;
use super::start::Process;
use crate::cli::Failure;
use crate::hub::{HubConfig, Variant};
use crate::live::{LiveDriver, Remote};
use crate::report::Mode;
use crate::sim::SimDriver;
use crate::stage::{Driver, Halt, Stage};

/// Scenarios of the built-in hub over real sockets that run at once: most of them wait most of the time.
const AT_ONCE: usize = 8;

/// What the scenarios are run against.
pub(in crate::cli) enum Target {
    Sim(HubConfig),
    Live(HubConfig, f64),
    /// A target elsewhere, and its process if hubproof has started it.
    Remote(Remote, Option<Rc<Process>>),
}

impl Target {
    /// The target of a run with this seed.
    pub(in crate::cli) fn of(aim: &Aim, seed: u64, started: Option<&Rc<Process>>) -> Self {
        let flaws = aim.variant.as_deref().and_then(Variant::named).map(Variant::flaws).unwrap_or_default();
        let config = HubConfig { seed, flaws, ..HubConfig::default() };
        match (&aim.target, &aim.control) {
            (Some(url), Some(control)) => {
                let remote = Remote {
                    url: url.clone(),
                    socket_io_path: Some(aim.socket_path.clone()),
                    control: control.clone(),
                    token: aim.control_token.clone(),
                    scale: aim.time_scale.unwrap_or(0.1),
                    seed,
                };
                Self::Remote(remote, started.cloned())
            }
            _ if aim.sim => Self::Sim(config),
            _ => Self::Live(config, aim.time_scale.unwrap_or(0.01)),
        }
    }

    pub(in crate::cli) fn mode(&self) -> Mode {
        match self {
            Self::Sim(_) => Mode::Sim,
            Self::Live(..) => Mode::Live,
            Self::Remote(remote, _) => Mode::Remote { url: remote.url.clone(), control: remote.control.clone() },
        }
    }

    pub(in crate::cli) const fn scale(&self) -> f64 {
        match self {
            Self::Sim(_) => 1.0,
            Self::Live(_, scale) => *scale,
            Self::Remote(remote, _) => remote.scale,
        }
    }

    /// Lets so many real seconds pass for a documented one, where that is not virtual.
    pub(in crate::cli) fn slow_down(&mut self, to: f64) {
        match self {
            Self::Sim(_) => {}
            Self::Live(_, scale) => *scale = to,
            Self::Remote(remote, _) => remote.scale = to,
        }
    }

    /// How many scenarios run at once. A target that is not ours is one for all scenarios, and virtual time never waits.
    ///
    /// # Errors
    /// Where the user asks for a number that cannot be.
    pub(in crate::cli) fn at_once(&self, jobs: Option<u8>) -> Result<usize, Failure> {
        let why = match (self, jobs) {
            (Self::Live(..), jobs) => return Ok(jobs.map_or(AT_ONCE, usize::from)),
            (_, None) => return Ok(1),
            (Self::Sim(_), Some(_)) => "virtual time never waits, so its scenarios run one after the other",
            (Self::Remote(..), Some(_)) => "a target is one for all scenarios, and each begins with its reset",
        };
        Err(Failure::Usage(format!("--jobs is for the built-in hub over real sockets: {why}; leave out --jobs")))
    }

    /// A driver for the next scenario, once the target is back if an earlier one has shut it down.
    ///
    /// # Errors
    /// [`Halt::Trouble`] if there is none.
    pub(in crate::cli) async fn open(&self) -> Result<Box<dyn Driver>, Halt> {
        if let Self::Remote(_, Some(started)) = self {
            started.come_back(self).await?;
        }
        self.driver()
    }

    fn driver(&self) -> Result<Box<dyn Driver>, Halt> {
        let trouble = |error: &dyn std::fmt::Display| Halt::Trouble(error.to_string());
        Ok(match self {
            Self::Sim(config) => Box::new(SimDriver::new(config.clone())),
            Self::Live(config, scale) => {
                Box::new(LiveDriver::own_hub(config.clone(), *scale).map_err(|error| trouble(&error))?)
            }
            Self::Remote(remote, started) => {
                let mut driver = LiveDriver::remote(remote.clone()).map_err(|error| trouble(&error))?;
                if let Some(started) = started {
                    started.lend(&mut driver)?;
                }
                Box::new(driver)
            }
        })
    }

    /// What the target calls itself; a remote one is asked, and its Socket.IO server is tried, so that what cannot be
    /// tested is said once.
    pub(in crate::cli) async fn describe(&self) -> Result<String, Failure> {
        let Self::Remote(remote, _) = self else {
            return Ok("the built-in reference hub".to_owned());
        };
        let driver = LiveDriver::remote(remote.clone()).map_err(|error| Failure::Usage(error.to_string()))?;
        let at = |halt| Failure::Untold(format!("{halt} (control API: {})", remote.control));
        let mut stage = Stage::open(Box::new(driver)).await.map_err(at)?;
        stage.knock().await?;
        let description = stage.description();
        let name = format!("{} {}", description.name, description.version);
        // It is the target's own word, and shown in a line.
        Ok(name.replace(char::is_control, "\u{fffd}"))
    }
}
