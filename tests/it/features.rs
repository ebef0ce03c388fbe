//! The built-in features against the reference hub.

use std::path::Path;

use hubproof::gherkin::snapshots;
use hubproof::report::Status;

use crate::support::{cases, config, run_sim};

#[test]
fn every_scenario_holds_in_virtual_time_and_leaves_its_recorded_transcript() {
    let cases = cases();
    let ends = run_sim(&cases, &config(1, None));
    assert_eq!(ends.len(), cases.len());
    for (case, (end, _)) in cases.iter().zip(&ends) {
        let text = end.transcript.text();
        assert_eq!(
            end.status,
            Status::Held,
            "{} {:?} {:#?}\n{text}",
            end.address,
            end.stopped_at,
            end.broken().collect::<Vec<_>>()
        );
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("features")
            .join(snapshots::path(case));
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(path.parent().expect("a transcript lies in a folder"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_input_file(case.place.split(':').next().unwrap_or_default());
        settings.bind(|| insta::assert_snapshot!(case.address.clone(), text));
    }
}
