//! Single calls: how their outcomes are told, how they are given up, and targets that are none.

use std::fs;

use super::support::{Answer, Hub, Program, Running, Server, folder, hubproof, text};

fn call(control: &str, arguments: &[&str]) -> Program {
    hubproof(&[["call", "--control", control].as_slice(), arguments].concat())
}

fn plugin(hub: &Hub, behaviour: &str) -> Running {
    let mut running = hubproof(&["plugin", "--url", &hub.url, "--behaviour", behaviour]).start();
    running.line("-- is connected");
    running
}

const SYNC: [&str; 2] = ["--action", "VINTED_SYNC"];

/// What a target says of what it does not have.
const NOT_OFFERED: &str = r#"{"error":{"kind":"invalid","message":"not offered"}}"#;

fn sync<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [SYNC.as_slice(), arguments].concat()
}

#[test]
fn an_outcome_is_told_to_people_and_to_programs() {
    let hub = Hub::start(&[]);
    let _answering = plugin(&hub, "answers");
    let whole = call(&hub.control, &sync(&["--payload", r#"{"shop_id": 123}"#, "--timeout", "60"])).run();
    let told = whole.tells(0, &["ok after ", " ms\n{\n  \"data\": {\n    \"imported\": 3,", "\"success\": true"]);
    assert!(told.out.contains("\"request_id\": \"req_1_"), "{told:#?}");
    let helper = call(&hub.control, &sync(&["--level", "calls"])).run();
    helper.tells(0, &[" ms\n{\n  \"imported\": 3,\n  \"updated\": 1\n}\n"]);
    let json = call(&hub.control, &sync(&["--level", "calls", "--format", "json"])).run().exits(0);
    let value: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&value["outcome"], &value["value"]["imported"]), (&"ok".into(), &3.into()));
}

#[test]
fn an_error_is_told_with_its_kind() {
    let hub = Hub::start(&[]);
    let nobody = call(&hub.control, &sync(&["--user", "7"])).run();
    nobody.tells(1, &["error not_connected after ", ": User 7 not connected via WebSocket\n"]);
    let _refused = plugin(&hub, "refused-by-vinted");
    let failed = call(&hub.control, &sync(&["--level", "calls"])).run();
    failed.tells(1, &["error plugin_error after ", "\nstatus: 403\n", "\nerror_data: {"]);
    let as_value = call(&hub.control, &SYNC).run();
    as_value.tells(0, &["ok after ", "\"success\": false"]);
    let invalid = call(&hub.control, &sync(&["--timeout", "0", "--format", "json"])).run().exits(1);
    assert!(invalid.out.contains(r#""kind":"invalid""#), "{invalid:#?}");
}

#[test]
fn a_job_is_created_processed_and_not_left_behind() {
    let hub = Hub::start(&[]);
    let mut failing = plugin(&hub, "refused-by-vinted");
    let failed = call(&hub.control, &sync(&["--level", "job", "--payload", r#"{"shop_id": 5, "full": true}"#])).run();
    failed.tells(1, &["job 1 failed: ", "\"will_retry\": true"]);
    let came = failing.line("<- req_1_");
    assert!(came.contains(r#"{"full":true,"shop_id":5}"#), "{came}");
    failing.signal("INT");
    failing.end().exits(0);
    let _answering = plugin(&hub, "answers");
    let fine = call(&hub.control, &["--action", "sync", "--level", "job", "--format", "json"]).run().exits(0);
    let value: serde_json::Value = serde_json::from_str(&fine.out).unwrap();
    assert_eq!((&value["job"]["job_id"], &value["job"]["status"]), (&2.into(), &"completed".into()));
    assert_eq!(value["result"]["success"], true);
}

/// The job that a call with this level tells to programs.
fn told(out: &str) -> serde_json::Value {
    serde_json::from_str(out).expect("JSON")
}

#[test]
fn a_job_that_failed_is_shown_as_it_stands_once_cancelled() {
    let hub = Hub::start(&[]);
    let _failing = plugin(&hub, "refused-by-vinted");
    let job = sync(&["--level", "job", "--format", "json"]);
    let failed = told(&call(&hub.control, &job).run().exits(1).out);
    assert_eq!((&failed["job"]["job_id"], &failed["job"]["status"]), (&1.into(), &"cancelled".into()));
    let address = hub.address();
    let keeping = Server::start(move |request| match request {
        "POST /hubproof/v1/jobs/2/cancel" => Answer::Http(501, NOT_OFFERED.to_owned()),
        _ => Answer::PassOn(address),
    });
    let kept = told(&call(&keeping.control, &job).run().exits(1).out);
    assert_eq!(
        (&kept["job"]["status"], &kept["not_cancelled"]),
        (&"pending".into(), &"the target refused with HTTP 501: not offered".into())
    );
}

#[test]
fn an_interrupted_job_is_not_left_behind() {
    let hub = Hub::start(&[]);
    let mut silent = plugin(&hub, "silent");
    let job = sync(&["--level", "job"]);
    let waiting = call(&hub.control, &job).start();
    silent.line("<- req_1_");
    waiting.signal("INT");
    waiting.end().refuses(3, &["hubproof: interrupted: the call is given up; job 1 is cancelled\n"]);
    silent.signal("INT");
    silent.end().exits(0);
    let _answering = plugin(&hub, "answers");
    call(&hub.control, &job).run().tells(0, &["job 2 ok\n"]);
}

#[test]
fn a_job_that_cannot_be_processed_is_not_left_behind() {
    let hub = Hub::start(&[]);
    let address = hub.address();
    let refusing = Server::start(move |request| match request {
        "POST /hubproof/v1/jobs/process-next" | "POST /hubproof/v1/jobs/3/cancel" => {
            Answer::Http(501, NOT_OFFERED.to_owned())
        }
        "POST /hubproof/v1/jobs/2/cancel" => Answer::Close,
        _ => Answer::PassOn(address),
    });
    let job = sync(&["--level", "job"]);
    for became in [
        "job 1 is cancelled\n",
        "job 2 is left behind: POST ",
        "job 3 is left behind: the target refused with HTTP 501: not offered\n",
    ] {
        call(&refusing.control, &job).run().refuses(3, &[&format!("HTTP 501: not offered; {became}")]);
    }
    // What was left behind is what is processed, and the job of this call is cancelled in its place.
    let _answering = plugin(&hub, "answers");
    let instead = "job 2, which was there before, was processed instead: ask again; job 4 is cancelled\n";
    call(&hub.control, &job).run().refuses(3, &[instead]);
}

#[test]
fn an_interruption_gives_the_call_up() {
    let hub = Hub::start(&["--log-level", "debug"]);
    let mut silent = plugin(&hub, "silent");
    let waiting = call(&hub.control, &SYNC).start();
    silent.line("<- req_1_");
    waiting.signal("INT");
    waiting.end().refuses(3, &["hubproof: interrupted: the call is given up"]);
    // A call that is given up is no longer in flight: the hub takes the next one by itself.
    let _answering = plugin(&hub, "answers");
    call(&hub.control, &SYNC).run().exits(0);
}

#[test]
fn a_token_is_sent_and_asked_for() {
    let hub = Hub::start(&["--control-token", "secret"]);
    call(&hub.control, &SYNC)
        .run()
        .refuses(3, &["HTTP 401", "give the token that this target wants, with --control-token"]);
    for option in ["--control-token", "--token"] {
        call(&hub.control, &sync(&[option, "secret"])).run().tells(1, &["error not_connected"]);
    }
    call(&hub.control, &SYNC).with("HUBPROOF_CONTROL_TOKEN", "secret").run().tells(1, &["error not_connected"]);
}

#[test]
fn a_target_that_is_none_is_said() {
    call("http://127.0.0.1:1/hubproof/v1", &SYNC).run().refuses(
        3,
        &["POST http://127.0.0.1:1/hubproof/v1/commands: cannot connect: ", "is the control API served there?"],
    );
    let website = Server::start(|_| Answer::Http(200, "<html>".to_owned()));
    call(&website.control, &SYNC)
        .run()
        .refuses(3, &["the answer to POST /commands (HTTP 200) is not the control API's"]);
    let hub = Hub::start(&[]);
    call(&hub.url, &SYNC).run().refuses(3, &["HTTP 404"]);
    let lacking = Server::start(|_| Answer::Http(501, NOT_OFFERED.to_owned()));
    call(&lacking.control, &SYNC).run().refuses(3, &["HTTP 501: not offered"]);
    call("127.0.0.1:80", &SYNC).run().refuses(2, &["is no address"]);
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let file = folder("call").join("payload.json");
    fs::write(&file, "{\"shop_id\": }").unwrap();
    let at_file = format!("@{}", text(&file));
    let broken = format!("{} is no JSON: expected value at line 1 column 13", text(&file));
    let cases: [(&[&str], &str); 8] = [
        (&["--payload", "{"], "--payload is no JSON: EOF"),
        (&["--payload", &at_file], &broken),
        (&["--payload", "@absent.json"], "cannot read absent.json: "),
        (&["--user", ""], "is no user id"),
        (&["--timeout", "soon"], "it must be a number of seconds"),
        (&["--level", "jobs"], "tip: a similar value exists: 'job'"),
        (&["--level", "job", "--payload", "[]"], "the payload of a job is a JSON object"),
        (
            &["--level", "job", "--action", "VINTED_SYNK"],
            "no job has the action 'VINTED_SYNK': did you mean `VINTED_SYNC`?",
        ),
    ];
    for (arguments, reason) in cases {
        let action: &[&str] = if arguments.contains(&"--action") { &[] } else { &SYNC };
        call("http://127.0.0.1:1", &[action, arguments].concat()).run().refuses(2, &[reason]);
    }
    hubproof(&["call"]).run().refuses(2, &["--control <URL>", "--action <NAME>"]);
}

#[test]
fn a_payload_can_stand_in_a_file() {
    let file = folder("call-file").join("payload.json");
    fs::write(&file, r#"{"shop_id": 9}"#).unwrap();
    let hub = Hub::start(&[]);
    let mut running = plugin(&hub, "answers");
    call(&hub.control, &sync(&["--payload", &format!("@{}", text(&file))])).run().exits(0);
    let came = running.line("<- req_1_");
    assert!(came.ends_with("{\"shop_id\":9}\n"), "{came}");
}
