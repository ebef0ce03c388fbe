//! The reference hub under random inputs: whatever plugins and callers do, no checker finds a guarantee broken.

use std::time::Duration;

use hubproof::checker::judge;
use hubproof::contract::control::JobBody;
use hubproof::contract::message::RESPONSE_EVENT;
use hubproof::contract::user::UserId;
use hubproof::event::{CallId, Finding, PluginId, Verdict};
use hubproof::hub::HubConfig;
use hubproof::plugin::{
    Arguments, Behaviour, Chance, Count, Disruption, Drawn, Failure, Gathered, How, JsonText, Order, PlannedReply,
    Reaction, ReplyId, Rule, Say, Seconds, Sender, Shape, When,
};
use hubproof::sim::SimDriver;
use hubproof::stage::{CallSpec, Halt, Stage};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

/// Something that a caller or a plugin does.
#[derive(Debug, Clone)]
enum Act {
    Connect { user: u64, behaviour: Behaviour },
    Leave { plugin: usize },
    Return { plugin: usize },
    Call { user: u64, helper: bool, timeout_s: u64 },
    Job { user: u64, action: &'static str, timeout_s: Option<u64> },
    Process { user: u64 },
    GiveUp { call: usize },
    Pass { seconds: u64 },
    Advance { seconds: u64 },
    Feed { draw: u16, times: usize },
    Stray { plugin: usize, body: Value },
    Spoof { plugin: usize, victim: usize },
}

fn users() -> impl Strategy<Value = u64> {
    prop_oneof![Just(1_u64), Just(11), Just(2)]
}

fn replies() -> impl Strategy<Value = PlannedReply> {
    let order = prop_oneof![Just(Order::AsAsked), Just(Order::Reversed), Just(Order::Shuffled)];
    let shape = prop_oneof![Just(Shape::Full), Just(Shape::Relay)];
    let when = prop_oneof![
        Just(When::default()),
        (0_u32..40).prop_map(|seconds| When::AfterS(Seconds::from(seconds))),
        Just(When::After(Drawn::Field)),
        Just(When::CallEnded),
        Just(When::Reconnected),
        (count(), order).prop_map(|(commands, order)| When::Gathered(Gathered { commands, order })),
    ];
    let say = prop_oneof![
        Just(Say::Payload),
        Just(Say::Error("Vinted API error".to_owned())),
        shape.prop_map(|shape| Say::Failure(Failure {
            error: "no".to_owned(),
            status: None,
            error_data: Some(json!([])),
            shape
        })),
        arguments().prop_map(|arguments| Say::Arguments(Arguments(arguments))),
        any::<u8>().prop_map(|n| Say::Data(json!({ "n": n }))),
        members().prop_map(Say::Members),
    ];
    let id = prop_oneof![
        8 => Just(ReplyId::Own),
        1 => Just(ReplyId::Other("req_1_1700000000000_1000".to_owned())),
        1 => Just(ReplyId::AnotherPending),
        1 => Just(ReplyId::Earlier),
        1 => Just(ReplyId::Missing),
        1 => odd().prop_map(|odd| ReplyId::Json(JsonText(odd))),
    ];
    let from = prop_oneof![6 => Just(Sender::Own), 1 => Just(Sender::AnotherTab), 1 => Just(Sender::AnotherUser)];
    (when, id, from, say).prop_map(|(when, id, from, say)| PlannedReply { when, id, from, say })
}

fn count() -> impl Strategy<Value = Count> {
    (1_i64..4).prop_map(|count| Count::try_from(count).expect("they are counted from 1"))
}

fn arguments() -> impl Strategy<Value = Vec<Value>> {
    let response = json!({"request_id": "req_1_1736438400000_1000", "success": true, "data": {"n": "odd"}});
    proptest::collection::vec(prop_oneof![odd(), Just(response)], 0..3)
}

fn disruption() -> impl Strategy<Value = Disruption> {
    let how = prop_oneof![Just(How::Close), Just(How::Reset), Just(How::Freeze)];
    let when = prop_oneof![
        (0_u32..40).prop_map(|seconds| When::AfterS(Seconds::from(seconds))),
        Just(When::After(Drawn::Field)),
        Just(When::CallEnded),
    ];
    let back = proptest::option::of((0_u32..40).prop_map(Seconds::from));
    (how, when, back).prop_map(|(how, when, back_after_s)| Disruption { how, when, back_after_s })
}

fn reaction() -> impl Strategy<Value = Reaction> {
    let disruption = prop_oneof![3 => Just(None), 1 => disruption().prop_map(Some)];
    let replies = proptest::collection::vec(replies(), 0..3);
    (replies, disruption).prop_map(|(replies, disruption)| Reaction { replies, disruption })
}

fn behaviour() -> impl Strategy<Value = Behaviour> {
    let chance =
        (0_u8..=4).prop_map(|quarters| Chance::try_from(f64::from(quarters) / 4.0).expect("it is from 0 to 1"));
    let rule = (proptest::option::of(count()), chance, reaction());
    let rule = rule.prop_map(|(nth, chance, reaction)| Rule { action: None, nth, chance: Some(chance), reaction });
    let rules = proptest::collection::vec(rule, 0..2);
    (rules, reaction()).prop_map(|(rules, otherwise)| Behaviour { rules, otherwise, extension: None })
}

fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!("false")),
        Just(json!(1)),
        Just(json!({})),
        Just(json!(false)),
        Just(json!(true))
    ]
}

fn members() -> impl Strategy<Value = serde_json::Map<String, Value>> {
    let texts = prop_oneof![Just(json!(null)), Just(json!("")), Just(json!("no")), Just(json!([1]))];
    (proptest::option::of(odd()), proptest::option::of(texts)).prop_map(|(success, error)| {
        let members = [("success", success), ("error", error)];
        members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    })
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (users(), behaviour()).prop_map(|(user, behaviour)| Act::Connect { user, behaviour }),
        1 => (0_usize..6).prop_map(|plugin| Act::Leave { plugin }),
        1 => (0_usize..6).prop_map(|plugin| Act::Return { plugin }),
        6 => (users(), any::<bool>(), 1_u64..60).prop_map(|(user, helper, timeout_s)| Act::Call { user, helper, timeout_s }),
        1 => (users(), prop_oneof![Just("sync"), Just("publish"), Just("dance")], proptest::option::of(Just(20)))
            .prop_map(|(user, action, timeout_s)| Act::Job { user, action, timeout_s }),
        2 => users().prop_map(|user| Act::Process { user }),
        1 => (0_usize..20).prop_map(|call| Act::GiveUp { call }),
        2 => (0_u64..30).prop_map(|seconds| Act::Pass { seconds }),
        1 => prop_oneof![1_u64..100, 3400_u64..3700].prop_map(|seconds| Act::Advance { seconds }),
        1 => (1000_u16..1003, 1_usize..3).prop_map(|(draw, times)| Act::Feed { draw, times }),
        1 => (0_usize..6, any::<u8>()).prop_map(|(plugin, n)| Act::Stray { plugin, body: json!({"request_id": n}) }),
        1 => (0_usize..6, 0_usize..6).prop_map(|(plugin, victim)| Act::Spoof { plugin, victim }),
    ]
}

/// Does all this against the reference hub in virtual time, and judges the run.
async fn play(seed: u64, acts: Vec<Act>) -> Result<Vec<Verdict>, Halt> {
    let driver = SimDriver::new(HubConfig { seed, ..HubConfig::default() });
    let mut stage = Stage::open(Box::new(driver)).await?;
    let (mut plugins, mut calls): (Vec<PluginId>, Vec<CallId>) = (Vec::new(), Vec::new());
    for act in acts {
        match act {
            Act::Connect { user, behaviour } => {
                let plugin = stage.plugin(Some(json!({ "user_id": user })), behaviour);
                assert!(stage.connect(plugin).await?, "the hub refused user {user}");
                plugins.push(plugin);
            }
            Act::Leave { plugin } => plugins.get(plugin).into_iter().for_each(|plugin| stage.disconnect(*plugin)),
            Act::Return { plugin } => {
                if let Some(plugin) = plugins.get(plugin) {
                    stage.disconnect(*plugin);
                    stage.connect(*plugin).await?;
                }
            }
            Act::Call { user, helper, timeout_s } => {
                // From outside only the payload tells two commands apart.
                let payload = json!({ "n": calls.len() });
                let timeout = Some(Duration::from_secs(timeout_s));
                let action = "VINTED_SYNC".to_owned();
                calls.push(stage.call(CallSpec { helper, user: UserId::from(user), action, payload, timeout })?);
            }
            Act::Job { user, action, timeout_s } => {
                let body = JobBody {
                    marketplace: "vinted".to_owned(),
                    action: action.to_owned(),
                    user_id: UserId::from(user),
                    shop_id: Some(json!(123)),
                    priority: None,
                    input: None,
                    timeout_s: None,
                };
                stage.create_job(body, timeout_s.map(Duration::from_secs)).await?;
            }
            Act::Process { user } => calls.push(stage.process(UserId::from(user))?),
            Act::GiveUp { call } => calls.get(call).into_iter().for_each(|call| stage.give_up(*call)),
            Act::Pass { seconds } => stage.pass(Duration::from_secs(seconds)).await,
            Act::Advance { seconds } => stage.advance_clock(Duration::from_secs(seconds)).await?,
            Act::Feed { draw, times } => stage.feed_ids(vec![format!("req_1_1736438400000_{draw}"); times]).await?,
            Act::Stray { plugin, body } => {
                if let Some(plugin) = plugins.get(plugin) {
                    // A plugin that has left says nothing.
                    stage.say(*plugin, RESPONSE_EVENT, vec![body]).ok();
                }
            }
            Act::Spoof { plugin, victim } => {
                if let (Some(plugin), Some(victim)) = (plugins.get(plugin), plugins.get(victim)) {
                    let id = stage.last_request_id(*victim);
                    let body = json!({"request_id": id, "success": true, "data": {"from": plugin.0}});
                    stage.say(*plugin, RESPONSE_EVENT, vec![body]).ok();
                }
            }
        }
    }
    stage.close().await?;
    Ok(judge(stage.events()))
}

fn verdicts(seed: u64, acts: Vec<Act>) -> Vec<Verdict> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(play(seed, acts)).expect("the reference hub does all this")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_guarantee_is_broken_whatever_happens(seed in any::<u64>(), acts in proptest::collection::vec(acts(), 1..40)) {
        let broken: Vec<Verdict> =
            verdicts(seed, acts).into_iter().filter(|verdict| matches!(verdict.finding, Finding::Broken(_))).collect();
        prop_assert!(broken.is_empty(), "{broken:#?}");
    }
}
