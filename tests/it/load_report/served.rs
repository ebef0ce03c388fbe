//! The page of figures for programs that ask a running harness.

use std::net::SocketAddr;

use hubproof::live::{MetricsServer, ServeError};
use hubproof::report::load::LoadListener;
use hubproof::report::load::metrics::Metrics;
use hubproof::report::load::openmetrics::{self, CONTENT_TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::sample;

/// What comes back for a path: head and body.
async fn got(address: SocketAddr, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: hubproof\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers in text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    (head.to_lowercase(), body.to_owned())
}

#[tokio::test]
async fn whoever_asks_gets_the_figures_as_they_stand() {
    let mut metrics = Metrics::new();
    let shown = metrics.clone();
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = MetricsServer::start(free, CONTENT_TYPE, move || shown.text()).expect("a port is free");
    let (head, body) = got(server.address(), "/metrics").await;
    assert!(head.starts_with("http/1.1 200 ok\r\n"), "{head}");
    assert!(head.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"), "{head}");
    assert_eq!(body, "# EOF\n", "no run yet");
    metrics.begins(&sample::passed());
    assert_eq!(got(server.address(), "/").await.1, openmetrics::text(&sample::passed()));
    assert!(got(server.address(), "/elsewhere").await.0.starts_with("http/1.1 404 "));
}

#[tokio::test]
async fn an_address_that_is_taken_is_told() {
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = MetricsServer::start(free, CONTENT_TYPE, String::new).expect("a port is free");
    let taken = server.address();
    let error = MetricsServer::start(taken, CONTENT_TYPE, String::new).map(|_| ()).expect_err("it is taken");
    assert!(matches!(error, ServeError::InUse(address) if address == taken), "{error}");
}
