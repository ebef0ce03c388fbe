//! A hub to test, and raw clients that are independent of the crate's own.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hubproof::hub::{HubConfig, LogLine};
use hubproof::live::{HubServer, ServeOptions};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// How long anything may take before the test fails.
const DEADLINE: Duration = Duration::from_secs(20);

/// What comes of `work`, which has to come.
pub(crate) async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(DEADLINE, work).await;
    done.unwrap_or_else(|_| panic!("{what}: did not come about within {DEADLINE:?}"))
}

/// A hub that keeps its log.
pub(crate) struct World {
    pub(crate) hub: HubServer,
    log: Arc<Mutex<Vec<String>>>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(HubConfig::default(), ServeOptions::default())
    }

    pub(crate) fn with(config: HubConfig, mut options: ServeOptions) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&log);
        options.log = Arc::new(move |line: &LogLine| lines.lock().expect("the log").push(line.to_string()));
        let hub = HubServer::start(config, options).expect("a hub on a free port");
        Self { hub, log }
    }

    /// The log so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().expect("the log").clone()
    }

    /// Asks the control API.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = http(&self.hub, method, &format!("/hubproof/v1{path}"), &[], &body).await;
        answer.expect("an answer of the control API")
    }

    /// Makes a call on level 1 or 2 and returns its outcome.
    pub(crate) async fn call(&self, path: &str, user: &Value, timeout_s: f64) -> Value {
        let body = json!({"user_id": user, "action": "VINTED_SYNC", "payload": {"shop_id": 1}, "timeout_s": timeout_s});
        let (status, outcome) = self.ask("POST", path, &body).await;
        assert_eq!(status, 200, "{outcome}");
        outcome
    }

    /// Waits until the hub counts so many calls in flight.
    pub(crate) async fn pending(&self, wanted: u64) {
        let counted = async {
            while self.ask("GET", "/pending", &Value::Null).await.1["count"] != wanted {
                tokio::task::yield_now().await;
            }
        };
        soon(&format!("{wanted} calls in flight"), counted).await;
    }

    /// Waits until the hub counts so many sockets of a user.
    pub(crate) async fn sockets_of(&self, user: u64, wanted: u64) {
        let counted = async {
            let path = format!("/connections/{user}");
            while self.ask("GET", &path, &Value::Null).await.1["count"] != wanted {
                tokio::task::yield_now().await;
            }
        };
        soon(&format!("{wanted} sockets of user {user}"), counted).await;
    }

    /// A client whose WebSocket is open, and nothing more.
    pub(crate) async fn client(&self) -> Client {
        Client::open(&self.hub.url()).await
    }

    /// A client that is connected as this user.
    pub(crate) async fn plugin(&self, user: u64) -> Client {
        let mut client = self.client().await;
        client.say(&format!(r#"40{{"user_id":{user}}}"#)).await;
        let answer = client.hear().await;
        assert!(answer.starts_with(r#"40{"sid":""#), "{answer}");
        client
    }
}

/// Sends one HTTP request on a connection of its own; `None` if it ends without an answer.
pub(crate) async fn http(
    hub: &HubServer,
    method: &str,
    target: &str,
    headers: &[&str],
    body: &str,
) -> Option<(u16, Value)> {
    let mut stream = request(hub, method, target, headers, body).await;
    let mut answer = Vec::new();
    soon("an HTTP answer", stream.read_to_end(&mut answer)).await.ok()?;
    let answer = String::from_utf8(answer).expect("an answer in UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().expect("a status");
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body).expect("a JSON body") };
    Some((status, body))
}

/// Sends one HTTP request and leaves its answer unread.
pub(crate) async fn request(hub: &HubServer, method: &str, target: &str, headers: &[&str], body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(hub.address()).await.expect("a connection to the hub");
    let length = body.len();
    let mut text =
        format!("{method} {target} HTTP/1.1\r\nhost: hub\r\nconnection: close\r\ncontent-length: {length}\r\n");
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    let text = format!("{text}\r\n{body}");
    stream.write_all(text.as_bytes()).await.expect("a request that is taken");
    stream
}

/// A WebSocket with Engine.IO's handshake behind it. It answers pings and hides them.
pub(crate) struct Client {
    /// Whether it answers pings.
    pongs: bool,
    /// How many pings it has heard.
    pings: usize,
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    pub(crate) async fn open(url: &str) -> Self {
        Self::open_as(url, true).await
    }

    /// A client that answers no pings.
    pub(crate) async fn open_silent(url: &str) -> Self {
        Self::open_as(url, false).await
    }

    async fn open_as(url: &str, pongs: bool) -> Self {
        let url = format!("{}/socket.io/?EIO=4&transport=websocket", url.replacen("http", "ws", 1));
        let (stream, _) = soon("a WebSocket", connect_async_with_config(url, None, true)).await.expect("a WebSocket");
        let mut client = Self { pongs, pings: 0, stream };
        let handshake = client.hear().await;
        assert!(handshake.starts_with("0{"), "{handshake}");
        client
    }

    pub(crate) async fn say(&mut self, frame: &str) {
        self.send(Message::text(frame)).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.stream.send(message).await.expect("a frame that is taken");
    }

    /// The next text frame.
    pub(crate) async fn hear(&mut self) -> String {
        self.try_hear().await.expect("a frame, and not the end")
    }

    /// Waits until it has answered the hub's first ping, which comes some time after the handshake. Nothing else may come.
    pub(crate) async fn pinged(&mut self) {
        while self.pings == 0 {
            let message = soon("a ping", self.stream.next()).await;
            let message = message.expect("a ping, and not the end").expect("a ping");
            assert_eq!(message, Message::text("2"));
            self.ping().await;
        }
    }

    async fn ping(&mut self) {
        self.pings += 1;
        if self.pongs {
            self.stream.send(Message::text("3")).await.ok();
        }
    }

    /// The next text frame; `None` when the hub has closed.
    pub(crate) async fn try_hear(&mut self) -> Option<String> {
        loop {
            match soon("a frame", self.stream.next()).await {
                Some(Ok(Message::Text(text))) if text.as_str() == "2" => {
                    self.ping().await;
                }
                Some(Ok(Message::Text(text))) => return Some(text.as_str().to_owned()),
                Some(Ok(Message::Close(_))) | None => return None,
                Some(Ok(_)) => {}
                Some(Err(error)) => panic!("the WebSocket broke: {error}"),
            }
        }
    }

    /// The next command's argument.
    pub(crate) async fn command(&mut self) -> Value {
        let frame = self.hear().await;
        let event = frame.strip_prefix("42").unwrap_or_else(|| panic!("an event, not {frame}"));
        let event: Value = serde_json::from_str(event).expect("JSON");
        assert_eq!(event[0], "plugin_command");
        assert_eq!(event.as_array().map(Vec::len), Some(2));
        event[1].clone()
    }

    /// Answers a command with success.
    pub(crate) async fn answer(&mut self, command: &Value, data: &Value) {
        let response = json!({"request_id": command["request_id"], "success": true, "data": data});
        self.say(&format!("42{}", json!(["plugin_response", response]))).await;
    }

    /// Waits until the hub has done everything that was sent before: it answers the ack of a response.
    pub(crate) async fn settled(&mut self) {
        self.say(r#"427["plugin_response"]"#).await;
        assert_eq!(self.hear().await, "437[]");
    }
}
