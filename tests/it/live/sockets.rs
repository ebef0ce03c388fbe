//! What clients of every kind, well-behaved or not, get from the hub.

use std::time::Duration;

use hubproof::hub::HubConfig;
use hubproof::live::ServeOptions;
use hubproof::stage::ServerManners;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::world::{Client, World, soon};

#[tokio::test]
async fn a_client_is_asked_and_its_answer_is_the_outcome() {
    let world = World::new();
    let mut plugin = world.plugin(1).await;
    let user = json!("1");
    let answer = async {
        let command = plugin.command().await;
        assert_eq!(command["action"], "VINTED_SYNC");
        assert_eq!(command["payload"], json!({"shop_id": 1}));
        assert_eq!(command.as_object().unwrap().len(), 3);
        plugin.answer(&command, &json!({"ü": [1.5, null, {}]})).await;
    };
    let (outcome, ()) = tokio::join!(world.call("/calls", &user, 30.0), answer);
    assert_eq!(outcome["value"], json!({"ü": [1.5, null, {}]}));
    world.pending(0).await;
}

#[tokio::test]
async fn a_client_without_a_user_is_refused() {
    let world = World::new();
    let odd = ["", "[]", "7", "null", r#""text""#, r#"{"user_id":0}"#, r#"{"user_id":null}"#, "{broken", r#"{"id":1}"#];
    for auth in odd {
        let mut client = world.client().await;
        client.say(&format!("40{auth}")).await;
        assert_eq!(client.hear().await, r#"44{"message":"a user_id is required"}"#, "{auth}");
    }
    let mut stray = world.client().await;
    stray.say(r#"40/other,{"user_id":1}"#).await;
    assert_eq!(stray.hear().await, r#"44/other,{"message":"Invalid namespace"}"#);
}

/// Frames that answer no call; `ID` stands for the id of the call in flight.
const STRAY: [&str; 13] = [
    r#"42["plugin_response"]"#,
    r#"42["plugin_response",null]"#,
    r#"42["plugin_response",[1]]"#,
    r#"42["plugin_response",7]"#,
    r#"42["plugin_response","text"]"#,
    r#"42["plugin_response",{}]"#,
    r#"42["plugin_response",{"request_id":""}]"#,
    r#"42["plugin_response",{"request_id":7,"success":true}]"#,
    r#"42["plugin_response",{"request_id":{"request_id":"ID"},"success":true}]"#,
    r#"42["plugin_response",{"request_id":"ID","success":true},1]"#,
    r#"42["another_event",{"request_id":"ID","success":true}]"#,
    r#"450-["plugin_response",{"request_id":"NO","success":true}]"#,
    r#"42/other,["plugin_response",{"request_id":"ID","success":true}]"#,
];

#[tokio::test]
async fn stray_responses_settle_nothing_and_harm_nothing() {
    let world = World::new();
    let mut plugin = world.plugin(1).await;
    let user = json!(1);
    let answer = async {
        let command = plugin.command().await;
        let id = command["request_id"].as_str().unwrap();
        for stray in STRAY {
            plugin.say(&stray.replace("ID", id)).await;
            plugin.settled().await;
        }
        // Deeper than JSON is read here.
        let nested = "[".repeat(1_000) + &"]".repeat(1_000);
        let nested = format!(r#"{{"request_id":"{id}","success":true,"data":{nested}}}"#);
        plugin.say(&format!(r#"42["plugin_response",{nested}]"#)).await;
        plugin.settled().await;
        world.pending(1).await;
        plugin.answer(&command, &json!("mine")).await;
    };
    let (outcome, ()) = tokio::join!(world.call("/calls", &user, 30.0), answer);
    assert_eq!(outcome["value"], "mine");
}

#[tokio::test]
async fn a_binary_response_settles_nothing_and_harms_nothing() {
    let world = World::new();
    let mut plugin = world.plugin(1).await;
    let user = json!(1);
    let answer = async {
        let command = plugin.command().await;
        let id = &command["request_id"];
        let placeholder = r#"{"_placeholder":true,"num":0}"#;
        for argument in
            [placeholder.to_owned(), format!(r#"{{"request_id":{id},"success":true,"data":{placeholder}}}"#)]
        {
            plugin.say(&format!(r#"451-9["plugin_response",{argument}]"#)).await;
            plugin.send(Message::binary(vec![1, 2, 3])).await;
            assert_eq!(plugin.hear().await, "439[]", "the hub's answer to {argument}");
            world.pending(1).await;
        }
        plugin.answer(&command, &json!("mine")).await;
    };
    let (outcome, ()) = tokio::join!(world.call("/calls", &user, 30.0), answer);
    assert_eq!(outcome["value"], "mine");
    let ignored = world.log().into_iter().filter(|line| line.contains("response ignored")).count();
    assert_eq!(ignored, 2);
}

#[tokio::test]
async fn what_is_no_packet_ends_that_connection_alone() {
    let world = World::new();
    let mut neighbour = world.plugin(1).await;
    for nonsense in ["42[broken", r#"42["plugin_response",{"broken]"#, "42[7]", "42{}", "9", "42", "4", "43[]"] {
        let mut plugin = world.plugin(2).await;
        plugin.say(nonsense).await;
        while plugin.try_hear().await.is_some() {}
        world.sockets_of(2, 0).await;
    }
    neighbour.settled().await;
}

#[tokio::test]
async fn an_event_before_connect_is_answered_connects_nobody() {
    let world = World::new();
    let mut client = world.client().await;
    client.say(r#"42["plugin_response",{}]"#).await;
    while client.try_hear().await.is_some() {}
    assert_eq!(world.log(), Vec::<String>::new());
}

#[tokio::test]
async fn a_response_over_the_limit_fails_its_call_and_one_at_the_limit_is_taken() {
    let max_bytes = 2_000;
    let config = HubConfig { max_bytes, ..HubConfig::default() };
    let world = World::with(config, ServeOptions::default());
    let mut plugin = world.plugin(1).await;
    let user = json!(1);
    for (over, wanted) in [(0, "ok"), (1, "error"), (50_000, "error")] {
        let answer = async {
            let command = plugin.command().await;
            let frame = |data: &str| {
                let response = json!({"request_id": command["request_id"], "success": true, "data": data});
                format!("42{}", json!(["plugin_response", response]))
            };
            let room = max_bytes + over - frame("").len();
            plugin.say(&frame(&"x".repeat(room))).await;
        };
        let (outcome, ()) = tokio::join!(world.call("/calls", &user, 30.0), answer);
        assert_eq!(outcome["outcome"], wanted, "{over} bytes over the limit");
        if over > 0 {
            let message = outcome["error"]["message"].as_str().unwrap();
            let size = max_bytes + over;
            assert!(message.starts_with(&format!("Response size ({size} bytes) exceeds")), "{message}");
        }
    }
    plugin.settled().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn responses_count_in_the_order_in_which_they_were_sent() {
    let world = World::new();
    let mut plugin = world.plugin(1).await;
    let user = json!(1);
    for round in 0..100 {
        let answer = async {
            let command = plugin.command().await;
            for place in 0..3 {
                plugin.answer(&command, &json!([round, place])).await;
            }
            plugin.settled().await;
        };
        let (outcome, ()) = tokio::join!(world.call("/calls", &user, 30.0), answer);
        assert_eq!(outcome["value"], json!([round, 0]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_never_overtakes_the_answer_to_connect_and_is_never_lost() {
    let world = World::new();
    for user in 1..=100_u64 {
        let name = json!(user);
        let mut client = world.client().await;
        // As soon as the hub counts the socket, a command is on its way.
        let call = async {
            world.sockets_of(user, 1).await;
            world.call("/calls", &name, 30.0).await
        };
        let answer = async {
            client.say(&format!(r#"40{{"user_id":{user}}}"#)).await;
            let first = client.hear().await;
            assert!(first.starts_with("40{"), "{first}");
            let command = client.command().await;
            client.answer(&command, &json!(user)).await;
        };
        let (outcome, ()) = soon("the answer", async { tokio::join!(call, answer) }).await;
        assert_eq!(outcome["value"], name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_while_it_connects_leaves_no_ghost() {
    let world = World::new();
    for _ in 0..50 {
        let clients = futures_util::future::join_all((0..8).map(|_| world.client())).await;
        for mut client in clients {
            client.say(r#"40{"user_id":1}"#).await;
            drop(client);
        }
    }
    world.sockets_of(1, 0).await;
    let stats = world.ask("GET", "/stats", &Value::Null).await.1;
    assert_eq!(stats["connections"], 0);
}

#[tokio::test]
async fn a_client_that_disconnects_in_order_or_closes_its_socket_is_gone() {
    let world = World::new();
    let mut first = world.plugin(1).await;
    let second = world.plugin(1).await;
    world.sockets_of(1, 2).await;
    first.say("41").await;
    world.sockets_of(1, 1).await;
    drop(second);
    world.sockets_of(1, 0).await;
    let outcome = world.call("/commands", &json!(1), 30.0).await;
    assert_eq!(outcome["error"]["kind"], "not_connected");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_at_once_to_one_user_each_get_their_own_answer() {
    let world = World::new();
    let mut plugin = world.plugin(1).await;
    let calls = (0..200).map(async |number| {
        let body = json!({"user_id": 1, "action": "A", "payload": number, "timeout_s": 60});
        (number, world.ask("POST", "/calls", &body).await.1)
    });
    let answers = async {
        let mut commands = Vec::new();
        for _ in 0..200 {
            commands.push(plugin.command().await);
        }
        for command in commands.iter().rev() {
            plugin.answer(command, &command["payload"]).await;
        }
    };
    let (outcomes, ()) = tokio::join!(futures_util::future::join_all(calls), answers);
    for (number, outcome) in outcomes {
        assert_eq!(outcome["value"], number, "{outcome}");
    }
    world.pending(0).await;
}

#[tokio::test]
async fn a_call_ends_at_its_timeout_and_a_later_one_does_not_hold_it_up() {
    let world = World::new();
    let _plugin = world.plugin(1).await;
    let user = json!(1);
    let long = world.call("/commands", &user, 0.2);
    let short = world.call("/commands", &user, 0.05);
    let (long, short) = tokio::join!(long, short);
    assert_eq!(long["error"]["message"], "Plugin command timeout after 0.2s");
    assert_eq!(short["error"]["message"], "Plugin command timeout after 0.05s");
    assert!(short["elapsed_ms"].as_f64() < long["elapsed_ms"].as_f64());
}

#[tokio::test]
async fn a_clock_that_is_advanced_ends_what_is_due() {
    let world = World::new();
    let mut plugin = world.plugin(1).await;
    let user = json!(1);
    let advance = async {
        plugin.command().await;
        world.ask("POST", "/clock/advance", &json!({"by_s": 300})).await;
    };
    let (outcome, ()) = tokio::join!(world.call("/commands", &user, 300.0), advance);
    assert_eq!(outcome["error"]["kind"], "timeout");
}

#[tokio::test]
async fn a_client_of_the_polling_transport_is_served_as_well() {
    let world = World::new();
    let poll = async |target: &str, body: &str| {
        let method = if body.is_empty() { "GET" } else { "POST" };
        let mut stream = super::world::request(&world.hub, method, target, &[], body).await;
        let mut answer = String::new();
        let read = tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer);
        soon("a poll", read).await.unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    };
    let open = poll("/socket.io/?EIO=4&transport=polling", "").await;
    let handshake: Value = serde_json::from_str(open.trim_start_matches('0')).unwrap();
    let target = format!("/socket.io/?EIO=4&transport=polling&sid={}", handshake["sid"].as_str().unwrap());
    assert_eq!(poll(&target, r#"40{"user_id":1}"#).await, "ok");
    world.sockets_of(1, 1).await;
    let user = json!(1);
    let answer = async {
        let mut heard = String::new();
        while !heard.contains("plugin_command") {
            heard = poll(&target, "").await;
        }
        let event = heard.split('\u{1e}').find_map(|packet| packet.strip_prefix("42")).unwrap();
        let event: Value = serde_json::from_str(event).unwrap();
        let response = json!(["plugin_response", {"request_id": event[1]["request_id"], "success": true, "data": 1}]);
        poll(&target, &format!("42{response}")).await;
    };
    let (outcome, ()) = tokio::join!(world.call("/calls", &user, 30.0), answer);
    assert_eq!(outcome["value"], 1);
}

fn hasty(manners: ServerManners) -> World {
    let options = ServeOptions { manners, ..ServeOptions::default() };
    World::with(HubConfig::default(), options)
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_gone_after_the_ping_timeout() {
    let world = hasty(ServerManners { ping_timeout: Duration::from_millis(50), ..ServerManners::default() });
    let mut plugin = world.plugin(1).await;
    plugin.pinged().await;
    let mut silent = Client::open_silent(&world.hub.url()).await;
    silent.say(r#"40{"user_id":2}"#).await;
    while silent.try_hear().await.is_some() {}
    world.sockets_of(2, 0).await;
    world.sockets_of(1, 1).await;
}

#[tokio::test]
async fn a_client_that_does_not_connect_or_was_refused_is_gone_after_the_connect_timeout() {
    let world = hasty(ServerManners { connect_timeout: Duration::from_millis(50), ..ServerManners::default() });
    let mut plugin = world.plugin(1).await;
    let mut waiting = world.client().await;
    let mut refused = world.client().await;
    refused.say("40").await;
    for client in [&mut waiting, &mut refused] {
        while client.try_hear().await.is_some() {}
    }
    plugin.settled().await;
}

#[tokio::test]
async fn hubs_do_not_see_each_other() {
    let (one, other) = (World::new(), World::new());
    let _plugin: Client = one.plugin(1).await;
    other.sockets_of(1, 0).await;
    one.sockets_of(1, 1).await;
}
