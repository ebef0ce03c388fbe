//! What a check finds on a backend, as a page of `docs/`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

/// The page that the lines of `hubproof check --format json` make: every guarantee of the catalogue with its verdict.
///
/// What may differ from run to run is not on it: how often something was seen, and when.
pub(crate) fn page(title: &str, about: &str, lines: &str) -> String {
    let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect();
    let of_kind = |kind: &'static str| events.iter().filter(move |event| event["event"] == kind);
    let end = of_kind("end").next().expect("a check that has ended");
    let titles: BTreeMap<&str, &str> =
        of_kind("scenario").map(|scenario| (text(&scenario["address"]), text(&scenario["title"]))).collect();
    let mut page = format!("# {title}\n\n{about}\n\n| id | level | verdict | seen first in |\n|---|---|---|---|\n");
    let rows: BTreeMap<&str, &Value> =
        end["rows"].as_array().into_iter().flatten().map(|row| (text(&row["id"]), row)).collect();
    for guarantee in hubproof::contract::catalogue::CATALOGUE {
        let id = guarantee.id.to_string();
        let (verdict, first) = rows.get(id.as_str()).map_or(("not exercised".to_owned(), String::new()), |row| {
            let first = row["first"].as_str().map(|address| {
                format!("{address}: {}", titles.get(address).copied().unwrap_or_default().replace('|', "\\|"))
            });
            let reason = row["reason"].as_str().map(|reason| format!(": {reason}")).unwrap_or_default();
            (format!("{}{reason}", text(&row["standing"])), first.unwrap_or_default())
        });
        let verdict = if verdict == "broken" { "**broken**".to_owned() } else { verdict };
        writeln!(page, "| {id} | {} | {verdict} | {first} |", guarantee.level.name()).expect("a text takes everything");
    }
    page
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Compares a page with the one that the repository has.
pub(crate) fn assert_is_the_document(path: &str, page: &str) {
    let document = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_default();
    if document != *page {
        let seen = Path::new(env!("CARGO_TARGET_TMPDIR")).join(Path::new(path).file_name().expect("a file"));
        std::fs::write(&seen, page).expect("the target folder can be written to");
        let diff = similar::TextDiff::from_lines(document.as_str(), page).unified_diff().to_string();
        panic!("{path} is not what the run found; if the run is right: cp {} {path}\n{diff}", seen.display());
    }
}
