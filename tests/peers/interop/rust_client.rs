//! `rust_socketio` as plugins, which knows nothing of this crate's `wire`. It does what the programs in `fixtures/clients` do.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::FutureExt;
use rust_socketio::asynchronous::{Client, ClientBuilder};
use rust_socketio::{Event, Payload, TransportType};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::peer::TaskEnds;

/// What it says of a refusal before it comes to what the hub said.
const REFUSAL: &str = "Received an ConnectError frame: ";

/// How long an ack may take.
const ACK: Duration = Duration::from_secs(20);

/// Does orders until there are no more.
pub(crate) async fn obey((mut orders, told): TaskEnds) {
    let version = super::version_of("rust_socketio");
    told.send(json!({"saw": "ready", "library": "rust_socketio", "version": version})).ok();
    let mut clients = BTreeMap::new();
    while let Some(order) = orders.recv().await {
        let plugin = order["plugin"].as_str().expect("a plugin").to_owned();
        let done = match order["do"].as_str().expect("an order") {
            "open" => open(&plugin, &order, &told).await.map(|client| {
                clients.insert(plugin, client);
            }),
            "say" => say(&clients[&plugin], &plugin, &order, &told).await,
            "close" => {
                // One that was refused has nothing to close.
                clients.remove(&plugin).expect("a client").disconnect().await.ok();
                Ok(())
            }
            other => panic!("{other:?} is no order"),
        };
        if let Err(error) = done {
            told.send(json!({"saw": "trouble", "text": format!("{order}: {error}")})).ok();
        }
    }
}

async fn open(plugin: &str, order: &Value, told: &UnboundedSender<Value>) -> Result<Client, rust_socketio::Error> {
    let transports: Vec<&str> =
        order["transports"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let transport = match transports.as_slice() {
        ["websocket"] => TransportType::Websocket,
        ["polling"] => TransportType::Polling,
        ["polling", "websocket"] => TransportType::Any,
        other => panic!("{other:?} are no transports of this library"),
    };
    let tell = |saw: &'static str, more: fn(&Payload) -> Value| {
        let (told, plugin) = (told.clone(), plugin.to_owned());
        move |payload: Payload, _: Client| {
            let mut report = more(&payload);
            report["saw"] = json!(saw);
            report["plugin"] = json!(plugin);
            told.send(report).ok();
            async {}.boxed()
        }
    };
    let (events, of) = (told.clone(), plugin.to_owned());
    let errors = (told.clone(), plugin.to_owned());
    let mut builder = ClientBuilder::new(order["url"].as_str().expect("an address"))
        .transport_type(transport)
        .reconnect(order["reconnect"] == true)
        .reconnect_delay(20, 200)
        .on(Event::Connect, tell("connected", |_| json!({})))
        .on(Event::Close, tell("disconnected", |_| json!({})))
        .on(Event::Error, move |payload, _| {
            // What is no refusal is the end of a connection.
            let text = texts(&payload).first().and_then(Value::as_str).unwrap_or_default().to_owned();
            let (told, plugin) = &errors;
            let report = match text.split_once(REFUSAL) {
                Some((_, reason)) => {
                    let reason = serde_json::from_str(reason).unwrap_or_else(|_| json!({"message": reason}));
                    json!({"saw": "refused", "plugin": plugin, "reason": reason})
                }
                None => json!({"saw": "disconnected", "plugin": plugin}),
            };
            told.send(report).ok();
            async {}.boxed()
        })
        .on_any(move |event, payload, _| {
            if let Event::Custom(name) = event {
                let report = json!({"saw": "event", "plugin": of, "name": name, "args": texts(&payload)});
                events.send(report).ok();
            }
            async {}.boxed()
        });
    if let Some(auth) = order.get("auth") {
        builder = builder.auth(auth.clone());
    }
    builder.connect().await
}

async fn say(
    client: &Client,
    plugin: &str,
    order: &Value,
    told: &UnboundedSender<Value>,
) -> Result<(), rust_socketio::Error> {
    let name = order["name"].as_str().expect("a name");
    let args = order["args"].as_array().expect("arguments").clone();
    let payload = match args.as_slice() {
        [arg] if arg["$bytes"].is_array() => {
            Payload::from(serde_json::from_value::<Vec<u8>>(arg["$bytes"].clone()).expect("bytes"))
        }
        _ => Payload::Text(args),
    };
    if order["ack"] == false {
        return client.emit(name, payload).await;
    }
    let (told, plugin) = (told.clone(), plugin.to_owned());
    let answered = move |payload: Payload, _: Client| {
        // The library hands over all arguments of an ack as one.
        let args = texts(&payload).into_iter().next();
        told.send(json!({"saw": "ack", "plugin": plugin, "args": args})).ok();
        async {}.boxed()
    };
    client.emit_with_ack(name, payload, ACK, answered).await
}

/// What is no bytes.
fn texts(payload: &Payload) -> Vec<Value> {
    match payload {
        Payload::Text(values) => values.clone(),
        #[expect(deprecated, reason = "the library still hands it over")]
        Payload::String(text) => vec![json!(text)],
        Payload::Binary(_) => Vec::new(),
    }
}
