//! What an entry changes outside of the journal: the list of statements, the folders of periods,
//! and what the catalog is.

use super::event::{EventKind, JournalEvent};
use crate::catalog::search::{CatalogChange, EditedTrack};
use crate::workspace::{Entry, EntryEffect};

/// What an entry changes in the workspace, in this order; empty for most.
#[must_use]
pub fn effects(entry: &Entry) -> Vec<EntryEffect> {
    match JournalEvent::of(entry) {
        Ok(Some(JournalEvent::StatementImported(imported))) => {
            let put = EntryEffect::PutStatement {
                key: imported.key,
                record: imported.record.to_string().into_bytes(),
            };
            // A new reading of a file may have the key of the old one, so the old one goes first.
            imported
                .replaces
                .map(|key| EntryEffect::DeleteStatement { key })
                .into_iter()
                .chain([put])
                .collect()
        }
        Ok(Some(JournalEvent::StatementRemoved(removed))) => {
            vec![EntryEffect::DeleteStatement { key: removed.key }]
        }
        Ok(Some(JournalEvent::PeriodClosed(closed))) => {
            vec![EntryEffect::KeepPeriod(closed.period)]
        }
        Ok(Some(
            JournalEvent::Decided(_)
            | JournalEvent::TermsChanged(_)
            | JournalEvent::Undone(_)
            | JournalEvent::Redone(_)
            | JournalEvent::CatalogImported(_)
            | JournalEvent::TrackEdited(_),
        )) => Vec::new(),
        // What cannot be understood changes nothing here; reading the history refuses it.
        Ok(None) | Err(_) => Vec::new(),
    }
}

/// What the catalog is after an entry; `None` when the entry is not about the catalog.
#[must_use]
pub fn catalog_change(entry: &Entry) -> Option<CatalogChange> {
    // Most entries are not about the catalog, and this is asked while somebody types.
    if !matches!(
        EventKind::of(entry),
        Some(EventKind::CatalogImported | EventKind::TrackEdited)
    ) {
        return None;
    }
    match JournalEvent::of(entry).ok()?? {
        JournalEvent::CatalogImported(imported) => Some(CatalogChange {
            digest: imported.digest,
            edited: None,
        }),
        JournalEvent::TrackEdited(edited) => Some(CatalogChange {
            digest: edited.digest,
            edited: Some(EditedTrack {
                id: edited.after.id,
                is_new: edited.before.is_none(),
            }),
        }),
        _ => None,
    }
}

/// The record of a statement as the last entry that took it has it, as JSON; `None` when no entry
/// did.
#[must_use]
pub fn imported_record(entries: &[Entry], key: &str) -> Option<String> {
    entries
        .iter()
        .rev()
        .filter(|entry| EventKind::of(entry) == Some(EventKind::StatementImported))
        .find_map(|entry| match JournalEvent::of(entry) {
            Ok(Some(JournalEvent::StatementImported(imported))) if imported.key == key => {
                Some(imported.record.to_string())
            }
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn entry(kind: EventKind, data: Value) -> Entry {
        Entry {
            seq: 1,
            at: String::new(),
            who: String::new(),
            kind: kind.text().to_owned(),
            data,
            prev: String::new(),
            hash: String::new(),
        }
    }

    #[test]
    fn a_statement_read_anew_replaces_its_earlier_reading() {
        let data = json!({ "key": "b", "record": { "name": "x" }, "replaces": "a" });
        let both = vec![
            EntryEffect::DeleteStatement { key: "a".into() },
            EntryEffect::PutStatement {
                key: "b".into(),
                record: br#"{"name":"x"}"#.to_vec(),
            },
        ];
        assert_eq!(effects(&entry(EventKind::StatementImported, data)), both);
    }

    #[test]
    fn removing_and_closing_have_effects_and_undoing_has_none() {
        let removed = entry(
            EventKind::StatementRemoved,
            json!({ "key": "a", "name": "x" }),
        );
        assert_eq!(
            effects(&removed),
            [EntryEffect::DeleteStatement { key: "a".into() }]
        );
        let closed = entry(EventKind::PeriodClosed, json!({ "period": "2026-09" }));
        assert_eq!(
            effects(&closed),
            [EntryEffect::KeepPeriod("2026-09".into())]
        );
        assert!(effects(&entry(EventKind::Undone, json!({ "seq": 1 }))).is_empty());
    }
}
