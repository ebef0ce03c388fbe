//! Targets that are none: what went wrong is said, with the address.

use std::net::Ipv4Addr;

use hubproof::contract::control::Request;
use hubproof::event::SocketId;
use hubproof::live::{BadAddress, LiveDriver, Remote};
use hubproof::stage::{AskNo, Driver, Effect, Halt, Occurrence, Stage, Trouble};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

use super::world::soon;

fn listener() -> (TcpListener, String) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
    let listener = socket.listen(16).expect("a listener");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    (listener, url)
}

/// The address of a server that answers everything with `answer` and closes.
fn server(answer: &'static str) -> String {
    server_of(answer, answer)
}

/// The address of a server that has one answer for those who want a WebSocket, and one for all others.
fn server_of(to_web_sockets: &'static str, to_others: &'static str) -> String {
    let (listener, url) = listener();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let Ok(length @ 1..) = stream.read(&mut request).await else { continue };
            let wanted = String::from_utf8_lossy(&request[..length]).to_ascii_lowercase();
            let answer = if wanted.contains("upgrade: websocket") { to_web_sockets } else { to_others };
            stream.write_all(answer.as_bytes()).await.ok();
        }
    });
    url
}

/// An address where nobody listens.
fn nobody() -> String {
    listener().1
}

fn remote(url: &str) -> Remote {
    Remote {
        url: url.to_owned(),
        socket_io_path: None,
        control: format!("{url}/hubproof/v1"),
        token: None,
        scale: 0.1,
        seed: 1,
    }
}

/// What comes of opening a socket there.
async fn opening(url: &str) -> String {
    let mut driver = LiveDriver::remote(remote(url)).expect("an address");
    driver.perform(Effect::Open(SocketId(0)));
    let until = driver.now() + driver.setting().patience;
    match soon("an occurrence", driver.next(until)).await {
        Occurrence::Unreachable(SocketId(0), why) => why,
        other => panic!("{other:?}"),
    }
}

/// What comes of asking its control API.
async fn asking(url: &str) -> Trouble {
    let mut driver = LiveDriver::remote(remote(url)).expect("an address");
    driver.perform(Effect::Ask(AskNo(0), Request::Describe));
    let until = driver.now() + driver.setting().patience;
    match soon("an occurrence", driver.next(until)).await {
        Occurrence::Replied(AskNo(0), Err(trouble)) => trouble,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_named() {
    let url = nobody();
    let address = url.trim_start_matches("http://");
    let why = opening(&url).await;
    let tried = format!("cannot open ws://{address}/socket.io/?EIO=4&transport=websocket: ");
    assert!(why.starts_with(&tried), "{why}");
    assert!(why.contains("refused"), "{why}");
    let why = asking(&url).await.to_string();
    assert!(why.starts_with(&format!("GET {url}/hubproof/v1/: cannot connect: ")), "{why}");
    assert!(why.contains("refused"), "{why}");
    let error = soon("a halt", Stage::open(Box::new(LiveDriver::remote(remote(&url)).unwrap()))).await;
    assert!(matches!(error, Err(Halt::Trouble(_))), "{error:?}");
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_named() {
    let why = opening("http://no-such-host.invalid:1").await;
    assert!(why.starts_with("cannot open ws://no-such-host.invalid:1/socket.io/"), "{why}");
}

#[tokio::test]
async fn a_server_that_is_no_socket_io_server_is_told_from_one() {
    let url = server("HTTP/1.1 404 Not Found\r\ncontent-length: 7\r\n\r\nnothing");
    let why = opening(&url).await;
    assert!(why.contains("HTTP 404 to the WebSocket handshake"), "{why}");
    let url = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    assert!(opening(&url).await.contains("HTTP 200 to the WebSocket handshake"));
    for answer in ["", "220 mail.example ready\r\n"] {
        let why = opening(&server(answer)).await;
        assert!(why.contains("during the WebSocket handshake"), "{why}");
    }
}

/// As socket.io, socketioxide and python-socketio answer.
#[tokio::test]
async fn a_hub_that_only_polls_is_told_from_one_that_is_none() {
    for answer in [
        "HTTP/1.1 400 Bad Request\r\ntransfer-encoding: chunked\r\n\r\n\
         28\r\n{\"code\":0,\"message\":\"Transport unknown\"}\r\n0\r\n\r\n",
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 36\r\n\r\n{\"code\":\"3\",\"message\":\"Bad request\"}",
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 19\r\n\r\n\"Invalid transport\"",
    ] {
        let why = opening(&server(answer)).await;
        assert!(why.contains("HTTP 400 to the WebSocket handshake, body \""), "{why}");
        assert!(!why.contains("\\r\\n"), "{why}");
        let hint = "this looks like a Socket.IO server that allows no WebSocket, and plugins use nothing else";
        assert!(why.ends_with(hint), "{why}");
    }
    let why = opening(&server("HTTP/1.1 400 Bad Request\r\ncontent-length: 12\r\n\r\n{\"code\": 17}")).await;
    assert!(why.ends_with("is this the address of a Socket.IO server, and its path?"), "{why}");
}

#[tokio::test]
async fn what_a_hub_says_is_known_even_if_it_does_not_come_with_the_head() {
    let said = "HTTP/1.1 400 Bad Request\r\ncontent-length: 19\r\n\r\n\"Invalid transport\"";
    for head in [
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 19\r\n\r\n",
        "HTTP/1.1 400 Bad Request\r\ntransfer-encoding: chunked\r\n\r\n13\r\n\"Inva",
        "HTTP/1.1 400 Bad Request\r\n\r\n",
    ] {
        let why = opening(&server_of(head, said)).await;
        assert!(why.ends_with("allows no WebSocket, and plugins use nothing else"), "{why}");
        let why = opening(&server_of(head, "nonsense")).await;
        assert!(why.ends_with("is this the address of a Socket.IO server, and its path?"), "{why}");
    }
}

#[tokio::test]
async fn a_server_that_is_no_control_api_is_told_from_one() {
    let trouble = asking(&server("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")).await;
    assert!(matches!(trouble, Trouble::Nonsense(_)), "{trouble:?}");
    let trouble = asking(&server("HTTP/1.1 500 Oops\r\ncontent-length: 5\r\n\r\nhello")).await;
    assert!(matches!(trouble, Trouble::Nonsense(_)), "{trouble:?}");
    for answer in ["", "220 mail.example ready\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe"] {
        let trouble = asking(&server(answer)).await;
        let Trouble::Unreachable(why) = trouble else { panic!("{trouble:?}") };
        assert!(why.contains("the connection broke before the answer was complete"), "{why}");
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_refused_before_the_run() {
    let error = LiveDriver::remote(remote("https://hub.example")).unwrap_err();
    assert_eq!(error, BadAddress::Tls("https://hub.example".to_owned()));
    let error = LiveDriver::remote(remote("hub.example")).unwrap_err();
    assert!(error.to_string().contains("http://host:port"), "{error}");
}

/// A server that closes every connection after one answer without saying so, as servers do with idle connections.
#[tokio::test]
async fn a_connection_that_the_server_has_closed_meanwhile_is_no_trouble() {
    let url = server("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"count\":0}");
    let mut driver = LiveDriver::remote(remote(&url)).unwrap();
    for number in 0..100 {
        let request = if number % 2 == 0 { Request::Pending(None) } else { Request::Reset(None) };
        driver.perform(Effect::Ask(AskNo(number), request));
        let until = driver.now() + driver.setting().patience;
        let occurrence = soon("an occurrence", driver.next(until)).await;
        assert!(matches!(occurrence, Occurrence::Replied(_, Ok(_))), "{occurrence:?}");
    }
}
