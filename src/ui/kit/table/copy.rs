//! Selected rows into tab-separated text for the clipboard.

use eframe::egui::Ui;

use super::super::numbers;
use super::columns::Shown;
use super::{Column, TableSource, TableState};

/// Rows that go to the clipboard at most: more would hold the window up and no spreadsheet takes them.
pub const COPIED_ROWS_MAX: u64 = 100_000;
/// Rows that are announced to the source at once.
const BLOCK: u64 = 1_000;

/// What went to the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopiedRows {
    /// Rows that were copied.
    pub rows: u64,
    /// Rows that are selected.
    pub selected: u64,
}

impl CopiedRows {
    /// What to tell the person.
    #[must_use]
    pub fn sentence(&self) -> String {
        if self.rows < self.selected {
            return format!(
                "Copied only the first {} of {} selected rows",
                numbers::count(self.rows),
                numbers::count(self.selected)
            );
        }
        format!("Copied {}", numbers::counted(self.rows, "row", "rows"))
    }
}

/// Puts the selected rows into the clipboard. Nothing happens without a selection.
pub fn copy_ui(
    ui: &Ui,
    declared: &[Column],
    state: &TableState,
    source: &mut dyn TableSource,
) -> Option<CopiedRows> {
    if state.rows.selection.is_empty() {
        return None;
    }
    let (text, rows) = tab_separated(declared, state, source, COPIED_ROWS_MAX);
    ui.ctx().copy_text(text);
    Some(CopiedRows {
        rows,
        selected: state.rows.selection.count(),
    })
}

/// At most so many rows of the selection, the shown columns in their order, one line for each row; and how many rows these are.
fn tab_separated(
    declared: &[Column],
    state: &TableState,
    source: &mut dyn TableSource,
    rows_max: u64,
) -> (String, u64) {
    let shown: Vec<Shown> = state
        .columns
        .shown()
        .filter(|shown| shown.column < declared.len())
        .collect();
    let mut text = String::new();
    let mut rows = 0;
    for range in state.rows.selection.ranges() {
        let mut start = range.start;
        while start < range.end && rows < rows_max {
            let end = range.end.min(start + BLOCK).min(start + (rows_max - rows));
            source.prepare(start..end);
            (start..end).for_each(|row| push_line(&mut text, row, &shown, source));
            rows += end - start;
            start = end;
        }
    }
    (text, rows)
}

fn push_line(text: &mut String, row: u64, shown: &[Shown], source: &dyn TableSource) {
    for (index, shown) in shown.iter().enumerate() {
        if index > 0 {
            text.push('\t');
        }
        // What would end a cell or a line is not part of a cell.
        text.extend(
            source
                .copy_text(row, shown.column)
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c }),
        );
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::super::TableCell;
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column::text("a", "A", 50.0),
        Column::text("b", "B", 50.0),
        Column::text("c", "C", 50.0).hidden(),
    ];

    struct Numbers(std::ops::Range<u64>);

    impl TableSource for Numbers {
        fn row_count(&self) -> u64 {
            1_000_000
        }

        fn prepare(&mut self, rows: std::ops::Range<u64>) {
            self.0 = rows;
        }

        fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
            assert!(self.0.contains(&row), "row {row} was not announced");
            TableCell::new(format!("{row}{}", ["\tx", "y", "z"][column]))
        }
    }

    fn state() -> TableState {
        let mut state = TableState::default();
        state.columns.fit(&COLUMNS);
        state
    }

    #[test]
    fn a_line_is_a_row_and_a_tab_is_a_column() {
        let mut state = state();
        state.rows.selection.set(3..5);
        state.rows.selection.insert(9..10);
        state.columns.move_before(1, Some(0));
        let (text, rows) = tab_separated(&COLUMNS, &state, &mut Numbers(0..0), 10);
        assert_eq!((text.as_str(), rows), ("3y\t3 x\n4y\t4 x\n9y\t9 x\n", 3));
    }

    #[test]
    fn a_long_selection_is_cut_and_that_is_said() {
        let mut state = state();
        state.rows.selection.set(0..1_000_000);
        let (text, rows) = tab_separated(&COLUMNS, &state, &mut Numbers(0..0), 2_500);
        assert_eq!((text.lines().count(), rows), (2_500, 2_500));
        assert_eq!(
            CopiedRows {
                rows,
                selected: 1_000_000
            }
            .sentence(),
            "Copied only the first 2,500 of 1,000,000 selected rows"
        );
        assert_eq!(
            CopiedRows {
                rows: 1,
                selected: 1
            }
            .sentence(),
            "Copied 1 row"
        );
    }
}
