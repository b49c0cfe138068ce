//! Questions about rows and their answers: what runs on other threads.

use std::ops::Range;
use std::sync::Arc;

use crate::contents::Contents;
use crate::desk::rows::{HitReader, Pagers, RowHit, RowKind, RowPager, RowsError};
use crate::desk::{Desk, Loaded};
use crate::ui::kit::numbers;
use crate::ui::kit::table::COPIED_ROWS_MAX;

/// Where rows come from.
#[derive(Clone)]
pub(super) enum What {
    /// The file of a statement.
    File {
        pagers: Arc<Pagers>,
        loaded: Arc<Loaded>,
        place: u32,
    },
    /// The hits of a search.
    Hits(HitReader),
}

impl PartialEq for What {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File { loaded: one, .. }, Self::File { loaded: two, .. }) => {
                Arc::ptr_eq(one, two)
            }
            (Self::Hits(one), Self::Hits(two)) => one == two,
            _ => false,
        }
    }
}

/// Rows that have been read: a stretch of those that the table has.
#[derive(Default)]
pub(super) struct Window {
    /// Of the desk whose lines the rows name.
    pub generation: u64,
    pub start: u64,
    pub rows: Vec<RowHit>,
    /// The header that hits have in common.
    pub header: Option<Vec<String>>,
}

impl Window {
    /// A row of the table, if it has been read.
    pub fn row(&self, row: u64) -> Option<&RowHit> {
        self.rows
            .get(usize::try_from(row.checked_sub(self.start)?).ok()?)
    }

    /// Whether all of these rows, as far as there are so many, have been read.
    pub fn holds(&self, rows: &Range<u64>, total: u64) -> bool {
        let end = rows.end.min(total);
        rows.start >= self.start
            && end <= self.start + self.rows.len() as u64
            && (total > 0 || !self.rows.is_empty())
    }
}

/// Which rows are wanted.
pub(super) struct RowsQuestion {
    pub contents: Contents,
    pub what: What,
    pub desk: Arc<Desk>,
    pub rows: Range<u64>,
}

/// What was read.
pub(super) struct RowsAnswer {
    /// What was asked for. The rows belong to nothing else: who looks at something else by now must not take them.
    pub what: What,
    /// The file's pager.
    pub pager: Option<Arc<RowPager>>,
    /// The rows; otherwise why there are none, and `None` when waiting helps.
    pub window: Result<Window, Option<String>>,
}

fn rows_of(
    what: &What,
    contents: &Contents,
    desk: &Desk,
    rows: Range<u64>,
) -> Result<Vec<RowHit>, RowsError> {
    match what {
        What::File {
            pagers,
            loaded,
            place,
        } => {
            let rows = pagers.of(contents, loaded)?.read(rows, desk)?;
            Ok(rows
                .into_iter()
                .map(|row| RowHit {
                    statement: *place,
                    row,
                })
                .collect())
        }
        What::Hits(reader) => {
            let place = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
            reader.read(contents, place(rows.start)..place(rows.end))
        }
    }
}

impl RowsQuestion {
    pub fn answer(self) -> RowsAnswer {
        let pager = match &self.what {
            What::File { pagers, loaded, .. } => match pagers.of(&self.contents, loaded) {
                Ok(pager) => Some(pager),
                Err(error) => {
                    return RowsAnswer {
                        pager: None,
                        window: Err(Some(error.to_string())),
                        what: self.what,
                    };
                }
            },
            What::Hits(_) => None,
        };
        let window = self
            .window()
            .map_err(|error| (!error.is_not_yet()).then(|| error.to_string()));
        RowsAnswer {
            pager,
            window,
            what: self.what,
        }
    }

    fn window(&self) -> Result<Window, RowsError> {
        let header = match &self.what {
            What::Hits(reader) => reader.header(&self.contents)?,
            What::File { .. } => None,
        };
        let rows = rows_of(&self.what, &self.contents, &self.desk, self.rows.clone())?;
        Ok(Window {
            generation: self.desk.lines_generation,
            start: self.rows.start,
            rows,
            header,
        })
    }
}

/// Selected rows for the clipboard.
pub(super) struct CopyAsk {
    pub contents: Contents,
    pub what: What,
    pub desk: Arc<Desk>,
    pub ranges: Vec<Range<u64>>,
}

/// Their text.
pub(super) struct Copied {
    pub text: String,
    pub rows: u64,
    pub selected: u64,
    pub failure: Option<String>,
}

/// Rows that are read at once.
const BLOCK: u64 = 5_000;

impl CopyAsk {
    /// Row number, what the row is, and its cells, parted by tabs.
    pub fn answer(self, is_stale: &dyn Fn() -> bool) -> Copied {
        let selected = self
            .ranges
            .iter()
            .map(|r| r.end.saturating_sub(r.start))
            .sum();
        let mut copied = Copied {
            text: String::new(),
            rows: 0,
            selected,
            failure: None,
        };
        for range in &self.ranges {
            let mut start = range.start;
            while start < range.end && copied.rows < COPIED_ROWS_MAX && !is_stale() {
                let end = range
                    .end
                    .min(start + BLOCK)
                    .min(start + (COPIED_ROWS_MAX - copied.rows));
                match rows_of(&self.what, &self.contents, &self.desk, start..end) {
                    Ok(rows) => rows.iter().for_each(|hit| copied.push(hit)),
                    Err(error) => {
                        copied.failure = Some(error.to_string());
                        return copied;
                    }
                }
                start = end;
            }
        }
        copied
    }
}

impl Copied {
    fn push(&mut self, hit: &RowHit) {
        self.text.push_str(&hit.row.row_number.to_string());
        self.text.push('\t');
        self.text.push_str(hit.row.kind.word());
        for cell in &hit.row.cells {
            self.text.push('\t');
            // What would end a cell or a line is not part of a cell.
            self.text
                .extend(cell.chars().map(|c| if c.is_control() { ' ' } else { c }));
        }
        self.text.push('\n');
        self.rows += 1;
    }

    /// What to tell the person.
    pub fn sentence(&self) -> String {
        match &self.failure {
            Some(cause) => format!("The rows could not be copied: {cause}"),
            None if self.rows < self.selected => {
                format!(
                    "Copied only the first {} of {} selected rows",
                    numbers::count(self.rows),
                    numbers::count(self.selected)
                )
            }
            None => format!("Copied {}", numbers::counted(self.rows, "row", "rows")),
        }
    }
}

/// The cell at fault, when the row has one.
pub(super) fn fault_of(hit: &RowHit) -> Option<usize> {
    match &hit.row.kind {
        RowKind::Quarantined(bad) => bad.column,
        _ => None,
    }
}
