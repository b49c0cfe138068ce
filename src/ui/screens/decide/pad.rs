//! Draws what is prepared, what it would move, and the buttons.

use eframe::egui::{self, Label, RichText, TextEdit, Ui};

use super::DecisionPad;
use crate::desk::{LineSum, Preview};
use crate::ident::Currency;
use crate::matching::Status;
use crate::ui::kit::{numbers, theme, widgets};
use crate::ui::shared::Context;
use crate::ui::text;

/// Where the pads of the two screens differ.
#[derive(Debug, Clone, Copy)]
pub(in crate::ui::screens) struct PadStyle {
    /// What stands there when no money would move.
    nothing_moves: &'static str,
    /// Whether decisions that move nothing now can be taken for what is reported later.
    pub(super) takes_without_moves: bool,
    /// Whether the buttons show their keys.
    shows_keys: bool,
    /// Room for the buttons beside the note, in points.
    buttons_width: f32,
}

impl PadStyle {
    /// Decisions about lines.
    pub const LINES: Self = Self {
        nothing_moves: "It changes nothing: this is what holds already",
        takes_without_moves: false,
        shows_keys: false,
        buttons_width: 150.0,
    };
    /// Rules for shared ISRCs.
    pub const RULES: Self = Self {
        nothing_moves: "Moves no money now; it holds for reports to come",
        takes_without_moves: true,
        shows_keys: true,
        buttons_width: 170.0,
    };
}

/// What a person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui::screens) enum PadAnswer {
    Take,
    Discard,
}

impl DecisionPad {
    /// Draws the pad in a frame of its own; nothing while nothing is prepared.
    pub fn framed_ui(&mut self, ui: &mut Ui, context: &Context<'_>) -> Option<PadAnswer> {
        self.prepared.as_ref()?;
        let tokens = theme::tokens(ui);
        egui::Frame::new()
            .fill(tokens.raised)
            .stroke(egui::Stroke::new(1.0, tokens.accent))
            .corner_radius(4)
            .inner_margin(8)
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                self.content_ui(ui, context)
            })
            .inner
    }

    /// Draws the pad as a panel at the bottom, where it never moves; nothing while nothing is
    /// prepared.
    pub fn panel_ui(
        &mut self,
        ui: &mut Ui,
        context: &Context<'_>,
        id: &'static str,
    ) -> Option<PadAnswer> {
        self.prepared.as_ref()?;
        egui::Panel::bottom(id)
            .show(ui, |ui| {
                ui.add_space(6.0);
                let answer = self.content_ui(ui, context);
                ui.add_space(6.0);
                answer
            })
            .inner
    }

    fn content_ui(&mut self, ui: &mut Ui, context: &Context<'_>) -> Option<PadAnswer> {
        let prepared = self.prepared.as_ref()?;
        ui.add(Label::new(RichText::new(&prepared.title).strong()).wrap());
        match self.preview() {
            None => subdued_ui(ui, "Adding up what it moves…"),
            Some(preview) if preview.lines == 0 => subdued_ui(ui, self.style.nothing_moves),
            Some(preview) => moves_ui(ui, preview),
        }
        self.effect.show_ui(ui, context, self.number);
        ui.horizontal(|ui| {
            self.note_ui(ui);
            self.buttons_ui(ui)
        })
        .inner
    }

    fn note_ui(&mut self, ui: &mut Ui) {
        let label = ui.label("Note");
        let field = TextEdit::singleline(&mut self.note)
            .hint_text("why, for whoever asks later")
            .desired_width(ui.available_width() - self.style.buttons_width);
        ui.add(field).labelled_by(label.id);
    }

    fn buttons_ui(&self, ui: &mut Ui) -> Option<PadAnswer> {
        let is_taken = self.take_button_ui(ui);
        let is_discarded = if self.style.shows_keys {
            widgets::command_button_ui(ui, "Drop", "Escape").clicked()
        } else {
            ui.button("Drop")
                .on_hover_text("Take nothing (Escape)")
                .clicked()
        };
        if is_discarded {
            Some(PadAnswer::Discard)
        } else {
            is_taken.then_some(PadAnswer::Take)
        }
    }

    fn take_button_ui(&self, ui: &mut Ui) -> bool {
        if self.style.shows_keys {
            return ui
                .add_enabled_ui(self.can_take(), |ui| {
                    widgets::main_button_ui(ui, "Take", "Enter").clicked()
                })
                .inner;
        }
        let tokens = theme::tokens(ui);
        let take =
            egui::Button::new(RichText::new("Take").color(tokens.on_accent)).fill(tokens.accent);
        ui.add_enabled(self.can_take(), take)
            .on_hover_text("Take the decision (Enter)")
            .clicked()
    }
}

fn subdued_ui(ui: &mut Ui, words: &str) {
    ui.label(RichText::new(words).color(theme::tokens(ui).subdued));
}

/// Height of the list of what moves, in points; the rest is scrolled to.
const MOVES_HEIGHT: f32 = 150.0;

/// Draws what decisions would move.
fn moves_ui(ui: &mut Ui, preview: &Preview) {
    let tokens = theme::tokens(ui);
    let items = numbers::counted(preview.items, "item", "items");
    let rows = numbers::counted(preview.rows, "row", "rows");
    ui.label(format!("Moves {items}, {rows}"));
    // Many currencies must not push the buttons, or what stands above, out of the panel.
    egui::ScrollArea::vertical()
        .id_salt("moves")
        .max_height(MOVES_HEIGHT)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            for each in &preview.moves {
                ui.label(
                    RichText::new(move_text(each.currency, each.from, each.to, &each.sum))
                        .font(theme::number_font()),
                )
                .on_hover_text(text::exact_money(each.sum.amount, each.currency));
            }
        });
    if preview.kept > 0 {
        let kept = numbers::counted(preview.kept, "line has", "lines have");
        ui.label(
            RichText::new(format!("{kept} a narrower decision, which stays")).color(tokens.warn),
        );
    }
}

fn move_text(currency: Currency, from: Status, to: Status, sum: &LineSum) -> String {
    let money = text::money(sum.amount, currency);
    if from == to {
        format!("{money}  stays {}", to.code())
    } else {
        format!("{money}  {} → {}", from.code(), to.code())
    }
}
