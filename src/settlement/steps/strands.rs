//! Cells of a contract into strands, and strands into the currency of its account.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{Ground, Pool, cells};
use crate::ident::{Currency, SalePeriod};
use crate::money::{Amount, AmountOverflow};
use crate::settlement::cells::Dim;
use crate::settlement::ledger::{Account, Why};
use crate::settlement::scope::Sieve;
use crate::terms::contracts::Deduction;

/// No clause holds.
pub(super) const NONE: u32 = u32::MAX;

/// What the cells of a strand have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::settlement) struct Key {
    /// Currency of the cells.
    pub currency: Currency,
    /// Number of the sale period where it decides about the exchange rate.
    pub period: u32,
    /// The split.
    pub split: u32,
    /// The rate.
    pub rate: u32,
    /// Charges, one bit each.
    pub charges: u32,
    /// Fees, one bit each.
    pub fees: u32,
    /// Class of the territory.
    pub class: u32,
    /// Whether money goes back.
    pub is_return: bool,
}

/// Cells of a contract for which the same clauses hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::settlement) struct Strand {
    /// What they have in common.
    pub key: Key,
    /// Units.
    pub quantity: Amount,
    /// Money.
    pub amount: Amount,
    /// How many cells.
    pub lines: u64,
}

impl Strand {
    /// Money that is no cell's: a released reserve, an adjustment. It comes after fees and rate.
    pub(super) fn single(split: u32, class: u32, amount: Amount) -> Self {
        let key = Key {
            currency: Currency::NONE,
            period: NONE,
            split,
            rate: NONE,
            charges: 0,
            fees: 0,
            class,
            is_return: true,
        };
        Self {
            key,
            quantity: Amount::ZERO,
            amount,
            lines: 0,
        }
    }
}

/// What [`gather`] gives.
pub(super) struct Gathered {
    pub strands: Vec<Strand>,
    pub income: BTreeMap<Currency, Amount>,
}

/// The clauses of a contract as sieves; empty lists cost nothing.
pub(in crate::settlement) struct Clauses {
    splits: Vec<Sieve>,
    rates: Vec<Sieve>,
    fees: Vec<Sieve>,
    charges: Vec<(Sieve, Vec<bool>)>,
    account: Currency,
}

impl Clauses {
    pub(in crate::settlement) fn of(ground: &Ground<'_>, number: u32) -> Self {
        let (contract, cells) = (&ground.book.contracts[number as usize], ground.cells);
        let flagged = |charge: &Deduction| {
            let flag = charge.flag.as_deref().unwrap_or_default();
            cells
                .flags
                .iter()
                .map(|set| set.split(';').any(|f| f == flag))
                .collect()
        };
        Self {
            splits: contract
                .splits
                .iter()
                .map(|s| Sieve::of(&s.condition, cells))
                .collect(),
            rates: contract
                .rates
                .iter()
                .map(|r| Sieve::of(&r.condition, cells))
                .collect(),
            fees: contract
                .fees
                .iter()
                .map(|f| Sieve::of(&f.condition, cells))
                .collect(),
            charges: contract
                .charges
                .iter()
                .map(|c| (Sieve::of(&c.condition, cells), flagged(c)))
                .collect(),
            account: contract.currency,
        }
    }

    pub(in crate::settlement) fn key(
        &self,
        ground: &Ground<'_>,
        dim: &Dim,
        is_return: bool,
    ) -> Key {
        let first = |sieves: &[Sieve]| {
            sieves
                .iter()
                .position(|s| s.holds(dim))
                .map_or(NONE, |at| at as u32)
        };
        let bits = |holds: &mut dyn Iterator<Item = bool>| {
            holds
                .zip(0u32..)
                .fold(0, |bits, (holds, at)| bits | u32::from(holds) << at)
        };
        Key {
            currency: dim.currency,
            period: if dim.currency == self.account {
                NONE
            } else {
                dim.period
            },
            split: first(&self.splits),
            rate: first(&self.rates),
            charges: bits(
                &mut self
                    .charges
                    .iter()
                    .map(|(sieve, flags)| flags[dim.flags as usize] && sieve.holds(dim)),
            ),
            fees: bits(&mut self.fees.iter().map(|sieve| sieve.holds(dim))),
            class: ground.class_of[dim.territory as usize],
            is_return,
        }
    }
}

pub(super) fn gather(ground: &Ground<'_>, number: u32) -> Result<Gathered, AmountOverflow> {
    let clauses = Clauses::of(ground, number);
    let mut strands: Vec<Strand> = Vec::new();
    let mut places: HashMap<Key, u32, FixedState> = HashMap::default();
    let mut of_dim: HashMap<(u32, bool), u32, FixedState> = HashMap::default();
    for part in ground.assigned.parts(number, ground.cells) {
        let line = &ground.cells.lines[part.line as usize];
        let place = *of_dim
            .entry((line.dim, line.is_return()))
            .or_insert_with(|| {
                let key = clauses.key(
                    ground,
                    &ground.cells.dims[line.dim as usize],
                    line.is_return(),
                );
                *places.entry(key).or_insert_with(|| {
                    strands.push(Strand {
                        key,
                        quantity: Amount::ZERO,
                        amount: Amount::ZERO,
                        lines: 0,
                    });
                    strands.len() as u32 - 1
                })
            });
        let strand = &mut strands[place as usize];
        strand.quantity = strand.quantity.plus(part.quantity)?;
        strand.amount = strand.amount.plus(part.amount)?;
        strand.lines += 1;
    }
    strands.sort_unstable_by_key(|s| s.key);
    let mut income: BTreeMap<Currency, Amount> = BTreeMap::new();
    for strand in &strands {
        let sum = income.entry(strand.key.currency).or_default();
        *sum = sum.plus(strand.amount)?;
    }
    Ok(Gathered { strands, income })
}

impl Pool<'_> {
    /// Money for which no split or no rate clause holds waits; it is not given to the next best.
    pub(super) fn set_aside(&mut self) {
        let has_rates = !self.contract.rates.is_empty();
        let why = |strand: &Strand| match strand.key {
            key if key.split == NONE => Some(Why::NoSplit),
            key if key.rate == NONE && has_rates => Some(Why::NoRateClause),
            _ => None,
        };
        for strand in std::mem::take(&mut self.strands) {
            let Some(why) = why(&strand) else {
                self.strands.push(strand);
                continue;
            };
            let reason = self.reason(
                "income",
                &self.contract.name.clone(),
                cells(strand.lines),
                format!("waits: {}", strand.amount),
            );
            self.post_in(
                strand.key.currency,
                self.pool(),
                Account::Suspense(why),
                strand.amount,
                reason,
            );
        }
    }

    /// Income into the currency of the account, at the rate of its sale period. Each hop is a movement of its own.
    pub(super) fn exchange(&mut self) -> Result<(), AmountOverflow> {
        let mut groups: BTreeMap<(Currency, u32), Vec<usize>> = BTreeMap::new();
        for (place, strand) in self
            .strands
            .iter()
            .enumerate()
            .filter(|(_, s)| s.key.currency != self.contract.currency)
        {
            groups
                .entry((strand.key.currency, strand.key.period))
                .or_default()
                .push(place);
        }
        let mut waiting = Vec::new();
        for ((currency, number), places) in groups {
            let period = match self.ground.cells.periods[number as usize] {
                period if period == SalePeriod::UNKNOWN => self.ground.period,
                period => period,
            };
            let lines = places.iter().map(|p| self.strands[*p].lines).sum();
            let Some(hops) = self
                .ground
                .rates
                .path(currency, self.contract.currency, period)
            else {
                let amount = Amount::sum(places.iter().map(|p| self.strands[*p].amount))?;
                let words = format!(
                    "no rate {currency} to {} for {period}: {amount} waits",
                    self.contract.currency
                );
                let reason = self.reason(
                    "exchange",
                    &Arc::from(period.to_string()),
                    cells(lines),
                    words,
                );
                self.post_in(
                    currency,
                    self.pool(),
                    Account::Suspense(Why::NoRate),
                    amount,
                    reason,
                );
                waiting.extend(places);
                continue;
            };
            let mut from = currency;
            for hop in hops {
                let (mut before, mut after) = (Amount::ZERO, Amount::ZERO);
                for place in &places {
                    let strand = &mut self.strands[*place];
                    before = before.plus(strand.amount)?;
                    strand.amount = hop.rate.of(strand.amount)?;
                    after = after.plus(strand.amount)?;
                }
                let words = format!("at {}: {before} {from} = {after} {}", hop.rate, hop.to);
                let reason = self.reason(
                    "exchange",
                    &Arc::from(period.to_string()),
                    format!("{}; {}", hop.words, cells(lines)),
                    words,
                );
                self.post_in(from, self.pool(), Account::Exchange, before, reason.clone());
                self.post_in(hop.to, Account::Exchange, self.pool(), after, reason);
                from = hop.to;
            }
        }
        waiting.sort_unstable();
        for place in waiting.into_iter().rev() {
            self.strands.remove(place);
        }
        Ok(())
    }
}
