//! Which batches of a file hold which items: what a drill-down reads instead of the whole file.
//!
//! An item takes sixteen bytes in memory, however many rows it has: the batches it stands in are exact as long as they lie within
//! sixty-four of each other, and are rounded up to groups of two, four, … batches beyond. What is kept does not depend on the order in
//! which batches were read.

/// The batches of one item: bit n of `mask` stands for the batches from `(base + n) << shift` on, `1 << shift` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BatchMask {
    mask: u64,
    base: u32,
    shift: u8,
}

/// Groups that a mask tells apart.
const GROUPS: u32 = u64::BITS;

impl BatchMask {
    pub(super) fn of(batch: u32) -> Self {
        Self {
            mask: 1,
            base: batch,
            shift: 0,
        }
    }

    /// Marks a batch.
    pub(super) fn add(&mut self, batch: u32) {
        loop {
            let group = batch >> self.shift;
            let low = self.base.min(group);
            let high = self.last_group().max(group);
            if high - low < GROUPS {
                self.mask <<= self.base - low;
                self.base = low;
                self.mask |= 1 << (group - low);
                return;
            }
            self.widen();
        }
    }

    fn last_group(&self) -> u32 {
        self.base + (GROUPS - 1 - self.mask.leading_zeros())
    }

    /// Makes one group of two.
    fn widen(&mut self) {
        let wide = u128::from(self.mask) << (self.base & 1);
        let pairs = wide | wide >> 1;
        self.mask = (0..=GROUPS / 2)
            .filter(|n| pairs >> (2 * n) & 1 == 1)
            .fold(0, |mask, n| mask | 1 << n);
        self.base >>= 1;
        self.shift += 1;
    }

    fn batches(self) -> impl Iterator<Item = u32> {
        let groups = (0..GROUPS).filter(move |n| self.mask >> n & 1 == 1);
        groups.flat_map(move |n| {
            let first = (self.base + n) << self.shift;
            first..first + (1 << self.shift)
        })
    }
}

/// Which batches of a statement hold which items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchIndex {
    spreads: Vec<BatchMask>,
}

/// What the file begins with: a mark and the version.
const MAGIC: &[u8; 8] = b"LLBATCH1";

impl BatchIndex {
    /// Name of its file in a statement's folder.
    pub const FILE: &str = "batches.bin";

    pub(super) fn new(spreads: Vec<BatchMask>) -> Self {
        Self { spreads }
    }

    /// Items that it knows.
    #[must_use]
    pub fn items(&self) -> usize {
        self.spreads.len()
    }

    /// The batches, out of `total`, that can hold any of the items; sorted.
    #[must_use]
    pub fn batches_of(&self, items: impl IntoIterator<Item = u32>, total: u32) -> Vec<u32> {
        let mut is_wanted = vec![false; total as usize];
        let mut wanted = 0;
        let mut last = None;
        for spread in items
            .into_iter()
            .filter_map(|item| self.spreads.get(item as usize))
        {
            // Items beside one another mostly stand in the same batch.
            if last == Some(*spread) || wanted == total {
                continue;
            }
            for batch in spread.batches().take_while(|b| *b < total) {
                wanted += u32::from(!std::mem::replace(&mut is_wanted[batch as usize], true));
            }
            last = Some(*spread);
        }
        (0..total).filter(|b| is_wanted[*b as usize]).collect()
    }

    /// As it is kept: a mark, the number of items, and for each item shift, first group and mask, seven bits a byte.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        push_number(&mut out, self.spreads.len() as u64);
        for spread in &self.spreads {
            out.push(spread.shift);
            push_number(&mut out, u64::from(spread.base));
            push_number(&mut out, spread.mask);
        }
        out
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` when it is something else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let count = usize::try_from(take_number(&mut rest)?).ok()?;
        // Three bytes at least for each item, so a damaged count asks for no memory.
        if count > rest.len() / 3 {
            return None;
        }
        let spreads = (0..count)
            .map(|_| take_spread(&mut rest))
            .collect::<Option<Vec<_>>>()?;
        rest.is_empty().then_some(Self { spreads })
    }
}

fn take_spread(rest: &mut &[u8]) -> Option<BatchMask> {
    let (&shift, tail) = rest.split_first()?;
    *rest = tail;
    let base = u32::try_from(take_number(rest)?).ok()?;
    let mask = take_number(rest)?;
    let fits = shift < 32
        && mask & 1 == 1
        && u64::from(base) + u64::from(GROUPS) <= u64::from(u32::MAX >> shift) + 1;
    fits.then_some(BatchMask { mask, base, shift })
}

fn push_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..u64::BITS).step_by(7) {
        let (&byte, tail) = rest.split_first()?;
        *rest = tail;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spread_of(batches: &[u32]) -> BatchMask {
        let mut spread = BatchMask::of(batches[0]);
        batches.iter().for_each(|b| spread.add(*b));
        spread
    }

    #[test]
    fn close_batches_are_exact_and_far_ones_rounded_up() {
        assert_eq!(
            spread_of(&[7, 7, 70, 9]).batches().collect::<Vec<_>>(),
            [7, 9, 70]
        );
        assert_eq!(
            spread_of(&[7, 71]).batches().collect::<Vec<_>>(),
            [6, 7, 70, 71]
        );
        assert_eq!(spread_of(&[0, 5_000]).batches().count(), 256);
    }

    #[test]
    fn damaged_files_are_no_index() {
        let bytes = BatchIndex::new(vec![BatchMask::of(3), spread_of(&[1, 900])]).to_bytes();
        assert!(BatchIndex::from_bytes(&bytes).is_some());
        assert!(BatchIndex::from_bytes(&bytes[..bytes.len() - 1]).is_none());
        assert!(BatchIndex::from_bytes(&[bytes.as_slice(), b"x"].concat()).is_none());
        assert!(BatchIndex::from_bytes(b"LLBATCH1\xFF\xFF\xFF\xFF\x0F").is_none());
    }

    proptest! {
        #[test]
        fn no_batch_is_ever_missed(mut batches in prop::collection::vec(0u32..6_000, 1..200), shuffled in any::<prop::sample::Index>()) {
            let spread = spread_of(&batches);
            let held: Vec<u32> = spread.batches().collect();
            prop_assert!(batches.iter().all(|b| held.contains(b)));
            let (low, high) = (batches.iter().min().unwrap(), batches.iter().max().unwrap());
            let groups = ((high - low) >> spread.shift) + 1;
            prop_assert!(spread.shift == 0 || groups > GROUPS / 2 - 1, "groups are no wider than they must be");
            let middle = shuffled.index(batches.len());
            batches.rotate_left(middle);
            batches.reverse();
            prop_assert_eq!(spread_of(&batches), spread, "the order does not matter");
        }

        #[test]
        fn what_is_written_is_read(items in prop::collection::vec(prop::collection::vec(0u32..9_000, 1..9), 0..50)) {
            let index = BatchIndex::new(items.iter().map(|i| spread_of(i)).collect());
            prop_assert_eq!(BatchIndex::from_bytes(&index.to_bytes()), Some(index.clone()));
            let found = index.batches_of(0..items.len() as u32, 9_000);
            prop_assert!(items.iter().flatten().all(|b| found.binary_search(b).is_ok()));
        }
    }
}
