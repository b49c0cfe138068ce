//! The lines that are shown, as a CSV file and for the clipboard.

use std::io::{self, Write};

use super::field::LineColumn;
use crate::desk::{Desk, LineId};
use crate::export::{guarded, shown_isrc, shown_upc, write_table};
use crate::matching::Status;
use crate::statement::item::Field;

/// Writes lines as CSV with all columns of [`LineColumn::ALL`], in the order given.
///
/// # Errors
/// The error of the writer.
pub fn write_view_csv(desk: &Desk, rows: &[LineId], out: &mut impl Write) -> io::Result<()> {
    write_table(
        out,
        &LineColumn::ALL.map(LineColumn::name),
        rows.iter()
            .map(|line| LineColumn::ALL.map(|column| cell(desk, *line, column))),
    )
}

/// Lines as text with tabs, with a header, for the clipboard. Tabs and line ends within a text become blanks.
#[must_use]
pub fn tsv(desk: &Desk, rows: &[LineId], columns: &[LineColumn]) -> String {
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
fn cell(desk: &Desk, line: LineId, column: LineColumn) -> String {
    let lines = desk.lines();
    let text = |field: Field| guarded(desk.field(line, field)).into_owned();
    let is_matched = || desk.status(line) == Status::Matched;
    match column {
        LineColumn::Status => desk.status(line).code().to_owned(),
        LineColumn::Reason => desk.why(line).code().to_owned(),
        LineColumn::Isrc => shown_isrc(desk.field(line, Field::Isrc)),
        LineColumn::Upc => shown_upc(desk.field(line, Field::Upc)),
        LineColumn::Title => text(Field::Title),
        LineColumn::Version => text(Field::Version),
        LineColumn::Artist => text(Field::Artist),
        LineColumn::Label => text(Field::Label),
        LineColumn::Release => text(Field::Release),
        LineColumn::Dsp => guarded(lines.dsp(line)).into_owned(),
        LineColumn::DspId => text(Field::DspId),
        LineColumn::Rows => lines.sum(line).rows.to_string(),
        LineColumn::Quantity => lines.sum(line).quantity.to_string(),
        LineColumn::Amount => lines.sum(line).amount.to_string(),
        LineColumn::Currency => lines.currency(line).to_string(),
        LineColumn::Track if is_matched() => guarded(&desk.track_ids(line).join(";")).into_owned(),
        LineColumn::Payee => guarded(&desk.payees(line).join(";")).into_owned(),
        LineColumn::Candidates if !is_matched() => {
            guarded(&desk.track_ids(line).join(";")).into_owned()
        }
        LineColumn::Track | LineColumn::Candidates => String::new(),
        LineColumn::Item => lines.code(line).to_string(),
    }
}
