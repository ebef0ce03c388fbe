//! The physical yardstick: the bytes of a `plugin_command` and its `plugin_response` over bare TCP and epoll, between two processes.
//! Nothing is parsed, looked up or timed, so no hub and no client can do better on the same machine.
//!
//! `cargo bench --bench echo`, or `cargo bench --bench echo -- --seconds 5 --json` for another length and one line of JSON.
//!
//! This process asks as a hub would: it writes a command to each connection and the next one when the answer is there. The other
//! one answers as a plugin would. Both are one thread.

#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]
#![expect(clippy::cast_precision_loss, reason = "counts that are shown with few digits")]

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hubproof::contract::message::{COMMAND_EVENT, PluginCommand, PluginResponse, RESPONSE_EVENT};
use hubproof::wire::compose;
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::OwnedFd;
use serde_json::json;

/// Commands in flight, each on a connection of its own.
const CONNECTIONS: usize = 64;

/// How long each figure is measured, in seconds, unless it is told.
const SECONDS: f64 = 3.0;

/// What makes this program the one that answers; the address to connect to follows.
const ANSWERER: &str = "answer";

/// Linux counts a process's time in hundredths of a second.
const TICKS_PER_SECOND: f64 = 100.0;

/// A small command, as it is on the wire.
fn command() -> Vec<u8> {
    let payload = json!({"nonce": "12345678901234567890"});
    let command =
        PluginCommand { request_id: "req_1_1736438400000_5432".to_owned(), action: "VINTED_SYNC".to_owned(), payload };
    framed(&compose::event(COMMAND_EVENT, &command, None).expect("JSON"), &[])
}

/// Its answer.
fn response() -> Vec<u8> {
    let response = PluginResponse {
        request_id: Some("req_1_1736438400000_5432".into()),
        success: Some(true.into()),
        data: Some(json!({"nonce": "12345678901234567890"})),
        error: None,
    };
    // A client's frames are masked.
    framed(&compose::event(RESPONSE_EVENT, &response, None).expect("JSON"), &[0; 4])
}

/// A WebSocket text frame.
fn framed(text: &str, mask: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a small message");
    let head = match u8::try_from(length) {
        Ok(short @ 0..126) => vec![0x81, short],
        _ => [&[0x81, 126][..], &length.to_be_bytes()].concat(),
    };
    [&head, mask, text.as_bytes()].concat()
}

/// One end of a connection: what it says each time, and how much of the other's message it has got.
struct End {
    stream: TcpStream,
    got: usize,
}

impl End {
    fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("no delay");
        stream.set_nonblocking(true).expect("no waiting");
        Self { stream, got: 0 }
    }

    fn say(&mut self, message: &[u8]) {
        let written = self.stream.write(message).expect("room for a small message");
        assert_eq!(written, message.len(), "a small message goes whole");
    }

    /// Takes what has come: whether that makes a whole message; `None` if the connection has ended.
    fn take(&mut self, message: &mut [u8]) -> Option<bool> {
        match self.stream.read(&mut message[self.got..]) {
            Ok(0) => None,
            Ok(count) => {
                self.got = (self.got + count) % message.len();
                Some(self.got == 0)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Some(false),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => None,
            Err(error) => panic!("a connection broke: {error}"),
        }
    }
}

/// Ends, and who of them has something to read.
struct Ends {
    poll: OwnedFd,
    all: Vec<End>,
    ready: Vec<Event>,
}

impl Ends {
    fn new(streams: impl Iterator<Item = TcpStream>) -> Self {
        let poll = epoll::create(CreateFlags::CLOEXEC).expect("epoll");
        let all: Vec<End> = streams.map(End::new).collect();
        for (number, end) in all.iter().enumerate() {
            epoll::add(&poll, &end.stream, EventData::new_u64(number as u64), EventFlags::IN).expect("a watch");
        }
        Self { poll, all, ready: Vec::with_capacity(CONNECTIONS) }
    }

    /// Waits until there is something: the numbers of those ends.
    fn wait(&mut self) -> Vec<Event> {
        let mut ready = std::mem::take(&mut self.ready);
        epoll::wait(&self.poll, spare_capacity(&mut ready), None).expect("events");
        ready
    }

    fn at(&mut self, event: Event) -> &mut End {
        let number = usize::try_from(event.data.u64()).expect("a number of ours");
        &mut self.all[number]
    }

    /// The same memory for the next events.
    fn done(&mut self, mut ready: Vec<Event>) {
        ready.clear();
        self.ready = ready;
    }
}

/// Answers every command until the connections end.
fn answer(address: SocketAddr) {
    let mut ends = Ends::new((0..CONNECTIONS).map(|_| TcpStream::connect(address).expect("a connection")));
    println!("connected");
    let (mut command, response) = (command(), response());
    loop {
        let ready = ends.wait();
        for event in &ready {
            let end = ends.at(*event);
            match end.take(&mut command) {
                Some(true) => end.say(&response),
                Some(false) => {}
                None => return,
            }
        }
        ends.done(ready);
    }
}

/// Asks on the first so many connections until the time is over: how long each answer took.
fn ask(ends: &mut Ends, in_flight: usize, length: Duration) -> Vec<Duration> {
    let (command, mut response) = (command(), response());
    let mut took = Vec::with_capacity(1 << 22);
    let begun = Instant::now();
    let mut asked = vec![begun; in_flight];
    let mut waiting = in_flight;
    for end in &mut ends.all[..in_flight] {
        end.say(&command);
    }
    while waiting > 0 {
        let ready = ends.wait();
        for event in &ready {
            let end = ends.at(*event);
            if end.take(&mut response).expect("the other side stays") {
                let now = Instant::now();
                let asked = &mut asked[usize::try_from(event.data.u64()).expect("a number of ours")];
                took.push(now - *asked);
                if now - begun < length {
                    *asked = now;
                    end.say(&command);
                } else {
                    waiting -= 1;
                }
            }
        }
        ends.done(ready);
    }
    took
}

/// The process that answers; it ends with its connections.
struct Answerer(Child);

impl Answerer {
    fn start(address: SocketAddr) -> Self {
        let this = std::env::current_exe().expect("this program");
        let child = Command::new(this).args([ANSWERER, &address.to_string()]).stdout(Stdio::piped()).spawn();
        Self(child.expect("a second process"))
    }

    /// Processor time used so far, in seconds.
    fn cpu_s(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).expect("Linux tells");
        // The second field is the program's name in parentheses, which may hold anything.
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let ticks: f64 =
            fields.split_whitespace().skip(11).take(2).map(|tick| tick.parse::<f64>().expect("ticks")).sum();
        ticks / TICKS_PER_SECOND
    }
}

impl Drop for Answerer {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Where the other process connects to, if this is the one that answers.
fn answerer(arguments: &[String]) -> Option<SocketAddr> {
    let [first, address, ..] = arguments else { return None };
    (first == ANSWERER).then(|| address.parse().expect("an address"))
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(address) = answerer(&arguments) {
        return answer(address);
    }
    let after = |option: &str| arguments.iter().position(|given| given == option).map(|at| &arguments[at + 1..]);
    let seconds = after("--seconds").and_then(<[String]>::first).map(|given| given.parse().expect("seconds"));
    let length = Duration::from_secs_f64(seconds.unwrap_or(SECONDS));

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let mut answerer = Answerer::start(listener.local_addr().expect("an address"));
    let streams: Vec<TcpStream> = (0..CONNECTIONS).map(|_| listener.accept().expect("a connection").0).collect();
    let mut line = String::new();
    BufReader::new(answerer.0.stdout.take().expect("a pipe")).read_line(&mut line).expect("its word");
    let mut ends = Ends::new(streams.into_iter());

    // The first ones warm everything up.
    ask(&mut ends, CONNECTIONS, length / 10);
    let before = answerer.cpu_s();
    let many = ask(&mut ends, CONNECTIONS, length);
    let used = answerer.cpu_s() - before;
    let mut single = ask(&mut ends, 1, length);
    single.sort_unstable();
    let micros = |part: usize| single[(single.len() * part / 100).min(single.len() - 1)].as_secs_f64() * 1e6;
    let per_second = many.len() as f64 / length.as_secs_f64();
    let used_for_1000 = used * 1e3 / many.len() as f64;
    let (command, response) = (command().len(), response().len());
    if after("--json").is_some() {
        let figures = json!({
            "answered_per_s": per_second, "cpu_s_per_1000": used_for_1000, "p50_us": micros(50), "p99_us": micros(99),
            "in_flight": CONNECTIONS, "command_bytes": command, "response_bytes": response,
        });
        println!("{figures}");
    } else {
        println!("{command} bytes there, {response} bytes back, {} s for each row", length.as_secs_f64());
        println!(
            "{per_second:.0} answered a second with {CONNECTIONS} in flight; the answering side takes {:.2} ms for 1,000",
            used_for_1000 * 1e3
        );
        println!("one at a time: {:.1} µs in the middle, 99 % within {:.1} µs", micros(50), micros(99));
    }
}
