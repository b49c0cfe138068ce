//! The folder of a workspace: one RocksDB, the journal file, and a folder for each statement.
//!
//! Invariants: one process at a time; whatever the window or the command line has called saved
//! survives the loss of power; an iteration that ends early is an error and never a smaller sum; a
//! workspace of a newer version is refused.

mod audit;
mod journal_file;
mod scan;
mod sort;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};
use rocksdb::{
    BlockBasedOptions, ColumnFamily, ColumnFamilyDescriptor, DB, DBCompressionType, DBRecoveryMode,
    IngestExternalFileOptions, Options, WriteBatch, WriteOptions,
};
use thiserror::Error;

pub use audit::{Audit, AuditVerdict, JournalFault};
pub use journal_file::{Entry, Journal, JournalError};
pub(crate) use scan::Scan;
pub(crate) use sort::{ExternalSorter, Sorted};

/// Version of the records in a workspace.
pub const SCHEMA_VERSION: u32 = 1;

/// Column families.
pub(crate) mod family {
    pub const META: &str = "meta";
    pub const CATALOG: &str = "catalog";
    pub const STATEMENTS: &str = "statements";
    pub const DECISIONS: &str = "decisions";
    pub const ALL: [&str; 4] = [META, CATALOG, STATEMENTS, DECISIONS];
}

const SCHEMA_KEY: &[u8] = b"schema_version";

/// What can go wrong with a workspace.
#[derive(Debug, Error)]
pub enum WorkspaceError {
    /// Another process has it open.
    #[error("the workspace {} is open in another window or command; close it there first", .0.display())]
    InUse(PathBuf),
    /// It was made by a newer program.
    #[error("the workspace {} was made by a newer version of Ledgerline (its records are version {found}, this program knows {SCHEMA_VERSION}); update the program", path.display())]
    Newer {
        /// The folder.
        path: PathBuf,
        /// Its version.
        found: String,
    },
    /// There is something else in the folder.
    #[error("{} is not a workspace and not an empty folder; choose another folder", .0.display())]
    NotAWorkspace(PathBuf),
    /// The file system said no.
    #[error("{what} {}: {source}", path.display())]
    Io {
        /// What was being done.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The database said no.
    #[error("the database in {}: {source}; if it is damaged, restore the workspace from its backup", path.display())]
    Database {
        /// The folder of the database.
        path: PathBuf,
        /// The cause.
        source: rocksdb::Error,
    },
    /// A record cannot be read.
    #[error("the workspace {}: {what} cannot be read; it is damaged, restore it from its backup", path.display())]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// Which record.
        what: String,
    },
    /// The journal and the database do not agree.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl WorkspaceError {
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { what, path, source }
    }
}

/// What an entry of the journal changes outside of the journal. Which entries have which effects is
/// for the layer that knows their kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryEffect {
    /// A record is in the list of statements under this key.
    PutStatement {
        /// Its key.
        key: String,
        /// The whole record.
        record: Vec<u8>,
    },
    /// The record under this key is no longer in the list of statements.
    DeleteStatement {
        /// Its key.
        key: String,
    },
    /// The folder of the period of this name is kept.
    KeepPeriod(String),
}

/// The effects of an entry, in the order in which they are written; a function of the entry alone.
pub type EffectsOf = fn(&Entry) -> Vec<EntryEffect>;

/// What a workspace has when the effects of all its entries are replayed.
#[derive(Debug, Default)]
struct Replayed {
    /// Records of statements by key.
    statements: BTreeMap<String, Vec<u8>>,
    /// Names of the periods whose folders are kept.
    periods: BTreeSet<String>,
}

impl Replayed {
    fn of(entries: &[Entry], effects_of: EffectsOf) -> Self {
        let mut replayed = Self::default();
        for effect in entries.iter().flat_map(effects_of) {
            match effect {
                EntryEffect::PutStatement { key, record } => {
                    replayed.statements.insert(key, record);
                }
                EntryEffect::DeleteStatement { key } => {
                    replayed.statements.remove(&key);
                }
                EntryEffect::KeepPeriod(name) => {
                    replayed.periods.insert(name);
                }
            }
        }
        replayed
    }
}

/// An open workspace.
pub struct Workspace {
    path: PathBuf,
    db: DB,
    /// Whoever holds it may add an entry: the journal and the database then get it in the same
    /// order.
    journal: Mutex<Journal>,
    /// What an entry changes besides the journal, also when it reaches the database after a crash.
    effects_of: EffectsOf,
    // The lock is held as long as the file is open; it is dropped last.
    _lock: File,
}

impl Workspace {
    /// Opens a workspace, making it when the folder is missing or empty.
    ///
    /// # Errors
    /// [`WorkspaceError`]; nothing in the folder is changed when it cannot be opened.
    pub fn open(path: &Path, effects_of: EffectsOf) -> Result<Self, WorkspaceError> {
        create_private_dir(path)?;
        let lock = lock(path)?;
        let db_path = path.join("db");
        let db = open_database(&db_path)?;
        let workspace = Self {
            path: path.to_owned(),
            journal: Mutex::new(Journal::empty(&path.join(Journal::FILE))),
            effects_of,
            db,
            _lock: lock,
        };
        workspace.check_version()?;
        for folder in ["statements", "removed", "periods", "tmp"] {
            create_private_dir(&path.join(folder))?;
        }
        workspace.open_journal()?;
        let replayed = Replayed::of(workspace.journal().entries(), effects_of);
        workspace.check_statements(&replayed.statements)?;
        // Only now: what a damaged list does not name must not be taken for a leftover.
        workspace.sweep(&replayed.periods)?;
        Ok(workspace)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The journal of decisions. Nothing can be recorded while it is held.
    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock()
    }

    fn check_version(&self) -> Result<(), WorkspaceError> {
        match self.read(family::META, SCHEMA_KEY)? {
            None => self.write(|batch, ws| {
                batch.put_cf(ws.cf(family::META), SCHEMA_KEY, SCHEMA_VERSION.to_string());
            }),
            Some(found) if found == SCHEMA_VERSION.to_string().as_bytes() => Ok(()),
            Some(found) => Err(WorkspaceError::Newer {
                path: self.path.clone(),
                found: String::from_utf8_lossy(&found).into_owned(),
            }),
        }
    }

    /// Removes what an interrupted job has left behind.
    fn sweep(&self, closed_periods: &BTreeSet<String>) -> Result<(), WorkspaceError> {
        for path in paths_in(&self.path.join("tmp"))? {
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            removed.map_err(WorkspaceError::io("cannot remove", &path))?;
        }
        for path in paths_in(&self.path.join("statements"))? {
            if self
                .read(family::STATEMENTS, name_of(&path).as_bytes())?
                .is_none()
            {
                remove_folder(&path)?;
            }
        }
        for path in paths_in(&self.path.join("periods"))? {
            if !closed_periods.contains(&name_of(&path)) {
                remove_folder(&path)?;
            }
        }
        Ok(())
    }

    /// Compares the journal file with the database, the two witnesses of every decision.
    fn open_journal(&self) -> Result<(), WorkspaceError> {
        let stored = stored_entries(&self.db, &self.path)?;
        let (journal, missing) = Journal::open(&self.path.join(Journal::FILE), &stored)?;
        if let Some(entry) = missing {
            // It was on its way into the database when the program ended.
            self.put_entry(&entry)?;
        }
        *self.journal() = journal;
        Ok(())
    }

    /// Reads the journal file again and compares it with its hashes and with the database. Nothing
    /// can be recorded meanwhile.
    ///
    /// # Errors
    /// [`WorkspaceError`] when the file or the database cannot be read. A fault of the journal is
    /// none: it stands in the result.
    pub fn audit(&self) -> Result<Audit, WorkspaceError> {
        let _journal = self.journal();
        Ok(Audit::of(
            &self.path.join(Journal::FILE),
            &stored_entries(&self.db, &self.path)?,
        )?)
    }

    /// The same for a workspace that is not open, without writing anything to it.
    ///
    /// # Errors
    /// [`WorkspaceError`] when it is open elsewhere, is no workspace, is newer, or cannot be read.
    pub fn audit_folder(path: &Path) -> Result<Audit, WorkspaceError> {
        // A copy without its lock file is read as it is: nobody has it open who holds a lock, and
        // the medium may not be written to.
        let lock = File::open(path.join(LOCK_FILE)).ok();
        match &lock {
            Some(lock) => hold(lock, path)?,
            None if is_workspace(path) => {}
            None => return Err(WorkspaceError::NotAWorkspace(path.to_owned())),
        }
        let db = open_read_only(&path.join("db"))?;
        let found = version_of(&db, path)?;
        if found != SCHEMA_VERSION.to_string() {
            return Err(WorkspaceError::Newer {
                path: path.to_owned(),
                found,
            });
        }
        Ok(Audit::of(
            &path.join(Journal::FILE),
            &stored_entries(&db, path)?,
        )?)
    }

    /// Compares the list of statements with what the journal says; a list that lost an entry would
    /// be a smaller payout.
    fn check_statements(&self, expected: &BTreeMap<String, Vec<u8>>) -> Result<(), WorkspaceError> {
        let mut expected = expected.iter();
        let mut scan = self.scan(family::STATEMENTS, b"")?;
        loop {
            match (scan.entry()?, expected.next()) {
                (None, None) => return Ok(()),
                (Some((key, value)), Some((name, record)))
                    if key == name.as_bytes() && value == record.as_slice() =>
                {
                    scan.step()
                }
                _ => {
                    return Err(self.damaged(
                        "the list of statements in db (it is not what the journal says)",
                    ));
                }
            }
        }
    }

    /// Appends an entry to the journal file, then to the database, each synced.
    ///
    /// # Errors
    /// [`WorkspaceError`]; after a failed sync the workspace takes no more entries until it is
    /// opened again.
    pub(crate) fn record(
        &self,
        who: &str,
        kind: &str,
        data: serde_json::Value,
    ) -> Result<Entry, WorkspaceError> {
        let mut journal = self.journal();
        let entry = journal.append(who, kind, data)?;
        journal.closed_during(|| self.put_entry(&entry))?;
        Ok(entry)
    }

    /// Puts an entry and what it changes into the database, in one batch.
    fn put_entry(&self, entry: &Entry) -> Result<(), WorkspaceError> {
        self.write(|batch, ws| {
            batch.put_cf(
                ws.cf(family::DECISIONS),
                entry.seq.to_be_bytes(),
                entry.to_line(),
            );
            let statements = ws.cf(family::STATEMENTS);
            for effect in (self.effects_of)(entry) {
                match effect {
                    EntryEffect::PutStatement { key, record } => {
                        batch.put_cf(statements, key, record)
                    }
                    EntryEffect::DeleteStatement { key } => batch.delete_cf(statements, key),
                    // Its folder was renamed to its place before the entry was written.
                    EntryEffect::KeepPeriod(_) => {}
                }
            }
        })
    }

    pub(crate) fn cf(&self, name: &str) -> &ColumnFamily {
        self.db
            .cf_handle(name)
            .expect("all families are made when the database is opened")
    }

    pub(crate) fn read(&self, family: &str, key: &[u8]) -> Result<Option<Vec<u8>>, WorkspaceError> {
        self.db
            .get_cf(self.cf(family), key)
            .map_err(|e| self.database_error(e))
    }

    /// One action: one batch, synced.
    pub(crate) fn write(
        &self,
        fill: impl FnOnce(&mut WriteBatch, &Self),
    ) -> Result<(), WorkspaceError> {
        let mut batch = WriteBatch::default();
        fill(&mut batch, self);
        let mut options = WriteOptions::default();
        options.set_sync(true);
        self.db
            .write_opt(batch, &options)
            .map_err(|e| self.database_error(e))
    }

    /// Iterates over the keys that begin with `prefix`, in order.
    pub(crate) fn scan(&self, family: &str, prefix: &[u8]) -> Result<Scan<'_>, WorkspaceError> {
        Ok(Scan::new(
            &self.db,
            self.cf(family),
            prefix,
            self.path.join("db"),
        ))
    }

    /// Takes finished table files into a family, all or none.
    pub(crate) fn ingest(&self, family: &str, files: Vec<PathBuf>) -> Result<(), WorkspaceError> {
        if files.is_empty() {
            return Ok(());
        }
        let mut options = IngestExternalFileOptions::default();
        options.set_move_files(true);
        self.db
            .ingest_external_file_cf_opts(self.cf(family), &options, files)
            .map_err(|e| self.database_error(e))
    }

    pub(crate) fn database_error(&self, source: rocksdb::Error) -> WorkspaceError {
        WorkspaceError::Database {
            path: self.path.join("db"),
            source,
        }
    }

    pub(crate) fn damaged(&self, what: impl Into<String>) -> WorkspaceError {
        WorkspaceError::Damaged {
            path: self.path.clone(),
            what: what.into(),
        }
    }

    /// A folder for the files of a job, inside the workspace so that renaming is atomic.
    pub(crate) fn temporary(&self) -> Result<tempfile::TempDir, WorkspaceError> {
        let tmp = self.path.join("tmp");
        tempfile::TempDir::new_in(&tmp).map_err(WorkspaceError::io("cannot make a folder in", &tmp))
    }

    /// The folder where the cube of a removed statement is kept, so that it can be put back.
    #[must_use]
    pub fn removed_folder(&self, id: &str) -> PathBuf {
        self.path.join("removed").join(id)
    }

    /// The folder of what a closed period was settled from and came to.
    #[must_use]
    pub fn period_folder(&self, period: &str) -> PathBuf {
        self.path.join("periods").join(period)
    }

    /// The folder of a statement's cube.
    #[must_use]
    pub fn statement_folder(&self, id: &str) -> PathBuf {
        self.path.join("statements").join(id)
    }
}

/// Options for table files: zstd at a level and in blocks that keep a track with all its index
/// entries below sixty bytes.
pub(crate) fn table_options(level: i32) -> Options {
    let mut block = BlockBasedOptions::default();
    block.set_block_size(128 << 10);
    block.set_format_version(5);
    block.set_block_restart_interval(64);
    let mut options = Options::default();
    options.set_block_based_table_factory(&block);
    options.set_compression_type(DBCompressionType::Zstd);
    options.set_compression_options(-14, level, 0, 0);
    options
}

/// The journal's entries as the database has them: numbers and lines.
fn stored_entries(db: &DB, path: &Path) -> Result<Vec<(Vec<u8>, Vec<u8>)>, WorkspaceError> {
    let family = db
        .cf_handle(family::DECISIONS)
        .expect("all families are made when the database is opened");
    let mut scan = Scan::new(db, family, b"", path.join("db"));
    let mut stored = Vec::new();
    while let Some((key, value)) = scan.entry()? {
        stored.push((key.to_vec(), value.to_vec()));
        scan.step();
    }
    Ok(stored)
}

fn database_options() -> Options {
    let mut options = table_options(3);
    options.set_paranoid_checks(true);
    // The default mode drops synced records behind a damaged one without a word; this one refuses
    // to open.
    options.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    options.set_keep_log_file_num(2);
    options.set_max_background_jobs(2);
    options
}

fn open_database(path: &Path) -> Result<DB, WorkspaceError> {
    let mut options = database_options();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    let families = family::ALL
        .iter()
        .map(|name| ColumnFamilyDescriptor::new(*name, table_options(6)));
    DB::open_cf_descriptors(&options, path, families).map_err(|source| WorkspaceError::Database {
        path: path.to_owned(),
        source,
    })
}

fn open_read_only(path: &Path) -> Result<DB, WorkspaceError> {
    let families = family::ALL
        .iter()
        .map(|name| ColumnFamilyDescriptor::new(*name, table_options(6)));
    DB::open_cf_descriptors_read_only(&database_options(), path, families, false).map_err(
        |source| WorkspaceError::Database {
            path: path.to_owned(),
            source,
        },
    )
}

/// The version of the records in the database of a workspace; empty when it says none.
fn version_of(db: &DB, workspace: &Path) -> Result<String, WorkspaceError> {
    let meta = db
        .cf_handle(family::META)
        .expect("all families are named when a database is opened");
    let version = db
        .get_cf(meta, SCHEMA_KEY)
        .map_err(|source| WorkspaceError::Database {
            path: workspace.join("db"),
            source,
        })?;
    Ok(String::from_utf8_lossy(&version.unwrap_or_default()).into_owned())
}

/// Paths of what is in a folder, in no order.
fn paths_in(folder: &Path) -> Result<Vec<PathBuf>, WorkspaceError> {
    std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(WorkspaceError::io("cannot list", folder))
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn remove_folder(path: &Path) -> Result<(), WorkspaceError> {
    std::fs::remove_dir_all(path).map_err(WorkspaceError::io("cannot remove", path))
}

fn create_private_dir(path: &Path) -> Result<(), WorkspaceError> {
    if path.is_dir() {
        // A workspace is private to its user; an empty folder that becomes one is made so.
        #[cfg(unix)]
        if std::fs::read_dir(path)
            .map_err(WorkspaceError::io("cannot list", path))?
            .next()
            .is_none()
        {
            let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            std::fs::set_permissions(path, private)
                .map_err(WorkspaceError::io("cannot make private", path))?;
        }
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(WorkspaceError::io("cannot make", path))
}

const LOCK_FILE: &str = "ledgerline.lock";

fn lock(path: &Path) -> Result<File, WorkspaceError> {
    let lock_path = path.join(LOCK_FILE);
    if !lock_path.exists() {
        let mut entries =
            std::fs::read_dir(path).map_err(WorkspaceError::io("cannot list", path))?;
        if entries.next().is_some() && !lock_path.exists() && !is_workspace(path) {
            return Err(WorkspaceError::NotAWorkspace(path.to_owned()));
        }
    }
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(&lock_path)
        .map_err(WorkspaceError::io("cannot open", &lock_path))?;
    hold(&file, path)?;
    Ok(file)
}

/// Whether a folder is a workspace by what is in it. Backups leave lock files out; the lock is then
/// made anew.
fn is_workspace(path: &Path) -> bool {
    // A workspace in which nothing was recorded has no journal file yet.
    let has_journal_or_folders = path.join(Journal::FILE).is_file()
        || ["statements", "removed", "periods"]
            .iter()
            .all(|folder| path.join(folder).is_dir());
    path.join("db").join("CURRENT").is_file() && has_journal_or_folders
}

/// How long a lock that is held is asked for again. A process that is being started has a copy of
/// every open file of its parent until it runs its own program, so the lock of a workspace that was
/// closed just now may be held a moment longer.
const LOCK_WAIT: Duration = Duration::from_millis(500);

/// Locks the lock file of a workspace as long as it is open.
fn hold(file: &File, path: &Path) -> Result<(), WorkspaceError> {
    let end = Instant::now() + LOCK_WAIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(std::fs::TryLockError::WouldBlock) if Instant::now() < end => {
                std::thread::sleep(LOCK_WAIT / 50)
            }
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(WorkspaceError::InUse(path.to_owned()));
            }
            Err(std::fs::TryLockError::Error(source)) => {
                return Err(WorkspaceError::Io {
                    what: "cannot lock",
                    path: path.join(LOCK_FILE),
                    source,
                });
            }
        }
    }
}
