//! Every kind of entry with its data: from events to the kind and JSON of an entry, and back.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::catalog::Track;
use crate::review::{Decision, TermsChange};
use crate::workspace::{Entry, Workspace, WorkspaceError};

/// The kind of an entry. Its text stands in journals and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// One decision.
    Decision,
    /// Several decisions that were made at once.
    Decisions,
    /// Contracts, rates or balances were changed.
    TermsChanged,
    /// An earlier entry was undone.
    Undone,
    /// An undone entry was redone.
    Redone,
    /// A statement was imported, read anew, or put back.
    StatementImported,
    /// A statement was removed.
    StatementRemoved,
    /// Catalog files were imported.
    CatalogImported,
    /// One track was changed or added by hand.
    TrackEdited,
    /// A period was closed.
    PeriodClosed,
}

impl EventKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Decision,
        Self::Decisions,
        Self::TermsChanged,
        Self::Undone,
        Self::Redone,
        Self::StatementImported,
        Self::StatementRemoved,
        Self::CatalogImported,
        Self::TrackEdited,
        Self::PeriodClosed,
    ];

    /// Its text in the journal.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Decisions => "decisions",
            Self::TermsChanged => "terms_changed",
            Self::Undone => "undone",
            Self::Redone => "redone",
            Self::StatementImported => "statement_imported",
            Self::StatementRemoved => "statement_removed",
            Self::CatalogImported => "catalog_imported",
            Self::TrackEdited => "track_edited",
            Self::PeriodClosed => "period_closed",
        }
    }

    /// The kind of an entry; `None` when a newer version wrote it.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.text() == entry.kind)
    }
}

/// What an entry of the journal did.
#[derive(Debug, Clone, PartialEq)]
pub enum JournalEvent {
    /// One or more decisions, made at once and undone as one. Never empty.
    Decided(Vec<Decision>),
    /// Contracts, rates or balances were changed.
    TermsChanged(TermsChange),
    /// The entry of this number was undone.
    Undone(u64),
    /// The undone entry of this number was redone.
    Redone(u64),
    /// A statement was imported, read anew, or put back.
    StatementImported(StatementImported),
    /// A statement was removed.
    StatementRemoved(StatementRemoved),
    /// Catalog files were imported.
    CatalogImported(CatalogImported),
    /// One track was changed or added by hand.
    TrackEdited(Box<TrackEdited>),
    /// A period was closed.
    PeriodClosed(PeriodClosed),
}

/// A statement that is in the workspace from this entry on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatementImported {
    /// Its key in the list of statements.
    pub key: String,
    /// Its whole record, kept as JSON: the list of statements is compared with it byte for byte,
    /// and a record read and written by a newer version would have more fields than the one in the
    /// list.
    pub record: Value,
    /// Key of the earlier reading of the same file that it replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// What a person accepted although it looked wrong, in the form of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Value>,
}

/// What people are told of an imported statement. Fields that a record does not have are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordFacts<'a> {
    /// Name of the file.
    pub name: &'a str,
    /// Name of the layout.
    pub layout_name: &'a str,
    /// Records, those in quarantine included.
    pub records: u64,
}

impl StatementImported {
    /// What people are told of it.
    #[must_use]
    pub fn facts(&self) -> RecordFacts<'_> {
        RecordFacts {
            name: self.record["name"].as_str().unwrap_or_default(),
            layout_name: self.record["layout_name"].as_str().unwrap_or_default(),
            records: self.record["records"].as_u64().unwrap_or(0),
        }
    }
}

/// A statement that is no longer in the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementRemoved {
    /// Its key in the list of statements.
    pub key: String,
    /// Name of its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What the catalog is after an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogImported {
    /// How many tracks it has.
    pub tracks: u64,
    /// Its digest, in hexadecimal digits.
    pub digest: String,
}

/// A change of one track, and what the catalog is after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackEdited {
    /// How many tracks the catalog has.
    pub tracks: u64,
    /// Its digest, in hexadecimal digits.
    pub digest: String,
    /// The track as it was; `None` (in the journal `null`) when it was added.
    pub before: Option<Track>,
    /// The track as it is.
    pub after: Track,
}

/// A period that is closed from this entry on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeriodClosed {
    /// Its name, which is also that of its folder.
    pub period: String,
    /// Everything else that it was closed with, in the form of the session's closed periods.
    #[serde(flatten)]
    pub closed_with: Map<String, Value>,
}

/// Data of entries that undo or redo another one.
#[derive(Serialize, Deserialize)]
struct ReversedEntry {
    seq: u64,
}

/// Data of entries with several decisions.
#[derive(Deserialize)]
struct DecidedTogether {
    decisions: Vec<Decision>,
}

impl PeriodClosed {
    /// The event of closing what is given, a structure with a field `period`.
    ///
    /// # Errors
    /// The error of `serde_json` when it is no such structure.
    pub fn of(closed: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::from_value(serde_json::to_value(closed)?)
    }
}

impl JournalEvent {
    /// The kind of its entry.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            // The first version knew single decisions only, and its readers expect them.
            Self::Decided(decisions) if decisions.len() == 1 => EventKind::Decision,
            Self::Decided(_) => EventKind::Decisions,
            Self::TermsChanged(_) => EventKind::TermsChanged,
            Self::Undone(_) => EventKind::Undone,
            Self::Redone(_) => EventKind::Redone,
            Self::StatementImported(_) => EventKind::StatementImported,
            Self::StatementRemoved(_) => EventKind::StatementRemoved,
            Self::CatalogImported(_) => EventKind::CatalogImported,
            Self::TrackEdited(_) => EventKind::TrackEdited,
            Self::PeriodClosed(_) => EventKind::PeriodClosed,
        }
    }

    /// The data of its entry.
    #[must_use]
    pub fn data(&self) -> Value {
        match self {
            Self::Decided(decisions) => match decisions.as_slice() {
                [one] => to_json(one),
                many => json!({ "decisions": many }),
            },
            Self::TermsChanged(change) => to_json(change),
            Self::Undone(seq) | Self::Redone(seq) => to_json(&ReversedEntry { seq: *seq }),
            Self::StatementImported(imported) => to_json(imported),
            Self::StatementRemoved(removed) => to_json(removed),
            Self::CatalogImported(imported) => to_json(imported),
            Self::TrackEdited(edited) => to_json(edited),
            Self::PeriodClosed(closed) => to_json(closed),
        }
    }

    /// What an entry did; `None` when only a newer version knows.
    ///
    /// # Errors
    /// The number of the entry when it should be understood and cannot be: leaving out a decision,
    /// a change of terms or a closing would change what is paid.
    pub fn of(entry: &Entry) -> Result<Option<Self>, u64> {
        let Some(kind) = EventKind::of(entry) else {
            return Ok(None);
        };
        let event = Self::read(kind, &entry.data);
        match kind {
            EventKind::Decision
            | EventKind::Decisions
            | EventKind::TermsChanged
            | EventKind::Undone
            | EventKind::Redone
            | EventKind::PeriodClosed => event.ok_or(entry.seq).map(Some),
            // Statements and catalog are compared with the database when a workspace is opened. An
            // entry that went through there is shown as unknown rather than keeping history shut.
            EventKind::StatementImported
            | EventKind::StatementRemoved
            | EventKind::CatalogImported
            | EventKind::TrackEdited => Ok(event),
        }
    }

    fn read(kind: EventKind, data: &Value) -> Option<Self> {
        Some(match kind {
            EventKind::Decision => Self::Decided(vec![from_json(data)?]),
            EventKind::Decisions => Self::Decided(from_json::<DecidedTogether>(data)?.decisions),
            EventKind::TermsChanged => Self::TermsChanged(from_json(data)?),
            EventKind::Undone => Self::Undone(from_json::<ReversedEntry>(data)?.seq),
            EventKind::Redone => Self::Redone(from_json::<ReversedEntry>(data)?.seq),
            EventKind::StatementImported => Self::StatementImported(from_json(data)?),
            EventKind::StatementRemoved => Self::StatementRemoved(from_json(data)?),
            EventKind::CatalogImported => Self::CatalogImported(from_json(data)?),
            EventKind::TrackEdited => Self::TrackEdited(from_json(data)?),
            EventKind::PeriodClosed => Self::PeriodClosed(from_json(data)?),
        })
    }
}

fn to_json(data: &impl Serialize) -> Value {
    serde_json::to_value(data).expect("data of events is text, numbers, lists and maps by text")
}

fn from_json<T: DeserializeOwned>(data: &Value) -> Option<T> {
    T::deserialize(data).ok()
}

/// Appends the entry of an event, synced to the journal and the database before this returns.
///
/// # Errors
/// [`WorkspaceError`]; after a failed sync nothing more is taken until the workspace is opened
/// again.
pub(crate) fn record(
    workspace: &Workspace,
    who: &str,
    event: &JournalEvent,
) -> Result<Entry, WorkspaceError> {
    workspace.record(who, event.kind().text(), event.data())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One entry of each kind, and single and several decisions, as version 0.1.0 wrote them.
    const ENTRIES_OF_0_1_0: &str = include_str!("../../tests/fixtures/journal/0.1.0.jsonl");

    fn entries() -> Vec<Entry> {
        ENTRIES_OF_0_1_0
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn entries_of_version_0_1_0_are_read_and_written_to_the_same_bytes() {
        let mut head = String::new();
        for (entry, line) in entries().into_iter().zip(ENTRIES_OF_0_1_0.lines()) {
            let event = JournalEvent::of(&entry)
                .unwrap()
                .expect("a kind of version 0.1.0");
            let again = Entry {
                kind: event.kind().text().to_owned(),
                data: event.data(),
                prev: head,
                ..entry.clone()
            };
            assert_eq!(again.to_line(), line);
            assert_eq!(again.hash_of(), entry.hash, "entry {}", entry.seq);
            head = entry.hash;
        }
    }

    #[test]
    fn every_kind_has_an_entry_in_the_fixture() {
        let entries = entries();
        for kind in EventKind::ALL {
            // A new kind does not compile here until it has the version that wrote it first; its
            // entry then goes into the fixture of that version.
            let fixture = match kind {
                EventKind::Decision
                | EventKind::Decisions
                | EventKind::TermsChanged
                | EventKind::Undone
                | EventKind::Redone
                | EventKind::StatementImported
                | EventKind::StatementRemoved
                | EventKind::CatalogImported
                | EventKind::TrackEdited
                | EventKind::PeriodClosed => &entries,
            };
            assert!(
                fixture
                    .iter()
                    .any(|entry| EventKind::of(entry) == Some(kind)),
                "no entry of the kind {}",
                kind.text()
            );
        }
    }

    fn entry(kind: &str, data: Value) -> Entry {
        Entry {
            seq: 7,
            at: String::new(),
            who: String::new(),
            kind: kind.to_owned(),
            data,
            prev: String::new(),
            hash: String::new(),
        }
    }

    #[test]
    fn kinds_of_newer_versions_are_passed_over_and_broken_decisions_are_not() {
        assert_eq!(JournalEvent::of(&entry("teleported", json!({}))), Ok(None));
        assert_eq!(
            JournalEvent::of(&entry("undone", json!({ "seq": 3 }))),
            Ok(Some(JournalEvent::Undone(3)))
        );
        for kind in ["decision", "decisions", "undone", "redone", "period_closed"] {
            assert_eq!(JournalEvent::of(&entry(kind, json!({}))), Err(7), "{kind}");
        }
        assert_eq!(
            JournalEvent::of(&entry("statement_removed", json!({}))),
            Ok(None)
        );
    }
}
