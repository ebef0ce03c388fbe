//! Who is told of a run while it goes on, and at its end.

use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use super::Format;
use super::outputs::{Output, Outputs, cannot_write};
use crate::cli::Failure;
use crate::figures::{LoadReport, Second};
use crate::live::MetricsServer;
use crate::report::load::lines::Lines;
use crate::report::load::live::LiveView;
use crate::report::load::metrics::Metrics;
use crate::report::load::seconds::{self, SecondLines};
use crate::report::load::{LoadListener, exit_code, json, openmetrics, table};

/// Where there is no terminal, a line stands for so many seconds.
const EVERY: u64 = 5;

/// Passes on what a run tells.
pub(super) struct Told {
    format: Format,
    /// What is seen on stdout while the run goes on.
    seen: Option<Box<dyn LoadListener>>,
    seconds: Option<(PathBuf, SecondLines<Output>)>,
    metrics: Option<(Metrics, MetricsServer)>,
    outputs: Outputs,
}

impl Told {
    /// Needs a tokio runtime.
    ///
    /// # Errors
    /// [`Failure::Usage`] if the figures cannot be served there.
    pub(super) fn new(format: Format, mut outputs: Outputs, serve: Option<SocketAddr>) -> Result<Self, Failure> {
        let seen: Option<Box<dyn LoadListener>> = match (format, width()) {
            (Format::Json, _) => None,
            (Format::Ndjson, _) => Some(Box::new(SecondLines::new(io::stdout()))),
            (Format::Text, Some(width)) => Some(Box::new(LiveView::new(anstream::stdout(), width))),
            (Format::Text, None) => Some(Box::new(Lines::new(anstream::stdout(), EVERY, None))),
        };
        let seconds = outputs.seconds.take().map(|output| (output.path.clone(), SecondLines::new(output)));
        let metrics = serve.map(served).transpose()?;
        Ok(Self { format, seen, seconds, metrics, outputs })
    }

    /// Writes everything that is for the end; the exit code.
    ///
    /// # Errors
    /// [`Failure::Usage`] if something cannot be written.
    pub(super) fn ended(mut self, report: &LoadReport) -> Result<u8, Failure> {
        let seconds = self.seconds.as_mut().and_then(|(path, lines)| Some(cannot_write(path, &lines.failed()?)));
        let written = self.outputs.write(report).and(seconds.map_or(Ok(()), Err));
        write(self.format, report)?;
        written?;
        Ok(exit_code(&report.result))
    }
}

/// Writes the end of a run, or of a sum of several, to stdout. The seconds of a run have been there as they passed.
fn write(format: Format, report: &LoadReport) -> Result<(), Failure> {
    let mut text = Vec::new();
    let done = match format {
        Format::Text => table::write(&mut text, report, width()),
        Format::Json => json::write(&mut text, report),
        Format::Ndjson => Ok(()),
    };
    done.map_err(|error| Failure::Fault(error.to_string()))?;
    crate::cli::write_result(&String::from_utf8_lossy(&text))
}

/// The same for a report whose seconds have passed long ago.
///
/// # Errors
/// [`Failure::Usage`] if stdout cannot be written to.
pub(super) fn write_whole(format: Format, report: &LoadReport) -> Result<(), Failure> {
    if format == Format::Ndjson {
        let mut text = Vec::new();
        seconds::write(&mut text, report).map_err(|error| Failure::Fault(error.to_string()))?;
        return crate::cli::write_result(&String::from_utf8_lossy(&text));
    }
    write(format, report)
}

/// The columns of the terminal that stdout is, if it is one.
fn width() -> Option<usize> {
    let size = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    size.map(|(width, _)| usize::from(width.0))
}

/// Serves figures as they stand.
fn served(address: SocketAddr) -> Result<(Metrics, MetricsServer), Failure> {
    let figures = Metrics::new();
    let shared = figures.clone();
    let server = MetricsServer::start(address, openmetrics::CONTENT_TYPE, move || shared.text())
        .map_err(|error| Failure::Usage(format!("--metrics-listen: {error}")))?;
    // Nobody has to read where it listens.
    let _ = writeln!(io::stderr(), "hubproof: metrics at http://{}/metrics", server.address());
    Ok((figures, server))
}

impl LoadListener for Told {
    fn begins(&mut self, report: &LoadReport) {
        self.each(|listener| listener.begins(report));
    }

    fn second(&mut self, report: &LoadReport, second: &Second) {
        self.each(|listener| listener.second(report, second));
    }

    fn ends(&mut self, report: &LoadReport) {
        self.each(|listener| listener.ends(report));
    }
}

impl Told {
    fn each(&mut self, tell: impl Fn(&mut dyn LoadListener)) {
        if let Some(seen) = &mut self.seen {
            tell(&mut **seen);
        }
        if let Some((_, seconds)) = &mut self.seconds {
            tell(seconds);
        }
        if let Some((metrics, _)) = &mut self.metrics {
            tell(metrics);
        }
    }
}
