//! Rows of statements as they stand in their files, and the rows behind a total.
//!
//! Invariants: source files are only read; a file that is not what was imported is an error and never other rows; memory does not grow
//! with the file.

mod drill;
mod pager;
mod preparing;
mod wanted;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;
use thiserror::Error;

pub use drill::{Drill, DrillView, HitReader, MAX_LISTED, RowHit};
pub use pager::{Preparation, RowPager, SourceState};
pub use preparing::{PreparedAs, Preparing};
pub use wanted::RowsOf;

use crate::contents::{Contents, ReadError};
use crate::desk::{Desk, ItemRef, LineId, Loaded};
use crate::ident::{Currency, SalePeriod};
use crate::money::{Amount, AmountOverflow};
use crate::statement::StatementError;
use crate::statement::quarantine::Reason;

/// Why rows cannot be shown.
#[derive(Debug, Error)]
pub enum RowsError {
    /// The file is not where it was.
    #[error("the file is no longer at {}; put it back or import it again from its new place", .0.display())]
    Gone(PathBuf),
    /// The file is another one.
    #[error("{} is not as it was when it was imported; put the imported file back, or import this one", .0.display())]
    Changed(PathBuf),
    /// The rows lie in a part of the file that has not been read yet.
    #[error("this part of the file is still being read")]
    NotYet,
    /// The file or the workspace cannot be read.
    #[error(transparent)]
    Contents(#[from] ReadError),
    /// A sum left the exact range.
    #[error(transparent)]
    Overflow(#[from] AmountOverflow),
}

impl From<StatementError> for RowsError {
    fn from(error: StatementError) -> Self {
        match error {
            StatementError::Io { file, source }
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                Self::Gone(file)
            }
            StatementError::Changed { file } => Self::Changed(file),
            other => Self::Contents(other.into()),
        }
    }
}

impl RowsError {
    /// Whether somebody stopped the work.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Contents(ReadError::Statement(StatementError::Cancelled))
        )
    }
}

/// A row as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// 1-based row as a spreadsheet shows it.
    pub row_number: u64,
    /// 1-based physical line of its beginning.
    pub line_number: u64,
    /// Its cells, unquoted; bytes that are no text are shown as �.
    pub cells: Vec<String>,
    /// What it is.
    pub kind: RowKind,
}

/// What a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowKind {
    /// Above the header.
    Preamble,
    /// The header, or the header again.
    Header,
    /// A record.
    Record(Box<RecordRow>),
    /// A record that could not be taken.
    Quarantined(Box<BadRow>),
    /// Nothing on it.
    Blank,
    /// A total, or behind the end of the records.
    Footer,
    /// No sale, by a rule of the layout.
    Aside,
}

impl RowKind {
    /// The word for people.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Preamble => "Preamble",
            Self::Header => "Header",
            Self::Record(_) => "Record",
            Self::Quarantined(_) => "Quarantined",
            Self::Blank => "Blank",
            Self::Footer => "Footer",
            Self::Aside => "Set aside",
        }
    }
}

/// What a record was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Its item, and its line on the desk; `None` only when the desk has another reading of the file.
    pub place: Option<(ItemRef, LineId)>,
    /// Territory.
    pub territory: String,
    /// Sale period.
    pub period: SalePeriod,
    /// Usage type.
    pub usage: String,
    /// Units.
    pub quantity: Amount,
    /// Money.
    pub amount: Amount,
    /// Its currency.
    pub currency: Currency,
}

/// Why a record could not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// The reason.
    pub reason: Reason,
    /// The offending cell, when it is one.
    pub column: Option<usize>,
    /// A sentence.
    pub detail: String,
    /// Its money, zero when unreadable.
    pub amount: Amount,
    /// Its currency, [`Currency::NONE`] when unreadable.
    pub currency: Currency,
}

/// The pagers of a workspace: one for each statement that has been looked into.
#[derive(Default)]
pub struct Pagers {
    open: Mutex<HashMap<String, Arc<RowPager>>>,
}

impl Pagers {
    /// The pager of a statement. Opening one reads the beginning of its file.
    ///
    /// # Errors
    /// [`RowsError`] when the file is gone, is another one, or is read otherwise now than when it was imported.
    pub fn of(&self, contents: &Contents, statement: &Loaded) -> Result<Arc<RowPager>, RowsError> {
        if let Some(pager) = self
            .open
            .lock()
            .get(&statement.key)
            .filter(|p| p.path() == statement.record.path && p.is_as_opened())
        {
            return Ok(Arc::clone(pager));
        }
        let pager = Arc::new(RowPager::open(contents, &statement.record)?);
        self.open
            .lock()
            .insert(statement.key.clone(), Arc::clone(&pager));
        Ok(pager)
    }
}

/// The item and the line of a record, by its key and currency.
fn place_of(
    desk: &Desk,
    statement: u32,
    key: &[u8],
    currency: Currency,
) -> Option<(ItemRef, LineId)> {
    let loaded = desk.statements().get(statement as usize)?;
    let fields = crate::statement::item::split_key(key)
        .map(|field| std::str::from_utf8(field).unwrap_or_default());
    let code = crate::review::ItemCode::of(&fields, loaded.record.origin());
    let lines = desk.lines();
    lines
        .of_code(code)
        .filter(|line| lines.currency(*line) == currency)
        .find_map(|line| {
            let members = lines.members(line);
            let start = members.partition_point(|m| m.statement < statement);
            let own = members[start..]
                .iter()
                .take_while(|m| m.statement == statement);
            own.copied()
                .find(|m| loaded.cube.has_key(m.item as usize, key))
                .map(|item| (item, line))
        })
}
