//! What every client of another maker has to do at our hub.

use hubproof::hub::HubConfig;
use hubproof::live::ServeOptions;
use hubproof::stage::ServerManners;
use serde_json::{Value, json};
use std::time::Duration;

use super::case::Case;
use super::peer::Peer;
use super::tap::Tap;
use crate::world::{World, soon};

/// A client that plays plugins. Each case has a hub of its own, and plugins with names of their own.
pub(crate) struct Desk {
    /// The client.
    pub(crate) peer: Peer,
    plugins: usize,
}

const WEBSOCKET: &[&str] = &["websocket"];
const POLLING: &[&str] = &["polling"];
const BOTH: &[&str] = &["polling", "websocket"];

/// What a hub says to those who name no user.
const REFUSAL: &str = "a user_id is required";

/// Every case.
pub(crate) const CASES: &[Case<Desk>] = &[
    Case {
        name: "connected",
        observed: "the client's own event says so, the hub counts one socket of its user, and none after an orderly close",
        run: |desk| Box::pin(connected(desk)),
    },
    Case {
        name: "refused",
        observed: "without auth, with `{}` and with another key the client gets the hub's reason, and the hub has no connection",
        run: |desk| Box::pin(refused(desk)),
    },
    Case {
        name: "command and answer",
        observed: "20 commands come as the backend gave them, with exactly the documented keys, and each answer is its call's",
        run: |desk| Box::pin(command_and_answer(desk)),
    },
    Case {
        name: "error",
        observed: "an answer without success is the caller's error, word for word",
        run: |desk| Box::pin(error(desk)),
    },
    Case {
        name: "two tabs",
        observed: "both get the same command; the first answer wins, and the other tab may win the next time",
        run: |desk| Box::pin(two_tabs(desk)),
    },
    Case {
        name: "reconnect",
        observed: "cut off without a goodbye and kept out for a while, the client is back by itself with its auth, and answers",
        run: |desk| Box::pin(reconnect(desk)),
    },
    Case {
        name: "acks",
        observed: "an answer that asks for an ack gets one without arguments, and counts",
        run: |desk| Box::pin(acks(desk)),
    },
    Case {
        name: "bytes as an answer",
        observed: "an event that is bytes is ignored, over WebSocket and polling; the answer after it counts",
        run: |desk| Box::pin(binary(desk, |_| json!({"$bytes": [0, 1, 2, 255]}))),
    },
    Case {
        name: "bytes within an answer",
        observed: "an answer whose data is bytes is ignored, over WebSocket and polling; the answer after it counts",
        run: |desk| {
            Box::pin(binary(desk, |id| json!({"request_id": id, "success": true, "data": {"$bytes": [0, 1, 2, 255]}})))
        },
    },
    Case {
        name: "polling then upgrade",
        observed: "the first request polls, a WebSocket takes the session over, and commands and answers then need no polling",
        run: |desk| Box::pin(upgrade(desk)),
    },
    Case {
        name: "polling only",
        observed: "commands and answers travel without any WebSocket",
        run: |desk| Box::pin(polling_only(desk)),
    },
    Case {
        name: "large answer",
        observed: "900 kB come back whole, over WebSocket and polling",
        run: |desk| Box::pin(large_answer(desk)),
    },
    Case {
        name: "heartbeat",
        observed: "the hub, which pings again only after a pong, has pinged 5 times, and the client is still there",
        run: |desk| Box::pin(heartbeat(desk)),
    },
];

/// A hub with the relay to it.
struct Hub {
    world: World,
    tap: Tap,
}

impl Hub {
    async fn new() -> Self {
        Self::with(ServeOptions::default()).await
    }

    async fn with(options: ServeOptions) -> Self {
        let world = World::with(HubConfig::default(), options);
        let tap = Tap::new(world.hub.address()).await;
        Self { world, tap }
    }
}

impl Desk {
    pub(crate) fn new(peer: Peer) -> Self {
        Self { peer, plugins: 0 }
    }

    /// Opens a plugin and does not wait for what comes of it.
    fn open(&mut self, url: &str, auth: Option<Value>, transports: &[&str], reconnect: bool) -> Value {
        self.plugins += 1;
        let plugin = json!(format!("plugin {}", self.plugins));
        let mut order =
            json!({"do": "open", "plugin": plugin, "url": url, "transports": transports, "reconnect": reconnect});
        if let Some(auth) = auth {
            order["auth"] = auth;
        }
        self.peer.order(order);
        plugin
    }

    /// A plugin of user 1 that is connected.
    async fn plugin(&mut self, hub: &Hub, transports: &[&str]) -> Value {
        let plugin = self.open(&hub.tap.url(), Some(json!({"user_id": 1})), transports, false);
        self.peer.sees("connected", &json!({"plugin": plugin})).await;
        plugin
    }

    /// The next command that a plugin gets.
    async fn command(&mut self, plugin: &Value) -> Value {
        let event = self.peer.sees("event", &json!({"plugin": plugin})).await;
        assert_eq!(event["name"], "plugin_command", "{event}");
        assert_eq!(event["args"].as_array().map(Vec::len), Some(1), "{event}");
        event["args"][0].clone()
    }

    /// Has a plugin say something in answer.
    fn say(&mut self, plugin: &Value, response: &Value, ack: bool) {
        let order = json!({"do": "say", "plugin": plugin, "name": "plugin_response", "args": [response], "ack": ack});
        self.peer.order(order);
    }

    /// Has a plugin answer a command with success.
    fn answer(&mut self, plugin: &Value, command: &Value, data: &Value) {
        self.say(plugin, &json!({"request_id": command["request_id"], "success": true, "data": data}), false);
    }

    /// Makes a call that one plugin answers; what the caller gets.
    async fn call(&mut self, world: &World, plugin: &Value, data: &Value) -> Value {
        let answering = async {
            let command = self.command(plugin).await;
            self.answer(plugin, &command, data);
        };
        tokio::join!(outcome(world), answering).0
    }

    fn close(&mut self, plugin: &Value) {
        self.peer.order(json!({"do": "close", "plugin": plugin}));
    }

    /// Closes a plugin, the last of its user, and waits until the hub knows.
    async fn leave(&mut self, world: &World, plugin: &Value) {
        self.close(plugin);
        world.sockets_of(1, 0).await;
    }
}

/// What comes of a call.
async fn outcome(world: &World) -> Value {
    soon("the outcome", world.call("/calls", &json!(1), 15.0)).await
}

async fn connected(desk: &mut Desk) {
    let hub = Hub::new().await;
    let plugin = desk.plugin(&hub, WEBSOCKET).await;
    hub.world.sockets_of(1, 1).await;
    desk.leave(&hub.world, &plugin).await;
}

async fn refused(desk: &mut Desk) {
    let hub = Hub::new().await;
    for auth in [None, Some(json!({})), Some(json!({"token": "no"}))] {
        let plugin = desk.open(&hub.tap.url(), auth, WEBSOCKET, false);
        let report = desk.peer.sees("refused", &json!({"plugin": plugin})).await;
        let message = report["reason"]["message"].as_str().expect("a message");
        assert!(message.contains(REFUSAL), "{report}");
        assert_eq!(hub.world.ask("GET", "/stats", &Value::Null).await.1["connections"], 0);
        desk.close(&plugin);
    }
}

async fn command_and_answer(desk: &mut Desk) {
    let hub = Hub::new().await;
    let plugin = desk.plugin(&hub, WEBSOCKET).await;
    for number in 0..20 {
        let asking = outcome(&hub.world);
        let answering = async {
            let command = desk.command(&plugin).await;
            let keys: Vec<&str> = command.as_object().expect("an object").keys().map(String::as_str).collect();
            assert_eq!(keys, ["action", "payload", "request_id"]);
            assert_eq!(command["action"], "VINTED_SYNC");
            assert_eq!(command["payload"], json!({"shop_id": 1}));
            desk.answer(&plugin, &command, &json!({"number": number, "text": "é\u{1f455}\n\""}));
        };
        let (outcome, ()) = tokio::join!(asking, answering);
        assert_eq!(outcome["value"], json!({"number": number, "text": "é\u{1f455}\n\""}), "{outcome}");
    }
    desk.leave(&hub.world, &plugin).await;
}

async fn error(desk: &mut Desk) {
    let hub = Hub::new().await;
    let plugin = desk.plugin(&hub, WEBSOCKET).await;
    let answering = async {
        let command = desk.command(&plugin).await;
        let id = &command["request_id"];
        desk.say(&plugin, &json!({"request_id": id, "success": false, "error": "Vinted API error"}), false);
    };
    let (outcome, ()) = tokio::join!(outcome(&hub.world), answering);
    assert_eq!(outcome["error"]["kind"], "plugin_error", "{outcome}");
    assert_eq!(outcome["error"]["message"], "Vinted API error");
    desk.leave(&hub.world, &plugin).await;
}

async fn two_tabs(desk: &mut Desk) {
    let hub = Hub::new().await;
    let tabs = [desk.plugin(&hub, WEBSOCKET).await, desk.plugin(&hub, WEBSOCKET).await];
    hub.world.sockets_of(1, 2).await;
    for first in [0, 1] {
        let answering = async {
            let commands = [desk.command(&tabs[0]).await, desk.command(&tabs[1]).await];
            assert_eq!(commands[0], commands[1]);
            desk.answer(&tabs[first], &commands[first], &json!({"tab": first}));
            commands
        };
        let (outcome, commands) = tokio::join!(outcome(&hub.world), answering);
        assert_eq!(outcome["value"], json!({"tab": first}), "{outcome}");
        desk.answer(&tabs[1 - first], &commands[0], &json!("too late"));
    }
    desk.close(&tabs[0]);
    hub.world.sockets_of(1, 1).await;
    assert_eq!(desk.call(&hub.world, &tabs[1], &json!("alone")).await["value"], "alone");
    desk.leave(&hub.world, &tabs[1]).await;
}

async fn reconnect(desk: &mut Desk) {
    let hub = Hub::new().await;
    let plugin = desk.open(&hub.tap.url(), Some(json!({"user_id": 1})), WEBSOCKET, true);
    desk.peer.sees("connected", &json!({"plugin": plugin})).await;
    assert_eq!(desk.call(&hub.world, &plugin, &json!("before")).await["value"], "before");
    hub.tap.shut();
    hub.world.sockets_of(1, 0).await;
    hub.tap.open();
    desk.peer.sees("connected", &json!({"plugin": plugin})).await;
    hub.world.sockets_of(1, 1).await;
    assert_eq!(desk.call(&hub.world, &plugin, &json!("after")).await["value"], "after");
    desk.leave(&hub.world, &plugin).await;
}

async fn acks(desk: &mut Desk) {
    let hub = Hub::new().await;
    let plugin = desk.plugin(&hub, WEBSOCKET).await;
    for number in 0..3 {
        let answering = async {
            let command = desk.command(&plugin).await;
            let id = &command["request_id"];
            desk.say(&plugin, &json!({"request_id": id, "success": true, "data": number}), true);
            desk.peer.sees("ack", &json!({"plugin": plugin})).await
        };
        let (outcome, ack) = tokio::join!(outcome(&hub.world), answering);
        assert_eq!(outcome["value"], number, "{outcome}");
        assert_eq!(ack["args"], json!([]), "{ack}");
    }
    desk.leave(&hub.world, &plugin).await;
}

async fn binary(desk: &mut Desk, response: fn(&Value) -> Value) {
    for transports in [WEBSOCKET, POLLING] {
        let hub = Hub::new().await;
        let plugin = desk.plugin(&hub, transports).await;
        let answering = async {
            let command = desk.command(&plugin).await;
            desk.say(&plugin, &response(&command["request_id"]), false);
            desk.answer(&plugin, &command, &json!("text"));
        };
        let (outcome, ()) = tokio::join!(outcome(&hub.world), answering);
        assert_eq!(outcome["value"], "text", "{outcome}");
        let ignored = hub.world.log().iter().filter(|line| line.contains("response ignored")).count();
        assert_eq!(ignored, 1, "{:?}", hub.world.log());
        desk.leave(&hub.world, &plugin).await;
    }
}

async fn upgrade(desk: &mut Desk) {
    let hub = Hub::new().await;
    let plugin = desk.plugin(&hub, BOTH).await;
    // Answers that are posted are seen as requests before they reach the hub.
    let upgraded = async {
        loop {
            let polls = hub.tap.count("polling");
            assert_eq!(desk.call(&hub.world, &plugin, &json!("value")).await["value"], "value");
            if hub.tap.count("polling") == polls {
                break;
            }
        }
    };
    soon("a call without polling", upgraded).await;
    let requests = hub.tap.requests();
    let first = &requests[0];
    assert!(first.contains("transport=polling") && !first.contains("sid="), "{requests:?}");
    let taken_over = requests.iter().any(|query| query.contains("transport=websocket") && query.contains("sid="));
    assert!(taken_over, "{requests:?}");
    desk.leave(&hub.world, &plugin).await;
}

async fn polling_only(desk: &mut Desk) {
    let hub = Hub::new().await;
    let plugin = desk.plugin(&hub, POLLING).await;
    for number in 0..3 {
        assert_eq!(desk.call(&hub.world, &plugin, &json!(number)).await["value"], number);
    }
    assert_eq!(hub.tap.count("websocket"), 0);
    assert!(hub.tap.count("polling") > 3, "{:?}", hub.tap.requests());
    desk.leave(&hub.world, &plugin).await;
}

async fn large_answer(desk: &mut Desk) {
    let data = Value::from("x".repeat(900_000));
    for transports in [WEBSOCKET, POLLING] {
        let hub = Hub::new().await;
        let plugin = desk.plugin(&hub, transports).await;
        let outcome = desk.call(&hub.world, &plugin, &data).await;
        assert!(outcome["value"] == data, "{}", outcome["error"]);
        desk.leave(&hub.world, &plugin).await;
    }
}

async fn heartbeat(desk: &mut Desk) {
    let manners = ServerManners { ping_interval: Duration::from_millis(100), ..ServerManners::default() };
    let mut hub = Hub::with(ServeOptions { manners, ..ServeOptions::default() }).await;
    let plugin = desk.plugin(&hub, WEBSOCKET).await;
    soon("5 pings", hub.tap.pinged(5)).await;
    assert_eq!(desk.call(&hub.world, &plugin, &json!("there")).await["value"], "there");
    desk.leave(&hub.world, &plugin).await;
}
