//! What people decide about items, remembered for next month, and how they change contract terms.
//!
//! Pure data: which decisions hold is what applying them in order gives. The journal above keeps
//! them as entries, and the session alone adds to them.

mod decision;
mod item_code;
mod standing;
mod terms;

use thiserror::Error;

pub use decision::{Action, Decision, SplitPart, Target};
pub use item_code::{ItemCode, Origin};
pub use standing::{Decisions, Ruling, Subject};
pub use terms::{TermText, TermTexts, TermsChange};

use crate::catalog::CatalogError;
use crate::workspace::WorkspaceError;

/// Why a decision was not taken.
#[derive(Debug, Error)]
pub enum DecideError {
    /// The track is not in the catalog.
    #[error(
        "the catalog has no track {0}; list candidates in exceptions.csv or import the track first"
    )]
    NoSuchTrack(String),
    /// The code is no item code.
    #[error("{0:?} is not an item; the codes stand in the last column of exceptions.csv")]
    NoSuchItem(String),
    /// Shares that divide nothing.
    #[error("a split needs at least two tracks, each once and with a share above zero")]
    BadSplit,
    /// Nothing is to be decided.
    #[error("there is nothing to decide")]
    Nothing,
    /// The entry is no decision, or is undone already, or is not undone.
    #[error("entry {seq} of the journal cannot be {what}")]
    NotPossible {
        /// Number of the entry.
        seq: u64,
        /// `undone` or `redone`.
        what: &'static str,
    },
    /// The workspace said no.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The catalog said no.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}
