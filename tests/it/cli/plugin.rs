//! Plugins as a program: what they show and answer, how they come back, how they end, and hubs that keep none.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;

use super::support::{Answer, Hub, Program, Running, Server, folder, hubproof, shell, text};

fn plugin(hub: &Hub, arguments: &[&str]) -> Program {
    hubproof(&[["plugin", "--url", &hub.url].as_slice(), arguments].concat())
}

/// A plugin that is connected.
fn connected(hub: &Hub, arguments: &[&str]) -> Running {
    let mut running = plugin(hub, arguments).start();
    running.line("-- is connected");
    running
}

/// What comes of a command to user 1.
fn command(hub: &Hub, payload: &str) -> String {
    let control = hub.control.as_str();
    let arguments = ["call", "--control", control, "--action", "VINTED_SYNC", "--payload", payload, "--format", "json"];
    hubproof(&arguments).run().out
}

#[test]
fn a_command_and_its_answer_are_shown_and_the_hub_sees_the_plugin_leave() {
    let hub = Hub::start(&[]);
    let mut running = connected(&hub, &["--seed", "7"]);
    let outcome = command(&hub, r#"{"shop_id":123}"#);
    assert!(outcome.contains(r#""data":{"imported":3,"updated":1}"#), "{outcome}");
    let came = running.line("<- req_1_");
    assert!(came.contains("  VINTED_SYNC       111 B  {\"shop_id\":123}"), "{came}");
    let went = running.line("-> req_1_");
    assert!(went.contains("  VINTED_SYNC       112 B  ok after ") && went.contains(r#"{"imported":3"#), "{went}");
    running.signal("INT");
    let ended = running.end().tells(0, &["1 plugin of user 1 at ", "behaviour answers, seed 7\n", "-- disconnects\n"]);
    assert!(!ended.out.contains('\u{1b}'), "{ended:#?}");
    hub.program.signal("TERM");
    let log = hub.program.end();
    assert!(log.err.contains("info disconnected user=1"), "{log:#?}");
}

#[test]
fn what_is_unanswered_at_the_end_fails_at_the_caller() {
    let hub = Hub::start(&[]);
    let mut running = connected(&hub, &["--behaviour", "silent"]);
    let arguments = ["call", "--control", &hub.control, "--action", "VINTED_SYNC", "--level", "calls"];
    let waiting = hubproof(&arguments).start();
    running.line("<- req_1_");
    running.signal("TERM");
    let ended = running.end().exits(0);
    assert!(ended.out.contains("error after ") && ended.out.contains("TAB_CLOSED: "), "{ended:#?}");
    waiting.end().tells(1, &["error plugin_error after ", "TAB_CLOSED: Vinted tab was closed during operation\n"]);
}

#[test]
fn plugins_of_several_users_and_tabs_are_numbered() {
    let hub = Hub::start(&[]);
    let mut running = plugin(&hub, &["--user", "1", "--user", "bob", "--count", "2", "--raw"]).start();
    running.line("hubproof ");
    for number in 1..=4 {
        running.line(&format!("   {number}  -- is connected"));
    }
    command(&hub, "{}");
    let raw = running.line("<= 42[");
    assert!(raw.contains(r#"["plugin_command",{"request_id":"req_1_"#), "{raw}");
    running.line("=> 42[\"plugin_response\",");
    running.signal("INT");
    let ended = running.end().exits(0);
    assert!(ended.out.contains("4 plugins of 2 users") && ended.out.contains("=> 41\n"), "{ended:#?}");
}

#[test]
fn commands_are_answered_by_hand() {
    let hub = Hub::start(&[]);
    let line = format!(r#"printf 'nonsense\nok {{"n":1}}\nerror no way\n' | hubproof plugin --url {} --ask"#, hub.url);
    let mut running = shell(&line).start();
    running.line("-- is connected");
    let first = command(&hub, "{}");
    assert!(first.contains(r#""data":{"n":1}"#) && first.contains(r#""success":true"#), "{first}");
    let second = command(&hub, "{}");
    assert!(second.contains(r#""error":"no way""#) && second.contains(r#""success":false"#), "{second}");
    let ended = running.end().tells(
        0,
        &["behaviour by hand", "not sent: it is no answer; type help to see what is\n", "kept for the next command\n"],
    );
    assert!(ended.out.ends_with("-- disconnects\n"), "{ended:#?}");
}

#[test]
fn answers_without_end_keep_nothing_else_from_happening() {
    let hub = Hub::start(&[]);
    let mut running = shell(&format!("yes ok | exec hubproof plugin --url {} --ask", hub.url)).start();
    running.line("kept for the next command");
    let outcome = command(&hub, "{}");
    assert!(outcome.contains(r#""data":null"#), "{outcome}");
}

#[test]
fn a_plugin_comes_back_to_a_hub_that_comes_back_and_gives_up_in_the_end() {
    let hub = Hub::start(&[]);
    let address = hub.address().to_string();
    let mut running = connected(&hub, &["--reconnect", "1"]);
    hub.program.signal("KILL");
    running.line("-- has lost its connection");
    running.line("-- connects again in 1 s (attempt 1 of 1)");
    let again = Hub::of(hubproof(&["hub", "--listen", &address]));
    running.line("-- is connected");
    again.program.signal("KILL");
    let ended = running.end().exits(3);
    assert!(ended.out.contains("cannot open ws://"), "{ended:#?}");
    assert!(ended.out.ends_with("-- does not connect again: it has tried 1 time\n"), "{ended:#?}");
    assert!(ended.err.contains("hubproof: plugin 1 has lost its connection, and 1 attempt to come back failed"));
}

#[test]
fn commands_are_carried_out_at_a_fake_vinted() {
    let hub = Hub::start(&[]);
    let mut vinted = hubproof(&["vinted", "--listen", "127.0.0.1:0"]).start();
    let line = vinted.line("listening on ");
    let url = line.split_whitespace().nth(2).expect("a URL");
    let mut running = connected(&hub, &["--vinted", url]);
    let outcome = command(&hub, r#"{"shop_id":123}"#);
    assert!(outcome.contains(r#""imported":200"#), "{outcome}");
    running.line("-- Vinted: 200  GET /api/v2/wardrobe/123/items?");
    running.signal("INT");
    running.end().exits(0);

    let mut nowhere = connected(&hub, &["--vinted", "http://127.0.0.1:1"]);
    let outcome = command(&hub, r#"{"shop_id":123}"#);
    assert!(outcome.contains(r#""success":false"#), "{outcome}");
    nowhere.line("-- Vinted: no answer");
}

#[test]
fn headers_and_auth_go_with_the_handshake() {
    let (told, requests) = std::sync::mpsc::channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/base", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            std::io::Read::read_exact(&mut stream, &mut byte).unwrap();
            head.push(byte[0]);
        }
        told.send(String::from_utf8(head).unwrap()).unwrap();
        stream.write_all(b"HTTP/1.1 403 -\r\ncontent-length: 3\r\n\r\nno!").unwrap();
    });
    let arguments = ["plugin", "--url", &url, "--socket-path", "/ws", "--header", "Cookie: a=1", "--header", "X-A:b"];
    hubproof(&arguments).run().exits(3);
    let head = requests.recv().unwrap();
    assert!(head.starts_with("GET /base/ws/?EIO=4&transport=websocket "), "{head}");
    assert!(head.contains("\r\ncookie: a=1\r\n") && head.contains("\r\nx-a: b\r\n"), "{head}");

    let hub = Hub::start(&[]);
    let mut running = plugin(&hub, &["--auth", r#"{"user_id": "9", "token": "t"}"#, "--raw"]).start();
    running.line(r#"=> 40{"token":"t","user_id":"9"}"#);
    running.line("-- is connected");
    running.signal("INT");
    running.end().tells(0, &["1 plugin with an auth of its own at ", "-- connects as user 9\n"]);
}

#[test]
fn a_hub_that_refuses_is_quoted() {
    let hub = Hub::start(&[]);
    for auth in ["null", r#"{"user_id": 0}"#] {
        let ended = plugin(&hub, &["--auth", auth]).run().exits(3);
        assert!(ended.out.contains("-- is refused: "), "{ended:#?}");
        let said = ended.out.split("is refused: ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
        let reason =
            format!("hubproof: the hub refuses plugin 1: {said}; does it want another --user, --auth or --header?");
        assert!(ended.err.contains(&reason), "{ended:#?}");
    }
}

#[test]
fn what_is_no_hub_is_said() {
    let no_hub = |url: &str, reasons: &[&str]| {
        let ended = hubproof(&["plugin", "--url", url]).run().exits(3);
        for reason in reasons {
            assert!(ended.err.contains(reason), "no '{reason}' in {ended:#?}");
        }
    };
    no_hub("http://127.0.0.1:1", &["hubproof: cannot open ws://127.0.0.1:1/socket.io/", "refused"]);
    let website = Server::start(|_| Answer::Http(200, "<html>hello</html>".to_owned()));
    no_hub(
        &website.url,
        &["HTTP 200 to the WebSocket handshake", "<html>hello", "is this the address of a Socket.IO server"],
    );
    let closing = Server::start(|_| Answer::Close);
    no_hub(&closing.url, &["during the WebSocket handshake; is this the address of a Socket.IO server?"]);
    let hub = Hub::start(&[]);
    let address = hub.address();
    let deaf = Server::start(move |_| Answer::Deaf(address));
    no_hub(&deaf.url, &["opens a WebSocket and sends no Engine.IO handshake"]);
    for (url, reason) in [("127.0.0.1:80", "is no address"), ("https://127.0.0.1", "needs TLS")] {
        hubproof(&["plugin", "--url", url]).run().refuses(2, &[reason]);
    }
}

#[test]
fn an_interruption_ends_it_while_it_connects_too() {
    let mute = Server::start(|_| Answer::Never);
    let mut running = hubproof(&["plugin", "--url", &mute.url]).start();
    running.line("-- connects as user 1");
    running.signal("INT");
    let ended = running.end().exits(0);
    assert_eq!(ended.err, "", "{ended:#?}");
}

#[test]
fn what_is_wrong_with_a_behaviour_is_said_before_anything_is_connected() {
    let own = folder("plugin-behaviours");
    let file = own.join("mine.toml");
    let refused = |behaviour: &str, reasons: &[&str]| {
        hubproof(&["plugin", "--url", "http://127.0.0.1:1", "--behaviour", behaviour]).run().refuses(2, reasons);
    };
    refused("answer", &["no behaviour is called 'answer': did you mean `answers`?", "ends in .toml"]);
    refused("at-vinted", &["carries commands out at Vinted, and there is none", "--vinted http://127.0.0.1:7900"]);
    refused(text(&own.join("absent.toml")), &["hubproof: cannot read ", "absent.toml"]);
    fs::write(&file, "[otherwise]\nreplys = []\n").unwrap();
    let place =
        format!("hubproof: {}:2:1: in `otherwise`: unknown key `replys`: did you mean `replies`?", file.display());
    refused(text(&file), &[&place]);
    fs::write(&file, "[[rules]]\naction = 'VINTED_SINC'\nreaction.replies = []\n").unwrap();
    let place = format!("hubproof: {}:2:10: ", file.display());
    refused(text(&file), &[&place, "unknown action `VINTED_SINC`: did you mean `VINTED_SYNC`?"]);
    let unused = ["plugin", "--url", "http://127.0.0.1:1", "--behaviour", "answers", "--vinted", "http://127.0.0.1:2"];
    hubproof(&unused).run().refuses(2, &["the behaviour 'answers' never goes to Vinted: leave out --vinted"]);
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let cases: [(&[&str], &str); 9] = [
        (&["--user", "0"], "0 is no user id"),
        (&["--auth", "{"], "it must be JSON"),
        (&["--auth", "{}", "--user", "1"], "cannot be used with"),
        (&["--header", "Cookie"], "it must be NAME: VALUE"),
        (&["--header", "Upgrade: x"], "belongs to the WebSocket handshake itself"),
        (&["--count", "0"], "it must be a whole number from 1 to 20000"),
        (&["--reconnect", "-1"], "--reconnect"),
        (&["--ask", "--behaviour", "answers"], "cannot be used with"),
        (&["--ask", "--vinted", "http://127.0.0.1:2"], "cannot be used with"),
    ];
    for (arguments, reason) in cases {
        let url = ["plugin", "--url", "http://127.0.0.1:1"];
        hubproof(&[url.as_slice(), arguments].concat()).run().refuses(2, &[reason]);
    }
    hubproof(&["plugin"]).run().refuses(2, &["--url <URL>"]);
}

#[test]
fn a_reader_who_leaves_ends_it_quietly() {
    let hub = Hub::start(&[]);
    let line = format!("{{ hubproof plugin --url {} --raw; echo \"exit $?\" >&2; }} | head -n 1", hub.url);
    let ended = shell(&line).run().exits(0);
    assert_eq!(ended.err, "exit 0\n", "{ended:#?}");
}

#[test]
fn a_plugin_that_leaves_for_good_by_itself_is_no_failure() {
    let hub = Hub::start(&[]);
    let running = connected(&hub, &["--behaviour", "hangs-up"]);
    command(&hub, "{}");
    running.end().tells(0, &["-- disconnects\n"]);
}
