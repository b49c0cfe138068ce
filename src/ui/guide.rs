//! The guide in a window of its own: chapters, a search over all of them, and links between them.

use eframe::egui::{
    self, Id, Label, Pos2, Rect, RichText, ScrollArea, Sense, Ui, Vec2, Window, pos2, vec2,
};

use super::kit::guide_link;
use super::kit::markdown::{self, TextBlock, TextPiece};
use super::kit::{theme, widgets};
use crate::guide::{CHAPTERS, Chapter, GuideHit, chapter, find};

/// Most places that a search lists: who sees more than these types another word.
const MOST_HITS: usize = 200;
/// Room of the list of chapters.
const LIST_WIDTH: f32 = 208.0;

/// The guide's window.
#[derive(Default)]
pub struct GuideWindow {
    page: Option<OpenChapter>,
    search: String,
    /// What the hits are of: the field can also be emptied by its button.
    searched: String,
    hits: Vec<GuideHit>,
    takes_focus: bool,
}

/// The chapter that is open.
struct OpenChapter {
    chapter: &'static Chapter,
    blocks: Vec<TextBlock>,
    /// Height of each piece that was drawn at `width`, so that those out of sight only take their room.
    heights: Vec<Option<f32>>,
    width: f32,
    /// A heading to scroll to.
    target: Option<String>,
}

impl OpenChapter {
    fn of(chapter: &'static Chapter, target: Option<String>) -> Self {
        Self {
            chapter,
            blocks: markdown::blocks(chapter.text),
            heights: Vec::new(),
            width: 0.0,
            target,
        }
    }
}

impl GuideWindow {
    /// Whether it is shown.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.page.is_some()
    }

    /// Shows a chapter, or the guide's first one.
    pub fn open(&mut self, id: &str) {
        self.page = Some(OpenChapter::of(chapter(id).unwrap_or(&CHAPTERS[0]), None));
        self.takes_focus = true;
    }

    /// Closes it.
    pub fn close(&mut self) {
        self.page = None;
    }

    /// Draws it while it is open.
    pub fn show(&mut self, ctx: &egui::Context) {
        if self.page.is_none() {
            return;
        }
        let mut is_open = true;
        let room = ctx.content_rect().size();
        Window::new("Guide")
            .id(Id::unique("guide"))
            .open(&mut is_open)
            .default_size(vec2(
                (room.x - 120.0).min(980.0),
                (room.y - 120.0).min(760.0),
            ))
            .default_pos(pos2(room.x - (room.x - 120.0).min(980.0) - 40.0, 40.0))
            .min_size(vec2(520.0, 320.0))
            .collapsible(false)
            .show(ctx, |ui| {
                ui.horizontal_top(|ui| {
                    ui.vertical(|ui| {
                        ui.set_width(LIST_WIDTH);
                        self.list_ui(ui);
                    });
                    ui.separator();
                    ui.vertical(|ui| self.page_ui(ui));
                });
            });
        if !is_open {
            self.close();
        }
    }

    fn list_ui(&mut self, ui: &mut Ui) {
        let search = widgets::search_box_ui(
            ui,
            &mut self.search,
            "Search the guide",
            "Search the guide",
            LIST_WIDTH,
        );
        if std::mem::take(&mut self.takes_focus) {
            search.response.request_focus();
        }
        if self.searched != self.search {
            self.hits = find(&self.search);
            self.searched.clone_from(&self.search);
        }
        ui.add_space(4.0);
        let mut wanted = None;
        ScrollArea::vertical()
            .id_salt("guide list")
            .auto_shrink(false)
            .show(ui, |ui| {
                wanted = if self.search.trim().is_empty() {
                    self.chapters_ui(ui)
                } else {
                    self.hits_ui(ui)
                };
            });
        if let Some(page) = wanted {
            self.page = Some(page);
        }
    }

    fn chapters_ui(&self, ui: &mut Ui) -> Option<OpenChapter> {
        let open = self.page.as_ref().map(|page| page.chapter.id);
        let clicked = CHAPTERS.iter().find(|chapter| {
            ui.selectable_label(open == Some(chapter.id), chapter.title())
                .clicked()
        });
        clicked.map(|chapter| OpenChapter::of(chapter, None))
    }

    fn hits_ui(&self, ui: &mut Ui) -> Option<OpenChapter> {
        let tokens = theme::tokens(ui);
        if self.hits.is_empty() {
            ui.label(RichText::new("No chapter has all of these words").color(tokens.subdued));
        }
        let mut wanted = None;
        for hit in self.hits.iter().take(MOST_HITS) {
            let place = format!("{} › {}", hit.chapter.title(), hit.heading);
            let place = if hit.heading == hit.chapter.title() {
                hit.chapter.title().to_owned()
            } else {
                place
            };
            if ui
                .add(Label::new(RichText::new(&place).color(tokens.accent)).sense(Sense::click()))
                .on_hover_cursor(egui::CursorIcon::PointingHand)
                .clicked()
            {
                wanted = Some(OpenChapter::of(hit.chapter, Some(hit.heading.to_owned())));
            }
            let line = RichText::new(markdown::plain(hit.line)).font(theme::small_font());
            ui.add(Label::new(line.color(tokens.subdued)).truncate());
            ui.add_space(4.0);
        }
        wanted
    }

    fn page_ui(&mut self, ui: &mut Ui) {
        let Some(page) = &mut self.page else { return };
        let mut followed = None;
        ScrollArea::vertical()
            .id_salt(("guide page", page.chapter.id))
            .auto_shrink(false)
            .show(ui, |ui| {
                followed = page.show_ui(ui);
            });
        if let Some(link) = followed {
            self.follow(ui, &link);
        }
    }

    fn follow(&mut self, ui: &Ui, link: &str) {
        if link.starts_with("https://") {
            return ui.ctx().open_url(egui::OpenUrl::new_tab(link));
        }
        let (file, heading) = link.split_once('#').unwrap_or((link, ""));
        let here = self.page.as_ref().map(|page| page.chapter);
        let chapter = match file.strip_suffix(".md") {
            Some(id) => chapter(id),
            None => here,
        };
        if let Some(chapter) = chapter {
            let heading = markdown::heading_of(chapter.text, heading);
            self.page = Some(OpenChapter::of(chapter, heading));
        }
    }
}

impl OpenChapter {
    /// Draws what is in sight; the link that was clicked.
    fn show_ui(&mut self, ui: &mut Ui) -> Option<String> {
        let width = ui.available_width() - 12.0;
        let pieces: Vec<TextPiece<'_>> = self.blocks.iter().flat_map(TextBlock::pieces).collect();
        if self.heights.len() != pieces.len() || (self.width - width).abs() > 0.5 {
            self.heights = vec![None; pieces.len()];
            self.width = width;
        }
        let mut followed = None;
        for (index, piece) in pieces.into_iter().enumerate() {
            let top = ui.cursor().min;
            let is_target = self.target.is_some() && piece.heading() == self.target.as_deref();
            if let Some(height) = self.heights[index].filter(|_| !is_target) {
                let rect = Rect::from_min_size(top, vec2(width, height));
                if !ui.is_rect_visible(rect) {
                    ui.advance_cursor_after_rect(rect);
                    continue;
                }
            }
            followed = markdown::piece_ui(ui, &piece, width).or(followed);
            let bottom = ui.cursor().min;
            self.heights[index] = Some(bottom.y - top.y - ui.spacing().item_spacing.y);
            if is_target {
                ui.scroll_to_rect(under(top), Some(egui::Align::Min));
                self.target = None;
            }
        }
        ui.add_space(24.0);
        followed
    }
}

fn under(top: Pos2) -> Rect {
    Rect::from_min_size(top, Vec2::splat(24.0))
}

/// The chapter that a link on the screen asked for, once.
pub(super) fn asked(ctx: &egui::Context) -> Option<&'static str> {
    guide_link::take(ctx)
}
