//! What is paid and what still waits, currency by currency, with the ways to the lines that wait.

use eframe::egui::{Align, Layout, RichText, Ui, vec2};

use crate::desk::payout::{CurrencyPayout, PayoutView};
use crate::ident::Currency;
use crate::matching::Status;
use crate::money::Amount;
use crate::payout::Total;
use crate::ui::kit::theme::Tone;
use crate::ui::kit::{numbers, theme, widgets};
use crate::ui::screens::review::status_tone;
use crate::ui::shared::{Context, Go, Screen};
use crate::ui::text;

/// Shows all currencies.
pub(super) fn totals_ui(ui: &mut Ui, context: &mut Context<'_>, view: &PayoutView) {
    for sums in &view.currencies {
        let payees = numbers::counted(sums.payees as u64, "payee", "payees");
        let note = if sums.currency == Currency::NONE {
            "rows whose currency cannot be read"
        } else {
            payees.as_str()
        };
        widgets::section_header_ui(ui, sums.currency.code(), note);
        row_ui(
            ui,
            ("Payable", Tone::Normal),
            (text::money(sums.payable, sums.currency), Tone::Strong),
            sums.payable,
            sums.currency,
            |_| {},
        );
        // Rounded to the cent, what rounding leaves would look like nothing.
        row_ui(
            ui,
            ("Rounding", Tone::Subdued),
            (
                text::exact_money(sums.rounding, sums.currency),
                Tone::Normal,
            ),
            sums.rounding,
            sums.currency,
            |_| {},
        );
        for (status, total) in &sums.waiting {
            waiting_ui(ui, context, sums, *status, total);
        }
        if sums.ignored.rows > 0 {
            waiting_ui(ui, context, sums, Status::Ignored, &sums.ignored);
        }
        ui.add_space(10.0);
    }
}

fn waiting_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    sums: &CurrencyPayout,
    status: Status,
    total: &Total,
) {
    let code = status.code();
    let currency = sums.currency.code();
    let (label, hint) = match status {
        Status::Quarantined => (
            "Look at",
            format!(
                "{} that could not be read, on the statements screen",
                counted(total.rows)
            ),
        ),
        _ => (
            "Review",
            format!("{} {code}, in the review", counted(total.rows)),
        ),
    };
    let shown = (text::money(total.amount, sums.currency), Tone::Normal);
    row_ui(
        ui,
        (&capitalized(code), status_tone(status)),
        shown,
        total.amount,
        sums.currency,
        |ui| {
            if ui
                .link(label)
                .on_hover_text(hint)
                .accessible_name(format!("{label} {code} {currency}"))
                .clicked()
            {
                match status {
                    Status::Quarantined => context.go(Go::To(Screen::Statements)),
                    _ => context.go(Go::ToReview(format!(
                        "status:{code} currency:{}",
                        currency.to_lowercase()
                    ))),
                }
            }
        },
    );
}

/// A word, an amount at the right end of its column with all digits in the tooltip, and what leads on from there.
fn row_ui(
    ui: &mut Ui,
    (word, word_tone): (&str, Tone),
    (shown, tone): (String, Tone),
    amount: Amount,
    currency: Currency,
    link_ui: impl FnOnce(&mut Ui),
) {
    let tokens = theme::tokens(ui);
    let column = |ui: &mut Ui, width: f32, layout: Layout, content: &mut dyn FnMut(&mut Ui)| {
        ui.allocate_ui_with_layout(vec2(width, 18.0), layout, |ui| {
            ui.set_min_width(width);
            content(ui);
        });
    };
    ui.horizontal(|ui| {
        column(ui, 84.0, Layout::left_to_right(Align::Center), &mut |ui| {
            ui.label(RichText::new(word).color(tokens.tone(word_tone)));
        });
        column(ui, 150.0, Layout::right_to_left(Align::Center), &mut |ui| {
            let text = RichText::new(&shown)
                .font(theme::number_font())
                .color(tokens.tone(tone));
            ui.label(text)
                .on_hover_text(text::exact_money(amount, currency));
        });
        link_ui(ui);
    });
}

fn counted(rows: u64) -> String {
    numbers::counted(rows, "row", "rows")
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| format!("{}{}", first.to_uppercase(), letters.as_str()))
        .unwrap_or_default()
}
