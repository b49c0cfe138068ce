//! Entries of the journal as rows of a table.

use std::borrow::Cow;

use crate::desk::history::{HistoryRow, LocalTime};
use crate::ui::kit::bidi;
use crate::ui::kit::table::{Column, TableCell, TableSource};
use crate::ui::kit::theme::Tone;
use crate::ui::text;

/// The columns.
pub(super) const COLUMNS: [Column; 9] = [
    Column::number("entry", "No.", 56.0).unsortable(),
    Column::text("when", "When", 172.0).unsortable(),
    Column::text("who", "Who", 84.0).unsortable(),
    Column::text("state", "State", 76.0).unsortable(),
    Column::text("what", "What", 500.0).unsortable(),
    Column::number("money", "Money", 170.0).unsortable(),
    Column::text("note", "Note", 220.0).unsortable(),
    Column::text("kind", "Kind", 80.0).hidden().unsortable(),
    Column::text("hash", "Hash", 150.0).hidden().unsortable(),
];

/// The rows that fit the filter.
pub(super) struct EntryRows<'a> {
    pub rows: &'a [HistoryRow],
    pub order: &'a [u32],
    pub time: &'a LocalTime,
}

impl EntryRows<'_> {
    pub(super) fn row(&self, row: u64) -> Option<&HistoryRow> {
        self.rows
            .get(*self.order.get(usize::try_from(row).ok()?)? as usize)
    }
}

impl TableSource for EntryRows<'_> {
    fn row_count(&self) -> u64 {
        self.order.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let Some(row) = self.row(row) else {
            return TableCell::default();
        };
        match COLUMNS[column].id {
            "entry" => TableCell::new(row.seq.to_string()),
            "when" => TableCell::new(self.time.show(&row.at)),
            "who" => TableCell::new(bidi::display(&row.who)),
            "state" if row.is_undone => {
                TableCell::new("undone").tone(Tone::Subdued).dot(Tone::Warn)
            }
            "state" => TableCell::new("holds").dot(Tone::Ok),
            "what" => TableCell::new(bidi::display(&row.sentence)).tone(if row.is_undone {
                Tone::Subdued
            } else {
                Tone::Normal
            }),
            "money" => TableCell::new(money(row)),
            "note" => TableCell::new(bidi::display(&row.note)),
            "kind" => TableCell::new(row.kind.word()),
            _ => TableCell::new(row.hash.as_str()).code(),
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let Some(entry) = self.row(row) else {
            return Cow::default();
        };
        match COLUMNS[column].id {
            "when" => entry.at.as_str().into(),
            "who" => entry.who.as_str().into(),
            "what" => entry.sentence.as_str().into(),
            "note" => entry.note.as_str().into(),
            _ => self.cell(row, column).text,
        }
    }
}

/// The money of an entry: one amount, or how many currencies there are.
fn money(row: &HistoryRow) -> String {
    match row.money.as_slice() {
        [] => String::new(),
        [(currency, sum)] => text::money(sum.amount, *currency),
        many => format!("{} currencies", many.len()),
    }
}
