//! What a workspace contains, read as what it means: statements with their cubes, the catalog, terms, the journal.
//!
//! Invariant: nothing here changes a workspace.

mod accepted;
mod catalog_lookup;
mod record;
pub mod terms;

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use thiserror::Error;

pub use accepted::{Accepted, Overlap};
pub use record::StatementRecord;

use crate::catalog::CatalogError;
use crate::job::Job;
use crate::journal::{self, Change};
use crate::money::AmountOverflow;
use crate::review::{ItemCode, TermTexts};
use crate::statement::cube::Cube;
use crate::statement::import::{Opened, open};
use crate::statement::layout::Layouts;
use crate::statement::likeness::Likeness;
use crate::statement::quarantine::Quarantined;
use crate::statement::source::parts;
use crate::statement::spread::BatchIndex;
use crate::statement::{ReadOptions, StatementError};
use crate::workspace::{Audit, Workspace, WorkspaceError, family};

/// What can go wrong when a workspace is read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// A statement, or its file.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The workspace.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// A sum left the exact range.
    #[error(transparent)]
    Overflow(#[from] AmountOverflow),
}

/// A workspace to be read, with the layouts its statements are read by.
///
/// Several handles may share one workspace: each works for a job of its own.
pub struct Contents {
    workspace: Arc<Workspace>,
    layouts: Arc<Layouts>,
    job: Job,
    fresh: Mutex<Option<Fresh>>,
}

/// The statement that was imported last, so that settling it at once need not read it back.
pub(crate) struct Fresh {
    pub(crate) key: String,
    pub(crate) cube: Arc<Cube>,
    pub(crate) quarantine: Vec<Quarantined>,
}

/// Name of the file in which a statement's folder keeps the rows in quarantine.
pub(crate) const QUARANTINE: &str = "quarantine.jsonl";

impl Contents {
    pub(crate) fn new(workspace: Arc<Workspace>, layouts: Arc<Layouts>, job: Job) -> Self {
        Self {
            workspace,
            layouts,
            job,
            fresh: Mutex::new(None),
        }
    }

    /// Another handle to the same workspace, that works for `job`.
    #[must_use]
    pub fn for_job(&self, job: Job) -> Self {
        Self::new(Arc::clone(&self.workspace), Arc::clone(&self.layouts), job)
    }

    /// The job that this handle works for.
    #[must_use]
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// The workspace; command line and window use methods instead.
    pub(crate) fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    pub(crate) fn layouts(&self) -> &Layouts {
        &self.layouts
    }

    /// Keeps the statement that was just imported at hand, once.
    pub(crate) fn keep_fresh(&self, fresh: Fresh) {
        *self.fresh.lock() = Some(fresh);
    }

    /// Contracts, rates and opening balances that are in force.
    ///
    /// # Errors
    /// [`ReadError::Workspace`] when the journal cannot be understood.
    pub fn terms(&self) -> Result<TermTexts, ReadError> {
        Ok(journal::terms_in_force(&self.history()?, None))
    }

    /// All statements of the workspace, sorted by name.
    ///
    /// # Errors
    /// [`ReadError::Workspace`] when the list cannot be read.
    pub fn statements(&self) -> Result<Vec<StatementRecord>, ReadError> {
        let mut records = Vec::new();
        let mut scan = self.workspace.scan(family::STATEMENTS, b"")?;
        while let Some((key, value)) = scan.entry()? {
            records.push(StatementRecord::from_json(value).ok_or_else(|| {
                self.workspace
                    .damaged(format!("statement {}", String::from_utf8_lossy(key)))
            })?);
            scan.step();
        }
        records.sort_by(|a, b| (&a.name, &a.text_hash).cmp(&(&b.name, &b.text_hash)));
        Ok(records)
    }

    /// All entries of the journal, oldest first, with what they did.
    ///
    /// # Errors
    /// [`ReadError::Workspace`] when an entry cannot be understood.
    pub fn history(&self) -> Result<Vec<Change>, ReadError> {
        Ok(journal::history(&self.workspace)?)
    }

    /// Reads the journal file again and compares it with its hashes and with the database. Nothing
    /// can be recorded meanwhile.
    ///
    /// # Errors
    /// [`ReadError::Workspace`] when the file or the database cannot be read. A fault of the
    /// journal is no error: it stands in the result.
    pub fn audit(&self) -> Result<Audit, ReadError> {
        Ok(self.workspace.audit()?)
    }

    /// Opens the file of a statement to be read once more as it was read when it was taken.
    pub(crate) fn open_again(
        &self,
        record: &StatementRecord,
        options: &ReadOptions,
    ) -> Result<Opened, ReadError> {
        let part = parts(&record.path)?
            .into_iter()
            .find(|p| p.name == record.name)
            .ok_or_else(|| StatementError::Changed {
                file: record.path.clone(),
            })?;
        let opened = open(&part, &self.layouts, options, record.forced_encoding())?;
        if opened.plan.layout_digest != record.layout_digest
            || opened.plan.column_use() != record.columns
        {
            return Err(StatementError::Refused {
                file: record.path.clone(),
                reason: format!(
                    "it was taken with the layout {}, and is now read as {}",
                    record.layout, opened.plan.layout
                ),
                remedy: "Give the same --layout files as when it was imported, or import it again"
                    .into(),
            }
            .into());
        }
        Ok(opened)
    }

    /// Whether any statement of the workspace reports this item.
    ///
    /// # Errors
    /// [`ReadError`] when a statement cannot be read.
    pub fn reports_item(&self, item: ItemCode) -> Result<bool, ReadError> {
        for record in self.statements()? {
            let (cube, _) = self.load(&record)?;
            if (0..cube.items()).any(|i| ItemCode::of(&cube.fields(i), record.origin()) == item) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Which batches of a statement's file hold which items; `None` when an older version took it.
    pub(crate) fn batch_index(
        &self,
        record: &StatementRecord,
    ) -> Result<Option<BatchIndex>, ReadError> {
        self.file_of(
            record,
            BatchIndex::FILE,
            &self.workspace.statement_folder(&record.key()),
            BatchIndex::from_bytes,
        )
    }

    /// What the rows of a statement mean, from its folder; `None` when an older version took it.
    pub(crate) fn likeness(
        &self,
        record: &StatementRecord,
        folder: &Path,
    ) -> Result<Option<Likeness>, ReadError> {
        self.file_of(record, Likeness::FILE, folder, Likeness::from_bytes)
    }

    /// A file of a statement, checked against its hash; `None` when the statement has none of this name.
    fn file_of<T>(
        &self,
        record: &StatementRecord,
        name: &str,
        folder: &Path,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, ReadError> {
        let Some((_, hash)) = record.files.iter().find(|(known, _)| known == name) else {
            return Ok(None);
        };
        let path = folder.join(name);
        let bytes = std::fs::read(&path).map_err(|source| StatementError::Io {
            file: path.clone(),
            source,
        })?;
        let content = read(&bytes).filter(|_| blake3::hash(&bytes).to_hex().as_str() == hash);
        content
            .map(Some)
            .ok_or_else(|| self.workspace.damaged(path.display().to_string()).into())
    }

    /// The cube and the quarantine of a statement; every file is checked against the hash taken when it was written.
    pub(crate) fn load(
        &self,
        record: &StatementRecord,
    ) -> Result<(Arc<Cube>, Vec<Quarantined>), ReadError> {
        let mut fresh = self.fresh.lock();
        if let Some(fresh) = fresh.take_if(|fresh| fresh.key == record.key()) {
            return Ok((fresh.cube, fresh.quarantine));
        }
        drop(fresh);
        let folder = self.workspace.statement_folder(&record.key());
        // The record at hand may be of the time before its files were written.
        let registered = self
            .workspace
            .read(family::STATEMENTS, record.key().as_bytes())?;
        let registered = registered
            .and_then(|json| StatementRecord::from_json(&json))
            .ok_or_else(|| {
                self.workspace
                    .damaged(format!("statement {}", record.key()))
            })?;
        for (name, hash) in &registered.files {
            let path = folder.join(name);
            if hash_file(&path)? != *hash {
                return Err(self
                    .workspace
                    .damaged(format!("{} (not as it was written)", path.display()))
                    .into());
            }
        }
        let cube = Cube::read(&folder)?;
        let path = folder.join(QUARANTINE);
        let text = std::fs::read(&path).map_err(|source| StatementError::Io {
            file: path.clone(),
            source,
        })?;
        let rows = text
            .split(|b| *b == b'\n')
            .filter(|l| !l.is_empty())
            .map(serde_json::from_slice)
            .collect::<Result<Vec<_>, _>>();
        Ok((
            Arc::new(cube),
            rows.map_err(|_| self.workspace.damaged(path.display().to_string()))?,
        ))
    }
}

fn hash_file(path: &Path) -> Result<String, ReadError> {
    let mut hasher = blake3::Hasher::new();
    let mut file = std::fs::File::open(path).map_err(|source| StatementError::Io {
        file: path.to_owned(),
        source,
    })?;
    hasher
        .update_reader(&mut file)
        .map_err(|source| StatementError::Io {
            file: path.to_owned(),
            source,
        })?;
    Ok(hasher.finalize().to_hex().to_string())
}
