//! The reference hub as a program: where it listens, how it ends, what it refuses.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::support::{Hub, hubproof, shell};

#[test]
fn the_hub_prints_where_it_listens() {
    let hub = Hub::start(&[]);
    assert_ne!(hub.address().port(), 0);
    assert_eq!(hub.control, format!("{}/hubproof/v1", hub.url));
    hub.check(&["CORR-4.1"]).run().tells(0, &[&format!(" at {}, seed 1\n", hub.url), "1 held"]);
}

#[test]
fn a_variant_can_be_served() {
    let hub = Hub::start(&["--variant", "broadcast"]);
    hub.check(&["ISO-2"]).run().tells(1, &["broken: ISO-2"]);
}

#[test]
fn where_to_listen_can_come_from_the_environment() {
    let hub = Hub::of(hubproof(&["hub"]).with("HUBPROOF_LISTEN", "127.0.0.1:0"));
    assert_ne!(hub.address().port(), 7800);
    let elsewhere = hubproof(&["hub", "--listen", "127.0.0.2:0"]).with("HUBPROOF_LISTEN", "nonsense");
    assert!(Hub::of(elsewhere).url.starts_with("http://127.0.0.2:"));
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let reason = format!("hubproof: {address} is in use: ");
    hubproof(&["hub", "--listen", &address]).run().refuses(2, &[&reason, "choose another port"]);
}

#[test]
fn an_address_that_others_reach_needs_a_token() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let ended = hubproof(&["hub", "--listen", address]).run();
        ended.refuses(2, &[address, "can be reached from other machines: set a control token"]);
    }
    Hub::of(hubproof(&["hub", "--listen", "0.0.0.0:0", "--control-token", "hush"]));
}

#[test]
fn wrong_settings_are_answered_with_right_ones() {
    for listen in ["127.0.0.1", "localhost:7800", "7800", "127.0.0.1:99999", ""] {
        hubproof(&["hub", "--listen", listen]).run().refuses(2, &["--listen", "such as 127.0.0.1:7800"]);
    }
    for bytes in ["abc", "0", "-1", "1.5", "1MB", ""] {
        hubproof(&["hub", "--max-bytes", bytes]).run().refuses(2, &["--max-bytes", "a whole number of bytes"]);
    }
    for grace in ["abc", "-1", "NaN", "inf", "86401", "1e19", ""] {
        hubproof(&["hub", "--grace", grace]).run().refuses(2, &["--grace", "a number of seconds from 0 to 86400"]);
    }
    hubproof(&["hub", "--log-level", "loud"]).run().refuses(2, &["'loud'", "debug, info, warn, error"]);
    let foreign = hubproof(&["hub", "--listen", "192.0.2.1:0", "--control-token", "hush"]).run();
    foreign.refuses(2, &["cannot listen on 192.0.2.1:0: ", "is it an address of this machine"]);
}

/// A plugin's connection, written by hand: the WebSocket, and user 1 connected on it.
fn plugin(hub: &Hub) -> TcpStream {
    let mut stream = TcpStream::connect(hub.address()).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a deadline");
    let handshake = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: hub\r\nconnection: upgrade\r\n\
        upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(handshake.as_bytes()).expect("a handshake that is taken");
    let connect = br#"40{"user_id":1}"#;
    // A text frame, masked with zeros.
    let head = [0x81, 0x80 | u8::try_from(connect.len()).expect("a short frame"), 0, 0, 0, 0];
    stream.write_all(&[&head, connect.as_slice()].concat()).expect("a frame that is taken");
    let mut seen = Vec::new();
    while !seen.windows(9).any(|part| part == br#"40{"sid":"#) {
        let mut read = [0; 1024];
        let length = stream.read(&mut read).expect("an answer");
        assert!(length > 0, "the hub closed: {:?}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&read[..length]);
    }
    stream
}

#[test]
fn a_signal_ends_the_hub_in_order_and_closes_its_sockets() {
    for signal in ["INT", "TERM"] {
        let hub = Hub::start(&[]);
        let mut plugin = plugin(&hub);
        hub.program.signal(signal);
        plugin.read_to_end(&mut Vec::new()).expect("an orderly end");
        let address = hub.address();
        let ended = hub.program.end().exits(0);
        assert!(ended.err.lines().all(|line| !line.contains("hubproof: ")), "{ended:#?}");
        assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
    }
}

#[test]
fn results_go_to_stdout_and_the_log_to_stderr() {
    let hub = Hub::start(&["--log-level", "debug"]);
    hub.check(&["CORR-4.1"]).run().tells(0, &["1 held"]);
    hub.program.signal("TERM");
    let ended = hub.program.end().exits(0);
    assert_eq!(ended.out.lines().count(), 1, "{ended:#?}");
    assert!(ended.err.contains("VINTED_SYNC") || ended.err.contains("req_"), "{ended:#?}");
}

#[test]
fn the_hub_goes_on_when_nobody_reads_its_log() {
    let listening = ["hub", "--listen", "127.0.0.1:0", "--log-level", "debug"];
    let hub = Hub::of(hubproof(&listening).unheard());
    hub.check(&["CORR-4.1"]).run().tells(0, &["1 held"]);
    hub.program.signal("TERM");
    hub.program.end().exits(0);
}

#[cfg(target_os = "linux")]
#[test]
fn the_hub_goes_on_when_its_address_cannot_be_written() {
    for outputs in [">/dev/full 2>&1", ">&- 2>&-"] {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let hub = shell(&format!("exec hubproof hub --listen {free} {outputs}")).start();
        let until = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(free).is_err() {
            assert!(Instant::now() < until, "the hub does not listen on {free}");
            std::thread::yield_now();
        }
        hub.signal("TERM");
        hub.end().exits(0);
    }
}
