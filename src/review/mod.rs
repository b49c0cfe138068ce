//! What people decide about items, remembered for next month.
//!
//! Decisions are entries of the journal and are never changed; what holds now is what replaying them gives.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::catalog::{self, CatalogError};
use crate::ident::{Isrc, Upc, text_key, title_key};
use crate::statement::item::Field;
use crate::workspace::{Entry, Workspace, WorkspaceError};

/// Names an item over months: the hash of what identifies it, whatever its spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ItemCode(u64);

/// What a decision does with an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "lowercase")]
pub enum Action {
    /// Its money goes to a track.
    Assign {
        /// The track's id.
        track: String,
    },
    /// It is not the label's: its money is not paid out.
    Ignore,
    /// It waits.
    Hold,
    /// Earlier decisions no longer hold.
    Clear,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The item.
    pub item: ItemCode,
    /// The DSP it holds for; for all when not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dsp: Option<String>,
    /// What is done.
    #[serde(flatten)]
    pub action: Action,
    /// Why.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub note: String,
}

/// Why a decision was not taken.
#[derive(Debug, Error)]
pub enum DecideError {
    /// The track is not in the catalog.
    #[error("the catalog has no track {0}; list candidates in exceptions.csv or import the track first")]
    NoSuchTrack(String),
    /// The code is no item code.
    #[error("{0:?} is not an item; the codes stand in the last column of exceptions.csv")]
    NoSuchItem(String),
    /// The workspace said no.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The catalog said no.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

/// Kind of journal entries that are decisions.
const KIND: &str = "decision";

impl ItemCode {
    /// The code of an item with these fields, in [`Field::ALL`] order. Codes and titles count in their normal form, label, release and
    /// duration do not count.
    #[must_use]
    pub fn of(fields: &[&str; Field::ALL.len()], namespace: &str) -> Self {
        let field = |f: Field| fields[f as usize];
        let isrc = Isrc::parse(field(Field::Isrc)).map_or_else(|_| field(Field::Isrc).to_owned(), |i| i.to_string());
        let upc = Upc::parse(field(Field::Upc)).map_or_else(|_| field(Field::Upc).to_owned(), |u| u.to_string());
        let title = title_key(field(Field::Title), field(Field::Version));
        let mut hasher = blake3::Hasher::new();
        for part in [isrc.as_str(), &upc, namespace, field(Field::DspId), &title, &text_key(field(Field::Artist))] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let hash = hasher.finalize();
        Self(u64::from_be_bytes(std::array::from_fn(|i| hash.as_bytes()[i])))
    }
}

impl std::fmt::Display for ItemCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl From<ItemCode> for String {
    fn from(code: ItemCode) -> Self {
        code.to_string()
    }
}

impl TryFrom<String> for ItemCode {
    type Error = DecideError;

    fn try_from(text: String) -> Result<Self, DecideError> {
        if text.len() == 16
            && let Ok(code) = u64::from_str_radix(&text, 16)
        {
            return Ok(Self(code));
        }
        Err(DecideError::NoSuchItem(text))
    }
}

/// The decisions that hold now.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Decisions {
    of_dsp: HashMap<(ItemCode, String), Action>,
    of_all: HashMap<ItemCode, Action>,
}

impl Decisions {
    /// Replays the journal.
    ///
    /// # Errors
    /// [`WorkspaceError::Damaged`] when an entry cannot be understood.
    pub fn read(workspace: &Workspace) -> Result<Self, WorkspaceError> {
        let mut all = Self::default();
        for entry in workspace.journal().entries().iter().filter(|e| e.kind == KIND) {
            all.apply(decision_of(workspace, entry)?);
        }
        Ok(all)
    }

    fn apply(&mut self, decision: Decision) {
        match (decision.dsp, decision.action) {
            (Some(dsp), Action::Clear) => {
                self.of_dsp.remove(&(decision.item, dsp));
            }
            (None, Action::Clear) => {
                self.of_all.remove(&decision.item);
                self.of_dsp.retain(|(item, _), _| *item != decision.item);
            }
            (Some(dsp), action) => {
                self.of_dsp.insert((decision.item, dsp), action);
            }
            (None, action) => {
                self.of_all.insert(decision.item, action);
            }
        }
    }

    /// What was decided for an item: for its DSP first, then for all.
    #[must_use]
    pub fn of(&self, item: ItemCode, dsp: &str) -> Option<&Action> {
        if self.of_dsp.is_empty() {
            return self.of_all.get(&item);
        }
        self.of_dsp.get(&(item, dsp.to_owned())).or_else(|| self.of_all.get(&item))
    }

    /// Whether nothing is decided.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of_dsp.is_empty() && self.of_all.is_empty()
    }

    /// A digest of what holds now, for the fingerprint of a run.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut lines: Vec<String> = self.of_all.iter().map(|(item, action)| format!("{item}||{action:?}")).collect();
        lines.extend(self.of_dsp.iter().map(|((item, dsp), action)| format!("{item}|{dsp}|{action:?}")));
        lines.sort_unstable();
        blake3::hash(lines.join("\n").as_bytes()).to_hex().to_string()
    }
}

fn decision_of(workspace: &Workspace, entry: &Entry) -> Result<Decision, WorkspaceError> {
    serde_json::from_value(entry.data.clone()).map_err(|_| workspace.damaged(format!("decision {}", entry.seq)))
}

/// Takes a decision: synced to the journal and the database before it returns.
///
/// # Errors
/// [`DecideError`]; nothing is recorded then.
pub fn decide(workspace: &mut Workspace, who: &str, decision: &Decision) -> Result<Entry, DecideError> {
    if let Action::Assign { track } = &decision.action {
        let found = catalog::tracks(workspace, std::slice::from_ref(track))?;
        if found.iter().all(Option::is_none) {
            return Err(DecideError::NoSuchTrack(track.clone()));
        }
    }
    let data = serde_json::to_value(decision).expect("a decision has only text");
    Ok(workspace.record(who, KIND, data)?)
}

/// All decisions with their entries, oldest first.
///
/// # Errors
/// [`WorkspaceError::Damaged`] when an entry cannot be understood.
pub fn history(workspace: &Workspace) -> Result<Vec<(Entry, Decision)>, WorkspaceError> {
    let entries = workspace.journal().entries().iter().filter(|e| e.kind == KIND);
    entries.map(|entry| Ok((entry.clone(), decision_of(workspace, entry)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(item: u64, dsp: Option<&str>, action: Action) -> Decision {
        Decision { item: ItemCode(item), dsp: dsp.map(str::to_owned), action, note: String::new() }
    }

    #[test]
    fn the_dsp_comes_before_all_and_clearing_undoes() {
        let mut all = Decisions::default();
        all.apply(decision(1, None, Action::Ignore));
        all.apply(decision(1, Some("Spotify"), Action::Hold));
        assert_eq!(all.of(ItemCode(1), "Spotify"), Some(&Action::Hold));
        assert_eq!(all.of(ItemCode(1), "Deezer"), Some(&Action::Ignore));
        all.apply(decision(1, Some("Spotify"), Action::Clear));
        assert_eq!(all.of(ItemCode(1), "Spotify"), Some(&Action::Ignore));
        all.apply(decision(1, None, Action::Clear));
        assert!(all.is_empty());
    }

    #[test]
    fn an_item_keeps_its_code_over_spellings() {
        let a = ["Spotify", "us-x12-30-00001", "85365572676", "", "Don’t Go", "Live", "Bjork", "L", "", ""];
        let b = ["Deezer", "USX123000001", "085365572676", "", "Dont Go (live)", "", "Björk", "", "R", "3:00"];
        assert_eq!(ItemCode::of(&a, ""), ItemCode::of(&b, ""));
    }
}
