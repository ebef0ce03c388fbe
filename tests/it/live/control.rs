//! The control API over HTTP, and how a hub starts and stops.

use hubproof::contract::control::{CallBody, ErrorKind, Outcome, Reply, Request};
use hubproof::contract::user::UserId;
use hubproof::hub::HubConfig;
use hubproof::live::{HubServer, ServeError, ServeOptions};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use super::world::{World, http, request, soon};

#[tokio::test]
async fn every_call_of_the_control_api_is_served() {
    let world = World::new();
    let (status, description) = world.ask("GET", "/", &Value::Null).await;
    assert_eq!((status, &description["protocol"]), (200, &json!(1)));
    assert_eq!(description["settings"]["ping_interval_s"], 25.0);
    assert_eq!(description["settings"]["ping_timeout_s"], 20.0);
    assert_eq!(description["settings"]["max_bytes"], 1_000_000);

    for path in ["/commands", "/calls"] {
        let outcome = world.call(path, &json!(1), 5.0).await;
        assert_eq!(outcome["error"]["message"], "User 1 not connected via WebSocket");
    }
    let job = json!({"marketplace": "vinted", "action": "sync", "user_id": 1, "shop_id": 2});
    let (status, created) = world.ask("POST", "/jobs", &job).await;
    assert_eq!((status, &created["status"]), (200, &json!("pending")));
    let path = format!("/jobs/{}", created["job_id"]);
    assert_eq!(world.ask("GET", &path, &Value::Null).await.1["timeout_s"], 300);
    let (status, result) = world.ask("POST", "/jobs/process-next", &json!({"user_id": 1})).await;
    assert_eq!((status, &result["success"]), (200, &json!(false)));
    let cancelled = world.ask("POST", &format!("{path}/cancel"), &Value::Null).await;
    assert_eq!(cancelled.1["status"], "cancelled");
    assert_eq!(world.ask("POST", "/jobs/process-next", &json!({"user_id": 1})).await, (200, Value::Null));

    let none = json!({"count": 0, "request_ids": []});
    assert_eq!(world.ask("GET", "/pending", &Value::Null).await, (200, none.clone()));
    assert_eq!(world.ask("GET", "/pending?user_id=1", &Value::Null).await, (200, none));
    assert_eq!(world.ask("GET", "/connections/1", &Value::Null).await, (200, json!({"count": 0})));
    let fed = world.ask("PUT", "/request-ids", &json!({"next": ["req_1_1700000000000_1000"]})).await;
    assert_eq!(fed, (204, Value::Null));
    assert_eq!(world.ask("POST", "/clock/advance", &json!({"by_s": 1})).await.0, 204);
    assert_eq!(world.ask("POST", "/reset", &Value::Null).await.0, 204);
    let (answered, figures) = world.ask("GET", "/stats", &Value::Null).await;
    assert_eq!((answered, &figures["connections"]), (200, &json!(0)));
    if cfg!(target_os = "linux") {
        assert!(figures["rss_bytes"].as_u64().unwrap() > 100_000);
        assert!(figures["cpu_s"].as_f64().unwrap() >= 0.0);
    }
    assert_eq!(world.ask("POST", "/shutdown", &Value::Null).await.0, 204);
    soon("the stop", world.hub.stopped()).await;
}

#[tokio::test]
async fn what_is_wrong_with_a_control_request_is_said() {
    let world = World::new();
    let refused = |answer: (u16, Value)| (answer.0, answer.1["error"]["message"].as_str().unwrap().to_owned());
    let (status, message) = refused(world.ask("POST", "/calls", &json!({"user_id": 1})).await);
    assert_eq!(status, 400);
    assert!(message.contains("missing field `action`"), "{message}");
    let (status, message) = refused(world.ask("GET", "/moon", &Value::Null).await);
    assert_eq!((status, message.as_str()), (404, "the control API has no GET /moon"));
    for target in ["/", "/hubproof/v2/pending", "/hubproof/v1x", "/socket.iox"] {
        assert_eq!(http(&world.hub, "GET", target, &[], "").await.unwrap().0, 404, "{target}");
    }
    assert_eq!(refused(world.ask("GET", "/jobs/7", &Value::Null).await).0, 404);
    assert_eq!(http(&world.hub, "GET", "/hubproof/v1", &[], "").await.unwrap().0, 200);
}

#[tokio::test]
async fn pages_of_other_origins_may_poll_and_cannot_read_what_the_control_api_answers() {
    let world = World::new();
    for (method, target, allowed) in [
        ("GET", "/socket.io/?EIO=4&transport=polling", true),
        ("OPTIONS", "/socket.io/?EIO=4&transport=polling", true),
        ("GET", "/hubproof/v1/", false),
        ("OPTIONS", "/hubproof/v1/jobs", false),
    ] {
        let headers = ["origin: http://localhost:3000", "access-control-request-method: POST"];
        let mut stream = request(&world.hub, method, target, &headers, "").await;
        let mut answer = String::new();
        soon("an answer", stream.read_to_string(&mut answer)).await.expect("an answer in UTF-8");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let line = "access-control-allow-origin: http://localhost:3000\r\n";
        assert_eq!(answer.contains(line), allowed, "{method} {target}: {answer}");
    }
}

#[tokio::test]
async fn a_token_is_asked_for_once_it_is_set() {
    let options = ServeOptions { control_token: Some("secret".to_owned()), ..ServeOptions::default() };
    let world = World::with(HubConfig::default(), options);
    let ask = async |headers: &[&str]| http(&world.hub, "GET", "/hubproof/v1/pending", headers, "").await.unwrap().0;
    assert_eq!(ask(&[]).await, 401);
    for wrong in ["", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets", "Basic secret", "secret"] {
        assert_eq!(ask(&[&format!("authorization: {wrong}")]).await, 401, "{wrong:?}");
    }
    assert_eq!(ask(&["authorization: Bearer secret"]).await, 200);
}

#[tokio::test]
async fn a_hub_that_others_can_reach_needs_a_token() {
    let options = ServeOptions { listen: "0.0.0.0:0".parse().unwrap(), ..ServeOptions::default() };
    let error = HubServer::start(HubConfig::default(), options.clone()).unwrap_err();
    assert!(matches!(error, ServeError::TokenNeeded(_)));
    assert!(error.to_string().contains("set a control token"), "{error}");
    let options = ServeOptions { control_token: Some("secret".to_owned()), ..options };
    HubServer::start(HubConfig::default(), options).unwrap();
}

#[tokio::test]
async fn a_port_in_use_is_named_with_a_remedy_and_is_free_again_after_the_stop() {
    let world = World::new();
    let options = ServeOptions { listen: world.hub.address(), ..ServeOptions::default() };
    let error = HubServer::start(HubConfig::default(), options.clone()).unwrap_err();
    assert!(matches!(error, ServeError::InUse(address) if address == world.hub.address()));
    assert!(error.to_string().contains("choose another port"), "{error}");
    let mut plugin = world.plugin(1).await;
    soon("the stop", world.hub.shutdown()).await;
    while plugin.try_hear().await.is_some() {}
    HubServer::start(HubConfig::default(), options).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_has_gone_leaves_nothing_in_flight() {
    let world = World::new();
    let mut plugin = world.plugin(1).await;
    let body = json!({"user_id": 1, "action": "A", "payload": {}}).to_string();
    let caller = request(&world.hub, "POST", "/hubproof/v1/commands", &[], &body).await;
    let command = plugin.command().await;
    world.pending(1).await;
    drop(caller);
    world.pending(0).await;
    assert!(world.log().iter().any(|line| line.contains("caller has gone")), "{:?}", world.log());
    plugin.answer(&command, &json!(1)).await;
    plugin.settled().await;
}

#[tokio::test]
async fn a_shutdown_fails_what_is_in_flight_and_closes_every_socket() {
    let world = World::new();
    let mut plugins = [world.plugin(1).await, world.plugin(1).await, world.plugin(2).await];
    let mut refused = world.client().await;
    refused.say("40").await;
    assert!(refused.hear().await.starts_with("44"));
    let user = json!(1);
    let call = async { soon("the outcome", world.call("/calls", &user, 300.0)).await };
    let stop = async {
        plugins[0].command().await;
        soon("the stop", world.hub.shutdown()).await;
    };
    let (outcome, ()) = tokio::join!(call, stop);
    assert_eq!(outcome["error"]["kind"], "shutting_down");
    plugins[1].command().await;
    for mut plugin in plugins {
        assert_eq!(plugin.try_hear().await.as_deref(), Some("1"));
        assert_eq!(plugin.try_hear().await, None);
    }
    soon("the second stop", world.hub.shutdown()).await;
    assert!(tokio::net::TcpStream::connect(world.hub.address()).await.is_err());
}

#[tokio::test]
async fn what_is_asked_without_http_gets_the_same_replies() {
    let world = World::new();
    let call = CallBody {
        user_id: UserId::from(1),
        action: "VINTED_SYNC".to_owned(),
        payload: json!({}),
        timeout_s: Some(json!(20)),
    };
    let reply = world.hub.ask(Request::Call(call.clone())).await.expect("a reply");
    assert!(
        matches!(&reply, Reply::Outcome(outcome) if outcome.error_kind() == Some(ErrorKind::NotConnected)),
        "{reply:?}"
    );

    let mut plugin = world.plugin(1).await;
    let asking = world.hub.ask(Request::Call(call));
    let answering = async {
        let event = plugin.hear().await;
        let command: Value = serde_json::from_str(event.strip_prefix("42").expect("an event")).expect("JSON");
        let id = &command[1]["request_id"];
        plugin.say(&format!(r#"42["plugin_response",{{"request_id":{id},"success":true,"data":7}}]"#)).await;
    };
    let (reply, ()) = tokio::join!(asking, answering);
    let reply = reply.expect("a reply");
    assert!(matches!(&reply, Reply::Outcome(Outcome::Ok { value, .. }) if *value == 7), "{reply:?}");
}
