//! Another Socket.IO client as a plugin: `rust_socketio`, which knows nothing of this crate's `wire`.

use futures_util::FutureExt;
use rust_socketio::asynchronous::{Client, ClientBuilder};
use rust_socketio::{Event, Payload, TransportType};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::world::{World, soon};

/// A client that answers what `answer` makes of the command, and what it has to report.
async fn plugin(
    world: &World,
    auth: Option<Value>,
    transport: TransportType,
    answer: fn(&Value) -> Value,
) -> (Client, UnboundedReceiver<String>) {
    let (reports, reported) = unbounded_channel();
    let failures = reports.clone();
    let mut builder = ClientBuilder::new(world.hub.url())
        .transport_type(transport)
        .reconnect(false)
        .on("plugin_command", move |payload: Payload, client: Client| {
            // Spawned, because this client reads nothing while a callback runs.
            tokio::spawn(async move {
                let Payload::Text(args) = payload else { panic!("{payload:?}") };
                let mut response = answer(&args[0]);
                response["request_id"] = args[0]["request_id"].clone();
                client.emit("plugin_response", response).await.expect("an emit");
            });
            async {}.boxed()
        })
        .on(Event::Connect, move |_, _| {
            reports.send("connected".to_owned()).ok();
            async {}.boxed()
        })
        .on(Event::Error, move |payload, _| {
            failures.send(format!("{payload:?}")).ok();
            async {}.boxed()
        });
    if let Some(auth) = auth {
        builder = builder.auth(auth);
    }
    let client = Box::pin(soon("a connection", builder.connect())).await.expect("a connection");
    (client, reported)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_client_connects_and_answers() {
    for transport in [TransportType::Websocket, TransportType::Any] {
        let world = World::new();
        let answer = |command: &Value| json!({"success": true, "data": command["payload"]});
        let (client, mut reported) = plugin(&world, Some(json!({"user_id": 1})), transport, answer).await;
        assert_eq!(soon("the connection", reported.recv()).await.as_deref(), Some("connected"));
        for _ in 0..20 {
            let outcome = soon("the outcome", world.call("/calls", &json!(1), 15.0)).await;
            assert_eq!(outcome["value"], json!({"shop_id": 1}));
        }
        client.disconnect().await.expect("a disconnect");
        world.sockets_of(1, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_client_s_failure_is_the_caller_s_error() {
    let world = World::new();
    let answer = |_: &Value| json!({"success": false, "error": "Vinted API error"});
    let (_client, mut reported) = plugin(&world, Some(json!({"user_id": 1})), TransportType::Websocket, answer).await;
    soon("the connection", reported.recv()).await;
    let outcome = soon("the outcome", world.call("/calls", &json!(1), 15.0)).await;
    assert_eq!(outcome["error"]["kind"], "plugin_error");
    assert_eq!(outcome["error"]["message"], "Vinted API error");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_client_without_a_user_is_refused() {
    let world = World::new();
    let (_client, mut reported) = plugin(&world, None, TransportType::Websocket, |_| json!({})).await;
    let report = soon("the refusal", reported.recv()).await.unwrap();
    assert!(report.contains("a user_id is required"), "{report}");
    assert_eq!(world.ask("GET", "/stats", &Value::Null).await.1["connections"], 0);
}
