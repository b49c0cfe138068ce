//! Where the separators of a piece of text stand: line ends, cell ends and quotes, found sixteen bytes at a time.

use wide::u8x16;

/// Positions of cell ends, line ends and quotes in one window of text, relative to its start.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Positions of separators and line ends, ascending; only the first `cells` are in use.
    cell_ends: Vec<u32>,
    cells: usize,
    /// Index into `cell_ends` of each line's end.
    line_ends: Vec<u32>,
    /// Positions of quotes, ascending.
    quotes: Vec<u32>,
}

/// The bytes that part a text into cells and lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Separators {
    pub delimiter: u8,
    pub line_end: u8,
    /// A byte that equals the delimiter when there are no quotes.
    pub quote: u8,
}

impl Marks {
    /// Finds all marks of `window`; a last line without an end gets one at the end of the window.
    pub(super) fn find(&mut self, window: &[u8], separators: Separators) {
        self.clear();
        let has_quotes = separators.quote != separators.delimiter;
        let (blocks, rest) = window.as_chunks::<BLOCK>();
        let mut base = 0u32;
        for block in blocks {
            let mut cells = 0u64;
            let mut lines = 0u64;
            let mut quotes = 0u64;
            for (index, piece) in block.as_chunks::<16>().0.iter().enumerate() {
                let bytes = u8x16::from(*piece);
                let shift = index * 16;
                cells |= u64::from(
                    bytes
                        .simd_eq(u8x16::splat(separators.delimiter))
                        .to_bitmask(),
                ) << shift;
                lines |= u64::from(
                    bytes
                        .simd_eq(u8x16::splat(separators.line_end))
                        .to_bitmask(),
                ) << shift;
                quotes |=
                    u64::from(bytes.simd_eq(u8x16::splat(separators.quote)).to_bitmask()) << shift;
            }
            self.push(base, cells, lines, if has_quotes { quotes } else { 0 });
            base += BLOCK as u32;
        }
        let mut cells = 0u64;
        let mut lines = 0u64;
        let mut quotes = 0u64;
        for (index, &byte) in rest.iter().enumerate() {
            cells |= u64::from(byte == separators.delimiter) << index;
            lines |= u64::from(byte == separators.line_end) << index;
            quotes |= u64::from(byte == separators.quote) << index;
        }
        self.push(base, cells, lines, if has_quotes { quotes } else { 0 });
        if window.last().is_some_and(|b| *b != separators.line_end) {
            self.line_ends.push(self.cells as u32);
            self.room()[0] = window.len() as u32;
            self.cells += 1;
        }
    }

    fn push(&mut self, base: u32, cells: u64, lines: u64, quotes: u64) {
        let ends = cells | lines;
        let mut line_bits = lines;
        while line_bits != 0 {
            let bit = line_bits.trailing_zeros();
            self.line_ends
                .push(self.cells as u32 + (ends & ((1u64 << bit) - 1)).count_ones());
            line_bits &= line_bits - 1;
        }
        put_places(self.room(), base, ends);
        self.cells += ends.count_ones() as usize;
        let mut rest = quotes;
        while rest != 0 {
            self.quotes.push(base + rest.trailing_zeros());
            rest &= rest - 1;
        }
    }

    /// Places for the cells of a block, behind the last cell.
    fn room(&mut self) -> &mut [u32; BLOCK] {
        let needed = self.cells + BLOCK;
        if self.cell_ends.len() < needed {
            self.cell_ends.resize(2 * needed, 0);
        }
        self.cell_ends[self.cells..]
            .first_chunk_mut()
            .expect("room was just made")
    }

    /// Forgets all marks.
    pub(super) fn clear(&mut self) {
        self.line_ends.clear();
        self.quotes.clear();
        self.cells = 0;
    }

    /// How many lines there are.
    pub(super) fn lines(&self) -> usize {
        self.line_ends.len()
    }

    /// The cell ends of a line, its own end last.
    pub(super) fn cells_of(&self, line: usize) -> &[u32] {
        let first = if line == 0 {
            0
        } else {
            self.line_ends[line - 1] as usize + 1
        };
        &self.cell_ends[first..=self.line_ends[line] as usize]
    }

    /// Where a line begins.
    pub(super) fn line_start(&self, line: usize) -> usize {
        if line == 0 {
            0
        } else {
            self.cell_ends[self.line_ends[line - 1] as usize] as usize + 1
        }
    }

    /// Whether a quote stands before `end`, not looking at those before `from`; `cursor` only moves forward.
    pub(super) fn has_quote(&self, cursor: &mut usize, from: usize, end: usize) -> bool {
        while self
            .quotes
            .get(*cursor)
            .is_some_and(|q| (*q as usize) < from)
        {
            *cursor += 1;
        }
        self.quotes
            .get(*cursor)
            .is_some_and(|q| (*q as usize) < end)
    }
}

/// Bytes that are looked at together: one bit each.
const BLOCK: usize = 64;

/// Writes the places of the set bits, eight at a time whatever their number: a loop for each bit would be guessed wrong by the
/// processor at the end of nearly every block. What is written behind the last bit has no meaning.
#[inline]
fn put_places(out: &mut [u32; BLOCK], base: u32, mut bits: u64) {
    for eight in out.as_chunks_mut::<8>().0 {
        for place in eight {
            *place = base.wrapping_add((bits | 1 << 63).trailing_zeros());
            bits &= bits.wrapping_sub(1);
        }
        if bits == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_those_of_a_plain_loop() {
        let mut state = 7u64;
        for size in [0usize, 1, 15, 16, 17, 63, 64, 65, 130, 1000] {
            let text: Vec<u8> = (0..size)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    b"a,b\n\"c"[(state >> 33) as usize % 6]
                })
                .collect();
            let mut marks = Marks::default();
            marks.find(
                &text,
                Separators {
                    delimiter: b',',
                    line_end: b'\n',
                    quote: b'"',
                },
            );
            let mut want = Vec::new();
            let mut line = Vec::new();
            for (at, &byte) in text.iter().enumerate() {
                if byte == b',' || byte == b'\n' {
                    line.push(at as u32);
                }
                if byte == b'\n' {
                    want.push(std::mem::take(&mut line));
                }
            }
            if text.last().is_some_and(|b| *b != b'\n') {
                line.push(text.len() as u32);
                want.push(line);
            }
            let got: Vec<Vec<u32>> = (0..marks.lines())
                .map(|l| marks.cells_of(l).to_vec())
                .collect();
            assert_eq!(got, want);
            let quotes: Vec<u32> = text
                .iter()
                .enumerate()
                .filter(|(_, b)| **b == b'"')
                .map(|(at, _)| at as u32)
                .collect();
            assert_eq!(marks.quotes, quotes);
        }
    }
}
