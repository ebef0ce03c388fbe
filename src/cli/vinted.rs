//! `hubproof vinted`: serves the fake Vinted.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::runtime::Builder;

use super::{Failure, Interruption};
use crate::live::{VintedOptions, VintedServer};
use crate::report::summary::exit;
use crate::vinted::journal::Seen;
use crate::vinted::office::OFFICE;
use crate::vinted::{Mapping, Profile, Settings, Vinted, mapping};

/// Serve the fake Vinted, until Ctrl-C. Every request is told on stderr.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen; port 0 takes a free one. The address is printed.
    #[arg(long, env = "HUBPROOF_VINTED_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:7900", value_parser = super::hub::address)]
    listen: SocketAddr,
    /// How it behaves and what is there: the name of a ready-made profile, or a file in TOML.
    #[arg(long, value_name = "NAME|FILE", default_value = "normal", long_help = profile_help())]
    profile: String,
    /// A folder of stubs in WireMock's mapping format; may be given several times.
    #[arg(long, value_name = "DIR")]
    mappings: Vec<PathBuf>,
    /// Seed of latencies and of what happens by chance.
    #[arg(long, env = "HUBPROOF_SEED", default_value_t = 1, value_parser = super::seed, allow_negative_numbers = true)]
    seed: u64,
}

/// The profiles that there are.
fn profile_help() -> String {
    let line = |name| {
        let about = Profile::named(name).map(|profile| profile.about).unwrap_or_default();
        format!("  {name}: {about}")
    };
    let lines: Vec<String> = Profile::names().map(line).collect();
    format!("How it behaves and what is there: a file in TOML, or one of these profiles:\n{}", lines.join("\n"))
}

/// Serves until it is told to stop.
///
/// # Errors
/// [`Failure::Usage`] if it cannot listen there, or a profile or a mapping is wrong.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let mut mappings = Vec::new();
    for folder in &arguments.mappings {
        mappings.extend(read_mappings(folder)?);
    }
    // One's own come first.
    mappings.extend(Mapping::built_in());
    let settings = Settings { seed: arguments.seed, profile: profile(&arguments.profile)?, mappings };
    let model = Arc::new(Mutex::new(Vinted::new(settings)));
    let log = |seen: &Seen| {
        // The fake goes on when nobody reads its log any more.
        let _ = writeln!(std::io::stderr(), "{}", line(seen));
    };
    let options = VintedOptions { listen: arguments.listen, log: Arc::new(log), ..VintedOptions::default() };
    super::in_runtime(Builder::new_multi_thread(), async {
        let mut interruption = Interruption::awaited()?;
        let started = VintedServer::start(model, options).await;
        let server = started.map_err(|error| Failure::Usage(error.to_string()))?;
        let (url, profile, seed) = (server.url(), &arguments.profile, arguments.seed);
        // Nor is it any matter that nobody reads where it listens.
        let _ =
            writeln!(std::io::stdout(), "listening on {url} ledger {url}{OFFICE}/ledger profile {profile} seed {seed}");
        interruption.came().await;
        server.shutdown().await;
        Ok(exit::HELD)
    })
}

/// What a request came to, as a line.
fn line(seen: &Seen) -> String {
    let status = seen.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let rule = seen.rule.map(|rule| format!(" by rule {rule}")).unwrap_or_default();
    let nearest = seen.nearest.as_ref().map(|nearest| format!(": nothing is there; the nearest is {nearest}"));
    let line = format!("{} {} -> {status}{rule}{}", seen.method, seen.target, nearest.unwrap_or_default());
    // Whatever a client asks for, it is a line, and nothing that a terminal obeys.
    line.replace(char::is_control, "\u{fffd}")
}

/// A ready-made profile, or one of a file: what has a slash or ends in `.toml` is one.
fn profile(name: &str) -> Result<Profile, Failure> {
    let is_file = name.contains('/') || Path::new(name).extension().is_some_and(|extension| extension == "toml");
    let profile = if is_file { Profile::read(&read(Path::new(name))?, name) } else { Profile::named(name) };
    profile.map_err(|error| Failure::Usage(error.to_string()))
}

/// The mappings of a folder's JSON files, in the order of their names.
fn read_mappings(folder: &Path) -> Result<Vec<Mapping>, Failure> {
    let wrong =
        |error: std::io::Error| Failure::Usage(format!("cannot read the mappings in {}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        files.extend(path.extension().is_some_and(|extension| extension == "json").then_some(path));
    }
    if files.is_empty() {
        return Err(Failure::Usage(format!(
            "there is no mapping in {}: they are files that end in .json",
            folder.display()
        )));
    }
    files.sort();
    let mut mappings = Vec::new();
    for file in files {
        let read = mapping::read(&read(&file)?, &file.display().to_string());
        mappings.extend(read.map_err(|error| Failure::Usage(error.to_string()))?);
    }
    Ok(mappings)
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::Usage(format!("cannot read {}: {error}", file.display())))
}
