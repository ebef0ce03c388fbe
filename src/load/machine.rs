//! Whether this machine can hold a run: open files, local ports, memory. Looked at before anything starts, so that a limit is
//! named with its remedy and not seen as connections that fail.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::profile::{Answers, Closing, Commands, MassBehaviour, Profile};
use super::target::Target;

/// What this machine has for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Files that a process may have open: the soft limit, and the hard one up to which it can be raised. `None` is no limit.
    pub open_files: Option<u64>,
    /// The hard one.
    pub open_files_hard: Option<u64>,
    /// The first and the last local port that connections are given; one pair of addresses has each once.
    pub ports: (u16, u16),
    /// Memory that can be had, in bytes, where the system tells.
    pub memory: Option<u64>,
}

/// What a run needs of this machine, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Plugins that are connected at once.
    pub plugins: u64,
    /// Connections to the control API for the calls that are in flight at once.
    pub askers: u64,
    /// Local ports for plugins: those in use, and those of closed connections, which the system keeps for a minute.
    pub ports: u64,
    /// Memory of the harness, and of the hub where it is the built-in one, in bytes.
    pub memory: u64,
    /// The most calls that are in flight if every one takes its whole timeout.
    pub most_askers: u64,
}

/// What a run gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The local addresses that plugins connect from in turn; empty: whichever the system takes.
    pub sources: Vec<IpAddr>,
    /// How many connections to the control API there may be.
    pub askers: u64,
}

/// Why this machine cannot hold a run, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MachineError {
    /// Too few files.
    #[error(
        "this run needs {needed} open files ({plugins} plugins and {askers} connections that ask) and a process may have {has} \
         here: raise the hard limit ('ulimit -Hn {round}' as root, LimitNOFILE={round} in a systemd unit, --ulimit \
         nofile={round} in Docker), or take fewer plugins or a lower rate"
    )]
    OpenFiles {
        /// How many are needed.
        needed: u64,
        /// For plugins.
        plugins: u64,
        /// For connections to the control API.
        askers: u64,
        /// How many there may be.
        has: u64,
        /// What to ask for.
        round: u64,
    },
    /// Too few ports.
    #[error(
        "this run needs {needed} local ports within a minute and this machine has {has} to connect from \
         (net.ipv4.ip_local_port_range is {first} to {last}, {addresses} {noun}): widen it ('sysctl -w \
         net.ipv4.ip_local_port_range=\"1024 65535\"' as root), give further addresses of this machine with --local-address, or \
         take fewer plugins or fewer that close their connections",
        noun = if *addresses == 1 { "local address" } else { "local addresses" }
    )]
    Ports {
        /// How many are needed.
        needed: u64,
        /// How many there are, over all addresses.
        has: u64,
        /// The range.
        first: u16,
        /// Its end.
        last: u16,
        /// Local addresses.
        addresses: u64,
    },
    /// Too few ports to ask.
    #[error(
        "at this rate {needed} calls are in flight at once, each on a connection of its own to the control API, and this machine \
         has {has} local ports for them: lower the rate or the calls' timeout, or let fewer plugins be silent"
    )]
    AskerPorts {
        /// How many are needed.
        needed: u64,
        /// How many there are.
        has: u64,
    },
    /// Too little memory.
    #[error(
        "this run needs about {needed_mib} MiB of memory and {has_mib} MiB can be had: take fewer plugins, smaller payloads and \
         answers, or a lower rate"
    )]
    Memory {
        /// In MiB.
        needed_mib: u64,
        /// In MiB.
        has_mib: u64,
    },
}

/// Raises what can be raised, and looks whether a run fits. `local` are addresses that the user gives to connect from.
///
/// # Errors
/// [`MachineError`] if it does not fit.
pub fn prepare(profile: &Profile, target: &Target, local: &[IpAddr]) -> Result<Prepared, MachineError> {
    let needs = needs(profile, target);
    let limits = raised(limits(), needs.files());
    fits(&needs, &limits, target.is_loopback(), local)
}

/// Files of the harness itself, and what goes up and down.
const SPARE_FILES: u64 = 100;

/// What a plugin takes, in bytes: its connection in this process.
const PLUGIN: u64 = 16 << 10;
/// The same in the built-in hub.
const IN_HUB: u64 = 40 << 10;
/// What a connection to the control API takes on both sides.
const ASKER: u64 = 64 << 10;
/// What both processes take without any load.
const BASE: u64 = 64 << 20;
/// In how many copies what is sent lies in memory.
const COPIES: u64 = 4;

/// How long the system keeps the port of a connection that this side has closed.
const TIME_WAIT: Duration = Duration::from_secs(60);

/// What an answered call takes beside the plugin's own time, reckoned generously.
const OVERHEAD: Duration = Duration::from_millis(50);

/// What a profile needs.
#[must_use]
pub fn needs(profile: &Profile, target: &Target) -> Needs {
    let plugins = if profile.answers == Answers::Own { profile.plugins } else { 0 };
    let (askers, most_askers) = match profile.commands {
        Commands::None => (0, 0),
        Commands::Control { connections: Some(connections) } => (connections.into(), connections.into()),
        Commands::Control { connections: None } => {
            let longest = profile.longest_timeout().max(OVERHEAD);
            let most = whole(profile.rate.peak() * longest.as_secs_f64()).max(profile.rate.at_once());
            let mean = profile.rate.peak() * mean_time(profile);
            // Half as many again and some, since calls do not come evenly.
            let usual = whole(mean * 1.5).saturating_add(16).max(profile.rate.at_once());
            if profile.rate.at_once() == 0 { (0, 0) } else { (usual.min(most.max(16)), most.max(16)) }
        }
    };
    let each = if matches!(target, Target::BuiltIn { .. }) { PLUGIN + IN_HUB } else { PLUGIN };
    let largest = profile.actions.iter().map(|action| action.payload.most().saturating_add(action.answer.most())).max();
    let under_way = askers.saturating_mul(largest.unwrap_or(0)).saturating_mul(COPIES);
    let memory = BASE
        .saturating_add(plugins.saturating_mul(each))
        .saturating_add(askers.saturating_mul(ASKER))
        .saturating_add(under_way);
    Needs { plugins, askers, ports: plugins.saturating_add(closed_in_a_minute(profile)), memory, most_askers }
}

/// How long a call takes on average, in seconds.
fn mean_time(profile: &Profile) -> f64 {
    let longest = profile.longest_timeout();
    let times = profile.behaviours.iter().map(|mix| {
        let time = match mix.what {
            MassBehaviour::Silent | MassBehaviour::Late | MassBehaviour::WrongId => longest,
            MassBehaviour::SlowReader { bytes_per_s } => {
                let largest = profile.actions.iter().map(|action| action.payload.most()).max().unwrap_or(0);
                let reading = Duration::from_secs(largest / bytes_per_s.max(1));
                mix.delay.mean().saturating_add(reading).saturating_add(OVERHEAD).min(longest)
            }
            _ => mix.delay.mean().saturating_add(OVERHEAD).min(longest),
        };
        mix.share * time.as_secs_f64()
    });
    times.sum()
}

/// How many connections plugins close in order within a minute, at most.
fn closed_in_a_minute(profile: &Profile) -> u64 {
    if profile.answers == Answers::Others {
        return 0;
    }
    #[expect(clippy::cast_precision_loss, reason = "at most a million plugins")]
    let plugins = profile.plugins as f64;
    let closing = |how: Closing| how == Closing::Close;
    let storms: Vec<_> = profile.storms.iter().filter(|storm| closing(storm.how)).collect();
    let within = |first: Duration| {
        let minute = storms.iter().filter(move |storm| storm.at >= first && storm.at.saturating_sub(first) < TIME_WAIT);
        minute.map(|storm| storm.share * plugins).sum::<f64>()
    };
    let in_storms = storms.iter().map(|storm| within(storm.at)).fold(0.0, f64::max);
    let minute = TIME_WAIT.min(profile.duration).as_secs_f64();
    let by_drops = profile.behaviours.iter().map(|mix| match mix.what {
        MassBehaviour::DropSocket { how: Closing::Close, back_after } => {
            let asked = profile.rate.peak() * mix.share;
            let able = plugins * mix.share / back_after.as_secs_f64().max(0.01);
            asked.min(able) * minute
        }
        _ => 0.0,
    });
    whole(in_storms + by_drops.sum::<f64>())
}

/// A number that is not negative, rounded up.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is too large becomes the largest")]
fn whole(number: f64) -> u64 {
    number.ceil().max(0.0) as u64
}

impl Needs {
    /// Open files of the process that has most of them.
    #[must_use]
    pub const fn files(&self) -> u64 {
        self.plugins.saturating_add(self.askers).saturating_add(SPARE_FILES)
    }
}

/// Looks whether a run fits into what a machine has.
///
/// # Errors
/// [`MachineError`] if it does not.
pub fn fits(needs: &Needs, limits: &Limits, loopback: bool, local: &[IpAddr]) -> Result<Prepared, MachineError> {
    let files = limits.open_files.unwrap_or(u64::MAX);
    if needs.files() > files {
        let needed = needs.files();
        let round = needed.saturating_add(needed / 4).next_multiple_of(1000);
        let Needs { plugins, askers, .. } = *needs;
        return Err(MachineError::OpenFiles { needed, plugins, askers, has: files, round });
    }
    let sources = sources(needs, limits, loopback, local)?;
    let per_pair = limits.per_pair();
    if needs.askers > per_pair {
        return Err(MachineError::AskerPorts { needed: needs.askers, has: per_pair });
    }
    if let Some(memory) = limits.memory
        && needs.memory > memory
    {
        return Err(MachineError::Memory { needed_mib: needs.memory.div_ceil(1 << 20), has_mib: memory >> 20 });
    }
    let left = files.saturating_sub(needs.plugins).saturating_sub(SPARE_FILES).min(per_pair);
    Ok(Prepared { sources, askers: needs.most_askers.min(left) })
}

/// The addresses that connections come from, as many as ports are needed.
fn sources(needs: &Needs, limits: &Limits, loopback: bool, local: &[IpAddr]) -> Result<Vec<IpAddr>, MachineError> {
    let per_pair = limits.per_pair();
    let wanted = needs.ports.div_ceil(per_pair.max(1));
    let has = if !local.is_empty() {
        local.len() as u64
    } else if loopback {
        u64::from(LAST_LOOPBACK)
    } else {
        1
    };
    if wanted > has {
        let (first, last) = limits.ports;
        let all = per_pair.saturating_mul(has);
        return Err(MachineError::Ports { needed: needs.ports, has: all, first, last, addresses: has });
    }
    if !local.is_empty() || wanted <= 1 {
        return Ok(local.to_vec());
    }
    let hosts = (1..=LAST_LOOPBACK).zip(0..wanted);
    Ok(hosts.map(|(host, _)| IpAddr::V4(Ipv4Addr::new(127, 0, 0, host))).collect())
}

/// The loopback addresses 127.0.0.1 to this one are connected from where one has too few ports.
const LAST_LOOPBACK: u8 = 250;

impl Limits {
    /// Ports of one pair of addresses, less some for what else this machine does.
    const fn per_pair(&self) -> u64 {
        let (first, last) = self.ports;
        let all = (last as u64 + 1).saturating_sub(first as u64);
        all - all / 20
    }
}

/// What this machine has.
#[must_use]
pub fn limits() -> Limits {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let ports = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok().and_then(|text| range(&text));
    Limits {
        open_files: current,
        open_files_hard: maximum,
        // What Linux has if nobody has changed it.
        ports: ports.unwrap_or((32_768, 60_999)),
        memory: memory(),
    }
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.trim().split_once(char::is_whitespace)?;
    let (first, last) = (first.parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some((first, last))
}

/// What a file of Linux with lines of `name: value` says under this name, first of all if it does so more than once.
pub(crate) fn said_in(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(said, _)| said.trim() == name).map(|(_, value)| value.trim().to_owned())
}

/// What Linux says of the machine's memory under this name, in bytes.
pub(crate) fn bytes_of_memory(name: &str) -> Option<u64> {
    let kib: u64 = said_in("/proc/meminfo", name)?.strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib.saturating_mul(1024))
}

/// What the system can give, or what the process's group may have if that is less.
fn memory() -> Option<u64> {
    let available = bytes_of_memory("MemAvailable")?;
    let number = |file: &str| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok();
    let group = number("/sys/fs/cgroup/memory.max")
        .map(|most| most.saturating_sub(number("/sys/fs/cgroup/memory.current").unwrap_or(0)));
    Some(group.map_or(available, |group| group.min(available)))
}

/// Raises the soft limit of open files to the hard one, which processes that are started from here inherit.
fn raised(limits: Limits, needed: u64) -> Limits {
    let Limits { open_files, open_files_hard, .. } = limits;
    if open_files.is_none_or(|soft| soft >= needed) {
        return limits;
    }
    let wanted = Rlimit { current: open_files_hard, maximum: open_files_hard };
    match setrlimit(Resource::Nofile, wanted) {
        Ok(()) => Limits { open_files: open_files_hard, ..limits },
        // Then the limit is what it was, and the run is judged by that.
        Err(_) => limits,
    }
}

#[cfg(test)]
mod tests {
    use super::super::profile::Sources;
    use super::super::profile::raw::Raw;
    use super::*;

    fn profile(text: &str) -> Profile {
        Sources::text("p", "p.toml", text.to_owned()).unwrap().profile(Raw::default()).unwrap()
    }

    fn built_in() -> Target {
        Target::BuiltIn { variant: None }
    }

    fn usual() -> Limits {
        Limits {
            open_files: Some(20_000),
            open_files_hard: Some(20_000),
            ports: (32_768, 60_999),
            memory: Some(24 << 30),
        }
    }

    fn judged(text: &str, limits: &Limits, loopback: bool, local: &[IpAddr]) -> Result<Prepared, String> {
        fits(&needs(&profile(text), &built_in()), limits, loopback, local).map_err(|error| error.to_string())
    }

    #[test]
    fn ten_thousand_plugins_fit_where_a_process_may_have_twenty_thousand_files() {
        let prepared = judged("plugins = 10_000\nrate = 1000", &usual(), true, &[]).unwrap();
        assert_eq!(prepared.sources, Vec::<IpAddr>::new());
        assert!(prepared.askers > 100, "{prepared:?}");
    }

    #[test]
    fn too_many_plugins_for_the_open_files_are_refused_with_the_remedy() {
        let said = judged("plugins = 30_000\nrate = 'none'", &usual(), true, &[]).unwrap_err();
        assert_eq!(
            said,
            "this run needs 30100 open files (30000 plugins and 0 connections that ask) and a process may have 20000 here: raise \
             the hard limit ('ulimit -Hn 38000' as root, LimitNOFILE=38000 in a systemd unit, --ulimit nofile=38000 in Docker), \
             or take fewer plugins or a lower rate"
        );
        let unlimited = Limits { open_files: None, ..usual() };
        judged("plugins = 30_000\nrate = 'none'", &unlimited, true, &[]).unwrap();
    }

    #[test]
    fn calls_that_are_in_flight_for_long_need_files_too() {
        let silent = "plugins = 10\nrate = 1000\ntimeout = '60s'\n[[behaviours]]\nwhat = 'silent'";
        let said = judged(silent, &usual(), true, &[]).unwrap_err();
        assert!(said.contains("10 plugins and 60000 connections that ask"), "{said}");
        let said = judged(silent, &Limits { open_files: None, ..usual() }, true, &[]).unwrap_err();
        assert!(said.starts_with("at this rate 60000 calls are in flight at once"), "{said}");
    }

    #[test]
    fn where_ports_run_out_loopback_has_further_addresses_and_others_are_asked_for() {
        let unlimited = Limits { open_files: None, ..usual() };
        let many = "plugins = 60_000\nrate = 'none'";
        let prepared = judged(many, &unlimited, true, &[]).unwrap();
        assert_eq!(prepared.sources.len(), 3);
        assert_eq!(prepared.sources[2], IpAddr::from([127, 0, 0, 3]));
        let said = judged(many, &unlimited, false, &[]).unwrap_err();
        assert!(
            said.starts_with("this run needs 60000 local ports within a minute and this machine has 26821"),
            "{said}"
        );
        assert!(said.contains("1 local address)") && said.contains("--local-address"), "{said}");
        let local = [[192, 0, 2, 1], [192, 0, 2, 2], [192, 0, 2, 3]].map(IpAddr::from);
        assert_eq!(judged(many, &unlimited, false, &local).unwrap().sources, local);
        assert!(judged(many, &unlimited, false, &local[1..]).unwrap_err().contains("2 local addresses)"));
    }

    #[test]
    fn ports_of_connections_that_plugins_close_are_kept_for_a_minute() {
        let storms = "plugins = 10_000\nrate = 'none'\nduration = '200s'\nstorms = [\n\
            { at = '1s', how = 'close' }, { at = '20s', how = 'close' }, { at = '30s', how = 'reset' }, { at = '90s', how = 'close' }]";
        assert_eq!(needs(&profile(storms), &built_in()).ports, 30_000);
        let drops =
            "plugins = 1000\nrate = 100\nduration = '200s'\n[[behaviours]]\nwhat = 'drop_socket'\nhow = 'close'";
        assert_eq!(needs(&profile(drops), &built_in()).ports, 7000);
    }

    #[test]
    fn a_run_that_memory_cannot_hold_is_refused() {
        let large = "plugins = 10\nrate = 100\n[[actions]]\naction = 'VINTED_SYNC'\nanswer = '64MiB'";
        let said = judged(large, &Limits { memory: Some(2 << 30), ..usual() }, true, &[]).unwrap_err();
        assert!(said.starts_with("this run needs about 6") && said.contains("2048 MiB can be had"), "{said}");
        judged(large, &Limits { memory: None, ..usual() }, true, &[]).unwrap();
    }

    #[test]
    fn others_plugins_take_nothing_here() {
        let others = needs(&profile("plugins = 5000\nanswers = 'others'\nrate = 10"), &built_in());
        assert_eq!((others.plugins, others.ports), (0, 0));
        let nobody = needs(&profile("plugins = 5000\ncommands = 'none'"), &built_in());
        assert_eq!((nobody.plugins, nobody.askers), (5000, 0));
    }

    #[test]
    fn the_range_of_ports_is_read_as_the_system_writes_it() {
        assert_eq!(range("32768\t60999\n"), Some((32_768, 60_999)));
        assert_eq!(range("9 8"), None);
        assert_eq!(range("nonsense"), None);
    }
}
