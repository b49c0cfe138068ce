//! Where the separators of a piece of text stand: line ends, cell ends and quotes, found sixteen bytes at a time.

use wide::u8x16;

/// Which bytes of one window of text end cells, and where lines end and quotes stand, relative to its start.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Separators and line ends, one bit for each byte.
    cell_ends: Vec<u64>,
    /// Positions of line ends, ascending.
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
            let (mut cells, mut lines, mut quotes) = (0u64, 0u64, 0u64);
            for (place, piece) in block.as_chunks::<16>().0.iter().enumerate() {
                let bytes = u8x16::from(*piece);
                let shift = place * 16;
                cells |= u64::from(bytes.simd_eq(u8x16::splat(separators.delimiter)).to_bitmask()) << shift;
                lines |= u64::from(bytes.simd_eq(u8x16::splat(separators.line_end)).to_bitmask()) << shift;
                quotes |= u64::from(bytes.simd_eq(u8x16::splat(separators.quote)).to_bitmask()) << shift;
            }
            self.push(base, cells, lines, if has_quotes { quotes } else { 0 });
            base += BLOCK as u32;
        }
        let (mut cells, mut lines, mut quotes) = (0u64, 0u64, 0u64);
        for (place, &byte) in rest.iter().enumerate() {
            cells |= u64::from(byte == separators.delimiter) << place;
            lines |= u64::from(byte == separators.line_end) << place;
            quotes |= u64::from(byte == separators.quote) << place;
        }
        if window.last().is_some_and(|byte| *byte != separators.line_end) {
            // There is a bit left for it: the rest is shorter than a block.
            lines |= 1 << rest.len();
        }
        self.push(base, cells, lines, if has_quotes { quotes } else { 0 });
    }

    fn push(&mut self, base: u32, cells: u64, lines: u64, quotes: u64) {
        self.cell_ends.push(cells | lines);
        push_places(&mut self.line_ends, base, lines);
        push_places(&mut self.quotes, base, quotes);
    }

    /// Forgets all marks.
    pub(super) fn clear(&mut self) {
        self.cell_ends.clear();
        self.line_ends.clear();
        self.quotes.clear();
    }

    /// How many lines there are.
    pub(super) fn lines(&self) -> usize {
        self.line_ends.len()
    }

    /// Where a line ends.
    pub(super) fn line_end(&self, line: usize) -> u32 {
        self.line_ends[line]
    }

    /// Appends the cell ends of a line from a position to the line's end, which is one of them. Ends when `wanted` are there, though
    /// there may be some more.
    pub(super) fn cells(&self, from: u32, line_end: u32, wanted: usize, places: &mut Places) {
        let (first, last) = (from as usize / BLOCK, line_end as usize / BLOCK);
        let mut before = u64::MAX << (from as usize % BLOCK);
        for block in first..=last {
            let behind = if block == last { u64::MAX >> (BLOCK - 1 - line_end as usize % BLOCK) } else { u64::MAX };
            places.push((block * BLOCK) as u32, self.cell_ends[block] & before & behind);
            before = u64::MAX;
            if places.len >= wanted {
                return;
            }
        }
    }

    /// Whether a quote stands before `end`, not looking at those before `from`; `cursor` only moves forward.
    pub(super) fn has_quote(&self, cursor: &mut usize, from: u32, end: u32) -> bool {
        while self.quotes.get(*cursor).is_some_and(|q| *q < from) {
            *cursor += 1;
        }
        self.quotes.get(*cursor).is_some_and(|q| *q < end)
    }
}

fn push_places(places: &mut Vec<u32>, base: u32, mut bits: u64) {
    while bits != 0 {
        places.push(base + bits.trailing_zeros());
        bits &= bits - 1;
    }
}

/// A list of positions that is written in blocks.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Only the first `len` are in use.
    all: Vec<u32>,
    len: usize,
}

impl Places {
    /// Positions in use.
    pub(super) fn as_slice(&self) -> &[u32] {
        &self.all[..self.len]
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Keeps only the first ones.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Appends positions, each moved by `offset`.
    pub(super) fn extend_moved(&mut self, places: &[u32], offset: u32) {
        let end = self.len + places.len();
        if self.all.len() < end {
            self.all.resize(2 * end, 0);
        }
        for (new, old) in self.all[self.len..end].iter_mut().zip(places) {
            *new = old.wrapping_add(offset);
        }
        self.len = end;
    }

    fn push(&mut self, base: u32, bits: u64) {
        let needed = self.len + BLOCK;
        if self.all.len() < needed {
            self.all.resize(2 * needed, 0);
        }
        put_places(self.all[self.len..].first_chunk_mut().expect("room was just made"), base, bits);
        self.len += bits.count_ones() as usize;
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
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    b"a,b\n\"c"[(state >> 33) as usize % 6]
                })
                .collect();
            let mut marks = Marks::default();
            marks.find(&text, Separators { delimiter: b',', line_end: b'\n', quote: b'"' });
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
            let mut start = 0;
            let mut got = Vec::new();
            for line in 0..marks.lines() {
                let mut places = Places::default();
                marks.cells(start, marks.line_end(line), usize::MAX, &mut places);
                start = marks.line_end(line) + 1;
                got.push(places.as_slice().to_vec());
            }
            assert_eq!(got, want);
            let quotes: Vec<u32> = text.iter().enumerate().filter(|(_, b)| **b == b'"').map(|(at, _)| at as u32).collect();
            assert_eq!(marks.quotes, quotes);
        }
    }
}
