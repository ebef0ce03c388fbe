//! `hubproof load merge`: several runs as one.

use std::path::PathBuf;

use super::Format;
use super::outputs::{self, Outputs};
use super::told::write_whole;
use crate::cli::Failure;
use crate::cli::check::again::quoted;
use crate::figures::LoadReport;
use crate::figures::merge::merge;
use crate::report::load::{exit_code, json};

/// Add up several runs of one scenario against one target: from several machines at the same time, or one after another.
/// Thresholds are judged anew.
#[derive(Debug, clap::Args)]
#[command(next_line_help = false)]
pub(super) struct Arguments {
    /// Reports that `hubproof load --json FILE` has written.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    outputs: outputs::Files,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = Format::Text, help_heading = "Where the figures go")]
    format: Format,
}

/// Adds them up.
///
/// # Errors
/// [`Failure::Usage`] if a file is no report, or they do not belong together.
pub(super) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let reports: Vec<LoadReport> = arguments.files.iter().map(read).collect::<Result<_, _>>()?;
    let files: Vec<String> = arguments.files.iter().map(|file| quoted(&file.display().to_string())).collect();
    let whole = merge(&reports, format!("hubproof load merge {}", files.join(" "))).map_err(|error| {
        let runs = files.iter().enumerate().map(|(place, file)| format!("run {} is {file}", place + 1));
        Failure::Usage(format!("{error} ({})", runs.collect::<Vec<_>>().join(", ")))
    })?;
    let mut outputs = Outputs::open(&arguments.outputs, None)?;
    let written = outputs.write(&whole);
    write_whole(arguments.format, &whole)?;
    written?;
    Ok(exit_code(&whole.result))
}

fn read(file: &PathBuf) -> Result<LoadReport, Failure> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| Failure::Usage(format!("cannot read {}: {error}", file.display())))?;
    json::read(&text).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))
}
