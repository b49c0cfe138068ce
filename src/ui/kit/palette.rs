//! Every command of the program in one list: a few letters find it, Enter runs it.
//!
//! Invariant: the palette runs nothing; it gives back the id of what was chosen, and whoever owns the commands runs it as for a button.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{
    Align, Align2, Area, Color32, Context, Frame, Id, Key, Layout, Margin, Modal, Modifiers, Rect,
    Response, RichText, Role, ScrollArea, Sense, Stroke, TextEdit, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};

use super::theme;
use super::widgets;

const WIDTH: f32 = 560.0;
const ROW: f32 = 30.0;
const ROWS_MAX: f32 = 10.0;

/// A command as the palette and the sheet of shortcuts show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaletteEntry<'a, I> {
    /// What is given back when it is chosen.
    pub id: I,
    /// What it is about, such as “File”.
    pub group: &'a str,
    /// What it does.
    pub title: &'a str,
    /// Its keys, such as `Ctrl+O`; empty if it has none.
    pub shortcut: &'a str,
    /// Whether it can be run now.
    pub is_enabled: bool,
}

/// The command palette: closed, or open with what was typed.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    is_open: bool,
    query: String,
    /// Place in the list of what was found.
    cursor: usize,
}

/// An entry that was found, with how well it fits and which characters of its title were typed.
#[derive(Debug, PartialEq, Eq)]
struct FoundEntry {
    score: u32,
    entry: usize,
    letters: Vec<usize>,
}

impl Palette {
    /// Opens it with nothing typed.
    pub fn open(&mut self) {
        *self = Self {
            is_open: true,
            ..Self::default()
        };
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Shows the palette while it is open. The id of the command that was chosen; it is closed then.
    pub fn show<I: Copy>(&mut self, ctx: &Context, entries: &[PaletteEntry<'_, I>]) -> Option<I> {
        if !self.is_open {
            return None;
        }
        let area = Area::new(Id::unique("command palette"))
            .kind(eframe::egui::UiKind::Modal)
            .order(eframe::egui::Order::Foreground);
        let area = area
            .anchor(Align2::CENTER_TOP, vec2(0.0, 72.0))
            .accessible_name("Commands");
        let tokens = if ctx.theme() == eframe::egui::Theme::Dark {
            &theme::DARK
        } else {
            &theme::LIGHT
        };
        let frame = Frame::NONE
            .fill(tokens.raised)
            .stroke(Stroke::new(1.0, tokens.edge))
            .corner_radius(8.0)
            .inner_margin(Margin::same(8));
        let frame = frame.shadow(ctx.style_of(ctx.theme()).visuals.window_shadow);
        let modal = Modal::new(Id::unique("command palette"))
            .area(area)
            .frame(frame)
            .show(ctx, |ui| self.content_ui(ui, entries));
        if modal.should_close() || modal.inner.is_some() {
            self.is_open = false;
        }
        modal.inner.map(|entry| entries[entry].id)
    }

    /// The place of the entry that was chosen.
    fn content_ui<I>(&mut self, ui: &mut Ui, entries: &[PaletteEntry<'_, I>]) -> Option<usize> {
        ui.set_width(WIDTH);
        let keys = take_keys(ui);
        self.field_ui(ui);
        let found = find(&self.query, entries);
        self.cursor = moved(self.cursor, keys.steps, found.len());
        ui.add_space(4.0);
        let clicked = self.list_ui(ui, entries, &found, keys.steps != 0);
        let entered = found
            .get(self.cursor)
            .map(|found| found.entry)
            .filter(|_| keys.is_entered);
        clicked
            .or(entered)
            .filter(|entry| entries[*entry].is_enabled)
    }

    fn field_ui(&mut self, ui: &mut Ui) {
        let edit = TextEdit::singleline(&mut self.query)
            .id(Id::unique("command palette field"))
            .frame(Frame::NONE);
        let edit = edit
            .hint_text("Type a command")
            .font(eframe::egui::FontId::proportional(15.0))
            .desired_width(f32::INFINITY)
            .margin(Margin::symmetric(8, 6));
        let field = ui.add(edit);
        ui.ctx()
            .accesskit_node_builder(field.id, |node| node.set_label("Command"));
        if !field.has_focus() {
            field.request_focus();
        }
        if field.changed() {
            self.cursor = 0;
        }
        let line = Stroke::new(1.0, theme::tokens(ui).line);
        ui.painter()
            .hline(field.rect.x_range(), field.rect.bottom() + 3.0, line);
    }

    fn list_ui<I>(
        &mut self,
        ui: &mut Ui,
        entries: &[PaletteEntry<'_, I>],
        found: &[FoundEntry],
        has_moved: bool,
    ) -> Option<usize> {
        ui.spacing_mut().item_spacing.y = 0.0;
        if found.is_empty() {
            ui.add_space(8.0);
            ui.label(
                RichText::new("  No command has these letters").color(theme::tokens(ui).subdued),
            );
            ui.add_space(8.0);
            return None;
        }
        let mut clicked = None;
        ScrollArea::vertical()
            .max_height(ROW * ROWS_MAX)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                for (index, found) in found.iter().enumerate() {
                    let response = row_ui(ui, &entries[found.entry], found, index == self.cursor);
                    if has_moved && index == self.cursor {
                        response.scroll_to_me(None);
                    }
                    if response.clicked() {
                        clicked = Some(found.entry);
                    }
                }
            });
        clicked
    }
}

struct Keys {
    /// Rows to go down; up if negative.
    steps: i64,
    is_entered: bool,
}

/// Takes the keys of the list before the field can.
fn take_keys(ui: &Ui) -> Keys {
    ui.input_mut(|input| {
        let mut presses =
            |key| i64::try_from(input.count_and_consume_key(Modifiers::NONE, key)).unwrap_or(0);
        let steps = presses(Key::ArrowDown) - presses(Key::ArrowUp)
            + 8 * (presses(Key::PageDown) - presses(Key::PageUp));
        Keys {
            steps,
            is_entered: presses(Key::Enter) > 0,
        }
    })
}

/// A step beyond an end leads to the other one; a leap stays at the end.
fn moved(cursor: usize, steps: i64, count: usize) -> usize {
    let Some(last) = count.checked_sub(1) else {
        return 0;
    };
    let cursor = cursor.min(last);
    match steps {
        1 if cursor == last => 0,
        -1 if cursor == 0 => last,
        _ if steps < 0 => {
            cursor.saturating_sub(usize::try_from(steps.unsigned_abs()).unwrap_or(usize::MAX))
        }
        _ => cursor
            .saturating_add(usize::try_from(steps).unwrap_or(usize::MAX))
            .min(last),
    }
}

fn row_ui<I>(
    ui: &mut Ui,
    entry: &PaletteEntry<'_, I>,
    found: &FoundEntry,
    is_current: bool,
) -> Response {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::CLICK);
    response.widget_info(|| {
        WidgetInfo::selected(
            Role::ListBoxOption,
            entry.is_enabled,
            is_current,
            entry.title,
        )
    });
    let ground = match (is_current, response.hovered()) {
        (true, _) => tokens.sel,
        (false, true) => tokens.hover,
        (false, false) => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, 5.0, ground);
    let strong = if is_current {
        tokens.strong
    } else {
        tokens.text
    };
    let galley = ui.painter().layout_job(title_job(
        entry,
        &found.letters,
        if entry.is_enabled {
            strong
        } else {
            tokens.subdued
        },
        tokens.accent,
    ));
    ui.painter().galley(
        pos2(rect.left() + 8.0, rect.center().y - galley.size().y / 2.0),
        galley,
        strong,
    );
    let place = Rect::from_min_max(rect.min, rect.max - vec2(8.0, 0.0));
    let mut right = ui.new_child(
        UiBuilder::new()
            .max_rect(place)
            .layout(Layout::right_to_left(Align::Center)),
    );
    if !entry.shortcut.is_empty() {
        widgets::keys_ui(&mut right, entry.shortcut);
    }
    if !entry.is_enabled {
        right.label(
            RichText::new("not now")
                .font(theme::small_font())
                .color(tokens.subdued),
        );
    }
    response
}

/// The group quietly, then the title with the typed letters lit.
fn title_job<I>(
    entry: &PaletteEntry<'_, I>,
    letters: &[usize],
    color: Color32,
    accent: Color32,
) -> LayoutJob {
    let mut job = LayoutJob::default();
    let quiet = TextFormat::simple(theme::body_font(), color.gamma_multiply(0.75));
    if !entry.group.is_empty() {
        job.append(entry.group, 0.0, quiet.clone());
        job.append("  ", 0.0, quiet);
    }
    for (index, letter) in entry.title.chars().enumerate() {
        let is_typed = letters.binary_search(&index).is_ok() && color != accent;
        let format = if is_typed {
            TextFormat::simple(theme::medium_font(theme::BODY), accent)
        } else {
            TextFormat::simple(theme::body_font(), color)
        };
        job.append(letter.encode_utf8(&mut [0; 4]), 0.0, format);
    }
    job
}

/// Entries that have the typed letters, the best first; all of them, in their order, if nothing is typed.
fn find<I>(query: &str, entries: &[PaletteEntry<'_, I>]) -> Vec<FoundEntry> {
    let mut found: Vec<FoundEntry> = entries
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| {
            let (score, letters) =
                fit(query, entry.title).or_else(|| fit_with_group(query, entry))?;
            Some(FoundEntry {
                score: score * 2 + u32::from(entry.is_enabled),
                entry: index,
                letters,
            })
        })
        .collect();
    if !query.trim().is_empty() {
        found.sort_by_key(|found| std::cmp::Reverse(found.score));
    }
    found
}

/// A query that begins with the group, such as “file open”.
fn fit_with_group<I>(query: &str, entry: &PaletteEntry<'_, I>) -> Option<(u32, Vec<usize>)> {
    let (first, rest) = query.trim().split_once(' ').unwrap_or((query.trim(), ""));
    fit(first, entry.group)?;
    fit(rest, entry.title)
}

/// How well the letters of a query fit a title, word by word, and which letters of the title they are; `None` if one is missing.
fn fit(query: &str, title: &str) -> Option<(u32, Vec<usize>)> {
    let title: Vec<char> = title.chars().map(lower).collect();
    let mut score = 0;
    let mut letters = Vec::new();
    for word in query.split_whitespace() {
        let word: Vec<char> = word.chars().map(lower).collect();
        let (points, places) = whole_word(&word, &title).or_else(|| spread_word(&word, &title))?;
        score += points;
        letters.extend(places);
    }
    letters.sort_unstable();
    letters.dedup();
    Some((score, letters))
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn begins_word(title: &[char], place: usize) -> bool {
    title[place].is_alphanumeric() && (place == 0 || !title[place - 1].is_alphanumeric())
}

/// The letters side by side; best at the beginning of the title, then at the beginning of a word.
fn whole_word(word: &[char], title: &[char]) -> Option<(u32, Vec<usize>)> {
    let places = title
        .windows(word.len())
        .enumerate()
        .filter(|(_, window)| *window == word)
        .map(|(place, _)| place);
    let rated = places.map(|place| {
        (
            if place == 0 {
                400
            } else if begins_word(title, place) {
                300
            } else {
                100
            },
            place,
        )
    });
    let (points, place) =
        rated.max_by_key(|(points, place)| (*points, std::cmp::Reverse(*place)))?;
    Some((points, (place..place + word.len()).collect()))
}

/// The letters in their order with others between them; the first letters of words are preferred.
fn spread_word(word: &[char], title: &[char]) -> Option<(u32, Vec<usize>)> {
    let initials: Vec<usize> = (0..title.len())
        .filter(|index| begins_word(title, *index))
        .collect();
    if let Some(places) = in_order(word, &initials, title) {
        return Some((200, places));
    }
    let all: Vec<usize> = (0..title.len()).collect();
    in_order(word, &all, title).map(|places| (10, places))
}

fn in_order(word: &[char], places: &[usize], title: &[char]) -> Option<Vec<usize>> {
    let mut rest = places.iter().copied();
    word.iter()
        .map(|letter| rest.find(|place| title[*place] == *letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u8, group: &'static str, title: &'static str) -> PaletteEntry<'static, u8> {
        PaletteEntry {
            id,
            group,
            title,
            shortcut: "",
            is_enabled: true,
        }
    }

    fn entries() -> Vec<PaletteEntry<'static, u8>> {
        vec![
            entry(0, "File", "Open workspace"),
            entry(1, "File", "Import statements"),
            entry(2, "Review", "Accept candidate"),
            entry(3, "View", "Show exceptions"),
            entry(4, "View", "Toggle dark theme"),
        ]
    }

    fn ids(query: &str) -> Vec<usize> {
        find(query, &entries())
            .into_iter()
            .map(|found| found.entry)
            .collect()
    }

    #[test]
    fn nothing_typed_shows_all_in_their_order() {
        assert_eq!(ids(""), [0, 1, 2, 3, 4]);
        assert_eq!(ids("  "), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn letters_find_titles_the_best_first() {
        assert_eq!(ids("open"), [0]);
        assert_eq!(ids("state"), [1]);
        assert_eq!(ids("tdt")[0], 4, "the first letters of words");
        assert_eq!(ids("acc")[0], 2);
        assert_eq!(ids("EXC")[0], 3);
        assert_eq!(ids("dark tog"), [4], "words in any order");
        assert_eq!(ids("file im"), [1], "the group is a word too");
        assert!(ids("zzz").is_empty());
    }

    #[test]
    fn a_word_that_begins_with_the_letters_comes_before_one_that_has_them() {
        let entries = [
            entry(0, "", "Reopen"),
            entry(1, "", "Quickly open"),
            entry(2, "", "Open"),
        ];
        let order: Vec<u8> = find("open", &entries)
            .iter()
            .map(|found| entries[found.entry].id)
            .collect();
        assert_eq!(order, [2, 1, 0]);
    }

    #[test]
    fn typed_letters_are_known_by_their_places() {
        assert_eq!(
            fit("im st", "Import statements").map(|(_, letters)| letters),
            Some(vec![0, 1, 7, 8])
        );
        assert_eq!(fit("ö", "Größe").map(|(_, letters)| letters), Some(vec![2]));
    }

    #[test]
    fn the_cursor_goes_round_by_steps_and_stops_by_leaps() {
        for (cursor, steps, count, wanted) in [
            (0, 1, 3, 1),
            (2, 1, 3, 0),
            (0, -1, 3, 2),
            (0, 8, 3, 2),
            (2, -8, 3, 0),
            (5, 0, 3, 2),
            (0, 1, 0, 0),
        ] {
            assert_eq!(
                moved(cursor, steps, count),
                wanted,
                "{cursor} {steps} {count}"
            );
        }
    }
}
