//! Lines of a view as rows of a table.

use std::borrow::Cow;
use std::sync::Arc;

use crate::desk::query::SortKey;
use crate::desk::{Desk, LineId};
use crate::matching::Status;
use crate::statement::item::Field;
use crate::ui::kit::numbers;
use crate::ui::kit::table::{Column, TableCell, TableSource};
use crate::ui::kit::theme::Tone;
use crate::ui::text;

/// The columns, in the order in which they are declared.
pub(super) const COLUMNS: [Column; 18] = [
    Column::text("status", "Status", 104.0),
    Column::number("amount", "Amount", 108.0),
    Column::text("currency", "Cur.", 54.0),
    Column::text("title", "Title", 190.0),
    Column::text("artist", "Artist", 130.0),
    Column::text("isrc", "ISRC", 118.0),
    Column::text("upc", "UPC", 118.0),
    Column::text("dsp", "DSP", 110.0),
    Column::number("rows", "Rows", 76.0),
    Column::number("candidates", "Cand.", 52.0),
    Column::text("label", "Label", 130.0),
    Column::text("reason", "Reason", 130.0),
    Column::number("quantity", "Units", 90.0),
    Column::text("release", "Release", 150.0).hidden(),
    Column::text("version", "Version", 100.0)
        .hidden()
        .unsortable(),
    Column::text("track", "Tracks", 140.0).hidden().unsortable(),
    Column::text("payee", "Payee", 130.0).hidden().unsortable(),
    Column::text("item", "Item", 140.0).hidden().unsortable(),
];

/// By what a click on a column's header sorts.
pub(super) fn sort_key(column: &str) -> Option<SortKey> {
    Some(match column {
        "status" => SortKey::Status,
        "amount" => SortKey::Amount,
        "currency" => SortKey::Currency,
        "title" => SortKey::Title,
        "artist" => SortKey::Artist,
        "isrc" => SortKey::Isrc,
        "upc" => SortKey::Upc,
        "dsp" => SortKey::Dsp,
        "rows" => SortKey::Rows,
        "candidates" => SortKey::Candidates,
        "label" => SortKey::Label,
        "reason" => SortKey::Reason,
        "quantity" => SortKey::Quantity,
        "release" => SortKey::Release,
        _ => return None,
    })
}

/// The rows of a view.
pub(super) struct LineRows {
    pub desk: Arc<Desk>,
    pub rows: Arc<Vec<LineId>>,
}

impl TableSource for LineRows {
    fn row_count(&self) -> u64 {
        self.rows.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let desk = &*self.desk;
        let line = self.rows[row as usize];
        let lines = desk.lines();
        let sum = desk.lines().sum(line);
        let field = |field: Field| TableCell::new(desk.field(line, field));
        match COLUMNS[column].id {
            "status" => {
                let status = desk.status(line);
                TableCell::new(status.code()).dot(status_tone(status))
            }
            "amount" => TableCell::new(text::fine(sum.amount, lines.currency(line))),
            "currency" => TableCell::new(lines.currency(line).code().to_owned()),
            "title" => TableCell::new(super::detail::heading_of(desk, line)),
            "artist" => field(Field::Artist),
            "isrc" => field(Field::Isrc).code(),
            "upc" => field(Field::Upc).code(),
            "dsp" => TableCell::new(lines.dsp(line)),
            "rows" => TableCell::new(numbers::count(sum.rows)),
            "candidates" => TableCell::new(desk.track_ids(line).len().to_string()),
            "label" => field(Field::Label),
            "reason" => TableCell::new(desk.why(line).code()).tone(Tone::Subdued),
            "quantity" => TableCell::new(text::exact(sum.quantity)),
            "release" => field(Field::Release),
            "version" => field(Field::Version),
            "track" => TableCell::new(desk.track_ids(line).join(";")).code(),
            "payee" => TableCell::new(desk.payees(line).join(";")),
            _ => TableCell::new(lines.code(line).to_string()).code(),
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let line = self.rows[row as usize];
        match COLUMNS[column].id {
            "amount" => self.desk.lines().sum(line).amount.to_string().into(),
            "quantity" => self.desk.lines().sum(line).quantity.to_string().into(),
            "rows" => self.desk.lines().sum(line).rows.to_string().into(),
            _ => self.cell(row, column).text,
        }
    }
}

/// How a status is shown: in order, to be looked at, or wrong.
pub(crate) fn status_tone(status: Status) -> Tone {
    match status {
        Status::Matched => Tone::Ok,
        Status::Ambiguous | Status::Held => Tone::Warn,
        Status::Unmatched | Status::Quarantined => Tone::Err,
        Status::Ignored => Tone::Subdued,
    }
}
