//! The whole run as one JSON document, and back. `docs/load-outputs.md` says what stands in it.

use std::io::Write;

use crate::figures::{LoadReport, SCHEMA};

/// Why a text is no document of a run.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is no JSON, or not of this shape.
    #[error("it is no report of hubproof load: {0}")]
    Shape(#[from] serde_json::Error),
    /// It is of another version.
    #[error("it is a report of version {0}, and this hubproof reads version {SCHEMA}")]
    Schema(u64),
}

/// Writes the document, with a line feed at its end.
///
/// # Errors
/// If it cannot be written.
pub fn write(mut out: impl Write, report: &LoadReport) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut out, report)?;
    writeln!(out)?;
    out.flush()
}

/// Reads a document.
///
/// # Errors
/// If it is no JSON, not of this shape, or of another version.
pub fn read(text: &str) -> Result<LoadReport, DocumentError> {
    #[derive(serde::Deserialize)]
    struct Version {
        schema: u64,
    }
    let Version { schema } = serde_json::from_str(text)?;
    if schema != u64::from(SCHEMA) {
        return Err(DocumentError::Schema(schema));
    }
    Ok(serde_json::from_str(text)?)
}
