//! Splitting a line's money over several tracks: tracks with whole-number shares, of which any proportion can be made.

use eframe::egui::{self, RichText, TextEdit, Ui};

use crate::review::{Action, SplitPart};
use crate::ui::kit::theme;

/// Tracks and shares that are being typed.
pub(super) struct SplitEditor {
    parts: Vec<(String, String)>,
}

/// What a person answers.
pub(super) enum SplitAnswer {
    Nothing,
    Prepare(Action),
    Close,
}

impl SplitEditor {
    /// Begins with the candidates, in equal shares.
    pub fn new(tracks: &[String]) -> Self {
        let mut parts: Vec<(String, String)> =
            tracks.iter().map(|t| (t.clone(), "1".to_owned())).collect();
        parts.resize_with(parts.len().max(2), Default::default);
        Self { parts }
    }

    /// Draws it.
    pub fn show_ui(&mut self, ui: &mut Ui) -> SplitAnswer {
        let mut answer = SplitAnswer::Nothing;
        ui.label(RichText::new("Split over several tracks").strong());
        ui.label(
            RichText::new("Shares are whole numbers in proportion to each other: 1 and 1 are halves, 75 and 25 are percent")
                .color(theme::tokens(ui).subdued),
        );
        let mut removed = None;
        for (index, (track, share)) in self.parts.iter_mut().enumerate() {
            ui.horizontal(|ui| {
                let name = ui.label(format!("Track {}", index + 1));
                ui.add(TextEdit::singleline(track).desired_width(150.0))
                    .labelled_by(name.id);
                let name = ui.label(format!("share {}", index + 1));
                ui.add(TextEdit::singleline(share).desired_width(60.0))
                    .labelled_by(name.id);
                if ui.small_button("Remove").clicked() {
                    removed = Some(index);
                }
            });
        }
        if let Some(index) = removed {
            self.parts.remove(index);
        }
        ui.horizontal(|ui| {
            if ui.button("Add a track").clicked() {
                self.parts.push(Default::default());
            }
            let action = self.action();
            if ui
                .add_enabled(action.is_some(), egui::Button::new("Prepare the split"))
                .clicked()
                && let Some(action) = action
            {
                answer = SplitAnswer::Prepare(action);
            }
            if ui.button("Close").clicked() {
                answer = SplitAnswer::Close;
            }
        });
        answer
    }

    /// The split, when it is one.
    fn action(&self) -> Option<Action> {
        let filled = self
            .parts
            .iter()
            .filter(|(track, _)| !track.trim().is_empty());
        let action = Action::Split {
            parts: filled
                .map(|(track, share)| {
                    Some(SplitPart {
                        track: track.trim().to_owned(),
                        share: share.trim().parse().ok()?,
                    })
                })
                .collect::<Option<Vec<_>>>()?,
        };
        action.is_sound().then_some(action)
    }
}
