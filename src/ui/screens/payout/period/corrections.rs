//! What is corrected of closed periods, as rows of a table: the sum of a payee, then the contracts that explain it.

use std::borrow::Cow;

use crate::ident::Currency;
use crate::money::Amount;
use crate::session::period::CorrectionLine;
use crate::ui::kit::bidi;
use crate::ui::kit::table::{Cell, Column, TableSource};
use crate::ui::kit::theme::Tone;
use crate::ui::text;

/// The columns.
pub(super) const COLUMNS: [Column; 6] = [
    Column::text("period", "Period", 84.0).unsortable(),
    Column::text("payee", "Payee", 200.0).unsortable(),
    Column::text("contract", "By contract", 190.0).unsortable(),
    Column::number("before", "As it was settled", 150.0).unsortable(),
    Column::number("now", "As it would be now", 150.0).unsortable(),
    Column::number("difference", "Settled with this period", 170.0).unsortable(),
];

pub(super) struct CorrectionRows<'a>(pub &'a [CorrectionLine]);

impl CorrectionRows<'_> {
    fn amount(line: &CorrectionLine, column: &str) -> Amount {
        match column {
            "before" => line.before,
            "now" => line.now,
            // It was computed once before, when the period was settled.
            _ => line.difference().unwrap_or_default(),
        }
    }
}

/// To the smallest unit; what would look like nothing there with all its digits.
fn shown(amount: Amount, currency: Currency) -> String {
    let rounded = text::money(amount, currency);
    let is_something = amount.is_zero() || rounded.bytes().any(|b| matches!(b, b'1'..=b'9'));
    if is_something { rounded } else { text::exact_money(amount, currency) }
}

impl TableSource for CorrectionRows<'_> {
    fn row_count(&self) -> u64 {
        self.0.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> Cell<'_> {
        let Some(line) = self.0.get(row as usize) else { return Cell::default() };
        let is_sum = line.contract.is_empty();
        let tone = if is_sum { Tone::Normal } else { Tone::Subdued };
        match COLUMNS[column].id {
            "period" => Cell::new(line.period.as_str()).tone(tone),
            "payee" => Cell::new(bidi::display(&line.payee)).tone(if is_sum { Tone::Strong } else { tone }),
            "contract" if is_sum => Cell::new("all, less tax").tone(Tone::Subdued),
            "contract" => Cell::new(bidi::display(&line.contract)).tone(tone),
            "difference" => {
                let difference = Self::amount(line, "difference");
                let sign = if difference.raw() > 0 { "+" } else { "" };
                let tone = match (is_sum, difference.raw() < 0) {
                    (false, _) => Tone::Subdued,
                    (true, true) => Tone::Err,
                    (true, false) => Tone::Ok,
                };
                Cell::new(format!("{sign}{}", shown(difference, line.currency))).tone(tone)
            }
            id => Cell::new(text::money(Self::amount(line, id), line.currency)).tone(tone),
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let Some(line) = self.0.get(row as usize) else { return Cow::default() };
        match COLUMNS[column].id {
            "period" => line.period.as_str().into(),
            "payee" => line.payee.as_str().into(),
            "contract" => line.contract.as_str().into(),
            id => format!("{} {}", Self::amount(line, id), line.currency).into(),
        }
    }
}
