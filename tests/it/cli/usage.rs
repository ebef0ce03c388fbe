//! Command lines that are wrong: exit code 2, the reason on stderr, and nothing on stdout.

use super::support::{folder, hubproof, text};

/// Each of these command lines is refused for these reasons.
fn refused(lines: &[(&[&str], &[&str])]) {
    for (arguments, reasons) in lines {
        hubproof(arguments).run().refuses(2, reasons);
    }
}

#[test]
fn a_command_has_to_be_named() {
    refused(&[
        (&[], &["Usage: hubproof", "check", "guarantees", "Exit codes:"]),
        (&["chek"], &["unrecognized subcommand 'chek'", "'check'"]),
    ]);
}

#[test]
fn help_and_version_are_results() {
    hubproof(&["--version"]).run().tells(0, &[concat!("hubproof ", env!("CARGO_PKG_VERSION"))]);
    hubproof(&["--help"]).run().tells(0, &["check", "hub", "guarantees", "Exit codes:", "70"]);
    hubproof(&["check", "--help"]).run().tells(0, &["--target", "HUBPROOF_TARGET", "--variant"]);
}

#[test]
fn an_option_has_to_exist_and_to_have_its_value() {
    refused(&[
        (&["check", "--nope"], &["'--nope'"]),
        (&["check", "--simm"], &["'--simm'", "'--sim'"]),
        (&["check", "--tags"], &["a value is required for '--tags <EXPRESSION>'"]),
        (&["check", "--seed"], &["a value is required for '--seed"]),
        (&["check", "--color", "pink"], &["'pink'", "auto, always, never"]),
        (&["hub", "check"], &["'check'"]),
        (&["check", "--name", ""], &["a value is required for '--name <TEXT>'"]),
        (&["check", "--scale", "1"], &["'--scale'"]),
    ]);
}

#[test]
fn a_target_is_an_address_and_a_control_api() {
    let (target, control) = (["--target", "http://127.0.0.1:1"], ["--control", "http://127.0.0.1:1/hubproof/v1"]);
    let check = |options: &[[&str; 2]], more: &[&str]| {
        hubproof(&[&["check"], options.concat().as_slice(), more].concat()).run()
    };
    check(&[target], &[]).refuses(2, &["required", "--control <URL>"]);
    check(&[control], &[]).refuses(2, &["required", "--target <URL>"]);
    check(&[target, control], &["--sim"]).refuses(2, &["cannot be used with", "'--sim'", "'--target <URL>'"]);
    let variant = check(&[target, control], &["--variant", "broadcast"]);
    variant.refuses(2, &["cannot be used with", "'--variant <NAME>'", "'--target <URL>'"]);
    check(&[], &["--socket-path", "/ws/"]).refuses(2, &["required", "--target <URL>"]);
}

#[test]
fn a_variant_that_is_none_is_answered_with_those_there_are() {
    for command in ["check", "hub"] {
        let ended = hubproof(&[command, "--variant", "broadcas"]).run();
        ended.refuses(2, &["'broadcas'", "oldest-settled", "a similar value exists: 'broadcast'"]);
    }
}

#[test]
fn a_guarantee_that_is_none_is_answered_with_those_there_are() {
    refused(&[
        (&["check", "--guarantee", "CORR-99"], &["CORR has the ids CORR-1 to CORR-12"]),
        (&["check", "--guarantee", "FOO-1"], &["'FOO-1'", "the areas are CORR, TIME, ERR"]),
        (&["check", "--guarantee", "hello"], &["'hello'", "an id looks like CORR-7"]),
        (&["check", "--guarantee", "CORR-+7"], &["'CORR-+7'", "CORR has the ids CORR-1 to CORR-12"]),
        (&["check", "--guarantee", "CORR-07"], &["'CORR-07'", "CORR has the ids CORR-1 to CORR-12"]),
        (&["check", "--guarantee", ""], &["''", "an id looks like CORR-7"]),
        (&["guarantees", "CORR-263"], &["'CORR-263'", "CORR has the ids CORR-1 to CORR-12"]),
        (&["guarantees", "NOPE-1"], &["'NOPE-1'", "the areas are CORR, TIME, ERR"]),
        (&["guarantees", "--format", "xml"], &["'xml'", "table, json, markdown"]),
    ]);
}

#[test]
fn a_tag_expression_that_is_none_is_answered_with_an_example() {
    let wrong =
        ["@a and", "(", "", " ", "a b", "a", "((@a)", "@a)", "()", "not", "and", "@a @b", "@a or or @b", "@a AND @b"];
    for expression in wrong {
        hubproof(&["check", "--tags", expression]).run().refuses(2, &["--tags", "'@interop and not (@a or @b)'"]);
    }
    hubproof(&["check", "--tags", "@"]).run().refuses(2, &["expected a tag's name; a tag expression looks like"]);
    for deep in ["(".repeat(501), "(".repeat(100_000), "not ".repeat(20_000) + "@a"] {
        let reason = format!("it has {} bytes, and 500 are the most; a tag expression looks like", deep.len());
        hubproof(&["check", "--tags", &deep]).run().refuses(2, &[&reason]);
    }
    hubproof(&["check", "--tags", &"(".repeat(500)]).run().refuses(2, &["error at 1:501: expected one of"]);
}

#[test]
fn a_time_scale_is_a_number_from_a_thousandth_to_one() {
    for scale in ["0", "2", "abc", "NaN", "inf", "", "-1", "0.0001"] {
        hubproof(&["check", "--time-scale", scale]).run().refuses(2, &["it must be a number from 0.001 to 1"]);
    }
    let sim = hubproof(&["check", "--sim", "--time-scale", "0.5"]).run();
    sim.refuses(2, &["'--sim' cannot be used with '--time-scale <FACTOR>'"]);
}

#[test]
fn a_seed_is_a_whole_number() {
    for command in ["check", "hub"] {
        for seed in ["abc", "-1", "1.5", "", "18446744073709551616"] {
            let reason = "it must be a whole number from 0 to 18446744073709551615";
            hubproof(&[command, "--seed", seed]).run().refuses(2, &["--seed", reason]);
        }
    }
}

#[test]
fn transcripts_that_cannot_be_written_are_said_with_their_place() {
    let folder = folder("in_the_way");
    let file = folder.join("file");
    std::fs::write(&file, "in the way").unwrap();
    for place in [file.clone(), file.join("below")] {
        let ended = hubproof(&["check", "--sim", "CORR-4.1", "--transcripts", text(&place)]).run();
        ended.refuses(2, &["hubproof: cannot write ", text(&place)]);
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "in the way");
}

#[test]
fn a_transcript_that_cannot_be_written_does_not_hide_what_was_seen() {
    let folder = folder("one_in_the_way");
    std::fs::create_dir(folder.join("CORR-4.1.txt")).unwrap();
    let ended = hubproof(&["check", "--sim", "CORR-4.1", "CORR-7.1", "CORR-7.2", "--transcripts", text(&folder)])
        .run()
        .exits(2);
    assert!(ended.err.contains("cannot write") && ended.err.contains("CORR-4.1.txt"), "{ended:#?}");
    assert!(ended.out.contains("3 scenarios: 3 held"), "{ended:#?}");
    assert!(folder.join("CORR-7.2.txt").is_file());
}
