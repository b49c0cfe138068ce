//! Contracts, rates and opening balances of a workspace: imported, changed, exported, undone.
//!
//! Invariant: the terms of a workspace are sound as a whole. What would make them unsound is refused and nothing is recorded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Session, SessionError};
use crate::contents::terms::{change_of_files, pieces, read_terms, terms_after};
use crate::export::{ExportSet, write_rows};
use crate::journal::{self, Change, JournalEvent};
use crate::review::{DecideError, TermTexts, TermsChange};
use crate::settlement::SettleError;
use crate::terms::pieces::{csv_rows, to_toml};
use crate::workspace::Entry;

/// What an import of terms did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TermsReport {
    /// Pieces by kind that are new.
    pub added: BTreeMap<String, usize>,
    /// Pieces by kind that are different.
    pub changed: BTreeMap<String, usize>,
    /// Pieces that were there already.
    pub same: usize,
    /// The entry of the journal; `None` when nothing changed.
    pub seq: Option<u64>,
}

impl Session {
    /// Takes files of contracts, rates or balances, all or none, as one change. A piece of the same kind and name is replaced.
    ///
    /// # Errors
    /// [`SessionError::Terms`] with the faults and their places in the files, or for a file that cannot be read.
    pub fn import_terms(&self, files: &[PathBuf], note: &str) -> Result<TermsReport, SessionError> {
        let before = self.contents.terms()?;
        let change = TermsChange {
            note: note.to_owned(),
            ..change_of_files(&before, files)?
        };
        let mut report = TermsReport::default();
        let count = change.set.len();
        let change = change.against(&before);
        report.same = count - change.set.len();
        for term in &change.set {
            let is_new = !before.contains_key(&(term.kind.clone(), term.name.clone()));
            *if is_new {
                &mut report.added
            } else {
                &mut report.changed
            }
            .entry(term.kind.clone())
            .or_default() += 1;
        }
        if !change.is_empty() {
            report.seq = Some(self.change_terms(change)?.seq);
        }
        Ok(report)
    }

    /// Takes a change of terms: synced to the journal and the database before it returns.
    ///
    /// # Errors
    /// [`SessionError::Settle`] when the terms would not be sound, [`SessionError::Decision`] when nothing would change.
    pub fn change_terms(&self, change: TermsChange) -> Result<Entry, SessionError> {
        let before = self.contents.terms()?;
        let change = change.against(&before);
        let (_, checked) = terms_after(&before, &change)?;
        let changes_balances = change
            .set
            .iter()
            .map(|t| &t.kind)
            .chain(change.removed.iter().map(|(kind, _)| kind))
            .any(|kind| kind == "balances");
        self.contents
            .check_against_closed(&checked, changes_balances)?;
        if change.is_empty() {
            return Err(DecideError::Nothing.into());
        }
        self.record(&JournalEvent::TermsChanged(change))
    }

    /// Takes a piece out.
    ///
    /// # Errors
    /// [`SessionError::NoSuchTerm`], and as for [`Session::change_terms`]: what others name cannot go.
    pub fn remove_term(&self, kind: &str, name: &str, note: &str) -> Result<Entry, SessionError> {
        let key = (kind.to_owned(), name.to_owned());
        if !self.contents.terms()?.contains_key(&key) {
            return Err(SessionError::NoSuchTerm {
                kind: kind.to_owned(),
                name: name.to_owned(),
            });
        }
        self.change_terms(TermsChange {
            removed: vec![key],
            note: note.to_owned(),
            ..TermsChange::default()
        })
    }

    /// Undoes an entry of decisions or terms.
    ///
    /// # Errors
    /// [`SessionError::Decision`] when it cannot be undone, [`SessionError::Settle`] when the terms would not be sound without it.
    pub fn undo(&self, seq: u64) -> Result<Entry, SessionError> {
        let history = self.contents.history()?;
        self.check_terms_as_if(&history, seq, true)?;
        self.reverse(&history, seq, JournalEvent::Undone)
    }

    /// Takes an undone entry again.
    ///
    /// # Errors
    /// As for [`Session::undo`].
    pub fn redo(&self, seq: u64) -> Result<Entry, SessionError> {
        let history = self.contents.history()?;
        self.check_terms_as_if(&history, seq, false)?;
        self.reverse(&history, seq, JournalEvent::Redone)
    }

    fn check_terms_as_if(
        &self,
        history: &[Change],
        seq: u64,
        is_undone: bool,
    ) -> Result<(), SessionError> {
        if history
            .iter()
            .any(|c| c.entry.seq == seq && c.terms().is_some())
        {
            let after = journal::terms_in_force(history, Some((seq, is_undone)));
            let balances = |texts: &TermTexts| {
                texts
                    .iter()
                    .filter(|((kind, _), _)| kind == "balances")
                    .map(|(_, t)| t.clone())
                    .collect::<Vec<_>>()
            };
            let changes_balances =
                balances(&after) != balances(&journal::terms_in_force(history, None));
            self.contents
                .check_against_closed(&read_terms(&after)?, changes_balances)?;
        }
        Ok(())
    }

    /// Writes the terms into a folder: contracts.toml, or contracts.csv, and the files of rates and balances under `rates` and `balances`
    /// in front of their names. Gives back the names of the files.
    ///
    /// # Errors
    /// [`SessionError::Export`]; nothing has been written then.
    pub fn export_terms(&self, folder: &Path, as_csv: bool) -> Result<Vec<String>, SessionError> {
        let texts = self.contents.terms()?;
        let mut set = ExportSet::new(folder)?;
        if as_csv {
            let mut bytes = Vec::new();
            let rows = csv_rows(pieces(&texts)).map_err(SettleError::from)?;
            write_rows(&mut bytes, rows.into_iter()).map_err(|e| set.error("contracts.csv", e))?;
            set.put("contracts.csv", &bytes)?;
        } else {
            set.put("contracts.toml", to_toml(pieces(&texts)).as_bytes())?;
        }
        for (kind, name, text) in pieces(&texts).filter(|(kind, ..)| kind.is_file()) {
            set.put(&format!("{}-{name}", kind.word()), text.as_bytes())?;
        }
        let names = set.listing().map(|(name, ..)| name.to_owned()).collect();
        set.commit(&[])?;
        Ok(names)
    }
}
