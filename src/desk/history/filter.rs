//! What is typed above the history into a test of its rows: words, `who:`, `kind:`, `since:`.

use super::{EntryKind, HistoryRow};

/// A filter of the history. All parts must fit; of several of one key, one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    words: Vec<String>,
    who: Vec<String>,
    kinds: Vec<String>,
    since: Option<String>,
    /// Why a part cannot mean anything.
    pub fault: Option<String>,
}

impl HistoryFilter {
    /// Reads a filter: `who:ada kind:bulk since:2026-10 ferry`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut filter = Self::default();
        for part in text.split_whitespace() {
            match part.split_once(':') {
                Some(("who", who)) => filter.who.push(who.to_lowercase()),
                Some(("kind", kind)) => filter.take_kind(kind),
                Some(("since", since)) => filter.take_since(since),
                _ => filter.words.push(part.to_lowercase()),
            }
        }
        filter
    }

    fn take_kind(&mut self, kind: &str) {
        let kind = kind.to_lowercase();
        if !EntryKind::ALL.iter().any(|k| k.word().starts_with(&kind)) {
            let all: Vec<&str> = EntryKind::ALL.iter().map(|k| k.word()).collect();
            self.fault = Some(format!(
                "There is no kind “{kind}”; the kinds are {}",
                all.join(", ")
            ));
        }
        self.kinds.push(kind);
    }

    fn take_since(&mut self, since: &str) {
        let is_date = since.len() <= 10 && since.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !is_date {
            self.fault = Some(format!(
                "“{since}” is not a date; write since:2026-11-25 or since:2026-11"
            ));
        }
        self.since = Some(since.to_owned());
    }

    /// Whether a row fits. Times are compared in UTC.
    #[must_use]
    pub fn fits(&self, row: &HistoryRow) -> bool {
        let who = row.who.to_lowercase();
        // Of several parts with one key, one must fit.
        if !self.who.is_empty() && !self.who.iter().any(|part| who.contains(part)) {
            return false;
        }
        let kind = row.kind.word();
        if !self.kinds.is_empty() && !self.kinds.iter().any(|part| kind.starts_with(part)) {
            return false;
        }
        if self
            .since
            .as_ref()
            .is_some_and(|since| row.at.as_str() < since.as_str())
        {
            return false;
        }
        if self.words.is_empty() {
            return true;
        }
        let text = format!(
            "{} {who} {} {} {} {}",
            row.seq,
            row.sentence,
            row.note,
            row.titles.join(" "),
            row.hash
        )
        .to_lowercase();
        self.words.iter().all(|word| text.contains(word))
    }
}
