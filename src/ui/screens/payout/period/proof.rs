//! The conservation proof of a settlement: every equation with both sides.

use eframe::egui::{Grid, Label, RichText, ScrollArea, Ui};

use crate::desk::period::PeriodView;
use crate::ui::kit::theme::Tone;
use crate::ui::kit::widgets::{PillStatus, grouped, pill_ui};
use crate::ui::kit::{numbers, theme};

pub(super) const HOLDS: PillStatus<'static> = PillStatus {
    sign: "✓",
    word: "Holds",
    tone: Tone::Ok,
};
pub(super) const FAILS: PillStatus<'static> = PillStatus {
    sign: "✗",
    word: "Fails",
    tone: Tone::Err,
};

pub(super) fn proof_ui(ui: &mut Ui, view: &PeriodView) {
    let tokens = theme::tokens(ui);
    let settled = &view.open.settled;
    let count = numbers::counted(settled.proof.len() as u64, "equation", "equations");
    ui.label(
        RichText::new(format!(
            "No money was lost on the way: {count} hold, to the last digit"
        ))
        .color(tokens.subdued),
    );
    ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        Grid::new("settle_proof")
            .num_columns(5)
            .spacing([14.0, 4.0])
            .striped(true)
            .show(ui, |ui| {
                for head in ["", "Cur.", "Left side", "Right side", "What is claimed"] {
                    ui.label(
                        RichText::new(head)
                            .font(theme::small_font())
                            .color(tokens.subdued),
                    );
                }
                ui.end_row();
                // What does not hold must not have to be looked for.
                let (holding, failing): (Vec<_>, Vec<_>) =
                    settled.proof.iter().partition(|line| line.holds());
                for line in failing.into_iter().chain(holding) {
                    pill_ui(ui, if line.holds() { HOLDS } else { FAILS });
                    ui.label(RichText::new(&line.currency).color(tokens.strong));
                    for side in [line.left, line.right] {
                        ui.add(
                            Label::new(
                                RichText::new(grouped(&side.to_string()))
                                    .font(theme::number_font()),
                            )
                            .selectable(true)
                            .extend(),
                        );
                    }
                    ui.add(
                        Label::new(RichText::new(line.claim.words()).color(tokens.text))
                            .selectable(true)
                            .extend(),
                    );
                    ui.end_row();
                }
            });
        for note in &settled.notes {
            ui.add(
                Label::new(RichText::new(note).color(tokens.subdued))
                    .selectable(true)
                    .wrap(),
            );
        }
    });
}
