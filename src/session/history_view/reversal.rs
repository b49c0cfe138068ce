//! How an entry of the journal is taken back, what that moves, or why it cannot be.

use std::collections::{HashMap, HashSet};

use super::sentence::{counted, differences, edited};
use super::{HistoryRow, entry};
use crate::catalog::{self, Track};
use crate::money::AmountOverflow;
use crate::review::{Change, ChangeKind};
use crate::session::desk::{Desk, Preview};
use crate::session::{CATALOG_IMPORTED, Session, SessionError, TRACK_EDITED};
use crate::workspace::{STATEMENT_IMPORTED, STATEMENT_REMOVED};

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
    /// [`SessionError`] when the workspace cannot be read.
    pub fn read(session: &Session, history: &[Change]) -> Result<Self, SessionError> {
        let workspace = session.workspace();
        let mut facts = Self {
            present: session
                .statements()?
                .iter()
                .map(super::super::StatementRecord::key)
                .collect(),
            ..Self::default()
        };
        let mut ids: Vec<String> = Vec::new();
        for change in history {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            match change.entry.kind.as_str() {
                STATEMENT_IMPORTED | STATEMENT_REMOVED => {
                    facts
                        .last_of_statement
                        .insert(text(&change.entry.data["key"]), change.entry.seq);
                }
                TRACK_EDITED => ids.push(text(&change.entry.data["after"]["id"])),
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

    pub(super) fn reversal(&self, history: &[Change], change: &Change) -> Reversal {
        let seq = change.entry.seq;
        match (&change.kind, change.entry.kind.as_str()) {
            (ChangeKind::Decided(_) | ChangeKind::Terms(_), _) if change.is_undone => Reversal::Redo(seq),
            (ChangeKind::Decided(_) | ChangeKind::Terms(_), _) => Reversal::Undo(seq),
            (ChangeKind::Undone(of), _) if entry(history, *of).is_some_and(|c| c.is_undone) => Reversal::Redo(*of),
            (ChangeKind::Undone(of), _) => Reversal::Impossible(format!("Entry {of} has been taken again since")),
            (ChangeKind::Redone(of), _) if entry(history, *of).is_some_and(|c| !c.is_undone) => Reversal::Undo(*of),
            (ChangeKind::Redone(of), _) => Reversal::Impossible(format!("Entry {of} has been undone since")),
            (ChangeKind::Closed(_), _) => {
                Reversal::Impossible("A closed period stays as it is; what is corrected later is settled with the next one".into())
            }
            (ChangeKind::Other, STATEMENT_IMPORTED | STATEMENT_REMOVED) => self.of_statement(change),
            (ChangeKind::Other, TRACK_EDITED) => self.of_track(change),
            (ChangeKind::Other, CATALOG_IMPORTED) => {
                Reversal::Impossible("An import of a catalog cannot be undone; import the earlier file again".into())
            }
            (ChangeKind::Other, _) => Reversal::Impossible("This version does not know what the entry did".into()),
        }
    }

    fn of_statement(&self, change: &Change) -> Reversal {
        let key = change.entry.data["key"].as_str().unwrap_or_default();
        let is_last = self.last_of_statement.get(key) == Some(&change.entry.seq);
        let (is_present, took) = (
            self.present.contains(key),
            change.entry.kind == STATEMENT_IMPORTED,
        );
        let why = match (took, is_present) {
            (true, true) if is_last => return Reversal::Remove(key.to_owned()),
            (false, false) if is_last && self.kept.contains(key) => {
                return Reversal::Restore(key.to_owned());
            }
            (false, false) if is_last => {
                "What was read of the statement is no longer kept; import its file again"
            }
            (true, false) => "The statement is not in the workspace any more",
            (false, true) => "The statement is in the workspace again",
            (true, true) | (false, false) => "A later entry is about the same statement",
        };
        Reversal::Impossible(why.into())
    }

    fn of_track(&self, change: &Change) -> Reversal {
        let why = match edited(&change.entry.data) {
            Some((Some(before), after)) if self.tracks.get(&after.id) == Some(&after) => {
                return Reversal::Edit(Box::new(before));
            }
            Some((Some(_), _)) => "The track has been changed since; take that back first",
            Some((None, _)) => {
                "A track that was added stays: statements of earlier months may name it"
            }
            None => "The entry does not say what the track was before",
        };
        Reversal::Impossible(why.into())
    }
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
            if entry(history, *of).is_some_and(|c| matches!(c.kind, ChangeKind::Terms(_))) =>
        {
            vec!["What is paid would be settled anew; the payout shows the effect".into()]
        }
        Reversal::Undo(seq) | Reversal::Redo(seq) => moved(&desk.preview_reversal(history, *seq)?),
        Reversal::Remove(key) => {
            let reported = desk
                .statements()
                .iter()
                .filter(|s| s.key == *key)
                .flat_map(|s| &s.reported);
            let mut all: Vec<String> = reported
                .map(|(currency, t)| {
                    format!(
                        "{currency} {} in {} would leave the workspace",
                        t.amount,
                        counted(t.rows, "row")
                    )
                })
                .collect();
            if change.is_some_and(|c| !c.entry.data["replaces"].is_null()) {
                all.push("The earlier reading of the file does not come back by this".into());
            }
            all
        }
        Reversal::Restore(key) => {
            let took = |c: &&Change| {
                c.entry.kind == STATEMENT_IMPORTED && c.entry.data["key"] == key.as_str()
            };
            let rows = history
                .iter()
                .rev()
                .find(took)
                .and_then(|c| c.entry.data["record"]["records"].as_u64());
            vec![format!(
                "{} would come back",
                counted(rows.unwrap_or(0), "row")
            )]
        }
        Reversal::Edit(track) => {
            let after = change
                .and_then(|c| edited(&c.entry.data))
                .map(|(_, after)| after);
            after
                .map(|after| differences(&after, track))
                .unwrap_or_default()
        }
        Reversal::Impossible(_) => Vec::new(),
    })
}

fn moved(preview: &Preview) -> Vec<String> {
    if preview.moves.is_empty() {
        return vec![
            "Nothing would move: other decisions hold, or no statement reports the items".into(),
        ];
    }
    let sentence = |m: &crate::session::desk::Move| {
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
    };
    preview.moves.iter().map(sentence).collect()
}
