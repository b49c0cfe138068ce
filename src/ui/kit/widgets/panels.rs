//! What a screen says as a whole: nothing here yet, something failed, something was done; and facts in rows.

use eframe::egui::{
    Align, Frame, Grid, Label, Layout, Margin, Response, RichText, Role, Sense, Stroke,
    TextWrapMode, Ui, UiBuilder, vec2,
};

use super::super::bidi;
use super::super::guide_link::guide_link_ui;
use super::super::theme::{self, Tone};
use super::controls::{command_button_ui, main_button_ui};

/// A screen with nothing on it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmptyState<'a> {
    /// One large character.
    pub icon: &'a str,
    /// What is missing.
    pub headline: &'a str,
    /// What to do about it.
    pub next: &'a str,
    /// The button that does it, with its shortcut.
    pub button: Option<(&'a str, &'a str)>,
    /// The chapter of the guide that says more; empty for none.
    pub guide: &'static str,
}

/// Says what is missing and offers what to do next, in the middle of the room there is. True if the button was clicked.
pub fn empty_state_ui(ui: &mut Ui, state: EmptyState<'_>) -> bool {
    let tokens = theme::tokens(ui);
    let mut is_clicked = false;
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() / 2.0 - 90.0).max(12.0));
        ui.label(RichText::new(state.icon).size(34.0).color(tokens.subdued));
        ui.add_space(6.0);
        ui.label(
            RichText::new(state.headline)
                .font(theme::medium_font(theme::HEADING))
                .color(tokens.strong),
        );
        ui.scope(|ui| {
            ui.set_max_width(420.0);
            ui.label(RichText::new(state.next).color(tokens.subdued));
        });
        if let Some((label, shortcut)) = state.button {
            ui.add_space(10.0);
            is_clicked = main_button_ui(ui, label, shortcut).clicked();
        }
        if !state.guide.is_empty() {
            ui.add_space(8.0);
            guide_link_ui(ui, state.guide, "Read about it in the guide");
        }
    });
    is_clicked
}

/// Something that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorPanel<'a> {
    /// What could not be done.
    pub what: &'a str,
    /// Why, down to the first cause.
    pub cause: &'a str,
    /// What the person can do.
    pub remedy: &'a str,
    /// The chapter of the guide that says more; empty for none.
    pub guide: &'static str,
}

impl ErrorPanel<'_> {
    /// What the copy button gives to the clipboard.
    #[must_use]
    pub fn report(&self) -> String {
        format!("{}\n{}\n{}\n", self.what, self.cause, self.remedy)
    }
}

/// Says what failed, why, and what to do; the text can be copied. True if it was.
pub fn error_panel_ui(ui: &mut Ui, error: ErrorPanel<'_>) -> bool {
    let tokens = theme::tokens(ui);
    let frame = Frame::NONE
        .fill(tokens.tint(Tone::Err))
        .stroke(Stroke::new(1.0, theme::mix(tokens.base, tokens.err, 90)));
    let inner = frame
        .corner_radius(6.0)
        .inner_margin(Margin::symmetric(12, 10))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let copied = ui.horizontal(|ui| {
                ui.label(RichText::new("✗").color(tokens.err));
                ui.label(
                    RichText::new(error.what)
                        .font(theme::medium_font(theme::BODY))
                        .color(tokens.strong),
                );
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    command_button_ui(ui, "Copy details", "").clicked()
                })
                .inner
            });
            ui.add(
                Label::new(RichText::new(error.cause).color(tokens.text))
                    .selectable(true)
                    .wrap_mode(TextWrapMode::Wrap),
            );
            ui.add(
                Label::new(RichText::new(error.remedy).color(tokens.strong))
                    .wrap_mode(TextWrapMode::Wrap),
            );
            if !error.guide.is_empty() {
                guide_link_ui(ui, error.guide, "Read about it in the guide");
            }
            copied.inner
        });
    if inner.inner {
        ui.ctx().copy_text(error.report());
    }
    inner.inner
}

/// Facts in two columns. Values can be selected and copied.
pub fn key_values_ui(ui: &mut Ui, name: &str, facts: &[(&str, &str, Tone)]) {
    let tokens = theme::tokens(ui);
    Grid::new(name)
        .num_columns(2)
        .spacing(vec2(16.0, 5.0))
        .show(ui, |ui| {
            for (key, value, tone) in facts {
                ui.label(RichText::new(*key).color(tokens.subdued));
                let text = RichText::new(bidi::display(value)).color(tokens.tone(*tone));
                ui.add(
                    Label::new(text)
                        .selectable(true)
                        .wrap_mode(TextWrapMode::Wrap),
                );
                ui.end_row();
            }
        });
}

/// A cell of so many points, whatever is in it, with its content at the right end: numbers below each other stand below each other.
pub fn right_cell_ui(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    let (rect, _) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
    content(
        &mut ui.new_child(
            UiBuilder::new()
                .max_rect(rect)
                .layout(Layout::right_to_left(Align::Center)),
        ),
    );
}

/// Keeps a panel at its size: one that shows less for a moment, as while something is looked up, would shrink and stay narrow.
pub fn fill_panel(ui: &mut Ui) {
    ui.take_available_width();
}

/// Makes a label a heading for screen readers. A label keeps its text as a value, which a heading has none of, so it is named by it.
pub fn name_as_heading(ui: &Ui, label: &Response, text: &str) {
    ui.ctx().accesskit_node_builder(label.id, |node| {
        node.set_role(Role::Heading);
        node.set_label(text);
    });
}

/// The title of a part of a screen, with a quiet note behind it and a line below.
pub fn section_header_ui(ui: &mut Ui, title: &str, note: &str) -> Response {
    let tokens = theme::tokens(ui);
    let row = ui.horizontal(|ui| {
        let label = ui.label(
            RichText::new(title)
                .font(theme::medium_font(theme::BODY))
                .color(tokens.strong),
        );
        name_as_heading(ui, &label, title);
        if !note.is_empty() {
            ui.label(
                RichText::new(note)
                    .font(theme::small_font())
                    .color(tokens.subdued),
            );
        }
    });
    let left = ui.max_rect().left();
    let right = ui.max_rect().right();
    let bottom = row.response.rect.bottom() + 2.0;
    ui.painter()
        .hline(left..=right, bottom, Stroke::new(1.0, tokens.line));
    ui.add_space(4.0);
    row.response
}

/// A question before something that cannot be taken back, in the place where it will happen. The answer, once there is one.
pub fn confirm_strip_ui(
    ui: &mut Ui,
    question: &str,
    yes: &str,
    no: &str,
    tone: Tone,
) -> Option<bool> {
    strip_ui(ui, tone, Role::Alert, question, |ui| {
        let tokens = theme::tokens(ui);
        if command_button_ui(ui, no, "").clicked() {
            return Some(false);
        }
        let text = RichText::new(yes)
            .font(theme::medium_font(theme::BODY))
            .color(tokens.tone(tone));
        ui.button(text).clicked().then_some(true)
    })
}

/// What was done, or what a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How it is meant.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
    /// A button, such as “Undo”.
    pub action: Option<String>,
}

/// What a person answered to a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeAnswer {
    /// The action was asked for.
    Action,
    /// It was read.
    Dismissed,
}

/// A notice in one line. When it goes by itself is the caller's to say: an error stays until it is dismissed.
pub fn notice_ui(ui: &mut Ui, notice: &Notice) -> Option<NoticeAnswer> {
    let role = if notice.tone == Tone::Err {
        Role::Alert
    } else {
        Role::Status
    };
    strip_ui(ui, notice.tone, role, &notice.text, |ui| {
        if command_button_ui(ui, "✕", "")
            .accessible_name("Dismiss")
            .on_hover_text("Dismiss")
            .clicked()
        {
            return Some(NoticeAnswer::Dismissed);
        }
        let action = notice.action.as_ref()?;
        ui.button(action.as_str())
            .clicked()
            .then_some(NoticeAnswer::Action)
    })
}

/// A colored line with a sign, a sentence, and what the caller puts at its right end, from right to left.
fn strip_ui<R>(
    ui: &mut Ui,
    tone: Tone,
    role: Role,
    sentence: &str,
    right: impl FnOnce(&mut Ui) -> R,
) -> R {
    let tokens = theme::tokens(ui);
    let frame = Frame::NONE.fill(tokens.tint(tone)).stroke(Stroke::new(
        1.0,
        theme::mix(tokens.base, tokens.tone(tone), 90),
    ));
    let region = UiBuilder::new()
        .accessibility_role(role)
        .accessibility_label(sentence);
    ui.scope_builder(region, |ui| {
        frame
            .corner_radius(6.0)
            .inner_margin(Margin::symmetric(10, 5))
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.label(RichText::new(sign(tone)).color(tokens.tone(tone)));
                    // The buttons take their room first, so that a long sentence is cut and they are not.
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let answer = right(ui);
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                            ui.add(
                                Label::new(RichText::new(sentence).color(tokens.text)).truncate(),
                            );
                        });
                        answer
                    })
                    .inner
                })
                .inner
            })
            .inner
    })
    .inner
}

/// The sign that goes with a tone, so that it can be told without color.
fn sign(tone: Tone) -> &'static str {
    match tone {
        Tone::Ok => "✓",
        Tone::Warn => "▲",
        Tone::Err => "✗",
        Tone::Accent | Tone::Normal | Tone::Strong | Tone::Subdued => "●",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_what_a_person_needs_to_ask_for_help() {
        let error = ErrorPanel {
            what: "the file was not read",
            cause: "no such file",
            remedy: "choose it again",
            guide: "",
        };
        assert_eq!(
            error.report(),
            "the file was not read\nno such file\nchoose it again\n"
        );
    }

    #[test]
    fn good_and_bad_have_different_signs() {
        let signs = [Tone::Ok, Tone::Warn, Tone::Err, Tone::Accent].map(sign);
        assert!(
            signs
                .iter()
                .enumerate()
                .all(|(at, sign)| !signs[..at].contains(sign))
        );
    }
}
