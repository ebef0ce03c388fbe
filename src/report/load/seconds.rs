//! NDJSON: each second as one line, as soon as it is over.

use std::io::Write;

use super::LoadListener;
use crate::figures::{LoadReport, Second};

/// Writes each second to a stream.
pub struct SecondLines<W: Write> {
    out: W,
    failed: Option<std::io::Error>,
}

impl<W: Write> SecondLines<W> {
    /// To this stream.
    pub const fn new(out: W) -> Self {
        Self { out, failed: None }
    }

    /// Why not all of them could be written, if so: the first that went wrong.
    pub fn failed(&mut self) -> Option<std::io::Error> {
        self.failed.take()
    }

    fn write(&mut self, second: &Second) -> std::io::Result<()> {
        serde_json::to_writer(&mut self.out, second)?;
        writeln!(self.out)?;
        self.out.flush()
    }
}

impl<W: Write> LoadListener for SecondLines<W> {
    fn begins(&mut self, _: &LoadReport) {}

    fn second(&mut self, _: &LoadReport, second: &Second) {
        if self.failed.is_none() {
            self.failed = self.write(second).err();
        }
    }

    fn ends(&mut self, _: &LoadReport) {}
}

/// Writes the seconds of a run that is over.
///
/// # Errors
/// If they cannot be written.
pub fn write(mut out: impl Write, report: &LoadReport) -> std::io::Result<()> {
    for second in &report.seconds {
        serde_json::to_writer(&mut out, second)?;
        writeln!(out)?;
    }
    out.flush()
}
