//! Cells that are the same in one row after another, recognized by their bytes, so that what they mean is found once.
//!
//! A report is mostly in the order of its items: a row often says of its item, its territory and its usage what the row before said.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::item::push_field;
use super::records::Row;

/// Longer text is read anew in each row, and not kept.
const MAX_RUN: usize = 64 << 10;

/// A set of columns, and what the row before had in them.
pub(super) struct Memo {
    /// First and last column of neighbors.
    runs: Vec<(usize, usize)>,
    text: Vec<u8>,
    /// Where the text of each run ends; empty when there is nothing to compare with.
    ends: Vec<usize>,
    /// The text from the first column to the last, with all that lies between.
    span: Vec<u8>,
}

impl Memo {
    pub(super) fn new(columns: impl IntoIterator<Item = usize>) -> Self {
        let mut columns: Vec<usize> = columns.into_iter().collect();
        columns.sort_unstable();
        columns.dedup();
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for column in columns {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == column => *last = column,
                _ => runs.push((column, column)),
            }
        }
        Self {
            runs,
            text: Vec::new(),
            ends: Vec::new(),
            span: Vec::new(),
        }
    }

    /// Whether a row has the same cells as the row remembered last. It may say no where it could say yes (quoted rows), never the reverse.
    pub(super) fn is_same(&self, row: &Row<'_>) -> bool {
        if self.ends.len() != self.runs.len() {
            return false;
        }
        // One comparison of all is faster than several of parts, and mostly what lies between the columns is the same too.
        if self.runs.len() != 1 && self.span_of(row).is_some_and(|span| span == self.span) {
            return true;
        }
        let mut start = 0;
        self.runs
            .iter()
            .zip(&self.ends)
            .all(|(&(first, last), &end)| {
                let before = &self.text[start..end];
                start = end;
                row.run(first, last).is_some_and(|now| now == before)
            })
    }

    fn span_of<'r>(&self, row: &'r Row<'_>) -> Option<&'r [u8]> {
        row.run(self.runs.first()?.0, self.runs.last()?.1)
    }

    pub(super) fn remember(&mut self, row: &Row<'_>) {
        self.text.clear();
        self.ends.clear();
        for &(first, last) in &self.runs {
            let Some(run) = row.run(first, last).filter(|run| run.len() <= MAX_RUN) else {
                self.ends.clear();
                return;
            };
            self.text.extend_from_slice(run);
            self.ends.push(self.text.len());
        }
        let span = self.span_of(row).unwrap_or_default();
        self.span.clear();
        if self.runs.len() != 1 && span.len() <= MAX_RUN {
            self.span.extend_from_slice(span);
        }
    }
}

/// Different values that are remembered at most; hostile files could otherwise have one for every row.
pub(super) const MAX_KNOWN: usize = 1 << 20;

/// Cells that mean one thing together, each combination of them under a number.
pub(super) struct ColumnGroup {
    columns: Vec<usize>,
    memo: Memo,
    last: Option<u32>,
    known: HashTable<KnownKey>,
    hasher: FixedState,
    key: Vec<u8>,
}

struct KnownKey {
    hash: u64,
    key: Box<[u8]>,
    number: Option<u32>,
}

impl ColumnGroup {
    pub(super) fn new(columns: Vec<usize>) -> Self {
        Self {
            memo: Memo::new(columns.iter().copied()),
            // Without columns all rows say the same.
            last: columns.is_empty().then_some(0),
            columns,
            known: HashTable::new(),
            hasher: FixedState::default(),
            key: Vec::new(),
        }
    }

    /// The number of a row's cells: that of `number_of` (which is given how many combinations came before) when they are new.
    /// `None` when that gives none, or when there are too many to remember.
    pub(super) fn number(
        &mut self,
        row: &Row<'_>,
        number_of: impl FnOnce(u32) -> Option<u32>,
    ) -> Option<u32> {
        if self.memo.is_same(row) {
            return self.last;
        }
        self.last = self.look_up(row, number_of);
        self.memo.remember(row);
        self.last
    }

    fn look_up(
        &mut self,
        row: &Row<'_>,
        number_of: impl FnOnce(u32) -> Option<u32>,
    ) -> Option<u32> {
        let key = if let [one] = self.columns.as_slice() {
            row.cell(*one)
        } else {
            self.key.clear();
            for &column in &self.columns {
                push_field(&mut self.key, row.cell(column));
            }
            self.key.as_slice()
        };
        let hash = self.hasher.hash_one(key);
        if let Some(known) = self
            .known
            .find(hash, |known| known.hash == hash && *known.key == *key)
        {
            return known.number;
        }
        if self.known.len() >= MAX_KNOWN {
            return None;
        }
        let number = number_of(self.known.len() as u32);
        self.known.insert_unique(
            hash,
            KnownKey {
                hash,
                key: key.into(),
                number,
            },
            |known| known.hash,
        );
        number
    }
}

#[cfg(test)]
mod tests {
    use super::super::records::{Dialect, RowReader};
    use super::*;

    fn numbers(text: &str, columns: &[usize]) -> (Vec<bool>, Vec<Option<u32>>) {
        let dialect = Dialect::default().decided(text.as_bytes());
        let mut reader = RowReader::new(text.as_bytes(), &dialect, 4);
        let (mut memo, mut group) = (
            Memo::new(columns.iter().copied()),
            ColumnGroup::new(columns.to_vec()),
        );
        let (mut same, mut numbers) = (Vec::new(), Vec::new());
        while let Some(row) = reader.next_row() {
            same.push(memo.is_same(&row));
            memo.remember(&row);
            numbers.push(group.number(&row, Some));
        }
        (same, numbers)
    }

    #[test]
    fn only_rows_with_the_same_cells_are_the_same() {
        let text =
            "a,b,c,d\nX,b,c,Y\na,bc,,d\na,b,c,d\n\"a\",b,c,d\na,b,c,d\na,b,c,d\r\na,b,c,dd\n";
        let (same, seen) = numbers(text, &[1, 2]);
        assert_eq!(same, [false, true, false, false, false, false, true, true]);
        assert_eq!(seen, [0, 0, 1, 0, 0, 0, 0, 0].map(Some));
        let (same, seen) = numbers(text, &[3, 0]);
        assert_eq!(same, [false, false, false, true, false, false, true, false]);
        assert_eq!(seen, [0, 1, 0, 0, 0, 0, 0, 2].map(Some));
        assert_eq!(numbers(text, &[3]).1, [0, 1, 0, 0, 0, 0, 0, 2].map(Some));
        assert_eq!(
            numbers("a,b,c,d\nb,c,d,e\n", &[]),
            (vec![true, true], vec![Some(0), Some(0)])
        );
    }

    #[test]
    fn a_cell_never_passes_for_two() {
        let (_, seen) = numbers("a,b;,c,d\na,b,;c,d\na,,b;c,d\n", &[1, 2]);
        assert_eq!(seen, [0, 1, 2].map(Some));
    }
}
