//! The piece beside the table: its form or text, what is wrong with it, the effect of the change, and saving it.

use std::sync::Arc;

use eframe::egui::{self, Key, Label, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use super::editor::TermEditor;
use super::form::{self, Names};
use super::words::kind_words;
use super::{ContractsScreen, Removal, effect};
use crate::review::TermsChange;
use crate::session::engine::ChangeCommand;
use crate::terms::pieces::TermKind;
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::{bidi, numbers, widgets};
use crate::ui::shared::Context;

/// Faults that are listed.
const LISTED: usize = 30;

/// What a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Save,
    Discard,
    Duplicate,
    Remove,
}

impl ContractsScreen {
    pub(super) fn piece_panel_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let width = (ui.available_width() * 0.48).clamp(440.0, 860.0);
        egui::Panel::right("contract_piece")
            .default_size(width)
            .size_range(400.0..=1100.0)
            .show(ui, |ui| {
                widgets::fill_panel(ui);
                let Some(mut editor) = self.editing.editor.take() else {
                    return self.nothing_ui(ui, context);
                };
                let mut wish = head_ui(ui, &mut editor);
                self.removal_ui(ui, context);
                wish = self.foot_ui(ui, context, &mut editor).or(wish);
                self.body_ui(ui, context, &mut editor);
                self.editing.editor = Some(editor);
                if let Some(wish) = wish {
                    self.fulfil(wish, context);
                }
            });
    }

    fn nothing_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        if self.kind == TermKind::Rates {
            self.rates_ui(ui, context);
        }
        ui.add_space(8.0);
        let one = kind_words(self.kind).1;
        let words = if self.kind.is_file() {
            format!("Import a {one} to see it here")
        } else {
            format!("Choose a {one}, or make a new one")
        };
        ui.label(RichText::new(words).color(theme::tokens(ui).subdued));
        if self.kind == TermKind::Profile
            && let Some(view) = &self.list.view
        {
            ui.add_space(6.0);
            widgets::section_header_ui(
                ui,
                "Profiles there are",
                "a contract names the one whose order of steps it follows",
            );
            for (name, steps) in &view.view.profiles {
                ui.label(RichText::new(name).font(theme::medium_font(theme::BODY)));
                let words = steps
                    .iter()
                    .map(|s| super::words::step_words(s))
                    .collect::<Vec<_>>()
                    .join(" → ");
                ui.add(Label::new(RichText::new(words).color(theme::tokens(ui).subdued)).wrap());
                ui.add_space(4.0);
            }
        }
    }

    /// At the bottom, where it is whether a file is shown above it or not.
    fn rates_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        egui::Panel::bottom("rates_by_hand").show(ui, |ui| self.files.rates_ui(ui, context));
    }

    fn body_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, editor: &mut TermEditor) {
        if editor.shows_text {
            return text_ui(ui, editor);
        }
        if editor.kind.is_file() {
            let name = editor.of.clone().unwrap_or_default();
            if editor.kind == TermKind::Rates {
                self.rates_ui(ui, context);
            }
            egui::CentralPanel::default().show(ui, |ui| {
                self.files
                    .table_ui(ui, context, editor.kind, &name, editor.text())
            });
            return;
        }
        let payees = Arc::clone(&self.payees);
        let profiles = self
            .list
            .view
            .as_ref()
            .map(|v| v.view.profiles.as_slice())
            .unwrap_or_default();
        let names = Names {
            payees: &payees,
            profiles,
        };
        let scroll = ScrollArea::vertical()
            .id_salt(("form", editor.kind, &editor.of))
            .auto_shrink(false);
        let changed = scroll.show(ui, |ui| {
            ui.add_space(4.0);
            form::form_ui(ui, editor, &names)
        });
        if editor.form().is_none() {
            ui.label("The text cannot be shown as a form; see “As text”");
        }
        if let Some(form) = changed.inner {
            editor.set_form(form);
        }
    }

    /// What is wrong, what the change does, and the buttons; nothing while nothing is changed.
    fn foot_ui(
        &mut self,
        ui: &mut Ui,
        context: &mut Context<'_>,
        editor: &mut TermEditor,
    ) -> Option<Wish> {
        if !editor.is_changed() {
            return None;
        }
        let ticket = (editor.version, context.desk.generation);
        let wish = egui::Panel::bottom("contract_change").show(ui, |ui| {
            ui.add_space(4.0);
            faults_ui(ui, editor);
            effect::effect_ui(
                ui,
                "What if it were saved",
                self.checking.effect.as_ref(),
                ticket,
                editor.is_sound(),
            );
            ui.add_space(4.0);
            let wish = save_ui(ui, editor);
            ui.add_space(4.0);
            wish
        });
        wish.inner
    }

    fn removal_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(Removal {
            which: (kind, name),
            faults: Some(faults),
        }) = &self.removing.removal
        else {
            return;
        };
        let one = kind_words(*kind).1;
        let answer = if faults.is_empty() {
            let question = format!("Remove the {one} “{name}”? Ctrl+Z brings it back");
            widgets::confirm_strip_ui(ui, &question, "Remove it", "Keep it", Tone::Warn)
        } else {
            let causes: Vec<String> = faults
                .iter()
                .take(5)
                .map(|f| format!("{}: {}", f.place.file, f.problem))
                .collect();
            let what = format!("The {one} “{name}” cannot be removed: others need it");
            widgets::error_panel_ui(
                ui,
                widgets::ErrorPanel {
                    what: &what,
                    cause: &causes.join("\n"),
                    remedy: "Change those first",
                    guide: "contracts",
                },
            );
            ui.button("Leave it").clicked().then_some(false)
        };
        if answer == Some(true) {
            let removed = vec![(kind.word().to_owned(), name.clone())];
            context.send(ChangeCommand::ChangeTerms(TermsChange {
                removed,
                ..TermsChange::default()
            }));
        }
        if answer.is_some() {
            self.removing.removal = None;
        }
    }

    fn fulfil(&mut self, wish: Wish, context: &mut Context<'_>) {
        let Some(editor) = &mut self.editing.editor else {
            return;
        };
        match wish {
            Wish::Save => {
                if let Some(change) = editor.save() {
                    context.send(ChangeCommand::ChangeTerms(change));
                }
            }
            Wish::Discard => {
                let kind = editor.kind;
                let of = editor.of.clone();
                let text = of.as_ref().and_then(|of| {
                    context
                        .desk
                        .terms()
                        .get(&(kind.word().to_owned(), of.clone()))
                });
                self.editing.editor = of
                    .as_ref()
                    .zip(text)
                    .map(|(of, text)| TermEditor::open(kind, of, text));
            }
            Wish::Duplicate => {
                let copy = editor
                    .form()
                    .map(|form| TermEditor::new(editor.kind, Some(form)));
                self.leave();
                self.editing.editor = copy;
            }
            Wish::Remove => {
                let Some(name) = editor.of.clone() else {
                    return;
                };
                let which = (editor.kind, name);
                self.removing
                    .removals
                    .ask((Arc::clone(context.desk.terms()), which.clone()));
                self.removing.removal = Some(Removal {
                    which,
                    faults: None,
                });
            }
        }
    }
}

fn head_ui(ui: &mut Ui, editor: &mut TermEditor) -> Option<Wish> {
    let mut wish = None;
    let tokens = theme::tokens(ui);
    ui.add_space(6.0);
    let title = editor.title();
    let heading = ui.add(Label::new(RichText::new(bidi::display(&title)).heading()).truncate());
    widgets::name_as_heading(ui, &heading, &title);
    ui.horizontal(|ui| {
        ui.selectable_value(
            &mut editor.shows_text,
            false,
            if editor.kind.is_file() {
                "Table"
            } else {
                "Form"
            },
        );
        ui.selectable_value(&mut editor.shows_text, true, "As text")
            .on_hover_text("As it stands in files; both stay in step");
        if editor.is_changed() {
            widgets::pill_ui(
                ui,
                widgets::PillStatus {
                    sign: "●",
                    word: "Not saved",
                    tone: Tone::Warn,
                },
            );
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if editor.of.is_some()
                && ui
                    .button("Remove…")
                    .on_hover_text("If nothing else needs it")
                    .clicked()
            {
                wish = Some(Wish::Remove);
            }
            if !editor.kind.is_file()
                && editor.form().is_some()
                && ui
                    .button("Duplicate")
                    .on_hover_text("A new one that says the same")
                    .clicked()
            {
                wish = Some(Wish::Duplicate);
            }
        });
    });
    if editor.is_behind {
        let words = "▲ It was changed in the workspace while it was edited here; saving puts this in its place";
        ui.add(Label::new(RichText::new(words).color(tokens.warn)).wrap());
    }
    ui.separator();
    wish
}

fn text_ui(ui: &mut Ui, editor: &mut TermEditor) {
    let note = if editor.kind.is_file() {
        "CSV"
    } else {
        "TOML; comments and blank lines are not kept"
    };
    ui.label(
        RichText::new(note)
            .font(theme::small_font())
            .color(theme::tokens(ui).subdued),
    );
    let mut text = editor.text().to_owned();
    ScrollArea::both()
        .id_salt("text")
        .auto_shrink(false)
        .show(ui, |ui| {
            let edit = TextEdit::multiline(&mut text)
                .font(theme::code_font())
                .desired_width(f32::INFINITY)
                .desired_rows(24);
            let response = ui.add(edit);
            ui.ctx()
                .accesskit_node_builder(response.id, |node| node.set_label("Text of the piece"));
        });
    if text != editor.text() {
        editor.set_text(text);
    }
}

/// All faults: those of other pieces that need this one, too.
fn faults_ui(ui: &mut Ui, editor: &TermEditor) {
    let faults = editor.faults();
    if faults.is_empty() {
        return;
    }
    let count = numbers::counted(faults.len() as u64, "thing is wrong", "things are wrong");
    widgets::section_header_ui(ui, &count, "nothing is saved until it is put right");
    ScrollArea::vertical()
        .id_salt("faults")
        .max_height(90.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            for fault in faults.iter().take(LISTED) {
                let words = editor.place_words(fault).map_or_else(
                    || fault.to_string(),
                    |place| format!("{place}: {}; {}", fault.problem, fault.remedy),
                );
                form::fault_ui(ui, &words);
            }
        });
}

fn save_ui(ui: &mut Ui, editor: &mut TermEditor) -> Option<Wish> {
    let block = editor.block();
    let can_save = block.is_none();
    let enter = ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::Enter));
    let mut wish = (can_save && enter).then_some(Wish::Save);
    ui.horizontal(|ui| {
        let save = ui
            .add_enabled_ui(can_save, |ui| {
                widgets::main_button_ui(ui, "Save", "Ctrl+Enter")
            })
            .inner;
        if save
            .on_disabled_hover_text(block.unwrap_or_default())
            .clicked()
        {
            wish = Some(Wish::Save);
        }
        let discard = if editor.of.is_none() {
            "Discard"
        } else {
            "Discard changes"
        };
        if ui.button(discard).clicked() {
            wish = Some(Wish::Discard);
        }
        let hint =
            RichText::new("why, for the history (may stay empty)").color(theme::tokens(ui).subdued);
        let field = ui.add(
            TextEdit::singleline(&mut editor.note)
                .hint_text(hint)
                .desired_width(ui.available_width() - 10.0),
        );
        ui.ctx()
            .accesskit_node_builder(field.id, |node| node.set_label("Why it is changed"));
    });
    if let Some(block) = block {
        ui.label(
            RichText::new(block)
                .font(theme::small_font())
                .color(theme::tokens(ui).subdued),
        );
    }
    wish
}
