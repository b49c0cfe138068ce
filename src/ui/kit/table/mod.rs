//! A source of rows into a table on the screen that a person can scroll, sort, select from, copy from and arrange, with any number of rows.
//!
//! Invariants: a frame asks the source for the rows in view and no others (but for copying); where the table stands is a row and a part of
//! it ([`scroll`]), so a hundred million rows are as exact as ten; the nodes for screen readers are made only while somebody listens.

mod access;
mod bars;
mod body;
pub mod columns;
mod copy;
mod geometry;
mod header;
mod input;
pub mod scroll;
pub mod selection;

use std::borrow::Cow;
use std::ops::Range;

use eframe::egui::{Id, Response, Role, Sense, Ui, UiBuilder, WidgetInfo};
use serde::{Deserialize, Serialize};

use super::theme::{self, Tokens, Tone};
use columns::{Columns, Sort};
use geometry::Geometry;
use scroll::Position;
use selection::Selection;

pub use columns::Column;
pub use copy::{COPIED_ROWS_MAX, CopiedRows};

/// What a cell shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableCell<'a> {
    /// The text as it was written; one line is shown of it.
    pub text: Cow<'a, str>,
    /// How it is meant.
    pub tone: Tone,
    /// What stands beside or behind the text.
    pub mark: Mark,
    /// A code, such as an ISRC: letters of equal width.
    pub is_code: bool,
}

/// A small picture in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// Only the text.
    #[default]
    None,
    /// A dot before the text.
    Dot(Tone),
    /// A bar behind the text, so many thousandths of the cell long.
    Bar(u16, Tone),
}

impl<'a> TableCell<'a> {
    /// A plain text.
    #[must_use]
    pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The same with another tone.
    #[must_use]
    pub fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// The same with a dot before it.
    #[must_use]
    pub fn dot(self, tone: Tone) -> Self {
        Self {
            mark: Mark::Dot(tone),
            ..self
        }
    }

    /// The same with a bar behind it, so many thousandths long.
    #[must_use]
    pub fn bar(self, permille: u16, tone: Tone) -> Self {
        Self {
            mark: Mark::Bar(permille, tone),
            ..self
        }
    }

    /// The same in letters of equal width.
    #[must_use]
    pub fn code(self) -> Self {
        Self {
            is_code: true,
            ..self
        }
    }
}

/// Where the rows of a table come from. Both rows and columns are asked for by their number, from 0.
pub trait TableSource {
    /// Rows of the table now.
    fn row_count(&self) -> u64;

    /// Announces the rows that are asked for next: once a frame those in view, and while copying others in blocks.
    fn prepare(&mut self, _rows: Range<u64>) {}

    /// What a cell shows; only of rows that were announced. `column` is a place among the declared columns.
    fn cell(&self, row: u64, column: usize) -> TableCell<'_>;

    /// What a cell gives to the clipboard: the text that it shows, unless the source has a better one, such as an amount with all digits.
    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        self.cell(row, column).text
    }
}

/// What a person made of a table. The part that is worth remembering (columns and sort) is what serde writes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TableState {
    columns: Columns,
    #[serde(skip)]
    rows: RowState,
}

/// Where the table stands and what is selected; belongs to the rows that are there now.
#[derive(Debug, Clone, Default)]
struct RowState {
    position: Position,
    /// Points that the columns which are not sticky are scrolled to the left.
    across: f32,
    selection: Selection,
    /// The row that keys start from.
    cursor: u64,
    /// The row where a selection with Shift began.
    anchor: u64,
    /// What shall be in view after the next frame.
    wanted: Option<ScrollTo>,
    drag: Drag,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum ScrollTo {
    /// With the least movement.
    Revealed(u64),
    /// In the middle, if it is not in view.
    Centered(u64),
}

/// What the pointer holds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Drag {
    #[default]
    Nothing,
    /// The header of a column.
    Column(usize),
    /// The thumb of a scroll bar, at this distance from its beginning.
    Thumb(bars::Axis, f32),
}

impl TableState {
    /// The order of rows that is asked for; the source has to obey.
    #[must_use]
    pub fn sort(&self) -> Option<&Sort> {
        self.columns.sort()
    }

    /// What is selected.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.rows.selection
    }

    /// The row that keys start from; the last one that was clicked or reached.
    #[must_use]
    pub fn cursor(&self) -> u64 {
        self.rows.cursor
    }

    /// Selects one row and brings it into view.
    pub fn select(&mut self, row: u64) {
        self.rows.selection.set(row..row.saturating_add(1));
        (self.rows.cursor, self.rows.anchor) = (row, row);
        self.scroll_to(row);
    }

    /// Brings a row into view, in the middle if it was not.
    pub fn scroll_to(&mut self, row: u64) {
        self.rows.wanted = Some(ScrollTo::Centered(row));
    }

    /// Forgets selection and place, because other rows or another order of rows are there now. Columns stay as they are.
    pub fn forget_rows(&mut self) {
        self.rows = RowState {
            across: self.rows.across,
            ..RowState::default()
        };
    }

    /// Where the table stands.
    #[must_use]
    pub fn position(&self) -> Position {
        self.rows.position
    }
}

/// What happened in a frame.
#[derive(Debug)]
pub struct TableOutput {
    /// Of the rows: has focus, and takes a context menu. A secondary click has selected its row before.
    pub response: Response,
    /// Another order of rows is asked for; see [`TableState::sort`].
    pub sort_changed: bool,
    /// Other rows are selected than before.
    pub selection_changed: bool,
    /// Columns were moved, resized, shown or hidden: worth remembering.
    pub columns_changed: bool,
    /// A row was opened, by Enter or a double click.
    pub activated: Option<u64>,
    /// Rows went to the clipboard, perhaps not all of them: say so.
    pub copied: Option<CopiedRows>,
    /// Rows in view.
    pub rows: Range<u64>,
}

/// A table, to be shown each frame.
#[derive(Debug, Clone, Copy)]
pub struct BigTable<'a> {
    name: &'a str,
    columns: &'a [Column],
    sticky: usize,
    row_height: f32,
    empty: &'a str,
}

impl<'a> BigTable<'a> {
    /// A table with these columns. Its name is what screen readers say, and is unique among the tables of a screen.
    #[must_use]
    pub const fn new(name: &'a str, columns: &'a [Column]) -> Self {
        Self {
            name,
            columns,
            sticky: 0,
            row_height: theme::ROW_HEIGHT,
            empty: "No rows",
        }
    }

    /// So many of the first columns stay in place while the others scroll.
    #[must_use]
    pub const fn sticky(self, columns: usize) -> Self {
        Self {
            sticky: columns,
            ..self
        }
    }

    /// What stands in place of rows when there are none.
    #[must_use]
    pub const fn empty_text(self, text: &'a str) -> Self {
        Self {
            empty: text,
            ..self
        }
    }

    /// Shows the table in all the room that is left.
    pub fn show_ui(
        self,
        ui: &mut Ui,
        state: &mut TableState,
        source: &mut dyn TableSource,
    ) -> TableOutput {
        let outer = ui.available_rect_before_wrap();
        state.columns.fit(self.columns);
        let id = ui.make_persistent_id(self.name);
        let mut inner = ui.new_child(UiBuilder::new().scope_id(id).max_rect(outer));
        let output = self.frame_ui(&mut inner, id, state, source);
        ui.advance_cursor_after_rect(outer);
        output
    }

    fn frame_ui(
        self,
        ui: &mut Ui,
        id: Id,
        state: &mut TableState,
        source: &mut dyn TableSource,
    ) -> TableOutput {
        let before = (state.rows.selection.clone(), state.columns.clone());
        let rows = source.row_count();
        let geometry = Geometry::new(ui.max_rect(), ui.pixels_per_point(), &self, state, rows);
        let response = self.rows_response(ui, id, &geometry);
        let activated = input::rows_ui(ui, &response, &geometry, &mut state.rows);
        let copied = input::wants_copy(ui, &response)
            .then(|| copy::copy_ui(ui, self.columns, state, source))
            .flatten();
        // Keys and the wheel may have moved columns, too.
        let geometry = Geometry::new(ui.max_rect(), ui.pixels_per_point(), &self, state, rows);
        bars::bars_ui(ui, id, &geometry, &mut state.rows);
        let shown = state.rows.position.rows(geometry.view);
        source.prepare(shown.clone());
        let scene = Scene {
            table: self,
            tokens: theme::tokens(ui),
            geometry: &geometry,
            id,
            response: &response,
        };
        body::rows_ui(ui, &scene, &state.rows, source);
        let mut columns = state.columns.clone();
        header::header_ui(ui, &scene, &mut columns, &mut state.rows, source);
        access::rows_ui(ui, &scene, &state.rows, source);
        state.columns = columns;
        if state.columns != before.1 {
            ui.ctx().request_repaint();
        }
        TableOutput {
            response,
            sort_changed: state.columns.sort() != before.1.sort(),
            selection_changed: state.rows.selection != before.0,
            columns_changed: state.columns != before.1,
            activated,
            copied,
            rows: shown,
        }
    }

    /// The part of the table that has the focus, as one widget: which row was hit is arithmetic.
    fn rows_response(&self, ui: &Ui, id: Id, geometry: &Geometry) -> Response {
        let response = ui.interact(geometry.body, id.with("rows"), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Grid, true, self.name));
        response
    }
}

/// What the parts of a table need to paint themselves.
struct Scene<'a> {
    table: BigTable<'a>,
    tokens: &'static Tokens,
    geometry: &'a Geometry,
    id: Id,
    /// Of the rows.
    response: &'a Response,
}
