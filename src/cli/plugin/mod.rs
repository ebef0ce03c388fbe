//! `hubproof plugin`: fake plugins at any hub.
//!
//! - `conduct`: which behaviour they have.
//! - `ask`: answers by hand, as they are typed.

mod ask;
mod conduct;

use std::cell::RefCell;
use std::io::IsTerminal as _;
use std::rc::Rc;

use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::sync::mpsc::Receiver;

use super::{Failure, Interruption};
use crate::contract::message::RESPONSE_EVENT;
use crate::contract::user::UserId;
use crate::event::{PluginId, Sight, Staying};
use crate::live::{Alone, LiveDriver};
use crate::report::PluginLog;
use crate::report::summary::exit;
use crate::stage::{Halt, Stage};
use ask::{Asking, Said};

/// Connect fake plugins to any hub, and show what they are told and say, until Ctrl-C.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where the hub's Socket.IO server is, such as `http://127.0.0.1:8000`.
    #[arg(long, env = "HUBPROOF_TARGET", value_name = "URL")]
    url: String,
    /// The path of Socket.IO there.
    #[arg(long, value_name = "PATH", default_value = "/socket.io/")]
    socket_path: String,
    /// Whose plugin it is; may be given several times.
    #[arg(long, value_name = "ID", default_value = "1", value_parser = super::user, allow_negative_numbers = true)]
    user: Vec<UserId>,
    /// The auth payload as JSON, instead of `{"user_id": ID}`; null sends none.
    #[arg(long, value_name = "JSON", value_parser = json_value, conflicts_with = "user")]
    auth: Option<Value>,
    /// A header of the WebSocket handshake, such as `Cookie: session=1`; may be given several times.
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// How many plugins each user has, as one has several tabs.
    #[arg(long, value_name = "N", default_value = "1", value_parser = count, allow_negative_numbers = true)]
    count: usize,
    /// What they do with commands: the name of a ready-made behaviour, or a file in TOML [default: answers, or at-vinted with
    /// --vinted].
    #[arg(long, value_name = "NAME|FILE", conflicts_with = "ask", long_help = conduct::help())]
    behaviour: Option<String>,
    /// The fake Vinted where commands are carried out, such as `http://127.0.0.1:7900`.
    #[arg(long, value_name = "URL", conflicts_with = "ask")]
    vinted: Option<String>,
    /// The seed of drawn delays and chances.
    #[arg(long, env = "HUBPROOF_SEED", default_value_t = 1, value_parser = super::seed, allow_negative_numbers = true)]
    seed: u64,
    /// How often in a row a plugin that has lost its connection tries to come back, after 1 s, 2 s, 4 s and then 5 s each.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32), allow_negative_numbers = true)]
    reconnect: u32,
    /// Show every frame as well.
    #[arg(long)]
    raw: bool,
    /// Answer by hand: type `ok JSON`, `error TEXT`, `silent`, or JSON alone.
    #[arg(long)]
    ask: bool,
}

/// Reads JSON.
fn json_value(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("it must be JSON: {error}"))
}

/// Headers that the handshake itself is made of.
const ITS_OWN: [&str; 6] =
    ["connection", "upgrade", "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions", "host"];

/// Reads a header.
pub(super) fn header(text: &str) -> Result<(String, String), String> {
    let wrong = || "it must be NAME: VALUE, such as 'Cookie: session=1'".to_owned();
    let (name, value) = text.split_once(':').ok_or_else(wrong)?;
    let name = name.trim().to_lowercase();
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(token) || value.contains(char::is_control) {
        return Err(wrong());
    }
    if ITS_OWN.contains(&name.as_str()) {
        return Err(format!("'{name}' belongs to the WebSocket handshake itself"));
    }
    Ok((name, value.trim().to_owned()))
}

/// The most plugins of a user: beyond what a process may have open.
const MOST: usize = 20_000;

/// Reads how many plugins.
fn count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (1..=MOST).contains(count));
    count.ok_or_else(|| format!("it must be a whole number from 1 to {MOST}"))
}

/// Connects plugins, and lets them go on until it is told to stop or none is left.
///
/// # Errors
/// [`Failure::Usage`] if the behaviour or an address is none, [`Failure::Untold`] if the hub cannot be reached or keeps no plugin.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let (name, behaviour) = conduct::of(arguments)?;
    let alone = Alone {
        url: arguments.url.clone(),
        socket_io_path: arguments.socket_path.clone(),
        headers: arguments.header.clone(),
        vinted: arguments.vinted.clone(),
        seed: arguments.seed,
    };
    let auths: Vec<Option<Value>> = match &arguments.auth {
        Some(auth) => vec![Some(auth.clone()).filter(|auth| !auth.is_null())],
        None => arguments.user.iter().map(|user| Some(json!({ "user_id": user }))).collect(),
    };
    let plugins = auths.len().saturating_mul(arguments.count);
    let width = || {
        let size = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
        size.map(|(width, _)| usize::from(width.0))
    };
    let log = PluginLog::new(anstream::stdout(), Box::new(width), arguments.raw, plugins > 1);
    super::in_runtime(Builder::new_current_thread(), async {
        let mut interruption = Interruption::awaited()?;
        let driver = LiveDriver::alone(alone).map_err(|error| Failure::Usage(error.to_string()))?;
        let mut stage = Stage::solo(Box::new(driver), arguments.reconnect);
        let log = Rc::new(RefCell::new(log));
        let users = match (&arguments.auth, arguments.user.as_slice()) {
            (Some(_), _) => "with an auth of its own".to_owned(),
            (None, [user]) => format!("of user {user}"),
            (None, users) => format!("of {} users", users.len()),
        };
        let number = if plugins == 1 { "1 plugin".to_owned() } else { format!("{plugins} plugins") };
        let (version, url, seed) = (env!("CARGO_PKG_VERSION"), &arguments.url, arguments.seed);
        log.borrow_mut().head(&format!("hubproof {version}: {number} {users} at {url}, behaviour {name}, seed {seed}"));
        let asking = arguments.ask.then(|| Rc::new(RefCell::new(Asking::default())));
        let (watching, heard) = (Rc::clone(&log), asking.clone());
        stage.watch(Box::new(move |sight| {
            watching.borrow_mut().see(sight);
            if let (Some(asking), Sight::Event(event)) = (&heard, sight) {
                asking.borrow_mut().see(event);
            }
        }));
        let added = auths.iter().flat_map(|auth| std::iter::repeat_n(auth, arguments.count));
        let added: Vec<PluginId> = added.map(|auth| stage.plugin(auth.clone(), behaviour.clone())).collect();
        let entered = tokio::select! {
            entered = enter(&mut stage, &added, &log) => Some(entered),
            () = interruption.came() => None,
        };
        let ended = match entered {
            Some(Ok(())) => go_on(&mut stage, &log, asking, &mut interruption).await,
            Some(Err(failure)) => Err(failure),
            None => Ok(exit::HELD),
        };
        log.borrow_mut().prompt("");
        log.borrow_mut().begin_line_again();
        stage.farewell().await;
        ended
    })
}

/// Connects the plugins one after the other.
async fn enter(stage: &mut Stage, plugins: &[PluginId], log: &Log) -> Result<(), Failure> {
    for plugin in plugins {
        match stage.enter(*plugin).await {
            Ok(_) => {}
            Err(Halt::Trouble(why)) => return Err(Failure::Untold(why)),
            Err(halt) => return Err(halt.into()),
        }
        written(log)?;
    }
    Ok(())
}

type Log = Rc<RefCell<PluginLog<anstream::AutoStream<std::io::Stdout>>>>;

/// Whether everything could be written; `false` if its reader has gone.
fn written(log: &Log) -> Result<bool, Failure> {
    match log.borrow_mut().failure() {
        None => Ok(true),
        Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Some(error) => Err(Failure::Usage(format!("cannot write to stdout: {error}"))),
    }
}

/// Goes on until it is told to stop, or no plugin is left, or nobody listens or answers any more.
async fn go_on(
    stage: &mut Stage,
    log: &Log,
    asking: Option<Rc<RefCell<Asking>>>,
    interruption: &mut Interruption,
) -> Result<u8, Failure> {
    let mut typed = asking.as_ref().map(|_| ask::typed());
    if asking.is_some() && std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        log.borrow_mut().prompt("> ");
    }
    loop {
        if let Some(asking) = &asking {
            answer(stage, log, asking);
            if asking.borrow().is_done() {
                return Ok(exit::HELD);
            }
        }
        if !written(log)? {
            return Ok(exit::HELD);
        }
        if !stage.is_manned() {
            return left(stage, log);
        }
        let full = asking.as_ref().is_some_and(|asking| asking.borrow().is_full());
        // None goes before the others: each may have something every time.
        tokio::select! {
            () = interruption.came() => return Ok(exit::HELD),
            line = next(&mut typed), if !full => {
                if let Some(asking) = &asking {
                    asking.borrow_mut().take(line.as_deref());
                }
            }
            () = stage.go_on() => {}
        }
    }
}

/// The next line that is typed, nothing at the end; never where nothing is read.
async fn next(typed: &mut Option<Receiver<String>>) -> Option<String> {
    let Some(lines) = typed else { return std::future::pending().await };
    let line = lines.recv().await;
    if line.is_none() {
        *typed = None;
    }
    line
}

/// Sends the answers that were typed for commands that have come.
fn answer(stage: &mut Stage, log: &Log, asking: &Rc<RefCell<Asking>>) {
    loop {
        // The watcher takes the desk again when something is sent.
        let Some(said) = asking.borrow_mut().said() else { return };
        match said {
            Said::Note(note) => log.borrow_mut().note(&note),
            Said::Response(waiting, body) => {
                if let Err(halt) = stage.say(waiting.plugin, RESPONSE_EVENT, vec![body]) {
                    asking.borrow_mut().put_back(waiting, &halt.to_string());
                }
            }
        }
    }
}

/// What it means that no plugin is left.
fn left(stage: &Stage, log: &Log) -> Result<u8, Failure> {
    let Some((plugin, why)) = stage.stranded() else { return Ok(exit::HELD) };
    let why = match why {
        Staying::Refused => {
            let said = log.borrow().refusal().unwrap_or("without a word").to_owned();
            format!("the hub refuses {plugin}: {said}; does it want another --user, --auth or --header?")
        }
        Staying::Dismissed => format!("the hub has disconnected {plugin}"),
        Staying::TriedEnough(0) => format!("{plugin} has lost its connection"),
        Staying::TriedEnough(1) => format!("{plugin} has lost its connection, and 1 attempt to come back failed"),
        Staying::TriedEnough(times) => {
            format!("{plugin} has lost its connection, and {times} attempts to come back failed")
        }
    };
    Err(Failure::Untold(why))
}
