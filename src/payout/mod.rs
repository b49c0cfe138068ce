//! Outcomes into totals and payable amounts, with the proof that nothing was lost on the way.
//!
//! Here a matched cell belongs to the catalog's payee whole: [`StatementSums`] and [`payables`]. With
//! contracts, [`crate::settlement`] makes of cells what each party is owed.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::Serialize;

use crate::ident::Currency;
use crate::matching::{Outcomes, Status};
use crate::money::{Amount, AmountOverflow, allocate, split};
use crate::settlement::{Cells, Claim, ProofLine};
use crate::statement::cube::{Cell, Cube};
use crate::statement::quarantine::Quarantined;

/// Rows, items and sums under one status in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Total {
    /// Rows.
    pub rows: u64,
    /// Distinct items.
    pub items: u64,
    /// Units.
    pub quantity: Amount,
    /// Money.
    pub amount: Amount,
}

impl Total {
    /// Adds another total.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn add(&mut self, other: &Self) -> Result<(), AmountOverflow> {
        self.rows += other.rows;
        self.items += other.items;
        self.quantity = self.quantity.plus(other.quantity)?;
        self.amount = self.amount.plus(other.amount)?;
        Ok(())
    }

    /// Takes off a total that was added before.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn subtract(&mut self, other: &Self) -> Result<(), AmountOverflow> {
        self.rows -= other.rows;
        self.items -= other.items;
        self.quantity = self.quantity.minus(other.quantity)?;
        self.amount = self.amount.minus(other.amount)?;
        Ok(())
    }
}

/// Totals by currency and status.
pub type Totals = BTreeMap<(Currency, Status), Total>;

/// What a payee is owed in one currency, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Owed {
    /// Rows.
    pub rows: u64,
    /// Units.
    pub quantity: Amount,
    /// Money.
    pub amount: Amount,
}

/// What the cells of one or more statements come to, by status and by payee of the catalog.
#[derive(Debug, Default)]
pub struct StatementSums {
    /// Totals by currency and status.
    pub totals: Totals,
    /// What each payee (by number) is owed.
    pub owed: HashMap<(u32, Currency), Owed>,
    /// Sums over all records, computed without looking at outcomes.
    pub reported: BTreeMap<Currency, Total>,
}

impl StatementSums {
    /// Adds up the cells of one statement.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn of(
        cube: &Cube,
        outcomes: &Outcomes,
        quarantine: &[Quarantined],
    ) -> Result<Self, AmountOverflow> {
        let (settled, reported) = rayon::join(
            || Self::settled(cube, outcomes, quarantine),
            || reported(cube, quarantine),
        );
        Ok(Self {
            reported: reported?,
            ..settled?
        })
    }

    fn settled(
        cube: &Cube,
        outcomes: &Outcomes,
        quarantine: &[Quarantined],
    ) -> Result<Self, AmountOverflow> {
        let mut sums = Self::default();
        // Small tables by number instead of maps: this loop runs over every cell.
        let mut currencies: Vec<Currency> = cube.dims.iter().map(|d| d.currency).collect();
        currencies.dedup();
        let currency_of: Vec<usize> = {
            let mut index = 0;
            cube.dims
                .iter()
                .map(|d| {
                    index += usize::from(currencies[index] != d.currency);
                    index
                })
                .collect()
        };
        let mut totals = vec![[Total::default(); Status::ALL.len()]; currencies.len()];
        // Cells are sorted by item and then by currency: first the sum of an item in a currency, then what it counts for.
        for (spot, cells) in cube.cells().chunk_by(|a, b| {
            a.item == b.item && currency_of[a.dim as usize] == currency_of[b.dim as usize]
        }) {
            let item = spot.item as usize;
            let currency = currency_of[spot.dim as usize];
            let mut sum = Total {
                items: 1,
                ..Total::default()
            };
            for cell in cells {
                sum.add(&Total {
                    rows: cell.rows,
                    items: 0,
                    quantity: cell.quantity,
                    amount: cell.amount,
                })?;
            }
            totals[currency][outcomes.why(item).status() as usize].add(&sum)?;
            if let Some(shares) = outcomes.shares(item) {
                // Each cell is split for itself, as every other view of it does.
                let payees: Vec<u32> = outcomes.tracks(item).iter().map(|hit| hit.payee).collect();
                cells.iter().try_for_each(|cell| {
                    sums.owe_parts(&payees, shares, currencies[currency], &cell)
                })?;
            } else if let Some(hit) = outcomes.matched(item) {
                sums.owe(
                    hit.payee,
                    currencies[currency],
                    &Owed {
                        rows: sum.rows,
                        quantity: sum.quantity,
                        amount: sum.amount,
                    },
                )?;
            }
        }
        for (currency, by_status) in currencies.iter().zip(totals) {
            for (status, total) in Status::ALL.into_iter().zip(by_status) {
                if total.rows > 0 {
                    sums.totals
                        .entry((*currency, status))
                        .or_default()
                        .add(&total)?;
                }
            }
        }
        sums.count_quarantine(quarantine)?;
        Ok(sums)
    }

    /// Adds to what a payee is owed.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn owe(
        &mut self,
        payee: u32,
        currency: Currency,
        part: &Owed,
    ) -> Result<(), AmountOverflow> {
        let owed = self.owed.entry((payee, currency)).or_default();
        owed.rows += part.rows;
        owed.quantity = owed.quantity.plus(part.quantity)?;
        owed.amount = owed.amount.plus(part.amount)?;
        Ok(())
    }

    /// Splits a cell over the payees of several tracks. Its rows count once, at the first, so that rows still add up.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn owe_parts(
        &mut self,
        payees: &[u32],
        shares: &[u32],
        currency: Currency,
        cell: &Cell,
    ) -> Result<(), AmountOverflow> {
        let amounts = split(cell.amount, shares);
        let quantities = split(cell.quantity, shares);
        for (index, ((payee, amount), quantity)) in
            payees.iter().zip(amounts).zip(quantities).enumerate()
        {
            let rows = if index == 0 { cell.rows } else { 0 };
            self.owe(
                *payee,
                currency,
                &Owed {
                    rows,
                    quantity,
                    amount,
                },
            )?;
        }
        Ok(())
    }

    fn count_quarantine(&mut self, quarantine: &[Quarantined]) -> Result<(), AmountOverflow> {
        for bad in quarantine {
            let total = Total {
                rows: 1,
                items: 0,
                quantity: bad.quantity,
                amount: bad.amount,
            };
            self.totals
                .entry((bad.currency, Status::Quarantined))
                .or_default()
                .add(&total)?;
        }
        Ok(())
    }

    /// Adds another statement's settlement.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn add(&mut self, other: &Self) -> Result<(), AmountOverflow> {
        for (key, total) in &other.totals {
            self.totals.entry(*key).or_default().add(total)?;
        }
        for (key, owed) in &other.owed {
            let sum = self.owed.entry(*key).or_default();
            sum.rows += owed.rows;
            sum.quantity = sum.quantity.plus(owed.quantity)?;
            sum.amount = sum.amount.plus(owed.amount)?;
        }
        for (currency, total) in &other.reported {
            self.reported.entry(*currency).or_default().add(total)?;
        }
        Ok(())
    }
}

/// Sums over all records of a statement by currency. They are computed apart from the totals, from the last cell to the first and without outcomes,
/// so that both can be compared.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn reported(
    cube: &Cube,
    quarantine: &[Quarantined],
) -> Result<BTreeMap<Currency, Total>, AmountOverflow> {
    let mut all: BTreeMap<Currency, Total> = BTreeMap::new();
    let mut by_dim = vec![Total::default(); cube.dims.len()];
    for cell in cube.cells().iter().rev() {
        by_dim[cell.dim as usize].add(&Total {
            rows: cell.rows,
            items: 0,
            quantity: cell.quantity,
            amount: cell.amount,
        })?;
    }
    for (dims, total) in cube.dims.iter().zip(by_dim) {
        all.entry(dims.currency).or_default().add(&total)?;
    }
    for bad in quarantine {
        all.entry(bad.currency).or_default().add(&Total {
            rows: 1,
            items: 0,
            quantity: bad.quantity,
            amount: bad.amount,
        })?;
    }
    Ok(all)
}

/// One line of the payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payable {
    /// Who is paid, or [`ROUNDING`].
    pub payee: String,
    /// In what.
    pub currency: Currency,
    /// Rows.
    pub rows: u64,
    /// Units.
    pub quantity: Amount,
    /// What is owed, exactly.
    pub exact: Amount,
    /// What is paid, in the currency's minor digits; for [`ROUNDING`] what is left.
    pub payable: Amount,
}

/// Name of the line that takes what rounding leaves.
pub const ROUNDING: &str = "(rounding)";
/// Name under which money stands whose track has no payee.
pub const NO_PAYEE: &str = "(no payee)";

/// Rounds what is owed, per currency, by largest remainder. Both money columns add up to the matched total; lines are sorted by payee.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn payables(sums: &StatementSums, payees: &[String]) -> Result<Vec<Payable>, AmountOverflow> {
    let mut by_currency: BTreeMap<Currency, BTreeMap<&str, Owed>> = BTreeMap::new();
    for ((payee, currency), owed) in &sums.owed {
        let name = payees
            .get(*payee as usize)
            .map(String::as_str)
            .filter(|n| !n.is_empty())
            .unwrap_or(NO_PAYEE);
        let sum = by_currency
            .entry(*currency)
            .or_default()
            .entry(name)
            .or_default();
        sum.rows += owed.rows;
        sum.quantity = sum.quantity.plus(owed.quantity)?;
        sum.amount = sum.amount.plus(owed.amount)?;
    }
    let mut lines = Vec::new();
    for (currency, owed) in by_currency {
        let exact: Vec<Amount> = owed.values().map(|o| o.amount).collect();
        let rounded = allocate(&exact, currency.minor_digits())?;
        for ((payee, owed), payable) in owed.iter().zip(rounded.payable) {
            lines.push(Payable {
                payee: (*payee).to_owned(),
                currency,
                rows: owed.rows,
                quantity: owed.quantity,
                exact: owed.amount,
                payable,
            });
        }
        lines.push(Payable {
            payee: ROUNDING.to_owned(),
            currency,
            rows: 0,
            quantity: Amount::ZERO,
            exact: Amount::ZERO,
            payable: rounded.rounding,
        });
    }
    lines.sort_by(|a, b| (a.payee.as_bytes(), a.currency).cmp(&(b.payee.as_bytes(), b.currency)));
    Ok(lines)
}

/// The conservation proof: reported = matched + … + quarantined, in money and rows, and matched = payees exactly = payable + rounding.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn prove(sums: &StatementSums, payables: &[Payable]) -> Result<Vec<ProofLine>, AmountOverflow> {
    let mut lines = Vec::new();
    for (currency, reported) in &sums.reported {
        let statuses = || {
            Status::ALL
                .iter()
                .filter_map(|s| sums.totals.get(&(*currency, *s)))
        };
        let rows = |n: u64| Amount::from_integer(i64::try_from(n).unwrap_or(i64::MAX));
        let mut say = |claim, left, right| {
            lines.push(ProofLine {
                currency: currency.to_string(),
                claim,
                left,
                right,
            })
        };
        say(
            Claim::MoneyReported,
            reported.amount,
            Amount::sum(statuses().map(|t| t.amount))?,
        );
        say(
            Claim::UnitsReported,
            reported.quantity,
            Amount::sum(statuses().map(|t| t.quantity))?,
        );
        say(
            Claim::RowsReported,
            rows(reported.rows),
            rows(statuses().map(|t| t.rows).sum()),
        );
        let matched = sums
            .totals
            .get(&(*currency, Status::Matched))
            .copied()
            .unwrap_or_default();
        let of_currency = || payables.iter().filter(|p| p.currency == *currency);
        say(
            Claim::MoneyOwed,
            matched.amount,
            Amount::sum(of_currency().map(|p| p.exact))?,
        );
        say(
            Claim::MoneyPayable,
            matched.amount,
            Amount::sum(of_currency().map(|p| p.payable))?,
        );
        say(
            Claim::RowsOwed,
            rows(matched.rows),
            rows(of_currency().map(|p| p.rows).sum()),
        );
    }
    Ok(lines)
}

/// The link between the two proofs: the cells that contracts are settled from are all that was reported.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn prove_cells(sums: &StatementSums, cells: &Cells) -> Result<Vec<ProofLine>, AmountOverflow> {
    sums.reported
        .iter()
        .map(|(currency, reported)| {
            let of_currency = cells
                .lines
                .iter()
                .filter(|l| cells.dims[l.dim as usize].currency == *currency);
            let right = Amount::sum(of_currency.map(|l| l.amount))?;
            Ok(ProofLine {
                currency: currency.to_string(),
                claim: Claim::MoneySettled,
                left: reported.amount,
                right,
            })
        })
        .collect()
}
