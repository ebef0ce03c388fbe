//! `hubproof load`: what is refused before anything starts, what is printed and written, how it ends.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use serde_json::Value;

use super::support::{Answer, Ended, Hub, Program, Server, folder, hubproof, shell, text};

/// A run that takes a second.
const SMALL: [&str; 9] = ["load", "--plugins", "3", "--rate", "20", "--duration", "500ms", "--threshold", "lost == 0"];

fn small(arguments: &[&str]) -> Program {
    hubproof(&[SMALL.as_slice(), arguments].concat())
}

/// The end of a run whose harness was not at its limits: what a busy machine has made invalid is run again.
fn believed(program: impl Fn() -> Program) -> Ended {
    const TIMES: usize = 5;
    let mut ended = program().run();
    for _ in 1..TIMES {
        let invalid = ["INVALID", "\"word\": \"invalid\""].iter().any(|word| ended.out.contains(word));
        if ended.code != Some(3) || !invalid {
            break;
        }
        ended = program().run();
    }
    ended
}

fn json_of(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a report");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn the_ready_made_scenarios_are_listed_with_what_they_are_for() {
    let ended = hubproof(&["load", "--list"]).run();
    let ended = ended.tells(0, &["smoke                 Twenty plugins", "ten-thousand-plugins  Ten thousand plugins"]);
    assert_eq!(ended.out.lines().count(), 8);
}

#[test]
fn help_names_every_option_with_its_shape() {
    let wanted = [
        "--connect-rate <PER_SECOND>",
        "ramp 0..500",
        "--metrics-listen <ADDRESS>",
        "Exit codes:",
        "merge",
        "--variant",
    ];
    hubproof(&["load", "--help"]).run().tells(0, &wanted);
}

#[test]
fn a_scenario_that_is_none_is_refused() {
    hubproof(&["load", "smok"])
        .run()
        .refuses(2, &["no profile is called 'smok' (perhaps 'smoke'): there are big-answers"]);
    hubproof(&["load", "./none.toml"]).run().refuses(2, &["cannot read ./none.toml: No such file"]);
    let folder = folder("load-none");
    hubproof(&["load", text(&folder)]).run().refuses(2, &["cannot read ", "directory"]);
    let file = folder.join("a.toml");
    let said = |content: &[u8], reasons: &[&str]| {
        std::fs::write(&file, content).unwrap();
        hubproof(&["load", text(&file)]).run().refuses(2, reasons);
    };
    said(b"\xff\xfe", &["it is no text in UTF-8"]);
    said(b"plugins = 5\nplugin = 5", &["a.toml:2:1: unknown key `plugin`: did you mean `plugins`?"]);
    said(
        b"[[storms]]\nat = '20s'",
        &["a.toml:2:6: in `storms[0].at`: the storm lasts until 20s and the run ends after 10s"],
    );
    said(b"[thresholds]\n'lots' = '== 0'", &["a.toml:2:10: in `thresholds.lots`: ", "did you mean `lost`?"]);
}

#[test]
fn a_wrong_option_is_answered_with_a_right_one() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["--plugins", "0"], &["--plugins", "a whole number from 1 to 1000000"]),
        (&["--plugins", "-5"], &["'-5'", "a whole number from 1"]),
        (&["--plugins", "2000000"], &["a whole number from 1 to 1000000"]),
        (&["--per-user", "0"], &["a whole number from 1 to 1000"]),
        (&["--connect-rate", "0"], &["--connect-rate: at this rate no plugin ever connects"]),
        (&["--connect-rate", "fast"], &["'fast' is no rate"]),
        (&["--rate", "0"], &["a rate of 0 makes no calls: write 'none' if that is meant"]),
        (&["--rate", "-1"], &["-1 is no rate"]),
        (&["--rate", "NaN"], &["no rate is called 'NaN'"]),
        (&["--rate", "rmap 0..5"], &["no rate is called 'rmap': did you mean `ramp`?"]),
        (&["--rate", "steps 5:5s", "--duration", "6s"], &["--rate: the steps take 5s together and the run 6s"]),
        (&["--rate", "1000000", "--duration", "7d"], &["--rate: this comes to 604800000000 calls"]),
        (&["--duration", "0"], &["--duration: a run takes some time"]),
        (&["--duration", "soon"], &["'soon' is no duration: write a number and its unit"]),
        (&["--timeout", "0"], &["--timeout: a timeout of 0s cannot be: it must be from 1ms to 24h"]),
        (&["--seed", "-1"], &["--seed", "a whole number from 0 to 18446744073709551615"]),
        (&["--users", "one 500"], &["--users: user 500 has no plugin: users are 1 to 100"]),
        (&["--commands", "nobody"], &["'nobody'", "control, none"]),
        (&["--answers", "mine"], &["'mine'", "own, others"]),
        (&["--action", "VINTED_SINK"], &["unknown action `VINTED_SINK`: did you mean `VINTED_SYNC`?"]),
        (&["--action", "VINTED_SYNC, wieght=3"], &["unknown key `wieght`: did you mean `weight`?"]),
        (&["--behaviour", "silent, share=50%"], &["--behaviour: the shares add up to 50%: they must add up to 100%"]),
        (&["--storm", "60s"], &["--storm: the storm lasts until 60s and the run ends after 10s"]),
        (&["--threshold", "round_trip.p99"], &["--threshold: 'round_trip.p99': it has no condition"]),
        (
            &["--threshold", "round_tripp.p99 < 5ms"],
            &["--threshold: nothing called `round_tripp.p99` is measured", "round_trip.p99"],
        ),
        (&["--threshold", "round_trip.p99 < 5"], &["--threshold: ", "there is no unit: it is a time in us, ms or s"]),
        (&["--threshold", "action.VINTED_DELETE.lost == 0"], &["the run does not call VINTED_DELETE"]),
        (&["--variant", "borken"], &["'borken'"]),
        (&["--local-address", "here"], &["--local-address", "an IP address of this machine"]),
        (&["--metrics-listen", "9090"], &["--metrics-listen", "an IP address and a port"]),
        (&["--header", "nothing"], &["--header", "NAME: VALUE"]),
        (&["--format", "xml"], &["'xml'", "text, json, ndjson"]),
        (&["smoke", "thousand-plugins"], &["one scenario makes a run: 'thousand-plugins' is one more"]),
    ];
    for (arguments, reasons) in cases {
        hubproof(&[&["load"], *arguments].concat()).run().refuses(2, reasons);
    }
}

#[test]
fn a_target_that_nobody_can_ask_is_refused() {
    let cases: &[(&[&str], &[&str])] = &[
        (
            &["--target", "http://127.0.0.1:1"],
            &["--target http://127.0.0.1:1: there is no control API to ask through: give its --control"],
        ),
        (&["--control", "http://127.0.0.1:1"], &["--target <URL>"]),
        (&["--commands", "none"], &["--commands none: nobody asks the built-in hub if you do not"]),
        (
            &["--commands", "none", "--rate", "5", "--target", "http://a"],
            &["--rate: nobody asks (commands = \"none\")"],
        ),
        (&["--target", "https://a", "--control", "http://a"], &["'https://a' needs TLS"]),
        (&["--target", "http://a", "--control", "nonsense"], &["'nonsense' is no address"]),
        (&["--target", "http://a", "--control", "http://a", "--variant", "broadcast"], &["cannot be used with"]),
    ];
    for (arguments, reasons) in cases {
        hubproof(&[&["load"], *arguments].concat()).run().refuses(2, reasons);
    }
}

#[test]
fn a_target_that_is_not_there_cannot_be_told_of() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (url, control) = (format!("http://{free}"), format!("http://{free}/hubproof/v1"));
    let folder = folder("load-nobody");
    let report = folder.join("report.json");
    std::fs::write(&report, "what was there before").unwrap();
    let line = ["--target", &url, "--control", &control, "--json", text(&report)];
    small(&line).run().refuses(3, &[&free.to_string()]);
    assert_eq!(std::fs::read_to_string(&report).unwrap(), "what was there before", "there is nothing to write");
}

#[test]
fn a_target_without_a_control_api_is_told_so() {
    let server = Server::start(|_| Answer::Http(404, "nothing here".to_owned()));
    small(&["--target", &server.url, "--control", &server.control]).run().refuses(3, &["/hubproof/v1"]);
}

#[test]
fn an_output_that_cannot_be_written_is_refused_before_the_run() {
    let folder = folder("load-outputs");
    for option in ["--json", "--html", "--openmetrics", "--hdr", "--ndjson"] {
        let missing = folder.join("missing").join("file");
        small(&[option, text(&missing)])
            .run()
            .refuses(2, &["cannot write ", "missing/file: No such file or directory"]);
        small(&[option, text(&folder)]).run().refuses(2, &["cannot write ", "directory"]);
    }
    let same = folder.join("same");
    let same = text(&same);
    small(&["--json", same, "--ndjson", same]).run().refuses(2, &["--json and --ndjson both write "]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    small(&["--metrics-listen", &address]).run().refuses(2, &["--metrics-listen: ", "is in use"]);
}

#[cfg(target_os = "linux")]
#[test]
fn too_few_open_files_are_named_with_the_remedy() {
    let line = "ulimit -n 300 && exec hubproof load --plugins 1000 --rate none";
    let reasons = ["this run needs 1100 open files", "a process may have 300 here", "ulimit -Hn 2000"];
    shell(line).run().refuses(3, &reasons);
    // The soft limit is raised as far as it can be.
    let line = "ulimit -Sn 64 && exec hubproof load --plugins 50 --rate none --duration 100ms --drain 0";
    believed(|| shell(line)).exits(0);
}

#[test]
fn a_rate_that_this_machine_has_no_ports_for_is_refused() {
    let silent = ["--rate", "5000", "--timeout", "60s", "--behaviour", "silent", "--duration", "60s"];
    let said = hubproof(&[&["load"], silent.as_slice()].concat()).run().exits(3);
    let limits = ["open files", "local ports"];
    assert!(limits.iter().any(|limit| said.err.contains(limit)), "{said:#?}");
}

#[test]
fn a_small_run_prints_its_figures_and_writes_every_file() {
    let folder = folder("load-small");
    let path = |name: &str| folder.join(name);
    let [json, html, metrics, hdr, seconds] =
        ["report.json", "report.html", "metrics.txt", "round-trips.hlog", "seconds.ndjson"].map(path);
    std::fs::write(&json, "x".repeat(1_000_000)).unwrap();
    let line = [
        "--json",
        text(&json),
        "--html",
        text(&html),
        "--openmetrics",
        text(&metrics),
        "--hdr",
        text(&hdr),
        "--ndjson",
        text(&seconds),
        "--seed",
        "7",
    ];
    let ended = believed(|| small(&line)).exits(0);
    assert!(ended.out.contains("lost == 0") && ended.out.contains("seed 7"), "{ended:#?}");
    assert!(!ended.out.contains('\u{1b}'), "no colours and no redrawing where there is no terminal");
    let report = json_of(&json);
    assert_eq!(report["result"]["word"], "passed", "{report:#}");
    assert_eq!((report["seed"].as_u64(), report["totals"]["calls_started"].as_u64()), (Some(7), Some(10)));
    assert_eq!((report["totals"]["ok"].as_u64(), report["totals"]["plugins_connected"].as_u64()), (Some(10), Some(3)));
    let again = report["command"].as_str().unwrap_or_default();
    assert_eq!(again, "hubproof load --plugins 3 --rate 20 --duration 500ms --threshold 'lost == 0' --seed 7");
    assert!(std::fs::read_to_string(&html).unwrap().starts_with("<!doctype html>"));
    assert!(std::fs::read_to_string(&metrics).unwrap().ends_with("# EOF\n"));
    assert!(std::fs::read_to_string(&hdr).unwrap().starts_with("#[Histogram log format version 1.3]"));
    let lines = std::fs::read_to_string(&seconds).unwrap();
    assert!(!lines.is_empty());
    for line in lines.lines() {
        assert!(serde_json::from_str::<Value>(line).unwrap()["at_s"].is_u64(), "{line}");
    }
}

#[test]
fn a_run_that_is_printed_as_json_is_one_document() {
    let ended = believed(|| small(&["--format", "json"])).tells(0, &[]);
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(report["totals"]["lost"], 0);
}

#[test]
fn a_threshold_that_does_not_hold_fails_the_run() {
    let ended = believed(|| small(&["--threshold", "ok == 0"])).exits(1);
    assert!(ended.out.contains("ok == 0"), "{ended:#?}");
}

#[test]
fn the_command_line_wins_over_the_environment() {
    let nobody = small(&["--format", "json", "--variant", "broadcast", "--per-user", "3"])
        .with("HUBPROOF_TARGET", "http://127.0.0.1:1")
        .with("HUBPROOF_CONTROL", "http://127.0.0.1:1/hubproof/v1")
        .with("HUBPROOF_SEED", "12")
        .run();
    let report: Value = serde_json::from_str(&nobody.out).unwrap_or_else(|error| panic!("{error}: {nobody:#?}"));
    assert_eq!(report["target"]["variant"], "broadcast");
    assert_eq!(report["seed"], 12);
}

#[test]
fn a_hub_of_ones_own_is_put_under_load() {
    let hub = Hub::start(&["--control-token", "hush"]);
    let line = ["--target", &hub.url, "--control", &hub.control, "--format", "json"];
    small(&line).run().refuses(3, &["token"]);
    let ended = believed(|| small(&[line.as_slice(), &["--token", "hush"]].concat())).tells(0, &[]);
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((report["target"]["built_in"].as_bool(), report["totals"]["ok"].as_u64()), (Some(false), Some(10)));
    assert!(!ended.out.contains("hush"), "a token is a secret");
}

#[test]
fn an_interrupted_run_ends_in_order_with_what_was_seen() {
    let folder = folder("load-interrupted");
    let report = folder.join("report.json");
    let line =
        ["load", "--plugins", "2", "--rate", "20", "--duration", "1h", "--format", "ndjson", "--json", text(&report)];
    let mut program = hubproof(&line).start();
    program.line("at_s");
    program.signal("INT");
    program.end().exits(3);
    let report = json_of(&report);
    assert_eq!(report["partial"], "interrupted");
    assert!(report["totals"]["ok"].as_u64().is_some_and(|ok| ok > 0), "{report:#}");
}

#[test]
fn figures_can_be_asked_for_while_the_run_goes_on() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let line = ["load", "--plugins", "2", "--rate", "20", "--duration", "1h", "--format", "ndjson"];
    let mut program = hubproof(&[line.as_slice(), &["--metrics-listen", &free.to_string()]].concat()).start();
    program.line("at_s");
    let mut stream = TcpStream::connect(free).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    assert!(page.contains("application/openmetrics-text") && page.contains("hubproof_load_"), "{page}");
    assert!(page.trim_end().ends_with("# EOF"), "{page}");
    program.signal("TERM");
    let ended = program.end().exits(3);
    assert!(ended.err.contains(&format!("hubproof: metrics at http://{free}/metrics")), "{ended:#?}");
}

#[test]
fn runs_are_added_up_and_what_does_not_belong_together_is_refused() {
    let folder = folder("load-merge");
    let [one, two, other, whole] = ["one.json", "two.json", "other.json", "whole.json"].map(|name| folder.join(name));
    for (path, plugins) in [(&one, "3"), (&two, "3"), (&other, "2")] {
        let line = [
            "load",
            "--plugins",
            plugins,
            "--rate",
            "20",
            "--duration",
            "500ms",
            "--threshold",
            "lost == 0",
            "--json",
            text(path),
        ];
        believed(|| hubproof(&line)).exits(0);
    }
    let merge = |files: &[&Path], more: &[&str]| {
        let files: Vec<&str> = files.iter().map(|file| text(file)).collect();
        hubproof(&[&["load", "merge"], files.as_slice(), more].concat())
    };
    merge(&[&one, &two], &["--json", text(&whole)]).run().tells(0, &["lost == 0"]);
    let report = json_of(&whole);
    assert_eq!((report["runs"].as_u64(), report["totals"]["ok"].as_u64()), (Some(2), Some(20)));
    assert!(report["command"].as_str().is_some_and(|command| command.starts_with("hubproof load merge ")));
    merge(&[&one, &two], &["--format", "ndjson"]).with("HUBPROOF_SEED", "3").run().tells(0, &["{\"at_s\":0"]);
    merge(&[&one, &one], &[]).run().refuses(2, &["run 2 is the same as run 1", "run 1 is ", "one.json"]);
    merge(&[&one, &folder.join("none.json")], &[]).run().refuses(2, &["cannot read ", "none.json"]);
    let broken = folder.join("broken.json");
    for (content, said) in [("{", "it is no report of hubproof load"), ("{\"schema\":99}", "a report of version 99")] {
        std::fs::write(&broken, content).unwrap();
        merge(&[&one, &broken], &[]).run().refuses(2, &["broken.json: ", said]);
    }
    hubproof(&["load", "merge"]).run().refuses(2, &["<FILE>"]);
    let missing = folder.join("missing").join("x.json");
    merge(&[&one, &two], &["--json", text(&missing)]).run().refuses(2, &["cannot write "]);
}
