//! What a person clicks and types into: buttons of commands, keys, the search box.

use eframe::egui::{
    Align2, Button, FontId, Key, Response, RichText, Role, Sense, Stroke, StrokeKind, TextEdit, Ui,
    WidgetInfo, vec2,
};

use super::super::theme;

/// What a tooltip says about a command that has a shortcut: `Open a statement (Ctrl+O)`.
#[must_use]
pub fn tooltip_with_keys(text: &str, shortcut: &str) -> String {
    if shortcut.is_empty() {
        text.to_owned()
    } else {
        format!("{text} ({shortcut})")
    }
}

/// A button of a toolbar: flat until the pointer is on it, its shortcut in the tooltip.
pub fn command_button_ui(ui: &mut Ui, label: &str, shortcut: &str) -> Response {
    let button = ui.add(Button::new(label).frame_when_inactive(false));
    with_keys(button, label, shortcut)
}

/// The one button of a screen that goes on.
pub fn main_button_ui(ui: &mut Ui, label: &str, shortcut: &str) -> Response {
    let tokens = theme::tokens(ui);
    let text = RichText::new(label)
        .font(theme::medium_font(theme::BODY))
        .color(tokens.on_accent);
    let button = ui.add(
        Button::new(text)
            .fill(tokens.accent)
            .stroke(Stroke::NONE)
            .min_size(vec2(72.0, 28.0)),
    );
    with_keys(button, label, shortcut)
}

/// A label that says nothing new needs no tooltip; its keys do.
fn with_keys(response: Response, label: &str, shortcut: &str) -> Response {
    if shortcut.is_empty() {
        return response;
    }
    let text = tooltip_with_keys(label.trim_end_matches('…'), shortcut);
    response.on_hover_text(&text).on_disabled_hover_text(text)
}

/// A shortcut such as `Ctrl+Shift+K`, each key as a cap.
pub fn keys_ui(ui: &mut Ui, shortcut: &str) -> Response {
    let tokens = theme::tokens(ui);
    let font = FontId::proportional(theme::SMALL);
    let caps: Vec<_> = keys(shortcut)
        .map(|key| {
            ui.painter()
                .layout_no_wrap(key.to_owned(), font.clone(), tokens.subdued)
        })
        .collect();
    let widths: Vec<f32> = caps
        .iter()
        .map(|cap| (cap.size().x + 10.0).max(18.0).ceil())
        .collect();
    let total = widths.iter().sum::<f32>() + 3.0 * widths.len().saturating_sub(1) as f32;
    let (rect, response) = ui.allocate_exact_size(vec2(total, 18.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, shortcut));
    let mut left = rect.left();
    for (cap, width) in caps.into_iter().zip(widths) {
        let key = rect.with_min_x(left).with_max_x(left + width);
        ui.painter().rect(
            key,
            3.0,
            tokens.panel,
            Stroke::new(1.0, tokens.line),
            StrokeKind::Inside,
        );
        ui.painter().galley(
            Align2::CENTER_CENTER
                .anchor_size(key.center(), cap.size())
                .min,
            cap,
            tokens.subdued,
        );
        left += width + 3.0;
    }
    response
}

/// Keys of a shortcut; the key `+` itself is one of them.
fn keys(shortcut: &str) -> impl Iterator<Item = &str> {
    let (others, plus) = shortcut
        .strip_suffix("++")
        .map_or((shortcut, None), |others| (others, Some("+")));
    others.split('+').filter(|key| !key.is_empty()).chain(plus)
}

/// What happened to a search box.
#[derive(Debug)]
pub struct SearchOutput {
    /// Of the field; takes the focus.
    pub response: Response,
    /// Enter was pressed.
    pub submitted: bool,
}

/// A field to search with: its name for screen readers, a hint while it is empty, and a button that empties it. Escape empties it, too.
pub fn search_box_ui(
    ui: &mut Ui,
    text: &mut String,
    name: &str,
    hint: &str,
    width: f32,
) -> SearchOutput {
    let tokens = theme::tokens(ui);
    let id = ui.make_persistent_id(("search", name));
    let is_focused = ui.memory(|memory| memory.has_focus(id));
    let is_emptied = is_focused
        && !text.is_empty()
        && ui.input_mut(|input| input.consume_key(eframe::egui::Modifiers::NONE, Key::Escape));
    if is_emptied {
        text.clear();
    }
    let margin = eframe::egui::Margin {
        left: 25,
        right: 22,
        top: 4,
        bottom: 4,
    };
    let edit = TextEdit::singleline(text)
        .id(id)
        .hint_text(RichText::new(hint).color(tokens.subdued))
        .desired_width(width - 47.0)
        .margin(margin);
    let response = ui.add(edit);
    name_field(ui, &response, name);
    paint_glass(ui, &response);
    let is_cleared = !text.is_empty() && clear_ui(ui, &response, name);
    if is_cleared {
        text.clear();
    }
    if is_cleared || is_emptied {
        response.request_focus();
    }
    let submitted = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    SearchOutput {
        response,
        submitted,
    }
}

fn name_field(ui: &Ui, response: &Response, name: &str) {
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_label(name));
}

/// A magnifying glass at the left of a field.
fn paint_glass(ui: &Ui, field: &Response) {
    let tokens = theme::tokens(ui);
    let stroke = Stroke::new(1.3, tokens.subdued);
    let center = field.rect.left_center() + vec2(13.0, -1.0);
    ui.painter().circle_stroke(center, 4.0, stroke);
    ui.painter()
        .line_segment([center + vec2(3.0, 3.0), center + vec2(6.0, 6.0)], stroke);
}

/// The cross at the right of a field.
fn clear_ui(ui: &Ui, field: &Response, name: &str) -> bool {
    let tokens = theme::tokens(ui);
    let rect = eframe::egui::Rect::from_center_size(
        field.rect.right_center() - vec2(12.0, 0.0),
        vec2(18.0, 18.0),
    );
    let response = ui.interact(rect, field.id.with("clear"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Clear {name}")));
    let color = if response.hovered() || response.has_focus() {
        tokens.strong
    } else {
        tokens.subdued
    };
    let center = rect.center();
    let arm = 3.5;
    for direction in [vec2(arm, arm), vec2(arm, -arm)] {
        ui.painter().line_segment(
            [center - direction, center + direction],
            Stroke::new(1.3, color),
        );
    }
    response.on_hover_text("Clear").clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortcut_is_its_keys() {
        for (shortcut, wanted) in [
            ("Ctrl+Shift+K", vec!["Ctrl", "Shift", "K"]),
            ("?", vec!["?"]),
            ("Ctrl++", vec!["Ctrl", "+"]),
            ("", vec![]),
        ] {
            assert_eq!(keys(shortcut).collect::<Vec<_>>(), wanted);
        }
    }

    #[test]
    fn a_tooltip_names_the_keys_if_there_are_any() {
        assert_eq!(tooltip_with_keys("Open", "Ctrl+O"), "Open (Ctrl+O)");
        assert_eq!(tooltip_with_keys("Open", ""), "Open");
    }
}
