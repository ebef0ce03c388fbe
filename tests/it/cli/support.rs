//! The program as a child process under a deadline, a hub, and servers that are no proper target.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a child may live before the test fails: far beyond what any of them takes.
const DEADLINE: Duration = Duration::from_secs(120);

/// A command line of the program.
pub(crate) struct Program(Command);

/// The program with these arguments, in an environment without settings.
pub(crate) fn hubproof(arguments: &[&str]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command.args(arguments);
    Program::of(command)
}

/// A shell's command line; `hubproof` is the program.
pub(crate) fn shell(line: &str) -> Program {
    let mut command = Command::new("sh");
    command.args(["-c", line]);
    Program::of(command)
}

impl Program {
    fn of(mut command: Command) -> Self {
        let own = Path::new(env!("CARGO_BIN_EXE_hubproof")).parent().expect("the program lies in a folder");
        let usual = std::env::var("PATH").unwrap_or_default();
        command.env_clear().env("PATH", format!("{}:{usual}", own.display()));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command)
    }

    /// The same with this setting in its environment.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    /// The same with a stderr whose reader has gone.
    pub(crate) fn unheard(mut self) -> Self {
        let (_, writer) = std::io::pipe().expect("a pipe");
        self.0.stderr(writer);
        self
    }

    /// Starts it.
    pub(crate) fn start(mut self) -> Running {
        let what = format!("{:?}", self.0);
        let mut child = self.0.spawn().expect("the program starts");
        let (told, pieces) = channel();
        let mut open = 0;
        if let Some(out) = child.stdout.take() {
            open += 1;
            follow(out, Piece::Out, told.clone());
        }
        if let Some(err) = child.stderr.take() {
            open += 1;
            follow(err, Piece::Err, told);
        }
        Running { what, child, pieces, open, out: String::new(), err: String::new(), until: Instant::now() + DEADLINE }
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Ended {
        self.start().end()
    }
}

enum Piece {
    Out(String),
    Err(String),
    End,
}

/// Passes on the lines of a child's output.
fn follow(output: impl Read + Send + 'static, piece: fn(String) -> Piece, told: Sender<Piece>) {
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = String::new();
        while output.read_line(&mut line).is_ok_and(|read| read > 0) {
            told.send(piece(std::mem::take(&mut line))).ok();
        }
        told.send(Piece::End).ok();
    });
}

/// A child process. It dies with its owner.
pub(crate) struct Running {
    what: String,
    child: Child,
    pieces: Receiver<Piece>,
    open: usize,
    out: String,
    err: String,
    until: Instant,
}

impl Running {
    /// The next line of stdout that contains `wanted`.
    pub(crate) fn line(&mut self, wanted: &str) -> String {
        while self.open > 0 {
            if let Some(line) = self.next().filter(|line| line.contains(wanted)) {
                return line;
            }
        }
        panic!("{}: ended without a line with '{wanted}'\n{}{}", self.what, self.out, self.err)
    }

    /// Sends it a signal, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success(), "{}: cannot be sent SIG{name}", self.what);
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        while self.open > 0 {
            self.next();
        }
        let code = self.child.wait().expect("the program ends").code();
        let ended = Ended { code, out: std::mem::take(&mut self.out), err: std::mem::take(&mut self.err) };
        assert!(!format!("{}{}", ended.out, ended.err).contains("panicked"), "{}: {ended:#?}", self.what);
        ended
    }

    /// Takes in what comes next; a line of stdout is returned as well.
    fn next(&mut self) -> Option<String> {
        let left = self.until.saturating_duration_since(Instant::now());
        let piece = self.pieces.recv_timeout(left);
        match piece.unwrap_or_else(|_| panic!("{}: hangs\n{}{}", self.what, self.out, self.err)) {
            Piece::Out(line) => {
                self.out.push_str(&line);
                return Some(line);
            }
            Piece::Err(line) => self.err.push_str(&line),
            Piece::End => self.open -= 1,
        }
        None
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What became of a child process.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// It ended with this exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// It ended with this exit code and no result, and stderr contains each of these.
    #[track_caller]
    pub(crate) fn refuses(self, code: i32, reasons: &[&str]) {
        let ended = self.exits(code);
        assert_eq!(ended.out, "", "{ended:#?}");
        for reason in reasons {
            assert!(ended.err.contains(reason), "no '{reason}' in {ended:#?}");
        }
        assert!(!ended.err.contains("hubproof: a fault in hubproof"), "{ended:#?}");
    }

    /// It ended with this exit code, and nothing to say beside its results, which contain each of these.
    #[track_caller]
    pub(crate) fn tells(self, code: i32, results: &[&str]) -> Self {
        let ended = self.exits(code);
        assert_eq!(ended.err, "", "{ended:#?}");
        for result in results {
            assert!(ended.out.contains(result), "no '{result}' in {ended:#?}");
        }
        ended
    }

    /// The last line of its results.
    pub(crate) fn last_line(&self) -> &str {
        self.out.lines().last().unwrap_or_default()
    }
}

/// The reference hub as a program of its own.
pub(crate) struct Hub {
    pub(crate) program: Running,
    pub(crate) url: String,
    pub(crate) control: String,
}

impl Hub {
    /// A hub on a free port, with these further arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let listening = ["hub", "--listen", "127.0.0.1:0"];
        Self::of(hubproof(&[listening.as_slice(), arguments].concat()))
    }

    pub(crate) fn of(program: Program) -> Self {
        let mut program = program.start();
        let line = program.line("listening on ");
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["listening", "on", url, "control", control] = words.as_slice() else {
            panic!("no addresses in {line:?}");
        };
        let (url, control) = ((*url).to_owned(), (*control).to_owned());
        Self { program, url, control }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.url.trim_start_matches("http://").parse().expect("an address")
    }

    /// A check of it, quick, with these further arguments.
    pub(crate) fn check(&self, arguments: &[&str]) -> Program {
        check_of(&self.url, &self.control, arguments)
    }
}

/// A quick check of a target.
pub(crate) fn check_of(url: &str, control: &str, arguments: &[&str]) -> Program {
    let target = ["check", "--target", url, "--control", control, "--time-scale", "0.02"];
    hubproof(&[target.as_slice(), arguments].concat())
}

/// What a [`Server`] does with a request.
pub(crate) enum Answer {
    /// It answers with this status and body, and closes the connection.
    Http(u16, String),
    /// It never answers.
    Never,
    /// It leaves this request, or this WebSocket, to another server.
    PassOn(SocketAddr),
    /// The same, but that nothing of the other server's comes through after its answer's head.
    Deaf(SocketAddr),
    /// It closes the connection.
    Close,
}

/// A server of a target that is none, or not quite one. It serves until the tests end.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) control: String,
}

impl Server {
    /// A server that does with a connection what `answer` makes of its first request's method and path.
    pub(crate) fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let answer = std::sync::Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let answer = std::sync::Arc::clone(&answer);
                // A client that leaves early is none of the server's business.
                thread::spawn(move || serve(stream, &*answer).ok());
            }
        });
        Self { control: format!("{url}/hubproof/v1"), url }
    }

    /// A control API that says of itself just this, before a hub that does everything else.
    pub(crate) fn describing(description: &str, hub: &Hub) -> Self {
        let (description, hub) = (description.to_owned(), hub.address());
        Self::start(move |request| match request {
            "GET /hubproof/v1/" => Answer::Http(200, description.clone()),
            _ => Answer::PassOn(hub),
        })
    }

    /// A quick check of it, with these further arguments.
    pub(crate) fn check(&self, arguments: &[&str]) -> Program {
        check_of(&self.url, &self.control, arguments)
    }
}

/// What comes up to the empty line that ends a head.
fn head_of(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(head)
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&str) -> Answer) -> std::io::Result<()> {
    let head = head_of(&mut stream)?;
    let text = String::from_utf8_lossy(&head).into_owned();
    let request: Vec<&str> = text.split(' ').take(2).collect();
    match answer(&request.join(" ")) {
        Answer::Http(status, body) => {
            let length = body.len();
            // In one piece: who reads the head has the body too.
            let head = format!("HTTP/1.1 {status} -\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
            stream.write_all((head + &body).as_bytes())
        }
        Answer::Never => stream.read_to_end(&mut Vec::new()).map(drop),
        Answer::Close => Ok(()),
        Answer::Deaf(hub) => {
            let mut other = TcpStream::connect(hub)?;
            other.write_all(&head)?;
            stream.write_all(&head_of(&mut other)?)?;
            stream.read_to_end(&mut Vec::new()).map(drop)
        }
        Answer::PassOn(hub) => {
            let mut other = TcpStream::connect(hub)?;
            // Of several requests on one connection only the first would be seen.
            let alone = text.replacen("\r\n\r\n", "\r\nconnection: close\r\n\r\n", 1);
            let upgrades = text.to_lowercase().contains("\r\nupgrade:");
            other.write_all(if upgrades { &head } else { alone.as_bytes() })?;
            let (mut from, mut to) = (stream.try_clone()?, other.try_clone()?);
            thread::spawn(move || {
                std::io::copy(&mut from, &mut to).ok();
                to.shutdown(Shutdown::Both).ok();
            });
            std::io::copy(&mut other, &mut stream)?;
            stream.shutdown(Shutdown::Both)
        }
    }
}

/// An empty folder for this test alone.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("an old folder can go");
    }
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
