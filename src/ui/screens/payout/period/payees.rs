//! What each payee gets, as rows of a table: their order, and what each cell shows.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use super::state_of;
use crate::desk::period::{PayeeRow, PeriodView};
use crate::money::Amount;
use crate::ui::kit::bidi;
use crate::ui::kit::table::columns::Sort;
use crate::ui::kit::table::{Column, TableCell, TableSource};
use crate::ui::kit::theme::Tone;
use crate::ui::text;

/// The columns.
pub(super) const COLUMNS: [Column; 9] = [
    Column::text("payee", "Payee", 190.0),
    Column::text("currency", "Cur.", 48.0),
    Column::text("state", "State", 140.0),
    Column::number("carried_in", "Carried in", 116.0),
    Column::number("earned", "Earned", 126.0),
    Column::number("tax", "Tax", 110.0),
    Column::number("carried_out", "Carried forward", 124.0),
    Column::number("payable", "Payable", 130.0),
    Column::number("exact", "Exact amount", 200.0).hidden(),
];

/// The places of the payees that fit the search, in the order that is asked for. Amounts of several currencies are sorted within each.
pub(super) fn order(view: &PeriodView, search: &str, sort: Option<&Sort>) -> Vec<u32> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let fits = |row: &PayeeRow| {
        let text = format!(
            "{} {} {}",
            row.payee.to_lowercase(),
            row.line.currency.code().to_lowercase(),
            state_of(row.line.state).word.to_lowercase()
        );
        words.iter().all(|word| text.contains(word.as_str()))
    };
    let mut order: Vec<u32> = (0..view.payees.len() as u32)
        .filter(|at| fits(&view.payees[*at as usize]))
        .collect();
    if let Some(sort) = sort {
        order.sort_by(|a, b| compare(sort, &view.payees[*a as usize], &view.payees[*b as usize]));
    }
    order
}

fn compare(sort: &Sort, a: &PayeeRow, b: &PayeeRow) -> Ordering {
    let turned = |order: Ordering| {
        if sort.descending {
            order.reverse()
        } else {
            order
        }
    };
    match sort.column.as_str() {
        "payee" => turned(a.payee.to_lowercase().cmp(&b.payee.to_lowercase())),
        "currency" => turned(a.line.currency.cmp(&b.line.currency)),
        "state" => turned(a.line.state.cmp(&b.line.state)),
        column => a
            .line
            .currency
            .cmp(&b.line.currency)
            .then(turned(amount(a, column).cmp(&amount(b, column)))),
    }
}

fn amount(row: &PayeeRow, column: &str) -> Amount {
    match column {
        "carried_in" => row.line.carried_in,
        "earned" => row.line.earned,
        "tax" => row.line.tax,
        "carried_out" => row.line.carried_out,
        "payable" => row.line.payable,
        _ => row.line.exact,
    }
}

/// The rows.
pub(super) struct SettledPayeeRows {
    pub view: Arc<PeriodView>,
    pub order: Arc<Vec<u32>>,
}

impl SettledPayeeRows {
    /// What stands in a row.
    pub(super) fn row(&self, row: u64) -> Option<&PayeeRow> {
        self.view
            .payees
            .get(*self.order.get(usize::try_from(row).ok()?)? as usize)
    }
}

impl TableSource for SettledPayeeRows {
    fn row_count(&self) -> u64 {
        self.order.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let Some(row) = self.row(row) else {
            return TableCell::default();
        };
        let currency = row.line.currency;
        let id = COLUMNS[column].id;
        match id {
            "payee" => TableCell::new(bidi::display(&row.payee)),
            "currency" => TableCell::new(currency.code().to_owned()),
            "state" => {
                let state = state_of(row.line.state);
                TableCell::new(format!("{} {}", state.sign, state.word)).tone(state.tone)
            }
            "payable" => TableCell::new(text::money(row.line.payable, currency)).tone(Tone::Strong),
            "exact" => TableCell::new(text::exact(row.line.exact)).tone(Tone::Subdued),
            _ => {
                let amount = amount(row, id);
                TableCell::new(text::money(amount, currency)).tone(if amount.is_zero() {
                    Tone::Subdued
                } else {
                    Tone::Normal
                })
            }
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let Some(shown) = self.row(row) else {
            return Cow::default();
        };
        match COLUMNS[column].id {
            "payee" => shown.payee.as_str().into(),
            "currency" => shown.line.currency.code().to_owned().into(),
            "state" => shown.line.state.code().into(),
            id => amount(shown, id).to_string().into(),
        }
    }
}
