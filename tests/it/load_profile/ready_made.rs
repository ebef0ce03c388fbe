//! The profiles of `scenarios`.

use std::collections::BTreeSet;
use std::path::Path;

use hubproof::load::machine::{self, Limits};
use hubproof::load::profile::raw::Raw;
use hubproof::load::profile::{Profile, ProfileError, Sources, reading};
use hubproof::load::target::Target;

fn ready_made(name: &str) -> Profile {
    Sources::of(name).and_then(|sources| sources.profile(Raw::default())).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn those_that_are_promised_are_there_and_listed_with_what_they_are_for() {
    let names: BTreeSet<&str> = reading::names().collect();
    let promised = [
        "big-answers",
        "collision-storm",
        "reconnect-storm",
        "slow-plugins",
        "smoke",
        "soak",
        "ten-thousand-plugins",
        "thousand-plugins",
    ];
    assert_eq!(names, BTreeSet::from(promised));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["scenarios/README.md", "docs/load.md"] {
        let listed = std::fs::read_to_string(root.join(file)).unwrap();
        for (name, description) in reading::ready_made().unwrap() {
            assert!(!description.is_empty(), "{name}");
            assert!(
                listed.contains(&format!("| `{name}` | {description} |")),
                "{file} lacks: | `{name}` | {description} |"
            );
        }
    }
}

#[test]
fn each_begins_with_a_comment_and_has_thresholds() {
    for name in reading::names() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(format!("{name}.toml"));
        assert!(std::fs::read_to_string(path).unwrap().starts_with("# "), "{name}");
        let profile = ready_made(name);
        assert_eq!(profile.name, name);
        assert!(
            profile.thresholds.iter().any(|threshold| threshold.name() == "lost" || threshold.name() == "timeouts"),
            "{name}"
        );
    }
}

#[test]
fn each_fits_a_machine_with_twenty_thousand_open_files() {
    let limits = Limits {
        open_files: Some(20_000),
        open_files_hard: Some(20_000),
        ports: (32_768, 60_999),
        memory: Some(4 << 30),
    };
    let target = Target::BuiltIn { variant: None };
    for name in reading::names() {
        let fits = machine::fits(&machine::needs(&ready_made(name), &target), &limits, true, &[]);
        assert!(fits.is_ok(), "{name}: {fits:?}");
    }
}

#[test]
fn an_unknown_name_says_which_there_are() {
    let error = Sources::of("smok").unwrap_err();
    assert!(matches!(error, ProfileError::Unknown { .. }));
    let said = error.to_string();
    assert!(said.starts_with("no profile is called 'smok' (perhaps 'smoke'): there are big-answers, "), "{said}");
    assert!(said.ends_with("a file of your own has a slash in its name, or ends in .toml"), "{said}");
    let missing = Sources::of("./none.toml").unwrap_err().to_string();
    assert!(missing.starts_with("cannot read ./none.toml: No such file"), "{missing}");
}
