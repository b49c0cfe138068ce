//! Pieces of terms as rows of a table.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::desk::terms::TermRow;
use crate::terms::pieces::TermKind;
use crate::ui::kit::bidi;
use crate::ui::kit::table::columns::Sort;
use crate::ui::kit::table::{Column, TableCell, TableSource};
use crate::ui::kit::theme::Tone;

const NAME: Column = Column::text("name", "Name", 160.0);

/// The columns of a kind: the name, then the cells of [`TermRow`].
pub(super) fn columns(kind: TermKind) -> &'static [Column] {
    const CONTRACT: [Column; 6] = [
        NAME,
        Column::text("profile", "Profile", 96.0),
        Column::text("currency", "Cur.", 48.0),
        Column::text("covers", "Covers", 150.0),
        Column::text("splits", "Splits", 220.0),
        Column::text("advances", "Advances", 150.0),
    ];
    const PAYEE: [Column; 5] = [
        NAME,
        Column::text("currency", "Paid in", 64.0),
        Column::text("residence", "Residence", 84.0),
        Column::number("minimum", "Minimum", 90.0),
        Column::text("bank", "Bank", 220.0),
    ];
    const TAX: [Column; 6] = [
        NAME,
        Column::text("rate", "Rate", 70.0),
        Column::text("territories", "On sales in", 120.0),
        Column::text("residences", "For residents of", 120.0),
        Column::text("not_residences", "Not for", 100.0),
        Column::text("without_form", "Without a form", 110.0),
    ];
    const GROUP: [Column; 2] = [NAME, Column::text("members", "Members", 400.0)];
    const PROFILE: [Column; 3] = [
        NAME,
        Column::text("steps", "Steps", 380.0),
        Column::text("about", "About", 260.0),
    ];
    const RELEASE: [Column; 3] = [
        NAME,
        Column::text("label", "Label", 180.0),
        Column::text("tracks", "Tracks", 460.0),
    ];
    const RATES: [Column; 4] = [
        NAME,
        Column::text("pairs", "Pairs", 220.0),
        Column::text("periods", "Periods", 210.0),
        Column::number("rates", "Rates", 70.0),
    ];
    const BALANCES: [Column; 2] = [NAME, Column::number("rows", "Rows", 80.0)];
    match kind {
        TermKind::Contract => &CONTRACT,
        TermKind::Payee => &PAYEE,
        TermKind::Tax => &TAX,
        TermKind::Group => &GROUP,
        TermKind::Profile => &PROFILE,
        TermKind::Release => &RELEASE,
        TermKind::Rates => &RATES,
        TermKind::Balances => &BALANCES,
    }
}

/// The places of rows that fit a search, in the order that is asked for.
pub(super) fn order(
    kind: TermKind,
    rows: &[TermRow],
    search: &str,
    sort: Option<&Sort>,
) -> Vec<u32> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let text = |row: &TermRow| {
        std::iter::once(&row.name)
            .chain(&row.cells)
            .map(|t| t.to_lowercase())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let fits = |at: &u32| {
        words.is_empty()
            || words
                .iter()
                .all(|word| text(&rows[*at as usize]).contains(word.as_str()))
    };
    let mut order: Vec<u32> = (0..rows.len() as u32).filter(fits).collect();
    let column = sort.and_then(|s| columns(kind).iter().position(|c| c.id == s.column));
    if let (Some(column), Some(sort)) = (column, sort) {
        let is_number = columns(kind)[column].align_right;
        // Numbers of one length are in the order of their digits.
        let key = |at: &u32| {
            let text = cell_text(&rows[*at as usize], column).to_lowercase();
            let whole = text.split('.').next().map_or(0, str::len);
            (if is_number { whole } else { 0 }, text)
        };
        order.sort_by_cached_key(key);
        if sort.descending {
            order.reverse();
        }
    }
    order
}

fn cell_text(row: &TermRow, column: usize) -> &str {
    if column == 0 {
        &row.name
    } else {
        row.cells.get(column - 1).map_or("", String::as_str)
    }
}

/// The rows of a kind.
pub(super) struct TermRows<'a> {
    pub kind: TermKind,
    pub rows: &'a [TermRow],
    pub order: &'a [u32],
    /// Names with changes that are not saved.
    pub drafts: &'a BTreeSet<String>,
}

impl TermRows<'_> {
    fn row(&self, row: u64) -> Option<&TermRow> {
        self.rows
            .get(*self.order.get(usize::try_from(row).ok()?)? as usize)
    }
}

impl TableSource for TermRows<'_> {
    fn row_count(&self) -> u64 {
        self.order.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let Some(row) = self.row(row) else {
            return TableCell::default();
        };
        let cell = TableCell::new(bidi::display(cell_text(row, column)));
        let cell = if columns(self.kind)[column].id == "bank" {
            cell.code()
        } else {
            cell
        };
        match column {
            0 if self.drafts.contains(&row.name) => cell.tone(Tone::Strong).dot(Tone::Warn),
            0 => cell.tone(Tone::Strong),
            _ => cell,
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        self.row(row)
            .map(|row| cell_text(row, column).into())
            .unwrap_or_default()
    }
}
