//! The history: entries of the journal understood, those that are undone marked, and what holds
//! when they are replayed.

use std::collections::HashSet;

use super::event::JournalEvent;
use crate::review::{Decision, Decisions, TermTexts, TermsChange};
use crate::workspace::{Entry, Workspace, WorkspaceError};

/// One entry of the journal, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The entry: its number, who recorded it and when.
    pub entry: Entry,
    /// What it did; `None` when only a newer version knows.
    pub event: Option<JournalEvent>,
    /// Whether it is undone now.
    pub is_undone: bool,
}

impl Change {
    /// The decisions of the entry; none when it is about something else.
    #[must_use]
    pub fn decisions(&self) -> &[Decision] {
        match &self.event {
            Some(JournalEvent::Decided(decisions)) => decisions,
            _ => &[],
        }
    }

    /// The change of terms, if it is one.
    #[must_use]
    pub fn terms(&self) -> Option<&TermsChange> {
        match &self.event {
            Some(JournalEvent::TermsChanged(change)) => Some(change),
            _ => None,
        }
    }

    /// Whether it can be undone and redone: statements, catalog and closed periods have ways of
    /// their own.
    #[must_use]
    pub fn is_reversible(&self) -> bool {
        matches!(
            self.event,
            Some(JournalEvent::Decided(_) | JournalEvent::TermsChanged(_))
        )
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
        let event = JournalEvent::of(&entry)?;
        match event {
            Some(JournalEvent::Undone(seq)) => {
                undone.insert(seq);
            }
            Some(JournalEvent::Redone(seq)) => {
                undone.remove(&seq);
            }
            _ => {}
        }
        changes.push(Change {
            entry,
            event,
            is_undone: false,
        });
    }
    // Only now: an entry is undone by a later one.
    for change in &mut changes {
        change.is_undone = undone.contains(&change.entry.seq);
    }
    Ok(changes)
}

/// The decisions that hold after these changes.
#[must_use]
pub fn standing(changes: &[Change]) -> Decisions {
    standing_if(changes, |change| !change.is_undone)
}

/// The decisions that would hold if exactly the changes that `holds` picks were not undone.
#[must_use]
pub fn standing_if(changes: &[Change], holds: impl Fn(&Change) -> bool) -> Decisions {
    let mut all = Decisions::default();
    for change in changes.iter().filter(|change| holds(change)) {
        for decision in change.decisions() {
            all.apply(decision, change.entry.seq);
        }
    }
    all
}

/// The terms that hold after these changes. `as_if` names an entry, and whether it is looked at as
/// undone.
#[must_use]
pub fn terms_in_force(changes: &[Change], as_if: Option<(u64, bool)>) -> TermTexts {
    let mut texts = TermTexts::new();
    for change in changes {
        let is_undone = as_if
            .filter(|(seq, _)| *seq == change.entry.seq)
            .map_or(change.is_undone, |(_, is_undone)| is_undone);
        if let (Some(terms), false) = (change.terms(), is_undone) {
            terms.apply(&mut texts);
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn journal(kinds_and_data: &[(&str, serde_json::Value)]) -> Vec<Change> {
        let entries = kinds_and_data
            .iter()
            .zip(1..)
            .map(|((kind, data), seq)| Entry {
                seq,
                at: String::new(),
                who: String::new(),
                kind: (*kind).to_owned(),
                data: data.clone(),
                prev: String::new(),
                hash: String::new(),
            });
        understand(entries.collect()).unwrap()
    }

    #[test]
    fn what_is_undone_does_not_hold_until_it_is_redone() {
        let ignored = (
            "decision",
            json!({ "item": "00000000000000ff", "action": "ignore" }),
        );
        let undone = ("undone", json!({ "seq": 1 }));
        let redone = ("redone", json!({ "seq": 1 }));
        let decided = journal(std::slice::from_ref(&ignored));
        assert_eq!(standing(&decided).len(), 1);
        let taken_back = journal(&[ignored.clone(), undone.clone()]);
        assert!(taken_back[0].is_undone && standing(&taken_back).is_empty());
        assert_eq!(standing_if(&taken_back, |_| true).len(), 1);
        assert_eq!(standing(&journal(&[ignored, undone, redone])).len(), 1);
    }

    #[test]
    fn terms_hold_as_if_one_entry_were_undone() {
        let set = json!({ "set": [{ "kind": "payee", "name": "Ada", "text": "x" }] });
        let changes = journal(&[("terms_changed", set)]);
        assert_eq!(terms_in_force(&changes, None).len(), 1);
        assert!(terms_in_force(&changes, Some((1, true))).is_empty());
    }
}
