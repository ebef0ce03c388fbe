//! The page: for eyes there is target/load-report, which this writes; for the rest there are the tests.

use std::path::Path;
use std::time::Duration;

use hubproof::figures::{LoadReport, Second};
use hubproof::report::load::html::page;

use super::sample;

fn samples() -> [(&'static str, LoadReport); 7] {
    let mut single = sample::partial();
    single.seconds = vec![single.seconds[9].clone()];
    [
        ("passed", sample::passed()),
        ("failed", sample::failed()),
        ("invalid", sample::invalid()),
        ("partial", sample::partial()),
        ("listening", sample::listening()),
        ("blank", sample::blank()),
        ("single", single),
    ]
}

/// The page without style and script, and without what only the script reads.
fn body(page: &str) -> String {
    let (_, rest) = page.split_once("<main>\n").expect("a body");
    let (body, _) = rest.split_once("</main>").expect("its end");
    let mut shown = String::new();
    for (place, part) in body.split(" data-read-out=\"").enumerate() {
        let after = if place == 0 { part } else { part.split_once('"').expect("the end of an attribute").1 };
        shown.push_str(after);
    }
    shown
}

#[test]
fn pages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/load-report");
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, report) in samples() {
        let page = page(&report);
        std::fs::write(folder.join(name).with_extension("html"), &page).expect("written");
        if ["failed", "listening", "blank", "single"].contains(&name) {
            insta::assert_snapshot!(format!("page_{name}"), body(&page));
        }
    }
}

/// The tags of a page in order, without what is in `style` and `script`.
fn tags(page: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').expect("a tag ends");
        tags.push(tag.to_owned());
        rest = after;
        for raw in ["style", "script"] {
            if tag == raw {
                rest = &after[after.find(&format!("</{raw}>")).expect("its end")..];
            }
        }
    }
    tags
}

#[test]
fn every_element_ends_within_the_one_that_it_began_in() {
    for (name, report) in samples() {
        let mut open: Vec<String> = Vec::new();
        for tag in tags(&page(&report)) {
            let element = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default().to_owned();
            if tag.starts_with('/') {
                assert_eq!(open.pop().as_ref(), Some(&element), "{name}");
            } else if !tag.ends_with('/') && !["!doctype", "meta", "br"].contains(&element.as_str()) {
                open.push(element);
            }
        }
        assert_eq!(open, [""; 0], "{name}");
    }
}

#[test]
fn nobodys_text_becomes_a_part_of_the_page() {
    let page = page(&sample::failed());
    let elements: Vec<String> = tags(&page);
    assert_eq!(elements.iter().filter(|tag| tag.starts_with("script")).count(), 1, "only our own script");
    assert!(!elements.iter().any(|tag| tag.starts_with("img") || tag.contains("onerror")), "no element of a witness");
    assert!(page.contains("collision-storm &lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("&quot;&lt;img src=x onerror=alert(1)&gt;&quot; &amp; more"));
    assert!(page.contains("first for user &quot;&gt;&lt;b&gt;"));
}

#[test]
fn nothing_is_fetched() {
    for (name, report) in samples() {
        let page = page(&report);
        for tag in tags(&page) {
            for attribute in [" src=", " href=", "@import", "url("] {
                assert!(!tag.contains(attribute), "{name}: {tag}");
            }
        }
        let (style, _) = page.split_once("</style>").expect("a style");
        assert!(!style.contains("url(") && !style.contains("@import") && !style.contains("http"), "{name}");
    }
}

#[test]
fn the_word_stands_at_its_head_in_its_colour() {
    for (word, report) in [
        ("passed", sample::passed()),
        ("failed", sample::failed()),
        ("invalid", sample::invalid()),
        ("partial", sample::partial()),
    ] {
        let mark = format!("<span class=\"word {word}\">{}</span>", word.to_uppercase());
        assert!(page(&report).contains(&mark), "{word}");
    }
    let mut both = sample::failed();
    both.partial = Some("interrupted".to_owned());
    both.conclude(&sample::thresholds(&[("lost", "== 0")]));
    let page = page(&both);
    assert!(page.contains("FAILED</span> <span class=\"word partial\">PARTIAL</span>"), "failed, and early as well");
}

#[test]
fn what_was_not_measured_has_no_plot() {
    let titles = |report: &LoadReport| -> Vec<String> {
        let page = page(report);
        page.split("<h3>").skip(1).filter_map(|part| Some(part.split_once("</h3>")?.0.to_owned())).collect()
    };
    let all = [
        "Round trips",
        "Round trips by size",
        "Calls a second",
        "Calls in flight",
        "Failures a second",
        "Errors by kind",
        "Connections",
        "Memory",
        "Processor cores",
        "Lag of the harness",
    ];
    assert_eq!(titles(&sample::passed()), all);
    assert_eq!(titles(&sample::listening()), ["Connections", "Memory", "Processor cores", "Lag of the harness"]);
    assert_eq!(titles(&sample::blank()), [""; 0]);
}

/// Every number of every path and place of a page.
fn numbers(page: &str) -> Vec<f64> {
    let mut numbers = Vec::new();
    for part in page.split(" d=\"").skip(1) {
        let path = part.split_once('"').expect("the end of a path").0;
        let words = path.split(|c: char| c.is_ascii_alphabetic() || c == ' ').filter(|word| !word.is_empty());
        numbers.extend(words.map(|word| word.parse::<f64>().unwrap_or_else(|error| panic!("{word}: {error}"))));
    }
    numbers
}

#[test]
fn no_line_leaves_its_plot() {
    for (name, report) in samples() {
        for number in numbers(&body(&page(&report))) {
            assert!((0.0..=1_000.0).contains(&number), "{name}: {number}");
        }
    }
}

#[test]
fn a_run_of_a_day_has_a_page_of_bounded_size() {
    let mut report = sample::passed();
    let many = |at_s: u64| {
        let mut second = Second { at_s, intended: 10, started: 10, ok: 10, ..Second::default() };
        second.round_trip.record(Duration::from_micros(1_000 + at_s));
        second.round_trip.pack();
        second
    };
    report.seconds = (0..1_440).map(|minute| many(minute * 60)).collect();
    report.asked.duration_s = 86_400.0;
    let page = page(&report);
    assert!(page.len() < 400_000, "{} bytes", page.len());
    assert!(page.contains(">8 h</span>"), "its axis is in hours");
}
