//! Where the figures go.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::cli::Failure;
use crate::cli::hub::address;
use crate::figures::LoadReport;
use crate::report::load::{hdr_log, html, json, openmetrics};

/// Where the figures go beside stdout.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Where the figures go")]
pub(super) struct Files {
    /// Write the report to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the report to this file, as one HTML page with plots.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the final figures to this file, as OpenMetrics text.
    #[arg(long, value_name = "FILE")]
    openmetrics: Option<PathBuf>,
    /// Write the round trips of each second to this file, as an HDR histogram interval log.
    #[arg(long, value_name = "FILE")]
    hdr: Option<PathBuf>,
}

/// Where they go while the run goes on.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Where the figures go")]
pub(super) struct Running {
    /// Write a line for each second to this file as it passes, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(super) ndjson: Option<PathBuf>,
    /// Serve the figures as they stand at /metrics here, as OpenMetrics text; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(super) metrics_listen: Option<SocketAddr>,
}

/// A file that is open, and left as it was until there is something to write.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) path: PathBuf,
    file: File,
    begun: bool,
}

impl Output {
    /// Opens the file.
    ///
    /// # Errors
    /// [`Failure::Usage`] if it cannot be written.
    fn open(path: &Path) -> Result<Self, Failure> {
        let opened = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        let file = opened.map_err(|error| cannot_write(path, &error))?;
        Ok(Self { path: path.to_owned(), file, begun: false })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.begun {
            self.begun = true;
            // A pipe or a terminal has no length, and is at its beginning.
            if self.file.metadata()?.is_file() {
                self.file.set_len(0)?;
                self.file.seek(SeekFrom::Start(0))?;
            }
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

pub(super) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::Usage(format!("cannot write {}: {error}", path.display()))
}

/// Writes a report in one form.
type Form = fn(&mut dyn Write, &LoadReport) -> io::Result<()>;

/// The files of a run, open before it begins.
pub(super) struct Outputs {
    /// What is written at the end.
    reports: Vec<(Output, Form)>,
    /// What is written each second.
    pub(super) seconds: Option<Output>,
}

impl Outputs {
    /// Opens all of them.
    ///
    /// # Errors
    /// [`Failure::Usage`] if one cannot be written, or two are the same.
    pub(super) fn open(options: &Files, seconds: Option<&Path>) -> Result<Self, Failure> {
        let forms: [(&str, &Option<PathBuf>, Form); 4] = [
            ("--json", &options.json, |out, report| json::write(out, report)),
            ("--html", &options.html, |out, report| html::write(out, report)),
            ("--openmetrics", &options.openmetrics, |out, report| openmetrics::write(out, report)),
            ("--hdr", &options.hdr, |out, report| hdr_log::write(out, report)),
        ];
        let all: Vec<(&str, &Path)> = forms
            .iter()
            .filter_map(|(option, path, _)| Some((*option, path.as_deref()?)))
            .chain(seconds.map(|path| ("--ndjson", path)))
            .collect();
        for (place, (option, path)) in all.iter().enumerate() {
            if let Some((other, _)) = all.iter().take(place).find(|(_, other)| other == path) {
                let path = path.display();
                return Err(Failure::Usage(format!("{other} and {option} both write {path}: give each its own file")));
            }
        }
        let mut reports = Vec::new();
        for (_, path, form) in forms {
            if let Some(path) = path {
                reports.push((Output::open(path)?, form));
            }
        }
        Ok(Self { reports, seconds: seconds.map(Output::open).transpose()? })
    }

    /// Writes the report to every file.
    ///
    /// # Errors
    /// [`Failure::Usage`] if one of them fails; the others are written all the same.
    pub(super) fn write(&mut self, report: &LoadReport) -> Result<(), Failure> {
        let mut done = Ok(());
        for (output, form) in &mut self.reports {
            // In one piece: forms write little by little.
            let mut bytes = Vec::new();
            let written = form(&mut bytes, report).and_then(|()| output.write_all(&bytes));
            done = done.and(written.map_err(|error| cannot_write(&output.path, &error)));
        }
        done
    }
}
