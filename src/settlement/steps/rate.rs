//! The royalty rate: a part of income, a price for each unit, or marginal tiers of either.

use super::{CellGroup, ContractSteps, cells};
use crate::money::{Amount, AmountOverflow, Ratio, spread};
use crate::settlement::ledger::Account;
use crate::terms::balances::ClauseKey;
use crate::terms::contracts::{Counts, Rate, RateRule, Step, Tiers};

impl ContractSteps<'_> {
    /// Income into royalty; what the rate leaves stays with the label.
    pub(super) fn rate(&mut self) -> Result<(), AmountOverflow> {
        let contract = self.contract;
        for (number, rate) in contract.rates.iter().enumerate() {
            let places: Vec<usize> = (0..self.groups.len())
                .filter(|p| self.groups[*p].key.rate as usize == number)
                .collect();
            let sum = |value: fn(&CellGroup) -> Amount| {
                Amount::sum(places.iter().map(|p| value(&self.groups[*p])))
            };
            let income = sum(|s| s.amount)?;
            let units = sum(|s| s.quantity)?;
            let words = match &rate.rule {
                RateRule::Income(ratio) => {
                    for index in &places {
                        let group = &mut self.groups[*index];
                        group.amount = ratio.of(group.amount)?;
                    }
                    format!("{ratio} of {income}")
                }
                RateRule::PerUnit(price) => {
                    for index in &places {
                        let group = &mut self.groups[*index];
                        group.amount = price.of(group.quantity)?;
                    }
                    format!("{price} for each of {units} units")
                }
                RateRule::Tiers(tiers) => {
                    self.tiers(number, rate, tiers, &places, (income, units))?
                }
            };
            let royalty = Amount::sum(places.iter().map(|p| self.groups[*p].amount))?;
            let lines = places.iter().map(|p| self.groups[*p].lines).sum();
            let left = income.minus(royalty)?;
            let words =
                format!("{words} = {royalty} royalty of {income}; {left} stays with the label");
            let reason = self.reason(Step::Rate, &rate.name, cells(lines), words);
            self.post(self.account(), Account::Retained(self.number), left, reason);
        }
        if let Some(held) = self.pending.take() {
            self.hold(&held)?;
        }
        Ok(())
    }

    /// Marginal tiers: each rate holds only for what lies in its tier, counted over all periods
    /// (farinelliandthekingbroadway.com, 2022-05-21). Returns go back down the same tiers.
    fn tiers(
        &mut self,
        number: usize,
        rate: &Rate,
        tiers: &Tiers,
        places: &[usize],
        (income, units): (Amount, Amount),
    ) -> Result<String, AmountOverflow> {
        let key = ClauseKey {
            contract: self.contract.name.to_string(),
            clause: rate.name.to_string(),
        };
        let before = self
            .context
            .opening
            .counted
            .get(&key)
            .copied()
            .unwrap_or_default();
        let counted = if tiers.counts == Counts::Units {
            units
        } else {
            income
        };
        let after = before.plus(counted)?;
        self.result.counted.push((number, after));
        let parts = marginal(&tiers.tiers, before, after)?;
        // What the rates are applied to: units, or income in proportion to what lies in each tier.
        let is_share_of_units = tiers.counts == Counts::Units && !tiers.is_per_unit;
        let bases: Vec<Amount> = if !is_share_of_units {
            parts.iter().map(|(_, part)| *part).collect()
        } else if counted.is_zero() {
            vec![income]
        } else {
            spread(
                income,
                &parts.iter().map(|(_, part)| *part).collect::<Vec<_>>(),
            )?
        };
        let royalties = parts
            .iter()
            .zip(&bases)
            .map(|((ratio, _), base)| ratio.of(*base))
            .collect::<Result<Vec<_>, _>>()?;
        let royalty = Amount::sum(royalties)?;
        let value = |group: &CellGroup| {
            if tiers.is_per_unit {
                group.quantity
            } else {
                group.amount
            }
        };
        let weights: Vec<Amount> = places.iter().map(|p| value(&self.groups[*p])).collect();
        let shares = if Amount::sum(weights.iter().copied())?.is_zero() {
            cancelled(&weights, parts[0].0, royalty)?
        } else {
            spread(royalty, &weights)?
        };
        for (place, share) in places.iter().zip(shares) {
            self.groups[*place].amount = share;
        }
        let terms: Vec<String> = parts
            .iter()
            .zip(&bases)
            .map(|((ratio, _), base)| format!("{ratio} of {base}"))
            .collect();
        Ok(format!("from {before} to {after}: {}", terms.join(" + ")))
    }
}

/// Weights that cancel each other out get the rate of the tier where they stand; the last takes what rounding leaves.
fn cancelled(
    weights: &[Amount],
    ratio: Ratio,
    total: Amount,
) -> Result<Vec<Amount>, AmountOverflow> {
    let mut parts = weights
        .iter()
        .map(|w| ratio.of(*w))
        .collect::<Result<Vec<_>, _>>()?;
    let given = Amount::sum(parts.iter().copied())?;
    if let Some(last) = parts.last_mut() {
        *last = last.plus(total.minus(given)?)?;
    }
    Ok(parts)
}

/// What lies between two counts, tier by tier, each with its rate; below zero the first tier goes on. At least one part.
fn marginal(
    tiers: &[(Option<Amount>, Ratio)],
    before: Amount,
    after: Amount,
) -> Result<Vec<(Ratio, Amount)>, AmountOverflow> {
    let low = before.min(after);
    let high = before.max(after);
    let mut parts = Vec::new();
    let mut start: Option<Amount> = None;
    for (end, ratio) in tiers {
        let from = start.map_or(low, |s| s.max(low));
        let to = end.map_or(high, |e| e.min(high));
        if from < to {
            parts.push((
                *ratio,
                if after < before {
                    from.minus(to)?
                } else {
                    to.minus(from)?
                },
            ));
        }
        start = *end;
    }
    if parts.is_empty() {
        let here = tiers
            .iter()
            .find(|(end, _)| end.is_none_or(|e| before < e))
            .map_or(Ratio::ZERO, |(_, ratio)| *ratio);
        parts.push((here, Amount::ZERO));
    }
    Ok(parts)
}
