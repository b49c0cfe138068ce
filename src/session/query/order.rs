//! Lines in order: a number for each line that sorts as its value does, and the value itself only where numbers are equal.

use std::cmp::Ordering;

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::index::{SearchIndex, TextField};
use super::standing::Standing;
use super::view::{Direction, SortKey};
use crate::matching::Why;
use crate::money::Amount;
use crate::session::desk::LineId;

/// The usual order: most money first by size, ties by currency.
pub(super) const USUAL: [(SortKey, Direction); 2] = [(SortKey::Amount, Direction::Descending), (SortKey::Currency, Direction::Ascending)];

/// All lines in the usual order.
pub(super) fn usual(index: &SearchIndex) -> Vec<LineId> {
    sorted(index, None, (0..index.lines.len() as LineId).collect(), &USUAL)
}

/// Puts lines in order; ties of all keys are broken by the line's number.
pub(super) fn sorted(index: &SearchIndex, standing: Option<&Standing>, lines: Vec<LineId>, sort: &[(SortKey, Direction)]) -> Vec<LineId> {
    let keys: Vec<Key<'_>> = sort.iter().map(|(key, direction)| Key::new(index, standing, *key, *direction)).collect();
    let Some((first, rest)) = keys.split_first() else { return lines };
    let mut coded: Vec<(u64, LineId)> = lines.into_par_iter().with_min_len(4096).map(|line| (first.code(line), line)).collect();
    let by_rest = |a: LineId, b: LineId| rest.iter().fold(first.exactly(a, b), |so_far, key| so_far.then_with(|| key.compare(a, b)));
    coded.par_sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| by_rest(a.1, b.1)).then(a.1.cmp(&b.1)));
    coded.par_iter().with_min_len(4096).map(|(_, line)| *line).collect()
}

/// Whether an order changes with decisions.
pub(super) fn follows_decisions(key: SortKey) -> bool {
    matches!(key, SortKey::Status | SortKey::Reason | SortKey::Candidates)
}

/// One key of an order.
struct Key<'a> {
    index: &'a SearchIndex,
    standing: Option<&'a Standing>,
    key: SortKey,
    direction: Direction,
    /// The place of each reason in the alphabet of codes.
    reasons: [u64; Why::ALL.len()],
}

/// The code of what is empty: behind everything.
const EMPTY: u64 = u64::MAX;

impl<'a> Key<'a> {
    fn new(index: &'a SearchIndex, standing: Option<&'a Standing>, key: SortKey, direction: Direction) -> Self {
        let place = |why: Why| Why::ALL.iter().filter(|other| other.code() < why.code()).count() as u64;
        Self { index, standing, key, direction, reasons: Why::ALL.map(place) }
    }

    fn compare(&self, a: LineId, b: LineId) -> Ordering {
        self.code(a).cmp(&self.code(b)).then_with(|| self.exactly(a, b))
    }

    /// A number that sorts as the value does in this direction; different values may have the same.
    fn code(&self, line: LineId) -> u64 {
        match (self.upwards(line), self.direction) {
            (EMPTY, _) => EMPTY,
            (code, Direction::Ascending) => code,
            (code, Direction::Descending) => EMPTY - 1 - code,
        }
    }

    fn upwards(&self, line: LineId) -> u64 {
        let (index, place) = (self.index, line as usize);
        let sum = || index.lines.sum(line);
        let name = |names: &super::index::Names| match names.of_line[place] {
            number if names.keys[number as usize].is_empty() => EMPTY,
            number => u64::from(number),
        };
        match self.key {
            SortKey::Amount => size_code(sum().amount),
            SortKey::SignedAmount => signed_code(sum().amount),
            SortKey::Quantity => signed_code(sum().quantity),
            SortKey::Rows => sum().rows.min(EMPTY - 1),
            SortKey::Title => text_code(self.text(TextField::Title, line)),
            SortKey::Isrc => text_code(self.text(TextField::Isrc, line)),
            SortKey::Upc => text_code(self.text(TextField::Upc, line)),
            SortKey::Artist => name(&index.artists),
            SortKey::Label => name(&index.labels),
            SortKey::Release => name(&index.releases),
            SortKey::Dsp if index.lines.dsp(line).is_empty() => EMPTY,
            SortKey::Dsp => u64::from(index.lines.dsp_number(line)),
            SortKey::Currency => u64::from(index.currency_of[place]),
            SortKey::Status => self.why(line).status() as u64,
            SortKey::Reason => self.reasons[self.why(line) as usize],
            SortKey::Candidates => u64::from(self.candidates(line)),
        }
    }

    /// Compares two lines whose codes are equal.
    fn exactly(&self, a: LineId, b: LineId) -> Ordering {
        let lines = &self.index.lines;
        let texts = |field: TextField| self.text(field, a).cmp(self.text(field, b));
        let upwards = match self.key {
            SortKey::Amount => lines.sum(a).amount.magnitude().cmp(&lines.sum(b).amount.magnitude()),
            SortKey::SignedAmount => lines.sum(a).amount.cmp(&lines.sum(b).amount),
            SortKey::Quantity => lines.sum(a).quantity.cmp(&lines.sum(b).quantity),
            SortKey::Title => texts(TextField::Title),
            SortKey::Isrc => texts(TextField::Isrc),
            SortKey::Upc => texts(TextField::Upc),
            _ => Ordering::Equal,
        };
        if self.direction == Direction::Descending { upwards.reverse() } else { upwards }
    }

    fn text(&self, field: TextField, line: LineId) -> &'a str {
        let (block, place) = self.index.place(line);
        block.field(place, field)
    }

    fn why(&self, line: LineId) -> Why {
        self.standing.map_or_else(|| self.index.lines.base_why(line), |standing| standing.whys[line as usize])
    }

    fn candidates(&self, line: LineId) -> u16 {
        let ruled = self.standing.and_then(|standing| standing.ruled(line));
        ruled.map_or(self.index.candidates[line as usize], |ruled| ruled.candidates)
    }
}

/// The first eight bytes of a text as a number.
fn text_code(text: &str) -> u64 {
    if text.is_empty() {
        return EMPTY;
    }
    let mut bytes = [0u8; 8];
    let len = text.len().min(8);
    bytes[..len].copy_from_slice(&text.as_bytes()[..len]);
    // Text is UTF-8, which has no byte 0xFF, so the number is never that of the empty text.
    u64::from_be_bytes(bytes)
}

/// How many bits the size has, then its first 56 bits.
fn size_code(amount: Amount) -> u64 {
    let size = amount.magnitude();
    if size == 0 {
        return 0;
    }
    let bits = 128 - size.leading_zeros();
    let head = (size << (128 - bits) >> 72) as u64;
    u64::from(bits) << 55 | (head & ((1 << 55) - 1))
}

fn signed_code(amount: Amount) -> u64 {
    // A size's code is below 2^63.
    let (middle, size) = (1u64 << 63, size_code(amount) >> 1);
    if amount.raw() < 0 { middle - 1 - size } else { middle + size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn codes_never_contradict_values(a in any::<i128>(), b in any::<i128>(), shift in 0..127u32) {
            let (a, b) = (Amount::from_raw(a >> shift), Amount::from_raw(b >> (shift / 2)));
            for (a, b) in [(a, b), (a, Amount::from_raw(a.raw() ^ 1)), (a, Amount::ZERO), (Amount::from_raw(i128::MIN), b)] {
                prop_assert!(a.cmp(&b).then(Ordering::Equal) == signed_code(a).cmp(&signed_code(b)) || signed_code(a) == signed_code(b));
                let sizes = a.magnitude().cmp(&b.magnitude());
                prop_assert!(sizes == size_code(a).cmp(&size_code(b)) || size_code(a) == size_code(b));
                prop_assert!(size_code(a) < EMPTY - 1 && signed_code(a) < EMPTY - 1);
            }
        }

        #[test]
        fn texts_never_contradict_their_codes(a in "[a-c]{0,10}", b in "[a-c]{0,10}") {
            if !a.is_empty() && !b.is_empty() {
                prop_assert!(a.cmp(&b) == text_code(&a).cmp(&text_code(&b)) || text_code(&a) == text_code(&b));
            }
        }
    }
}
