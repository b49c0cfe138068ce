//! What people decide about items, remembered for next month.
//!
//! Decisions are entries of the journal and are never changed; what holds now is what replaying them gives. Undoing is an entry too.

mod decision;
mod history;
mod item_code;
mod standing;
mod terms;

use thiserror::Error;

pub use decision::{Action, Decision, SplitPart, Target};
pub use history::{Change, ChangeKind, decide, decide_all, history, redo, understand, undo};
pub use item_code::{ItemCode, Origin};
pub use standing::{Decisions, Ruling, Subject};
pub use terms::{TermText, TermTexts, TermsChange, change_terms, replay_terms};

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
