//! Hostile input: the fuzz targets get what lies in their corpora, on the toolchain that the project is built with.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[expect(unreachable_pub, reason = "in the package of the fuzz targets it is a library of its own")]
#[path = "../../fuzz/src/lib.rs"]
mod targets;

/// The largest file of a corpus, in bytes: small ones are read by people, too.
const LARGEST: usize = 16_384;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// What lies in a folder, by name.
fn entries(folder: &Path) -> BTreeMap<String, PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let entry = |entry: Result<fs::DirEntry, _>| {
        let entry = entry.expect("an entry");
        (entry.file_name().into_string().expect("a name in UTF-8"), entry.path())
    };
    entries.map(entry).collect()
}

#[test]
fn every_target_holds_for_all_of_its_corpus() {
    for (name, target) in targets::TARGETS {
        let corpus = entries(&folder().join("corpus").join(name));
        assert!(!corpus.is_empty(), "the corpus of {name} is empty");
        for (file, path) in corpus {
            let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(bytes.len() <= LARGEST, "fuzz/corpus/{name}/{file} has {} bytes", bytes.len());
            let held = std::panic::catch_unwind(|| target(&bytes));
            assert!(held.is_ok(), "fuzz/corpus/{name}/{file} breaks its target");
        }
    }
}

#[test]
fn every_corpus_has_a_target_and_every_target_a_program_of_its_own() {
    let known: BTreeSet<String> = targets::TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(known.len(), targets::TARGETS.len(), "a name is there twice");
    let corpora: BTreeSet<String> = entries(&folder().join("corpus")).into_keys().collect();
    assert_eq!(corpora, known, "the folders of fuzz/corpus are the targets");
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).expect("fuzz/Cargo.toml");
    for name in &known {
        let program = fs::read_to_string(folder().join("fuzz_targets").join(format!("{name}.rs")));
        let program = program.unwrap_or_else(|error| panic!("fuzz/fuzz_targets/{name}.rs: {error}"));
        assert!(program.contains(&format!("run(\"{name}\", data)")), "fuzz/fuzz_targets/{name}.rs runs another target");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "fuzz/Cargo.toml does not name {name}");
    }
    let programs: BTreeSet<String> = entries(&folder().join("fuzz_targets")).into_keys().collect();
    assert_eq!(programs, known.iter().map(|name| format!("{name}.rs")).collect(), "a program has no target");
}

#[test]
fn docs_speak_of_every_target() {
    let docs = fs::read_to_string(folder().with_file_name("docs").join("fuzzing.md")).expect("docs/fuzzing.md");
    for (name, _) in targets::TARGETS {
        assert!(docs.contains(&format!("| `{name}` |")), "docs/fuzzing.md has no row for {name}");
    }
}

#[test]
#[should_panic(expected = "there is no target nobody")]
fn a_name_of_no_target_is_told() {
    targets::run("nobody", b"");
}
