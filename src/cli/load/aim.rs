//! The options that say which hub is under load.

use std::net::IpAddr;

use crate::cli::Failure;
use crate::cli::hub::variant_names;
use crate::cli::plugin::header;
use crate::live::Base;
use crate::load::profile::{Commands, Profile};
use crate::load::target::{Remote, Target};

/// Which hub is under load.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which hub")]
pub(super) struct Aim {
    /// A hub of your own, instead of the built-in one in a process of its own: where its Socket.IO server is, such as
    /// `http://127.0.0.1:8000`.
    #[arg(long, env = "HUBPROOF_TARGET", value_name = "URL", conflicts_with = "variant")]
    pub(super) target: Option<String>,
    /// Where that hub offers the control API, such as `http://127.0.0.1:8000/hubproof/v1`; not needed with `--commands none`.
    #[arg(long, env = "HUBPROOF_CONTROL", value_name = "URL", requires = "target")]
    pub(super) control: Option<String>,
    /// What the control API of that hub wants as `Authorization: Bearer …`.
    #[arg(long, visible_alias = "token", env = "HUBPROOF_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub(super) control_token: Option<String>,
    /// The path of Socket.IO at that hub.
    #[arg(long, value_name = "PATH", default_value = "/socket.io/", requires = "target")]
    pub(super) socket_path: String,
    /// A header of every WebSocket handshake, such as `Cookie: session=1`; may be given several times.
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    pub(super) header: Vec<(String, String)>,
    /// A built-in hub that is broken on purpose; `hubproof variants --list` shows which there are.
    #[arg(long, value_name = "NAME", value_parser = variant_names(), hide_possible_values = true)]
    pub(super) variant: Option<String>,
    /// An address of this machine that plugins connect from, where one has too few ports; may be given several times
    /// [default: the system's choice; further ones of loopback where they are needed].
    #[arg(long, value_name = "ADDRESS", value_parser = local)]
    pub(super) local_address: Vec<IpAddr>,
}

fn local(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| "it must be an IP address of this machine, such as 192.0.2.7".to_owned())
}

impl Aim {
    /// The hub that a run of this profile is for.
    ///
    /// # Errors
    /// [`Failure::Usage`] if an address is none, or nobody could ask.
    pub(super) fn target(&self, profile: &Profile) -> Result<Target, Failure> {
        let Some(url) = &self.target else {
            if profile.commands == Commands::None {
                let why = "nobody asks the built-in hub if you do not: give the --target that asks of itself";
                return Err(Failure::Usage(format!("--commands none: {why}, or leave it out")));
            }
            return Ok(Target::BuiltIn { variant: self.variant.clone() });
        };
        let asks = profile.commands != Commands::None;
        if asks && self.control.is_none() {
            let why = "there is no control API to ask through: give its --control, or --commands none where the hub asks of itself";
            return Err(Failure::Usage(format!("--target {url}: {why}")));
        }
        for address in [Some(url), self.control.as_ref()].into_iter().flatten() {
            address.parse::<Base>().map_err(|error| Failure::Usage(error.to_string()))?;
        }
        Ok(Target::Remote(Remote {
            url: url.clone(),
            socket_path: self.socket_path.clone(),
            control: self.control.clone(),
            token: self.control_token.clone(),
            headers: self.header.clone(),
        }))
    }
}
