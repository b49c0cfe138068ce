//! Cells of a contract into groups, and groups into the currency of its account.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{ContractSteps, SettlementContext, cells};
use crate::ident::{Currency, SalePeriod};
use crate::money::{Amount, AmountOverflow};
use crate::settlement::cells::Dim;
use crate::settlement::ledger::{Account, PostingStep};
use crate::settlement::scope::ScopeTest;
use crate::settlement::steps::TerritoryClass;
use crate::settlement::suspense::SuspenseReason;
use crate::terms::ContractNumber;
use crate::terms::contracts::{Deduction, Step};
use crate::terms::rates::Hop;

/// No clause holds.
pub(super) const NONE: u32 = u32::MAX;

/// What the cells of a group have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::settlement) struct CellGroupKey {
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
    pub class: TerritoryClass,
    /// Whether money goes back.
    pub is_return: bool,
}

/// Cells of a contract for which the same clauses hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::settlement) struct CellGroup {
    /// What they have in common.
    pub key: CellGroupKey,
    /// Units.
    pub quantity: Amount,
    /// Money.
    pub amount: Amount,
    /// How many cells.
    pub lines: u64,
}

impl CellGroup {
    /// Money that is no cell's: a released reserve, an adjustment. It comes after fees and rate.
    pub(super) fn single(split: u32, class: TerritoryClass, amount: Amount) -> Self {
        let key = CellGroupKey {
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
pub(super) struct GatheredCells {
    pub groups: Vec<CellGroup>,
    pub income: BTreeMap<Currency, Amount>,
}

/// The clauses of a contract as sieves; empty lists cost nothing.
pub(in crate::settlement) struct Clauses {
    splits: Vec<ScopeTest>,
    rates: Vec<ScopeTest>,
    fees: Vec<ScopeTest>,
    charges: Vec<(ScopeTest, Vec<bool>)>,
    account: Currency,
}

impl Clauses {
    pub(in crate::settlement) fn of(
        context: &SettlementContext<'_>,
        number: ContractNumber,
    ) -> Self {
        let contract = &context.book.contracts[number];
        let cells = context.cells;
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
                .map(|s| ScopeTest::of(&s.condition, cells))
                .collect(),
            rates: contract
                .rates
                .iter()
                .map(|r| ScopeTest::of(&r.condition, cells))
                .collect(),
            fees: contract
                .fees
                .iter()
                .map(|f| ScopeTest::of(&f.condition, cells))
                .collect(),
            charges: contract
                .charges
                .iter()
                .map(|c| (ScopeTest::of(&c.condition, cells), flagged(c)))
                .collect(),
            account: contract.currency,
        }
    }

    pub(in crate::settlement) fn key(
        &self,
        context: &SettlementContext<'_>,
        dim: &Dim,
        is_return: bool,
    ) -> CellGroupKey {
        let first = |sieves: &[ScopeTest]| {
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
        CellGroupKey {
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
            class: context.class_of[dim.territory as usize],
            is_return,
        }
    }
}

pub(super) fn gather(
    context: &SettlementContext<'_>,
    number: ContractNumber,
) -> Result<GatheredCells, AmountOverflow> {
    let clauses = Clauses::of(context, number);
    let mut groups: Vec<CellGroup> = Vec::new();
    let mut places: HashMap<CellGroupKey, u32, FixedState> = HashMap::default();
    let mut of_dim: HashMap<(u32, bool), u32, FixedState> = HashMap::default();
    for part in context.assigned.parts(number, context.cells) {
        let line = &context.cells.lines[part.line];
        let index = *of_dim
            .entry((line.dim, line.is_return()))
            .or_insert_with(|| {
                let key = clauses.key(
                    context,
                    &context.cells.dims[line.dim as usize],
                    line.is_return(),
                );
                *places.entry(key).or_insert_with(|| {
                    groups.push(CellGroup {
                        key,
                        quantity: Amount::ZERO,
                        amount: Amount::ZERO,
                        lines: 0,
                    });
                    groups.len() as u32 - 1
                })
            });
        let group = &mut groups[index as usize];
        group.quantity = group.quantity.plus(part.quantity)?;
        group.amount = group.amount.plus(part.amount)?;
        group.lines += 1;
    }
    groups.sort_unstable_by_key(|s| s.key);
    let mut income: BTreeMap<Currency, Amount> = BTreeMap::new();
    for group in &groups {
        let sum = income.entry(group.key.currency).or_default();
        *sum = sum.plus(group.amount)?;
    }
    Ok(GatheredCells { groups, income })
}

impl ContractSteps<'_> {
    /// Money for which no split or no rate clause holds waits; it is not given to the next best.
    pub(super) fn set_aside(&mut self) {
        let has_rates = !self.contract.rates.is_empty();
        let why = |group: &CellGroup| match group.key {
            key if key.split == NONE => Some(SuspenseReason::NoSplit),
            key if key.rate == NONE && has_rates => Some(SuspenseReason::NoRateClause),
            _ => None,
        };
        for group in std::mem::take(&mut self.groups) {
            let Some(why) = why(&group) else {
                self.groups.push(group);
                continue;
            };
            let reason = self.reason(
                PostingStep::Income,
                &self.contract.name.clone(),
                cells(group.lines),
                format!("waits: {}", group.amount),
            );
            self.post_in(
                group.key.currency,
                self.account(),
                Account::Suspense(why),
                group.amount,
                reason,
            );
        }
    }

    /// Income into the currency of the account, at the rate of its sale period. Groups without a rate
    /// are taken out, and wait.
    pub(super) fn exchange(&mut self) -> Result<(), AmountOverflow> {
        let mut foreign: BTreeMap<(Currency, u32), Vec<usize>> = BTreeMap::new();
        for (index, group) in self.groups.iter().enumerate() {
            if group.key.currency != self.contract.currency {
                let key = (group.key.currency, group.key.period);
                foreign.entry(key).or_default().push(index);
            }
        }
        let mut waiting = Vec::new();
        for ((currency, number), indices) in foreign {
            let period = match self.context.cells.periods[number as usize] {
                period if period == SalePeriod::UNKNOWN => self.context.period,
                period => period,
            };
            let rates = self.context.rates;
            match rates.path(currency, self.contract.currency, period) {
                Some(hops) => self.exchange_groups(currency, period, &indices, hops)?,
                None => {
                    self.suspend_groups(currency, period, &indices)?;
                    waiting.extend(indices);
                }
            }
        }
        waiting.sort_unstable();
        for index in waiting.into_iter().rev() {
            self.groups.remove(index);
        }
        Ok(())
    }

    /// Exchanges groups of one currency and period. Each hop is a movement of its own.
    fn exchange_groups(
        &mut self,
        currency: Currency,
        period: SalePeriod,
        indices: &[usize],
        hops: Vec<Hop>,
    ) -> Result<(), AmountOverflow> {
        let lines = self.lines_of(indices);
        let mut from = currency;
        for hop in hops {
            let mut before = Amount::ZERO;
            let mut after = Amount::ZERO;
            for index in indices {
                let group = &mut self.groups[*index];
                before = before.plus(group.amount)?;
                group.amount = hop.rate.of(group.amount)?;
                after = after.plus(group.amount)?;
            }
            let reason = self.reason(
                Step::Exchange,
                &Arc::from(period.to_string()),
                format!("{}; {}", hop.words, cells(lines)),
                format!("at {}: {before} {from} = {after} {}", hop.rate, hop.to),
            );
            let account = self.account();
            self.post_in(
                from,
                account.clone(),
                Account::Exchange,
                before,
                reason.clone(),
            );
            self.post_in(hop.to, Account::Exchange, account, after, reason);
            from = hop.to;
        }
        Ok(())
    }

    /// Money that has no rate into the currency of the account goes to suspense.
    fn suspend_groups(
        &mut self,
        currency: Currency,
        period: SalePeriod,
        indices: &[usize],
    ) -> Result<(), AmountOverflow> {
        let amount = Amount::sum(indices.iter().map(|index| self.groups[*index].amount))?;
        let reason = self.reason(
            Step::Exchange,
            &Arc::from(period.to_string()),
            cells(self.lines_of(indices)),
            format!(
                "no rate {currency} to {} for {period}: {amount} waits",
                self.contract.currency
            ),
        );
        let suspense = Account::Suspense(SuspenseReason::NoRate);
        self.post_in(currency, self.account(), suspense, amount, reason);
        Ok(())
    }

    fn lines_of(&self, indices: &[usize]) -> u64 {
        indices.iter().map(|index| self.groups[*index].lines).sum()
    }
}
