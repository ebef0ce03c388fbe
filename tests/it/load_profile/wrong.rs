//! Every wrong profile, and what is said of it.

use hubproof::load::profile::raw::{self, Raw};
use hubproof::load::profile::{Sources, value::Time};
use proptest::prelude::*;

use super::read;

/// Each text that is no profile, with what is said of it.
const WRONG: &[(&str, &str)] = &[
    // Keys.
    ("plugin = 5", "p.toml:1:1: unknown key `plugin`: did you mean `plugins`?"),
    (
        "\n[[actions]]\nactoin = 'VINTED_SYNC'",
        "p.toml:3:1: in `actions[0]`: unknown key `actoin`: did you mean `action`?",
    ),
    ("[[actions]]\nweight = 1", "p.toml:1:1: in `actions[0]`: the key `action` is missing"),
    ("[[behaviours]]\nshare = 1", "p.toml:1:1: in `behaviours[0]`: the key `what` is missing"),
    ("[[storms]]\nshare = 1", "p.toml:1:1: in `storms[0]`: the key `at` is missing"),
    ("plugins = ", "p.toml:1:"),
    ("plugins = 1\nplugins = 2", "p.toml:2:1: duplicate key"),
    // Numbers.
    ("plugins = 0", "p.toml:1:11: in `plugins`: '0' does not go here: a whole number from 1 to 1000000 does"),
    ("plugins = -5", "'-5' does not go here"),
    ("plugins = 1.5", "'1.5' does not go here"),
    ("plugins = nan", "'NaN' does not go here"),
    ("plugins = 99999999", "'99999999' does not go here"),
    (
        "plugins = true",
        "p.toml:1:11: in `plugins`: a number or a text belongs here, and this is the truth value `true`",
    ),
    ("plugins = [1]", "a number or a text belongs here, and this is a list"),
    ("plugins = 1979-05-27", "a number or a text belongs here, and this is a table"),
    ("per_user = 0", "'0' does not go here: a whole number from 1 to 1000 does"),
    ("first_user = 0", "'0' does not go here: a whole number from 1 to 9007199254740991 does"),
    (
        "first_user = 9007199254740991\nplugins = 2",
        "p.toml:1:14: in `first_user`: the last user would be 9007199254740992",
    ),
    ("seed = -1", "'-1' does not go here"),
    ("connections = 0", "'0' does not go here: a whole number from 1 to 100000 does"),
    ("connect_rate = 0", "p.toml:1:16: in `connect_rate`: at this rate no plugin ever connects"),
    ("connect_rate = -1", "-1 is no rate: it must be from 0 to 1000000 a second"),
    ("connect_rate = inf", "'inf' is no rate"),
    // Times.
    ("duration = 0", "p.toml:1:12: in `duration`: a run takes some time: give at least 1ms"),
    ("duration = -1", "-1 is no duration of a run: it must be from 0 to 7d"),
    ("duration = '8d'", "8d is no duration of a run: it must be from 0 to 7d"),
    ("duration = nan", "'NaN' is no duration: write a number and its unit, such as 500ms, 30s, 5m or 2h"),
    ("drain = 'soon'", "'soon' is no duration"),
    ("timeout = 0", "p.toml:1:11: in `timeout`: a timeout of 0s cannot be: it must be from 1ms to 24h"),
    (
        "[[actions]]\naction = 'VINTED_SYNC'\ntimeout = '2d'",
        "p.toml:3:11: in `actions[0].timeout`: a timeout of 172800s cannot be",
    ),
    // Rates.
    ("rate = 0", "p.toml:1:8: in `rate`: a rate of 0 makes no calls: write 'none' if that is meant"),
    ("rate = -3", "-3 is no rate"),
    ("rate = 'rmap 0..5'", "no rate is called 'rmap': did you mean `ramp`?"),
    ("rate = 'steps 5:5s'\nduration = 6", "p.toml:1:8: in `rate`: the steps take 5s together and the run 6s"),
    ("rate = 'spike 1..5 at 8s for 5s'", "in `rate`: the spike ends after 13s and the run after 10s"),
    (
        "rate = 1000000\nduration = '1d'",
        "in `rate`: this comes to 86400000000 calls: a run has no more than 1000000000",
    ),
    // Who asks and answers.
    ("commands = 'nobody'", "p.toml:1:12: in `commands`: unknown name `nobody`: there are `control`, `none`"),
    ("answers = 'other'", "unknown name `other`: did you mean `others`?"),
    (
        "commands = 'none'\nrate = 5",
        "p.toml:2:8: in `rate`: nobody asks (commands = \"none\"), so `rate` means nothing: leave it out",
    ),
    ("commands = 'none'\nconnections = 5", "in `connections`: nobody asks"),
    (
        "commands = 'none'\nanswers = 'others'",
        "p.toml:2:11: in `answers`: nobody asks and others answer, so there is nothing to do",
    ),
    ("answers = 'others'\n[[storms]]\nat = 1", "in `storms`: the plugins are others' (answers = \"others\")"),
    ("answers = 'others'\n[[behaviours]]\nwhat = 'silent'", "in `behaviours`: the plugins are others'"),
    ("users = 'one 101'", "p.toml:1:9: in `users`: user 101 has no plugin: users are 1 to 100"),
    ("users = 'hot 100 50%'", "in `users`: 100 of 100 users are no part of them: give a number below 100"),
    ("users = 'uniforme'", "did you mean `uniform`?"),
    // Actions.
    (
        "[[actions]]\naction = 'VINTED_SINK'",
        "p.toml:2:10: in `actions[0].action`: unknown action `VINTED_SINK`: did you mean `VINTED_SYNC`?",
    ),
    (
        "[[actions]]\naction = 'VINTED_SYNC'\n[[actions]]\naction = 'VINTED_SYNC'",
        "p.toml:4:10: in `actions[1].action`: VINTED_SYNC stands there twice: give each action once for each level",
    ),
    ("[[actions]]\naction = 'VINTED_SYNC'\nweight = 0", "'0' is no weight: it must be a number above 0"),
    ("[[actions]]\naction = 'VINTED_SYNC'\nlevel = 'job'", "unknown name `job`: there are `command`, `call`"),
    (
        "[[actions]]\naction = 'VINTED_SYNC'\npayload = '65MiB'",
        "in `actions[0].payload`: 65MiB is too large: sizes go up to 64MiB",
    ),
    ("[[actions]]\naction = 'VINTED_SYNC'\nanswer = -1", "'-1' is no size"),
    (
        "[[actions]]\naction = 'VINTED_SYNC'\nanswer = '2KiB..1KiB'",
        "the first size is larger than the second: swap them",
    ),
    // Behaviours.
    (
        "[[behaviours]]\nwhat = 'anser'",
        "p.toml:2:8: in `behaviours[0].what`: unknown name `anser`: did you mean `answer`?",
    ),
    (
        "[[behaviours]]\nwhat = 'silent'\nshare = 0.5",
        "in `behaviours`: the shares add up to 50%: they must add up to 100%",
    ),
    (
        "[[behaviours]]\nwhat = 'silent'\nshare = '80%'\n[[behaviours]]\nwhat = 'answer'\nshare = '30%'",
        "the shares add up to 110%: they must add up to 100%",
    ),
    ("[[behaviours]]\nwhat = 'silent'\nshare = 0", "0 is no share: it must be above 0 and no more than 1 (100%)"),
    (
        "[[behaviours]]\nwhat = 'silent'\ndelay = '1s'",
        "p.toml:3:9: in `behaviours[0].delay`: who is silent does nothing after any delay",
    ),
    (
        "[[behaviours]]\nwhat = 'answer'\nerror = 'x'",
        "p.toml:3:9: in `behaviours[0].error`: `error` belongs to `fail` only",
    ),
    ("[[behaviours]]\nwhat = 'answer'\nback_after = 1", "`back_after` belongs to `drop_socket` only"),
    ("[[behaviours]]\nwhat = 'slow_reader'", "in `behaviours[0].bytes_per_s`: say how many bytes a second are read"),
    (
        "[[behaviours]]\nwhat = 'slow_reader'\nbytes_per_s = 0",
        "p.toml:3:15: in `behaviours[0].bytes_per_s`: say how many",
    ),
    ("[[behaviours]]\nwhat = 'answer'\ndelay = '5s..1s'", "the first time is longer than the second: swap them"),
    // Storms.
    (
        "[[storms]]\nat = '10s'",
        "p.toml:2:6: in `storms[0].at`: the storm lasts until 10s and the run ends after 10s: let it come earlier",
    ),
    ("[[storms]]\nat = '8s'\nspread = '5s'", "p.toml:3:10: in `storms[0].spread`: the storm lasts until 13s"),
    ("[[storms]]\nat = -1", "-1 is no duration"),
    ("[[storms]]\nat = 1\nhow = 'slam'", "unknown name `slam`: there are `close`, `reset`"),
    ("[[storms]]\nat = 1\nshare = '120%'", "120% is no share"),
    // Thresholds.
    (
        "[thresholds]\n\"lots\" = \"== 0\"",
        "p.toml:2:10: in `thresholds.lots`: nothing called `lots` is measured; did you mean `lost`?",
    ),
    ("[thresholds]\n\"round_trip.p99\" = \"< 50\"", "p.toml:2:20: in `thresholds.round_trip.p99`: "),
    ("[thresholds]\n\"lost\" = \"0\"", "in `thresholds.lost`: `lost`: '0' is no threshold: it begins with no operator"),
    ("[thresholds]\n\"lost\" = 0", "a text belongs here, and this is the number `0`"),
    ("[thresholds]\n\"action.VINTED_DELETE.lost\" = \"== 0\"", "the run does not call VINTED_DELETE; "),
];

#[test]
fn every_wrong_profile_says_where_it_is_wrong_and_what_to_do() {
    let mut wrong = Vec::new();
    for (text, said) in WRONG {
        match read(text) {
            Ok(_) => wrong.push(format!("is taken: {text:?}")),
            Err(error) if error.to_string().contains(said) => {}
            Err(error) => wrong.push(format!("{text:?}\n  says   {error}\n  wanted {said}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_command_line_has_made_wrong_is_told_with_its_option() {
    let over = |text: &str, options: Raw| {
        Sources::text("p", "p.toml", text.to_owned()).unwrap().profile(options).unwrap_err().to_string()
    };
    let storm = "duration = '20s'\n[[storms]]\nat = '15s'";
    let shorter = Raw { duration: Some(Time(std::time::Duration::from_secs(10))), ..Raw::default() };
    let said = over(storm, shorter);
    assert!(
        said.starts_with("p.toml:3:6: in `storms[0].at`: the storm lasts until 15s and the run ends after 10s"),
        "{said}"
    );
    let storms = Raw { storms: vec![raw::storm("30s").unwrap()], ..Raw::default() };
    assert!(over(storm, storms).starts_with("--storm: the storm lasts until 30s"));
    let thresholds = Raw { thresholds: [("lots".to_owned(), "== 0".to_owned())].into(), ..Raw::default() };
    assert!(over("", thresholds).starts_with("--threshold: nothing called `lots` is measured"));
    let alone = Sources::default().profile(Raw { connect_rate: Some("0".parse().unwrap()), ..Raw::default() });
    assert!(alone.unwrap_err().to_string().starts_with("--connect-rate: at this rate no plugin ever connects"));
}

#[test]
fn what_stands_in_one_option_is_read_like_a_table_of_the_file() {
    for (text, said) in [
        ("VINTED_SINK", "unknown action `VINTED_SINK`: did you mean `VINTED_SYNC`?"),
        ("VINTED_SYNC, wieght=3", "did you mean `weight`?"),
        ("VINTED_SYNC, weight=0", "'0' is no weight"),
        ("VINTED_SYNC weight=3", "unknown key `VINTED_SYNC weight`"),
        ("VINTED_SYNC, weight", "'weight' is no setting: write KEY=VALUE"),
        ("", "unknown action ``"),
        ("weight=3", "the key `action` is missing"),
        ("VINTED_SYNC, weight=1, weight=2", "`weight` stands there twice"),
    ] {
        let error = raw::action(text).unwrap_err();
        assert!(error.contains(said), "{text}: {error}");
    }
    assert!(raw::behaviour("quiet").unwrap_err().contains("unknown name `quiet`"));
    assert!(raw::storm("soon").unwrap_err().contains("'soon' is no duration"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// No text is too wrong to be told so.
    #[test]
    fn any_text_is_a_profile_or_an_error(text in any::<String>()) {
        if let Err(error) = read(&text) {
            prop_assert!(error.to_string().starts_with("p.toml:"));
        }
    }

    /// Nor is any value of any key.
    #[test]
    fn any_value_of_any_key_is_taken_or_refused(
        key in prop::sample::select(vec![
            "description", "seed", "plugins", "first_user", "per_user", "connect_rate", "duration", "warmup", "drain", "timeout",
            "commands", "connections", "answers", "rate", "users", "actions", "behaviours", "storms", "thresholds", "abort_on_fail",
        ]),
        value in prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>().prop_map(|number| format!("{number:?}").replace("inf", "inf").replace("NaN", "nan")),
            "[a-z]{1,8} ?[0-9.%]{0,6}".prop_map(|text| format!("{text:?}")),
            "(steps|ramp|spike|poisson|bursts|one|hot) [0-9.:,ats ]{0,20}".prop_map(|text| format!("{text:?}")),
            "[0-9]{1,20}(ms|s|m|h|KiB|MiB|%|/s|)(\\.\\.[0-9]{1,9}s)?".prop_map(|text| format!("{text:?}")),
            Just("[{}]".to_owned()), Just("{ a = 1 }".to_owned()), Just("true".to_owned()), Just("[]".to_owned()),
        ],
    ) {
        if let Err(error) = read(&format!("{key} = {value}")) {
            let said = error.to_string();
            prop_assert!(said.starts_with("p.toml:1:"), "{}", said);
        }
    }
}
