//! Which rows are selected: a few ranges, never a list of rows.
//!
//! Invariant: ranges are sorted, not empty, and neither overlap nor touch; selecting all of a hundred million rows is one range.

use std::ops::Range;

/// Selected rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    ranges: Vec<Range<u64>>,
}

impl Selection {
    /// Whether no row is selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many rows are selected.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.ranges
            .iter()
            .map(|range| range.end - range.start)
            .sum()
    }

    /// Whether this row is selected.
    #[must_use]
    pub fn contains(&self, row: u64) -> bool {
        let at = self.ranges.partition_point(|range| range.end <= row);
        self.ranges.get(at).is_some_and(|range| range.start <= row)
    }

    /// The ranges, from the first row to the last.
    #[must_use]
    pub fn ranges(&self) -> &[Range<u64>] {
        &self.ranges
    }

    /// Every selected row, in order. For small selections; long ones are better walked by [`Selection::ranges`].
    pub fn rows(&self) -> impl Iterator<Item = u64> + '_ {
        self.ranges.iter().cloned().flatten()
    }

    /// The only selected row.
    #[must_use]
    pub fn single(&self) -> Option<u64> {
        self.ranges
            .first()
            .filter(|_| self.count() == 1)
            .map(|range| range.start)
    }

    /// Selects these rows and no others.
    pub fn set(&mut self, rows: Range<u64>) {
        self.ranges.clear();
        self.insert(rows);
    }

    /// Selects these rows too.
    pub fn insert(&mut self, rows: Range<u64>) {
        if rows.is_empty() {
            return;
        }
        let first = self.ranges.partition_point(|range| range.end < rows.start);
        let last = self.ranges.partition_point(|range| range.start <= rows.end);
        let start = self
            .ranges
            .get(first)
            .map_or(rows.start, |range| range.start.min(rows.start));
        let end = self.ranges[..last]
            .last()
            .map_or(rows.end, |range| range.end.max(rows.end));
        self.ranges
            .splice(first..last.max(first), std::iter::once(start..end));
    }

    /// Selects these rows no longer.
    pub fn remove(&mut self, rows: Range<u64>) {
        if rows.is_empty() {
            return;
        }
        let first = self.ranges.partition_point(|range| range.end <= rows.start);
        let last = self.ranges.partition_point(|range| range.start < rows.end);
        let hit = &self.ranges[first..last.max(first)];
        let rest: Vec<Range<u64>> = hit
            .iter()
            .flat_map(|range| {
                [
                    range.start..rows.start.max(range.start),
                    rows.end.min(range.end)..range.end,
                ]
            })
            .filter(|range| !range.is_empty())
            .collect();
        self.ranges.splice(first..last.max(first), rest);
    }

    /// Selects the row if it was not, and the other way round.
    pub fn toggle(&mut self, row: u64) {
        let one = row..row.saturating_add(1);
        if self.contains(row) {
            self.remove(one)
        } else {
            self.insert(one)
        }
    }

    /// Forgets rows that are no longer there. True if there were any.
    pub fn truncate(&mut self, rows: u64) -> bool {
        let is_longer = self.ranges.last().is_some_and(|range| range.end > rows);
        self.remove(rows..u64::MAX);
        is_longer
    }
}

#[cfg(test)]
#[allow(
    clippy::single_range_in_vec_init,
    reason = "a selection is a list of ranges, here of one"
)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn of(ranges: &[Range<u64>]) -> Selection {
        Selection {
            ranges: ranges.to_vec(),
        }
    }

    #[test]
    fn everything_is_one_range() {
        let mut selection = Selection::default();
        selection.set(0..100_000_000);
        selection.toggle(50);
        assert_eq!(selection, of(&[0..50, 51..100_000_000]));
        assert_eq!(selection.count(), 99_999_999);
        selection.toggle(50);
        assert_eq!(selection, of(&[0..100_000_000]));
    }

    #[test]
    fn ranges_that_touch_become_one() {
        let mut selection = of(&[0..5, 10..15]);
        selection.insert(5..10);
        assert_eq!(selection, of(&[0..15]));
        selection.insert(20..21);
        selection.insert(3..30);
        assert_eq!(selection, of(&[0..30]));
    }

    #[test]
    fn rows_that_are_gone_are_forgotten() {
        let mut selection = of(&[0..5, 10..15]);
        assert!(selection.truncate(12));
        assert_eq!(selection, of(&[0..5, 10..12]));
        assert!(!selection.truncate(12));
        assert!(selection.truncate(0) && selection.is_empty());
    }

    #[test]
    fn only_one_row_is_a_single_row() {
        assert_eq!(of(&[7..8]).single(), Some(7));
        assert_eq!(of(&[7..9]).single(), None);
        assert_eq!(of(&[7..8, 9..10]).single(), None);
        assert_eq!(Selection::default().single(), None);
    }

    proptest! {
        #[test]
        fn it_does_what_a_set_of_rows_does(steps in prop::collection::vec((0..3u8, 0..40u64, 0..12u64), 0..40)) {
            let mut selection = Selection::default();
            let mut rows = BTreeSet::new();
            for (kind, start, length) in steps {
                let range = start..start + length;
                match kind {
                    0 => { selection.insert(range.clone()); rows.extend(range); }
                    1 => { selection.remove(range.clone()); rows.retain(|row| !range.contains(row)); }
                    _ => { selection.toggle(start); if !rows.remove(&start) { rows.insert(start); } }
                }
                prop_assert!(selection.rows().eq(rows.iter().copied()));
                prop_assert!((0..60).all(|row| selection.contains(row) == rows.contains(&row)));
                prop_assert!(selection.ranges().windows(2).all(|pair| pair[0].end < pair[1].start));
            }
        }
    }
}
