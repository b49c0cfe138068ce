//! Changes of contract terms. What the text of a piece means is not known here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
