//! What can be seen only from inside: the instants while a socket connects.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::machine::{Asking, Machine};
use super::{HubServer, ServeOptions};
use crate::contract::control::Request;
use crate::hub::HubConfig;

type Client = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// Calls user 1 again and again until the hub knows a socket to send the command to.
fn call_until_sent(machine: &Arc<Machine>) -> Asking {
    let call = br#"{"user_id":1,"action":"A","timeout_s":60}"#;
    let call = Request::from_http("POST", "/commands", call).expect("a call");
    loop {
        let mut asking = machine.ask(call.clone());
        if (&mut asking).now_or_never().is_none() {
            return asking;
        }
    }
}

async fn open(address: SocketAddr) -> Client {
    let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
    connect_async(url).await.expect("a WebSocket").0
}

/// The next packet of Socket.IO.
async fn packet(client: &mut Client) -> String {
    loop {
        let message = tokio::time::timeout(Duration::from_secs(20), client.next()).await;
        let message = message.expect("a packet in time").expect("a packet, and not the end").expect("a packet");
        if let Some(packet) = message.to_text().expect("a text").strip_prefix('4') {
            return packet.to_owned();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_in_the_instant_of_joining_comes_right_after_the_answer_to_connect() {
    let hub = HubServer::start(HubConfig::default(), ServeOptions::default()).unwrap();
    for _ in 0..50 {
        let mut client = open(hub.address()).await;
        let machine = Arc::clone(&hub.machine);
        let calling = tokio::task::spawn_blocking(move || call_until_sent(&machine));
        client.send(Message::text(r#"40{"user_id":1}"#)).await.unwrap();
        assert!(packet(&mut client).await.starts_with("0{"));
        assert!(packet(&mut client).await.starts_with(r#"2["plugin_command","#));
        drop(calling.await.unwrap());
        client.close(None).await.unwrap();
        while client.next().await.is_some_and(|message| message.is_ok()) {}
        while hub.machine.is_connected() {
            tokio::task::yield_now().await;
        }
    }
}
