//! What decisions made of lines: few of many, shared between one desk and the next.
//!
//! Lines are parted into chunks. A new desk copies only the chunks in which a line changes, so a decision costs the same whether
//! hundreds or hundreds of thousands were taken before it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Decided, LineId};

/// Lines of a chunk.
const CHUNK: LineId = 256;

/// Decided lines.
#[derive(Debug, Clone, Default)]
pub(super) struct DecidedLines {
    chunks: Arc<BTreeMap<LineId, Chunk>>,
}

/// The decided lines of one chunk.
type Chunk = Arc<BTreeMap<LineId, Decided>>;

impl DecidedLines {
    /// What was decided about a line.
    pub(super) fn of(&self, line: LineId) -> Option<&Decided> {
        self.chunks.get(&(line / CHUNK))?.get(&line)
    }

    /// Sets or takes away what was decided about a line.
    pub(super) fn set(&mut self, line: LineId, decided: Option<Decided>) {
        let chunks = Arc::make_mut(&mut self.chunks);
        let chunk = Arc::make_mut(chunks.entry(line / CHUNK).or_default());
        match decided {
            Some(decided) => chunk.insert(line, decided),
            None => chunk.remove(&line),
        };
        if chunk.is_empty() {
            chunks.remove(&(line / CHUNK));
        }
    }

    /// All, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (LineId, &Decided)> {
        self.chunks
            .values()
            .flat_map(|chunk| chunk.iter())
            .map(|(line, decided)| (*line, decided))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::Why;

    #[test]
    fn a_copy_does_not_see_what_is_set_later() {
        let decided = |seq| Decided {
            why: Why::DecidedHold,
            parts: Vec::new(),
            seq,
            note: String::new(),
        };
        let mut lines = DecidedLines::default();
        lines.set(7, Some(decided(1)));
        lines.set(70_000, Some(decided(2)));
        let before = lines.clone();
        lines.set(7, None);
        lines.set(8, Some(decided(3)));
        let seqs = |lines: &DecidedLines| {
            lines
                .iter()
                .map(|(line, d)| (line, d.seq))
                .collect::<Vec<_>>()
        };
        assert_eq!(seqs(&before), [(7, 1), (70_000, 2)]);
        assert_eq!(seqs(&lines), [(8, 3), (70_000, 2)]);
        assert_eq!((lines.of(7), before.of(7).map(|d| d.seq)), (None, Some(1)));
    }
}
