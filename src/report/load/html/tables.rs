//! Everything of the page that is no plot.

use std::fmt::Write as _;

use super::super::words;
use super::section;
use super::text::escaped;
use crate::figures::number::float;
use crate::figures::units::{bytes, count, counted, part, rate, seconds, share, time};
use crate::figures::{Latency, LoadReport};

/// Rows of a table that are shown at the most.
const MOST: usize = 200;

/// A cell: its text, and how it looks (`""`, `"bad"`, `"good"`).
type Cell = (String, &'static str);

fn plain(text: impl Into<String>) -> Cell {
    (text.into(), "")
}

/// A number that should be 0.
fn alarm(number: u64) -> Cell {
    (count(number), if number > 0 { "bad" } else { "" })
}

/// A table; the first column names the row, and the other ones are numbers unless their head begins with a space. On a narrow screen each
/// row stands by itself, so every cell knows its head.
fn table(heads: &[&str], rows: &[Vec<Cell>]) -> String {
    let is_text = |head: &&str| head.starts_with(' ');
    let mut out = String::from("<table>\n<thead><tr>");
    for (place, head) in heads.iter().enumerate() {
        let class = if place == 0 || is_text(head) { " class=\"text\"" } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(out, "<th scope=\"col\"{class}>{}</th>", escaped(head.trim()));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows.iter().take(MOST) {
        out.push_str("<tr>");
        for (place, ((text, look), head)) in row.iter().zip(heads).enumerate() {
            let (tag, scope) = if place == 0 { ("th", " scope=\"row\"") } else { ("td", "") };
            let kind = if place == 0 || is_text(head) { "text" } else { "" };
            let class = format!("{kind} {look}");
            let (class, head) = (class.trim(), escaped(head.trim()));
            let _ = write!(out, "<{tag}{scope} class=\"{class}\" data-head=\"{head}\">{}</{tag}>", escaped(text));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
    if let Some(hidden) = rows.len().checked_sub(MOST).filter(|hidden| *hidden > 0) {
        let _ =
            writeln!(out, "<p class=\"note\">{} more not shown</p>", count(u64::try_from(hidden).unwrap_or(u64::MAX)));
    }
    out
}

/// The figures that are looked for first.
pub(super) fn tiles(report: &LoadReport) -> String {
    let totals = &report.totals;
    let mut tiles: Vec<(&str, String, String, bool)> = Vec::new();
    if totals.plugins_asked > 0 || totals.connects > 0 {
        let note = format!("of {} asked for", count(totals.plugins_asked));
        tiles.push(("plugins", count(totals.plugins_connected), note, totals.plugins_connected < totals.plugins_asked));
    }
    if totals.calls_intended > 0 || totals.calls_started > 0 {
        let calling_s = report.calling_s();
        let achieved = if calling_s > 0.0 { rate(float(totals.calls_started) / calling_s) } else { "none".to_owned() };
        let note = if totals.calls_missed > 0 {
            format!("{} of {} never sent", count(totals.calls_missed), counted(totals.calls_intended, "call"))
        } else {
            format!("{} sent, none missed", counted(totals.calls_started, "call"))
        };
        tiles.push(("calls a second", achieved, note, totals.calls_missed > 0));
        let answered = share(part(totals.ok, totals.calls_started));
        tiles.push(("answered", answered, format!("{} of them", count(totals.ok)), false));
    } else if totals.commands_received > 0 {
        let note = format!("{} answered", count(totals.responses_sent));
        tiles.push(("commands", count(totals.commands_received), note, false));
    }
    if let (Some(p50), Some(p99), Some(max)) =
        (totals.round_trip.at(0.5), totals.round_trip.at(0.99), totals.round_trip.max())
    {
        tiles.push((
            "round trip p50",
            time(p50),
            format!("actual start {}", at(&totals.round_trip_actual, 0.5)),
            false,
        ));
        tiles.push(("round trip p99", time(p99), format!("longest {}", time(max)), false));
    }
    if let Some(p50) = totals.hub_overhead.at(0.5) {
        let note = format!("p99 {}, less the plugin's time", at(&totals.hub_overhead, 0.99));
        tiles.push(("hub overhead p50", time(p50), note, false));
    }
    let wrong = totals.lost.saturating_add(totals.crossed).saturating_add(totals.answered_twice);
    if totals.calls_started > 0 {
        let note = format!(
            "{} lost, {} crossed, {} twice",
            count(totals.lost),
            count(totals.crossed),
            count(totals.answered_twice)
        );
        tiles.push(("wrong answers", count(wrong), note, wrong > 0));
    }
    if let Some(size) = report.hub.as_ref().and_then(|hub| hub.rss_peak_bytes.or(hub.rss_bytes)) {
        let each = report.hub.as_ref().and_then(|hub| hub.rss_per_plugin_bytes);
        let note = each.map_or_else(|| "at the most".to_owned(), |each| format!("{} a plugin", bytes(float(each))));
        tiles.push(("memory of the hub", bytes(float(size)), note, false));
    }
    if tiles.is_empty() {
        return "<p class=\"note\">Nothing was measured.</p>\n".to_owned();
    }
    let mut out = String::from("<dl class=\"tiles\">\n");
    for (name, value, note, bad) in tiles {
        let class = if bad { " class=\"bad\"" } else { "" };
        let _ = writeln!(
            out,
            "<div{class}><dt>{}</dt><dd><b>{}</b><span>{}</span></dd></div>",
            escaped(name),
            escaped(&value),
            escaped(&note)
        );
    }
    out + "</dl>\n"
}

fn at(latency: &Latency, quantile: f64) -> String {
    latency.at(quantile).map_or_else(|| "–".to_owned(), time)
}

/// What was judged.
pub(super) fn thresholds(report: &LoadReport) -> String {
    if report.thresholds.is_empty() {
        return String::new();
    }
    let row = |judged: &crate::figures::Judged| {
        let (word, look) = if judged.held { ("held", "good") } else { ("crossed", "bad") };
        vec![plain(&judged.name), plain(&judged.wanted), (judged.shown.clone(), look), (word.to_owned(), look)]
    };
    let rows: Vec<Vec<Cell>> = report.thresholds.iter().map(row).collect();
    section("Thresholds", "narrow", &table(&["figure", "wanted", "was", " "], &rows))
}

/// Broken guarantees, each with its witness.
pub(super) fn findings(report: &LoadReport) -> String {
    let mut out = String::new();
    for finding in report.findings.iter().take(MOST) {
        let user = finding.user.as_ref().map_or_else(String::new, |user| format!(", first for user {user}"));
        let _ = writeln!(
            out,
            "<li><b>{}</b> {}{}<p>{}</p></li>",
            escaped(&finding.guarantee),
            counted(finding.count, "time"),
            escaped(&user),
            escaped(&finding.text)
        );
    }
    if out.is_empty() { out } else { section("Broken guarantees", "findings", &format!("<ul>\n{out}</ul>\n")) }
}

/// Each action.
pub(super) fn actions(report: &LoadReport) -> String {
    if report.actions.is_empty() {
        return String::new();
    }
    let heads = [
        "action",
        "calls",
        "answered",
        "plugin errors",
        "timeouts",
        "errors",
        "lost",
        "crossed",
        "p50",
        "p99",
        "longest",
        "hub p50",
    ];
    let mut rows = Vec::new();
    for (name, of) in &report.actions {
        rows.push(vec![
            plain(name),
            plain(count(of.calls)),
            plain(count(of.ok)),
            plain(count(of.plugin_errors)),
            plain(count(of.timeouts)),
            plain(count(of.errors)),
            alarm(of.lost),
            alarm(of.crossed),
            plain(at(&of.round_trip, 0.5)),
            plain(at(&of.round_trip, 0.99)),
            plain(at(&of.round_trip, 1.0)),
            plain(at(&of.hub_overhead, 0.5)),
        ]);
    }
    section("Actions", "", &table(&heads, &rows))
}

/// Durations.
pub(super) fn times(report: &LoadReport) -> String {
    let totals = &report.totals;
    let all = [
        ("round trip, from the intended start", &totals.round_trip),
        ("round trip, from the actual start", &totals.round_trip_actual),
        ("hub overhead", &totals.hub_overhead),
        ("plugin's own time", &totals.plugin_time),
        ("connecting", &totals.connect_time),
        ("lag of the harness", &report.harness.lag),
    ];
    let mut rows = Vec::new();
    for (name, latency) in all {
        let Some(found) = latency.several(&[0.0, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0]) else { continue };
        let mut row = vec![plain(name), plain(count(latency.count()))];
        row.extend(found.into_iter().map(|value| plain(time(value))));
        rows.push(row);
    }
    if rows.is_empty() {
        return String::new();
    }
    let heads = ["time", "number", "shortest", "p50", "p90", "p95", "p99", "p99.9", "longest"];
    section("Times", "", &table(&heads, &rows))
}

/// A count: its name, what more there is to say of it, and whether it should be 0.
type Counted<'a> = (&'a str, u64, &'a str, bool);

/// Everything that was counted, and the ids.
pub(super) fn counts(report: &LoadReport) -> String {
    let totals = &report.totals;
    let again = format!("{} of them again", count(totals.reconnects));
    let plugins: [Counted<'_>; 7] = [
        ("plugins asked for", totals.plugins_asked, "", false),
        ("connected", totals.plugins_connected, "at the same time, at the most", false),
        ("connects", totals.connects, if totals.reconnects > 0 { &again } else { "" }, false),
        ("failed to connect", totals.connect_failures_in_all(), "", false),
        ("dropped by us", totals.dropped_by_us, "as storms and behaviours ask for", false),
        ("dropped by the hub", totals.dropped_by_hub, "", false),
        ("ghosts", totals.ghosts, "gone, and still counted by the hub", true),
    ];
    let calls: [Counted<'_>; 8] = [
        ("calls intended", totals.calls_intended, "", false),
        ("calls started", totals.calls_started, "", false),
        ("calls missed", totals.calls_missed, "never sent, since the harness could not", true),
        ("answered", totals.ok, "", false),
        ("plugin errors", totals.plugin_errors, "failures that a plugin answered", false),
        ("timeouts", totals.timeouts, "", false),
        ("other errors", totals.errors_in_all(), "", false),
        ("expected failures", totals.expected_failures, "among these, by what plugins do", false),
    ];
    let answers: [Counted<'_>; 6] = [
        ("lost", totals.lost, "answered in time, and the call did not get it", true),
        ("crossed", totals.crossed, "calls that got another call's answer", true),
        ("answered twice", totals.answered_twice, "", true),
        ("commands", totals.commands_received, "received by plugins", false),
        ("commands not of ours", totals.commands_of_nobody, "asked by the backend itself", false),
        ("responses", totals.responses_sent, "sent by plugins", false),
    ];
    let pending = totals.pending_at_end.map(|pending| ("pending at the end", pending, "still held by the hub", false));
    let has_calls = totals.calls_intended > 0 || totals.calls_started > 0;
    let groups: [Vec<Counted<'_>>; 3] = [
        plugins.to_vec(),
        if has_calls { calls.to_vec() } else { Vec::new() },
        answers.into_iter().chain(pending).collect(),
    ];
    let mut out = String::from("<div class=\"counts\">\n");
    for group in groups.iter().filter(|group| !group.is_empty()) {
        out.push_str("<dl>\n");
        for (name, number, note, alarming) in group {
            let class = if *alarming && *number > 0 { " class=\"bad\"" } else { "" };
            let note = if note.is_empty() { String::new() } else { format!("<small>{}</small>", escaped(note)) };
            let _ = writeln!(out, "<div><dt>{}{note}</dt><dd{class}>{}</dd></div>", escaped(name), count(*number));
        }
        out.push_str("</dl>\n");
    }
    out.push_str("</div>\n");
    if totals.commands_received > 0 || totals.collisions.seen > 0 {
        let ids = escaped(&words::collisions(&totals.collisions));
        let _ = writeln!(out, "<p class=\"note\">Request ids: {ids}.</p>");
    }
    section("Counts", "", &out)
}

/// Hub, harness, machine, and how to do it again.
pub(super) fn surroundings(report: &LoadReport) -> String {
    let known = |taken: Option<f64>| plain(taken.map_or_else(|| "–".to_owned(), seconds));
    let size = |size: Option<u64>| plain(size.map_or_else(|| "–".to_owned(), |size| bytes(float(size))));
    let harness = &report.harness;
    let mut rows = Vec::new();
    if let Some(hub) = &report.hub {
        let source = if hub.source == "stats" { "as its control API says" } else { "of its process" };
        rows.push(vec![
            plain("hub"),
            size(hub.rss_peak_bytes.or(hub.rss_bytes)),
            size(hub.rss_per_plugin_bytes),
            known(hub.cpu_s),
            plain(source),
        ]);
    }
    let of_all = format!(
        "{} of all processors; {} waited to be sent at the most, {} overflows",
        share(harness.cpu_share),
        counted(harness.queue_peak, "call"),
        count(harness.queue_overflows)
    );
    rows.push(vec![
        plain("harness"),
        size(Some(harness.rss_peak_bytes)),
        size(harness.rss_per_plugin_bytes),
        known(Some(harness.cpu_s)),
        plain(of_all),
    ]);
    let processes = table(&["process", "memory", "per plugin", "processor time", " note"], &rows);
    let target = &report.target;
    let mut facts = vec![
        ("target", words::target(target)),
        ("sockets", target.url.clone()),
        ("control API", target.control.clone().unwrap_or_else(|| "not used".to_owned())),
        ("asked for", words::asked(report)),
        ("took", seconds(report.ran_s)),
        ("timeout of calls", seconds(report.asked.timeout_s)),
        ("seed", report.seed.to_string()),
        ("machine", words::machine(report)),
        ("hubproof", report.hubproof.clone()),
    ];
    facts.retain(|(_, text)| !text.is_empty());
    let mut told = String::new();
    for (name, text) in facts {
        let _ = writeln!(told, "<dt>{name}</dt><dd>{}</dd>", escaped(&text));
    }
    let again = if report.command.is_empty() {
        String::new()
    } else {
        format!("<p>The same again:</p>\n<pre><code>{}</code></pre>\n", escaped(&report.command))
    };
    section("Hub, harness and machine", "", &format!("{processes}<dl class=\"facts\">\n{told}</dl>\n{again}"))
}
