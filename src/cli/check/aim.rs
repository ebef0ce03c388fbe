//! The options that say what is run against what.

use std::path::PathBuf;
use std::time::Duration;

use crate::cli::hub::variant_names;

/// Which scenarios there are, and what they are run against.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Aim {
    /// Features of your own, instead of the built-in ones: every `*.feature` below this folder.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) features: Option<PathBuf>,
    /// Behaviours of plugins of your own, for scenarios to name: every `*.toml` in this folder. They win over built-in ones, and
    /// over those that `--features DIR` finds in `DIR/behaviours`.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) behaviours: Option<PathBuf>,
    /// The built-in hub in virtual time, instead of over real sockets.
    #[arg(long, conflicts_with_all = ["target", "time_scale"])]
    pub(in crate::cli) sim: bool,
    /// A hub of your own: where its Socket.IO server is, such as `http://127.0.0.1:8000`.
    #[arg(long, env = "HUBPROOF_TARGET", value_name = "URL", requires = "control", conflicts_with = "variant")]
    pub(in crate::cli) target: Option<String>,
    /// Where that hub offers the control API, such as `http://127.0.0.1:8000/hubproof/v1`.
    #[arg(long, env = "HUBPROOF_CONTROL", value_name = "URL", requires = "target")]
    pub(in crate::cli) control: Option<String>,
    /// What the control API of that hub wants as `Authorization: Bearer …`.
    #[arg(long, env = "HUBPROOF_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub(in crate::cli) control_token: Option<String>,
    /// A command for the shell that starts that hub: hubproof waits for it, reads what it writes as its log, and ends it.
    #[arg(long, value_name = "COMMAND", requires = "target")]
    pub(in crate::cli) start: Option<String>,
    /// How long that hub may take until it answers, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = crate::cli::seconds, requires = "start", allow_negative_numbers = true)]
    pub(in crate::cli) start_within: Duration,
    /// The path of Socket.IO at the target.
    #[arg(long, value_name = "PATH", default_value = "/socket.io/", requires = "target")]
    pub(in crate::cli) socket_path: String,
    /// A built-in hub that is broken on purpose; `hubproof variants --list` shows which there are.
    #[arg(long, value_name = "NAME", value_parser = variant_names(), hide_possible_values = true)]
    pub(in crate::cli) variant: Option<String>,
    /// The seed of everything that is drawn.
    #[arg(long, env = "HUBPROOF_SEED", default_value_t = 1, value_parser = crate::cli::seed, allow_negative_numbers = true)]
    pub(in crate::cli) seed: u64,
    /// Real seconds for a documented one [default: 0.01 for the built-in hub, 0.1 for a target].
    #[arg(long, env = "HUBPROOF_TIME_SCALE", value_name = "FACTOR", value_parser = time_scale, allow_negative_numbers = true)]
    pub(in crate::cli) time_scale: Option<f64>,
}

fn time_scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if (0.001..=1.0).contains(&scale) => Ok(scale),
        _ => Err("it must be a number from 0.001 to 1".to_owned()),
    }
}
