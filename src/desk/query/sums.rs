//! What lines add up to, and how few of them hold nearly all of the money.

use super::bits::{Bits, by_blocks};
use super::index::SearchIndex;
use super::view::{Clears, QueryError, ViewTotal};
use crate::desk::LineId;
use crate::ident::Currency;
use crate::money::AmountOverflow;

/// Totals of lines by currency; currencies without any are left out.
pub(super) fn totals(
    index: &SearchIndex,
    lines: &Bits,
    is_stale: &dyn Fn() -> bool,
) -> Result<Vec<(Currency, ViewTotal)>, QueryError> {
    let parts = by_blocks(lines.lines(), is_stale, |block| {
        let mut totals = vec![ViewTotal::default(); index.currencies.len()];
        lines
            .block(block)
            .iter()
            .try_for_each(|line| {
                totals[index.currency_of[line as usize] as usize].add_line(index, line)
            })
            .map(|()| totals)
    })?;
    let mut totals = vec![ViewTotal::default(); index.currencies.len()];
    for part in parts {
        totals
            .iter_mut()
            .zip(part?)
            .try_for_each(|(total, part)| total.add(&part))?;
    }
    Ok(index
        .currencies
        .iter()
        .copied()
        .zip(totals)
        .filter(|(_, total)| total.lines > 0)
        .collect())
}

impl ViewTotal {
    fn add_line(&mut self, index: &SearchIndex, line: LineId) -> Result<(), AmountOverflow> {
        let sum = index.lines.sum(line);
        let items = index.lines.members(line).len() as u64;
        self.add(&Self {
            lines: 1,
            items,
            rows: sum.rows,
            quantity: sum.quantity,
            amount: sum.amount,
        })
    }

    /// Adds another total.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn add(&mut self, other: &Self) -> Result<(), AmountOverflow> {
        self.lines += other.lines;
        self.items += other.items;
        self.rows += other.rows;
        self.quantity = self.quantity.plus(other.quantity)?;
        self.amount = self.amount.plus(other.amount)?;
        Ok(())
    }
}

/// Lines of one currency by how many bits their money has: how many, and the sum of their sizes.
type Sizes = [(u64, u128); 129];

/// By currency, how few of these lines hold 99 % of their money by size. No sort: only the sizes around the limit are put in order.
pub(super) fn clears(
    index: &SearchIndex,
    open: &Bits,
    is_stale: &dyn Fn() -> bool,
) -> Result<Vec<(Currency, Clears)>, QueryError> {
    let sizes = sizes_of(index, open, is_stale)?;
    let limits: Vec<Option<Limit>> = sizes
        .iter()
        .map(|sizes| sizes.as_ref().map(|sizes| Limit::of(sizes)))
        .collect();
    let parts = by_blocks(open.lines(), is_stale, |block| {
        open.block(block)
            .iter()
            .map(|line| {
                (
                    index.currency_of[line as usize],
                    index.lines.sum(line).amount.magnitude().units(),
                )
            })
            .filter(|(currency, size)| {
                limits[*currency as usize]
                    .as_ref()
                    .is_some_and(|limit| bits_of(*size) == limit.bits)
            })
            .collect::<Vec<_>>()
    })?;
    let mut near: Vec<Vec<u128>> = vec![Vec::new(); index.currencies.len()];
    for (currency, size) in parts.into_iter().flatten() {
        near[currency as usize].push(size);
    }
    let clears = limits
        .into_iter()
        .zip(near)
        .map(|(limit, near)| limit.map(|limit| limit.clears(near)));
    Ok(index
        .currencies
        .iter()
        .zip(clears)
        .filter_map(|(currency, clears)| Some((*currency, clears?)))
        .collect())
}

fn sizes_of(
    index: &SearchIndex,
    open: &Bits,
    is_stale: &dyn Fn() -> bool,
) -> Result<Vec<Option<Box<Sizes>>>, QueryError> {
    let parts = by_blocks(open.lines(), is_stale, |block| {
        let mut sizes: Vec<Option<Box<Sizes>>> = vec![None; index.currencies.len()];
        for line in open.block(block).iter() {
            let size = index.lines.sum(line).amount.magnitude().units();
            let sizes = sizes[index.currency_of[line as usize] as usize]
                .get_or_insert_with(|| Box::new([(0, 0); 129]));
            add(&mut sizes[bits_of(size)], (1, size));
        }
        sizes
    })?;
    let mut all: Vec<Option<Box<Sizes>>> = vec![None; index.currencies.len()];
    for part in parts {
        for (sum, sizes) in all.iter_mut().zip(part) {
            match (sum, sizes) {
                (_, None) => {}
                (Some(sum), Some(sizes)) => sum
                    .iter_mut()
                    .zip(*sizes)
                    .for_each(|(sum, part)| add(sum, part)),
                (sum, sizes) => *sum = sizes,
            }
        }
    }
    Ok(all)
}

fn bits_of(size: u128) -> usize {
    128 - size.leading_zeros() as usize
}

fn add(sum: &mut (u64, u128), part: (u64, u128)) {
    *sum = (sum.0 + part.0, sum.1.saturating_add(part.1));
}

/// Where 99 % are reached: among the lines whose money has so many bits.
struct Limit {
    bits: usize,
    /// Lines with more bits.
    larger: u64,
    /// What is still missing after those.
    missing: u128,
    of: u64,
}

impl Limit {
    fn of(sizes: &Sizes) -> Self {
        let (of, all) = sizes.iter().fold((0, 0u128), |(n, sum), (count, size)| {
            (n + count, sum.saturating_add(*size))
        });
        let mut limit = Self {
            bits: 128,
            larger: 0,
            missing: all - all / 100,
            of,
        };
        for bits in (0..sizes.len()).rev() {
            limit.bits = bits;
            if sizes[bits].1 >= limit.missing {
                break;
            }
            limit.larger += sizes[bits].0;
            limit.missing -= sizes[bits].1;
        }
        limit
    }

    fn clears(mut self, mut near: Vec<u128>) -> Clears {
        near.sort_unstable_by(|a, b| b.cmp(a));
        let mut lines = self.larger;
        for size in near {
            if self.missing == 0 {
                break;
            }
            self.missing = self.missing.saturating_sub(size);
            lines += 1;
        }
        Clears { lines, of: self.of }
    }
}
