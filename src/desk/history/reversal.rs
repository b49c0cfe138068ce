//! How an entry of the journal is taken back, what that moves, or why it cannot be.

use std::collections::{HashMap, HashSet};

use super::sentence::{counted, differences};
use super::{HistoryRow, entry};
use crate::catalog::{self, Track};
use crate::contents::{Contents, ReadError, StatementRecord};
use crate::desk::{Desk, Move, Preview};
use crate::journal::{Change, JournalEvent, TrackEdited};
use crate::money::AmountOverflow;

/// How an entry is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reversal {
    /// Undo the entry of this number.
    Undo(u64),
    /// Take the entry of this number again.
    Redo(u64),
    /// Remove the statement of this key.
    Remove(String),
    /// Put the statement of this key back.
    Restore(String),
    /// Give a track its former values.
    Edit(Box<Track>),
    /// It cannot be, and this is why.
    Impossible(String),
}

impl Reversal {
    /// What a button says; `None` when there is nothing to press.
    #[must_use]
    pub fn label(&self) -> Option<&'static str> {
        match self {
            Self::Undo(_) => Some("Undo"),
            Self::Redo(_) => Some("Redo"),
            Self::Remove(_) => Some("Remove the statement"),
            Self::Restore(_) => Some("Put the statement back"),
            Self::Edit(_) => Some("Give back the former values"),
            Self::Impossible(_) => None,
        }
    }
}

/// What must be known of the workspace besides its journal.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    present: HashSet<String>,
    kept: HashSet<String>,
    tracks: HashMap<String, Track>,
    /// The last entry that took, or removed, each statement.
    last_of_statement: HashMap<String, u64>,
}

impl Facts {
    /// Reads the facts that these entries need.
    ///
    /// # Errors
    /// [`ReadError`] when the workspace cannot be read.
    pub fn read(contents: &Contents, history: &[Change]) -> Result<Self, ReadError> {
        let workspace = contents.workspace();
        let mut facts = Self {
            present: contents
                .statements()?
                .iter()
                .map(StatementRecord::key)
                .collect(),
            ..Self::default()
        };
        let mut ids: Vec<String> = Vec::new();
        for change in history {
            match &change.event {
                Some(JournalEvent::StatementImported(imported)) => {
                    facts.note_statement(&imported.key, change.entry.seq);
                }
                Some(JournalEvent::StatementRemoved(removed)) => {
                    facts.note_statement(&removed.key, change.entry.seq);
                }
                Some(JournalEvent::TrackEdited(edited)) => ids.push(edited.after.id.clone()),
                _ => {}
            }
        }
        facts.kept = facts
            .last_of_statement
            .keys()
            .filter(|key| workspace.removed_folder(key).is_dir())
            .cloned()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let tracks = catalog::tracks(workspace, &ids)?;
        facts.tracks = tracks
            .into_iter()
            .flatten()
            .map(|track| (track.id.clone(), track))
            .collect();
        Ok(facts)
    }

    fn note_statement(&mut self, key: &str, seq: u64) {
        self.last_of_statement.insert(key.to_owned(), seq);
    }

    pub(super) fn reversal(&self, history: &[Change], change: &Change) -> Reversal {
        let seq = change.entry.seq;
        let why = match &change.event {
            Some(JournalEvent::Decided(_) | JournalEvent::TermsChanged(_)) if change.is_undone => {
                return Reversal::Redo(seq);
            }
            Some(JournalEvent::Decided(_) | JournalEvent::TermsChanged(_)) => {
                return Reversal::Undo(seq);
            }
            // Undoing an undo is redoing what it undid, as long as that is still undone.
            Some(JournalEvent::Undone(of)) if is_undone(history, *of) == Some(true) => {
                return Reversal::Redo(*of);
            }
            Some(JournalEvent::Undone(of)) => {
                return Reversal::Impossible(format!("Entry {of} has been taken again since"));
            }
            Some(JournalEvent::Redone(of)) if is_undone(history, *of) == Some(false) => {
                return Reversal::Undo(*of);
            }
            Some(JournalEvent::Redone(of)) => {
                return Reversal::Impossible(format!("Entry {of} has been undone since"));
            }
            Some(JournalEvent::StatementImported(imported)) => {
                return self.of_imported(&imported.key, seq);
            }
            Some(JournalEvent::StatementRemoved(removed)) => {
                return self.of_removed(&removed.key, seq);
            }
            Some(JournalEvent::TrackEdited(edited)) => return self.of_track(edited),
            Some(JournalEvent::PeriodClosed(_)) => {
                "A closed period stays as it is; what is corrected later is settled with the next one"
            }
            Some(JournalEvent::CatalogImported(_)) => {
                "An import of a catalog cannot be undone; import the earlier file again"
            }
            None => "This version does not know what the entry did",
        };
        Reversal::Impossible(why.into())
    }

    fn of_imported(&self, key: &str, seq: u64) -> Reversal {
        let why = match self.present.contains(key) {
            true if self.is_last(key, seq) => return Reversal::Remove(key.to_owned()),
            true => OTHER_ENTRY_SINCE,
            false => "The statement is not in the workspace any more",
        };
        Reversal::Impossible(why.into())
    }

    fn of_removed(&self, key: &str, seq: u64) -> Reversal {
        let why = match self.present.contains(key) {
            true => "The statement is in the workspace again",
            false if !self.is_last(key, seq) => OTHER_ENTRY_SINCE,
            false if self.kept.contains(key) => return Reversal::Restore(key.to_owned()),
            false => "What was read of the statement is no longer kept; import its file again",
        };
        Reversal::Impossible(why.into())
    }

    /// Whether no later entry took or removed the statement.
    fn is_last(&self, key: &str, seq: u64) -> bool {
        self.last_of_statement.get(key) == Some(&seq)
    }

    fn of_track(&self, edited: &TrackEdited) -> Reversal {
        let why = match &edited.before {
            Some(before) if self.tracks.get(&edited.after.id) == Some(&edited.after) => {
                return Reversal::Edit(Box::new(before.clone()));
            }
            Some(_) => "The track has been changed since; take that back first",
            None => "A track that was added stays: statements of earlier months may name it",
        };
        Reversal::Impossible(why.into())
    }
}

/// Why a statement's entry cannot be taken back when it is not the last one about the statement.
const OTHER_ENTRY_SINCE: &str = "A later entry is about the same statement";

/// Whether the entry of a number is undone now; `None` when there is no such entry.
fn is_undone(history: &[Change], seq: u64) -> Option<bool> {
    entry(history, seq).map(|change| change.is_undone)
}

/// What taking an entry back would move, one sentence each.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn consequence(
    desk: &Desk,
    history: &[Change],
    row: &HistoryRow,
) -> Result<Vec<String>, AmountOverflow> {
    let change = entry(history, row.seq);
    Ok(match &row.reversal {
        Reversal::Undo(of) | Reversal::Redo(of)
            if entry(history, *of).is_some_and(|c| c.terms().is_some()) =>
        {
            vec!["What is paid would be settled anew; the payout shows the effect".into()]
        }
        Reversal::Undo(seq) | Reversal::Redo(seq) => moved(&desk.preview_reversal(history, *seq)?),
        Reversal::Remove(key) => {
            let mut all = leaving(desk, key);
            if change.is_some_and(replaced_a_reading) {
                all.push("The earlier reading of the file does not come back by this".into());
            }
            all
        }
        Reversal::Restore(key) => {
            let rows = history.iter().rev().find_map(|c| rows_imported(c, key));
            vec![format!(
                "{} would come back",
                counted(rows.unwrap_or(0), "row")
            )]
        }
        Reversal::Edit(track) => match change.and_then(|c| c.event.as_ref()) {
            Some(JournalEvent::TrackEdited(edited)) => differences(&edited.after, track),
            _ => Vec::new(),
        },
        Reversal::Impossible(_) => Vec::new(),
    })
}

/// What would leave the workspace with a statement, one sentence for each currency.
fn leaving(desk: &Desk, key: &str) -> Vec<String> {
    desk.statements()
        .iter()
        .filter(|s| s.key == *key)
        .flat_map(|s| &s.reported)
        .map(|(currency, t)| {
            let rows = counted(t.rows, "row");
            format!(
                "{currency} {} in {rows} would leave the workspace",
                t.amount
            )
        })
        .collect()
}

fn replaced_a_reading(change: &Change) -> bool {
    matches!(&change.event, Some(JournalEvent::StatementImported(imported)) if imported.replaces.is_some())
}

/// The rows that an entry imported, if it imported the statement of this key.
fn rows_imported(change: &Change, key: &str) -> Option<u64> {
    match &change.event {
        Some(JournalEvent::StatementImported(imported)) if imported.key == key => {
            Some(imported.facts().records)
        }
        _ => None,
    }
}

fn moved(preview: &Preview) -> Vec<String> {
    if preview.moves.is_empty() {
        return vec![
            "Nothing would move: other decisions hold, or no statement reports the items".into(),
        ];
    }
    preview.moves.iter().map(move_sentence).collect()
}

fn move_sentence(m: &Move) -> String {
    let rows = counted(m.sum.rows, "row");
    if m.from == m.to {
        format!(
            "{} {} in {rows} would stay {} and go to another track",
            m.currency,
            m.sum.amount,
            m.to.code()
        )
    } else {
        format!(
            "{} {} in {rows} would go from {} to {}",
            m.currency,
            m.sum.amount,
            m.from.code(),
            m.to.code()
        )
    }
}
