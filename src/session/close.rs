//! Closing a period: the one step that makes what was settled final.

use super::{Session, SessionError};
use crate::ident::SalePeriod;
use crate::journal::{JournalEvent, PeriodClosed};
use crate::period::{ClosedPeriod, OpenPeriod, ReadyPeriod};
use crate::workspace::WorkspaceError;

impl Session {
    /// Closes a period: settles it once more from what is kept, keeps all of it, and enters it into the journal. It cannot be undone.
    ///
    /// # Errors
    /// As for [`crate::contents::Contents::open_period`]; nothing is closed then.
    pub fn close_period(&self, period: SalePeriod) -> Result<ClosedPeriod, SessionError> {
        let open = self.contents.open_period(Some(period))?;
        self.close_opened(&open)
    }

    /// The same for a period that has just been settled, so that what is shown is what is closed.
    ///
    /// # Errors
    /// [`SessionError::Period`] when it cannot be kept, or its terms are no longer those of the workspace; nothing is closed then.
    pub(crate) fn close_opened(&self, open: &OpenPeriod) -> Result<ClosedPeriod, SessionError> {
        let ReadyPeriod { folder, mut period } = self.contents.ready_to_close(open)?;
        let event = PeriodClosed::of(&period).expect("a closed period has only text and numbers");
        let target = self.workspace().period_folder(&period.period);
        let source = folder.keep();
        // What an interrupted closing has left is swept away at the next opening; here it may be from this very session.
        if target.exists() {
            std::fs::remove_dir_all(&target)
                .map_err(WorkspaceError::io("cannot remove", &target))?;
        }
        std::fs::rename(&source, &target)
            .map_err(WorkspaceError::io("cannot move the period to", &target))?;
        let parent = target.parent().unwrap_or(&target);
        std::fs::File::open(parent)
            .and_then(|f| f.sync_all())
            .map_err(WorkspaceError::io("cannot sync", parent))?;
        let entry = self.record(&JournalEvent::PeriodClosed(event))?;
        period.seq = entry.seq;
        period.at = entry.at;
        period.who = entry.who;
        Ok(period)
    }
}
