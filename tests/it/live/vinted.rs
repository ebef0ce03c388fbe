//! The fake Vinted on a port: what the TCP stage before it does with connections.

use std::io;
use std::sync::{Arc, Mutex};

use hubproof::live::{VintedOptions, VintedServer};
use hubproof::vinted::{Profile, Settings, Vinted};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::world::soon;

/// A fake of this profile, in TOML.
async fn fake(profile: &str) -> (VintedServer, Arc<Mutex<Vinted>>) {
    let profile = Profile::read(profile, "profile").expect("a profile");
    let model = Arc::new(Mutex::new(Vinted::new(Settings { profile, ..Settings::default() })));
    let options = VintedOptions { scale: 0.01, ..VintedOptions::default() };
    let server = soon("the fake", VintedServer::start(Arc::clone(&model), options)).await.expect("a free port");
    (server, model)
}

/// What comes of a request until the connection ends, and how it ends.
async fn exchange(server: &VintedServer, request: &str) -> (String, io::Result<()>) {
    let mut stream = soon("a connection", TcpStream::connect(server.address())).await.expect("a connection");
    let text = format!("{request} HTTP/1.1\r\nhost: vinted\r\ncookie: v_sid=123\r\nconnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await.expect("a request that is taken");
    let mut answer = Vec::new();
    let end = soon("the end", stream.read_to_end(&mut answer)).await;
    (String::from_utf8_lossy(&answer).into_owned(), end.map(drop))
}

const WARDROBE: &str = "GET /api/v2/wardrobe/123/items";

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

fn announced(answer: &str) -> usize {
    let line = answer.lines().find_map(|line| line.strip_prefix("content-length: "));
    line.and_then(|length| length.trim().parse().ok()).expect("a length")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_reset_before_or_after_the_request_was_processed() {
    for (connection, written) in [("reset_before", 0), ("reset_after", 1)] {
        let (server, model) = fake(&format!("[[rules]]\nto = 'delete'\ngets.connection = '{connection}'")).await;
        model.lock().unwrap().stock(123, 1);
        let (answer, end) = exchange(&server, "POST /api/v2/items/123000001/delete").await;
        assert_eq!((answer.as_str(), end.unwrap_err().kind()), ("", io::ErrorKind::ConnectionReset));
        assert_eq!(model.lock().unwrap().ledger.written(), written, "{connection}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_truncated_after_its_half() {
    let (server, model) = fake("[[rules]]\ngets.connection = 'truncated'").await;
    model.lock().unwrap().stock(123, 50);
    let (answer, end) = exchange(&server, WARDROBE).await;
    assert!(end.is_ok(), "{end:?}");
    assert_eq!(body(&answer).len(), announced(&answer) / 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_drips_is_whole_in_the_end() {
    let (server, model) = fake("[[rules]]\ngets.connection = { drip = 5 }").await;
    model.lock().unwrap().stock(123, 50);
    let (answer, end) = exchange(&server, WARDROBE).await;
    assert!(end.is_ok() && answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let items: serde_json::Value = serde_json::from_str(body(&answer)).expect("JSON");
    assert_eq!((items["items"].as_array().unwrap().len(), body(&answer).len()), (50, announced(&answer)));
    assert!(!answer.contains("x-hubproof-delivery"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_says_how_long_it_was_to_take() {
    let (server, _) = fake("[[rules]]\ngets.latency_s = 2.5").await;
    let (answer, _) = exchange(&server, WARDROBE).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("x-hubproof-took: 2.5\r\n"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_other_origins_may_ask() {
    let (server, _) = fake("").await;
    let asked = "OPTIONS /api/v2/photos HTTP/1.1\r\norigin: http://localhost:3000\r\naccess-control-request-headers: x-csrf\r\nx-rest:";
    let (answer, _) = exchange(&server, asked).await;
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    for header in ["allow-origin: http://localhost:3000", "allow-headers: x-csrf", "allow-credentials: true"] {
        assert!(answer.contains(&format!("access-control-{header}\r\n")), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_are_served_and_the_journal_stays_small() {
    let (server, model) = fake("").await;
    let server = Arc::new(server);
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                for _ in 0..150 {
                    let (answer, _) = exchange(&server, "GET /api/v2/users/current").await;
                    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
                }
            })
        })
        .collect();
    for client in clients {
        client.await.expect("a client that is served");
    }
    let model = model.lock().unwrap();
    assert_eq!((model.journal.seen(), model.journal.requests().count()), (1200, 1000));
}
