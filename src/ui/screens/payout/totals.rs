//! What is paid and what still waits, currency by currency, with the ways to the lines that wait.

use eframe::egui::{self, RichText, Ui};

use crate::matching::Status;
use crate::money::Amount;
use crate::payout::Total;
use crate::session::payout_view::{CurrencyPayout, PayoutView};
use crate::ui::kit::theme::Tone;
use crate::ui::kit::{numbers, theme, widgets};
use crate::ui::screens::review::status_tone;
use crate::ui::shared::{Context, Go, Screen};
use crate::ui::text;

/// Shows all currencies.
pub(super) fn totals_ui(ui: &mut Ui, context: &mut Context<'_>, view: &PayoutView) {
    for sums in &view.currencies {
        let payees = numbers::counted(sums.payees as u64, "payee", "payees");
        widgets::section_header_ui(ui, sums.currency.code(), &payees);
        egui::Grid::new(("totals", sums.currency.code())).num_columns(3).spacing([10.0, 4.0]).min_col_width(70.0).show(ui, |ui| {
            paid_ui(ui, sums);
            for (status, total) in &sums.waiting {
                waiting_ui(ui, context, sums, *status, total);
            }
            if sums.ignored.rows > 0 {
                waiting_ui(ui, context, sums, Status::Ignored, &sums.ignored);
            }
        });
        ui.add_space(10.0);
    }
}

fn paid_ui(ui: &mut Ui, sums: &CurrencyPayout) {
    row_ui(ui, "Payable", sums.payable, sums, Tone::Strong);
    ui.end_row();
    row_ui(ui, "Rounding", sums.rounding, sums, Tone::Subdued);
    ui.end_row();
}

fn waiting_ui(ui: &mut Ui, context: &mut Context<'_>, sums: &CurrencyPayout, status: Status, total: &Total) {
    let code = status.code();
    row_ui(ui, &capitalized(code), total.amount, sums, status_tone(status));
    let currency = sums.currency.code().to_lowercase();
    let (label, hint) = match status {
        Status::Quarantined => ("Look at", format!("{} that could not be read, on the statements screen", counted(total.rows))),
        _ => ("Review", format!("{} {code}, in the review", counted(total.rows))),
    };
    let link = ui.link(label).on_hover_text(hint).accessible_name(format!("{label} {code} {}", sums.currency.code()));
    if link.clicked() {
        match status {
            Status::Quarantined => context.go(Go::To(Screen::Statements)),
            _ => context.go(Go::ToReview(format!("status:{code} currency:{currency}"))),
        }
    }
    ui.end_row();
}

fn row_ui(ui: &mut Ui, word: &str, amount: Amount, sums: &CurrencyPayout, tone: Tone) {
    let tokens = theme::tokens(ui);
    ui.label(RichText::new(word).color(tokens.tone(if tone == Tone::Strong { Tone::Normal } else { tone })));
    widgets::right_cell_ui(ui, 140.0, |ui| {
        let shown = RichText::new(text::money(amount, sums.currency)).font(theme::number_font());
        ui.label(shown.color(if tone == Tone::Strong { tokens.strong } else { tokens.text })).on_hover_text(text::exact_money(amount, sums.currency));
    });
}

fn counted(rows: u64) -> String {
    numbers::counted(rows, "row", "rows")
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| format!("{}{}", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}
