//! Lines in order: a number for each line that sorts as its value does, and the value itself only where numbers are equal.

use std::cmp::Ordering;

use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator,
};
use rayon::slice::ParallelSliceMut;

use super::index::{SearchIndex, TextField};
use super::standing::LineStanding;
use super::view::{Direction, SortKey};
use crate::desk::LineId;
use crate::matching::Why;
use crate::money::Amount;

/// The usual order: most money first by size, ties by currency.
pub(super) const USUAL: [(SortKey, Direction); 2] = [
    (SortKey::Amount, Direction::Descending),
    (SortKey::Currency, Direction::Ascending),
];

/// All lines in the usual order.
pub(super) fn usual(index: &SearchIndex) -> Vec<LineId> {
    sorted(
        index,
        None,
        (0..index.lines.len() as LineId).collect(),
        &USUAL,
    )
}

/// Puts lines in order; ties of all keys are broken by the line's number.
pub(super) fn sorted(
    index: &SearchIndex,
    standing: Option<&LineStanding>,
    lines: Vec<LineId>,
    sort: &[(SortKey, Direction)],
) -> Vec<LineId> {
    let keys: Vec<OrderKey<'_>> = sort
        .iter()
        .map(|(key, direction)| OrderKey::new(index, standing, *key, *direction))
        .collect();
    let Some((first, rest)) = keys.split_first() else {
        return lines;
    };
    let mut coded: Vec<(u64, u64, LineId)> = lines
        .into_par_iter()
        .with_min_len(4096)
        .map(|line| first.split_code(line))
        .collect();
    let by_rest = |a: LineId, b: LineId| {
        rest.iter().fold(first.exactly(a, b), |so_far, key| {
            so_far.then_with(|| key.compare(a, b))
        })
    };
    coded.par_sort_unstable_by(|a, b| {
        (a.0, a.1)
            .cmp(&(b.0, b.1))
            .then_with(|| by_rest(a.2, b.2))
            .then(a.2.cmp(&b.2))
    });
    coded
        .par_iter()
        .with_min_len(4096)
        .map(|(_, _, line)| *line)
        .collect()
}

/// Whether an order changes with decisions.
pub(super) fn follows_decisions(key: SortKey) -> bool {
    matches!(key, SortKey::Status | SortKey::Reason | SortKey::Candidates)
}

/// One key of an order.
struct OrderKey<'a> {
    index: &'a SearchIndex,
    standing: Option<&'a LineStanding>,
    key: SortKey,
    direction: Direction,
    /// The place of each reason in the alphabet of codes.
    reasons: [u64; Why::ALL.len()],
}

/// The code of what is empty: behind everything.
const EMPTY: u128 = u128::MAX;

impl<'a> OrderKey<'a> {
    fn new(
        index: &'a SearchIndex,
        standing: Option<&'a LineStanding>,
        key: SortKey,
        direction: Direction,
    ) -> Self {
        Self {
            index,
            standing,
            key,
            direction,
            reasons: Why::ALL.map(|why| {
                Why::ALL
                    .iter()
                    .filter(|other| other.code() < why.code())
                    .count() as u64
            }),
        }
    }

    fn compare(&self, a: LineId, b: LineId) -> Ordering {
        self.code(a)
            .cmp(&self.code(b))
            .then_with(|| self.exactly(a, b))
    }

    /// The code in halves, which take less room than a whole, with the line.
    fn split_code(&self, line: LineId) -> (u64, u64, LineId) {
        let code = self.code(line);
        ((code >> 64) as u64, code as u64, line)
    }

    /// A number that sorts as the value does in this direction; different values may have the same.
    fn code(&self, line: LineId) -> u128 {
        match (self.upwards(line), self.direction) {
            (EMPTY, _) => EMPTY,
            (code, Direction::Ascending) => code,
            (code, Direction::Descending) => EMPTY - 1 - code,
        }
    }

    fn upwards(&self, line: LineId) -> u128 {
        let index = self.index;
        let place = line as usize;
        let sum = || index.lines.sum(line);
        let name = |names: &super::index::SharedTexts| match names.of_line[place] {
            number if names.keys[number as usize].is_empty() => EMPTY,
            number => u128::from(number),
        };
        match self.key {
            SortKey::Amount => sum().amount.magnitude().units(),
            SortKey::SignedAmount => signed_code(sum().amount),
            SortKey::Quantity => signed_code(sum().quantity),
            SortKey::Rows => u128::from(sum().rows),
            SortKey::Title => text_code(self.text(TextField::Title, line)),
            SortKey::Isrc => text_code(self.text(TextField::Isrc, line)),
            SortKey::Upc => text_code(self.text(TextField::Upc, line)),
            SortKey::Artist => name(&index.artists),
            SortKey::Label => name(&index.labels),
            SortKey::Release => name(&index.releases),
            SortKey::Dsp if index.lines.dsp(line).is_empty() => EMPTY,
            SortKey::Dsp => u128::from(index.lines.dsp_number(line)),
            SortKey::Currency => u128::from(index.currency_of[place]),
            SortKey::Status => self.why(line).status() as u128,
            SortKey::Reason => u128::from(self.reasons[self.why(line) as usize]),
            SortKey::Candidates => u128::from(self.candidates(line)),
        }
    }

    /// Compares two lines whose codes are equal.
    fn exactly(&self, a: LineId, b: LineId) -> Ordering {
        let lines = &self.index.lines;
        let texts = |field: TextField| self.text(field, a).cmp(self.text(field, b));
        let upwards = match self.key {
            SortKey::Amount => lines
                .sum(a)
                .amount
                .magnitude()
                .cmp(&lines.sum(b).amount.magnitude()),
            SortKey::SignedAmount => lines.sum(a).amount.cmp(&lines.sum(b).amount),
            SortKey::Quantity => lines.sum(a).quantity.cmp(&lines.sum(b).quantity),
            SortKey::Title => texts(TextField::Title),
            SortKey::Isrc => texts(TextField::Isrc),
            SortKey::Upc => texts(TextField::Upc),
            _ => Ordering::Equal,
        };
        if self.direction == Direction::Descending {
            upwards.reverse()
        } else {
            upwards
        }
    }

    fn text(&self, field: TextField, line: LineId) -> &'a str {
        let (block, place) = self.index.place(line);
        block.field(place, field)
    }

    fn why(&self, line: LineId) -> Why {
        self.standing.map_or_else(
            || self.index.lines.base_why(line),
            |standing| standing.whys[line as usize],
        )
    }

    fn candidates(&self, line: LineId) -> u16 {
        let ruled = self.standing.and_then(|standing| standing.ruled(line));
        ruled.map_or(self.index.candidates[line as usize], |ruled| {
            ruled.candidates
        })
    }
}

/// The first sixteen bytes of a text as a number.
fn text_code(text: &str) -> u128 {
    if text.is_empty() {
        return EMPTY;
    }
    let mut bytes = [0u8; 16];
    let len = text.len().min(16);
    bytes[..len].copy_from_slice(&text.as_bytes()[..len]);
    // Text is UTF-8, which has no byte 0xFF, so the number is never that of the empty text.
    u128::from_be_bytes(bytes)
}

/// The amount above the smallest one, to the twentieth digit; the two largest share a code.
fn signed_code(amount: Amount) -> u128 {
    ((amount.floor_raw() as u128) ^ (1 << 127)).min(EMPTY - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn codes_never_contradict_values(a in any::<i128>(), b in any::<i128>(), shift in 0..127u32) {
            let amount = Amount::from_raw;
            for (a, b) in [(a >> shift, b >> (shift / 2)), (a, a ^ 1), (a, 0), (i128::MIN, b), (a, i128::MAX), (i128::MAX - 1, i128::MAX)] {
                let (codes, values) = (signed_code(amount(a)).cmp(&signed_code(amount(b))), a.cmp(&b));
                prop_assert!(codes == values || codes.is_eq());
                prop_assert!(signed_code(amount(a)) < EMPTY && amount(a).magnitude().units() < EMPTY);
            }
        }

        #[test]
        fn texts_never_contradict_their_codes(a in "[a-b]{1,20}", b in "[a-b]{1,20}") {
            prop_assert!(a.cmp(&b) == text_code(&a).cmp(&text_code(&b)) || text_code(&a) == text_code(&b));
        }
    }
}
