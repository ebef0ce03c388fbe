//! How many commands a second are answered by our plugins at our hub, both of them processes of their own, with so many commands in
//! flight; and how long one command at a time takes. The hub asks by itself, so nothing of the control API is in these figures.
//!
//! `cargo bench --bench commands`, or `cargo bench --bench commands -- --seconds 5` for another length of each row.
//!
//! `… -- serve PLUGINS IN_FLIGHT SECONDS` is the hub alone, which does and tells what `fixtures/hubs/README.md` says of such hubs:
//! `ci/compare-load` sets it beside those of other makers.

#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]
#![expect(clippy::cast_precision_loss, reason = "counts that are shown with few digits")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hubproof::contract::control::{CallBody, Outcome, Reply, Request};
use hubproof::contract::user::UserId;
use hubproof::hub::HubConfig;
use hubproof::live::{HubServer, ServeOptions};
use serde_json::{Value, json};

/// How long each row is measured, in seconds, unless it is told.
const SECONDS: f64 = 3.0;

/// Plugins, and commands in flight, of the first row.
const MANY: usize = 64;

/// The first plugin's user.
const FIRST: u64 = 1;

/// What makes this program the hub alone.
const SERVE: &str = "serve";

/// Asks one user after the other's answer until the time is over: how long each took.
async fn ask_until(hub: Arc<HubServer>, end: Instant, user: u64) -> Vec<Duration> {
    let mut took = Vec::new();
    let mut nonce = user << 32;
    loop {
        let begun = Instant::now();
        if begun >= end {
            return took;
        }
        nonce += 1;
        let payload = json!({"nonce": nonce.to_string()});
        let user_id = UserId::from(user);
        let call = CallBody { user_id, action: "VINTED_SYNC".to_owned(), payload, timeout_s: Some(60.into()) };
        match hub.ask(Request::Call(call)).await {
            Some(Reply::Outcome(Outcome::Ok { value, .. })) => {
                assert_eq!(value["nonce"].as_str(), Some(nonce.to_string().as_str()), "another call's answer");
            }
            other => panic!("user {user} was asked: {other:?}"),
        }
        took.push(begun.elapsed());
    }
}

/// Asks so many users at once.
async fn ask_all(hub: &Arc<HubServer>, plugins: u64, in_flight: u64, length: Duration) -> Vec<Duration> {
    let end = Instant::now() + length;
    let lanes: Vec<_> =
        (0..in_flight).map(|lane| tokio::spawn(ask_until(Arc::clone(hub), end, FIRST + lane % plugins))).collect();
    let mut took = Vec::new();
    for lane in lanes {
        took.extend(lane.await.expect("a lane"));
    }
    took.sort_unstable();
    took
}

/// The hub: says where it is, waits for its plugins, asks them, and tells how that went.
async fn serve(plugins: u64, in_flight: u64, length: Duration) {
    let hub = Arc::new(HubServer::start(HubConfig::default(), ServeOptions::default()).expect("a hub on a free port"));
    println!("{}", json!({"url": hub.url()}));
    loop {
        match hub.ask(Request::Stats).await {
            Some(Reply::Stats(stats)) if stats.connections >= Some(plugins) => break,
            Some(Reply::Stats(_)) => tokio::time::sleep(Duration::from_millis(1)).await,
            other => panic!("the hub was asked what it knows: {other:?}"),
        }
    }
    // The first ones warm everything up.
    ask_all(&hub, plugins, in_flight, length / 10).await;
    let took = ask_all(&hub, plugins, in_flight, length).await;
    let micros = |part: usize| took[(took.len() * part / 100).min(took.len() - 1)].as_secs_f64() * 1e6;
    let per_second = took.len() as f64 / length.as_secs_f64();
    println!("{}", json!({"answered_per_s": per_second, "p50_us": micros(50), "p99_us": micros(99)}));
}

/// A process that ends with this value.
struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// What the hub tells of one row.
fn measure(in_flight: usize, seconds: f64) -> Value {
    let this = std::env::current_exe().expect("this program");
    let numbers = [MANY.to_string(), in_flight.to_string(), seconds.to_string()];
    let mut hub = Process::start(Command::new(this).arg(SERVE).args(numbers).stdout(Stdio::piped()));
    let mut lines = BufReader::new(hub.0.stdout.take().expect("a pipe")).lines();
    let mut told = || -> Value {
        let line = lines.next().expect("the hub goes on").expect("its output");
        serde_json::from_str(&line).expect("JSON")
    };
    let url = told()["url"].as_str().expect("an address").to_owned();
    let plugins = MANY.to_string();
    let mut load = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    load.args(["load", "--commands", "none", "--duration", "1h", "--plugins", &plugins, "--target", &url]);
    let _plugins = Process::start(load.stdout(Stdio::null()));
    told()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let [SERVE, plugins, in_flight, seconds] = words[..] {
        let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("{text} is no number"));
        let length = Duration::from_secs_f64(seconds.parse().expect("seconds"));
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        return runtime.block_on(serve(number(plugins), number(in_flight), length));
    }
    let given = words.iter().position(|word| *word == "--seconds").and_then(|at| words.get(at + 1));
    let seconds = given.map_or(SECONDS, |given| given.parse().expect("seconds"));
    println!("{MANY} plugins, {seconds} s for each row");
    for in_flight in [MANY, 1] {
        let row = measure(in_flight, seconds);
        let figure = |name: &str| row[name].as_f64().expect("a figure");
        println!(
            "{in_flight} in flight: {:.0} answered a second, {:.1} µs in the middle, 99 % within {:.1} µs",
            figure("answered_per_s"),
            figure("p50_us"),
            figure("p99_us")
        );
    }
}
