//! `socketioxide` as a bare hub, without this crate's machine behind it. It does what the programs in `fixtures/hubs` do.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use socketioxide::extract::{AckSender, Data, Event, SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::{SocketIo, TransportType};
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedSender;

use super::peer::TaskEnds;

/// Arguments as they are to be emitted: what stands for bytes becomes bytes.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Emitted {
    Bytes(Bytes),
    List(Vec<Emitted>),
    Map(BTreeMap<String, Emitted>),
    Plain(Value),
}

impl From<&Value> for Emitted {
    fn from(value: &Value) -> Self {
        match value {
            Value::Array(values) => Self::List(values.iter().map(Self::from).collect()),
            Value::Object(values) => match values.get("$bytes") {
                Some(bytes) => {
                    let bytes: Vec<u8> = serde_json::from_value(bytes.clone()).expect("bytes");
                    Self::Bytes(bytes.into())
                }
                None => Self::Map(values.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect()),
            },
            plain => Self::Plain(plain.clone()),
        }
    }
}

/// Sockets in the order in which they came.
type Sockets = Arc<Mutex<Vec<SocketRef>>>;

/// Does orders until there are no more.
pub(crate) async fn obey((mut orders, told): TaskEnds) {
    let version = super::version_of("socketioxide");
    told.send(json!({"saw": "ready", "library": "socketioxide", "version": version})).ok();
    let mut running: Option<(SocketIo, Sockets)> = None;
    while let Some(order) = orders.recv().await {
        if order["do"] == "serve" {
            running = Some(serve(&order, &told).await);
            continue;
        }
        let (io, sockets) = running.as_ref().expect("a server");
        match order["do"].as_str().expect("an order") {
            "say" => say(io, sockets, &order, &told).await,
            "close" => {
                let sockets = std::mem::take(&mut *sockets.lock().expect("the sockets"));
                for socket in sockets {
                    socket.disconnect().ok();
                }
            }
            "stop" => io.close().await,
            other => panic!("{other:?} is no order"),
        }
    }
}

async fn serve(order: &Value, told: &UnboundedSender<Value>) -> (SocketIo, Sockets) {
    let number = |key: &str| order[key].as_u64().expect("a number");
    let builder = SocketIo::builder()
        .ping_interval(Duration::from_millis(number("ping_interval_ms")))
        .ping_timeout(Duration::from_millis(number("ping_timeout_ms")))
        .max_payload(number("max_bytes"))
        .ws_max_message_size(usize::try_from(number("max_bytes")).expect("a size"))
        .ws_max_frame_size(usize::try_from(number("max_bytes")).expect("a size"));
    let builder = match order["transports"].as_array().map(Vec::len) {
        Some(1) => builder.transports([TransportType::Polling]),
        _ => builder,
    };
    let (layer, io) = builder.build_layer();
    let sockets = Sockets::default();
    let (taken, reports, refusals) = (Arc::clone(&sockets), told.clone(), told.clone());
    let take = async move |socket: SocketRef, auth: Data<Value>| welcome(&socket, &auth.0, &taken, &reports);
    let decide = async move |auth: TryData<Value>| match auth.0 {
        Ok(auth) if auth.get("user_id").is_some() => Ok(()),
        _ => {
            refusals.send(json!({"saw": "refused"})).ok();
            Err("a user_id is required")
        }
    };
    io.ns("/", take.with(decide));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    // It ends with the runtime.
    tokio::spawn(axum::serve(listener, axum::Router::new().layer(layer)).into_future());
    told.send(json!({"saw": "serving", "url": url})).ok();
    (io, sockets)
}

fn welcome(socket: &SocketRef, auth: &Value, sockets: &Sockets, told: &UnboundedSender<Value>) {
    let user = auth["user_id"].clone();
    socket.join(format!("user_{user}"));
    sockets.lock().expect("the sockets").push(socket.clone());
    let (reports, of) = (told.clone(), user.clone());
    socket.on_fallback(async move |Event(name): Event, TryData(arg): TryData<Value>, ack: AckSender| {
        ack.send("taken").ok();
        let args: Vec<Value> = arg.into_iter().collect();
        reports.send(json!({"saw": "event", "user": of, "name": name, "args": args})).ok();
    });
    let (reports, of) = (told.clone(), user.clone());
    socket.on_disconnect(async move || {
        reports.send(json!({"saw": "disconnected", "user": of})).ok();
    });
    let transport = match socket.transport_type() {
        TransportType::Websocket => "websocket",
        TransportType::Polling => "polling",
    };
    // Last, so that whoever is told of it may go on at once.
    told.send(json!({"saw": "connected", "user": user, "transport": transport})).ok();
}

async fn say(io: &SocketIo, sockets: &Sockets, order: &Value, told: &UnboundedSender<Value>) {
    let name = order["name"].as_str().expect("a name").to_owned();
    let arg = Emitted::from(&order["args"][0]);
    if order["ack"] == false {
        io.to(format!("user_{}", order["user"])).emit(name, &arg).await.expect("an emit");
        return;
    }
    let newest = sockets.lock().expect("the sockets").last().expect("a socket").clone();
    let ack = newest.emit_with_ack::<_, Value>(name, &arg).expect("an emit");
    let (told, user) = (told.clone(), order["user"].clone());
    tokio::spawn(async move {
        let report = match ack.await {
            Ok(arg) => json!({"saw": "ack", "user": user, "args": [arg]}),
            Err(error) => json!({"saw": "trouble", "text": error.to_string()}),
        };
        told.send(report).ok();
    });
}
