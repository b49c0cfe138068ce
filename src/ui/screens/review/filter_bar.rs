//! The search box of the review: the filter as text, with completion, help, saved views and what could not be understood.

use eframe::egui::{self, Key, Modifiers, RichText, TextEdit, Ui};

use crate::desk::query::{Completion, Filter, SearchIndex, complete, help};
use crate::ui::kit::theme;
use crate::ui::shared::{SavedView, Settings};

/// What the box holds.
#[derive(Default)]
pub(super) struct FilterBar {
    pub text: String,
    pub filter: Filter,
    /// Suggestion that the arrow keys have reached.
    chosen: Option<usize>,
    shows_help: bool,
    new_name: String,
    wants_focus: bool,
    has_focus: bool,
}

const NAME: &str = "Filter";

impl FilterBar {
    /// Sets the text as if it was typed.
    pub fn set(&mut self, text: &str) {
        self.text = text.to_owned();
        self.filter = Filter::parse(text);
        self.chosen = None;
    }

    /// Puts a term in, or takes it out when it is there.
    pub fn toggle(&mut self, term: &str) {
        let padded = format!(" {} ", self.text);
        let text = match padded.find(&format!(" {term} ")) {
            Some(at) => format!("{}{}", &padded[..at], &padded[at + term.len() + 1..]),
            None => format!("{} {term}", self.text),
        };
        self.set(text.trim());
    }

    /// Whether a term is in it.
    pub fn has(&self, term: &str) -> bool {
        format!(" {} ", self.text).contains(&format!(" {term} "))
    }

    /// Asks for the keyboard.
    pub fn focus(&mut self) {
        self.wants_focus = true;
    }

    /// Draws the box; true when the filter has changed.
    pub fn show_ui(
        &mut self,
        ui: &mut Ui,
        settings: &mut Settings,
        index: Option<&SearchIndex>,
    ) -> bool {
        let before = self.text.clone();
        ui.horizontal(|ui| {
            let label = ui.label(NAME);
            // The arrow keys belong to the suggestions while there are any, and Enter to the one that is chosen.
            let completion = if self.has_focus {
                complete(&self.text, self.text.len(), index)
            } else {
                Completion::default()
            };
            self.keys(ui, &completion);
            let edit = TextEdit::singleline(&mut self.text)
                .hint_text("words, or field:value as in  dsp:youtube amount>100 isrc:US* -label:x")
                .desired_width((ui.available_width() - 190.0).max(160.0));
            let response = ui
                .add(edit)
                .labelled_by(label.id)
                .on_hover_text("Words and field:value terms that must all hold (Ctrl+F)");
            if std::mem::take(&mut self.wants_focus) {
                response.request_focus();
            }
            if response.changed() {
                self.chosen = None;
            }
            self.has_focus = response.has_focus();
            if self.has_focus {
                self.suggestions_ui(&response, &completion);
            }
            if ui
                .add_enabled(!self.text.is_empty(), egui::Button::new("Clear"))
                .on_hover_text("Show everything again")
                .clicked()
            {
                self.text.clear();
            }
            self.views_ui(ui, settings);
            if ui
                .selectable_label(self.shows_help, "Help")
                .on_hover_text("All fields, with an example each")
                .clicked()
            {
                self.shows_help = !self.shows_help;
            }
        });
        self.issues_ui(ui);
        self.help_ui(ui);
        let has_changed = self.text != before;
        if has_changed {
            self.filter = Filter::parse(&self.text);
        }
        has_changed
    }

    fn keys(&mut self, ui: &Ui, completion: &Completion) {
        let count = completion.suggestions.len().min(SUGGESTIONS);
        if count == 0 {
            return;
        }
        let pressed = |key: Key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        if pressed(Key::ArrowDown) {
            self.chosen = Some(self.chosen.map_or(0, |c| (c + 1).min(count - 1)));
        }
        if self.chosen.is_some() && pressed(Key::ArrowUp) {
            self.chosen = self.chosen.and_then(|c| c.checked_sub(1));
        }
        if let Some(chosen) = self.chosen
            && pressed(Key::Enter)
        {
            self.insert(completion, chosen);
        }
    }

    fn insert(&mut self, completion: &Completion, chosen: usize) {
        if let Some(suggestion) = completion.suggestions.get(chosen) {
            self.text
                .replace_range(completion.range.clone(), &suggestion.insert);
            self.filter = Filter::parse(&self.text);
            self.wants_focus = true;
        }
        self.chosen = None;
    }

    fn suggestions_ui(&mut self, response: &egui::Response, completion: &Completion) {
        if completion.suggestions.is_empty() {
            return;
        }
        let mut clicked = None;
        egui::Popup::from_response(response)
            .id(response.id.with("suggestions"))
            .open(true)
            .gap(2.0)
            .width(360.0)
            .show(|ui| {
                for (index, suggestion) in
                    completion.suggestions.iter().take(SUGGESTIONS).enumerate()
                {
                    ui.horizontal(|ui| {
                        if ui
                            .selectable_label(self.chosen == Some(index), &suggestion.label)
                            .clicked()
                        {
                            clicked = Some(index);
                        }
                        ui.label(
                            RichText::new(&suggestion.detail).color(theme::tokens(ui).subdued),
                        );
                    });
                }
            });
        if let Some(index) = clicked {
            self.insert(completion, index);
        }
    }

    fn views_ui(&mut self, ui: &mut Ui, settings: &mut Settings) {
        ui.menu_button("Views", |ui| {
            ui.set_min_width(240.0);
            let mut removed = None;
            for (index, view) in settings.views.iter().enumerate() {
                ui.horizontal(|ui| {
                    if ui.button(&view.name).on_hover_text(&view.filter).clicked() {
                        self.set(&view.filter);
                        ui.close();
                    }
                    if ui
                        .small_button("Forget")
                        .on_hover_text(format!("Forget the view {}", view.name))
                        .clicked()
                    {
                        removed = Some(index);
                    }
                });
            }
            if let Some(index) = removed {
                settings.views.remove(index);
            }
            if settings.views.is_empty() {
                ui.label("No view is saved yet");
            }
            ui.separator();
            let label = ui.label("Save this filter as");
            ui.horizontal(|ui| {
                ui.add(TextEdit::singleline(&mut self.new_name).desired_width(150.0))
                    .labelled_by(label.id);
                let can_save = !self.new_name.trim().is_empty() && !self.text.trim().is_empty();
                if ui
                    .add_enabled(can_save, egui::Button::new("Save"))
                    .clicked()
                {
                    let name = std::mem::take(&mut self.new_name).trim().to_owned();
                    settings.views.retain(|v| v.name != name);
                    settings.views.push(SavedView {
                        name,
                        filter: self.text.clone(),
                    });
                    ui.close();
                }
            });
        });
    }

    fn issues_ui(&self, ui: &mut Ui) {
        for issue in &self.filter.issues {
            let tokens = theme::tokens(ui);
            ui.horizontal_wrapped(|ui| {
                let part = self.text.get(issue.range.clone()).unwrap_or_default();
                ui.label(
                    RichText::new(format!("✗ {part}: {}. {}", issue.what, issue.remedy))
                        .color(tokens.warn),
                );
            });
        }
    }

    fn help_ui(&mut self, ui: &Ui) {
        let mut is_open = self.shows_help;
        egui::Window::new("Filter help").open(&mut is_open).default_width(620.0).vscroll(true).default_height(420.0).show(ui.ctx(), |ui| {
            ui.label("All terms must hold. Put a minus in front of a term that must not hold, quotes around values with blanks, and | between alternatives.");
            ui.add_space(6.0);
            egui::Grid::new("fields").num_columns(2).striped(true).spacing([16.0, 4.0]).show(ui, |ui| {
                for field in help() {
                    if ui.link(RichText::new(field.example).monospace()).on_hover_text("Put it into the filter").clicked() {
                        self.toggle(field.example);
                    }
                    ui.label(field.meaning);
                    ui.end_row();
                }
            });
        });
        self.shows_help = is_open;
    }
}

/// Suggestions that are shown at once.
const SUGGESTIONS: usize = 10;
