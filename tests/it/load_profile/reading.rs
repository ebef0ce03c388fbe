//! What stands in a profile, and what holds where nothing does.

use std::time::Duration;

use hubproof::load::profile::raw::{self, Raw};
use hubproof::load::profile::value::{Time, Whole};
use hubproof::load::profile::{
    Answers, Closing, Commands, Delay, Level, MassBehaviour, Profile, Rate, Size, Sources, Storm, Users,
};

use super::profile;

#[test]
fn an_empty_profile_is_a_small_run() {
    let profile = profile("");
    assert_eq!((profile.seed, profile.plugins, profile.first_user, profile.per_user), (1, 100, 1, 1));
    assert_eq!(profile.rate, Rate::Constant { per_s: 100.0 });
    assert_eq!(profile.duration, Duration::from_secs(10));
    assert_eq!(profile.warmup, Duration::ZERO);
    assert_eq!(profile.drain, Duration::from_secs(12), "the calls' timeout and two seconds");
    assert_eq!((profile.commands, profile.answers), (Commands::Control { connections: None }, Answers::Own));
    assert_eq!(profile.users, Users::Uniform);
    let [action] = profile.actions.as_slice() else { panic!("{:?}", profile.actions) };
    assert_eq!((action.action.as_str(), action.level), ("VINTED_SYNC", Level::Command));
    assert_eq!(
        (action.payload, action.answer, action.timeout),
        (Size::Bytes(200), Size::Bytes(200), Duration::from_secs(10))
    );
    let [behaviour] = profile.behaviours.as_slice() else { panic!("{:?}", profile.behaviours) };
    assert_eq!((behaviour.share, &behaviour.what), (1.0, &MassBehaviour::Answer));
    assert!(profile.storms.is_empty() && profile.thresholds.is_empty() && !profile.abort_on_fail);
}

/// Every key once.
const WHOLE: &str = r#"
description = "All of it."
seed = 7
plugins = 1_000
first_user = 500
per_user = 3
connect_rate = "250/s"
duration = "1m"
warmup = 2
drain = "5s"
timeout = "4s"
commands = "control"
connections = 64
answers = "own"
rate = "ramp 0..500"
users = "hot 10 80%"
abort_on_fail = true

[[actions]]
action = "VINTED_SYNC"
weight = 3
level = "call"
payload = "2KiB"
answer = "1KiB..4KiB"
timeout = "30s"

[[actions]]
action = "VINTED_DELETE"

[[behaviours]]
what = "answer"
share = "50%"
delay = "5ms..20ms"

[[behaviours]]
what = "fail"
share = 0.1
error = "no"

[[behaviours]]
what = "slow_reader"
share = 0.1
bytes_per_s = "8KiB"
delay = "exponential 10ms"

[[behaviours]]
what = "drop_socket"
share = 0.1
how = "close"
back_after = "3s"

[[behaviours]]
what = "late"
share = 0.1

[[behaviours]]
what = "silent"
share = 0.05

[[behaviours]]
what = "twice"
share = 0.025

[[behaviours]]
what = "wrong_id"
share = 0.025

[[storms]]
at = "30s"
share = "50%"
how = "close"
spread = "2s"
back_after = "500ms"

[[storms]]
at = "10s"

[thresholds]
"round_trip.p99" = "< 50ms"
"lost" = "== 0"
"#;

#[test]
fn every_key_is_read() {
    let profile = profile(WHOLE);
    assert_eq!(profile.description.as_deref(), Some("All of it."));
    assert_eq!((profile.seed, profile.plugins, profile.first_user, profile.per_user), (7, 1000, 500, 3));
    assert_eq!((profile.connect_rate, profile.user_count()), (250.0, 334));
    assert_eq!(
        (profile.user_of(0), profile.user_of(2), profile.user_of(3), profile.user_of(999)),
        (500, 500, 501, 833)
    );
    let seconds = [profile.duration, profile.warmup, profile.drain].map(|time| time.as_secs());
    assert_eq!(seconds, [60, 2, 5]);
    assert_eq!(profile.commands, Commands::Control { connections: Some(64) });
    assert_eq!(profile.rate, Rate::Ramp { from: 0.0, to: 500.0 });
    assert_eq!(profile.users, Users::HotSet { users: 10, share: 0.8 });
    let [sync, delete] = profile.actions.as_slice() else { panic!("{:?}", profile.actions) };
    assert_eq!((sync.weight, sync.level, sync.payload), (3.0, Level::Call, Size::Bytes(2048)));
    assert_eq!((sync.answer, sync.timeout), (Size::Uniform { from: 1024, to: 4096 }, Duration::from_secs(30)));
    assert_eq!((delete.weight, delete.level, delete.timeout), (1.0, Level::Command, Duration::from_secs(4)));
    let millis = Duration::from_millis;
    let behaviours: Vec<_> = profile.behaviours.iter().map(|mix| (mix.what.clone(), mix.delay)).collect();
    let none = Delay::Fixed(Duration::ZERO);
    let dropped = MassBehaviour::DropSocket { how: Closing::Close, back_after: Duration::from_secs(3) };
    let wanted = [
        (MassBehaviour::Answer, Delay::Uniform { from: millis(5), to: millis(20) }),
        (MassBehaviour::Fail { error: "no".to_owned() }, none),
        (MassBehaviour::SlowReader { bytes_per_s: 8192 }, Delay::Exponential { mean: millis(10) }),
        (dropped, none),
        (MassBehaviour::Late, Delay::Fixed(millis(100))),
        (MassBehaviour::Silent, none),
        (MassBehaviour::Twice, none),
        (MassBehaviour::WrongId, none),
    ];
    assert_eq!(behaviours, wanted);
    let usual = Storm {
        at: Duration::from_secs(10),
        share: 1.0,
        how: Closing::Reset,
        spread: Duration::ZERO,
        back_after: Duration::from_secs(1),
    };
    let second = Storm {
        at: Duration::from_secs(30),
        share: 0.5,
        how: Closing::Close,
        spread: Duration::from_secs(2),
        back_after: millis(500),
    };
    assert_eq!(profile.storms, [usual, second], "by time");
    assert_eq!(profile.thresholds.len(), 2);
    assert!(profile.abort_on_fail);
}

#[test]
fn steps_say_themselves_how_long_a_run_takes() {
    assert_eq!(profile("rate = 'steps 10:2s, 20:3s'").duration, Duration::from_secs(5));
    assert_eq!(profile("rate = 'steps 10:2s, 20:3s'\nduration = 5").duration, Duration::from_secs(5));
}

#[test]
fn where_nobody_asks_nothing_is_called() {
    let profile = profile("commands = 'none'");
    assert_eq!((profile.commands, profile.rate), (Commands::None, Rate::None));
}

/// What a file says, and the command line over it.
fn over(text: &str, options: Raw) -> Profile {
    let sources = Sources::text("p", "p.toml", text.to_owned()).expect("a profile");
    sources.profile(options).expect("a profile")
}

#[test]
fn the_command_line_wins_over_the_file_key_by_key() {
    let options = Raw {
        seed: Some(Whole(9)),
        rate: Some("poisson 5".parse().unwrap()),
        duration: Some(Time(Duration::from_secs(3))),
        storms: vec![raw::storm("1s, share=10%, how=close").unwrap()],
        actions: vec![raw::action("VINTED_ORDERS, weight=2, answer=1KiB..2KiB, timeout=2s, level=call").unwrap()],
        behaviours: vec![
            raw::behaviour("silent, share=30%").unwrap(),
            raw::behaviour("what=answer,share=0.7").unwrap(),
        ],
        thresholds: [("lost".to_owned(), "== 1".to_owned()), ("rate".to_owned(), "> 1/s".to_owned())].into(),
        ..Raw::default()
    };
    let profile = over(WHOLE, options);
    assert_eq!((profile.seed, profile.plugins), (9, 1000));
    assert_eq!((profile.rate, profile.duration), (Rate::Poisson { per_s: 5.0 }, Duration::from_secs(3)));
    assert_eq!(profile.storms.len(), 1, "lists replace each other");
    assert_eq!(profile.storms[0].how, Closing::Close);
    assert_eq!(profile.actions.len(), 1);
    assert_eq!((profile.actions[0].level, profile.actions[0].timeout), (Level::Call, Duration::from_secs(2)));
    assert_eq!(profile.behaviours[0].what, MassBehaviour::Silent);
    let thresholds: Vec<String> = profile.thresholds.iter().map(|threshold| threshold.name().to_owned()).collect();
    assert_eq!(thresholds, ["lost", "rate", "round_trip.p99"], "thresholds one by one");
}

#[test]
fn a_profile_is_called_as_its_file() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("load_profile");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("my-day.toml");
    std::fs::write(&file, "plugins = 3").unwrap();
    let profile = Sources::of(file.to_str().unwrap()).unwrap().profile(Raw::default()).unwrap();
    assert_eq!((profile.name.as_str(), profile.plugins), ("my-day", 3));
    assert_eq!(Sources::default().profile(Raw::default()).unwrap().name, "command-line");
}
