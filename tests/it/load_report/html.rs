//! The page, looked at by eye from target/load-report/*.html, and by test for what no eye would notice.

use hubproof::report::load::html::page;

use super::sample;

#[test]
fn pages() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/load-report");
    std::fs::create_dir_all(&folder).expect("a folder");
    let all = [
        ("passed", sample::passed()),
        ("failed", sample::failed()),
        ("invalid", sample::invalid()),
        ("partial", sample::partial()),
        ("listening", sample::listening()),
        ("blank", sample::blank()),
    ];
    for (name, report) in all {
        std::fs::write(folder.join(name).with_extension("html"), page(&report)).expect("written");
        let mut table = Vec::new();
        for width in [60, 100, 200] {
            hubproof::report::load::table::write(&mut table, &report, Some(width)).expect("written");
        }
        std::fs::write(folder.join(name).with_extension("txt"), table).expect("written");
    }
}
