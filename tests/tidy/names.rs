//! Names that only some rooms may mention: runtimes, sockets, clocks, randomness, test crates, printing.

use crate::{
    files::File,
    paths::{How, Named},
    rooms,
    rules::{Finding, Rule},
};

/// A name that is not for everybody.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Name {
    /// Any path that contains these segments, one after the other: `time::Instant`.
    Path(&'static [&'static str]),
    /// The macro of this name: `println!`.
    Macro(&'static str),
}

/// Names, and the files that may not mention them.
#[derive(Debug)]
pub(crate) struct Restriction {
    /// The rule that it belongs to.
    pub(crate) rule: &'static str,
    pub(crate) names: &'static [Name],
    /// Whether this file may not mention them.
    pub(crate) bars: fn(&File) -> bool,
}

use Name::{Macro, Path};

/// Every restriction.
pub(crate) const RESTRICTIONS: &[Restriction] = &[
    Restriction {
        rule: "no-runtime-in-core",
        names: &[
            Path(&["tokio"]),
            Path(&["tokio_util"]),
            Path(&["tokio_stream"]),
            Path(&["async_std"]),
            Path(&["smol"]),
        ],
        bars: is_core,
    },
    Restriction { rule: "no-socket-in-core", names: &[Path(&["std", "net"]), Path(&["std", "os"])], bars: is_core },
    Restriction {
        rule: "no-clock-in-core",
        names: &[
            Path(&["Instant", "now"]),
            Path(&["time", "Instant"]),
            Path(&["SystemTime"]),
            Path(&["UNIX_EPOCH"]),
            Path(&["std", "time", "*"]),
            Path(&["thread", "sleep"]),
            Path(&["thread", "*"]),
            Path(&["chrono"]),
        ],
        bars: is_core,
    },
    Restriction {
        rule: "no-randomness-in-core",
        names: &[
            Path(&["rand", "rng"]),
            Path(&["rand", "random"]),
            Path(&["rand", "random_bool"]),
            Path(&["rand", "random_iter"]),
            Path(&["rand", "random_range"]),
            Path(&["rand", "random_ratio"]),
            Path(&["rand", "fill"]),
            Path(&["rand", "make_rng"]),
            Path(&["rand", "prelude"]),
            Path(&["rand", "*"]),
            Path(&["thread_rng"]),
            Path(&["ThreadRng"]),
            Path(&["OsRng"]),
            Path(&["SysRng"]),
            Path(&["from_os_rng"]),
            Path(&["from_entropy"]),
            Path(&["getrandom"]),
            Path(&["RandomState"]),
        ],
        bars: is_core,
    },
    Restriction {
        rule: "transport-in-live",
        names: &[
            Path(&["socketioxide"]),
            Path(&["socketioxide_core"]),
            Path(&["socketioxide_parser_common"]),
            Path(&["engineioxide"]),
            Path(&["axum"]),
            Path(&["tungstenite"]),
            Path(&["tokio_tungstenite"]),
            Path(&["wiremock"]),
            Path(&["hyper"]),
            Path(&["hyper_util"]),
            Path(&["tower_http"]),
            Path(&["mio"]),
            Path(&["httparse"]),
        ],
        bars: |file| file.under(&["src"]) && !file.under(&["src/live"]),
    },
    Restriction {
        rule: "cucumber-in-gherkin",
        names: &[Path(&["cucumber"])],
        bars: |file| file.under(&["src"]) && !file.under(&["src/gherkin"]),
    },
    Restriction {
        rule: "test-crates-in-tests",
        names: &[Path(&["rust_socketio"]), Path(&["insta"])],
        bars: |file| file.under(&["src", "benches"]),
    },
    Restriction {
        rule: "printing-at-the-edge",
        names: &[
            Macro("print"),
            Macro("println"),
            Macro("eprint"),
            Macro("eprintln"),
            Macro("dbg"),
            Path(&["io", "stdout"]),
            Path(&["io", "stderr"]),
            Path(&["io", "Stdout"]),
            Path(&["io", "Stderr"]),
            Path(&["std", "io", "*"]),
        ],
        bars: |file| file.under(&["src"]) && !file.under(&["src/cli", "src/report", "src/main.rs"]),
    },
];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "no-runtime-in-core",
        remedy: "levels 0 to 2 are plain functions over (now, input); what awaits belongs in `sim` or `live`",
        find: |files| named_in("no-runtime-in-core", files),
    },
    Rule {
        name: "no-socket-in-core",
        remedy: "levels 0 to 2 know connections by id; sockets and addresses belong in `live`",
        find: |files| named_in("no-socket-in-core", files),
    },
    Rule {
        name: "no-clock-in-core",
        remedy: "take `now` as an argument; the driver owns the clock",
        find: |files| named_in("no-clock-in-core", files),
    },
    Rule {
        name: "no-randomness-in-core",
        remedy: "take the generator as an argument; the driver seeds it. Maps with a random order become BTreeMap",
        find: |files| named_in("no-randomness-in-core", files),
    },
    Rule {
        name: "transport-in-live",
        remedy: "only `live` names these crates: put the call there, behind the driver's trait",
        find: |files| named_in("transport-in-live", files),
    },
    Rule {
        name: "cucumber-in-gherkin",
        remedy: "only `gherkin` names cucumber: put the step, world or runner there",
        find: |files| named_in("cucumber-in-gherkin", files),
    },
    Rule {
        name: "test-crates-in-tests",
        remedy: "rust_socketio and insta are development dependencies: use them in tests/",
        find: |files| named_in("test-crates-in-tests", files),
    },
    Rule {
        name: "printing-at-the-edge",
        remedy: "emit an event or return the text; `cli` and `report` print",
        find: |files| named_in("printing-at-the-edge", files),
    },
];

/// Whether the file belongs to levels 0 to 2.
fn is_core(file: &File) -> bool {
    rooms::room(file).and_then(rooms::level).is_some_and(|level| level <= 2)
}

fn named_in(rule: &str, files: &[File]) -> Vec<Finding> {
    let restrictions = RESTRICTIONS.iter().filter(|restriction| restriction.rule == rule);
    restrictions
        .flat_map(|restriction| {
            files.iter().filter(|file| (restriction.bars)(file)).flat_map(|file| barred(file, restriction))
        })
        .collect()
}

fn barred(file: &File, restriction: &Restriction) -> Vec<Finding> {
    let mentions = |named: &&Named| restriction.names.iter().any(|name| name.is_in(named));
    file.named
        .iter()
        .filter(mentions)
        .map(|named| Finding::new(file, named.line, format!("names `{}`", named.segments.join("::"))))
        .collect()
}

impl Name {
    /// Whether this path mentions the name.
    fn is_in(self, named: &Named) -> bool {
        match self {
            Path(segments) => named.has(segments),
            Macro(name) => named.how == How::Macro && named.segments.last().is_some_and(|last| last == name),
        }
    }

    /// A line of code that mentions the name.
    pub(crate) fn example(self) -> String {
        match self {
            Path(segments) => format!("use {};\n", segments.join("::")),
            Macro(name) => format!("fn f() {{ {name}!(\"text\"); }}\n"),
        }
    }
}
