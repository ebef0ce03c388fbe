//! Documents that are generated are what the program prints.

use std::path::Path;

#[test]
fn the_document_of_guarantees_is_the_printed_catalogue() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guarantees.md");
    let document = std::fs::read_to_string(path).expect("docs/guarantees.md is there");
    let printed = hubproof::cli::guarantees::markdown();
    assert_eq!(document, printed, "run: cargo run -- guarantees --format markdown > docs/guarantees.md");
}
