//! Columns of a table as the program declares them, and what a person made of them: order, widths, hidden ones, and the sort.
//!
//! Invariant: a remembered state fits any later version of the program: columns are known by their ids, unknown ones are dropped, and new
//! ones are put where the program declares them.

use serde::{Deserialize, Serialize};

/// The least width of a column, in points: enough to take hold of it again.
pub const MIN_WIDTH: f32 = 32.0;
/// The largest width of a column, in points.
pub const MAX_WIDTH: f32 = 1_200.0;

/// A column as the program declares it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// By which it is remembered; unique within the table.
    pub id: &'static str,
    /// What stands in the header.
    pub title: &'static str,
    /// Width at first, in points.
    pub width: f32,
    /// Numbers stand at the right. They are never cut: one that does not fit is shown as “…” alone, since part of an amount is another amount.
    pub align_right: bool,
    /// Not shown until somebody asks for it.
    pub hidden: bool,
    /// Whether a click on the header asks for another order of rows.
    pub sortable: bool,
}

impl Column {
    /// A column of texts that can be sorted by.
    #[must_use]
    pub const fn text(id: &'static str, title: &'static str, width: f32) -> Self {
        Self {
            id,
            title,
            width,
            align_right: false,
            hidden: false,
            sortable: true,
        }
    }

    /// A column of numbers.
    #[must_use]
    pub const fn number(id: &'static str, title: &'static str, width: f32) -> Self {
        Self {
            align_right: true,
            ..Self::text(id, title, width)
        }
    }

    /// Not shown at first.
    #[must_use]
    pub const fn hidden(self) -> Self {
        Self {
            hidden: true,
            ..self
        }
    }

    /// Without a sort.
    #[must_use]
    pub const fn unsortable(self) -> Self {
        Self {
            sortable: false,
            ..self
        }
    }
}

/// By which column rows are in order, and in which direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// Id of the column.
    pub column: String,
    /// From large to small.
    pub descending: bool,
}

/// What a person made of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ColumnState {
    id: String,
    width: f32,
    hidden: bool,
}

/// What a person made of the columns of a table; goes into the settings of the program.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Columns {
    kept: Vec<ColumnState>,
    sort: Option<Sort>,
    /// For each of `kept`, its place among the declared columns.
    #[serde(skip)]
    declared: Vec<usize>,
}

/// A column that is shown: its place among the declared ones, and its width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// Place among the declared columns.
    pub column: usize,
    /// Width in points.
    pub width: f32,
}

impl Columns {
    /// Brings what is remembered and what is declared together. To be called before anything else, each frame.
    pub fn fit(&mut self, declared: &[Column]) {
        let is_fit = self.kept.len() == declared.len()
            && self.declared.len() == declared.len()
            && self
                .kept
                .iter()
                .zip(&self.declared)
                .all(|(kept, at)| declared.get(*at).is_some_and(|column| column.id == kept.id));
        if !is_fit {
            self.merge(declared);
        }
    }

    fn merge(&mut self, declared: &[Column]) {
        let index = |id: &str| declared.iter().position(|column| column.id == id);
        let mut seen = vec![false; declared.len()];
        self.kept.retain(|kept| {
            index(&kept.id).is_some_and(|at| !std::mem::replace(&mut seen[at], true))
        });
        for (at, column) in declared.iter().enumerate().filter(|(at, _)| !seen[*at]) {
            let after = declared[..at]
                .iter()
                .rev()
                .find_map(|before| self.kept.iter().position(|kept| kept.id == before.id));
            let kept = ColumnState {
                id: column.id.to_owned(),
                width: column.width,
                hidden: column.hidden,
            };
            self.kept.insert(after.map_or(0, |after| after + 1), kept);
        }
        for kept in &mut self.kept {
            kept.width = if kept.width.is_finite() {
                kept.width.clamp(MIN_WIDTH, MAX_WIDTH)
            } else {
                MIN_WIDTH
            };
        }
        self.declared = self
            .kept
            .iter()
            .filter_map(|kept| index(&kept.id))
            .collect();
        if self
            .sort
            .as_ref()
            .is_some_and(|sort| !declared.iter().any(|column| column.id == sort.column))
        {
            self.sort = None;
        }
    }

    /// Columns that are shown, from left to right.
    pub fn shown(&self) -> impl Iterator<Item = Shown> + '_ {
        let both = self.kept.iter().zip(&self.declared);
        both.filter(|(kept, _)| !kept.hidden)
            .map(|(kept, column)| Shown {
                column: *column,
                width: kept.width,
            })
    }

    /// All columns from left to right, by their places among the declared ones, and whether each is shown.
    pub fn all(&self) -> impl Iterator<Item = (usize, bool)> + '_ {
        self.kept
            .iter()
            .zip(&self.declared)
            .map(|(kept, column)| (*column, !kept.hidden))
    }

    /// Sets a width, within its bounds.
    pub fn set_width(&mut self, column: usize, width: f32) {
        if let Some(kept) = self.kept_mut(column) {
            kept.width = width.clamp(MIN_WIDTH, MAX_WIDTH).round();
        }
    }

    /// Shows or hides a column. The last one that is shown stays.
    pub fn set_shown(&mut self, column: usize, is_shown: bool) {
        if (is_shown || self.shown().count() > 1)
            && let Some(kept) = self.kept_mut(column)
        {
            kept.hidden = !is_shown;
        }
    }

    /// Puts a column before another one, or at the end.
    pub fn move_before(&mut self, column: usize, before: Option<usize>) {
        let Some(from) = self.declared.iter().position(|at| *at == column) else {
            return;
        };
        if before == Some(column) {
            return;
        }
        let kept = self.kept.remove(from);
        let at = self.declared.remove(from);
        let to = before
            .and_then(|before| self.declared.iter().position(|at| *at == before))
            .unwrap_or(self.declared.len());
        self.kept.insert(to, kept);
        self.declared.insert(to, at);
    }

    /// Back to what the program declares; the sort stays.
    pub fn reset(&mut self, declared: &[Column]) {
        self.kept.clear();
        self.declared.clear();
        self.merge(declared);
    }

    /// The order of rows that is asked for.
    #[must_use]
    pub fn sort(&self) -> Option<&Sort> {
        self.sort.as_ref()
    }

    /// Asks for an order of rows.
    pub fn set_sort(&mut self, sort: Option<Sort>) {
        self.sort = sort;
    }

    /// What a click on a header does: ascending, descending, then the order that rows have by themselves.
    pub fn click_sort(&mut self, id: &str) {
        self.sort = match self.sort.take() {
            Some(sort) if sort.column == id && sort.descending => None,
            Some(sort) if sort.column == id => Some(Sort {
                descending: true,
                ..sort
            }),
            _ => Some(Sort {
                column: id.to_owned(),
                descending: false,
            }),
        };
    }

    fn kept_mut(&mut self, column: usize) -> Option<&mut ColumnState> {
        let at = self.declared.iter().position(|at| *at == column)?;
        self.kept.get_mut(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECLARED: [Column; 4] = [
        Column::text("title", "Title", 200.0),
        Column::text("artist", "Artist", 150.0),
        Column::number("net", "Net", 90.0),
        Column::text("note", "Note", 80.0).hidden(),
    ];

    fn fit() -> Columns {
        let mut columns = Columns::default();
        columns.fit(&DECLARED);
        columns
    }

    fn ids(columns: &Columns, declared: &[Column]) -> Vec<&'static str> {
        columns
            .shown()
            .map(|shown| declared[shown.column].id)
            .collect()
    }

    #[test]
    fn at_first_columns_are_as_declared() {
        assert_eq!(ids(&fit(), &DECLARED), ["title", "artist", "net"]);
        assert_eq!(
            fit()
                .all()
                .map(|(_, is_shown)| is_shown)
                .collect::<Vec<_>>(),
            [true, true, true, false]
        );
    }

    #[test]
    fn columns_move_hide_and_come_back() {
        let mut columns = fit();
        columns.move_before(2, Some(0));
        columns.set_shown(3, true);
        columns.set_shown(1, false);
        columns.set_width(0, 5.0);
        assert_eq!(ids(&columns, &DECLARED), ["net", "title", "note"]);
        assert_eq!(
            columns.shown().nth(1).map(|shown| shown.width),
            Some(MIN_WIDTH)
        );
        columns.move_before(2, None);
        assert_eq!(ids(&columns, &DECLARED), ["title", "note", "net"]);
        columns.reset(&DECLARED);
        assert_eq!(columns, fit());
    }

    #[test]
    fn the_last_column_cannot_be_hidden() {
        let mut columns = fit();
        (0..4).for_each(|column| columns.set_shown(column, false));
        assert_eq!(ids(&columns, &DECLARED), ["net"]);
    }

    #[test]
    fn what_is_remembered_survives_a_new_version_of_the_program() {
        let mut columns = fit();
        columns.move_before(2, Some(0));
        columns.set_width(0, 333.0);
        columns.click_sort("artist");
        let text = serde_json::to_string(&columns).unwrap();
        let mut later: Columns = serde_json::from_str(&text).unwrap();
        let declared = [
            DECLARED[0],
            Column::text("isrc", "ISRC", 110.0),
            DECLARED[2],
        ];
        later.fit(&declared);
        assert_eq!(ids(&later, &declared), ["net", "title", "isrc"]);
        assert_eq!(later.shown().nth(1).map(|shown| shown.width), Some(333.0));
        assert_eq!(later.sort(), None, "its column is gone");
    }

    #[test]
    fn nonsense_in_the_settings_does_no_harm() {
        let text = r#"{"kept":[{"id":"net","width":1e30,"hidden":false},{"id":"net","width":9,"hidden":true},{"id":"x","width":1,"hidden":false}]}"#;
        let mut columns: Columns = serde_json::from_str(text).unwrap();
        columns.fit(&DECLARED);
        assert_eq!(columns.all().count(), 4);
        assert_eq!(
            columns
                .shown()
                .find(|shown| shown.column == 2)
                .map(|shown| shown.width),
            Some(MAX_WIDTH)
        );
    }

    #[test]
    fn three_clicks_on_a_header_give_back_the_first_order() {
        let mut columns = fit();
        columns.click_sort("net");
        assert_eq!(
            columns.sort(),
            Some(&Sort {
                column: "net".to_owned(),
                descending: false
            })
        );
        columns.click_sort("net");
        assert!(columns.sort().is_some_and(|sort| sort.descending));
        columns.click_sort("net");
        assert_eq!(columns.sort(), None);
    }
}
