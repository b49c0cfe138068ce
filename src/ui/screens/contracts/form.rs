//! The form of a piece: its keys in plain words, and its clauses as cards that can be added, removed and moved.

use eframe::egui::{
    self, Align, CollapsingHeader, Frame, Label, Layout, Margin, Response, RichText, ScrollArea,
    Stroke, TextEdit, Ui, vec2,
};

use super::editor::TermEditor;
use super::words::{choices, clause_words, is_flag, key_words, names_payees, step_words};
use crate::terms::form::{FieldKey, FormRecord, FormValue, TermForm};
use crate::terms::language::{Clause, Key, RecordKind};
use crate::terms::pieces::TermKind;
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::{bidi, widgets};

/// Room for the words of a key.
const LABEL: f32 = 142.0;
/// Names that a menu offers at most; what is typed narrows them.
const OFFERED: usize = 200;

/// Names that the form offers.
pub(super) struct Names<'a> {
    pub payees: &'a [String],
    pub profiles: &'a [(String, Vec<&'static str>)],
}

/// What a person did to a clause.
enum CardAct {
    Remove(usize),
    Move(usize, bool),
}

struct FormUi<'a> {
    editor: &'a TermEditor,
    names: &'a Names<'a>,
    changed: bool,
}

/// Shows the form. The changed form, when a person changed it in this frame.
pub(super) fn form_ui(ui: &mut Ui, editor: &TermEditor, names: &Names<'_>) -> Option<TermForm> {
    let mut form = editor.form()?.clone();
    let mut state = FormUi {
        editor,
        names,
        changed: false,
    };
    state.record_ui(ui, &mut form.records[0], 0, "");
    if editor.kind == TermKind::Contract {
        state.profile_ui(ui, &form);
        let act = state.cards_ui(ui, &mut form);
        state.changed |= act.is_some();
        match act {
            Some(CardAct::Remove(place)) => drop(form.records.remove(place)),
            Some(CardAct::Move(place, is_down)) => {
                state.changed |= form.move_clause(place, is_down)
            }
            None => {}
        }
        ui.add_space(6.0);
        ui.menu_button("Add a clause", |ui| {
            for clause in Clause::ALL {
                let (title, about) = clause_words(clause);
                if ui.button(title).on_hover_text(about).clicked() {
                    form.add_clause(clause);
                    state.changed = true;
                    ui.close();
                }
            }
        });
    }
    state.changed.then_some(form)
}

/// Whether a field narrows the sales that its record is for.
fn is_condition(kind: RecordKind, key: &FieldKey) -> bool {
    matches!(key, FieldKey::Known(key) if kind.is_condition(*key))
}

impl FormUi<'_> {
    /// `title` is put before the names of fields for screen readers; it is empty for the record itself.
    fn record_ui(&mut self, ui: &mut Ui, record: &mut FormRecord, place: usize, title: &str) {
        if let Some(fault) = self.editor.fault_at(place, "") {
            fault_ui(ui, &format!("{}; {}", fault.problem, fault.remedy));
        }
        let kind = record.kind;
        let has_limits = record
            .fields
            .iter()
            .any(|f| is_condition(kind, &f.key) && !f.value.is_empty());
        let has_conditions = record.fields.iter().any(|f| is_condition(kind, &f.key));
        for at in 0..record.fields.len() {
            if !is_condition(kind, &record.fields[at].key) {
                self.field_ui(ui, record, at, place, title);
            }
        }
        if has_conditions {
            let words = if has_limits {
                "Only some sales"
            } else {
                "For all sales"
            };
            let has_fault = record.fields.iter().any(|f| {
                is_condition(kind, &f.key) && self.editor.fault_at(place, f.key.word()).is_some()
            });
            let header =
                CollapsingHeader::new(RichText::new(words).color(theme::tokens(ui).subdued))
                    .id_salt(("limits", place));
            header
                .default_open(has_limits)
                .open(has_fault.then_some(true))
                .show(ui, |ui| {
                    for at in 0..record.fields.len() {
                        if is_condition(kind, &record.fields[at].key) {
                            self.field_ui(ui, record, at, place, title);
                        }
                    }
                });
        }
    }

    fn field_ui(
        &mut self,
        ui: &mut Ui,
        record: &mut FormRecord,
        at: usize,
        place: usize,
        title: &str,
    ) {
        let kind = record.kind;
        let field = &mut record.fields[at];
        let (label, hint) = match &field.key {
            FieldKey::Known(key) => key_words(kind, *key),
            FieldKey::Unknown(word) => (
                word.as_str(),
                "this key is not known; remove what stands here",
            ),
        };
        let name = if title.is_empty() {
            label.to_owned()
        } else {
            format!("{title}: {label}")
        };
        let id = ui.make_persistent_id(("field", &self.editor.of, place, field.key.word()));
        let label = label.to_owned();
        let known = match field.key {
            FieldKey::Known(key) => Some(key),
            FieldKey::Unknown(_) => None,
        };
        let offered = known.map_or(&[][..], |key| choices(kind, key));
        let are_payees = known.is_some_and(|key| names_payees(kind, key));
        ui.horizontal_top(|ui| {
            label_ui(ui, &label, hint);
            ui.vertical(|ui| match &mut field.value {
                FormValue::One(text) if known.is_some_and(is_flag) => {
                    self.changed |= flag_ui(ui, text, &name, hint)
                }
                FormValue::One(text) if known == Some(Key::Profile) => {
                    let offered: Vec<(String, String)> = self
                        .names
                        .profiles
                        .iter()
                        .map(|(name, steps)| (name.clone(), order_words(steps)))
                        .collect();
                    self.changed |= choice_ui(ui, text, &name, &offered, "choose one");
                }
                FormValue::One(text) if !offered.is_empty() => {
                    let offered: Vec<(String, String)> = offered
                        .iter()
                        .map(|(value, words)| ((*value).to_owned(), (*words).to_owned()))
                        .collect();
                    self.changed |= choice_ui(ui, text, &name, &offered, "as usual");
                }
                FormValue::One(text) if are_payees => {
                    self.changed |= payee_ui(ui, text, &name, hint, self.names.payees, id)
                }
                FormValue::One(text) | FormValue::List(text) => {
                    let width = ui.available_width();
                    self.changed |= edit_ui(ui, text, &name, hint, width, id).changed();
                }
                FormValue::Map(rows) => {
                    self.changed |= self.map_ui(ui, rows, are_payees, &name, id)
                }
            });
        });
        if let Some(fault) = self.editor.fault_at(place, field.key.word()) {
            ui.horizontal_top(|ui| {
                ui.add_space(LABEL);
                fault_ui(ui, &format!("{}; {}", fault.problem, fault.remedy));
            });
        }
    }

    fn map_ui(
        &self,
        ui: &mut Ui,
        rows: &mut Vec<(String, String)>,
        are_payees: bool,
        name: &str,
        id: egui::Id,
    ) -> bool {
        let mut changed = false;
        let mut removed = None;
        for (at, (left, right)) in rows.iter_mut().enumerate() {
            ui.horizontal(|ui| {
                let number = at + 1;
                let width = (ui.available_width() - 38.0).max(120.0);
                let left_name = format!("{name}, name {number}");
                let right_name = format!("{name}, value {number}");
                if are_payees {
                    ui.allocate_ui_with_layout(
                        vec2(width * 0.68, 24.0),
                        Layout::left_to_right(Align::Center),
                        |ui| {
                            changed |= payee_ui(
                                ui,
                                left,
                                &left_name,
                                "payee",
                                self.names.payees,
                                id.with(("left", at)),
                            );
                        },
                    );
                } else {
                    changed |= edit_ui(
                        ui,
                        left,
                        &left_name,
                        "",
                        width * 0.68,
                        id.with(("left", at)),
                    )
                    .changed();
                }
                changed |= edit_ui(
                    ui,
                    right,
                    &right_name,
                    "",
                    width * 0.32,
                    id.with(("right", at)),
                )
                .changed();
                if ui
                    .small_button("✕")
                    .on_hover_text("Take this line out")
                    .accessible_name(format!("Remove {name} {number}"))
                    .clicked()
                {
                    removed = Some(at);
                }
            });
        }
        if let Some(at) = removed {
            rows.remove(at);
        }
        let add = ui
            .small_button("Add a line")
            .accessible_name(format!("Add a line to {name}"))
            .clicked();
        if add {
            rows.push(Default::default());
        }
        changed || removed.is_some() || add
    }

    /// The steps of the contract's profile, in words: clauses are taken in this order.
    fn profile_ui(&self, ui: &mut Ui, form: &TermForm) {
        let chosen = form.records[0].text(Key::Profile);
        let Some((_, steps)) = self.names.profiles.iter().find(|(name, _)| name == chosen) else {
            return;
        };
        ui.add_space(4.0);
        let tokens = theme::tokens(ui);
        let text = RichText::new(format!("Its steps, in this order: {}", order_words(steps)))
            .font(theme::small_font())
            .color(tokens.subdued);
        ui.add(Label::new(text).wrap());
    }

    fn cards_ui(&mut self, ui: &mut Ui, form: &mut TermForm) -> Option<CardAct> {
        let mut act = None;
        for clause in Clause::ALL {
            let places: Vec<usize> = form.clauses(clause).map(|(place, _)| place).collect();
            if places.is_empty() {
                continue;
            }
            ui.add_space(8.0);
            let (title, about) = clause_words(clause);
            let note = if clause.has_order() && places.len() > 1 {
                format!("in this order; {about}")
            } else {
                about.to_owned()
            };
            let many = if places.len() > 1 {
                format!("{title}s")
            } else {
                title.to_owned()
            };
            widgets::section_header_ui(ui, &many, &note);
            for (number, place) in (1..).zip(places.iter().copied()) {
                let name = format!("{title} {number}");
                let has_order = clause.has_order() && places.len() > 1;
                act = self
                    .card_ui(
                        ui,
                        &mut form.records[place],
                        place,
                        &name,
                        (has_order, number == 1, number == places.len()),
                    )
                    .or(act);
            }
        }
        act
    }

    fn card_ui(
        &mut self,
        ui: &mut Ui,
        record: &mut FormRecord,
        place: usize,
        name: &str,
        (has_order, is_first, is_last): (bool, bool, bool),
    ) -> Option<CardAct> {
        let tokens = theme::tokens(ui);
        let mut act = None;
        let frame = Frame::NONE
            .fill(tokens.raised)
            .stroke(Stroke::new(1.0, tokens.line))
            .corner_radius(6.0);
        frame.inner_margin(Margin::symmetric(8, 6)).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(
                    RichText::new(name)
                        .font(theme::medium_font(theme::BODY))
                        .color(tokens.strong),
                );
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let lower = name.to_lowercase();
                    if ui
                        .small_button("Remove")
                        .accessible_name(format!("Remove {lower}"))
                        .clicked()
                    {
                        act = Some(CardAct::Remove(place));
                    }
                    for (sign, is_down, can) in [("↓", true, !is_last), ("↑", false, !is_first)]
                        .into_iter()
                        .filter(|_| has_order)
                    {
                        let words = format!("Move {lower} {}", if is_down { "down" } else { "up" });
                        let button = ui
                            .add_enabled(can, egui::Button::new(sign).small())
                            .accessible_name(words.clone())
                            .on_hover_text(words);
                        if button.clicked() {
                            act = Some(CardAct::Move(place, is_down));
                        }
                    }
                });
            });
            self.record_ui(ui, record, place, name);
        });
        ui.add_space(2.0);
        act
    }
}

fn order_words(steps: &[&str]) -> String {
    steps
        .iter()
        .map(|s| step_words(s))
        .collect::<Vec<_>>()
        .join(" → ")
}

fn label_ui(ui: &mut Ui, label: &str, hint: &str) {
    ui.allocate_ui_with_layout(
        vec2(LABEL - ui.spacing().item_spacing.x, 24.0),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.set_min_width(LABEL - ui.spacing().item_spacing.x);
            let text = RichText::new(label).color(theme::tokens(ui).subdued);
            ui.add(Label::new(text).truncate()).on_hover_text(hint);
        },
    );
}

/// A field with a name for screen readers.
fn edit_ui(
    ui: &mut Ui,
    text: &mut String,
    name: &str,
    hint: &str,
    width: f32,
    id: egui::Id,
) -> Response {
    let hint = RichText::new(hint).color(theme::tokens(ui).subdued);
    let response = ui.add(
        TextEdit::singleline(text)
            .id(id)
            .hint_text(hint)
            .desired_width((width - 8.0).max(40.0)),
    );
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_label(name));
    response
}

fn flag_ui(ui: &mut Ui, text: &mut String, name: &str, hint: &str) -> bool {
    let mut is_on = matches!(text.as_str(), "true" | "yes");
    let response = ui
        .checkbox(
            &mut is_on,
            RichText::new(hint).color(theme::tokens(ui).subdued),
        )
        .accessible_name(name);
    let changed = response.changed();
    if changed {
        *text = if is_on {
            "true".to_owned()
        } else {
            String::new()
        };
    }
    changed
}

/// One of several values: as in files, with words beside it; or nothing.
fn choice_ui(
    ui: &mut Ui,
    text: &mut String,
    name: &str,
    offered: &[(String, String)],
    nothing: &str,
) -> bool {
    let shown = match offered.iter().find(|(value, _)| value == text) {
        _ if text.is_empty() => nothing.to_owned(),
        Some((value, words)) if words.contains('→') => value.clone(),
        Some((_, words)) => words.clone(),
        None => text.clone(),
    };
    let mut chosen = None;
    let button = ui.menu_button(format!("{shown}  ▼"), |ui| {
        for (value, words) in offered {
            let label = if words.contains('→') {
                value.as_str()
            } else {
                words.as_str()
            };
            if ui
                .selectable_label(value == text, label)
                .on_hover_text(words)
                .clicked()
            {
                chosen = Some(value.clone());
                ui.close();
            }
        }
        if ui.selectable_label(text.is_empty(), nothing).clicked() {
            chosen = Some(String::new());
            ui.close();
        }
    });
    button.response.accessible_name(format!("{name}: {shown}"));
    let changed = chosen.as_ref().is_some_and(|c| c != text);
    if let Some(chosen) = chosen {
        *text = chosen;
    }
    changed
}

/// A field for a payee, with those there are to choose from.
fn payee_ui(
    ui: &mut Ui,
    text: &mut String,
    name: &str,
    hint: &str,
    payees: &[String],
    id: egui::Id,
) -> bool {
    let mut changed = false;
    ui.horizontal(|ui| {
        let width = ui.available_width() - 34.0;
        changed |= edit_ui(ui, text, name, hint, width, id).changed();
        let button = ui.menu_button("▼", |ui| {
            let typed = text.trim().to_lowercase();
            let is_known = payees.iter().any(|p| p == text.trim());
            ScrollArea::vertical().max_height(260.0).show(ui, |ui| {
                for payee in payees
                    .iter()
                    .filter(|p| is_known || p.to_lowercase().contains(&typed))
                    .take(OFFERED)
                {
                    if ui
                        .selectable_label(payee == text, bidi::display(payee))
                        .clicked()
                    {
                        payee.clone_into(text);
                        changed = true;
                        ui.close();
                    }
                }
            });
        });
        button
            .response
            .on_hover_text("Choose a payee")
            .accessible_name(format!("Choose {name}"));
    });
    changed
}

pub(super) fn fault_ui(ui: &mut Ui, words: &str) {
    let color = theme::tokens(ui).tone(Tone::Err);
    ui.add(
        Label::new(
            RichText::new(format!("✗ {words}"))
                .font(theme::small_font())
                .color(color),
        )
        .wrap(),
    );
}
