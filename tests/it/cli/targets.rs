//! Targets that cannot be tested: exit code 3 (2 where the address itself is wrong), with the address and the reason.

use super::support::{Answer, Hub, Server, check_of};

const NOBODY: &str = "http://127.0.0.1:1";

fn http(status: u16, body: &str) -> Answer {
    Answer::Http(status, body.to_owned())
}

/// A server whose control API answers this to everything.
fn control(answer: impl Fn() -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |_| answer())
}

#[test]
fn a_port_where_nobody_listens_is_said() {
    let asked = format!("GET {NOBODY}/x/: cannot connect: ");
    check_of(NOBODY, "http://127.0.0.1:1/x", &[]).run().refuses(3, &["could not tell: ", &asked, "refused"]);
    let hub = Hub::start(&[]);
    let sockets = check_of(NOBODY, &hub.control, &[]).run();
    sockets.refuses(3, &["cannot open ws://127.0.0.1:1/socket.io/", "refused"]);
}

#[test]
fn a_host_that_does_not_exist_is_said() {
    let ended = check_of("http://no-such-host.invalid:1", "http://no-such-host.invalid:1/x", &[]).run();
    ended.refuses(3, &["GET http://no-such-host.invalid:1/x/: cannot connect: "]);
}

#[test]
fn an_address_that_is_none_is_a_wrong_command_line() {
    for none in ["", "nonsense", "ftp://127.0.0.1", "http://", "http://a b", "http://a:99999", "127.0.0.1:8000"] {
        let reason = format!("'{none}' is no address: write it as http://host:port");
        check_of(none, NOBODY, &[]).run().refuses(2, &[&reason]);
        check_of(NOBODY, none, &[]).run().refuses(2, &[&reason]);
    }
    check_of("http://a/?x=1", NOBODY, &[]).run().refuses(2, &["'http://a/?x=1' has a query"]);
    for encrypted in ["https://hub.example", "wss://hub.example"] {
        let reason = format!("'{encrypted}' needs TLS, which this build of hubproof does not support");
        check_of(encrypted, NOBODY, &[]).run().refuses(2, &[&reason, "http://"]);
        check_of(NOBODY, encrypted, &[]).run().refuses(2, &[&reason]);
    }
}

#[test]
fn a_web_server_is_told_from_a_socket_io_server() {
    let hub = Hub::start(&[]);
    for status in [200, 404] {
        let web = Server::start(move |_| http(status, "<html>hello</html>"));
        let reasons = [
            &format!("cannot open {}/socket.io/", web.url.replace("http", "ws")),
            &format!("HTTP {status} to the WebSocket handshake"),
            "<html>hello</html>",
            "is this the address of a Socket.IO server, and its path?",
        ];
        check_of(&web.url, &hub.control, &[]).run().refuses(3, &reasons);
    }
    let path = hub.check(&["--socket-path", "/elsewhere/"]).run();
    path.refuses(3, &["/elsewhere/?EIO=4", "HTTP 404", "and its path?"]);
}

#[test]
fn a_control_api_that_is_none_is_said_with_what_it_answered() {
    for (answer, reason) in [
        (404, "HTTP 404"),
        (200, "is not the control API's"),
        (500, "(HTTP 500) is not the control API's"),
        (302, "(HTTP 302) is not the control API's"),
    ] {
        let server = control(move || http(answer, "<html>hello</html>"));
        let address = format!("(control API: {})", server.control);
        server.check(&[]).run().refuses(3, &["could not tell: ", reason, "<html>hello</html>", &address]);
    }
    let server = control(|| http(200, r#"{"protocol":"one"}"#));
    server.check(&[]).run().refuses(3, &["is not the control API's", r#"{\"protocol\":\"one\"}"#]);
}

#[test]
fn another_version_of_the_control_api_is_said() {
    let server = control(|| http(200, r#"{"protocol":2,"name":"n","version":"v","capabilities":["commands"]}"#));
    server.check(&[]).run().refuses(3, &["version 2 of the control API, hubproof speaks 1", &server.control]);
}

#[test]
fn a_control_api_that_never_answers_is_not_waited_for_for_ever() {
    let server = control(|| Answer::Never);
    server.check(&[]).run().refuses(3, &["the target did not answer GET /", &server.control]);
}

#[test]
fn a_socket_io_server_that_never_answers_is_not_waited_for_for_ever() {
    let (hub, silent) = (Hub::start(&[]), Server::start(|_| Answer::Never));
    check_of(&silent.url, &hub.control, &[]).run().refuses(3, &["cannot open ws://", "no answer within"]);
}

#[test]
fn a_check_that_waits_for_its_target_can_be_interrupted() {
    for signal in ["INT", "TERM"] {
        let (asked, was_asked) = std::sync::mpsc::channel();
        let server = Server::start(move |_| {
            asked.send(()).ok();
            Answer::Never
        });
        let check = server.check(&[]).start();
        was_asked.recv_timeout(std::time::Duration::from_secs(60)).expect("the target is asked");
        check.signal(signal);
        check.end().refuses(3, &["interrupted before the first scenario"]);
    }
}
