//! The journal file, read once more, against its own hashes and against the database: what an
//! auditor asks for.
//!
//! Invariants: nothing is written; the first line that is not as it was written is named, whatever
//! stands behind it.

use std::io;
use std::path::Path;

use super::journal_file::{Entry, JournalError};

/// What a check of the journal has found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Audit {
    /// The sound entries, oldest first, up to the first fault.
    pub entries: Vec<Entry>,
    /// The first line that is not as it was written.
    pub fault: Option<JournalFault>,
    /// Whether the last entry has not reached the database: the program ended between the two. The
    /// next opening puts it there.
    pub is_ahead: bool,
    /// Bytes of sound lines; what stands behind them is half a line that was never called saved.
    pub(super) sound_bytes: u64,
    /// Bytes of half a line at the end. The next opening takes it off.
    pub torn_bytes: u64,
}

/// Where a journal is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalFault {
    /// 1-based line of the file.
    pub line: usize,
    /// How it shows.
    pub reason: String,
}

impl Audit {
    /// Checks the chain of hashes and compares every line with what the database has: keys and
    /// values, in order.
    pub(super) fn of(path: &Path, stored: &[(Vec<u8>, Vec<u8>)]) -> Result<Self, JournalError> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound && stored.is_empty() => {
                return Ok(Self::default());
            }
            Err(source) => {
                return Err(JournalError::Io {
                    what: "cannot read",
                    path: path.to_owned(),
                    source,
                });
            }
        };
        let whole = memchr::memrchr(b'\n', &text).map_or(0, |at| at + 1);
        let mut audit = Self {
            sound_bytes: whole as u64,
            torn_bytes: (text.len() - whole) as u64,
            ..Self::default()
        };
        for line in text[..whole]
            .split_inclusive(|b| *b == b'\n')
            .map(|l| &l[..l.len() - 1])
        {
            if let Err(reason) = audit.take(line, stored) {
                audit.fault = Some(JournalFault {
                    line: audit.entries.len() + 1,
                    reason,
                });
                return Ok(audit);
            }
        }
        audit.fault = audit.difference(stored.len());
        audit.is_ahead = audit.fault.is_none() && audit.entries.len() > stored.len();
        Ok(audit)
    }

    /// Takes the next line, or says why it is not as it was written.
    fn take(&mut self, line: &[u8], stored: &[(Vec<u8>, Vec<u8>)]) -> Result<(), String> {
        let entry: Entry =
            serde_json::from_slice(line).map_err(|e| format!("is no entry ({e})"))?;
        if entry.seq != self.entries.len() as u64 + 1 {
            return Err(format!("has number {}", entry.seq));
        }
        if entry.prev != self.head()
            || entry.hash != entry.hash_of()
            || entry.to_line().as_bytes() != line
        {
            return Err("does not fit its hash".into());
        }
        if stored
            .get(self.entries.len())
            .is_some_and(|(key, value): &(Vec<u8>, Vec<u8>)| {
                key != &entry.seq.to_be_bytes() || value != line
            })
        {
            return Err("is not what the database has".into());
        }
        self.entries.push(entry);
        Ok(())
    }

    /// One entry may be in the file and not yet in the database; anything else is a fault.
    fn difference(&self, stored: usize) -> Option<JournalFault> {
        let (line, reason) = match self.entries.len().checked_sub(stored) {
            Some(0 | 1) => return None,
            Some(_) => (stored + 1, "and those after it are not in the database"),
            None => (
                self.entries.len() + 1,
                "is missing, but the database has it",
            ),
        };
        Some(JournalFault {
            line,
            reason: reason.into(),
        })
    }

    /// Hash of the last sound entry; empty when there is none.
    #[must_use]
    pub fn head(&self) -> &str {
        self.entries.last().map_or("", |e| &e.hash)
    }

    /// The entry whose hash was noted earlier. When it is there, nothing up to it has been changed
    /// since; when it is not, the journal was cut off before it or written anew.
    #[must_use]
    pub fn noted(&self, head: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .rev()
            .find(|e| e.hash.eq_ignore_ascii_case(head.trim()))
    }
}

/// What a check means, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditVerdict {
    /// Whether the journal is as it was written.
    pub is_sound: bool,
    /// What was found, one sentence each.
    pub sentences: Vec<String>,
}

impl Audit {
    /// The verdict; with the hash that somebody noted earlier, whether the journal still holds all
    /// that it stood for.
    #[must_use]
    pub fn verdict(&self, noted: Option<&str>) -> AuditVerdict {
        let mut verdict = AuditVerdict {
            is_sound: self.fault.is_none(),
            sentences: vec![format!("entries: {}", self.entries.len())],
        };
        verdict.sentences.push(format!(
            "head: {}",
            if self.head().is_empty() {
                "none, the journal is empty"
            } else {
                self.head()
            }
        ));
        if let Some(fault) = &self.fault {
            verdict.sentences.push(format!(
                "line {} {}; the lines before it are sound",
                fault.line, fault.reason
            ));
        }
        if self.is_ahead {
            verdict.sentences.push(
                "the last entry has not reached the database yet; the next opening puts it there"
                    .into(),
            );
        }
        if self.torn_bytes > 0 {
            verdict
                .sentences
                .push(format!("{} bytes of an entry that was never saved stand at the end; the next opening takes them off", self.torn_bytes));
        }
        if let Some(noted) = noted {
            self.compare(noted, &mut verdict);
        }
        verdict
    }

    fn compare(&self, noted: &str, verdict: &mut AuditVerdict) {
        let total = self.entries.len() as u64;
        match self.noted(noted) {
            Some(entry) if entry.seq == total => verdict.sentences.push(
                "the noted head is the head: nothing was added and nothing was taken off".into(),
            ),
            Some(entry) => verdict.sentences.push(format!(
                "the noted head is entry {} of {total}: {} were added since",
                entry.seq,
                total - entry.seq
            )),
            None => {
                verdict.is_sound = false;
                verdict.sentences.push("no entry has the noted head: the journal was cut off before it, or written anew".into());
            }
        }
    }
}
