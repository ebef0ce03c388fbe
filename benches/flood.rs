//! How well a hub serves everybody else while one connection sends junk without pause: round trips of the neighbours' calls with
//! the flood and without it, in one run, with the hub's memory.
//!
//! `cargo bench --bench flood`, or `cargo bench --bench flood -- SECONDS` for another length of each row.
//!
//! The hub is a process of its own. A neighbour is one thread with two connections: it makes a call through the control API,
//! takes the command from its socket, answers it, and waits for the outcome. The flood is one thread that writes the same
//! frames over and over, as fast as the hub takes them.

#![expect(clippy::print_stdout, reason = "the table is what it is run for")]
#![expect(clippy::cast_precision_loss, reason = "counts and sizes that are shown with few digits")]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

/// Users who are asked, beside the one whose plugin floods.
const NEIGHBOURS: u64 = 4;

/// How long each row is measured, in seconds, unless it is told.
const SECONDS: f64 = 5.0;

/// The flooding plugin's user.
const FLOODER: u64 = 1_000;

/// Frames are written in batches of about so many bytes.
const BATCH: usize = 1 << 18;

/// A hub that serves until this is dropped.
struct Hub {
    process: Child,
    address: SocketAddr,
    /// Kept open: it is where the hub said its address.
    _stdout: BufReader<ChildStdout>,
}

impl Hub {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_hubproof"))
            .args(["hub", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("hubproof runs");
        let mut stdout = BufReader::new(process.stdout.take().expect("its output"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("where it listens");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
        let address = address.and_then(|address| address.parse().ok());
        Self { process, address: address.unwrap_or_else(|| panic!("no address in {line:?}")), _stdout: stdout }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("a connection to the hub");
        stream.set_nodelay(true).expect("no delay");
        stream
    }

    /// A plugin of this user.
    fn plugin(&self, user: u64) -> WebSocket<TcpStream> {
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", self.address);
        let (mut socket, _) = client(url, self.connect()).expect("a WebSocket");
        socket.send(Message::text(format!(r#"40{{"user_id":{user}}}"#))).expect("CONNECT is sent");
        while !next(&mut socket).starts_with("40") {}
        socket
    }

    /// What it uses, in bytes.
    fn resident(&self) -> u64 {
        let stats = Caller { stream: BufReader::new(self.connect()) }.ask("GET", "/stats", "");
        stats["rss_bytes"].as_u64().expect("the hub tells its memory")
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The next text frame, pings answered.
fn next(socket: &mut WebSocket<TcpStream>) -> String {
    loop {
        match socket.read().expect("a frame") {
            Message::Text(text) if text.as_str() == "2" => socket.send(Message::text("3")).expect("a pong is sent"),
            Message::Text(text) => return text.as_str().to_owned(),
            other => panic!("{other:?} is no text"),
        }
    }
}

/// A connection to the control API.
struct Caller {
    stream: BufReader<TcpStream>,
}

impl Caller {
    fn send(&mut self, method: &str, path: &str, body: &str) {
        let head =
            format!("{method} /hubproof/v1{path} HTTP/1.1\r\nhost: hub\r\ncontent-length: {}\r\n\r\n", body.len());
        self.stream.get_mut().write_all(format!("{head}{body}").as_bytes()).expect("a request is sent");
    }

    fn answer(&mut self) -> Value {
        let (mut line, mut length) = (String::new(), 0);
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("an answer");
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().expect("a length");
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("a body");
        serde_json::from_slice(&body).expect("JSON")
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> Value {
        self.send(method, path, body);
        self.answer()
    }
}

/// Makes calls to a user and answers them until the time is over: how long each took.
fn neighbour(hub: &Hub, user: u64, end: Instant) -> Vec<Duration> {
    let mut socket = hub.plugin(user);
    let mut caller = Caller { stream: BufReader::new(hub.connect()) };
    let call =
        json!({"user_id": user, "action": "VINTED_SYNC", "payload": {"shop_id": 1}, "timeout_s": 60}).to_string();
    let mut took = Vec::new();
    while Instant::now() < end {
        let begun = Instant::now();
        caller.send("POST", "/calls", &call);
        let command: Value = serde_json::from_str(&next(&mut socket)[2..]).expect("a command");
        let response =
            json!(["plugin_response", {"request_id": command[1]["request_id"], "success": true, "data": user}]);
        socket.send(Message::text(format!("42{response}"))).expect("a response is sent");
        let outcome = caller.answer();
        assert_eq!(outcome["value"], user, "{outcome}");
        took.push(begun.elapsed());
    }
    took
}

/// A WebSocket text frame as a client sends it, masked with zeros.
fn frame(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x81];
    // The bit of the mask, and the length in one byte, two or eight.
    match (u8::try_from(text.len()), u16::try_from(text.len())) {
        (Ok(length @ 0..126), _) => bytes.push(0x80 | length),
        (_, Ok(length)) => {
            bytes.push(0x80 | 0x7e);
            bytes.extend(length.to_be_bytes());
        }
        (_, Err(_)) => {
            bytes.push(0x80 | 127);
            bytes.extend((text.len() as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(text.as_bytes());
    bytes
}

/// The kinds of junk, none of which ends the connection.
fn kinds() -> [(&'static str, Vec<String>); 5] {
    let response = |argument: &str| format!(r#"42["plugin_response",{argument}]"#);
    let unknown = r#"{"request_id":"req_1_1736438400000_1000","success":true,"data":{}}"#;
    let wrong = ["null", "7", "\"text\"", "[1]", "{}", r#"{"request_id":""}"#, r#"{"request_id":[7]}"#];
    let large =
        format!(r#"{{"request_id":"req_1_1736438400000_1000","success":true,"data":"{}"}}"#, "x".repeat(900_000));
    [
        ("wrong responses", wrong.map(response).to_vec()),
        ("unknown events", vec![r#"42["another_event",{"a":1}]"#.to_owned(), r#"42["x",1,2,[3]]"#.to_owned()]),
        ("unknown ids", vec![response(unknown)]),
        ("unknown ids, acks wanted and never read", vec![response(unknown).replacen("42", "427", 1)]),
        ("unknown ids, 900 kB each", vec![response(&large)]),
    ]
}

/// Writes junk until it is told to stop, or the hub closes: how many frames were taken, and whether the hub closed.
fn flood(hub: &Hub, frames: &[String], reads: bool, stop: &AtomicBool, sent: &AtomicU64) -> bool {
    let socket = hub.plugin(FLOODER);
    let mut stream = socket.get_ref().try_clone().expect("the same connection");
    let mut batch = Vec::new();
    let mut count = 0;
    while batch.len() < BATCH {
        for text in frames {
            batch.extend(frame(text));
            count += 1;
        }
    }
    let mut incoming = socket.get_ref().try_clone().expect("the same connection");
    let reader = std::thread::spawn(move || {
        // What comes is read and forgotten; its end ends this thread.
        let mut buffer = vec![0; 1 << 16];
        while reads && incoming.read(&mut buffer).is_ok_and(|count| count > 0) {}
    });
    let mut closed = false;
    while !stop.load(Ordering::Relaxed) {
        match stream.write_all(&batch) {
            Ok(()) => {
                sent.fetch_add(count, Ordering::Relaxed);
            }
            Err(error) => {
                let gone = matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset);
                assert!(gone, "the flood broke: {error}");
                closed = true;
                break;
            }
        }
    }
    stream.shutdown(std::net::Shutdown::Both).ok();
    reader.join().expect("the reader");
    closed
}

/// What one row comes to.
struct Row {
    calls: usize,
    p50: Duration,
    p99: Duration,
    most: Duration,
    junk: u64,
    closed: bool,
}

fn measure(hub: &Hub, junk: Option<(&[String], bool)>, length: Duration) -> Row {
    let (stop, sent) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let flooding = junk.map(|(frames, reads)| {
            scope.spawn({
                let (stop, sent) = (&stop, &sent);
                move || flood(hub, frames, reads, stop, sent)
            })
        });
        let end = Instant::now() + length;
        let neighbours: Vec<_> = (1..=NEIGHBOURS).map(|user| scope.spawn(move || neighbour(hub, user, end))).collect();
        let mut took: Vec<Duration> = neighbours.into_iter().flat_map(|one| one.join().expect("a neighbour")).collect();
        stop.store(true, Ordering::Relaxed);
        let closed = flooding.is_some_and(|flooding| flooding.join().expect("the flood"));
        took.sort_unstable();
        let at = |part: usize| took[(took.len() * part / 100).min(took.len() - 1)];
        Row { calls: took.len(), p50: at(50), p99: at(99), most: at(100), junk: sent.load(Ordering::Relaxed), closed }
    })
}

fn main() {
    // `cargo bench` adds an option of its own.
    let seconds = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let length = Duration::from_secs_f64(seconds.unwrap_or(SECONDS));
    let per_second = |count: f64| count / length.as_secs_f64();
    let ratio = |one: Duration, other: Duration| one.as_secs_f64() / other.as_secs_f64();
    let micros = |duration: Duration| duration.as_secs_f64() * 1e6;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    println!("{NEIGHBOURS} neighbours, {} s for each row", length.as_secs_f64());
    println!(
        "| one connection sends | junk a second | calls a second | p50 | p99 | longest | p50, times the quiet one | p99, times the quiet one | hub's memory before, after |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (kind, frames) in kinds() {
        let hub = Hub::start();
        // The first calls warm everything up.
        measure(&hub, None, length / 5);
        let before = hub.resident();
        let quiet = measure(&hub, None, length);
        let reads = !kind.contains("never read");
        let flooded = measure(&hub, Some((&frames, reads)), length);
        let after = hub.resident();
        for (name, row) in [("nothing", &quiet), (kind, &flooded)] {
            let ended = if row.closed { " (the hub closed it)" } else { "" };
            println!(
                "| {name}{ended} | {:.0} | {:.0} | {:.0} µs | {:.0} µs | {:.0} µs | {:.2} | {:.2} | {:.1} MB, {:.1} MB |",
                per_second(row.junk as f64),
                per_second(row.calls as f64),
                micros(row.p50),
                micros(row.p99),
                micros(row.most),
                ratio(row.p50, quiet.p50),
                ratio(row.p99, quiet.p99),
                megabytes(before),
                megabytes(after),
            );
        }
    }
}
