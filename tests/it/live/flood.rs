//! A flood of junk from one socket: everybody else is served as before, and so is the user whose socket it is.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hubproof::hub::HubConfig;
use hubproof::live::ServeOptions;
use hubproof::stage::ServerManners;
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio::sync::watch;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

use super::world::{World, soon};

/// Users who are asked, and how often.
const NEIGHBOURS: u64 = 4;
const CALLS: u64 = 10;

/// Junk that does not end the connection.
fn junk() -> Vec<String> {
    let shapes = [
        "null",
        "7",
        "[1]",
        "{}",
        r#"{"request_id":""}"#,
        r#"{"request_id":"req_1_1736438400000_1000","success":true}"#,
    ];
    let mut frames: Vec<String> = shapes.iter().map(|shape| format!(r#"42["plugin_response",{shape}]"#)).collect();
    frames.push(r#"42["another_event",{"a":1}]"#.to_owned());
    frames.push(r#"427["plugin_response"]"#.to_owned());
    frames.push(format!(r#"42["plugin_response",{{"request_id":"{}","success":true}}]"#, "x".repeat(2_000)));
    frames
}

/// Sends junk as user 1 until it is told to stop, and tells when it has begun. What comes is read and forgotten. Then it is
/// an ordinary plugin that answers one command.
async fn flood(url: String, begun: watch::Sender<bool>, stop: watch::Receiver<bool>) -> u64 {
    // What is on its way when the flood ends has still to be read by the hub: a small buffer bounds that.
    let address = url.strip_prefix("http://").and_then(|address| address.parse().ok()).expect("an address");
    let stream = TcpSocket::new_v4().expect("a socket");
    stream.set_send_buffer_size(32 << 10).expect("a small buffer");
    let stream = stream.connect(address).await.expect("a connection");
    let url = format!("{}/socket.io/?EIO=4&transport=websocket", url.replacen("http", "ws", 1));
    let (socket, _) = client_async(url, stream).await.expect("a WebSocket");
    let (mut sink, mut stream) = socket.split();
    sink.send(Message::text(r#"40{"user_id":1}"#)).await.expect("CONNECT is sent");
    // An event before the reply would end the connection.
    loop {
        let message = stream.next().await.expect("a frame, and not the end").expect("a frame");
        if message.to_text().is_ok_and(|text| text.starts_with("40")) {
            break;
        }
    }
    let flooding = async {
        let mut sent = 0;
        while !*stop.borrow() {
            for frame in junk() {
                sink.send(Message::text(frame)).await.expect("the hub does not close for junk");
                sent += 1;
            }
            begun.send_replace(true);
        }
        sent
    };
    // The command may come before the last of the flood has gone.
    let is_command = |message: &Message| message.to_text().is_ok_and(|text| text.starts_with("42"));
    let mut command = None;
    let sent = {
        let mut flooding = std::pin::pin!(flooding);
        loop {
            tokio::select! {
                sent = &mut flooding => break sent,
                message = stream.next() => {
                    let message = message.expect("a frame, and not the end").expect("a frame");
                    command = command.or(Some(message).filter(is_command));
                }
            }
        }
    };
    while command.is_none() {
        let message = stream.next().await.expect("a frame, and not the end").expect("a frame");
        command = Some(message).filter(is_command);
    }
    let text = command.expect("a command").into_text().expect("a text");
    let command: Value = serde_json::from_str(&text[2..]).expect("a command");
    let response = json!({"request_id": command[1]["request_id"], "success": true, "data": sent});
    sink.send(Message::text(format!("42{}", json!(["plugin_response", response])))).await.expect("a response is sent");
    // The answer has to be on its way before the connection ends.
    sink.send(Message::text(r#"428["plugin_response"]"#)).await.expect("a frame is sent");
    while stream.next().await.is_some_and(|message| message.is_ok_and(|message| message != Message::text("438[]"))) {}
    sent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neighbours_of_a_flooding_socket_are_all_answered_and_so_is_its_user() {
    // Who floods answers no pings meanwhile.
    let manners = ServerManners { ping_timeout: Duration::from_secs(3600), ..ServerManners::default() };
    let world = World::with(HubConfig::default(), ServeOptions { manners, ..ServeOptions::default() });
    let (begun, mut has_begun) = watch::channel(false);
    let (stop, stopped) = watch::channel(false);
    let flooding = tokio::spawn(flood(world.hub.url(), begun, stopped));
    soon("the flood", has_begun.wait_for(|begun| *begun)).await.expect("a flood that goes on");
    for user in 2..2 + NEIGHBOURS {
        let mut plugin = world.plugin(user).await;
        let name = json!(user);
        for round in 0..CALLS {
            let answer = async {
                let command = plugin.command().await;
                plugin.answer(&command, &json!([user, round])).await;
            };
            let (outcome, ()) = tokio::join!(world.call("/calls", &name, 60.0), answer);
            assert_eq!(outcome["value"], json!([user, round]));
        }
    }
    world.pending(0).await;
    assert!(!flooding.is_finished(), "the flood goes on all the while");
    stop.send_replace(true);
    let outcome = world.call("/calls", &json!(1), 60.0).await;
    let sent = soon("the end of the flood", flooding).await.expect("a flood");
    assert_eq!(outcome["value"], sent, "who has flooded is served too");
    world.pending(0).await;
}
