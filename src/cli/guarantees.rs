//! `hubproof guarantees`: the catalogue.

use std::fmt::Write as _;

use clap::ValueEnum;

use super::Failure;
use crate::contract::catalogue::CATALOGUE;
use crate::contract::guarantee::{Area, Guarantee, GuaranteeId};
use crate::report::summary::exit;

/// Print the guarantees: what a hub promises, how binding it is, and where it comes from.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this one, such as CORR-7.
    #[arg(value_name = "ID")]
    id: Option<GuaranteeId>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// How the catalogue is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One line each; everything of a single one.
    Table,
    /// An array of objects, or one object.
    Json,
    /// A document.
    Markdown,
}

/// Prints the catalogue.
///
/// # Errors
/// [`Failure::Usage`] if stdout cannot be written to.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let only = arguments.id.and_then(GuaranteeId::guarantee);
    let text = match (arguments.format, only) {
        (Format::Table, Some(row)) => whole(row),
        (Format::Table, None) => CATALOGUE
            .iter()
            .fold(String::new(), |text, row| format!("{text}{:<8} {:<11} {}\n", row.id, row.level.name(), row.promise)),
        (Format::Json, Some(row)) => json(row)?,
        (Format::Json, None) => json(CATALOGUE)?,
        (Format::Markdown, Some(row)) => format!("{HEAD}{}", markdown_row(row)),
        (Format::Markdown, None) => markdown(),
    };
    super::write_result(&text)?;
    Ok(exit::HELD)
}

fn json(rows: &(impl serde::Serialize + ?Sized)) -> Result<String, Failure> {
    serde_json::to_string_pretty(rows).map(|text| text + "\n").map_err(|error| Failure::Fault(error.to_string()))
}

fn whole(row: &Guarantee) -> String {
    let source = if row.source.is_empty() { "incidents of such systems" } else { row.source };
    format!("{} ({})\n  {}\n  seen as: {}\n  source:  {source}\n", row.id, row.level.name(), row.promise, row.seen)
}

const HEAD: &str = "| id | level | the promise | seen from outside as | source |\n|---|---|---|---|---|\n";

fn markdown_row(row: &Guarantee) -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let cells = [row.level.name(), row.promise, row.seen, row.source].map(cell);
    format!("| {} | {} |\n", row.id, cells.join(" | "))
}

/// The whole catalogue as a document: `docs/guarantees.md`.
#[must_use]
pub fn markdown() -> String {
    let mut text = "# The guarantees\n\n\
        Printed by `hubproof guarantees --format markdown`. Documented and derived guarantees gate; hardening is reported, and \
        gates under `--strict`; figures are measured and shown.\n"
        .to_owned();
    for area in Area::ALL {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n## {}: {}\n\n{HEAD}", area.code(), area.title());
        for row in CATALOGUE.iter().filter(|row| row.id.area == area) {
            text.push_str(&markdown_row(row));
        }
    }
    text
}
