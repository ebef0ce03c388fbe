//! The outcome of every case with every library, as `docs/interop.md`.

use std::fmt::Write as _;

use super::case::{Case, Outcome, Results};
use super::{client_cases, clients, hub_cases, hubs, scenarios};

const HEAD: &str = "\
# Clients and hubs of other makers

Our hub with their clients, their hubs with our client: this is what was seen with each library. `tests/peers` makes this page from
a run and fails if it has changed; what has to be seen stands there as data, once for all libraries, and every library runs every
case. [The clients](../fixtures/clients/README.md) and [the hubs](../fixtures/hubs/README.md) are small programs around the
libraries, which know nothing of hubproof.
";

const CLIENTS: &str = "
## Their clients at our hub

The reference hub is served as `hubproof hub` serves it. The browser's page has another origin than the hub, which allows every page to
poll, by CORS, but none to read what the control API answers.
";

const SCENARIOS: &str = "
## Scenarios with their clients as plugins

The scenarios tagged `@interop` run with each client in place of hubproof's own plugins, under the same steps and judges, and leave the
transcripts that the repository has.
";

const HUBS: &str = "
## Our client at their hubs

Our client is what plugins are made of: the WebSocket of live runs and the session over `wire`. It only uses WebSockets, so it never
upgrades; what it makes of hubs that poll is in the last two rows.
";

/// The page of this run.
pub(crate) fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str(CLIENTS);
    table(&mut page, client_cases::CASES, clients::TRIED.get().iter().map(|tried| &tried.cases));
    page.push_str(SCENARIOS);
    scenario_table(&mut page);
    page.push_str(HUBS);
    table(&mut page, hub_cases::CASES, hubs::TRIED.get().iter());
    page
}

/// A column for each library, a row for each case, and why something is not offered.
fn table<'a, S>(page: &mut String, cases: &[Case<S>], results: impl Iterator<Item = &'a Results>) {
    let results: Vec<&Results> = results.collect();
    let libraries: Vec<&str> = results.iter().map(|results| results.library.as_str()).collect();
    head(page, "case", "what was observed", &libraries);
    let mut reasons: Vec<String> = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        write!(page, "| {} | {} |", case.name, case.observed).expect("a text takes everything");
        for Results { library, outcomes } in &results {
            let (name, outcome) = &outcomes[number];
            assert_eq!(*name, case.name);
            let cell = match outcome {
                Outcome::Kept => "yes".to_owned(),
                Outcome::Failed(_) => "**no**".to_owned(),
                Outcome::NotOffered(reason) => {
                    reasons.push(format!("{library}, {name}: {reason}."));
                    format!("not offered ({})", reasons.len())
                }
            };
            write!(page, " {cell} |").expect("a text takes everything");
        }
        page.push('\n');
    }
    for (number, reason) in reasons.iter().enumerate() {
        write!(page, "\n({}) {reason}\n", number + 1).expect("a text takes everything");
    }
}

/// A row for each scenario.
fn scenario_table(page: &mut String) {
    let libraries: Vec<&str> = clients::TRIED.get().iter().map(|tried| tried.scenarios.library.as_str()).collect();
    head(page, "scenario", "what it shows", &libraries);
    for (number, case) in scenarios::cases().iter().enumerate() {
        write!(page, "| {} | {} |", case.address, case.title.replace('|', "\\|")).expect("a text takes everything");
        for tried in clients::TRIED.get().iter() {
            let (address, outcome) = &tried.scenarios.outcomes[number];
            assert_eq!(*address, case.address);
            let cell = if *outcome == Outcome::Kept { "held" } else { "**no**" };
            write!(page, " {cell} |").expect("a text takes everything");
        }
        page.push('\n');
    }
}

/// The first two lines of a table.
fn head(page: &mut String, first: &str, second: &str, libraries: &[&str]) {
    write!(page, "\n| {first} | {second} | {} |\n|---|---|", libraries.join(" | ")).expect("a text takes everything");
    page.push_str(&"---|".repeat(libraries.len()));
    page.push('\n');
}
