//! Sums by currency, one below the other.

use eframe::egui::{Align, Label, Layout, RichText, ScrollArea, Ui, vec2};

use crate::desk::period::{PeriodSums, PeriodView};
use crate::money::Amount;
use crate::ui::kit::theme::Tone;
use crate::ui::kit::{numbers, theme, widgets};
use crate::ui::text;

/// Titles and widths of the columns behind the currency.
const COLUMNS: [(&str, f32); 7] = [
    ("Payable", 134.0),
    ("Payees", 64.0),
    ("Tax withheld", 116.0),
    ("Carried forward", 122.0),
    ("Rounding", 130.0),
    ("Waits", 122.0),
    ("Waits since before", 128.0),
];

pub(super) fn sums_ui(ui: &mut Ui, view: &PeriodView) {
    line_ui(
        ui,
        "",
        COLUMNS.map(|(head, _)| (head.to_owned(), String::new(), Tone::Subdued)),
        true,
    );
    ScrollArea::vertical()
        .id_salt("period_sums")
        .max_height(84.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for sums in &view.sums {
                line_ui(ui, sums.currency.code(), cells(sums), false);
            }
        });
}

fn cells(sums: &PeriodSums) -> [(String, String, Tone); COLUMNS.len()] {
    let currency = sums.currency;
    let money = |amount: Amount, tone: Tone| {
        let tone = if amount.is_zero() {
            Tone::Subdued
        } else {
            tone
        };
        (
            text::money(amount, currency),
            text::exact_money(amount, currency),
            tone,
        )
    };
    // Rounded to the cent, what rounding leaves would look like nothing.
    let (_, exact, tone) = money(sums.rounding, Tone::Normal);
    let rounding = (
        format!(
            "{} {}",
            text::fine(sums.rounding, currency),
            currency.code()
        ),
        exact,
        tone,
    );
    [
        money(sums.payable, Tone::Strong),
        (
            numbers::count(sums.payees as u64),
            String::new(),
            Tone::Normal,
        ),
        money(sums.tax, Tone::Normal),
        money(sums.carried_out, Tone::Normal),
        rounding,
        money(sums.waiting, Tone::Warn),
        money(sums.waiting_before, Tone::Warn),
    ]
}

fn line_ui(ui: &mut Ui, name: &str, cells: [(String, String, Tone); COLUMNS.len()], is_head: bool) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        ui.allocate_ui_with_layout(
            vec2(40.0, 18.0),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.set_min_width(40.0);
                ui.add(Label::new(
                    RichText::new(name)
                        .font(theme::medium_font(theme::BODY))
                        .color(tokens.strong),
                ));
            },
        );
        for ((words, exact, tone), (_, width)) in cells.into_iter().zip(COLUMNS) {
            widgets::right_cell_ui(ui, width, |ui| {
                let font = if is_head {
                    theme::small_font()
                } else {
                    theme::number_font()
                };
                let label = ui.label(RichText::new(words).font(font).color(tokens.tone(tone)));
                if !exact.is_empty() {
                    label.on_hover_text(exact);
                }
            });
        }
    });
}
