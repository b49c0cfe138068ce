//! The small tables: exceptions, payouts, quarantine.

use std::io::{self, Write};

use super::guarded;
use crate::ident::Currency;
use crate::matching::Why;
use crate::money::Amount;
use crate::payout::Payable;
use crate::review::ItemCode;
use crate::statement::quarantine::Quarantined;

/// One line of the exceptions: an item that is not matched, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionLine {
    /// Why; the status follows from it.
    pub why: Why,
    /// ISRC, normalized when it can be read.
    pub isrc: String,
    /// Digits of the UPC when it can be read, else as reported.
    pub upc: String,
    /// Title as reported.
    pub title: String,
    /// Artist as reported.
    pub artist: String,
    /// Label as reported.
    pub label: String,
    /// DSP.
    pub dsp: String,
    /// Rows.
    pub rows: u64,
    /// Units.
    pub quantity: Amount,
    /// Money.
    pub amount: Amount,
    /// Currency.
    pub currency: Currency,
    /// Ids of candidate tracks.
    pub candidates: Vec<String>,
    /// The item's code, by which decisions name it.
    pub item: ItemCode,
}

impl ExceptionLine {
    fn sort_key(&self) -> impl Ord + '_ {
        (
            std::cmp::Reverse(self.amount.magnitude()),
            self.currency,
            self.why.status().code(),
            self.why.code(),
            (
                &self.isrc,
                &self.upc,
                &self.title,
                &self.artist,
                &self.label,
                &self.dsp,
            ),
            self.item,
            (self.rows, self.quantity, self.amount),
        )
    }
}

/// Columns of exceptions.csv.
pub const EXCEPTION_COLUMNS: [&str; 14] = [
    "status",
    "reason",
    "isrc",
    "upc",
    "title",
    "artist",
    "label",
    "dsp",
    "rows",
    "quantity",
    "amount",
    "currency",
    "candidates",
    "item",
];
/// Columns of payouts.csv.
pub const PAYOUT_COLUMNS: [&str; 6] = [
    "payee",
    "currency",
    "rows",
    "quantity",
    "exact_amount",
    "payable_amount",
];
/// Columns of quarantine.csv.
pub const QUARANTINE_COLUMNS: [&str; 8] = [
    "file",
    "row",
    "line",
    "byte_offset",
    "column",
    "reason",
    "detail",
    "raw",
];

/// Writes exceptions.csv, most money first (by size, whatever the sign).
///
/// # Errors
/// The error of the writer.
pub fn write_exceptions(out: &mut impl Write, mut lines: Vec<ExceptionLine>) -> io::Result<()> {
    lines.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    let mut csv = writer(out);
    csv.write_record(EXCEPTION_COLUMNS)?;
    for line in &lines {
        csv.write_record([
            line.why.status().code(),
            line.why.code(),
            &line.isrc,
            &line.upc,
            &guarded(&line.title),
            &guarded(&line.artist),
            &guarded(&line.label),
            &guarded(&line.dsp),
            &line.rows.to_string(),
            &line.quantity.to_string(),
            &line.amount.to_string(),
            line.currency.code(),
            &line.candidates.join(";"),
            &line.item.to_string(),
        ])?;
    }
    csv.flush()
}

/// Writes payouts.csv.
///
/// # Errors
/// The error of the writer.
pub fn write_payouts(out: &mut impl Write, lines: &[Payable]) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record(PAYOUT_COLUMNS)?;
    for line in lines {
        csv.write_record([
            &*guarded(&line.payee),
            line.currency.code(),
            &line.rows.to_string(),
            &line.quantity.to_string(),
            &line.exact.to_string(),
            &line.payable.to_string(),
        ])?;
    }
    csv.flush()
}

/// Writes quarantine.csv for the rows of many files, each with the file's name.
///
/// # Errors
/// The error of the writer.
pub fn write_quarantine<'a>(
    out: &mut impl Write,
    rows: impl Iterator<Item = (&'a str, &'a Quarantined)>,
) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record(QUARANTINE_COLUMNS)?;
    for (file, row) in rows {
        csv.write_record([
            &*guarded(file),
            &row.row_number.to_string(),
            &row.line_number.to_string(),
            &row.byte_offset.to_string(),
            &*guarded(&row.column),
            row.reason.code(),
            &row.detail,
            &*guarded(&row.raw),
        ])?;
    }
    csv.flush()
}

/// One entry of the journal, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Number of the entry.
    pub seq: u64,
    /// When, in UTC.
    pub at: String,
    /// Who.
    pub who: String,
    /// What kind of entry.
    pub kind: &'static str,
    /// What it did, in a sentence.
    pub what: String,
    /// Why.
    pub note: String,
    /// Whether it is undone now.
    pub is_undone: bool,
    /// Its hash.
    pub hash: String,
}

/// Writes the entries of a journal.
///
/// # Errors
/// The error of the writer.
pub fn write_log(out: &mut impl Write, lines: impl Iterator<Item = LogLine>) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record([
        "entry", "at", "who", "kind", "what", "note", "undone", "hash",
    ])?;
    for line in lines {
        let undone = if line.is_undone { "yes" } else { "no" };
        let seq = line.seq.to_string();
        let who = guarded(&line.who);
        let what = guarded(&line.what);
        let note = guarded(&line.note);
        csv.write_record([
            &seq, &line.at, &*who, line.kind, &*what, &*note, undone, &line.hash,
        ])?;
    }
    csv.flush()
}

/// Writes a table of cells that are texts already; those that come from reports must be guarded (see [`guarded`]).
///
/// # Errors
/// The error of the writer.
pub fn write_table<R: IntoIterator<Item = String>>(
    out: &mut impl Write,
    header: &[&str],
    rows: impl Iterator<Item = R>,
) -> io::Result<()> {
    let header: Vec<String> = header.iter().map(ToString::to_string).collect();
    write_rows(
        out,
        std::iter::once(header).chain(rows.map(|row| row.into_iter().collect())),
    )
}

/// The same for rows that have their header as the first.
///
/// # Errors
/// The error of the writer.
pub fn write_rows<R: IntoIterator<Item = String>>(
    out: &mut impl Write,
    rows: impl Iterator<Item = R>,
) -> io::Result<()> {
    let mut csv = writer(out);
    for row in rows {
        csv.write_record(row.into_iter().map(String::into_bytes))?;
    }
    csv.flush()
}

pub(super) fn writer<W: Write>(out: W) -> csv::Writer<W> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(out)
}
