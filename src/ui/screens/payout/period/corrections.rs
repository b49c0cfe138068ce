//! What is corrected of closed periods, as tables: the sum of a payee, then the contracts that explain it; or all accounts that it is
//! posted in.

use std::borrow::Cow;

use eframe::egui::{RichText, Ui};

use crate::ident::Currency;
use crate::money::Amount;
use crate::period::{AccountCorrection, CorrectionLine, OpenPeriod};
use crate::ui::kit::table::{BigTable, Column, TableCell, TableSource, TableState};
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::{bidi, numbers};
use crate::ui::text;

const COLUMNS: [Column; 6] = [
    Column::text("period", "Period", 84.0).unsortable(),
    Column::text("payee", "Payee", 200.0).unsortable(),
    Column::text("contract", "By contract", 190.0).unsortable(),
    Column::number("before", "As it was settled", 150.0).unsortable(),
    Column::number("now", "As it would be now", 150.0).unsortable(),
    Column::number("difference", "Settled with this period", 170.0).unsortable(),
];

const ACCOUNT_COLUMNS: [Column; 5] = [
    Column::text("period", "Period", 84.0).unsortable(),
    Column::text("account", "Account", 390.0).unsortable(),
    Column::number("before", "As it was posted", 150.0).unsortable(),
    Column::number("now", "As it would be now", 150.0).unsortable(),
    Column::number("difference", "Posted with this period", 170.0).unsortable(),
];

/// Whether corrections are looked at by payee or by account, and how the tables stand.
#[derive(Default)]
pub(super) struct CorrectionsTab {
    is_by_account: bool,
    payees: TableState,
    accounts: TableState,
}

impl CorrectionsTab {
    /// Gives back what was copied, as a sentence.
    pub(super) fn show_ui(&mut self, ui: &mut Ui, open: &OpenPeriod) -> Option<String> {
        if !open.corrected_accounts.is_empty() {
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                ui.add_space(8.0);
                let count = |n: usize| numbers::count(n as u64);
                ui.selectable_value(
                    &mut self.is_by_account,
                    false,
                    format!("By payee {}", count(open.corrections.len())),
                );
                ui.selectable_value(
                    &mut self.is_by_account,
                    true,
                    format!("By account {}", count(open.corrected_accounts.len())),
                );
                if self.is_by_account {
                    let words = "Debits are above zero, credits below; each currency sums to zero";
                    ui.label(RichText::new(words).color(theme::tokens(ui).subdued));
                }
            });
        }
        let copied = if self.is_by_account && !open.corrected_accounts.is_empty() {
            let table = BigTable::new("Corrected accounts", &ACCOUNT_COLUMNS).sticky(2);
            table
                .show_ui(
                    ui,
                    &mut self.accounts,
                    &mut AccountRows(&open.corrected_accounts),
                )
                .copied
        } else {
            let table = BigTable::new("Corrections", &COLUMNS)
                .sticky(2)
                .empty_text("Nothing of a closed period would be settled differently now");
            table
                .show_ui(ui, &mut self.payees, &mut CorrectionRows(&open.corrections))
                .copied
        };
        copied.map(|copied| copied.sentence())
    }
}

/// The amount of a column.
fn amount_of(column: &str, before: Amount, now: Amount) -> Amount {
    match column {
        "before" => before,
        "now" => now,
        // It was computed once before, when the period was settled.
        _ => now.minus(before).unwrap_or_default(),
    }
}

struct AccountRows<'a>(&'a [AccountCorrection]);

impl TableSource for AccountRows<'_> {
    fn row_count(&self) -> u64 {
        self.0.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let Some(line) = self.0.get(row as usize) else {
            return TableCell::default();
        };
        match ACCOUNT_COLUMNS[column].id {
            "period" => TableCell::new(line.period.as_str()),
            "account" => TableCell::new(bidi::display(&line.account)).tone(Tone::Strong),
            "difference" => TableCell::new(signed(
                amount_of("difference", line.before, line.now),
                line.currency,
            )),
            id => TableCell::new(shown(amount_of(id, line.before, line.now), line.currency))
                .tone(Tone::Subdued),
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let Some(line) = self.0.get(row as usize) else {
            return Cow::default();
        };
        match ACCOUNT_COLUMNS[column].id {
            "period" => line.period.as_str().into(),
            "account" => line.account.as_str().into(),
            id => format!("{} {}", amount_of(id, line.before, line.now), line.currency).into(),
        }
    }
}

fn signed(difference: Amount, currency: Currency) -> String {
    let sign = if difference.is_positive() { "+" } else { "" };
    format!("{sign}{}", shown(difference, currency))
}

struct CorrectionRows<'a>(&'a [CorrectionLine]);

/// To the smallest unit; what would look like nothing there with more digits, and if need be with all.
fn shown(amount: Amount, currency: Currency) -> String {
    let fine = || format!("{} {}", text::fine(amount, currency), currency.code());
    let rounded = [text::money(amount, currency), fine()]
        .into_iter()
        .find(|text| amount.is_zero() || text.bytes().any(|b| matches!(b, b'1'..=b'9')));
    rounded.unwrap_or_else(|| text::exact_money(amount, currency))
}

impl TableSource for CorrectionRows<'_> {
    fn row_count(&self) -> u64 {
        self.0.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let Some(line) = self.0.get(row as usize) else {
            return TableCell::default();
        };
        let is_sum = line.is_sum();
        let tone = if is_sum { Tone::Normal } else { Tone::Subdued };
        match COLUMNS[column].id {
            "period" => TableCell::new(line.period.as_str()).tone(tone),
            "payee" => TableCell::new(bidi::display(&line.payee)).tone(if is_sum {
                Tone::Strong
            } else {
                tone
            }),
            "contract" if is_sum => TableCell::new("all, less tax").tone(Tone::Subdued),
            "contract" => TableCell::new(bidi::display(&line.contract)).tone(tone),
            "difference" => {
                let difference = amount_of("difference", line.before, line.now);
                let tone = match (is_sum, difference.is_negative()) {
                    (false, _) => Tone::Subdued,
                    (true, true) => Tone::Err,
                    (true, false) => Tone::Ok,
                };
                TableCell::new(signed(difference, line.currency)).tone(tone)
            }
            id => TableCell::new(text::money(
                amount_of(id, line.before, line.now),
                line.currency,
            ))
            .tone(tone),
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let Some(line) = self.0.get(row as usize) else {
            return Cow::default();
        };
        match COLUMNS[column].id {
            "period" => line.period.as_str().into(),
            "payee" => line.payee.as_str().into(),
            "contract" => line.contract.as_str().into(),
            id => format!("{} {}", amount_of(id, line.before, line.now), line.currency).into(),
        }
    }
}
