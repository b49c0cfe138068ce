//! The form in which a track is edited or added.

use eframe::egui::{self, Key, Label, Modifiers, RichText, TextEdit, Ui};

use crate::catalog::{Problem, Track, TrackDraft};
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::widgets;

/// A track that is being edited or added.
#[derive(Debug, Clone)]
pub(super) struct TrackEditor {
    pub draft: TrackDraft,
    /// The track as it is; `None` for a new one.
    before: Option<Track>,
    /// What was found out when it was to be saved.
    pub refused: Option<String>,
    /// The first field takes the focus in the next frame.
    wants_focus: bool,
}

/// What a person asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum EditorAnswer {
    Nothing,
    Cancel,
    Save(Box<Track>),
}

impl TrackEditor {
    pub(super) fn of(track: &Track) -> Self {
        Self {
            draft: track.into(),
            before: Some(track.clone()),
            refused: None,
            wants_focus: true,
        }
    }

    /// A new track; with another one as its model it takes over all but id and codes.
    pub(super) fn new(model: Option<&Track>) -> Self {
        Self {
            draft: model
                .map(|t| TrackDraft {
                    id: String::new(),
                    isrc: String::new(),
                    dsp_ids: String::new(),
                    ..t.into()
                })
                .unwrap_or_default(),
            before: None,
            refused: None,
            wants_focus: true,
        }
    }

    pub(super) fn is_new(&self) -> bool {
        self.before.is_none()
    }

    fn is_changed(&self) -> bool {
        self.before
            .as_ref()
            .is_none_or(|before| TrackDraft::from(before) != self.draft)
    }

    pub(super) fn show_ui(&mut self, ui: &mut Ui) -> EditorAnswer {
        let title = if self.is_new() {
            "New track".to_owned()
        } else {
            format!("Edit {}", self.draft.id)
        };
        widgets::section_header_ui(ui, &title, "Ctrl+Enter saves, Escape cancels");
        let (track, problems) = self.draft.check();
        egui::Grid::new("track_form")
            .num_columns(2)
            .spacing([12.0, 6.0])
            .show(ui, |ui| self.fields_ui(ui, &problems));
        if let Some(refused) = &self.refused {
            ui.add(
                Label::new(RichText::new(format!("✗ {refused}")).color(theme::tokens(ui).err))
                    .wrap(),
            );
        }
        ui.add_space(6.0);
        let can_save = track.is_some() && self.is_changed();
        let keyed = |ui: &Ui, modifiers: Modifiers, key: Key| {
            ui.input_mut(|i| i.consume_key(modifiers, key))
        };
        let enter = keyed(ui, Modifiers::COMMAND, Key::Enter);
        let escape = keyed(ui, Modifiers::NONE, Key::Escape);
        ui.horizontal(|ui| {
            let save = ui
                .add_enabled_ui(can_save, |ui| {
                    widgets::main_button_ui(ui, "Save track", "Ctrl+Enter").clicked()
                })
                .inner;
            let cancel = widgets::command_button_ui(ui, "Cancel", "Escape").clicked();
            match track {
                Some(track) if can_save && (save || enter) => EditorAnswer::Save(Box::new(track)),
                _ if cancel || escape => EditorAnswer::Cancel,
                _ => EditorAnswer::Nothing,
            }
        })
        .inner
    }

    fn fields_ui(&mut self, ui: &mut Ui, problems: &[Problem]) {
        let is_new = self.is_new();
        let draft = &mut self.draft;
        let fields: [(&str, &mut String, &str); 12] = [
            ("Track id", &mut draft.id, "the label's own id"),
            ("Title", &mut draft.title, ""),
            ("Version", &mut draft.version, "Live, Remix, …"),
            ("Artist", &mut draft.artist, ""),
            ("ISRC", &mut draft.isrc, "12 letters and digits"),
            (
                "UPC",
                &mut draft.upcs,
                "several with semicolons between them",
            ),
            ("Duration", &mut draft.duration, "3:35"),
            ("Payee", &mut draft.payee, "who is paid"),
            ("Label", &mut draft.label, ""),
            ("Release", &mut draft.release_title, ""),
            ("Catalog number", &mut draft.catalog_number, ""),
            ("DSP ids", &mut draft.dsp_ids, "youtube A123; apple 456"),
        ];
        let first = if is_new { "Track id" } else { "Title" };
        for (name, text, hint) in fields {
            let label = ui.label(name);
            ui.vertical(|ui| {
                let is_fixed = name == "Track id" && !is_new;
                let edit = TextEdit::singleline(text)
                    .hint_text(hint)
                    .desired_width(ui.available_width().min(420.0));
                let response = ui.add_enabled(!is_fixed, edit).labelled_by(label.id);
                if is_fixed {
                    response.clone().on_disabled_hover_text(
                        "Statements, decisions and contracts name the track by its id, so it stays",
                    );
                }
                if self.wants_focus && name == first {
                    response.request_focus();
                }
                problems
                    .iter()
                    .filter(|p| p.field == name)
                    .for_each(|p| problem_ui(ui, p));
            });
            ui.end_row();
        }
        self.wants_focus = false;
    }
}

fn problem_ui(ui: &mut Ui, problem: &Problem) {
    let (sign, tone) = if problem.is_error {
        ("✗", Tone::Err)
    } else {
        ("▲", Tone::Warn)
    };
    let color = theme::tokens(ui).tone(tone);
    ui.add(
        Label::new(
            RichText::new(format!("{sign} {}", problem.text))
                .font(theme::small_font())
                .color(color),
        )
        .wrap(),
    );
}
