//! What the face and the engine tell each other, and jobs as they are shown.

use std::path::PathBuf;
use std::sync::Arc;

use crate::catalog::{CatalogReport, Track};
use crate::contents::StatementRecord;
use crate::ident::SalePeriod;
use crate::period::{ClosedPeriod, OpenPeriod};
use crate::review::{Decision, TermsChange};
use crate::session::terms::TermsReport;
use crate::statement::ReadOptions;
use crate::statement::plan::Asks;

/// What the face asks for, by the thread that does it.
#[derive(Debug, Clone)]
pub enum Command {
    /// Long work, which waits for its turn.
    Job(JobCommand),
    /// A change that is saved at once.
    Change(ChangeCommand),
}

impl From<JobCommand> for Command {
    fn from(command: JobCommand) -> Self {
        Self::Job(command)
    }
}

impl From<ChangeCommand> for Command {
    fn from(command: ChangeCommand) -> Self {
        Self::Change(command)
    }
}

/// Changes of what a person decides. Each is one entry of the journal.
#[derive(Debug, Clone)]
pub enum ChangeCommand {
    /// Change contracts, rates or balances.
    ChangeTerms(TermsChange),
    /// Take decisions.
    Decide(Vec<Decision>),
    /// Undo an entry of the journal.
    Undo(u64),
    /// Take an undone entry again.
    Redo(u64),
}

/// Work that takes long.
#[derive(Debug, Clone)]
pub enum JobCommand {
    /// Take statement files.
    ImportStatements {
        /// The files.
        files: Vec<PathBuf>,
        /// What a person said about files that cannot say it themselves.
        options: Box<ReadOptions>,
    },
    /// Take a statement out of the workspace, by its key.
    RemoveStatement(String),
    /// Put a removed statement back, by its key.
    RestoreStatement(String),
    /// Import catalog files, all or none.
    ImportCatalog(Vec<PathBuf>),
    /// Change one track, or add it.
    EditTrack(Box<Track>),
    /// Write the results of all statements into a folder.
    Export {
        /// The folder.
        out: PathBuf,
        /// Whether the consolidated line file is written too.
        with_lines: bool,
    },
    /// Take files of contracts, rates and balances, all or none.
    ImportTerms(Vec<PathBuf>),
    /// Write contracts, rates and balances as files that can be imported again.
    ExportTerms {
        /// The folder.
        out: PathBuf,
        /// Whether contracts are written as CSV.
        as_csv: bool,
    },
    /// Close a period.
    ClosePeriod(SalePeriod),
    /// Write what a closed period was settled from and came to into a folder.
    ExportPeriod {
        /// The period.
        period: String,
        /// The folder.
        out: PathBuf,
    },
    /// Write the statements of one payee into a folder.
    WriteStatements {
        /// The period as it is settled.
        open: Arc<OpenPeriod>,
        /// The payee.
        payee: String,
        /// The folder.
        out: PathBuf,
    },
}

/// What has happened.
#[derive(Debug)]
pub enum Event {
    /// The workspace is open and its statements are on the desk.
    Opened,
    /// The workspace could not be opened.
    NotOpened(Failure),
    /// There is a new desk.
    DeskChanged,
    /// A statement has been taken.
    StatementTaken {
        /// What is known of it.
        record: Box<StatementRecord>,
        /// Whether it was there before, and nothing was counted twice.
        was_there: bool,
    },
    /// A statement has been taken out.
    StatementRemoved(Box<StatementRecord>),
    /// A statement file could not be taken; [`super::Engine::failed_imports`] has it.
    ImportFailed(Failure),
    /// A catalog has been imported.
    CatalogImported(Box<CatalogReport>),
    /// A track has been changed or added.
    TrackEdited(String),
    /// Decisions are saved, with the entry's number.
    Decided {
        /// Number of the entry.
        seq: u64,
        /// How many decisions it holds.
        decisions: usize,
    },
    /// An entry is undone, and that is saved.
    Undone(u64),
    /// An undone entry is taken again, and that is saved.
    Redone(u64),
    /// Results are written.
    Exported {
        /// The folder.
        out: PathBuf,
        /// Stands for all that went into them.
        fingerprint: String,
    },
    /// Contracts, rates or balances have been imported.
    TermsImported(Box<TermsReport>),
    /// Contracts, rates or balances are changed, and that is saved, with the entry's number.
    TermsChanged(u64),
    /// A period is closed.
    PeriodClosed(Box<ClosedPeriod>),
    /// Files are written: contracts, or what a period came to.
    Written {
        /// The folder.
        out: PathBuf,
        /// Their names.
        files: Vec<String>,
    },
    /// A job was cancelled; the workspace is as it was before it.
    Cancelled(String),
    /// Something could not be done.
    Failed(Failure),
}

/// Something that could not be done, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was being done.
    pub what: String,
    /// Why it failed and what to do about it.
    pub cause: String,
}

/// A statement file that could not be taken.
#[derive(Debug, Clone)]
pub struct FailedImport {
    /// The file.
    pub file: PathBuf,
    /// What was said about it.
    pub options: ReadOptions,
    /// Why it could not be taken, and what to do about it.
    pub cause: String,
    /// What it asks for, when an answer is all that is missing.
    pub asks: Option<Asks>,
}

/// A job as it is shown.
#[derive(Debug, Clone)]
pub struct JobView {
    /// Names the job in [`super::Engine::cancel`].
    pub id: u64,
    /// What it does.
    pub title: String,
    /// Whether it runs; otherwise it waits for its turn.
    pub is_running: bool,
    /// Whether it was asked to stop.
    pub is_cancelled: bool,
    /// Bytes read.
    pub bytes_done: u64,
    /// Bytes to read; 0 when that is not known.
    pub bytes_total: u64,
    /// Rows read.
    pub rows: u64,
    /// Milliseconds since it began.
    pub elapsed_ms: u64,
}

impl JobView {
    /// Rows read in a second.
    #[must_use]
    pub fn rows_per_second(&self) -> u64 {
        self.rows.saturating_mul(1000) / self.elapsed_ms.max(1)
    }

    /// How far it is, in thousandths; `None` when that is not known.
    #[must_use]
    pub fn per_mille(&self) -> Option<u32> {
        let done = u128::from(self.bytes_done.min(self.bytes_total)) * 1000;
        (self.bytes_total > 0)
            .then(|| u32::try_from(done / u128::from(self.bytes_total)).unwrap_or(1000))
    }

    /// Milliseconds that are left, when the rest goes as fast as what is done.
    #[must_use]
    pub fn left_ms(&self) -> Option<u64> {
        let left = self
            .bytes_total
            .checked_sub(self.bytes_done)
            .filter(|_| self.bytes_total > 0 && self.bytes_done > 0)?;
        u64::try_from(u128::from(left) * u128::from(self.elapsed_ms) / u128::from(self.bytes_done))
            .ok()
    }
}
