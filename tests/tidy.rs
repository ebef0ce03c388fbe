//! The rules of this repository that no compiler knows, enforced under plain `cargo test`.
//!
//! Each rule is data and a pure function over files ([`rules::Rule`]). `every_rule_holds` applies them all to the
//! repository; the other tests apply them to the examples in `tests/tidy/broken` and `tests/tidy/clean`, so that a rule
//! which cannot fail is noticed.

#[path = "tidy/code.rs"]
mod code;
#[path = "tidy/examples.rs"]
mod examples;
#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/lexer.rs"]
mod lexer;
#[path = "tidy/names.rs"]
mod names;
#[path = "tidy/orphans.rs"]
mod orphans;
#[path = "tidy/paths.rs"]
mod paths;
#[path = "tidy/rooms.rs"]
mod rooms;
#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/scenarios.rs"]
mod scenarios;
#[path = "tidy/words.rs"]
mod words;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use files::File;
use rules::{Violation, check};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn broken() -> Vec<examples::Example> {
    examples::load(&root().join("tests/tidy/broken"))
}

fn violations(files: &[File]) -> Vec<Violation> {
    rules::all().iter().flat_map(|rule| check(rule, files)).collect()
}

#[test]
fn every_rule_holds() {
    let files = files::repository(&root());
    assert!(
        files.iter().any(|file| file.path == "src/lib.rs"),
        "no src/lib.rs below {}: nothing was checked",
        root().display()
    );
    let violations: Vec<String> = violations(&files).iter().map(ToString::to_string).collect();
    assert!(violations.is_empty(), "{} violations\n\n{}\n", violations.len(), violations.join("\n"));
}

#[test]
fn a_broken_example_breaks_its_rule_where_it_says_and_no_other() {
    for example in broken() {
        let (rule, places) = example.breaks.unwrap_or_else(|| panic!("{}: breaks nothing", example.source));
        let found = violations(&example.files);
        let is = |violation: &Violation| format!("{} {}:{}", violation.rule, violation.file, violation.line);
        let found: BTreeSet<String> = found.iter().map(is).collect();
        let expected: BTreeSet<String> = places.iter().map(|place| format!("{rule} {place}")).collect();
        assert_eq!(found, expected, "{}", example.source);
    }
}

#[test]
fn every_rule_has_a_broken_example() {
    let covered: BTreeSet<String> = broken().into_iter().filter_map(|example| Some(example.breaks?.0)).collect();
    let rules: BTreeSet<String> = rules::all().iter().map(|rule| rule.name.to_owned()).collect();
    assert_eq!(covered, rules);
}

#[test]
fn a_clean_example_keeps_every_rule() {
    let clean = examples::load(&root().join("tests/tidy/clean"));
    assert!(!clean.is_empty(), "tests/tidy/clean is empty");
    for example in clean {
        assert!(example.breaks.is_none(), "{}: lies in clean and says it breaks a rule", example.source);
        let found: Vec<String> = violations(&example.files).iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{}\n{}", example.source, found.join("\n"));
    }
}

#[test]
fn every_restricted_name_is_found_where_it_is_barred_and_only_there() {
    let places = [
        "src/wire/a.rs",
        "src/live/a.rs",
        "src/gherkin/a.rs",
        "src/cli/a.rs",
        "src/sim/a.rs",
        "tests/it/a.rs",
        "benches/a.rs",
    ];
    for restriction in names::RESTRICTIONS {
        let rule = rules::all().into_iter().find(|rule| rule.name == restriction.rule);
        let rule = rule.unwrap_or_else(|| panic!("the restriction {} has no rule", restriction.rule));
        for name in restriction.names {
            let files = places.map(|path| File::new(path, &name.example()));
            let found: BTreeSet<String> = check(rule, &files).into_iter().map(|violation| violation.file).collect();
            let barred: BTreeSet<String> =
                files.into_iter().filter(|file| (restriction.bars)(file)).map(|file| file.path).collect();
            assert!(!barred.is_empty() && barred.len() < places.len(), "{} bars everything or nothing", rule.name);
            assert_eq!(found, barred, "{}: {name:?}", rule.name);
        }
    }
}

#[test]
fn rooms_of_one_level_see_each_other_only_with_a_reason_and_strangers_never() {
    for (who, whom, reason) in rooms::SAME_LEVEL {
        assert_eq!(rooms::level(who), rooms::level(whom), "{who} -> {whom}: an exception is for rooms of one level");
        assert!(!reason.is_empty(), "{who} -> {whom} has no reason");
        let strangers = rooms::STRANGERS.iter().any(|pair| *pair == (*who, *whom) || *pair == (*whom, *who));
        assert!(!strangers, "{who} and {whom} never see each other");
    }
    assert_eq!(
        rooms::unneeded_exceptions(&files::repository(&root())),
        Vec::<String>::new(),
        "no file needs these exceptions"
    );
}

#[test]
fn the_walk_leaves_out_what_is_built_and_what_is_broken_on_purpose() {
    let out = ["target/", "node_modules/", ".venv/", "__pycache__/", "tests/tidy/broken/"];
    for file in files::repository(&root()) {
        assert!(!out.iter().any(|folder| file.path.contains(folder)), "{} was walked", file.path);
        assert!(Path::new(&file.path).is_relative(), "{} is not relative", file.path);
    }
}
