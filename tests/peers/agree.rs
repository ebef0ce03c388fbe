//! Two hubs that follow the contract document to the letter, and have nothing else in common: the variant `as-documented`
//! of our own, and the Python backend. What one of them breaks the other has to break.

use std::collections::BTreeMap;

use crate::{backend, python};

/// Where their verdicts may differ, and why.
const DIFFERENCES: &[(&str, &str)] = &[(
    "CORR-11",
    "python-socketio hands binary attachments over as bytes, which settle the call; our library hands none of a binary event over",
)];

/// Whether a row was judged for certain.
fn is_told(standing: &str) -> bool {
    standing == "held" || standing == "broken"
}

#[test]
fn the_variant_as_documented_and_the_python_backend_keep_and_break_the_same() {
    // As slow as the check of the backend, so that both can tell as much.
    let variant = backend::check(&["--variant", "as-documented", "--time-scale", python::SCALE]);
    assert_eq!(variant.status, Some(1), "{}", variant.stderr);
    let (ours, theirs) = (variant.standings(), python::CHECKED.standings());
    let both: BTreeMap<_, _> = ours
        .iter()
        .filter_map(|(id, ours)| Some((id.as_str(), (ours.as_str(), theirs.get(id)?.as_str()))))
        .filter(|(_, (ours, theirs))| is_told(ours) && is_told(theirs))
        .collect();
    let differ: Vec<_> = both.iter().filter(|(_, (ours, theirs))| ours != theirs).collect();
    let differing: Vec<&str> = differ.iter().map(|(id, _)| **id).collect();
    let listed: Vec<&str> = DIFFERENCES.iter().map(|(id, _)| *id).collect();
    assert_eq!(
        differing, listed,
        "verdicts of the variant and of the Python backend: {differ:?}; listed: {DIFFERENCES:?}"
    );
    // Those that do not depend on how busy the machine is.
    for broken in ["CORR-3", "CORR-4", "CORR-5", "ERR-7", "ERR-8", "ISO-7", "ISO-10"] {
        assert_eq!(both.get(broken), Some(&("broken", "broken")), "{broken}");
    }
}
