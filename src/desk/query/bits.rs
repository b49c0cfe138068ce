//! Sets of lines, one bit each: ten million lines are 1.2 megabytes.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::view::QueryError;
use crate::desk::LineId;

/// Lines that are worked on in one go.
pub(super) const BLOCK: usize = 16_384;
/// Words of a block.
const WORDS: usize = BLOCK / 64;
/// Blocks between two looks at whether the question is out of date; some milliseconds of work.
const WAVE: usize = 16;

/// A set of lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
    lines: usize,
}

/// The lines of one block that are looked at, as words of bits.
#[derive(Clone, Copy)]
pub(super) struct BlockBits<'a> {
    /// Number of the block.
    pub block: usize,
    words: &'a [u64],
}

impl Bits {
    /// All lines.
    pub(super) fn all(lines: usize) -> Self {
        let mut words = vec![u64::MAX; lines.div_ceil(64)];
        if let Some(last) = words.last_mut().filter(|_| !lines.is_multiple_of(64)) {
            *last = (1 << (lines % 64)) - 1;
        }
        Self { words, lines }
    }

    /// No lines of so many.
    pub(super) fn none(lines: usize) -> Self {
        Self {
            words: vec![0; lines.div_ceil(64)],
            lines,
        }
    }

    /// The lines among `within` for which a block's work sets a bit. Between waves of blocks it is asked whether to go on.
    pub(super) fn of_blocks(
        within: &Self,
        is_stale: &dyn Fn() -> bool,
        work: &(dyn Fn(BlockBits<'_>, &mut MarkedLines) + Sync),
    ) -> Result<Self, QueryError> {
        let parts = by_blocks(within.lines, is_stale, |block| {
            let bits = within.block(block);
            let mut marks = MarkedLines {
                words: vec![0; bits.words.len()],
            };
            if bits.words.iter().any(|word| *word != 0) {
                work(bits, &mut marks);
                marks
                    .words
                    .iter_mut()
                    .zip(bits.words)
                    .for_each(|(mark, within)| *mark &= within);
            }
            marks.words
        })?;
        Ok(Self {
            words: parts.concat(),
            lines: within.lines,
        })
    }

    /// One block of it.
    pub(super) fn block(&self, block: usize) -> BlockBits<'_> {
        let end = self.words.len().min((block + 1) * WORDS);
        BlockBits {
            block,
            words: &self.words[block * WORDS..end],
        }
    }

    /// Whether a line is in it.
    pub(super) fn has(&self, line: LineId) -> bool {
        self.words[line as usize / 64] >> (line % 64) & 1 == 1
    }

    /// Puts a line in or takes it out.
    pub(super) fn set(&mut self, line: LineId, is_in: bool) {
        let word = &mut self.words[line as usize / 64];
        let bit = 1 << (line % 64);
        if is_in { *word |= bit } else { *word &= !bit }
    }

    /// Keeps the lines that are also in another set.
    pub(super) fn keep(&mut self, other: &Self) {
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(word, other)| *word &= other);
    }

    /// Takes out the lines of another set.
    pub(super) fn remove(&mut self, other: &Self) {
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(word, other)| *word &= !other);
    }

    /// Adds the lines of another set.
    pub(super) fn add(&mut self, other: &Self) {
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(word, other)| *word |= other);
    }

    /// Whether all lines of another set are in it.
    pub(super) fn has_all(&self, other: &Self) -> bool {
        self.words
            .iter()
            .zip(&other.words)
            .all(|(word, other)| other & !word == 0)
    }

    /// How many lines are in it.
    pub(super) fn count(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Of how many lines.
    pub(super) fn lines(&self) -> usize {
        self.lines
    }
}

impl BlockBits<'_> {
    /// The number of the first line of the block.
    pub(super) fn first(&self) -> LineId {
        (self.block * BLOCK) as LineId
    }

    /// The lines that are in it, upwards.
    pub(super) fn iter(&self) -> impl Iterator<Item = LineId> {
        let first = self.first();
        self.words
            .iter()
            .enumerate()
            .flat_map(move |(index, word)| {
                let mut rest = *word;
                std::iter::from_fn(move || {
                    let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                    rest &= rest - 1;
                    Some(first + index as u32 * 64 + bit)
                })
            })
    }

    /// How many lines are in it.
    pub(super) fn count(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }
}

/// The bits of a block while it is worked on.
pub(super) struct MarkedLines {
    words: Vec<u64>,
}

impl MarkedLines {
    /// Marks a line by its place in the block.
    pub(super) fn mark(&mut self, place: usize) {
        self.words[place / 64] |= 1 << (place % 64);
    }
}

/// Does the work of all blocks on all threads and gives the parts back in order.
pub(super) fn by_blocks<T: Send>(
    lines: usize,
    is_stale: &dyn Fn() -> bool,
    work: impl Fn(usize) -> T + Sync,
) -> Result<Vec<T>, QueryError> {
    let blocks = lines.div_ceil(BLOCK);
    let mut parts = Vec::with_capacity(blocks);
    for wave in (0..blocks).step_by(WAVE) {
        if is_stale() {
            return Err(QueryError::Stale);
        }
        let done: Vec<T> = (wave..blocks.min(wave + WAVE))
            .into_par_iter()
            .map(&work)
            .collect();
        parts.extend(done);
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_lines_are_what_sets_are() {
        for lines in [0, 1, 64, 65, BLOCK, BLOCK + 1, 3 * BLOCK] {
            let all = Bits::all(lines);
            assert_eq!(all.count(), lines);
            let third = Bits::of_blocks(&all, &|| false, &|bits, marks| {
                bits.iter()
                    .filter(|line| line % 3 == 0)
                    .for_each(|line| marks.mark((line - bits.first()) as usize));
            });
            let third = third.unwrap();
            assert_eq!(third.count(), lines.div_ceil(3));
            let mut rest = all.clone();
            rest.remove(&third);
            assert!((0..lines as LineId).all(
                |line| rest.has(line) != third.has(line) && third.has(line) == (line % 3 == 0)
            ));
            rest.add(&third);
            assert_eq!(rest, all);
            assert!(rest.has_all(&third) && third.has_all(&rest) == (lines < 2));
            rest.keep(&third);
            assert_eq!(rest, third);
            if lines > 0 {
                rest.set(0, false);
                assert_eq!((rest.has(0), rest.count()), (false, third.count() - 1));
            }
        }
    }

    #[test]
    fn work_that_is_out_of_date_ends() {
        let all = Bits::all(BLOCK * WAVE * 3);
        let looks = std::cell::Cell::new(0);
        let is_stale = || looks.replace(looks.get() + 1) == 1;
        assert_eq!(
            Bits::of_blocks(&all, &is_stale, &|_, _| {}),
            Err(QueryError::Stale)
        );
        assert_eq!(looks.get(), 2);
    }
}
