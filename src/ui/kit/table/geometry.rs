//! Sizes and columns into rectangles: where header, rows, columns and bars are in this frame.

use eframe::egui::{Pos2, Rangef, Rect, emath::GuiRounding as _, pos2};

use super::scroll::{Position, TableView};
use super::{BigTable, ScrollTo, TableState};

/// Height of the header.
pub const HEADER: f32 = 26.0;
/// Thickness of a scroll bar.
pub const BAR: f32 = 12.0;
/// Room behind the last column, so that the button of the column chooser never covers a title.
const TAIL: f32 = 18.0;
/// Sticky columns never take more than this part of the width: what scrolls must stay reachable.
const STICKY_MAX: f32 = 0.7;

/// A column on the screen.
#[derive(Debug, Clone, Copy)]
pub struct RowSpan {
    /// Place among the declared columns.
    pub column: usize,
    /// Left and right edge; may lie outside of the table.
    pub x: Rangef,
    /// Whether it stays in place.
    pub is_sticky: bool,
}

/// Where everything is.
#[derive(Debug)]
pub struct Geometry {
    /// The whole table.
    pub outer: Rect,
    /// Titles; as wide as the table.
    pub header: Rect,
    /// Rows.
    pub body: Rect,
    /// Track of the vertical bar, if there is one.
    pub down_bar: Option<Rect>,
    /// Track of the horizontal bar, if there is one.
    pub across_bar: Option<Rect>,
    /// For the arithmetic of scrolling.
    pub view: TableView,
    /// Shown columns from left to right.
    pub spans: Vec<RowSpan>,
    /// Right edge of the sticky columns.
    pub sticky_right: f32,
    /// How far columns can be scrolled.
    pub across_max: f32,
    /// How much of the columns' width is in view, as a part of it.
    pub across_part: f32,
}

impl Geometry {
    /// Lays the table out, and puts its position within bounds.
    pub fn new(
        outer: Rect,
        pixels_per_point: f32,
        table: &BigTable<'_>,
        state: &mut TableState,
        rows: u64,
    ) -> Self {
        let outer = outer.round_to_pixels(pixels_per_point);
        let total: f32 = state.columns.shown().map(|shown| shown.width).sum::<f32>() + TAIL;
        let header = outer.with_max_y((outer.top() + HEADER).min(outer.bottom()));
        // Each bar takes room that the other one may need.
        let has_down = |across: f32| {
            TableView {
                row_height: table.row_height,
                height: outer.bottom() - header.bottom() - across,
                rows,
            }
            .overflows()
        };
        let has_across = total > outer.width() - if has_down(0.0) { BAR } else { 0.0 };
        let has_down = has_down(if has_across { BAR } else { 0.0 });
        let right = outer.right() - if has_down { BAR } else { 0.0 };
        let bottom = (outer.bottom() - if has_across { BAR } else { 0.0 }).max(header.bottom());
        let body = Rect::from_min_max(pos2(outer.left(), header.bottom()), pos2(right, bottom));
        let view = TableView {
            row_height: table.row_height,
            height: body.height(),
            rows,
        };
        let across_max = (total - body.width()).max(0.0);
        settle(state, view, across_max);
        let (spans, sticky_right) = spans(state, body, table.sticky);
        Self {
            outer,
            header,
            body,
            down_bar: has_down.then(|| {
                Rect::from_min_max(pos2(right, header.bottom()), pos2(outer.right(), bottom))
            }),
            across_bar: has_across.then(|| {
                Rect::from_min_max(pos2(sticky_right, bottom), pos2(right, outer.bottom()))
            }),
            view,
            spans,
            sticky_right,
            across_max,
            across_part: (body.width() / total).min(1.0),
        }
    }

    /// The part of the table where these columns may paint: header and rows, beside or above the bars. There are two, so that all cells
    /// together are two meshes and not one for each cell.
    pub fn clip(&self, is_sticky: bool) -> Rect {
        let all = Rect::from_min_max(self.outer.min, self.body.max);
        if is_sticky {
            all.with_max_x(self.sticky_right.min(all.right()))
        } else {
            all.with_min_x(self.sticky_right.min(all.right()))
        }
    }

    /// A row's rectangle, as wide as the rows; may lie partly outside of them.
    pub fn row(&self, row: u64, position: Position) -> Rect {
        let top = self.body.top() + position.y_of(row, self.view);
        Rect::from_x_y_ranges(
            self.body.x_range(),
            Rangef::new(top, top + self.view.row_height),
        )
    }

    /// The row at a place on the screen.
    pub fn row_at(&self, place: Pos2, position: Position) -> Option<u64> {
        position.row_at(place.y - self.body.top(), self.view)
    }
}

/// Follows what was asked for, and puts everything within bounds.
fn settle(state: &mut TableState, view: TableView, across_max: f32) {
    let rows = &mut state.rows;
    match rows.wanted.take() {
        Some(ScrollTo::Revealed(row)) if view.rows > 0 => {
            rows.position.reveal(row.min(view.rows - 1), view)
        }
        Some(ScrollTo::Centered(row)) if view.rows > 0 => {
            rows.position.center(row.min(view.rows - 1), view)
        }
        _ => {}
    }
    rows.position.clamp(view);
    rows.across = rows.across.clamp(0.0, across_max);
    rows.selection.truncate(view.rows);
    let last = view.rows.saturating_sub(1);
    (rows.cursor, rows.anchor) = (rows.cursor.min(last), rows.anchor.min(last));
}

fn spans(state: &TableState, body: Rect, sticky: usize) -> (Vec<RowSpan>, f32) {
    let mut spans = Vec::with_capacity(state.columns.shown().count());
    let mut x = body.left();
    let mut sticky_right = body.left();
    for (index, shown) in state.columns.shown().enumerate() {
        let is_sticky = index < sticky
            && x + shown.width - body.left() <= body.width() * STICKY_MAX
            && sticky_right == x;
        let left = if is_sticky { x } else { x - state.rows.across };
        spans.push(RowSpan {
            column: shown.column,
            x: Rangef::new(left, left + shown.width),
            is_sticky,
        });
        x += shown.width;
        sticky_right = if is_sticky { x } else { sticky_right };
    }
    (spans, sticky_right)
}
