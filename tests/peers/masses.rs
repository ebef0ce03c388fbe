//! Many plugins of other makers in one process at our hub: what `ci/compare-load` compares ours with.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::backend::in_repository;
use crate::interop::peer::found;
use crate::world::{World, soon};

/// How many plugins there are, and the first one's user.
const PLUGINS: u64 = 20;
const FIRST: u64 = 301;

/// The program that runs it, as an environment variable, and the file.
const NODE: (&str, &str) = ("HUBPROOF_NODE", "fixtures/clients/node/load.mjs");
const PYTHON: (&str, &str) = ("HUBPROOF_PYTHON", "fixtures/clients/python/load.py");

/// One of them at work.
struct Mass {
    process: Child,
    told: Lines<BufReader<ChildStdout>>,
}

fn command((variable, file): (&str, &str)) -> Command {
    let program: PathBuf = found(variable);
    let mut command = Command::new(program);
    command.arg(in_repository(file)).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

impl Mass {
    /// Plugins that are to connect there.
    fn start(program: (&str, &str), url: &str) -> Self {
        let numbers = [PLUGINS, FIRST, 1_000].map(|number| number.to_string());
        let mut process = command(program).arg(url).args(numbers).spawn().expect("what `ci/test prepare` installs");
        let told = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        Self { process, told }
    }

    /// The next line it tells.
    async fn tells(&mut self) -> Value {
        let line = soon("a line of the plugins", self.told.next_line()).await.expect("a pipe");
        serde_json::from_str(&line.expect("a line")).expect("JSON")
    }

    /// Ends it as `kill` does: what it tells last.
    async fn end(mut self) -> Value {
        let id = self.process.id().expect("it has not ended").to_string();
        Command::new("kill").arg(id).status().await.expect("kill");
        let last = self.tells().await;
        let status = soon("the plugins' end", self.process.wait()).await.expect("a status");
        assert_eq!(status.code(), Some(0));
        last
    }
}

async fn all_connect_and_answer(program: (&str, &str)) {
    let world = World::new();
    let mut mass = Mass::start(program, &world.hub.url());
    let connected = mass.tells().await;
    assert_eq!((&connected["connected"], &connected["failures"]), (&json!(PLUGINS), &json!(0)), "{connected}");
    let figure = |name: &str| connected[name].as_f64().unwrap_or_else(|| panic!("no {name} in {connected}"));
    assert!(figure("seconds") > 0.0 && figure("cpu_s") > 0.0, "{connected}");
    // Twenty plugins are too few to tell from what a garbage collector gives back meanwhile.
    assert!(figure("rss_after") > 1e6 && figure("rss_before") > 1e6, "{connected}");
    for user in FIRST..FIRST + PLUGINS {
        let nonce = format!("18446744073709{user}");
        let call =
            json!({"user_id": user, "action": "VINTED_SYNC", "payload": {"nonce": nonce, "pad": "x"}, "timeout_s": 20});
        let (_, outcome) = world.ask("POST", "/calls", &call).await;
        assert_eq!(outcome["value"], json!({"nonce": nonce}), "{outcome}");
    }
    let last = mass.end().await;
    assert_eq!((&last["answered"], &last["lost"]), (&json!(PLUGINS), &json!(0)), "{last}");
    assert!(last["rss"].as_f64() > Some(1e6) && last["cpu_s"].as_f64() >= connected["cpu_s"].as_f64(), "{last}");
}

async fn nobody_is_there(program: (&str, &str)) {
    let address = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("an address")
    };
    let mut mass = Mass::start(program, &format!("http://{address}"));
    let connected = mass.tells().await;
    assert_eq!((&connected["connected"], &connected["failures"]), (&json!(0), &json!(PLUGINS)), "{connected}");
    assert_eq!(mass.end().await["answered"], 0);
}

async fn without_numbers_it_says_what_it_takes(program: (&str, &str)) {
    for wrong in
        [&[][..], &["http://127.0.0.1:1", "20", "1"], &["http://127.0.0.1:1", "0", "1", "1"], &["u", "x", "1", "1"]]
    {
        let output = soon("its end", command(program).args(wrong).output()).await.expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(stderr.starts_with("usage: ") && stderr.contains(" URL PLUGINS FIRST RATE"), "{wrong:?}: {stderr}");
    }
}

#[tokio::test]
async fn twenty_plugins_of_node_connect_and_answer() {
    all_connect_and_answer(NODE).await;
}

#[tokio::test]
async fn twenty_plugins_of_python_connect_and_answer() {
    all_connect_and_answer(PYTHON).await;
}

#[tokio::test]
async fn where_no_hub_is_every_plugin_of_node_fails_and_says_so() {
    nobody_is_there(NODE).await;
}

#[tokio::test]
async fn where_no_hub_is_every_plugin_of_python_fails_and_says_so() {
    nobody_is_there(PYTHON).await;
}

#[tokio::test]
async fn plugins_of_node_refuse_other_arguments() {
    without_numbers_it_says_what_it_takes(NODE).await;
}

#[tokio::test]
async fn plugins_of_python_refuse_other_arguments() {
    without_numbers_it_says_what_it_takes(PYTHON).await;
}
