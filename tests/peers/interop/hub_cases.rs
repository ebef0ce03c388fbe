//! What our plugin has to do at every hub of another maker.

use hubproof::plugin::Notice;
use hubproof::wire::Incoming;
use hubproof::wire::engine::Packet;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::case::Case;
use super::our_plugin::{Learned, OurPlugin};
use super::peer::Peer;
use crate::world::soon;

/// A hub's library. Each case has a server of its own.
pub(crate) struct Counter {
    /// The library.
    pub(crate) peer: Peer,
}

/// Every case.
pub(crate) const CASES: &[Case<Counter>] = &[
    Case {
        name: "connect",
        observed: "the hub takes the plugin by its auth, over a WebSocket that it opened at once, and sees it leave",
        run: |counter| Box::pin(connect(counter)),
    },
    Case {
        name: "refuse",
        observed: "without auth and with another key the plugin gets the hub's reason",
        run: |counter| Box::pin(refuse(counter)),
    },
    Case {
        name: "command",
        observed: "what the hub emits to the user's room comes as it was emitted, letters of every kind included",
        run: |counter| Box::pin(command(counter)),
    },
    Case {
        name: "answer",
        observed: "what the plugin emits comes to the hub as it was emitted",
        run: |counter| Box::pin(answer(counter)),
    },
    Case {
        name: "ack of an answer",
        observed: "the hub's ack comes with the id that was asked for, and its argument",
        run: |counter| Box::pin(ack_of_an_answer(counter)),
    },
    Case {
        name: "ack of a command",
        observed: "a command that asks for an ack is told as any other, and the ack that `wire` composes is taken by the hub",
        run: |counter| Box::pin(ack_of_a_command(counter)),
    },
    Case {
        name: "ping",
        observed: "the hub, which pings again only after a pong, has pinged 5 times, and still has the plugin",
        run: |counter| Box::pin(ping(counter)),
    },
    Case {
        name: "large message",
        observed: "a command of 3 MB and an answer of 900 kB come whole",
        run: |counter| Box::pin(large_message(counter)),
    },
    Case {
        name: "too large",
        observed: "an answer above the hub's limit ends the connection, which the plugin notices",
        run: |counter| Box::pin(too_large(counter)),
    },
    Case {
        name: "bytes",
        observed: "an event with bytes is no command and no harm: the command after it comes",
        run: |counter| Box::pin(bytes(counter)),
    },
    Case {
        name: "server close",
        observed: "a hub that closes the plugin's socket, and one that ends, are noticed",
        run: |counter| Box::pin(server_close(counter)),
    },
    Case {
        name: "upgrade offered",
        observed: "a hub whose polling handshake offers `websocket` has its handshake read, and the plugin does without polling",
        run: |counter| Box::pin(upgrade_offered(counter)),
    },
    Case {
        name: "polling only",
        observed: "a hub that allows no WebSocket is refused with a message that says so, and shows its HTTP status and words",
        run: |counter| Box::pin(polling_only(counter)),
    },
];

const BOTH: &[&str] = &["polling", "websocket"];

impl Counter {
    /// A server with these settings; its address.
    async fn serve(&mut self, ping_interval_ms: u64, transports: &[&str]) -> String {
        self.peer.order(json!({
            "do": "serve",
            "ping_interval_ms": ping_interval_ms,
            "ping_timeout_ms": 20_000,
            "max_bytes": 1_000_000,
            "transports": transports,
        }));
        let report = self.peer.sees("serving", &Value::Null).await;
        report["url"].as_str().expect("an address").to_owned()
    }

    /// A server as they usually are, and a plugin of user 1 that is connected.
    async fn plugin(&mut self) -> OurPlugin {
        let url = self.serve(25_000, BOTH).await;
        self.plugin_at(&url).await
    }

    async fn plugin_at(&mut self, url: &str) -> OurPlugin {
        let plugin = OurPlugin::connected(url).await;
        let report = self.peer.sees("connected", &json!({"user": 1})).await;
        assert_eq!(report["transport"], "websocket");
        plugin
    }

    /// Emits a command to user 1.
    fn command(&self, command: &Value, ack: bool) {
        self.peer.order(json!({"do": "say", "user": 1, "name": "plugin_command", "args": [command], "ack": ack}));
    }

    /// The next answer of user 1's plugin.
    async fn answered(&mut self) -> Value {
        let report = self.peer.sees("event", &json!({"user": 1, "name": "plugin_response"})).await;
        assert_eq!(report["args"].as_array().map(Vec::len), Some(1), "{report}");
        report["args"][0].clone()
    }

    /// Ends the server.
    async fn stop(&mut self, mut plugin: OurPlugin) {
        plugin.close();
        self.peer.sees("disconnected", &json!({"user": 1})).await;
        self.peer.order(json!({"do": "stop"}));
    }
}

/// A command, with letters of every kind.
fn a_command() -> Value {
    json!({"request_id": "req_1_1736438400000_5432", "action": "VINTED_SYNC", "payload": {"n": 1.5, "é": "\u{1f455}\n\"\\\u{2028}"}})
}

fn an_answer(data: &Value) -> Value {
    json!({"request_id": "req_1_1736438400000_5432", "success": true, "data": data})
}

async fn connect(counter: &mut Counter) {
    let plugin = counter.plugin().await;
    counter.stop(plugin).await;
}

async fn refuse(counter: &mut Counter) {
    let url = counter.serve(25_000, BOTH).await;
    for auth in [None, Some(json!({"token": "no"}))] {
        let mut plugin = OurPlugin::open(&url, auth);
        let learned = plugin.learns().await;
        let Learned::Notice(Notice::Refused(reason)) = &learned else { panic!("{learned:?}") };
        assert_eq!(reason["message"], "a user_id is required", "{reason}");
        counter.peer.sees("refused", &Value::Null).await;
    }
    counter.peer.order(json!({"do": "stop"}));
}

async fn command(counter: &mut Counter) {
    let mut plugin = counter.plugin().await;
    for _ in 0..3 {
        counter.command(&a_command(), false);
        assert_eq!(plugin.event("plugin_command").await, [a_command()]);
    }
    counter.stop(plugin).await;
}

async fn answer(counter: &mut Counter) {
    let mut plugin = counter.plugin().await;
    let data = json!({"n": -2.25, "list": [null, true, {}], "é": "\u{1f455}\n\"\\\u{2028}"});
    for _ in 0..3 {
        plugin.emit("plugin_response", &[an_answer(&data)], None);
        assert_eq!(counter.answered().await, an_answer(&data));
    }
    counter.stop(plugin).await;
}

async fn ack_of_an_answer(counter: &mut Counter) {
    let mut plugin = counter.plugin().await;
    for id in [0, 7, 4_294_967_296] {
        plugin.emit("plugin_response", &[an_answer(&json!(id))], Some(id));
        assert_eq!(plugin.learns().await, Learned::Ack(Some(id), vec![json!("taken")]));
        assert_eq!(counter.answered().await["data"], id);
    }
    counter.stop(plugin).await;
}

async fn ack_of_a_command(counter: &mut Counter) {
    let mut plugin = counter.plugin().await;
    for number in 0..3 {
        counter.command(&a_command(), true);
        let learned = plugin.learns().await;
        let Learned::Asked(id, notice) = learned else { panic!("{learned:?}") };
        assert_eq!(notice, Notice::Event { name: "plugin_command".to_owned(), args: vec![a_command()] });
        plugin.ack(id, &[json!({"number": number})]);
        let report = counter.peer.sees("ack", &json!({"user": 1})).await;
        assert_eq!(report["args"], json!([{"number": number}]));
    }
    counter.stop(plugin).await;
}

async fn ping(counter: &mut Counter) {
    let url = counter.serve(100, BOTH).await;
    let mut plugin = counter.plugin_at(&url).await;
    plugin.pinged(5).await;
    counter.command(&a_command(), false);
    assert_eq!(plugin.event("plugin_command").await, [a_command()]);
    assert_eq!(counter.peer.unawaited("disconnected", &json!({})), Vec::<Value>::new());
    counter.stop(plugin).await;
}

async fn large_message(counter: &mut Counter) {
    let mut plugin = counter.plugin().await;
    let command = json!({"request_id": "large", "action": "VINTED_PUBLISH", "payload": "x".repeat(3_000_000)});
    counter.command(&command, false);
    assert!(plugin.event("plugin_command").await == [command], "another command");
    let answer = an_answer(&json!("é".repeat(450_000)));
    plugin.emit("plugin_response", std::slice::from_ref(&answer), None);
    assert!(counter.answered().await == answer, "another answer");
    counter.stop(plugin).await;
}

async fn too_large(counter: &mut Counter) {
    let mut plugin = counter.plugin().await;
    plugin.emit("plugin_response", &[an_answer(&json!("x".repeat(1_500_000)))], None);
    ended(&mut plugin).await;
    counter.peer.sees("disconnected", &json!({"user": 1})).await;
    assert_eq!(counter.peer.unawaited("event", &json!({})), Vec::<Value>::new());
    counter.peer.order(json!({"do": "stop"}));
}

/// Waits until the plugin notices its end; it may have been told before.
async fn ended(plugin: &mut OurPlugin) {
    loop {
        match plugin.learns().await {
            Learned::Closed => return,
            Learned::Notice(Notice::Disconnected | Notice::Closing) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn bytes(counter: &mut Counter) {
    let mut plugin = counter.plugin().await;
    for binary in [json!({"$bytes": [0, 255]}), json!({"request_id": "binary", "payload": {"$bytes": [0, 255]}})] {
        counter.command(&binary, false);
        counter.command(&a_command(), false);
        assert_eq!(plugin.event("plugin_command").await, [a_command()]);
    }
    counter.stop(plugin).await;
}

async fn server_close(counter: &mut Counter) {
    let url = counter.serve(25_000, BOTH).await;
    let mut plugin = counter.plugin_at(&url).await;
    counter.peer.order(json!({"do": "close", "user": 1}));
    assert_eq!(plugin.learns().await, Learned::Notice(Notice::Disconnected));
    counter.peer.sees("disconnected", &json!({"user": 1})).await;
    let mut plugin = counter.plugin_at(&url).await;
    counter.peer.order(json!({"do": "stop"}));
    ended(&mut plugin).await;
}

async fn upgrade_offered(counter: &mut Counter) {
    let url = counter.serve(25_000, BOTH).await;
    let packet = get(&url, "/socket.io/?EIO=4&transport=polling").await;
    let Ok(Incoming::Engine(Packet::Open(handshake))) = Incoming::read(&packet) else { panic!("{packet}") };
    assert_eq!(handshake.upgrades, ["websocket"]);
    assert_eq!((handshake.ping_interval_ms, handshake.ping_timeout_ms), (25_000, 20_000));
    let plugin = counter.plugin_at(&url).await;
    counter.stop(plugin).await;
}

async fn polling_only(counter: &mut Counter) {
    let url = counter.serve(25_000, &["polling"]).await;
    let mut plugin = OurPlugin::open(&url, Some(json!({"user_id": 1})));
    let learned = plugin.learns().await;
    let Learned::Unreachable(why) = learned else { panic!("{learned:?}") };
    assert!(why.contains("HTTP 400 to the WebSocket handshake, body "), "{why}");
    assert!(why.ends_with("a Socket.IO server that allows no WebSocket, and plugins use nothing else"), "{why}");
    counter.peer.order(json!({"do": "stop"}));
}

/// The body of what is answered to a GET.
async fn get(url: &str, target: &str) -> String {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!("GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut answer = String::new();
    soon("an answer", stream.read_to_string(&mut answer)).await.expect("an answer");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    body.to_owned()
}
