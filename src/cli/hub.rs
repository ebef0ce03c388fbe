//! `hubproof hub`: serves the reference hub.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use tokio::io::AsyncReadExt as _;
use tokio::runtime::Builder;

use super::{Failure, Interruption};
use crate::hub::config::DEFAULT_MAX_BYTES;
use crate::hub::{HubConfig, LogLevel, LogLine, VARIANTS, Variant};
use crate::live::{EchoOptions, EchoServer, HubServer, ServeOptions};
use crate::report::summary::exit;
use crate::stage::ServerManners;

/// Serve the reference hub with its control API, until Ctrl-C.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen; port 0 takes a free one. The address is printed.
    #[arg(long, env = "HUBPROOF_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:7800", value_parser = address)]
    listen: SocketAddr,
    /// What control requests have to carry as `Authorization: Bearer …`; needed on any address but loopback.
    #[arg(long, env = "HUBPROOF_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    control_token: Option<String>,
    /// Serve a hub that is broken on purpose; `hubproof variants --list` shows which there are.
    #[arg(long, value_name = "NAME", value_parser = variant_names(), hide_possible_values = true)]
    variant: Option<String>,
    /// Seed of the numbers in request ids.
    #[arg(long, env = "HUBPROOF_SEED", default_value_t = 1, value_parser = super::seed, allow_negative_numbers = true)]
    seed: u64,
    /// The largest packet, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_MAX_BYTES, value_parser = bytes, allow_negative_numbers = true)]
    max_bytes: usize,
    /// How long a user may be without a socket before its calls fail, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = super::seconds, allow_negative_numbers = true)]
    grace: Duration,
    /// From one ping to the next, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "25", value_parser = super::some_seconds, allow_negative_numbers = true)]
    ping_interval: Duration,
    /// How long a client may take to answer a ping, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = super::some_seconds, allow_negative_numbers = true)]
    ping_timeout: Duration,
    /// How long a client may stay without CONNECT, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "45", value_parser = super::some_seconds, allow_negative_numbers = true)]
    connect_timeout: Duration,
    /// Serve no hub, but the echo events that `hubproof conformance` asks of a server.
    #[arg(long, conflicts_with_all = ["variant", "max_bytes", "grace"])]
    echo: bool,
    /// End when standard input ends, as whoever started this holds it open.
    #[arg(long, hide = true)]
    end_with_input: bool,
    /// The least grave lines to log.
    #[arg(long, value_enum, env = "HUBPROOF_LOG_LEVEL", default_value_t = Level::Info)]
    log_level: Level,
}

/// The levels of the hub's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Level {
    /// Every command.
    Debug,
    /// Connections too.
    Info,
    /// Ignored responses too.
    Warn,
    /// Timeouts and failures.
    Error,
}

impl Level {
    const fn least(self) -> LogLevel {
        match self {
            Self::Debug => LogLevel::Debug,
            Self::Info => LogLevel::Info,
            Self::Warn => LogLevel::Warn,
            Self::Error => LogLevel::Error,
        }
    }
}

/// The names that `--variant` takes.
pub(super) fn variant_names() -> PossibleValuesParser {
    PossibleValuesParser::new(VARIANTS.iter().map(|variant| variant.name))
}

/// Reads an address to listen on.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "it must be an IP address and a port, such as 127.0.0.1:7800 or [::1]:0".to_owned())
}

fn bytes(text: &str) -> Result<usize, String> {
    let bytes = text.parse().ok().filter(|bytes| *bytes > 0);
    bytes.ok_or_else(|| "it must be a whole number of bytes, at least 1".to_owned())
}

/// Serves until it is told to stop.
///
/// # Errors
/// [`Failure::Usage`] if it cannot listen there.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    if arguments.echo {
        return echo(arguments);
    }
    let flaws = arguments.variant.as_deref().and_then(Variant::named).map(Variant::flaws).unwrap_or_default();
    let config = HubConfig {
        seed: arguments.seed,
        max_bytes: arguments.max_bytes,
        grace: arguments.grace,
        flaws,
        ..HubConfig::default()
    };
    let least = arguments.log_level.least();
    let log = move |line: &LogLine| {
        if line.level >= least {
            // As one piece, since nothing is kept back on the way. The hub goes on when nobody reads its log any more.
            let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
        }
    };
    let options = ServeOptions {
        listen: arguments.listen,
        control_token: arguments.control_token.clone(),
        log: Arc::new(log),
        manners: arguments.manners(),
        ..ServeOptions::default()
    };
    super::in_runtime(Builder::new_multi_thread(), async {
        let mut interruption = Interruption::awaited()?;
        let hub = HubServer::start(config, options).map_err(|error| Failure::Usage(error.to_string()))?;
        // Nor is it any matter to the hub that nobody reads where it listens.
        let _ = writeln!(std::io::stdout(), "listening on {} control {}", hub.url(), hub.control_url());
        tokio::select! {
            () = interruption.came() => hub.shutdown().await,
            () = input_ends(), if arguments.end_with_input => hub.shutdown().await,
            () = hub.stopped() => {}
        }
        Ok(exit::HELD)
    })
}

impl Arguments {
    fn manners(&self) -> ServerManners {
        ServerManners {
            ping_interval: self.ping_interval,
            ping_timeout: self.ping_timeout,
            connect_timeout: self.connect_timeout,
            ..ServerManners::default()
        }
    }
}

/// Resolves when standard input has ended, or cannot be read.
async fn input_ends() {
    let mut input = tokio::io::stdin();
    let mut room = [0; 64];
    while input.read(&mut room).await.is_ok_and(|read| read > 0) {}
}

/// Serves the echo events until it is told to stop.
fn echo(arguments: &Arguments) -> Result<u8, Failure> {
    let options = EchoOptions { listen: arguments.listen, manners: arguments.manners() };
    super::in_runtime(Builder::new_multi_thread(), async {
        let mut interruption = Interruption::awaited()?;
        let server = EchoServer::start(options).map_err(|error| Failure::Usage(error.to_string()))?;
        // Nor is it any matter to the server that nobody reads where it listens.
        let _ = writeln!(std::io::stdout(), "listening on {} echo", server.url());
        interruption.came().await;
        server.shutdown().await;
        Ok(exit::HELD)
    })
}
