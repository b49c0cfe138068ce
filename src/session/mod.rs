//! The application without a window: commands in, results out. The one place that changes a workspace.

pub mod candidates;
mod catalog_lookup;
pub mod choice;
mod decisions;
pub mod desk;
pub mod duplicates;
pub mod engine;
pub mod gate;
pub mod history_view;
pub mod overview;
pub mod payout_view;
pub mod period;
pub mod period_view;
pub mod query;
mod record;
pub mod rows;
mod run;
pub mod sample;
pub mod settle;
pub mod terms;
pub mod terms_view;
pub mod track_money;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use tempfile::TempDir;
use thiserror::Error;

pub use gate::{Accepted, LeftOut, Overlap};
pub use record::StatementRecord;
pub use run::{Run, RunRequest, RunTerms, StatementRun, Summary};

use crate::catalog::{self, CatalogError, CatalogReport, CatalogState, Track};
use crate::export::ExportError;
use crate::job::Job;
use crate::journal::{self, CatalogImported, JournalEvent, StatementRemoved, TrackEdited};
use crate::money::AmountOverflow;
use crate::review::{DecideError, ItemCode};
use crate::settlement::SettleError;
use crate::statement::cube::Cube;
use crate::statement::import::import;
use crate::statement::layout::Layouts;
use crate::statement::likeness::Likeness;
use crate::statement::loss::Loss;
use crate::statement::quarantine::Quarantined;
use crate::statement::source::Part;
use crate::statement::spread::BatchIndex;
use crate::statement::{ReadOptions, StatementError};
use crate::workspace::{Workspace, WorkspaceError, family};

/// What can go wrong with a command.
#[derive(Debug, Error)]
pub enum SessionError {
    /// A statement file.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// A catalog file.
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
    /// The conservation proof fails.
    #[error(
        "the conservation proof fails, so no payout is written: {0}. This is a fault of the program; please report it with this line"
    )]
    Unproven(String),
    /// Contracts, rates or balances.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// A period of settlement.
    #[error(transparent)]
    Period(#[from] period::PeriodError),
    /// A file of contracts, rates, balances or cells cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No piece of the terms has this kind and name.
    #[error("the workspace has no {kind} {name:?}; see: ledgerline terms list")]
    NoSuchTerm {
        /// What it is about.
        kind: String,
        /// Its name.
        name: String,
    },
    /// Two files of one import have the same name.
    #[error(
        "two of the files are {kind} {name:?}, and one would take the place of the other; rename one of them"
    )]
    SameName {
        /// What they are about.
        kind: String,
        /// Their name.
        name: String,
    },
    /// A file of rates lacks what the one of its name had.
    #[error(
        "rates {name:?} would no longer have {lost}, by which money may have been settled; give the new file another name, or all rates of the earlier one too"
    )]
    LostRates {
        /// Name of the file.
        name: String,
        /// What is missing.
        lost: String,
    },
    /// No profile of payout files has this name.
    #[error("there is no payout file {name:?}; there are: {known}; --columns FILE gives more")]
    NoSuchProfile {
        /// The name.
        name: String,
        /// Names that there are.
        known: String,
    },
    /// A decision.
    #[error(transparent)]
    Decision(#[from] DecideError),
    /// A removed statement cannot come back.
    #[error("the statement cannot be put back: {0}")]
    NotRestored(&'static str),
    /// No statement has this name.
    #[error("the workspace has no statement {0}; see: ledgerline statement list")]
    NoSuchStatement(String),
}

/// A statement that has been taken into the workspace.
#[derive(Debug)]
pub struct Taken {
    /// What is known of it.
    pub record: StatementRecord,
    /// Whether it was there before; nothing was counted twice then.
    pub was_there: bool,
}

/// An open workspace with the layouts it reads by.
///
/// Several handles may share one workspace: each works for a job of its own.
pub struct Session {
    workspace: Arc<Workspace>,
    layouts: Arc<Layouts>,
    job: Job,
    /// The cube that was imported last, so that settling it at once need not read it back.
    fresh: Option<(String, Arc<Cube>, Vec<Quarantined>)>,
    /// A statement that was read and is still being written.
    unfinished: Option<Unfinished>,
    who: String,
}

/// A statement whose cube is being written by a thread, which hands over the folder and the hashes of the files.
struct Unfinished {
    record: StatementRecord,
    replaced: Option<StatementRecord>,
    writing: JoinHandle<Written>,
}

/// The folder of a cube, and its files with their hashes.
type Written = Result<(TempDir, Vec<(String, String)>), StatementError>;

const QUARANTINE: &str = "quarantine.jsonl";

impl Session {
    /// Opens a workspace.
    ///
    /// # Errors
    /// [`SessionError::Workspace`] when it is in use, newer, or damaged.
    pub fn open(path: &Path, layouts: Layouts, job: Job) -> Result<Self, SessionError> {
        let workspace = Arc::new(Workspace::open(path, journal::effects)?);
        let session = Self {
            workspace,
            layouts: Arc::new(layouts),
            job,
            fresh: None,
            unfinished: None,
            who: "unknown".into(),
        };
        session.check_catalog()?;
        Ok(session)
    }

    /// Says who is at work; the journal names them.
    #[must_use]
    pub fn acting_as(mut self, who: String) -> Self {
        self.who = who;
        self
    }

    /// Another handle to the same workspace, that works for `job`.
    #[must_use]
    pub fn for_job(&self, job: Job) -> Self {
        Self {
            workspace: Arc::clone(&self.workspace),
            layouts: Arc::clone(&self.layouts),
            job,
            fresh: None,
            unfinished: None,
            who: self.who.clone(),
        }
    }

    /// Who is at work.
    #[must_use]
    pub fn who(&self) -> &str {
        &self.who
    }

    /// The job that this handle works for.
    #[must_use]
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Compares the catalog with what the journal says of it. An import that was taken, but whose entry was not, is entered now.
    fn check_catalog(&self) -> Result<(), SessionError> {
        let state = CatalogState::read(&self.workspace)?;
        let last = self
            .workspace
            .journal()
            .entries()
            .iter()
            .rev()
            .find_map(journal::catalog_change)
            .map(|change| change.digest);
        let expected = last.unwrap_or_else(|| CatalogState::default().digest_hex());
        if state.digest_hex() == expected {
            return Ok(());
        }
        if state.before_hex() != expected {
            return Err(self
                .workspace
                .damaged("the catalog in db (it is not what the journal says)")
                .into());
        }
        self.record_catalog(&state)
    }

    fn record_catalog(&self, state: &CatalogState) -> Result<(), SessionError> {
        self.record(&JournalEvent::CatalogImported(CatalogImported {
            tracks: state.tracks,
            digest: state.digest_hex(),
        }))?;
        Ok(())
    }

    /// The workspace; command line and window use the session's own methods instead.
    #[must_use]
    pub(crate) fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// Imports catalog files, all or none.
    ///
    /// # Errors
    /// [`SessionError::Catalog`]; the catalog is as it was then.
    pub fn import_catalog(&mut self, files: &[PathBuf]) -> Result<CatalogReport, SessionError> {
        let report = catalog::import(&self.workspace, files, &self.job)?;
        if report.added + report.changed > 0 {
            let state = CatalogState::read(&self.workspace)?;
            self.record_catalog(&state)?;
        }
        Ok(report)
    }

    /// Takes one part of a statement file. The same text a second time is recognized, whatever its name, packing or line ends.
    ///
    /// # Errors
    /// [`SessionError`] when the file cannot be taken; the workspace is as it was then.
    pub fn import_statement(
        &mut self,
        part: &Part,
        options: &ReadOptions,
    ) -> Result<Taken, SessionError> {
        let mut taken = self.begin_statement(part, options)?;
        if let Some(record) = self.finish_statement()? {
            taken.record = record;
        }
        Ok(taken)
    }

    /// Like [`Session::import_statement`], but the statement is not in the workspace before [`Session::finish_statement`]: it can be
    /// matched and settled while it is written. The files of its record are not known yet.
    ///
    /// # Errors
    /// [`SessionError`] when the file, or the one begun before, cannot be taken.
    pub fn begin_statement(
        &mut self,
        part: &Part,
        options: &ReadOptions,
    ) -> Result<Taken, SessionError> {
        self.finish_statement()?;
        let imported = import(part, &self.layouts, options, &self.job)?;
        let mut record = StatementRecord::new(part, &imported, options);
        let loss = Loss::of(&imported.cube, &imported.quarantine, imported.records);
        let loss = loss.map_err(|source| StatementError::Overflow {
            file: part.shown(),
            source,
        })?;
        record.loss = (loss.quarantined_rows > 0).then_some(loss);
        let statements = self.statements()?;
        let same_text = statements
            .iter()
            .find(|r| r.text_hash == record.text_hash)
            .cloned();
        if let Some(there) = &same_text
            && there.key() == record.key()
        {
            // The file may have been renamed, moved or packed since: rows are shown from where and what it is now.
            record.files.clone_from(&there.files);
            if record.batch_starts != there.batch_starts {
                // Read in other batches: the index speaks of those from before, so rows are looked for in all.
                record.files.retain(|(name, _)| name != BatchIndex::FILE);
            }
            record.imported_at.clone_from(&there.imported_at);
            record.keep_answers(there);
            if *there != record {
                self.register(&record, None)?;
            }
            return Ok(Taken {
                record,
                was_there: true,
            });
        }
        self.pass_gates((part, &imported), options.accept, &mut record, &statements)?;
        let folder = self.workspace.temporary()?;
        let cube = Arc::new(imported.cube);
        let texts = [
            (BatchIndex::FILE, imported.batch_index.to_bytes()),
            (Likeness::FILE, imported.likeness.to_bytes()),
        ];
        let writing = write_cube(
            folder,
            cube.clone(),
            &imported.quarantine,
            texts,
            self.job.threads(),
        );
        self.unfinished = Some(Unfinished {
            record: record.clone(),
            replaced: same_text,
            writing,
        });
        self.fresh = Some((record.key(), cube, imported.quarantine));
        if self.job.threads() == 1 {
            self.finish_statement()?;
        }
        Ok(Taken {
            record,
            was_there: false,
        })
    }

    /// Waits until the statement that was begun last is written, and registers it; gives its record, if there was one.
    ///
    /// # Errors
    /// [`SessionError`] when it cannot be written; the workspace is as it was then.
    pub fn finish_statement(&mut self) -> Result<Option<StatementRecord>, SessionError> {
        let Some(Unfinished {
            mut record,
            replaced,
            writing,
        }) = self.unfinished.take()
        else {
            return Ok(None);
        };
        let (folder, files) = writing
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        if self.job.is_cancelled() {
            return Err(StatementError::Cancelled.into());
        }
        record.files = files;
        self.place(folder, &record, replaced.as_ref())?;
        Ok(Some(record))
    }

    /// Moves the folder to its place, then registers the statement; what is not registered is swept away at the next opening.
    fn place(
        &mut self,
        folder: TempDir,
        record: &StatementRecord,
        replaced: Option<&StatementRecord>,
    ) -> Result<(), SessionError> {
        let target = self.workspace.statement_folder(&record.key());
        let source = folder.keep();
        std::fs::rename(&source, &target)
            .map_err(WorkspaceError::io("cannot move the statement to", &target))?;
        let parent = target.parent().unwrap_or(&target);
        std::fs::File::open(parent)
            .and_then(|f| f.sync_all())
            .map_err(WorkspaceError::io("cannot sync", parent))?;
        self.register(record, replaced)?;
        if let Some(old) = replaced {
            self.remove_folder(old)?;
        }
        Ok(())
    }

    fn register(
        &mut self,
        record: &StatementRecord,
        replaced: Option<&StatementRecord>,
    ) -> Result<(), SessionError> {
        self.record(&JournalEvent::StatementImported(record.imported(replaced)))?;
        Ok(())
    }

    fn remove_folder(&self, record: &StatementRecord) -> Result<(), SessionError> {
        let folder = self.workspace.statement_folder(&record.key());
        std::fs::remove_dir_all(&folder).map_err(WorkspaceError::io("cannot remove", &folder))?;
        Ok(())
    }

    /// All statements of the workspace, sorted by name.
    ///
    /// # Errors
    /// [`SessionError::Workspace`] when the list cannot be read.
    pub fn statements(&self) -> Result<Vec<StatementRecord>, SessionError> {
        let mut records = Vec::new();
        let mut scan = self.workspace.scan(family::STATEMENTS, b"")?;
        while let Some((key, value)) = scan.entry()? {
            let damaged = || {
                self.workspace
                    .damaged(format!("statement {}", String::from_utf8_lossy(key)))
            };
            records.push(StatementRecord::from_json(value).ok_or_else(damaged)?);
            scan.step();
        }
        records.sort_by(|a, b| (&a.name, &a.text_hash).cmp(&(&b.name, &b.text_hash)));
        Ok(records)
    }

    /// Takes a statement out of the workspace, by name or by the beginning of its key. The source file is not touched.
    ///
    /// # Errors
    /// [`SessionError::NoSuchStatement`] when none or several fit.
    pub fn remove_statement(&mut self, name: &str) -> Result<StatementRecord, SessionError> {
        let fits =
            |r: &StatementRecord| r.name == name || (name.len() >= 4 && r.key().starts_with(name));
        let mut found: Vec<StatementRecord> = self.statements()?.into_iter().filter(fits).collect();
        let (Some(record), true) = (found.pop(), found.is_empty()) else {
            return Err(SessionError::NoSuchStatement(name.to_owned()));
        };
        self.record(&JournalEvent::StatementRemoved(StatementRemoved {
            key: record.key(),
            name: Some(record.name.clone()),
        }))?;
        // What was read is kept aside, so that the statement can be put back; a reading aside from before is replaced.
        let (from, to) = (
            self.workspace.statement_folder(&record.key()),
            self.workspace.removed_folder(&record.key()),
        );
        match std::fs::remove_dir_all(&to) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(WorkspaceError::io("cannot remove", &to)(e).into());
            }
            _ => std::fs::rename(&from, &to)
                .map_err(WorkspaceError::io("cannot set aside", &from))?,
        }
        Ok(record)
    }

    /// Puts a removed statement back as it was, by its key.
    ///
    /// # Errors
    /// [`SessionError::NotRestored`] when it was never there, is there, or what was read of it is no longer kept.
    pub fn restore_statement(&mut self, key: &str) -> Result<StatementRecord, SessionError> {
        let data = journal::imported_record(self.workspace.journal().entries(), key);
        let record = data.and_then(|json| StatementRecord::from_json(json.as_bytes()));
        let record = record.ok_or(SessionError::NotRestored("the workspace never had it"))?;
        if self
            .statements()?
            .iter()
            .any(|r| r.text_hash == record.text_hash)
        {
            return Err(SessionError::NotRestored(
                "its file has been imported again",
            ));
        }
        let (from, to) = (
            self.workspace.removed_folder(key),
            self.workspace.statement_folder(key),
        );
        if !from.is_dir() {
            return Err(SessionError::NotRestored(
                "what was read of it is no longer kept; import its file again",
            ));
        }
        if record.accepted.duplicate.is_none()
            && let Some(likeness) = self.likeness(&record, &from)?
            && self.is_counted_already(&record, &likeness)?
        {
            return Err(SessionError::NotRestored(
                "its rows are counted by other statements since; remove those first",
            ));
        }
        std::fs::rename(&from, &to).map_err(WorkspaceError::io("cannot put back", &from))?;
        self.register(&record, None)?;
        Ok(record)
    }

    /// Changes one track of the catalog, or adds it.
    ///
    /// # Errors
    /// [`SessionError::Catalog`]; the catalog is as it was then.
    pub fn edit_track(&self, track: &Track) -> Result<(), SessionError> {
        let before = catalog::put_track(&self.workspace, track)?;
        if before.as_ref() == Some(track) {
            return Ok(());
        }
        let state = CatalogState::read(&self.workspace)?;
        self.record(&JournalEvent::TrackEdited(Box::new(TrackEdited {
            tracks: state.tracks,
            digest: state.digest_hex(),
            before,
            after: track.clone(),
        })))?;
        Ok(())
    }

    /// Whether any statement of the workspace reports this item.
    ///
    /// # Errors
    /// [`SessionError`] when a statement cannot be read.
    pub fn reports_item(&mut self, item: ItemCode) -> Result<bool, SessionError> {
        for record in self.statements()? {
            let (cube, _) = self.load(&record)?;
            if (0..cube.items()).any(|i| ItemCode::of(&cube.fields(i), record.origin()) == item) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Which batches of a statement's file hold which items; `None` when an older version took it.
    fn batch_index(&self, record: &StatementRecord) -> Result<Option<BatchIndex>, SessionError> {
        self.file_of(
            record,
            BatchIndex::FILE,
            &self.workspace.statement_folder(&record.key()),
            BatchIndex::from_bytes,
        )
    }

    /// What the rows of a statement mean, from its folder; `None` when an older version took it.
    fn likeness(
        &self,
        record: &StatementRecord,
        folder: &Path,
    ) -> Result<Option<Likeness>, SessionError> {
        self.file_of(record, Likeness::FILE, folder, Likeness::from_bytes)
    }

    /// A file of a statement, checked against its hash; `None` when the statement has none of this name.
    fn file_of<T>(
        &self,
        record: &StatementRecord,
        name: &str,
        folder: &Path,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, SessionError> {
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
    fn load(
        &mut self,
        record: &StatementRecord,
    ) -> Result<(Arc<Cube>, Vec<Quarantined>), SessionError> {
        if let Some((_, cube, quarantine)) = self.fresh.take_if(|(key, _, _)| *key == record.key())
        {
            return Ok((cube, quarantine));
        }
        self.finish_statement()?;
        let folder = self.workspace.statement_folder(&record.key());
        // The record at hand may be of the time before its files were written.
        let registered = self
            .workspace
            .read(family::STATEMENTS, record.key().as_bytes())?;
        let damaged = || {
            self.workspace
                .damaged(format!("statement {}", record.key()))
        };
        let registered = registered
            .and_then(|json| StatementRecord::from_json(&json))
            .ok_or_else(damaged)?;
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

/// The name under which decisions are taken.
#[must_use]
pub fn user_name() -> String {
    let mut names = ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .filter_map(|variable| std::env::var(variable).ok());
    names
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown".into())
}

impl Drop for Session {
    fn drop(&mut self) {
        // What was begun and not finished is taken away, and not while it is still being written.
        if let Some(unfinished) = self.unfinished.take() {
            drop(unfinished.writing.join());
        }
    }
}

/// Begins to write a cube, its quarantine and what else is kept of it into a folder.
fn write_cube(
    folder: TempDir,
    cube: Arc<Cube>,
    quarantine: &[Quarantined],
    more: [(&'static str, Vec<u8>); 2],
    threads: usize,
) -> JoinHandle<Written> {
    let mut text = Vec::new();
    for row in quarantine {
        serde_json::to_writer(&mut text, row)
            .expect("a row in quarantine has only text and numbers");
        text.push(b'\n');
    }
    let texts: Vec<(&str, Vec<u8>)> = std::iter::once((QUARANTINE, text)).chain(more).collect();
    let write = move || -> Written {
        let mut hashes = Vec::from_iter(cube.write(folder.path(), threads)?);
        for (name, text) in &texts {
            let path = folder.path().join(name);
            let written =
                std::fs::write(&path, text).and_then(|()| std::fs::File::open(&path)?.sync_all());
            written.map_err(|source| StatementError::Io { file: path, source })?;
            hashes.push((name, blake3::hash(text)));
        }
        let files = hashes
            .into_iter()
            .map(|(name, hash)| (name.to_owned(), hash.to_hex().to_string()))
            .collect();
        Ok((folder, files))
    };
    std::thread::Builder::new()
        .name("writer".into())
        .spawn(write)
        .expect("the system gives a thread")
}

fn hash_file(path: &Path) -> Result<String, SessionError> {
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
