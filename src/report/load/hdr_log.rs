//! The interval log that the tools of HdrHistogram read: round trips from their intended start, in microseconds, a line for each second.
//! The longest of each line is in milliseconds, as the log's header says.

use std::io::{self, Write};
use std::time::Duration;

use hdrhistogram::Histogram;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, IntervalLogWriterError};

use crate::figures::LoadReport;

/// Writes the log.
///
/// # Errors
/// If it cannot be written.
pub fn write(mut out: impl Write, report: &LoadReport) -> io::Result<()> {
    // These two lines come from here, as the library's want a clock's time, and a core has no clock.
    writeln!(out, "#[Histogram log format version 1.3]")?;
    let started = if report.started_unix_s.is_finite() { report.started_unix_s } else { 0.0 };
    writeln!(out, "#[StartTime: {started:.3} (seconds since epoch)]")?;
    writeln!(out, "#[BaseTime: {started:.3} (seconds since epoch)]")?;
    let mut serializer = V2DeflateSerializer::new();
    let mut log = IntervalLogWriterBuilder::new();
    let name = report.profile.replace(char::is_control, " ");
    log.add_comment(&format!(
        "hubproof {} load {name}: round trips from the intended start, in microseconds",
        report.hubproof
    ));
    log.with_max_value_divisor(1_000.0);
    let mut log = log.begin_log_with(&mut out, &mut serializer)?;
    let none = Histogram::new(3).map_err(io::Error::other)?;
    for second in &report.seconds {
        let histogram = second.round_trip.histogram();
        let histogram = histogram.as_deref().unwrap_or(&none);
        let written = log.write_histogram(histogram, Duration::from_secs(second.at_s), Duration::from_secs(1), None);
        written.map_err(|error| match error {
            IntervalLogWriterError::IoError(error) => error,
            IntervalLogWriterError::SerializeError(error) => io::Error::other(error),
        })?;
    }
    drop(log);
    out.flush()
}
