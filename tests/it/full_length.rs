//! The documented durations at their full length: in virtual time, and through the servers and clients of live runs over
//! pipes under a paused clock. Every time here is the driver's, exact to the millisecond, and nobody waits.

use std::time::Duration;

use hubproof::checker;
use hubproof::contract::control::{CallError, ErrorKind, JobBody};
use hubproof::contract::user::UserId;
use hubproof::event::{By, CallId, Ended, Event, Finding, SocketId, What};
use hubproof::hub::HubConfig;
use hubproof::live::LiveDriver;
use hubproof::plugin::{Behaviour, PlannedReply, Say, Seconds, When};
use hubproof::sim::SimDriver;
use hubproof::stage::{CallSpec, Driver, Effect, Occurrence, ServerManners, Stage};
use hubproof::transcript::Transcript;
use serde_json::json;

use crate::support::paused;

const HOUR: Duration = Duration::from_secs(3600);

/// The documented timeouts of actions, and an hour.
const TIMEOUTS_S: [u64; 4] = [60, 180, 300, 3600];

const MOMENT: Duration = Duration::from_millis(1);

/// Where a call is made: at the hub, at the helper, by a job.
const LEVELS: [u8; 3] = [1, 2, 3];

fn sim() -> Box<dyn Driver> {
    Box::new(SimDriver::new(HubConfig::default()))
}

fn piped() -> Box<dyn Driver> {
    Box::new(LiveDriver::piped(HubConfig::default()))
}

/// What `run` gives in virtual time, which has to be what it gives over pipes.
fn on_both<T: PartialEq + std::fmt::Debug>(run: impl AsyncFn(Box<dyn Driver>) -> T) -> T {
    paused().block_on(async {
        let (sim, piped) = (run(sim()).await, run(piped()).await);
        assert_eq!(piped, sim, "over pipes, and in virtual time");
        sim
    })
}

fn user() -> UserId {
    UserId::from(1)
}

fn after_s(seconds: f64) -> When {
    When::AfterS(Seconds::try_from(seconds).expect("a duration"))
}

fn answering_after(delay: Duration) -> Behaviour {
    Behaviour::always(vec![PlannedReply {
        when: after_s(delay.as_secs_f64()),
        ..PlannedReply::now(Say::Data(json!("done")))
    }])
}

/// Makes a sync call of this level.
async fn call(stage: &mut Stage, level: u8, timeout: Duration) -> CallId {
    if level < 3 {
        let (action, payload) = ("VINTED_SYNC".to_owned(), json!({"shop_id": 123}));
        let spec = CallSpec { helper: level == 2, user: user(), action, payload, timeout: Some(timeout) };
        return stage.call(spec).expect("a call");
    }
    let body = JobBody {
        marketplace: "vinted".to_owned(),
        action: "sync".to_owned(),
        user_id: user(),
        shop_id: Some(json!(123)),
        priority: None,
        input: None,
        timeout_s: None,
    };
    stage.create_job(body, Some(timeout)).await.expect("a job");
    stage.process(user()).expect("a call")
}

/// One call of this level to a plugin that answers after `delay`: all that happened.
async fn one_call(driver: Box<dyn Driver>, level: u8, timeout: Duration, delay: Option<Duration>) -> Vec<Event> {
    let mut stage = Stage::open(driver).await.expect("a stage");
    let plugin = stage.plugin(Some(json!({"user_id": 1})), delay.map(answering_after).unwrap_or_default());
    assert!(stage.connect(plugin).await.expect("an answer"), "accepted");
    let made = call(&mut stage, level, timeout).await;
    stage.settled(made).await.expect("an end");
    stage.close().await.expect("a target that is there");
    stage.events().to_vec()
}

/// How the one call of a run ended, and after how long.
fn end(events: &[Event]) -> (Ended, Duration) {
    let ends: Vec<_> = events.iter().filter(|event| matches!(event.what, What::CallEnded { .. })).collect();
    let [Event { what: What::CallEnded { ended, elapsed, lateness, .. }, .. }] = ends.as_slice() else {
        panic!("{ends:#?}");
    };
    assert_eq!(*lateness, Duration::ZERO, "nothing is late under such a clock");
    (ended.clone(), *elapsed)
}

fn sent_at(events: &[Event]) -> Vec<Duration> {
    events.iter().filter(|event| matches!(event.what, What::Sent { .. })).map(|event| event.at).collect()
}

fn assert_nothing_broken(events: &[Event]) {
    let verdicts = checker::judge(events).into_iter();
    let broken: Vec<_> = verdicts.filter(|verdict| matches!(verdict.finding, Finding::Broken(_))).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// What became of a call of each level and timeout, to a plugin that answers `delay` after the command.
fn every_call(delay: impl Fn(Duration) -> Option<Duration>, check: impl Fn(u8, Duration, Ended, &[Event])) {
    for level in LEVELS {
        for timeout in TIMEOUTS_S.map(Duration::from_secs) {
            on_both(async |driver| {
                let events = one_call(driver, level, timeout, delay(timeout)).await;
                assert_nothing_broken(&events);
                let (ended, elapsed) = end(&events);
                check(level, timeout, ended, &events);
                elapsed
            });
        }
    }
}

fn assert_timed_out(level: u8, timeout: Duration, ended: &Ended) {
    let text = format!("Plugin command timeout after {}s", timeout.as_secs());
    match ended {
        Ended::JobResult(result) if level == 3 => assert_eq!(result["error"], text),
        Ended::Error(CallError { kind: ErrorKind::Timeout, message, .. }) if level < 3 => assert_eq!(*message, text),
        other => panic!("level {level}, {timeout:?}: {other:?}"),
    }
}

#[test]
fn a_call_without_an_answer_ends_at_its_timeout_to_the_millisecond_at_every_level() {
    every_call(
        |_| None,
        |level, timeout, ended, events| {
            assert_timed_out(level, timeout, &ended);
            assert_eq!(end(events).1, timeout, "level {level}");
        },
    );
}

#[test]
fn an_answer_a_millisecond_before_the_deadline_settles_the_call() {
    every_call(
        |timeout| Some(timeout.saturating_sub(MOMENT)),
        |level, timeout, ended, events| {
            match &ended {
                Ended::JobResult(result) if level == 3 => assert_eq!(result["success"], true, "{result}"),
                Ended::Value(value) if level == 2 => assert_eq!(*value, json!("done")),
                Ended::Value(response) if level == 1 => assert_eq!(response["data"], "done"),
                other => panic!("level {level}, {timeout:?}: {other:?}"),
            }
            assert_eq!(end(events).1, timeout.saturating_sub(MOMENT), "level {level}");
        },
    );
}

#[test]
fn an_answer_a_millisecond_after_the_deadline_is_ignored() {
    every_call(
        |timeout| Some(timeout + MOMENT),
        |level, timeout, ended, events| {
            assert_timed_out(level, timeout, &ended);
            assert_eq!(end(events).1, timeout, "level {level}");
            let asked = events.iter().find(|event| matches!(event.what, What::Received { .. })).expect("a command");
            assert_eq!(sent_at(events), [asked.at + timeout + MOMENT], "level {level}");
            let left = events.iter().filter(|event| matches!(event.what, What::PendingSeen { count: 0, .. }));
            assert_eq!(left.count(), 1, "level {level}");
        },
    );
}

#[test]
fn a_plugin_that_is_left_alone_for_an_hour_is_still_there_and_answers() {
    on_both(async |driver| {
        let mut stage = Stage::open(driver).await.expect("a stage");
        let plugin = stage.plugin(Some(json!({"user_id": 1})), answering_after(Duration::ZERO));
        assert!(stage.connect(plugin).await.expect("an answer"), "accepted");
        stage.pass(HOUR).await;
        stage.sockets_counted(&user(), 1).await.expect("its socket");
        let made = call(&mut stage, 2, Duration::from_secs(300)).await;
        assert_eq!(*stage.settled(made).await.expect("an end"), Ended::Value(json!("done")));
        stage.close().await.expect("a target that is there");
        let gone = |event: &&Event| matches!(event.what, What::Gone { by: By::Hub, .. });
        assert_eq!(stage.events().iter().find(gone), None);
        Transcript::of(stage.events()).text()
    });
}

/// When a connection was pinged, and when the hub ended it, if it did within an hour and a moment.
#[derive(Debug, PartialEq)]
struct Life {
    pinged: Vec<Duration>,
    ended: Option<Duration>,
}

/// The life of a connection that sends CONNECT, or not, and answers pings that come before it freezes.
async fn life(mut driver: Box<dyn Driver>, connects: bool, freezes: Duration) -> Life {
    let socket = SocketId(0);
    let mut life = Life { pinged: Vec::new(), ended: None };
    driver.perform(Effect::Open(socket));
    loop {
        match driver.next(HOUR + MOMENT).await {
            Occurrence::Opened(_) => {
                if connects {
                    driver.perform(Effect::Transmit(socket, r#"40{"user_id":1}"#.to_owned()));
                }
            }
            Occurrence::Text(_, text) => {
                if text == "2" {
                    life.pinged.push(driver.now());
                    if driver.now() < freezes {
                        driver.perform(Effect::Transmit(socket, "3".to_owned()));
                    }
                }
            }
            Occurrence::Closed(_) => {
                life.ended = Some(driver.now());
                return life;
            }
            Occurrence::Logged(_) => {}
            Occurrence::Reached => return life,
            other => panic!("{other:?}"),
        }
    }
}

/// Every ping up to a moment.
fn pings_until(last: Duration) -> Vec<Duration> {
    let manners = ServerManners::default();
    let pings = (0..).map(|number| manners.first_ping + manners.ping_interval * number);
    pings.take_while(|ping| *ping <= last).collect()
}

#[test]
fn a_client_that_answers_is_pinged_at_every_interval_and_never_dropped() {
    let seen = on_both(|driver| life(driver, true, Duration::MAX));
    assert_eq!(seen.pinged, pings_until(HOUR));
    assert_eq!(seen.ended, None);
}

#[test]
fn a_client_that_freezes_is_dropped_an_interval_and_a_timeout_after_its_last_pong() {
    let ServerManners { ping_interval, ping_timeout, .. } = ServerManners::default();
    for last_pong in [Duration::from_secs(25), Duration::from_secs(1000)] {
        let seen = on_both(|driver| life(driver, true, last_pong + MOMENT));
        assert_eq!(seen.pinged, pings_until(last_pong + ping_interval));
        assert_eq!(seen.ended, Some(last_pong + ping_interval + ping_timeout));
    }
}

#[test]
fn a_client_that_never_sends_connect_is_dropped_in_time() {
    let seen = on_both(|driver| life(driver, false, Duration::MAX));
    assert_eq!(seen.ended, Some(ServerManners::default().connect_timeout));
}

/// Calls of all levels to plugins of every kind, some of them at once, over more than five minutes.
async fn busy_run(driver: Box<dyn Driver>) -> Vec<Event> {
    let mut stage = Stage::open(driver).await.expect("a stage");
    stage.stock(123, 3);
    let silent = Behaviour::default();
    let twice =
        [1, 20].map(|delay_s| PlannedReply { when: after_s(f64::from(delay_s)), ..PlannedReply::now(Say::Payload) });
    let at_vinted = Behaviour::always(vec![PlannedReply::now(Say::Marketplace)]);
    for (id, behaviour) in [(1, silent.clone()), (2, Behaviour::always(twice.to_vec())), (2, silent), (3, at_vinted)] {
        let plugin = stage.plugin(Some(json!({ "user_id": id })), behaviour);
        assert!(stage.connect(plugin).await.expect("an answer"), "accepted");
    }
    let mut made = Vec::new();
    for number in 0..9 {
        let spec = CallSpec {
            helper: number % 2 == 0,
            user: UserId::from(number % 3 + 1),
            action: "VINTED_SYNC".to_owned(),
            payload: json!({"shop_id": 123, "number": number}),
            timeout: Some(Duration::from_secs(300 - number)),
        };
        made.push(stage.call(spec).expect("a call"));
    }
    made.push(call(&mut stage, 3, Duration::from_secs(180)).await);
    for made in made {
        stage.settled(made).await.expect("an end");
    }
    stage.close().await.expect("a target that is there");
    stage.events().to_vec()
}

#[test]
fn the_same_run_over_pipes_gives_the_same_events_times_included_however_often() {
    let run = || paused().block_on(async { busy_run(piped()).await });
    let first = run();
    assert_nothing_broken(&first);
    for number in 1..100 {
        assert_eq!(run(), first, "run {number}");
    }
    let sim = paused().block_on(busy_run(sim()));
    assert_eq!(Transcript::of(&first).text(), Transcript::of(&sim).text());
}
