//! The journal: every decision once more, in an append-only, hash-chained file of its own.
//!
//! It is the second witness beside the database. One line is one entry; its hash covers the entry
//! and the hash before it, so that an edit anywhere breaks the chain from there on, and a tail that
//! was cut off shows against the database.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::audit::{Audit, JournalFault};

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// 1-based number.
    pub seq: u64,
    /// When, in UTC.
    pub at: String,
    /// Who.
    pub who: String,
    /// What kind of entry.
    pub kind: String,
    /// What.
    pub data: serde_json::Value,
    /// Hash of the entry before, empty for the first.
    pub prev: String,
    /// BLAKE3 of all of the above.
    pub hash: String,
}

/// Why a journal is not to be trusted.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file system said no.
    #[error("{what} the journal {}: {source}", path.display())]
    Io {
        /// What was being done.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// An entry was changed, or is no entry.
    #[error("the journal {} is not as it was written: line {line} {reason}; restore the workspace from its backup", path.display())]
    Tampered {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// How it shows.
        reason: String,
    },
    /// A sync failed before.
    #[error("the journal {} could not be synced to disk, so nothing more is taken; check the disk and open the workspace again", .0.display())]
    Closed(PathBuf),
}

/// The journal file of an open workspace.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    entries: Vec<Entry>,
    is_closed: bool,
}

impl Entry {
    /// The hash that the entry must have: of everything else in it, the hash before included.
    pub(crate) fn hash_of(&self) -> String {
        let body =
            serde_json::json!([self.seq, self.at, self.who, self.kind, self.data, self.prev]);
        blake3::hash(body.to_string().as_bytes())
            .to_hex()
            .to_string()
    }

    /// The line that is written.
    #[must_use]
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("an entry has only text, numbers and JSON values")
    }
}

impl Journal {
    /// Name of the file in a workspace.
    pub const FILE: &'static str = "journal.jsonl";

    pub(super) fn empty(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            entries: Vec::new(),
            is_closed: false,
        }
    }

    /// All entries.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Hash of the last entry; it stands for all that was decided.
    #[must_use]
    pub fn head(&self) -> &str {
        self.entries.last().map_or("", |e| &e.hash)
    }

    /// Reads the file, checks the chain and compares with what the database has. Gives back an
    /// entry that is in the file and not yet in the database: the program ended between the two.
    pub(super) fn open(
        path: &Path,
        stored: &[(Vec<u8>, Vec<u8>)],
    ) -> Result<(Self, Option<Entry>), JournalError> {
        let audit = Audit::of(path, stored)?;
        if let Some(JournalFault { line, reason }) = audit.fault {
            return Err(JournalError::Tampered {
                path: path.to_owned(),
                line,
                reason,
            });
        }
        let journal = Self {
            path: path.to_owned(),
            entries: audit.entries,
            is_closed: false,
        };
        if audit.torn_bytes > 0 {
            // A line that was being written when the program ended was never called saved.
            journal.cut(audit.sound_bytes)?;
        }
        let missing = journal.entries.last().filter(|_| audit.is_ahead).cloned();
        Ok((journal, missing))
    }

    fn cut(&self, len: u64) -> Result<(), JournalError> {
        OpenOptions::new()
            .write(true)
            .open(&self.path)
            .and_then(|file| {
                file.set_len(len)?;
                file.sync_all()
            })
            .map_err(|source| JournalError::Io {
                what: "cannot shorten",
                path: self.path.clone(),
                source,
            })
    }

    /// Appends an entry and syncs it.
    pub(super) fn append(
        &mut self,
        who: &str,
        kind: &str,
        data: serde_json::Value,
    ) -> Result<Entry, JournalError> {
        if self.is_closed {
            return Err(JournalError::Closed(self.path.clone()));
        }
        let mut entry = Entry {
            seq: self.entries.len() as u64 + 1,
            at: jiff::Timestamp::now().to_string(),
            who: who.to_owned(),
            kind: kind.to_owned(),
            data,
            prev: self.head().to_owned(),
            hash: String::new(),
        };
        entry.hash = entry.hash_of();
        // Whatever happens from here on, the file may hold a part of the entry: nothing more is
        // taken after a failure.
        self.is_closed = true;
        self.write(&entry).map_err(|source| JournalError::Io {
            what: "cannot write",
            path: self.path.clone(),
            source,
        })?;
        self.is_closed = false;
        self.entries.push(entry.clone());
        Ok(entry)
    }

    /// Takes no entries while `work` runs, nor after it has failed or panicked: the journal file may
    /// then be ahead of the database, which only opening the workspace again can mend.
    pub(super) fn closed_during<T, E>(
        &mut self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.is_closed = true;
        let result = work()?;
        self.is_closed = false;
        Ok(result)
    }

    fn write(&self, entry: &Entry) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        file.write_all(format!("{}\n", entry.to_line()).as_bytes())?;
        file.sync_all()?;
        if entry.seq == 1
            && let Some(folder) = self.path.parent()
        {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal_of(path: &Path, entries: u64) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut journal = Journal::empty(path);
        (1..=entries)
            .map(|n| {
                let entry = journal
                    .append("ada", "decision", serde_json::json!({ "n": n }))
                    .unwrap();
                (
                    entry.seq.to_be_bytes().to_vec(),
                    entry.to_line().into_bytes(),
                )
            })
            .collect()
    }

    #[test]
    fn a_failure_on_the_way_to_the_database_closes_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let append =
            |journal: &mut Journal| journal.append("ada", "decision", serde_json::json!({}));
        let well = || Ok::<(), &str>(());
        let mut journal = Journal::empty(&folder.path().join(Journal::FILE));
        journal.closed_during(well).unwrap();
        append(&mut journal).unwrap();
        let failed: Result<(), &str> = journal.closed_during(|| Err("a planted fault"));
        assert!(failed.is_err());
        assert!(matches!(append(&mut journal), Err(JournalError::Closed(_))));

        let mut journal = Journal::empty(&folder.path().join("another"));
        append(&mut journal).unwrap();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _: Result<(), &str> = journal.closed_during(|| panic!("a planted fault"));
        }));
        assert!(panicked.is_err());
        assert!(matches!(append(&mut journal), Err(JournalError::Closed(_))));
    }

    #[test]
    fn any_changed_byte_and_any_cut_tail_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(Journal::FILE);
        let stored = journal_of(&path, 3);
        let good = std::fs::read(&path).unwrap();
        assert!(Journal::open(&path, &stored).unwrap().1.is_none());
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            assert!(
                Journal::open(&path, &stored).is_err(),
                "a flip at byte {at} went unnoticed"
            );
        }
        for len in 0..good.len() {
            std::fs::write(&path, &good[..len]).unwrap();
            assert!(
                Journal::open(&path, &stored).is_err(),
                "a cut to {len} bytes went unnoticed"
            );
        }
    }

    #[test]
    fn an_entry_that_did_not_reach_the_database_is_handed_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(Journal::FILE);
        let stored = journal_of(&path, 3);
        let missing = Journal::open(&path, &stored[..2]).unwrap().1.unwrap();
        assert_eq!(missing.seq, 3);
        assert!(Journal::open(&path, &stored[..1]).is_err());
    }

    #[test]
    fn half_a_line_that_was_never_saved_is_taken_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(Journal::FILE);
        let stored = journal_of(&path, 2);
        let good = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&good[..], b"{\"seq\":3,"].concat()).unwrap();
        let (journal, missing) = Journal::open(&path, &stored).unwrap();
        assert_eq!((journal.entries().len(), missing), (2, None));
        assert_eq!(std::fs::read(&path).unwrap(), good);
    }
}
