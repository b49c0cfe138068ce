//! Statements as rows of a table.

use std::borrow::Cow;
use std::sync::Arc;

use crate::contents::StatementRecord;
use crate::desk::{Desk, Loaded};
use crate::ident::Currency;
use crate::matching::Status;
use crate::payout::Totals;
use crate::ui::kit::numbers;
use crate::ui::kit::table::{Column, TableCell, TableSource};
use crate::ui::kit::theme::Tone;
use crate::ui::text;

/// The columns, in the order in which they are declared.
pub(super) const COLUMNS: [Column; 12] = [
    Column::text("file", "File", 190.0).unsortable(),
    Column::text("sender", "Sender", 104.0).unsortable(),
    Column::number("rows", "Rows", 64.0).unsortable(),
    Column::number("reported", "Reported", 112.0).unsortable(),
    Column::text("matched", "Matched", 70.0).unsortable(),
    Column::number("waiting", "Waiting", 66.0).unsortable(),
    Column::number("quarantined", "Quarantined", 90.0).unsortable(),
    Column::text("controls", "Control totals", 98.0).unsortable(),
    Column::text("lines", "Line ledger", 98.0).unsortable(),
    Column::text("period", "Sale period", 188.0).unsortable(),
    Column::text("layout", "Layout", 180.0).unsortable(),
    Column::text("added", "Added (UTC)", 132.0).unsortable(),
];

/// All statements of a desk.
pub(super) struct StatementRows {
    pub desk: Arc<Desk>,
    pub totals: Option<Arc<Vec<Totals>>>,
}

/// Rows of a statement by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct StatusShares {
    pub matched: u64,
    pub waiting: u64,
    pub quarantined: u64,
    pub ignored: u64,
}

impl StatusShares {
    pub(super) fn of(totals: &Totals) -> Self {
        let mut shares = Self::default();
        for ((_, status), total) in totals {
            *match status {
                Status::Matched => &mut shares.matched,
                Status::Ignored => &mut shares.ignored,
                Status::Quarantined => &mut shares.quarantined,
                Status::Ambiguous | Status::Unmatched | Status::Held => &mut shares.waiting,
            } += total.rows;
        }
        shares
    }

    pub(super) fn all(self) -> u64 {
        self.matched + self.waiting + self.quarantined + self.ignored
    }
}

/// What the control totals of a file come to.
pub(super) fn controls_of(record: &StatementRecord) -> (&'static str, Tone) {
    let totals = &record.control_totals;
    if totals.iter().any(|t| t.agrees == Some(false)) {
        ("✗ Disagree", Tone::Err)
    } else if totals.iter().any(|t| t.agrees == Some(true)) {
        ("✓ Agree", Tone::Ok)
    } else {
        ("None stated", Tone::Subdued)
    }
}

/// Reported money by currency. Rows whose currency cannot be read are left out as long as they report no money.
pub(super) fn reported_of(statement: &Loaded) -> Vec<String> {
    let known = statement
        .reported
        .iter()
        .filter(|(currency, total)| *currency != Currency::NONE || !total.amount.is_zero());
    known
        .map(|(currency, total)| text::money(total.amount, *currency))
        .collect()
}

/// The same for one cell: a part of several amounts would look like the whole.
fn reported_cell(statement: &Loaded) -> TableCell<'static> {
    match reported_of(statement).as_slice() {
        [one] => TableCell::new(one.clone()),
        several => TableCell::new(numbers::counted(
            several.len() as u64,
            "currency",
            "currencies",
        ))
        .tone(Tone::Subdued),
    }
}

/// Date and time of an import, to the minute.
pub(super) fn minute(timestamp: &str) -> String {
    timestamp.get(..16).unwrap_or(timestamp).replace('T', " ")
}

impl StatementRows {
    fn shares(&self, row: u64) -> Option<StatusShares> {
        self.totals
            .as_ref()?
            .get(row as usize)
            .map(StatusShares::of)
    }
}

impl TableSource for StatementRows {
    fn row_count(&self) -> u64 {
        self.desk.statements().len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let statement = &self.desk.statements()[row as usize];
        let record = &statement.record;
        let shares = self.shares(row);
        let count = |number: Option<u64>| {
            TableCell::new(number.map_or_else(|| "…".to_owned(), numbers::count))
        };
        match COLUMNS[column].id {
            "file" if !record.accepted.is_empty() => {
                TableCell::new(format!("▲ {}", record.name)).tone(Tone::Warn)
            }
            "file" => TableCell::new(record.name.as_str()),
            "sender" => TableCell::new(if record.sender.is_empty() {
                record.dsp.as_str()
            } else {
                record.sender.as_str()
            }),
            "layout" => TableCell::new(record.layout_name.as_str()),
            "period" => TableCell::new(record.sale_period.as_str()),
            "rows" => TableCell::new(numbers::count(record.records)),
            "reported" => reported_cell(statement),
            "matched" => {
                let Some(shares) = shares else {
                    return TableCell::new("…");
                };
                let permille = numbers::permille(shares.matched + shares.ignored, shares.all());
                TableCell::new(numbers::percent(permille)).bar(permille, Tone::Ok)
            }
            "waiting" => {
                let waiting = shares.map(|s| s.waiting);
                count(waiting).tone(if waiting == Some(0) {
                    Tone::Subdued
                } else {
                    Tone::Warn
                })
            }
            "quarantined" => {
                let bad = statement.quarantine.len() as u64;
                count(Some(bad)).tone(if bad == 0 { Tone::Subdued } else { Tone::Err })
            }
            "controls" => {
                let (word, tone) = controls_of(record);
                TableCell::new(word).tone(tone)
            }
            "lines" if record.ledger.ties_out() => TableCell::new("✓ Ties out").tone(Tone::Ok),
            "lines" => TableCell::new("✗ Does not tie out").tone(Tone::Err),
            _ => TableCell::new(minute(&record.imported_at)),
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let statement = &self.desk.statements()[row as usize];
        match COLUMNS[column].id {
            "file" => statement.record.name.as_str().into(),
            "rows" => statement.record.records.to_string().into(),
            "reported" => {
                let sums = statement
                    .reported
                    .iter()
                    .map(|(currency, total)| format!("{} {}", total.amount, currency.code()));
                sums.collect::<Vec<_>>().join(" ").into()
            }
            _ => self.cell(row, column).text,
        }
    }
}
