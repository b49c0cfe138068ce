//! Statements of payees: a CSV with every digit and every cell, and a PDF for people.

mod csv;
mod names;
mod sheet;
mod words;

use crate::account::{PayeeStatement, Titles};

pub use csv::{INDEX_COLUMNS, STATEMENT_COLUMNS, statement_csv, write_statement_index};
pub use names::statement_stems;

/// What stands on statements that no settlement knows.
#[derive(Debug, Clone, Default)]
pub struct Letterhead {
    /// Who sends them; empty when it is not known.
    pub sender: String,
    /// Names of tracks and releases.
    pub titles: Titles,
}

/// The PDF of a statement. `csv_name` is the file that has every digit.
///
/// # Errors
/// [`AmountOverflow`](crate::money::AmountOverflow) when a sum leaves the exact range.
pub fn statement_pdf(
    statement: &PayeeStatement<'_>,
    letterhead: &Letterhead,
    csv_name: &str,
) -> Result<Vec<u8>, crate::money::AmountOverflow> {
    Ok(super::paper::pdf(&statement_sheet(
        statement, letterhead, csv_name,
    )?))
}

/// What stands in the PDF of a statement, block by block.
///
/// # Errors
/// [`AmountOverflow`](crate::money::AmountOverflow) when a sum leaves the exact range.
pub fn statement_sheet(
    statement: &PayeeStatement<'_>,
    letterhead: &Letterhead,
    csv_name: &str,
) -> Result<super::paper::Sheet, crate::money::AmountOverflow> {
    sheet::sheet(statement, letterhead, csv_name)
}
