//! Rows that have been read as rows of a table: what each is, what became of it, and the file's own columns.

use std::collections::HashMap;
use std::ops::Range;

use super::reader::{Window, fault_of};
use crate::desk::Desk;
use crate::desk::rows::{RecordRow, RowHit, RowKind};
use crate::ui::kit::numbers;
use crate::ui::kit::table::{Column, TableCell, TableSource};
use crate::ui::kit::theme::Tone;
use crate::ui::text;

/// What a column shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowPart {
    Statement,
    Row,
    Kind,
    Outcome,
    Reason,
    Track,
    Payee,
    Territory,
    Period,
    Usage,
    Units,
    Amount,
    Currency,
    /// A cell of the row.
    Cell(usize),
    /// All cells in one.
    Whole,
}

/// The columns of one header.
pub(super) struct RowColumns {
    pub declared: Vec<Column>,
    pub parts: Vec<RowPart>,
    pub sticky: usize,
}

/// Names of columns are kept for as long as the program runs, each once: a table wants them to last.
#[derive(Default)]
pub(super) struct RowTitles {
    known: HashMap<String, &'static str>,
}

impl RowTitles {
    fn lasting(&mut self, text: &str) -> &'static str {
        if let Some(known) = self.known.get(text) {
            return known;
        }
        let lasting: &'static str = Box::leak(text.to_owned().into_boxed_str());
        self.known.insert(text.to_owned(), lasting);
        lasting
    }

    /// The columns of rows with this header; hits have their statement in front, and what was read of them.
    pub(super) fn columns(&mut self, header: &[String], is_hits: bool) -> RowColumns {
        let mut columns = RowColumns {
            declared: Vec::new(),
            parts: Vec::new(),
            sticky: if is_hits { 2 } else { 1 },
        };
        let mut push = |part: RowPart, column: Column| {
            columns.parts.push(part);
            columns.declared.push(column.unsortable());
        };
        if is_hits {
            push(
                RowPart::Statement,
                Column::text("statement", "Statement", 190.0),
            );
        }
        push(RowPart::Row, Column::number("row", "Row", 112.0));
        push(RowPart::Kind, Column::text("kind", "What it is", 104.0));
        push(RowPart::Outcome, Column::text("outcome", "Status", 104.0));
        push(RowPart::Reason, Column::text("reason", "Reason", 130.0));
        push(RowPart::Track, Column::text("track", "Track", 110.0));
        push(RowPart::Payee, Column::text("payee", "Payee", 130.0));
        let read = [
            (
                RowPart::Territory,
                Column::text("territory", "Read territory", 100.0),
            ),
            (RowPart::Period, Column::text("period", "Read period", 90.0)),
            (RowPart::Usage, Column::text("usage", "Read usage", 110.0)),
            (RowPart::Units, Column::number("units", "Read units", 84.0)),
            (
                RowPart::Amount,
                Column::number("amount", "Read amount", 120.0),
            ),
            (RowPart::Currency, Column::text("currency", "Cur.", 44.0)),
        ];
        for (part, column) in read {
            push(part, if is_hits { column } else { column.hidden() });
        }
        if is_hits && header.is_empty() {
            push(
                RowPart::Whole,
                Column::text("whole", "As it stands in the file", 900.0),
            );
        }
        for (index, name) in header.iter().enumerate() {
            let id = self.lasting(&format!("file {index} {name}"));
            let title = self.lasting(if name.is_empty() { "(no name)" } else { name });
            push(
                RowPart::Cell(index),
                Column {
                    id,
                    title,
                    ..Column::text("", "", width_of(name))
                },
            );
        }
        columns
    }
}

/// Names are mostly as long as what stands below them.
fn width_of(name: &str) -> f32 {
    let letters = u16::try_from(name.chars().count().clamp(14, 26)).unwrap_or(26);
    f32::from(letters) * 7.5 + 16.0
}

/// The rows of a window in a table of all.
pub(super) struct ShownRows<'a> {
    pub window: &'a Window,
    pub desk: &'a Desk,
    pub columns: &'a RowColumns,
    pub total: u64,
    pub in_view: &'a mut Range<u64>,
}

impl ShownRows<'_> {
    fn outcome(&self, hit: &RowHit, part: RowPart) -> TableCell<'static> {
        let line = match &hit.row.kind {
            RowKind::Record(record) => record.place.map(|(_, line)| line),
            _ => None,
        };
        let Some(line) = line.filter(|line| (*line as usize) < self.desk.lines().len()) else {
            return TableCell::default();
        };
        let status = self.desk.status(line);
        match part {
            RowPart::Outcome => {
                let shown = super::super::status_of(status);
                TableCell::new(shown.word.to_owned()).dot(shown.tone)
            }
            RowPart::Reason => TableCell::new(self.desk.why(line).code()).tone(Tone::Subdued),
            RowPart::Track if status == crate::matching::Status::Matched => {
                TableCell::new(self.desk.track_ids(line).join(";")).code()
            }
            RowPart::Payee => TableCell::new(self.desk.payees(line).join(";")),
            _ => TableCell::default(),
        }
    }

    fn file_cell<'h>(&self, hit: &'h RowHit, column: usize) -> TableCell<'h> {
        let text = hit
            .row
            .cells
            .get(column)
            .map(String::as_str)
            .unwrap_or_default();
        if fault_of(hit) == Some(column) {
            let shown = if text.trim().is_empty() {
                "✗ (empty)".to_owned()
            } else {
                format!("✗ {text}")
            };
            return TableCell::new(shown).tone(Tone::Err);
        }
        let quiet = !matches!(hit.row.kind, RowKind::Record(_) | RowKind::Quarantined(_));
        TableCell::new(text).tone(if quiet { Tone::Subdued } else { Tone::Normal })
    }
}

fn read_cell<'h>(record: &'h RecordRow, part: RowPart) -> TableCell<'h> {
    match part {
        RowPart::Territory => TableCell::new(record.territory.as_str()),
        RowPart::Period => TableCell::new(record.period.to_string()),
        RowPart::Usage => TableCell::new(record.usage.as_str()),
        RowPart::Units => TableCell::new(text::exact(record.quantity)),
        RowPart::Amount => TableCell::new(text::exact(record.amount)),
        _ => TableCell::new(record.currency.code()),
    }
}

fn kind_cell(kind: &RowKind) -> TableCell<'static> {
    let cell = TableCell::new(kind.word());
    match kind {
        RowKind::Quarantined(_) => cell.dot(Tone::Err),
        RowKind::Record(_) => cell,
        _ => cell.tone(Tone::Subdued),
    }
}

impl TableSource for ShownRows<'_> {
    fn row_count(&self) -> u64 {
        self.total
    }

    fn prepare(&mut self, rows: Range<u64>) {
        *self.in_view = rows;
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let part = self.columns.parts[column];
        let Some(hit) = self.window.row(row) else {
            return if part == RowPart::Row && self.columns.sticky == 1 {
                TableCell::new(numbers::count(row + 1)).tone(Tone::Subdued)
            } else {
                TableCell::new("…").tone(Tone::Subdued)
            };
        };
        match (part, &hit.row.kind) {
            (RowPart::Statement, _) => TableCell::new(
                self.desk
                    .statements()
                    .get(hit.statement as usize)
                    .map_or("", |s| s.record.name.as_str()),
            ),
            (RowPart::Row, _) => {
                TableCell::new(numbers::count(hit.row.row_number)).tone(Tone::Subdued)
            }
            (RowPart::Kind, kind) => kind_cell(kind),
            (RowPart::Cell(place), _) => self.file_cell(hit, place),
            (RowPart::Whole, _) => TableCell::new(hit.row.cells.join("  |  ")).code(),
            (RowPart::Reason, RowKind::Quarantined(bad)) => {
                TableCell::new(bad.detail.as_str()).tone(Tone::Err)
            }
            (RowPart::Amount, RowKind::Quarantined(bad)) if !bad.amount.is_zero() => {
                TableCell::new(text::exact(bad.amount))
            }
            (RowPart::Outcome | RowPart::Reason | RowPart::Track | RowPart::Payee, _) => {
                self.outcome(hit, part)
            }
            (_, RowKind::Record(record)) => read_cell(record, part),
            _ => TableCell::default(),
        }
    }
}
