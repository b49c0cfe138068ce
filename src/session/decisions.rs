//! Decisions of the review, and undoing them: each is checked, then recorded as an entry.

use super::{Session, SessionError};
use crate::catalog;
use crate::journal::{self, Change, JournalEvent};
use crate::review::{DecideError, Decision};
use crate::workspace::Entry;

impl Session {
    /// Records decisions as one entry, which is undone as one: synced to the journal and the
    /// database before this returns.
    ///
    /// # Errors
    /// [`SessionError::Decision`] when there are none, a split does not divide anything, or the
    /// catalog has no such track; nothing is recorded then.
    pub fn decide(&self, decisions: &[Decision]) -> Result<Entry, SessionError> {
        if decisions.is_empty() {
            return Err(DecideError::Nothing.into());
        }
        self.check_decisions(decisions)?;
        self.record(&JournalEvent::Decided(decisions.to_vec()))
    }

    fn check_decisions(&self, decisions: &[Decision]) -> Result<(), SessionError> {
        if !decisions.iter().all(|d| d.action.is_sound()) {
            return Err(DecideError::BadSplit.into());
        }
        let mut ids: Vec<String> = decisions
            .iter()
            .flat_map(|d| d.action.tracks())
            .map(str::to_owned)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let tracks = catalog::tracks(self.workspace(), &ids)?;
        match ids.into_iter().zip(tracks).find(|(_, t)| t.is_none()) {
            Some((id, _)) => Err(DecideError::NoSuchTrack(id).into()),
            None => Ok(()),
        }
    }

    /// Records `event`, which undoes or redoes the entry `seq`; nothing else about it is checked.
    pub(super) fn reverse(
        &self,
        history: &[Change],
        seq: u64,
        event: fn(u64) -> JournalEvent,
    ) -> Result<Entry, SessionError> {
        let event = event(seq);
        let redoes = matches!(event, JournalEvent::Redone(_));
        let is_possible = history
            .iter()
            .any(|c| c.entry.seq == seq && c.is_reversible() && c.is_undone == redoes);
        if !is_possible {
            let what = event.kind().text();
            return Err(DecideError::NotPossible { seq, what }.into());
        }
        self.record(&event)
    }

    /// Appends an entry in the name of whoever is at work.
    pub(super) fn record(&self, event: &JournalEvent) -> Result<Entry, SessionError> {
        Ok(journal::record(self.workspace(), &self.who, event)?)
    }
}
