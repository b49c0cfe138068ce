//! The screen without contracts: what they are for, and the ways to begin.

use eframe::egui::{RichText, Ui, vec2};

use crate::ui::kit::{theme, widgets};

/// How somebody begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    Import,
    New,
    Example,
}

/// Shows them. What was chosen.
pub(super) fn start_ui(ui: &mut Ui) -> Option<Begin> {
    let tokens = theme::tokens(ui);
    let mut begin = None;
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() / 2.0 - 180.0).max(12.0));
        ui.label(RichText::new("§").size(34.0).color(tokens.subdued));
        ui.label(RichText::new("There are no contracts yet").font(theme::medium_font(theme::HEADING)).color(tokens.strong));
        ui.add_space(6.0);
        ui.scope(|ui| {
            ui.set_max_width(520.0);
            for sentence in [
                "Contracts say who is paid for what: the tracks, releases or labels they cover, the fees and costs that are taken off first, \
                 the rate, advances that are recouped, and the shares of the payees.",
                "With them the payout settles the matched statements by contract, and months are closed one after the other. Without them each \
                 track is paid to the payee whom the catalog names.",
            ] {
                ui.label(RichText::new(sentence).color(tokens.subdued));
                ui.add_space(4.0);
            }
        });
        ui.add_space(8.0);
        if widgets::main_button_ui(ui, "Import contracts…", "").on_hover_text("TOML or CSV, with rates and balances if there are any").clicked() {
            begin = Some(Begin::Import);
        }
        for (label, hint, way) in [
            ("New contract", "A form that names what is missing", Begin::New),
            (
                "Take the worked example",
                "Three contracts with their payees, a tax, rates and balances; undo takes them away again",
                Begin::Example,
            ),
        ] {
            if ui.add(eframe::egui::Button::new(label).min_size(vec2(220.0, 26.0))).on_hover_text(hint).clicked() {
                begin = Some(way);
            }
        }
    });
    begin
}
