//! All keys of the program on one sheet, from the same list as the command palette.

use eframe::egui::{Context, Id, Key, Modal, Modifiers, RichText, Ui, vec2};

use super::palette::PaletteEntry;
use super::theme;
use super::widgets;

const COLUMN: f32 = 330.0;

/// Shows the sheet while it is open; Escape or a click beside it closes it.
pub fn show_sheet<I>(ctx: &Context, is_open: &mut bool, entries: &[PaletteEntry<'_, I>]) {
    if !*is_open {
        return;
    }
    let modal = Modal::new(Id::unique("keyboard shortcuts")).show(ctx, |ui| {
        ui.set_width(2.0 * COLUMN + 24.0);
        ui.label(
            RichText::new("Keyboard shortcuts")
                .font(theme::medium_font(theme::HEADING))
                .color(theme::tokens(ui).strong),
        );
        ui.add_space(6.0);
        let (left, right) = halves(groups(entries));
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 24.0;
            column_ui(ui, &left);
            column_ui(ui, &right);
        });
    });
    if modal.should_close() {
        *is_open = false;
    }
}

/// A heading with its commands and their keys.
type ShortcutGroup<'a> = (&'a str, Vec<(&'a str, &'a str)>);

/// Commands with keys, by group, in the order in which groups first appear.
fn groups<'a, I>(entries: &[PaletteEntry<'a, I>]) -> Vec<ShortcutGroup<'a>> {
    let mut groups: Vec<ShortcutGroup<'a>> = Vec::new();
    for entry in entries.iter().filter(|entry| !entry.shortcut.is_empty()) {
        let line = (entry.title, entry.shortcut);
        match groups.iter_mut().find(|(name, _)| *name == entry.group) {
            Some((_, lines)) => lines.push(line),
            None => groups.push((entry.group, vec![line])),
        }
    }
    groups
}

/// Two columns of about the same length, without a group being torn apart.
fn halves(groups: Vec<ShortcutGroup<'_>>) -> (Vec<ShortcutGroup<'_>>, Vec<ShortcutGroup<'_>>) {
    let length = |group: &ShortcutGroup<'_>| group.1.len() + 2;
    let total: usize = groups.iter().map(length).sum();
    let mut before = 0;
    let mut left = groups;
    let cut = left.iter().position(|group| {
        let is_behind_middle = 2 * before + length(group) > total;
        before += length(group);
        is_behind_middle
    });
    let right = left.split_off(cut.unwrap_or(left.len()).max(1).min(left.len()));
    (left, right)
}

fn column_ui(ui: &mut Ui, groups: &[ShortcutGroup<'_>]) {
    let tokens = theme::tokens(ui);
    ui.vertical(|ui| {
        ui.set_width(COLUMN);
        for (name, lines) in groups {
            widgets::section_header_ui(ui, name, "");
            for (title, shortcut) in lines {
                ui.horizontal(|ui| {
                    ui.label(RichText::new(*title).color(tokens.text));
                    ui.with_layout(
                        eframe::egui::Layout::right_to_left(eframe::egui::Align::Center),
                        |ui| widgets::keys_ui(ui, shortcut),
                    );
                });
            }
            ui.allocate_space(vec2(0.0, 8.0));
        }
    });
}

/// Whether somebody wants to type into the search of a screen: Ctrl+F, or a slash unless they type.
pub fn find_pressed(ui: &Ui) -> bool {
    let is_typing = ui.ctx().text_edit_focused();
    ui.input_mut(|input| {
        input.consume_key(Modifiers::COMMAND, Key::F)
            || (!is_typing && input.consume_key(Modifiers::NONE, Key::Slash))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(
        group: &'static str,
        title: &'static str,
        shortcut: &'static str,
    ) -> PaletteEntry<'static, ()> {
        PaletteEntry {
            id: (),
            group,
            title,
            shortcut,
            is_enabled: true,
        }
    }

    #[test]
    fn only_commands_with_keys_are_on_the_sheet() {
        let entries = [
            entry("File", "Open", "Ctrl+O"),
            entry("View", "Dark", ""),
            entry("View", "Zoom", "Ctrl++"),
            entry("File", "Quit", "Ctrl+Q"),
        ];
        assert_eq!(
            groups(&entries),
            [
                ("File", vec![("Open", "Ctrl+O"), ("Quit", "Ctrl+Q")]),
                ("View", vec![("Zoom", "Ctrl++")])
            ]
        );
    }

    #[test]
    fn columns_are_about_the_same_length() {
        let group = |name, lines| (name, vec![("a", "b"); lines]);
        let lengths = |(left, right): (Vec<ShortcutGroup<'_>>, Vec<ShortcutGroup<'_>>)| {
            (left.len(), right.len())
        };
        assert_eq!(lengths(halves(vec![group("a", 4), group("b", 4)])), (1, 1));
        assert_eq!(
            lengths(halves(vec![group("a", 9), group("b", 2), group("c", 2)])),
            (1, 2)
        );
        assert_eq!(lengths(halves(vec![group("a", 9)])), (1, 0));
        assert_eq!(lengths(halves(Vec::new())), (0, 0));
    }
}
