//! The protocols' own cases at our echo server and at those of other makers: what `docs/conformance.md` shows.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use hubproof::conformance::{self, Door, Ended, Outcome, known};
use hubproof::live::{self, EchoOptions, EchoServer};
use hubproof::stage::ServerManners;
use serde_json::{Value, json};

use crate::interop::case::{Once, at_once};
use crate::interop::peer::Peer;
use crate::interop::version_of;
use crate::table;

/// Quick enough for every case to be tested, and not too quick for a busy machine. python-socketio knows whole seconds only.
const PING_INTERVAL: Duration = Duration::from_secs(1);
const PING_TIMEOUT: Duration = Duration::from_secs(3);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(8);

/// A server that echoes, and what keeps it alive.
struct Serving {
    version: String,
    url: String,
    peer: Option<Peer>,
    _ours: Option<EchoServer>,
}

/// A library, by the name under which its differences are known.
struct Server {
    name: &'static str,
    start: fn() -> LocalBoxFuture<'static, Serving>,
}

/// Every server.
const SERVERS: &[Server] = &[
    Server { name: "hubproof", start: || Box::pin(async { ours() }) },
    Server { name: "socket.io", start: || Box::pin(theirs("HUBPROOF_NODE", "fixtures/hubs/node", "main.js")) },
    Server {
        name: "python-socketio",
        start: || Box::pin(theirs("HUBPROOF_PYTHON", "fixtures/hubs/python", "main.py")),
    },
];

/// How every case ended at one server.
struct Results {
    name: &'static str,
    version: String,
    ends: Vec<Ended>,
}

static TRIED: Once<Vec<Results>> = Once::new(|| at_once(SERVERS, try_out));

/// Needs a runtime around it.
fn ours() -> Serving {
    let manners = ServerManners {
        ping_interval: PING_INTERVAL,
        ping_timeout: PING_TIMEOUT,
        connect_timeout: CONNECT_TIMEOUT,
        ..ServerManners::default()
    };
    let server = EchoServer::start(EchoOptions { manners, ..EchoOptions::default() }).expect("an echo server");
    let version = format!("`hubproof hub --echo` (socketioxide {})", version_of("socketioxide"));
    Serving { version, url: server.url(), peer: None, _ours: Some(server) }
}

async fn theirs(variable: &str, folder: &str, file: &str) -> Serving {
    let mut peer = Peer::program(variable, folder, file).await;
    let ms = |duration: Duration| u64::try_from(duration.as_millis()).expect("milliseconds");
    peer.order(json!({
        "do": "echo",
        "ping_interval_ms": ms(PING_INTERVAL),
        "ping_timeout_ms": ms(PING_TIMEOUT),
        "connect_timeout_ms": ms(CONNECT_TIMEOUT),
    }));
    let report = peer.sees("serving", &Value::Null).await;
    let url = report["url"].as_str().expect("an address").to_owned();
    Serving { version: format!("{} {}", peer.library, peer.version), url, peer: Some(peer), _ours: None }
}

fn try_out(server: &Server) -> Results {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let serving = (server.start)().await;
        let door = live::Door::at(&serving.url, "/socket.io/", PATIENCE).expect("an address");
        let door: Arc<dyn Door> = Arc::new(door);
        let offer = conformance::survey(&door, PATIENCE, CONNECT_TIMEOUT).await.expect("a server that can be tested");
        assert!(offer.polling && offer.websocket && offer.upgrade && offer.echo, "{}: {offer:?}", server.name);
        let cases: Vec<_> = conformance::cases().collect();
        let mut ends = Vec::new();
        conformance::run(door, offer, &cases, PATIENCE, 8, |end| ends.push(end)).await;
        if let Some(peer) = serving.peer {
            peer.end().await;
        }
        Results { name: server.name, version: serving.version, ends }
    })
}

#[test]
fn every_server_keeps_every_case_but_where_it_is_known_to_differ() {
    let mut wrong = String::new();
    for Results { name, ends, .. } in TRIED.get() {
        for end in ends {
            let known = known::reason(Some(name), end.case.id);
            let what = match (&end.outcome, known) {
                (Outcome::Held, None) | (Outcome::Broken { .. }, Some(_)) => continue,
                (Outcome::Held, Some(_)) => "is known to differ, and does not",
                _ => "does not hold",
            };
            let frames = end.frames.join("\n  ");
            writeln!(wrong, "{name}: {} {what}: {:?}\n  {frames}", end.case.id, end.outcome).expect("a text");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_page_shows_how_every_case_ended() {
    table::assert_is_the_document("docs/conformance.md", &page());
}

const HEAD: &str = "\
# Conformance

`hubproof conformance` runs cases of the Engine.IO 4 and Socket.IO 5 protocols against a server, each over connections of its own. They
were written from what the documents of [Engine.IO](https://github.com/socketio/engine.io-protocol) and
[Socket.IO](https://github.com/socketio/socket.io-protocol) promise. `tests/peers` makes this page from a run against three servers and
fails if it has changed.

```console
$ hubproof conformance socket/connect/main socket/ack
...
13 cases: 13 held
pass: every case that was tested held
```

Without a target that is the echo server that `hubproof hub --echo` serves. A server of your own is `--target URL`; in the namespaces `/`
and `/custom` it offers these events:

| event | what the server does |
|---|---|
| a client connects | it emits `auth` with the payload of CONNECT, `{}` if there was none |
| `message` with any arguments | it emits `message-back` with the same arguments |
| `message-with-ack` with any arguments | its ack has the same arguments |

A case is named on the command line, or an area (`engine`, `engine/upgrade`); `--list` shows all. `--format json` tells of each as one
JSON object: `id`, `title`, `source`, `status`, `reason`, `expected`, `got`, and `frames`, which is what was said on both sides.
What the target lacks is *not tested (needs …)*. So are cases that wait for pings, or for what happens without CONNECT, where that takes
longer than `--patience` (5 seconds without): a server with quick pings shows more, as `hubproof hub --echo --ping-interval 0.3 --ping-timeout 3
--connect-timeout 1` does. Of CONNECT no server says how long it waits: `--connect-timeout` does.

The exit code is 0 if every case that was tested held, 1 if one is broken, 3 if the target cannot be reached, is no such server, or lacks
the echo events, 4 if no case has the name. With `--server NAME` the differences below that are known of that library do not count as broken.
";

/// The page of this run.
fn page() -> String {
    let results = TRIED.get();
    let mut page = HEAD.to_owned();
    let versions: Vec<&str> = results.iter().map(|results| results.version.as_str()).collect();
    let cases = conformance::cases().count();
    write!(
        page,
        "\n## The {cases} cases at three servers\n\n| case | what the server does | {} |\n",
        versions.join(" | ")
    )
    .expect("a text");
    writeln!(page, "|---|---|{}", "---|".repeat(versions.len())).expect("a text");
    let mut reasons: Vec<String> = Vec::new();
    for (number, case) in conformance::cases().enumerate() {
        write!(page, "| `{}` | {} |", case.id, case.title.replace('|', "\\|")).expect("a text");
        for Results { name, ends, .. } in results {
            let end = &ends[number];
            assert_eq!(end.case.id, case.id);
            let cell = match (&end.outcome, known::reason(Some(name), case.id)) {
                (Outcome::Held, _) => "yes".to_owned(),
                (Outcome::Broken { .. }, Some(reason)) => {
                    let reason = format!("{name}: {reason}.");
                    let place = reasons.iter().position(|known| *known == reason).unwrap_or_else(|| {
                        reasons.push(reason);
                        reasons.len() - 1
                    });
                    format!("differs ({})", place + 1)
                }
                _ => "**no**".to_owned(),
            };
            write!(page, " {cell} |").expect("a text");
        }
        page.push('\n');
    }
    page.push_str("\n## Known differences\n\n");
    for (number, reason) in reasons.iter().enumerate() {
        writeln!(page, "{}. {reason}", number + 1).expect("a text");
    }
    page
}
