//! What can go wrong with a command.

use thiserror::Error;

use crate::catalog::CatalogError;
use crate::contents::ReadError;
use crate::contents::terms::TermsError;
use crate::export::ExportError;
use crate::money::AmountOverflow;
use crate::period::PeriodError;
use crate::results::ResultsError;
use crate::review::DecideError;
use crate::settlement::SettleError;
use crate::statement::StatementError;
use crate::workspace::WorkspaceError;

/// What can go wrong with a command.
#[derive(Debug, Error)]
pub enum SessionError {
    /// A statement, or its file.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The catalog, or a file of it.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The workspace.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// An output file.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// A sum left the exact range.
    #[error(transparent)]
    Overflow(#[from] AmountOverflow),
    /// Contracts, rates or balances.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// Files of contracts, rates or balances.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// Result files.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// A period of settlement.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// A decision.
    #[error(transparent)]
    Decision(#[from] DecideError),
    /// No piece of the terms has this kind and name.
    #[error("the workspace has no {kind} {name:?}; see: ledgerline terms list")]
    NoSuchTerm {
        /// What it is about.
        kind: String,
        /// Its name.
        name: String,
    },
    /// A removed statement cannot come back.
    #[error("the statement cannot be put back: {0}")]
    NotRestored(&'static str),
    /// No statement has this name.
    #[error("the workspace has no statement {0}; see: ledgerline statement list")]
    NoSuchStatement(String),
}

impl From<ReadError> for SessionError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Statement(error) => Self::Statement(error),
            ReadError::Catalog(error) => Self::Catalog(error),
            ReadError::Workspace(error) => Self::Workspace(error),
            ReadError::Overflow(error) => Self::Overflow(error),
        }
    }
}
