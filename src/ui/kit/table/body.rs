//! The rows in view, painted: stripes and selection, then the cells' marks and texts.
//!
//! Texts are cut by the layout at the width of their column, so no cell needs a clip rectangle of its own.

use std::borrow::Cow;
use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextWrapping};
use eframe::egui::{
    Align2, Color32, FontId, Galley, Painter, Pos2, Rangef, Rect, Stroke, StrokeKind, Ui,
    emath::GuiRounding as _, pos2, vec2,
};

use super::super::{bidi, theme};
use super::geometry::RowSpan;
use super::{Mark, RowState, Scene, TableCell, TableSource, Tone};

/// Room between the edge of a column and its text.
pub const PAD: f32 = 8.0;
/// Room that a dot takes.
const DOT: f32 = 13.0;
/// The sign for a text that does not fit.
const CUT: &str = "…";

/// Paints the rows, and shows the whole text of a cell that is cut while the pointer is on it.
pub fn rows_ui(ui: &Ui, scene: &Scene<'_>, rows: &RowState, source: &dyn TableSource) {
    ui.painter()
        .rect_filled(scene.geometry.outer, 0.0, scene.tokens.base);
    if scene.geometry.view.rows == 0 {
        empty_ui(ui, scene);
    }
    let pointer = scene.response.hover_pos();
    let hovered = pointer.and_then(|index| scene.geometry.row_at(index, rows.position));
    let mut cut = None;
    // The columns that scroll come first; the sticky ones are painted over what runs below them.
    for is_sticky in [false, true] {
        let painter = ui
            .painter()
            .with_clip_rect(scene.geometry.clip(is_sticky).intersect(ui.clip_rect()));
        if !painter.clip_rect().is_positive() {
            continue;
        }
        for row in rows.position.rows(scene.geometry.view) {
            let rect = scene.geometry.row(row, rows.position);
            paint_ground(&painter, scene, rows, row, rect, hovered == Some(row));
            let hovered_x = pointer
                .filter(|_| hovered == Some(row))
                .map(|index| index.x);
            let found = paint_cells(
                &painter, scene, rows, row, rect, is_sticky, hovered_x, source,
            );
            cut = found.or(cut);
        }
    }
    if let Some(whole) = cut {
        scene
            .response
            .clone()
            .on_hover_text_at_pointer(bidi::display(&whole));
    }
    focus_ui(ui, scene, rows);
}

fn empty_ui(ui: &Ui, scene: &Scene<'_>) {
    let place = scene.geometry.body.center_top()
        + vec2(0.0, (scene.geometry.body.height() / 3.0).min(80.0));
    ui.painter().text(
        place,
        Align2::CENTER_TOP,
        scene.table.empty,
        theme::body_font(),
        scene.tokens.subdued,
    );
}

fn paint_ground(
    painter: &Painter,
    scene: &Scene<'_>,
    rows: &RowState,
    row: u64,
    rect: Rect,
    is_hovered: bool,
) {
    let tokens = scene.tokens;
    let is_selected = rows.selection.contains(row);
    let color = match (is_selected, is_hovered) {
        (true, _) if scene.response.has_focus() => tokens.sel,
        (true, _) => theme::mix(tokens.base, tokens.sel, 190),
        (false, true) => tokens.hover,
        (false, false) if row % 2 == 1 => tokens.stripe,
        (false, false) => return,
    };
    painter.rect_filled(rect, 0.0, color);
}

/// Paints the cells of a row that lie in one of the two parts. The whole text of a cell that is cut and has the pointer.
#[expect(
    clippy::too_many_arguments,
    reason = "a row of one part of the table, and who is looking at it"
)]
fn paint_cells(
    painter: &Painter,
    scene: &Scene<'_>,
    rows: &RowState,
    row: u64,
    rect: Rect,
    is_sticky: bool,
    hovered_x: Option<f32>,
    source: &dyn TableSource,
) -> Option<String> {
    let is_selected = rows.selection.contains(row);
    let mut cut = None;
    for span in scene.geometry.spans.iter().filter(|span| {
        span.is_sticky == is_sticky && span.x.intersects(painter.clip_rect().x_range())
    }) {
        let cell = source.cell(row, span.column);
        let is_cut = paint_cell(painter, scene, span, rect.y_range(), &cell, is_selected);
        if is_cut
            && hovered_x
                .is_some_and(|x| span.x.contains(x) && painter.clip_rect().x_range().contains(x))
        {
            cut = Some(cell.text.into_owned());
        }
    }
    cut
}

/// Paints a cell. True if its text does not fit.
fn paint_cell(
    painter: &Painter,
    scene: &Scene<'_>,
    span: &RowSpan,
    y: Rangef,
    cell: &TableCell<'_>,
    is_selected: bool,
) -> bool {
    let rect = Rect::from_x_y_ranges(span.x, y);
    let indent = paint_mark(painter, scene, rect, cell.mark);
    if cell.text.is_empty() {
        return false;
    }
    let is_right = scene
        .table
        .columns
        .get(span.column)
        .is_some_and(|column| column.align_right);
    let width = (span.x.span() - 2.0 * PAD - indent).max(1.0);
    let mut galley = galley(painter, &cell.text, font(cell), width);
    let is_cut = galley.elided;
    if is_cut && is_right {
        galley = self::galley(painter, CUT, font(cell), width);
    }
    let x = if is_right {
        rect.right() - PAD - galley.size().x
    } else {
        rect.left() + PAD + indent
    };
    let color = match cell.tone {
        Tone::Normal if is_selected => scene.tokens.strong,
        tone => scene.tokens.tone(tone),
    };
    painter.galley(centered(painter, x, rect, &galley), galley, color);
    is_cut
}

fn centered(painter: &Painter, x: f32, rect: Rect, galley: &Galley) -> Pos2 {
    pos2(x, rect.center().y - galley.size().y / 2.0).round_to_pixels(painter.pixels_per_point())
}

/// Paints what stands beside or behind the text, and gives back how much room it takes.
fn paint_mark(painter: &Painter, scene: &Scene<'_>, rect: Rect, mark: Mark) -> f32 {
    match mark {
        Mark::None => 0.0,
        Mark::Dot(tone) => {
            painter.circle_filled(
                pos2(rect.left() + PAD + 3.5, rect.center().y),
                3.5,
                scene.tokens.tone(tone),
            );
            DOT
        }
        Mark::Bar(permille, tone) => {
            let room = rect.shrink2(vec2(3.0, 3.0));
            let bar = room
                .with_max_x(room.left() + room.width() * f32::from(permille.min(1000)) / 1000.0);
            painter.rect_filled(bar, 2.0, scene.tokens.tone(tone).gamma_multiply(0.2));
            0.0
        }
    }
}

fn font(cell: &TableCell<'_>) -> FontId {
    if cell.is_code {
        theme::code_font()
    } else {
        theme::body_font()
    }
}

/// One line of text in display order, cut at a width. Its color is given when it is painted, so that selecting a row lays nothing out anew.
pub fn galley(painter: &Painter, text: &str, font: FontId, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(
        one_line(&bidi::display(text)).into_owned(),
        font,
        Color32::PLACEHOLDER,
    );
    job.wrap = TextWrapping::truncate_at_width(width);
    painter.layout_job(job)
}

/// Line ends and other controls as blanks.
fn one_line(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) {
        Cow::Owned(text.replace(char::is_control, " "))
    } else {
        Cow::Borrowed(text)
    }
}

/// How wide a cell would like to be.
pub fn natural_width(painter: &Painter, cell: &TableCell<'_>) -> f32 {
    let indent = if matches!(cell.mark, Mark::Dot(_)) {
        DOT
    } else {
        0.0
    };
    galley(painter, &cell.text, font(cell), f32::INFINITY)
        .size()
        .x
        + indent
        + 2.0 * PAD
        + 1.0
}

/// Shows where keys go: a ring around the rows, and an edge at the row they start from.
fn focus_ui(ui: &Ui, scene: &Scene<'_>, rows: &RowState) {
    if !scene.response.has_focus() {
        return;
    }
    let stroke = Stroke::new(1.0, scene.tokens.accent);
    ui.painter()
        .rect_stroke(scene.geometry.body, 0.0, stroke, StrokeKind::Inside);
    let row = scene
        .geometry
        .row(rows.cursor, rows.position)
        .intersect(scene.geometry.body);
    if scene.geometry.view.rows > 0 && row.is_positive() {
        ui.painter()
            .rect_filled(row.with_max_x(row.left() + 3.0), 0.0, scene.tokens.accent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_line() {
        assert_eq!(one_line("a\r\nb\tc"), "a  b c");
        assert!(matches!(one_line("a b"), Cow::Borrowed(_)));
    }
}
