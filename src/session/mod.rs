//! The application without a window: commands in, results out. The one place that changes a workspace.

mod close;
mod decisions;
pub mod engine;
mod error;
mod gate;
mod run;
pub mod sample;
pub mod terms;
mod titles;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

pub use error::SessionError;
pub use gate::LeftOut;
pub use run::{Run, RunRequest, RunTerms, StatementRun, Summary};
pub use titles::titles_of_files;

use crate::catalog::{self, CatalogReport, CatalogState, Track};
use crate::contents::{Contents, Fresh, QUARANTINE, StatementRecord};
use crate::job::Job;
use crate::journal::{self, CatalogImported, JournalEvent, StatementRemoved, TrackEdited};
use crate::statement::import::{Imported, import};
use crate::statement::layout::Layouts;
use crate::statement::likeness::Likeness;
use crate::statement::loss::Loss;
use crate::statement::source::Part;
use crate::statement::spread::BatchIndex;
use crate::statement::{ReadOptions, StatementError};
use crate::workspace::{Workspace, WorkspaceError};

/// A statement that has been taken into the workspace.
#[derive(Debug)]
pub struct Taken {
    /// What is known of it.
    pub record: StatementRecord,
    /// Whether it was there before; nothing was counted twice then.
    pub was_there: bool,
}

/// An open workspace that may be changed, in the name of whoever is at work.
///
/// Several handles may share one workspace: each works for a job of its own.
pub struct Session {
    contents: Contents,
    who: String,
}

/// Files with their hashes.
type Hashes = Vec<(String, String)>;

impl Session {
    /// Opens a workspace.
    ///
    /// # Errors
    /// [`SessionError::Workspace`] when it is in use, newer, or damaged.
    pub fn open(path: &Path, layouts: Layouts, job: Job) -> Result<Self, SessionError> {
        let workspace = Arc::new(Workspace::open(path, journal::effects)?);
        let session = Self {
            contents: Contents::new(workspace, Arc::new(layouts), job),
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
            contents: self.contents.for_job(job),
            who: self.who.clone(),
        }
    }

    /// What the workspace contains, to be read.
    #[must_use]
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Who is at work.
    #[must_use]
    pub fn who(&self) -> &str {
        &self.who
    }

    /// Compares the catalog with what the journal says of it. An import that was taken, but whose entry was not, is entered now.
    fn check_catalog(&self) -> Result<(), SessionError> {
        let state = CatalogState::read(self.workspace())?;
        let last = self
            .workspace()
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
                .workspace()
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

    fn workspace(&self) -> &Workspace {
        self.contents.workspace()
    }

    /// Imports catalog files, all or none.
    ///
    /// # Errors
    /// [`SessionError::Catalog`]; the catalog is as it was then.
    pub fn import_catalog(&mut self, files: &[PathBuf]) -> Result<CatalogReport, SessionError> {
        let report = catalog::import(self.workspace(), files, self.contents.job())?;
        if report.added + report.changed > 0 {
            let state = CatalogState::read(self.workspace())?;
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
        let imported = import(part, self.contents.layouts(), options, self.contents.job())?;
        let mut record = StatementRecord::new(part, &imported, options);
        let loss = Loss::of(&imported.cube, &imported.quarantine, imported.records);
        let loss = loss.map_err(|source| StatementError::Overflow {
            file: part.shown(),
            source,
        })?;
        record.loss = (loss.quarantined_rows > 0).then_some(loss);
        let statements = self.contents.statements()?;
        let same_text = statements.iter().find(|r| r.text_hash == record.text_hash);
        if let Some(there) = same_text.filter(|there| there.key() == record.key()) {
            record.continue_from(there);
            if record != *there {
                self.register(&record, None)?;
            }
            return Ok(Taken {
                record,
                was_there: true,
            });
        }
        self.pass_gates((part, &imported), options.accept, &mut record, &statements)?;
        let folder = self.workspace().temporary()?;
        record.files = write_imported(folder.path(), &imported, self.contents.job().threads())?;
        if self.contents.job().is_cancelled() {
            return Err(StatementError::Cancelled.into());
        }
        self.place(folder, &record, same_text)?;
        self.contents.keep_fresh(Fresh {
            key: record.key(),
            cube: Arc::new(imported.cube),
            quarantine: imported.quarantine,
        });
        Ok(Taken {
            record,
            was_there: false,
        })
    }

    /// Moves the folder to its place, then registers the statement; what is not registered is swept away at the next opening.
    fn place(
        &mut self,
        folder: TempDir,
        record: &StatementRecord,
        replaced: Option<&StatementRecord>,
    ) -> Result<(), SessionError> {
        let target = self.workspace().statement_folder(&record.key());
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
        let folder = self.workspace().statement_folder(&record.key());
        std::fs::remove_dir_all(&folder).map_err(WorkspaceError::io("cannot remove", &folder))?;
        Ok(())
    }

    /// Takes a statement out of the workspace, by name or by the beginning of its key. The source file is not touched.
    ///
    /// # Errors
    /// [`SessionError::NoSuchStatement`] when none or several fit.
    pub fn remove_statement(&mut self, name: &str) -> Result<StatementRecord, SessionError> {
        let mut found: Vec<StatementRecord> = self
            .contents
            .statements()?
            .into_iter()
            .filter(|r| r.name == name || (name.len() >= 4 && r.key().starts_with(name)))
            .collect();
        let (Some(record), true) = (found.pop(), found.is_empty()) else {
            return Err(SessionError::NoSuchStatement(name.to_owned()));
        };
        self.record(&JournalEvent::StatementRemoved(StatementRemoved {
            key: record.key(),
            name: Some(record.name.clone()),
        }))?;
        // What was read is kept aside, so that the statement can be put back; a reading aside from before is replaced.
        let from = self.workspace().statement_folder(&record.key());
        let to = self.workspace().removed_folder(&record.key());
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
        let data = journal::imported_record(self.workspace().journal().entries(), key);
        let record = data.and_then(|json| StatementRecord::from_json(json.as_bytes()));
        let record = record.ok_or(SessionError::NotRestored("the workspace never had it"))?;
        if self
            .contents
            .statements()?
            .iter()
            .any(|r| r.text_hash == record.text_hash)
        {
            return Err(SessionError::NotRestored(
                "its file has been imported again",
            ));
        }
        let from = self.workspace().removed_folder(key);
        let to = self.workspace().statement_folder(key);
        if !from.is_dir() {
            return Err(SessionError::NotRestored(
                "what was read of it is no longer kept; import its file again",
            ));
        }
        if record.accepted.duplicate.is_none()
            && let Some(likeness) = self.contents.likeness(&record, &from)?
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
        let before = catalog::put_track(self.workspace(), track)?;
        if before.as_ref() == Some(track) {
            return Ok(());
        }
        let state = CatalogState::read(self.workspace())?;
        self.record(&JournalEvent::TrackEdited(Box::new(TrackEdited {
            tracks: state.tracks,
            digest: state.digest_hex(),
            before,
            after: track.clone(),
        })))?;
        Ok(())
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

/// Writes what was read of a statement into a folder.
fn write_imported(
    folder: &Path,
    imported: &Imported,
    threads: usize,
) -> Result<Hashes, StatementError> {
    let mut quarantine = Vec::new();
    for row in &imported.quarantine {
        serde_json::to_writer(&mut quarantine, row)
            .expect("a row in quarantine has only text and numbers");
        quarantine.push(b'\n');
    }
    let mut hashes = Vec::from_iter(imported.cube.write(folder, threads)?);
    for (name, bytes) in [
        (QUARANTINE, quarantine),
        (BatchIndex::FILE, imported.batch_index.to_bytes()),
        (Likeness::FILE, imported.likeness.to_bytes()),
    ] {
        let path = folder.join(name);
        let written =
            std::fs::write(&path, &bytes).and_then(|()| std::fs::File::open(&path)?.sync_all());
        written.map_err(|source| StatementError::Io { file: path, source })?;
        hashes.push((name, blake3::hash(&bytes)));
    }
    Ok(hashes
        .into_iter()
        .map(|(name, hash)| (name.to_owned(), hash.to_hex().to_string()))
        .collect())
}
