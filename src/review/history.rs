//! The history of decisions: entries of the journal, with those that were undone marked, and the ways to add to it.

use std::collections::HashSet;

use serde_json::json;

use super::terms::TERMS_CHANGED;
use super::{DecideError, Decision, TermsChange};
use crate::catalog;
use crate::workspace::{Entry, PERIOD_CLOSED, Workspace, WorkspaceError};

/// What an entry of the journal did.
#[derive(Debug, Clone, PartialEq)]
pub enum ChangeKind {
    /// One or many decisions, taken at once.
    Decided(Vec<Decision>),
    /// Contracts, rates or balances were changed.
    Terms(TermsChange),
    /// A period was closed.
    Closed(String),
    /// An earlier entry was undone.
    Undone(u64),
    /// An undone entry was taken again.
    Redone(u64),
    /// Something that is no decision: an import, a removal, an edit of the catalog.
    Other,
}

/// One entry of the journal, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The entry: who, when, and everything else.
    pub entry: Entry,
    /// What it did.
    pub kind: ChangeKind,
    /// Whether it is undone now.
    pub is_undone: bool,
}

/// Kind of entries with one decision, as the first version wrote them.
const DECISION: &str = "decision";
/// Kind of entries with many decisions.
const DECISIONS: &str = "decisions";
/// Kind of entries that undo one.
const UNDONE: &str = "undone";
/// Kind of entries that take an undone one again.
const REDONE: &str = "redone";

/// Takes a decision: synced to the journal and the database before it returns.
///
/// # Errors
/// [`DecideError`]; nothing is recorded then.
pub fn decide(workspace: &Workspace, who: &str, decision: &Decision) -> Result<Entry, DecideError> {
    check(workspace, std::slice::from_ref(decision))?;
    let data = serde_json::to_value(decision).expect("a decision has only text and numbers");
    Ok(workspace.record(who, DECISION, data)?)
}

/// Takes many decisions as one entry, which is undone as one.
///
/// # Errors
/// [`DecideError`]; nothing is recorded then.
pub fn decide_all(
    workspace: &Workspace,
    who: &str,
    decisions: &[Decision],
) -> Result<Entry, DecideError> {
    match decisions {
        [] => Err(DecideError::Nothing),
        [one] => decide(workspace, who, one),
        many => {
            check(workspace, many)?;
            Ok(workspace.record(who, DECISIONS, json!({ "decisions": many }))?)
        }
    }
}

/// Undoes an entry of decisions or terms; what holds then is what replaying all others gives.
///
/// # Errors
/// [`DecideError::NotPossible`] when it is neither a decision nor a change of terms, or is undone.
pub fn undo(workspace: &Workspace, who: &str, seq: u64) -> Result<Entry, DecideError> {
    reverse(workspace, who, seq, UNDONE)
}

/// Takes an undone entry again.
///
/// # Errors
/// [`DecideError::NotPossible`] when it is no decision or is not undone.
pub fn redo(workspace: &Workspace, who: &str, seq: u64) -> Result<Entry, DecideError> {
    reverse(workspace, who, seq, REDONE)
}

fn reverse(
    workspace: &Workspace,
    who: &str,
    seq: u64,
    what: &'static str,
) -> Result<Entry, DecideError> {
    let changes = history(workspace)?;
    let can_be = |kind: &ChangeKind| matches!(kind, ChangeKind::Decided(_) | ChangeKind::Terms(_));
    let is_decision =
        |c: &&Change| c.entry.seq == seq && can_be(&c.kind) && c.is_undone == (what == REDONE);
    changes
        .iter()
        .find(is_decision)
        .ok_or(DecideError::NotPossible { seq, what })?;
    Ok(workspace.record(who, what, json!({ "seq": seq }))?)
}

fn check(workspace: &Workspace, decisions: &[Decision]) -> Result<(), DecideError> {
    if !decisions.iter().all(|d| d.action.is_sound()) {
        return Err(DecideError::BadSplit);
    }
    let mut ids: Vec<String> = decisions
        .iter()
        .flat_map(|d| d.action.tracks())
        .map(str::to_owned)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let tracks = catalog::tracks(workspace, &ids)?;
    match ids
        .into_iter()
        .zip(tracks)
        .find(|(_, track)| track.is_none())
    {
        Some((id, _)) => Err(DecideError::NoSuchTrack(id)),
        None => Ok(()),
    }
}

/// All entries of the journal, oldest first, with what they did.
///
/// # Errors
/// [`WorkspaceError::Damaged`] when an entry cannot be understood.
pub fn history(workspace: &Workspace) -> Result<Vec<Change>, WorkspaceError> {
    let entries = workspace.journal().entries().to_vec();
    understand(entries).map_err(|seq| workspace.damaged(format!("entry {seq} of the journal")))
}

/// Entries of a journal, oldest first, with what they did.
///
/// # Errors
/// The number of an entry that cannot be understood.
pub fn understand(entries: Vec<Entry>) -> Result<Vec<Change>, u64> {
    let mut undone: HashSet<u64> = HashSet::new();
    let mut changes = Vec::with_capacity(entries.len());
    for entry in entries {
        let kind = kind_of(&entry).ok_or(entry.seq)?;
        match kind {
            ChangeKind::Undone(seq) => {
                undone.insert(seq);
            }
            ChangeKind::Redone(seq) => {
                undone.remove(&seq);
            }
            _ => {}
        }
        changes.push(Change {
            entry,
            kind,
            is_undone: false,
        });
    }
    for change in &mut changes {
        change.is_undone = undone.contains(&change.entry.seq);
    }
    Ok(changes)
}

fn kind_of(entry: &Entry) -> Option<ChangeKind> {
    let seq = || entry.data["seq"].as_u64();
    Some(match entry.kind.as_str() {
        DECISION => ChangeKind::Decided(vec![serde_json::from_value(entry.data.clone()).ok()?]),
        DECISIONS => {
            ChangeKind::Decided(serde_json::from_value(entry.data["decisions"].clone()).ok()?)
        }
        TERMS_CHANGED => ChangeKind::Terms(serde_json::from_value(entry.data.clone()).ok()?),
        PERIOD_CLOSED => ChangeKind::Closed(entry.data["period"].as_str()?.to_owned()),
        UNDONE => ChangeKind::Undone(seq()?),
        REDONE => ChangeKind::Redone(seq()?),
        _ => ChangeKind::Other,
    })
}

impl Change {
    /// The decisions of the entry, if it is one.
    #[must_use]
    pub fn decisions(&self) -> &[Decision] {
        match &self.kind {
            ChangeKind::Decided(decisions) => decisions,
            _ => &[],
        }
    }
}
