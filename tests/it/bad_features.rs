//! Every way to get a feature wrong: the line, and what to do, before anything is run.

use hubproof::gherkin::{check_steps, features};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngSeed};

/// What is said of a feature with this text; nothing if it can be run.
fn said(text: &str) -> String {
    let cases = features::cases(&[("a.feature".to_owned(), text)]);
    let checked = cases.and_then(|cases| check_steps(&cases));
    checked.map_or_else(|error| error.to_string(), |()| String::new())
}

/// A feature with these lines from its third one on.
fn feature(lines: &[&str]) -> String {
    format!("Feature: A\n\n{}\n", lines.join("\n"))
}

/// A scenario with these steps, from the fifth line of its feature on.
fn scenario(steps: &[&str]) -> String {
    feature(&[&["  @judges:CORR-1", "  Scenario: B"], steps].concat())
}

const GIVEN: &str = "    Given user 1 has a plugin that answers {\"a\": 1}";
const WHEN: &str = "    When the backend asks user 1 for VINTED_SYNC {\"n\": 1} within 300 seconds";
const THEN: &str = "    Then the call returns {\"a\": 1}";

const NO_GHERKIN: &str = "a feature file does not go on like this: after 'Feature: …' come 'Scenario: …' and its steps, each of \
    which begins with Given, When, Then, And or But";
const NO_SCENARIO: &str =
    "the feature has no scenario: each begins with 'Scenario: …', and its steps with Given, When, Then, And or But";

#[test]
fn a_scenario_that_can_be_run_is_not_spoken_of() {
    assert_eq!(said(&scenario(&[GIVEN, WHEN, THEN])), "");
    assert_eq!(said(&scenario(&[GIVEN, WHEN, THEN]).replace('\n', "\r\n")), "");
}

#[test]
fn a_file_that_is_no_feature_is_told_what_one_begins_with() {
    let empty = "a.feature:1: it is empty: a feature file begins with 'Feature: …', and 'Scenario: …' and its steps come after it";
    for text in ["", "\n\n", "  \r\n", "# a comment\n", "@tag\n"] {
        assert_eq!(said(text), empty, "{text:?}");
    }
    let begins = "a feature file begins with 'Feature: …', beside its tags and comments";
    for (text, line) in [("hello", 1), ("# a comment\n\nScenario: A\n", 3), ("{\"a\": 1}", 1), ("feature: A\n", 1)] {
        assert_eq!(said(text), format!("a.feature:{line}: {begins}"), "{text:?}");
    }
    let another = [scenario(&[GIVEN]), scenario(&[GIVEN])].concat();
    assert_eq!(said(&another), "a.feature:6: a file has one feature: begin another file for this one");
    let language = "a.feature:2: no language is called 'xx': write its code, such as 'en' or 'fr'";
    assert_eq!(said("\n# language: xx\nFeature: A\n"), language);
}

#[test]
fn a_feature_without_a_scenario_is_said_for_it_would_test_nothing() {
    for lines in [&[][..], &["  Given a step"], &["  Scenrio: B", GIVEN], &["  Rule: R"], &["  Background:", GIVEN]] {
        assert_eq!(said(&feature(lines)), format!("a.feature:1: {NO_SCENARIO}"), "{lines:?}");
    }
    assert_eq!(said("# language: fr\nFonctionnalité: A\n"), format!("a.feature:2: {NO_SCENARIO}"));
}

#[test]
fn a_line_that_does_not_belong_there_is_named() {
    let lines = [
        (scenario(&[GIVEN, "    Wen the backend asks", THEN]), 6),
        (scenario(&[GIVEN, "  Scenrio: C", THEN]), 6),
        (scenario(&[GIVEN, "  @judges:CORR-2"]), 6),
        (scenario(&[GIVEN, "    \"\"\"", "    not closed"]), 7),
        (scenario(&[GIVEN, "    | a | b"]), 6),
        (feature(&["  @judges:CORR-1 judges", "  Scenario: B", GIVEN]), 4),
    ];
    for (text, line) in lines {
        assert_eq!(said(&text), format!("a.feature:{line}: {NO_GHERKIN}"), "{text}");
    }
}

#[test]
fn a_scenario_judges_one_guarantee() {
    let tagged = |tags: &str| said(&scenario(&[GIVEN]).replace("@judges:CORR-1", tags));
    assert_eq!(tagged("@other"), "a.feature:4: 'B' has no tag like @judges:CORR-7");
    let two = "a.feature:4: 'B' judges more than one guarantee: split it, or leave it one tag";
    assert_eq!(tagged("@judges:CORR-1 @judges:CORR-2"), two);
    for (id, why) in [
        ("", "an id looks like CORR-7"),
        ("CORR", "an id looks like CORR-7"),
        ("CORR-99", "CORR has the ids CORR-1 to CORR-12"),
        ("CORR-+1", "CORR has the ids CORR-1 to CORR-12"),
        ("CORR-01", "CORR has the ids CORR-1 to CORR-12"),
        ("CORR-1.1", "CORR has the ids CORR-1 to CORR-12"),
        ("CORE-1", "the areas are CORR, TIME, ERR, ISO, LIFE, JOB, PERF, LOG"),
    ] {
        let reason = format!("a.feature:4: no guarantee is called '{id}': {why}");
        assert_eq!(tagged(&format!("@judges:{id}")), reason);
    }
}

#[test]
fn tags_of_a_feature_and_a_rule_are_those_of_their_scenarios() {
    let text = format!("@judges:CORR-2 @a\nFeature: A\n\n  @b\n  Rule: R\n\n    @c\n    Scenario: B\n  {GIVEN}\n");
    let cases = features::cases(&[("a.feature".to_owned(), &text)]).expect("it judges CORR-2");
    assert_eq!((cases[0].address.as_str(), cases[0].tags.len()), ("CORR-2.1", 4), "{:?}", cases[0].tags);
    let two = text.replace("@b", "@judges:CORR-3");
    assert_eq!(said(&two), "a.feature:8: 'B' judges more than one guarantee: split it, or leave it one tag");
}

#[test]
fn the_background_of_a_rule_comes_after_that_of_its_feature() {
    let text = format!(
        "Feature: A\n\n  Background:\n{GIVEN}\n\n  Rule: R\n\n    Background:\n  {}\n\n    @judges:CORR-1\n    Scenario: B\n  {THEN}\n",
        WHEN.replace("    When", "    Given")
    );
    let unknown = "a.feature:9: no step is written like 'Given the backend asks user 1 for VINTED_SYNC {\"n\": 1} within 300 seconds'";
    assert!(said(&text).starts_with(unknown), "{}", said(&text));
    let text = text.replace("Given the backend", "When the backend");
    assert_eq!(said(&text), "");
    let cases = features::cases(&[("a.feature".to_owned(), &text)]).expect("a case");
    let steps: Vec<&str> = cases[0].steps().map(|step| step.keyword.trim()).collect();
    assert_eq!(steps, ["Given", "When", "Then"]);
}

#[test]
fn an_outline_has_examples_with_rows_and_a_column_for_each_name() {
    let outline = |rest: &[&str]| {
        let lines = ["  @judges:CORR-1", "  Scenario Outline: B", "    Given user <u> has a plugin that never answers"];
        said(&feature(&[&lines, rest].concat()))
    };
    assert_eq!(outline(&["    Examples:", "      | u |", "      | 1 |"]), "");
    let none =
        "a.feature:4: 'B' is an outline without examples: add 'Examples:' and a table, or begin it with 'Scenario:'";
    assert_eq!(outline(&[]), none);
    let no_row = "a.feature:6: the examples have no row, so that nothing would be run: give them a line '| … |' of names and one of \
        values, or delete the outline";
    assert_eq!(outline(&["    Examples:"]), no_row);
    assert_eq!(outline(&["    Examples:", "      | u |"]), no_row);
    let column = "a.feature:5: no column <u>: give the examples one, or take <u> out of the steps";
    assert_eq!(outline(&["    Examples:", "      | x |", "      | 1 |"]), column);
    let twice = "a.feature:6: the examples have two columns <u>: rename one, or delete it";
    assert_eq!(outline(&["    Examples:", "      | u | u |", "      | 1 | 2 |"]), twice);
    let ragged = "a.feature:8: this row has not as many cells as the one above it: give each row of a table the same number of cells";
    assert_eq!(outline(&["    Examples:", "      | u |", "      | 1 | 2 |"]), ragged, "one too many");
    assert_eq!(outline(&["    Examples:", "      | u | v |", "      | 1 |"]), ragged, "one too few");
}

#[test]
fn a_step_that_the_parser_took_for_free_text_is_not_lost() {
    let meant = |keyword: &str| format!("write '{keyword}', or leave an empty line below this text");
    let lost = scenario(&[&GIVEN.replace("Given", "Givn"), WHEN, THEN]);
    assert_eq!(said(&lost), format!("a.feature:5: 'Givn' begins no step: {}", meant("Given")));
    let lost = scenario(&["    when user 1 has a plugin that never answers", THEN]);
    assert_eq!(said(&lost), format!("a.feature:5: 'when' begins no step: {}", meant("When")));
    let background =
        format!("Feature: A\n\n  Background:\n    given nothing\n{GIVEN}\n\n  @judges:CORR-1\n  Scenario: B\n{WHEN}\n");
    assert_eq!(said(&background), format!("a.feature:4: 'given' begins no step: {}", meant("Given")));
    for free in [&["    when it rains, and so on.", ""][..], &["    The backend gives up."], &["    # Givn"]] {
        let lines = [free, &[GIVEN, WHEN, THEN]].concat();
        assert_eq!(said(&scenario(&lines)), "", "{lines:?}");
    }
    let no_step = "a.feature:4: 'B' has no step: each begins with Given, When, Then, And or But";
    assert_eq!(said(&scenario(&["    Givn nothing"])), no_step);
}

#[test]
fn a_step_has_code_and_nothing_below_it() {
    let sings = scenario(&["    Given user 1 has a plugin that sings"]);
    let nearest = "the nearest there is may be 'user 1 has a plugin that never answers'";
    let unknown = format!("a.feature:5: no step is written like 'Given user 1 has a plugin that sings': {nearest}");
    assert_eq!(said(&sings), unknown);
    let below = |what: &str| {
        format!(
            "a.feature:5: no step takes a {what} below it: delete it, or write what you mean in the step's own line"
        )
    };
    assert_eq!(said(&scenario(&[GIVEN, "      \"\"\"", "      more", "      \"\"\""])), below("text"));
    assert_eq!(said(&scenario(&[GIVEN, "      | more |"])), below("table"));
}

#[test]
fn a_number_that_is_too_large_is_said_before_the_run() {
    let large = "99999999999999999999";
    let user = scenario(&[&GIVEN.replace("user 1", &format!("user {large}"))]);
    assert_eq!(
        said(&user),
        format!("a.feature:5: {large} is too large a number here: 18446744073709551615 is the most")
    );
    for (step, number) in [
        ("Given 100001 users, from user 1 on, have plugins that answer with the command's own payload", "100001"),
        ("Given shop 1 has 18446744073709551615 listings at Vinted", "18446744073709551615"),
        ("Given the hub draws the request id \"1\" 4000000000 times in a row", "4000000000"),
    ] {
        let reason = format!("a.feature:5: {number} is too large a number here: 100000 is the most");
        assert_eq!(said(&scenario(&[step])), reason);
    }
    for step in [
        format!("Given the hub draws the request id \"{large}\" 2 times in a row"),
        format!("When a plugin connects with auth {{\"user_id\": {large}}}"),
        "Given user 18446744073709551615 has a plugin that never answers".to_owned(),
    ] {
        assert_eq!(said(&scenario(&[&step])), "", "{step}");
    }
}

/// A change to a text: at a place that is drawn, a piece goes out and another comes in.
fn changed(text: &str, at: Index, length: usize, piece: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let begin = at.index(characters.len() + 1);
    let end = (begin + length).min(characters.len());
    let (before, after) = (&characters[..begin], &characters[end..]);
    before.iter().copied().chain(piece.chars()).chain(after.iter().copied()).collect()
}

/// What has a meaning in a feature, or might.
const PIECES: &str = "~\n~\r\n~ ~\t~|~||~| a |\n~\\~<~>~<u>~\"\"\"\n~```~@~@judges:CORR-1~#~# language: fr\n~# language: \n~Feature:~\
    Rule: R\n~Background:\n~Scenario: \n~Scenario Outline: \n~Examples:\n~Given ~When ~And ~* ~\u{feff}~\u{0}~é~🦀~{~\"~\
    99999999999999999999999";

fn pieces() -> impl Strategy<Value = String> {
    let pieces: Vec<&str> = PIECES.split('~').collect();
    prop_oneof![prop::sample::select(pieces).prop_map(str::to_owned), any::<String>()]
}

proptest! {
    #![proptest_config(Config { cases: 200, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() })]

    /// Whatever becomes of a feature's text: it is read, or there is a place and a reason.
    #[test]
    fn no_text_is_too_wrong_to_be_told_so(
        which in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), 0_usize..40, pieces()), 1..6),
    ) {
        let built_in: Vec<&str> = features::EMBEDDED
            .dirs()
            .flat_map(include_dir::Dir::files)
            .filter(|file| file.path().extension().is_some_and(|extension| extension == "feature"))
            .filter_map(include_dir::File::contents_utf8)
            .collect();
        // A piece of a built-in feature is enough, and quicker.
        let text: Vec<&str> = which.get(&built_in).lines().take(40).collect();
        let text = changes.into_iter().fold(text.join("\n"), |text, (at, length, piece)| changed(&text, at, length, &piece));
        let lines = text.lines().count().max(1);
        let said = said(&text);
        if let Some(rest) = said.strip_prefix("a.feature:") {
            let line: usize = rest.split(':').next().unwrap_or_default().parse().expect("a line");
            prop_assert!((1..=lines).contains(&line), "{said}\n{text}");
        } else {
            prop_assert_eq!(said, "");
        }
    }
}
