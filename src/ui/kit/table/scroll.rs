//! Where a table stands: the row at the top and how much of it is scrolled away.
//!
//! Invariant: no pixel distance is larger than a view, whatever the number of rows, so a table of a hundred million rows is right to the
//! pixel. (One 32-bit step at 2.2 billion points is 128 points; a scroll area that counts points cannot show the end of such a table.)

use std::ops::Range;

/// What does not change while scrolling: sizes in points, and how many rows there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableView {
    /// Height of a row; more than zero.
    pub row_height: f32,
    /// Height of the part of the table where rows are.
    pub height: f32,
    /// Rows of the table.
    pub rows: u64,
}

/// The first row in the view and the part of it that is above the view.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Position {
    /// Number of the first row, from 0.
    pub row: u64,
    /// Points of it that are scrolled away: at least 0 and less than a row.
    pub offset: f32,
}

impl TableView {
    /// How many rows fit, with the part of one.
    fn fit(&self) -> f64 {
        f64::from(self.height.max(0.0)) / f64::from(self.row_height)
    }

    /// Whether there is something to scroll.
    #[must_use]
    pub fn overflows(&self) -> bool {
        self.rows > whole(self.fit())
    }

    /// Rows that are moved by a page key: all whole ones but one, so that one stays for the eye.
    #[must_use]
    pub fn page(&self) -> u64 {
        whole(self.fit()).saturating_sub(1).max(1)
    }

    /// The last position, with the last row flush with the bottom.
    #[must_use]
    pub fn end(&self) -> Position {
        if !self.overflows() {
            return Position::default();
        }
        let full = whole(self.fit().ceil());
        let offset =
            f64::from(self.row_height).mul_add(self.fit().ceil(), -f64::from(self.height.max(0.0)));
        Position {
            row: self.rows.saturating_sub(full),
            offset: narrow(offset),
        }
    }
}

impl Position {
    /// Moves by so many points, down if positive, and stays within the table.
    pub fn scroll_by(&mut self, points: f32, view: TableView) {
        let height = f64::from(view.row_height);
        let distance = f64::from(self.offset) + f64::from(points);
        let rows = (distance / height).floor();
        let offset = narrow(height.mul_add(-rows, distance));
        *self = if rows < 0.0 {
            let up = whole(-rows);
            if up > self.row {
                Self::default()
            } else {
                Self {
                    row: self.row - up,
                    offset,
                }
            }
        } else {
            Self {
                row: self.row.saturating_add(whole(rows)),
                offset,
            }
        };
        self.clamp(view);
    }

    /// Goes back to the end if it lies behind it.
    pub fn clamp(&mut self, view: TableView) {
        let end = view.end();
        if self.row > end.row || (self.row == end.row && self.offset > end.offset) {
            *self = end;
        }
    }

    /// Scrolls as little as possible until the row is wholly in view.
    pub fn reveal(&mut self, row: u64, view: TableView) {
        if row < self.row || (row == self.row && self.offset > 0.0) {
            *self = Self { row, offset: 0.0 };
        } else if f64::from(self.y_of(row, view)) + f64::from(view.row_height)
            > f64::from(view.height)
        {
            *self = Self { row, offset: 0.0 };
            self.scroll_by(view.row_height - view.height, view);
        }
        self.clamp(view);
    }

    /// Puts the row into the middle of the view if it is not in view already.
    pub fn center(&mut self, row: u64, view: TableView) {
        let y = self.y_of(row, view);
        if row < self.row || y < 0.0 || y + view.row_height > view.height {
            *self = Self { row, offset: 0.0 };
            self.scroll_by((view.row_height - view.height) / 2.0, view);
        }
    }

    /// How far the table is scrolled: 0 at the beginning, 1 at the end.
    #[must_use]
    pub fn fraction(&self, view: TableView) -> f64 {
        let end = view.end().in_rows(view);
        if end > 0.0 {
            (self.in_rows(view) / end).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }

    /// The position so far in the table; see [`Position::fraction`].
    #[must_use]
    pub fn at_fraction(fraction: f64, view: TableView) -> Self {
        let rows = view.end().in_rows(view) * fraction.clamp(0.0, 1.0);
        let mut position = Self {
            row: whole(rows),
            offset: narrow((rows - rows.floor()) * f64::from(view.row_height)),
        };
        position.clamp(view);
        position
    }

    /// Rows that are in view, wholly or in part.
    #[must_use]
    pub fn rows(&self, view: TableView) -> Range<u64> {
        let count = whole(
            ((f64::from(view.height.max(0.0)) + f64::from(self.offset))
                / f64::from(view.row_height))
            .ceil(),
        );
        self.row.min(view.rows)..self.row.saturating_add(count).min(view.rows)
    }

    /// The row at this distance from the top of the view.
    #[must_use]
    pub fn row_at(&self, y: f32, view: TableView) -> Option<u64> {
        let below = (f64::from(y) + f64::from(self.offset)) / f64::from(view.row_height);
        let row = self.row.saturating_add(whole(below.floor()));
        (below >= 0.0 && row < view.rows).then_some(row)
    }

    /// Distance from the top of the view to the top of a row; negative above it. Exact for rows in view.
    #[must_use]
    pub fn y_of(&self, row: u64, view: TableView) -> f32 {
        let rows = if row >= self.row {
            wide(row - self.row)
        } else {
            -wide(self.row - row)
        };
        narrow(rows * f64::from(view.row_height) - f64::from(self.offset))
    }

    fn in_rows(self, view: TableView) -> f64 {
        wide(self.row) + f64::from(self.offset) / f64::from(view.row_height)
    }
}

/// A number of rows out of a count of them that is not negative. The cast saturates.
fn whole(rows: f64) -> u64 {
    rows as u64
}

/// Exact below 2⁵³ rows.
fn wide(rows: u64) -> f64 {
    rows as f64
}

/// Distances within a view; what is further away only has to be outside of it.
fn narrow(points: f64) -> f32 {
    points as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUGE: TableView = TableView {
        row_height: 22.0,
        height: 600.0,
        rows: 100_000_000,
    };

    fn at(row: u64, offset: f32) -> Position {
        Position { row, offset }
    }

    #[test]
    fn four_hundred_small_steps_in_the_middle_of_a_huge_table_are_exact() {
        let mut position = at(50_000_000, 0.0);
        for _ in 0..400 {
            position.scroll_by(-30.0, HUGE);
        }
        // 12,000 points are 545 rows of 22 and 10 points.
        assert_eq!(position, at(50_000_000 - 546, 12.0));
        for _ in 0..400 {
            position.scroll_by(30.0, HUGE);
        }
        assert_eq!(position, at(50_000_000, 0.0));
    }

    #[test]
    fn the_last_row_is_flush_with_the_bottom() {
        for rows in [28, 1_000, 100_000_000, 1 << 40] {
            let view = TableView { rows, ..HUGE };
            let mut position = at(0, 0.0);
            position.reveal(rows - 1, view);
            assert_eq!(position.y_of(rows - 1, view) + 22.0, 600.0, "{rows}");
            assert_eq!(position, view.end());
            position.scroll_by(1e9, view);
            assert_eq!(position, view.end());
        }
    }

    #[test]
    fn a_table_that_fits_does_not_scroll() {
        for rows in [0, 1, 27] {
            let view = TableView { rows, ..HUGE };
            let mut position = at(5, 3.0);
            position.scroll_by(100.0, view);
            assert_eq!((position, view.overflows()), (at(0, 0.0), false));
            assert_eq!(position.rows(view), 0..rows);
        }
        assert!(
            TableView { rows: 28, ..HUGE }.overflows(),
            "the last row is cut at the bottom"
        );
    }

    #[test]
    fn the_beginning_is_an_end_too() {
        let mut position = at(3, 10.0);
        position.scroll_by(-1e6, HUGE);
        assert_eq!(position, at(0, 0.0));
        position.scroll_by(-0.5, HUGE);
        assert_eq!(position, at(0, 0.0));
    }

    #[test]
    fn a_row_is_revealed_with_the_least_movement() {
        let mut position = at(1_000, 5.0);
        position.reveal(1_010, HUGE);
        assert_eq!(position, at(1_000, 5.0), "it was in view");
        position.reveal(1_000, HUGE);
        assert_eq!(position, at(1_000, 0.0), "it was cut at the top");
        position.reveal(1_027, HUGE);
        assert_eq!(
            position.y_of(1_027, HUGE),
            578.0,
            "it was cut at the bottom"
        );
        position.reveal(0, HUGE);
        assert_eq!(position, at(0, 0.0));
    }

    #[test]
    fn a_far_row_is_put_into_the_middle() {
        let mut position = at(0, 0.0);
        position.center(77_000_000, HUGE);
        assert_eq!(position.y_of(77_000_000, HUGE), 289.0);
        position.center(77_000_001, HUGE);
        assert_eq!(
            position.y_of(77_000_000, HUGE),
            289.0,
            "it was in view already"
        );
    }

    #[test]
    fn fractions_and_positions_agree() {
        for fraction in [0.0, 0.1, 0.5, 0.999_999, 1.0] {
            let position = Position::at_fraction(fraction, HUGE);
            assert!(
                (position.fraction(HUGE) - fraction).abs() < 1e-9,
                "{fraction}"
            );
        }
        assert_eq!(Position::at_fraction(1.0, HUGE), HUGE.end());
        assert_eq!(
            Position::at_fraction(0.5, TableView { rows: 3, ..HUGE }),
            at(0, 0.0)
        );
    }

    #[test]
    fn the_row_under_the_pointer_is_the_row_that_is_painted_there() {
        let position = at(99_999_000, 21.5);
        for row in position.rows(HUGE) {
            let y = position.y_of(row, HUGE);
            assert_eq!(position.row_at(y + 11.0, HUGE), Some(row));
        }
        assert_eq!(position.row_at(-30.0, HUGE), None);
        assert_eq!(at(0, 0.0).row_at(50.0, TableView { rows: 2, ..HUGE }), None);
    }

    #[test]
    fn a_view_without_height_shows_nothing_and_does_not_fail() {
        let view = TableView {
            height: 0.0,
            ..HUGE
        };
        let mut position = at(7, 0.0);
        position.scroll_by(10.0, view);
        position.reveal(99, view);
        assert!(position.rows(view).end - position.rows(view).start <= 1);
    }
}
