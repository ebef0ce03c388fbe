//! The fake Vinted as a program: where it listens, what it serves, how it ends, what it refuses.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::support::{Program, Running, folder, hubproof, text};

/// The fake as a program of its own.
struct Fake {
    program: Running,
    address: SocketAddr,
}

impl Fake {
    fn start(arguments: &[&str]) -> Self {
        let listening = ["vinted", "--listen", "127.0.0.1:0"];
        Self::of(hubproof(&[listening.as_slice(), arguments].concat()))
    }

    fn of(program: Program) -> Self {
        let mut program = program.start();
        let line = program.line("listening on ");
        let url = line.split_whitespace().nth(2).expect("a URL");
        let address = url.trim_start_matches("http://").parse().expect("an address");
        assert!(line.contains(&format!(" ledger {url}/__hubproof/ledger profile ")), "{line}");
        Self { program, address }
    }

    /// What comes of a request, head and body.
    fn asks(&self, request: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a deadline");
        let length = body.len();
        write!(
            stream,
            "{request} HTTP/1.1\r\nhost: vinted\r\nconnection: close\r\ncookie: v_sid=123\r\nx-request-id: req_7\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .expect("a request that is taken");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }
}

#[test]
fn a_listing_is_published_listed_and_in_the_ledger() {
    let fake = Fake::start(&["--profile", "normal", "--seed", "7"]);
    let item = r#"{"item":{"title":"Robe","description":"Neuve","price":25,"currency":"EUR","catalog_id":5,"status_id":6,"package_size_id":1}}"#;
    let published = fake.asks("POST /api/v2/item_upload/items", item);
    assert!(published.starts_with("HTTP/1.1 200 ") && published.contains(r#""id":123000201"#), "{published}");
    let listed = fake.asks("GET /api/v2/wardrobe/123/items?page=3", "");
    assert!(listed.contains(r#""title":"Robe""#) && listed.contains(r#""total_entries":201"#), "{listed}");
    let ledger = fake.asks("GET /__hubproof/ledger?request_id=req_7", "");
    assert!(ledger.contains(r#""effect":"publish","id":123000201"#), "{ledger}");
    fake.program.signal("INT");
    let ended = fake.program.end().exits(0);
    assert_eq!(ended.out.lines().count(), 1, "{ended:#?}");
    assert!(ended.err.contains("POST /api/v2/item_upload/items -> 200\n"), "{ended:#?}");
}

#[test]
fn a_profile_and_stubs_of_one_s_own_are_served() {
    let own = folder("vinted-own");
    fs::write(own.join("limits.toml"), "[[rules]]\nto = 'inbox'\ngets = { status = 429, retry_after_s = 3 }\n")
        .unwrap();
    let mapping = r#"{"request": {"urlPath": "/hello"}, "response": {"status": 418, "body": "short and stout"}}"#;
    fs::write(own.join("teapot.json"), mapping).unwrap();
    let profile = own.join("limits.toml");
    let fake = Fake::start(&["--profile", text(&profile), "--mappings", text(&own)]);
    let limited = fake.asks("GET /api/v2/inbox", "");
    assert!(limited.starts_with("HTTP/1.1 429 ") && limited.contains("retry-after: 3\r\n"), "{limited}");
    let stub = fake.asks("GET /hello", "");
    assert!(stub.starts_with("HTTP/1.1 418 ") && stub.ends_with("short and stout"), "{stub}");
    let unknown = fake.asks("GET /api/v2/inbocks", "");
    assert!(unknown.contains("x-hubproof-nearest: GET /api/v2/inbox\r\n"), "{unknown}");
    fake.asks("GET /a%1b%5b2J%0aGET%20x", "");
    fake.program.signal("TERM");
    let ended = fake.program.end().exits(0);
    assert!(ended.err.contains("GET /a\u{fffd}[2J\u{fffd}GET x -> 404"), "{ended:#?}");
    assert!(ended.err.contains("GET /api/v2/inbox -> 429 by rule 1\n"), "{ended:#?}");
    assert!(
        ended.err.contains("GET /api/v2/inbocks -> 404: nothing is there; the nearest is GET /api/v2/inbox\n"),
        "{ended:#?}"
    );
}

#[test]
fn an_open_connection_does_not_keep_it_from_ending() {
    let fake = Fake::start(&[]);
    let mut idle = TcpStream::connect(fake.address).expect("a connection");
    assert!(fake.asks("GET /api/v2/users/current", "").starts_with("HTTP/1.1 200 "));
    fake.program.signal("INT");
    fake.program.end().exits(0);
    idle.read_to_end(&mut Vec::new()).expect("an orderly end");
    assert!(TcpStream::connect(fake.address).is_err(), "nobody listens any more");
}

#[test]
fn what_is_wrong_is_said_with_file_line_and_a_suggestion() {
    let own = folder("vinted-wrong");
    let profile = own.join("p.toml");
    fs::write(&profile, "about = 'x'\n[[rules]]\nto = 'wardrob'\ngets.status = 429\n").unwrap();
    let place = format!("hubproof: {}:3:6: unknown variant `wardrob`", profile.display());
    hubproof(&["vinted", "--profile", text(&profile)]).run().refuses(2, &[&place, "did you mean `wardrobe`?"]);
    hubproof(&["vinted", "--profile", "datadom"])
        .run()
        .refuses(2, &["no profile is called 'datadom' (perhaps 'datadome')"]);
    let absent = own.join("absent.toml");
    hubproof(&["vinted", "--profile", text(&absent)]).run().refuses(2, &["hubproof: cannot read ", "absent.toml"]);

    hubproof(&["vinted", "--mappings", text(&own)]).run().refuses(2, &["there is no mapping in "]);
    hubproof(&["vinted", "--mappings", text(&absent)]).run().refuses(2, &["cannot read the mappings in "]);
    let mapping = own.join("m.json");
    fs::write(&mapping, "{\"request\": {\"urlPth\": \"/a\"},\n \"response\": {}}").unwrap();
    let place = format!("hubproof: {}:1:21: unknown field `urlPth`", mapping.display());
    hubproof(&["vinted", "--mappings", text(&own)]).run().refuses(2, &[&place, "did you mean `urlPath`?"]);
    for listen in ["localhost:1", ""] {
        hubproof(&["vinted", "--listen", listen]).run().refuses(2, &["--listen", "such as 127.0.0.1:7800"]);
    }
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let reason = format!("hubproof: {address} is in use: ");
    hubproof(&["vinted", "--listen", &address]).run().refuses(2, &[&reason, "choose another port"]);
}
