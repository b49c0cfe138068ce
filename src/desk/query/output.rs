//! The lines that are shown, as a CSV file and for the clipboard.

use std::io::{self, Write};

use super::field::Column;
use crate::desk::{Desk, LineId};
use crate::export::{guarded, shown_isrc, shown_upc, write_table};
use crate::matching::Status;
use crate::statement::item::Field;

/// Writes lines as CSV with all columns of [`Column::ALL`], in the order given.
///
/// # Errors
/// The error of the writer.
pub fn write_view_csv(desk: &Desk, rows: &[LineId], out: &mut impl Write) -> io::Result<()> {
    let cells = |line: &LineId| Column::ALL.map(|column| cell(desk, *line, column));
    write_table(out, &Column::ALL.map(Column::name), rows.iter().map(cells))
}

/// Lines as text with tabs, with a header, for the clipboard. Tabs and line ends within a text become blanks.
#[must_use]
pub fn tsv(desk: &Desk, rows: &[LineId], columns: &[Column]) -> String {
    let header: Vec<String> = columns
        .iter()
        .map(|column| column.name().to_owned())
        .collect();
    let cells = |line: &LineId| {
        columns
            .iter()
            .map(|column| cell(desk, *line, *column).replace(char::is_control, " "))
            .collect::<Vec<_>>()
    };
    let rows = std::iter::once(header).chain(rows.iter().map(cells));
    rows.fold(String::new(), |text, cells| text + &cells.join("\t") + "\n")
}

/// A cell as it stands in files: texts of reports are guarded against running as formulas, numbers and codes are as they are.
fn cell(desk: &Desk, line: LineId, column: Column) -> String {
    let lines = desk.lines();
    let text = |field: Field| guarded(desk.field(line, field)).into_owned();
    let is_matched = || desk.status(line) == Status::Matched;
    match column {
        Column::Status => desk.status(line).code().to_owned(),
        Column::Reason => desk.why(line).code().to_owned(),
        Column::Isrc => shown_isrc(desk.field(line, Field::Isrc)),
        Column::Upc => shown_upc(desk.field(line, Field::Upc)),
        Column::Title => text(Field::Title),
        Column::Version => text(Field::Version),
        Column::Artist => text(Field::Artist),
        Column::Label => text(Field::Label),
        Column::Release => text(Field::Release),
        Column::Dsp => guarded(lines.dsp(line)).into_owned(),
        Column::DspId => text(Field::DspId),
        Column::Rows => lines.sum(line).rows.to_string(),
        Column::Quantity => lines.sum(line).quantity.to_string(),
        Column::Amount => lines.sum(line).amount.to_string(),
        Column::Currency => lines.currency(line).to_string(),
        Column::Track if is_matched() => guarded(&desk.track_ids(line).join(";")).into_owned(),
        Column::Payee => guarded(&desk.payees(line).join(";")).into_owned(),
        Column::Candidates if !is_matched() => {
            guarded(&desk.track_ids(line).join(";")).into_owned()
        }
        Column::Track | Column::Candidates => String::new(),
        Column::Item => lines.code(line).to_string(),
    }
}
