//! Payable amounts as rows of a table: their order, and what each cell shows.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use super::drill::PayeeCurrency;
use crate::desk::payout::PayoutView;
use crate::payout::Payable;
use crate::ui::kit::table::columns::Sort;
use crate::ui::kit::table::{Column, TableCell, TableSource};
use crate::ui::kit::theme::Tone;
use crate::ui::kit::{bidi, numbers};
use crate::ui::text;

/// The columns.
pub(super) const COLUMNS: [Column; 6] = [
    Column::text("payee", "Payee", 180.0),
    Column::text("currency", "Cur.", 48.0),
    Column::number("payable", "Payable", 112.0),
    Column::number("exact", "Exact amount", 226.0),
    Column::number("rows", "Rows", 76.0),
    Column::number("quantity", "Units", 110.0),
];

/// The places of the payees that fit the search, in the order that is asked for. Amounts of several currencies are sorted within each.
pub(super) fn order(view: &PayoutView, search: &str, sort: Option<&Sort>) -> Vec<u32> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let fits = |p: &Payable| {
        let text = format!(
            "{} {}",
            p.payee.to_lowercase(),
            p.currency.code().to_lowercase()
        );
        words.iter().all(|word| text.contains(word.as_str()))
    };
    let mut order: Vec<u32> = (0..view.payees.len() as u32)
        .filter(|at| fits(&view.payees[*at as usize]))
        .collect();
    if let Some(sort) = sort {
        // Sorting keeps what is equal in its order: by payee and currency.
        order.sort_by(|a, b| {
            compare(
                &sort.column,
                sort.descending,
                &view.payees[*a as usize],
                &view.payees[*b as usize],
            )
        });
    }
    order
}

fn compare(column: &str, descending: bool, a: &Payable, b: &Payable) -> Ordering {
    let turned = |order: Ordering| if descending { order.reverse() } else { order };
    match column {
        "payee" => turned(a.payee.to_lowercase().cmp(&b.payee.to_lowercase())),
        "currency" => turned(a.currency.cmp(&b.currency)),
        "payable" => a
            .currency
            .cmp(&b.currency)
            .then(turned(a.payable.cmp(&b.payable))),
        "exact" => a
            .currency
            .cmp(&b.currency)
            .then(turned(a.exact.cmp(&b.exact))),
        "rows" => turned(a.rows.cmp(&b.rows)),
        _ => turned(a.quantity.cmp(&b.quantity)),
    }
}

/// The rows of a payout.
pub(super) struct PayeeRows {
    pub view: Arc<PayoutView>,
    pub order: Arc<Vec<u32>>,
}

impl PayeeRows {
    /// The amount in a row.
    pub(super) fn payable(&self, row: u64) -> Option<&Payable> {
        self.view
            .payees
            .get(*self.order.get(usize::try_from(row).ok()?)? as usize)
    }

    /// Whose amount is in a row.
    pub(super) fn whose(&self, row: u64) -> Option<PayeeCurrency> {
        let payable = self.payable(row)?;
        Some((payable.payee.clone(), payable.currency))
    }
}

impl TableSource for PayeeRows {
    fn row_count(&self) -> u64 {
        self.order.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let Some(payable) = self.payable(row) else {
            return TableCell::default();
        };
        match COLUMNS[column].id {
            "payee" => TableCell::new(bidi::display(&payable.payee)),
            "currency" => TableCell::new(payable.currency.code()),
            "payable" => TableCell::new(text::rounded(
                payable.payable,
                payable.currency.minor_digits(),
            ))
            .tone(Tone::Strong),
            "exact" => TableCell::new(text::exact(payable.exact)).tone(Tone::Subdued),
            "rows" => TableCell::new(numbers::count(payable.rows)),
            _ => TableCell::new(text::exact(payable.quantity)),
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let Some(payable) = self.payable(row) else {
            return Cow::default();
        };
        match COLUMNS[column].id {
            "payee" => Cow::Borrowed(payable.payee.as_str()),
            "payable" => payable.payable.to_string().into(),
            "exact" => payable.exact.to_string().into(),
            "rows" => payable.rows.to_string().into(),
            "quantity" => payable.quantity.to_string().into(),
            _ => self.cell(row, column).text,
        }
    }
}
