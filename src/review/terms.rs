//! Terms of contracts in the journal: which pieces hold is what replaying the changes gives. What a piece means is not known here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Change, ChangeKind, DecideError};
use crate::workspace::{Entry, Workspace};

/// Kind of entries that change terms.
pub(super) const TERMS_CHANGED: &str = "terms_changed";

/// A piece: `payee`, `contract`, `rates`, …; its name; its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermText {
    /// What it is about.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// One change of terms, which is undone as one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TermsChange {
    /// Pieces that are new or different.
    #[serde(default)]
    pub set: Vec<TermText>,
    /// Kinds and names of pieces that are gone.
    #[serde(default)]
    pub removed: Vec<(String, String)>,
    /// Why.
    #[serde(default)]
    pub note: String,
}

/// Pieces by kind and name.
pub type TermTexts = BTreeMap<(String, String), String>;

impl TermsChange {
    /// Makes it of pieces.
    pub fn apply(&self, texts: &mut TermTexts) {
        for (kind, name) in &self.removed {
            texts.remove(&(kind.clone(), name.clone()));
        }
        texts.extend(
            self.set
                .iter()
                .map(|t| ((t.kind.clone(), t.name.clone()), t.text.clone())),
        );
    }

    /// The same without what changes nothing.
    #[must_use]
    pub fn against(mut self, texts: &TermTexts) -> Self {
        self.set
            .retain(|t| texts.get(&(t.kind.clone(), t.name.clone())) != Some(&t.text));
        self.removed.retain(|key| texts.contains_key(key));
        self
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.removed.is_empty()
    }
}

/// The pieces that hold after these changes; `unless` gives the numbers of entries that are looked at as if undone, or as if not.
#[must_use]
pub fn replay_terms(changes: &[Change], unless: Option<(u64, bool)>) -> TermTexts {
    let mut texts = TermTexts::new();
    for change in changes {
        let is_undone = unless
            .filter(|(seq, _)| *seq == change.entry.seq)
            .map_or(change.is_undone, |(_, is_undone)| is_undone);
        if let (ChangeKind::Terms(terms), false) = (&change.kind, is_undone) {
            terms.apply(&mut texts);
        }
    }
    texts
}

/// Takes a change of terms: synced to the journal and the database before it returns. Whether the terms are sound is for the caller.
///
/// # Errors
/// [`DecideError`]; nothing is recorded then.
pub fn change_terms(
    workspace: &Workspace,
    who: &str,
    change: &TermsChange,
) -> Result<Entry, DecideError> {
    if change.is_empty() {
        return Err(DecideError::Nothing);
    }
    let data = serde_json::to_value(change).expect("a change of terms has only text");
    Ok(workspace.record(who, TERMS_CHANGED, data)?)
}
