//! A decision that is prepared but not taken: it shows what it would move, and waits for Enter.

use std::sync::Arc;

use eframe::egui::{self, Label, RichText, Ui};

use crate::ident::Currency;
use crate::job::Latest;
use crate::matching::Status;
use crate::money::AmountOverflow;
use crate::review::Decision;
use crate::session::desk::{Desk, LineSum, Preview};
use crate::session::engine::Wake;
use crate::ui::kit::{numbers, theme};
use crate::ui::text;

/// A decision that waits for a yes.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    /// What it would do, for people.
    pub title: String,
    /// The track it assigns to, when it is one.
    pub track: Option<String>,
    pub decisions: Vec<Decision>,
    /// What it would move; comes from another thread.
    pub preview: Option<Preview>,
    /// Numbers the question, so that an old answer is not taken for a new one.
    pub number: u64,
}

/// What the preview thread is asked.
pub(in crate::ui::screens) struct Question {
    pub number: u64,
    pub desk: Arc<Desk>,
    pub decisions: Vec<Decision>,
}

pub(in crate::ui::screens) type Previews = Latest<Question, (u64, Result<Preview, AmountOverflow>)>;

/// Starts the thread that computes previews.
pub(in crate::ui::screens) fn previews(wake: &Wake) -> Previews {
    let wake = Arc::clone(wake);
    let work = |question: Question, _: &dyn Fn() -> bool| {
        (question.number, question.desk.preview(&question.decisions))
    };
    Latest::new("previews", move || wake(), work)
}

/// What a person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Nothing,
    Take,
    Drop,
}

/// Draws what is prepared, what it moves and what `effect_ui` says of it.
pub(super) fn prepared_ui(
    ui: &mut Ui,
    prepared: &Prepared,
    note: &mut String,
    effect_ui: impl FnOnce(&mut Ui),
) -> Answer {
    let tokens = theme::tokens(ui);
    let mut answer = Answer::Nothing;
    egui::Frame::new()
        .fill(tokens.raised)
        .stroke(egui::Stroke::new(1.0, tokens.accent))
        .corner_radius(4)
        .inner_margin(8)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.add(Label::new(RichText::new(&prepared.title).strong()).wrap());
            match &prepared.preview {
                None => {
                    ui.label(RichText::new("Adding up what it moves…").color(tokens.subdued));
                }
                Some(preview) => moves_ui(ui, preview),
            }
            effect_ui(ui);
            ui.horizontal(|ui| {
                let label = ui.label("Note");
                ui.add(
                    egui::TextEdit::singleline(note)
                        .hint_text("why, for whoever asks later")
                        .desired_width(ui.available_width() - 150.0),
                )
                .labelled_by(label.id);
                let can_take = prepared.preview.as_ref().is_some_and(|p| p.lines > 0);
                let take = egui::Button::new(RichText::new("Take").color(tokens.on_accent))
                    .fill(tokens.accent);
                if ui
                    .add_enabled(can_take, take)
                    .on_hover_text("Take the decision (Enter)")
                    .clicked()
                {
                    answer = Answer::Take;
                }
                if ui
                    .button("Drop")
                    .on_hover_text("Take nothing (Escape)")
                    .clicked()
                {
                    answer = Answer::Drop;
                }
            });
        });
    answer
}

/// Height of the list of what moves, in points; the rest is scrolled to.
const MOVES_HEIGHT: f32 = 150.0;

/// Draws what decisions would move.
pub(in crate::ui::screens) fn moves_ui(ui: &mut Ui, preview: &Preview) {
    let tokens = theme::tokens(ui);
    if preview.lines == 0 {
        ui.label(
            RichText::new("It changes nothing: this is what holds already").color(tokens.subdued),
        );
        return;
    }
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
